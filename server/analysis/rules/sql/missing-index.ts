import { mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { count } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';

export const missingIndex = rule({
  id: 'sql/missing-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'plain')) {
      const rows = statistics?.rows(missing.table);
      yield missingReport(missing, known, {
        message: `Reads all ${rows === undefined ? 'rows' : `${count(rows)} rows`} of ${missing.table}: no index serves (${keysText(missing)})`,
        notes: missing.doubtful ? [`Worth it only where few rows of ${missing.table} meet the condition, which nobody counted`] : [],
      });
    }
  },
});
