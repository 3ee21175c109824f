import { blocksOf } from '../../advisor/blocks.ts';
import { missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { rule } from '../../rule.ts';

export const missingPartialIndex = rule({
  id: 'sql/missing-partial-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) =>
    query.plannable && !runsOnce(document, query) && blocksOf(query.statement).some((block) => block.tables.length > 0),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known)) {
      if (missing.kind !== 'partial') continue;
      const { where } = missing.best.candidate;
      yield missingReport(missing, known, {
        message: `No index of ${missing.table} holds only the rows where ${where}, by (${keysText(missing)})`,
        notes: missing.doubtful ? [`Worth it only where few rows of ${missing.table} meet the condition, which nobody counted`] : [],
      });
    }
  },
});
