import { blocksOf } from '../../advisor/blocks.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import type { Binary, Expression, Select, Statement } from '../../sql/statement.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const countForExistence = rule({
  id: 'sql/count-for-existence',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  // The text is looked at first: hardly a statement counts, and every one is asked about on each keystroke.
  applies: ({ document, query }) => /\bcount\b/i.test(query.sql) && comparisons(query.statement).length > 0 && !runsOnce(document, query),
  *check({ query }) {
    for (const comparison of comparisons(query.statement)) {
      yield {
        span: comparison.span,
        message: message('Counts every matching row only to learn whether there is one; EXISTS stops at the first'),
      };
    }
  },
});

/** Comparisons of a counting subquery with nothing or one. */
function comparisons(statement: Statement): Binary[] {
  const found: Binary[] = [];
  const look = (expression: Expression | undefined): void => {
    if (expression === undefined) return;
    for (const part of expressionsIn(expression)) {
      if (part.kind === 'binary' && asksExistence(part)) found.push(part);
    }
  };
  for (const { node, conditions } of blocksOf(statement)) {
    for (const condition of conditions) look(condition);
    if (node.kind === 'select') for (const column of node.columns) look(column.expression);
  }
  return found;
}

function asksExistence({ operator, left, right }: Binary): boolean {
  if (left.kind !== 'subquery' || right.kind !== 'literal' || right.type !== 'number' || !counts(left.query)) return false;
  const words = `${operator} ${right.value}`;
  return ['> 0', '>= 1', '= 0', '<> 0', '!= 0', '< 1'].includes(words);
}

/** `SELECT count(*) FROM … WHERE …`: of all rows alike, because count(x) leaves out those where x is NULL. */
function counts(select: Select): boolean {
  const [column] = select.columns;
  const call = column?.expression;
  if (select.columns.length !== 1 || select.groupBy.length > 0 || select.having || select.compound.length > 0 || select.limit) return false;
  return call?.kind === 'call' && call.name === 'count' && call.star && !call.window && call.filter === undefined && select.from.length > 0;
}
