import { createdBy, makesIndex, redundancyAt, redundancyReport } from '../../advisor/redundant-at.ts';
import { rule } from '../../rule.ts';

export const duplicateIndex = rule({
  id: 'sql/duplicate-index',
  severity: 'warning',
  on: 'query',
  needs: ['schema'],
  wants: ['documents'],
  applies: ({ document, query }) => makesIndex(document, query),
  *check({ document, query }, { schema, documents }) {
    const created = createdBy(document, query, schema);
    const redundancy = created && redundancyAt(document, created, schema, documents);
    if (created === undefined || redundancy?.kind !== 'same') return;
    const { name, table } = created.index;
    const { other } = redundancy;
    const owner = other?.constraint === undefined ? other?.name : `the ${other.constraint} of ${table}`;
    yield redundancyReport(created, redundancy, schema, `${name} indexes what ${owner} already does`);
  },
});
