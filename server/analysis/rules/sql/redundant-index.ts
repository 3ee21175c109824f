import { createdBy, makesIndex, redundancyAt, redundancyReport } from '../../advisor/redundant-at.ts';
import { rule } from '../../rule.ts';

export const redundantIndex = rule({
  id: 'sql/redundant-index',
  severity: 'warning',
  on: 'query',
  needs: ['schema'],
  wants: ['documents'],
  applies: ({ document, query }) => makesIndex(document, query),
  *check({ document, query }, { schema, documents }) {
    const created = createdBy(document, query, schema);
    const redundancy = created && redundancyAt(document, created, schema, documents);
    // The same columns twice are sql/duplicate-index.
    if (created === undefined || redundancy === undefined || redundancy.kind === 'same') return;
    const { name, table } = created.index;
    yield redundancy.kind === 'primary key'
      ? redundancyReport(created, redundancy, schema, `${name} repeats the key that ${table} is already stored by`)
      : {
          ...redundancyReport(created, redundancy, schema, `${name} repeats the first columns of ${owner(redundancy.other, table)}`),
          severity: 'info' as const,
        };
  },
});

function owner(other: { readonly name: string; readonly constraint?: string | undefined } | undefined, table: string): string {
  return other?.constraint === undefined ? `${other?.name}` : `the ${other.constraint} of ${table}`;
}
