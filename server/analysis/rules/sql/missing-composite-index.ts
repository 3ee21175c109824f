import { indexUsed, mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { rule } from '../../rule.ts';

export const missingCompositeIndex = rule({
  id: 'sql/missing-composite-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'composite')) {
      const used = indexUsed(whatIf, missing);
      yield missingReport(missing, known, {
        message: `${used ?? 'The index'} finds too many rows of ${missing.table}: one on (${keysText(missing)}) finds just those wanted`,
      });
    }
  },
});
