import { indexUsed, mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { missingReport } from '../../advisor/missing-report.ts';
import { rule } from '../../rule.ts';

export const missingCoveringIndex = rule({
  id: 'sql/missing-covering-index',
  severity: 'info',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'covering')) {
      const used = indexUsed(whatIf, missing);
      const carried = missing.best.candidate.include.join(', ');
      yield missingReport(missing, known, {
        message: `Reads ${missing.table} itself${used === undefined ? '' : ` after ${used}`}: an index that also holds ${carried} would do alone`,
        mild: true,
      });
    }
  },
});
