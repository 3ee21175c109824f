import { mayMissIndex, missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { count } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';

export const brinCandidate = rule({
  id: 'sql/brin-candidate',
  severity: 'info',
  on: 'query',
  engines: ['postgres'],
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => mayMissIndex(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known, 'brin')) {
      const rows = statistics?.rows(missing.table);
      yield missingReport(missing, known, {
        message: `Reads all ${rows === undefined ? '' : `${count(rows)} `}rows of ${missing.table}, which lie in the order of ${keysText(missing)}: a BRIN index finds the range`,
        mild: true,
      });
    }
  },
});
