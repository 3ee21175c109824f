import { blocksOf } from '../../advisor/blocks.ts';
import { asksExistence, countAsExists } from '../../advisor/existence-form.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import type { Binary, Expression, Statement } from '../../sql/statement.ts';
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
    for (const { comparison, certain } of comparisons(query.statement)) {
      const fix = countAsExists(query, comparison, certain);
      yield {
        span: comparison.span,
        message: message('Counts every matching row only to learn whether there is one; EXISTS stops at the first'),
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});

/** Comparisons of a counting subquery with nothing or one; `certain`: nothing around it reads it as more than true or false, or takes a name from it. */
function comparisons(statement: Statement): { readonly comparison: Binary; readonly certain: boolean }[] {
  const found: { comparison: Binary; certain: boolean }[] = [];
  const look = (expression: Expression | undefined, isColumn: boolean): void => {
    if (expression === undefined) return;
    const plain = new Set(isColumn ? [expression] : logicalParts(expression));
    for (const part of expressionsIn(expression)) {
      if (part.kind === 'binary' && asksExistence(part) !== undefined) found.push({ comparison: part, certain: plain.has(part) });
    }
  };
  for (const { node, conditions } of blocksOf(statement)) {
    for (const condition of conditions) look(condition, false);
    if (node.kind === 'select') for (const { expression, alias } of node.columns) look(expression, alias !== undefined);
  }
  return found;
}

/** What AND, OR and NOT are made of. */
function logicalParts(expression: Expression): Expression[] {
  if (expression.kind === 'binary' && (expression.operator === 'AND' || expression.operator === 'OR'))
    return [...logicalParts(expression.left), ...logicalParts(expression.right)];
  return expression.kind === 'unary' && expression.operator === 'NOT' ? logicalParts(expression.operand) : [expression];
}
