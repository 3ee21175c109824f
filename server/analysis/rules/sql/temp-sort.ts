import { blocksOf } from '../../advisor/blocks.ts';
import { missingIndexes } from '../../advisor/decide.ts';
import { keysText, missingReport } from '../../advisor/missing-report.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { rule } from '../../rule.ts';
import type { Statement } from '../../sql/statement.ts';

export const tempSort = rule({
  id: 'sql/temp-sort',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => query.plannable && !runsOnce(document, query) && wantsFirstRows(query.statement),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const known = { plan, whatIf, schema, statistics };
    for (const missing of missingIndexes(query, known)) {
      if (missing.kind !== 'order' || missing.block.node.kind !== 'select') continue;
      const { orderBy } = missing.block.node;
      yield missingReport(missing, known, {
        span: { start: orderBy[0]?.span.start ?? query.span.start, end: orderBy.at(-1)?.span.end ?? query.span.end },
        message: `Reads and sorts all of ${missing.table} for its first rows; an index on (${keysText(missing)}) has them in order`,
      });
    }
  },
});

function wantsFirstRows(statement: Statement): boolean {
  const node = blocksOf(statement)[0]?.node;
  return node?.kind === 'select' && node.limit !== undefined && node.orderBy.length > 0;
}
