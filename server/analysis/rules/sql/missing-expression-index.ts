import { mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { expressionSpan, keysText, missingReport } from '../../advisor/missing-report.ts';
import { rule } from '../../rule.ts';

export const missingExpressionIndex = rule({
  id: 'sql/missing-expression-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'expression')) {
      const span = expressionSpan(missing, known);
      yield missingReport(missing, known, {
        message: `Reads all rows of ${missing.table}: no index serves ${keysText(missing)}, and one on its columns would not`,
        span,
      });
    }
  },
});
