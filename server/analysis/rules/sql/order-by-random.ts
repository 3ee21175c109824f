import { blocksOf } from '../../advisor/blocks.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import type { Expression, Select } from '../../sql/statement.ts';

export const orderByRandom = rule({
  id: 'sql/order-by-random',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  wants: ['statistics', 'plan'],
  applies: ({ document, query }) => /rand/i.test(query.sql) && shuffled(query.statement).length > 0 && !runsOnce(document, query),
  *check({ query }, { statistics, plan }) {
    for (const { select, term } of shuffled(query.statement)) {
      const table = select.from[0]?.name?.text;
      if (table === undefined || select.from.every((item) => item.name !== undefined && isSmall(item.name.text, statistics))) continue;
      yield {
        span: term.span,
        message: message(`ORDER BY random() reads and sorts every row of ${table} to give back a few of them`),
        evidence: { grade: 'static', source: 'text', notes: sizeNotes(table, statistics, plan) },
      };
    }
  },
});

/** Blocks that draw rows at random out of all of a table: a condition may leave only a handful, which cost nothing to shuffle. */
function shuffled(statement: Parameters<typeof blocksOf>[0]): { select: Select; term: Expression }[] {
  return blocksOf(statement).flatMap(({ node, conditions, from }) => {
    if (node.kind !== 'select' || node.limit === undefined || conditions.length > 0 || from.length === 0 || node.groupBy.length > 0)
      return [];
    const term = node.orderBy[0]?.expression;
    return term?.kind === 'call' && term.name === 'random' && term.arguments.length === 0 ? [{ select: node, term }] : [];
  });
}
