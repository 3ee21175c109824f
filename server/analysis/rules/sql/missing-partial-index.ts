import { mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { rule } from '../../rule.ts';

export const missingPartialIndex = rule({
  id: 'sql/missing-partial-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'partial')) {
      const { where } = missing.best.candidate;
      yield missingReport(missing, known, {
        message: `No index of ${missing.table} holds only the rows where ${where}, by (${keysText(missing)})`,
        notes: missing.doubtful ? [`Worth it only where few rows of ${missing.table} meet the condition, which nobody counted`] : [],
      });
    }
  },
});
