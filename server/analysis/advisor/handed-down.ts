/** Conditions that come to a level of a statement from the level around it: what its rows are compared with outside, said of its own columns. */
import type { Schema } from '../sql/schema.ts';
import type { Scope, ScopeTable } from '../sql/scopes.ts';
import type { ColumnReference, Expression, Select } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';

/**
 * `x IN (SELECT y …)` looks for `y = x`; a condition on a column of a subquery in FROM, or of a common table expression, is one on what that column is
 * made of. Engines hand such conditions down where they may; where one does not, the index is of no use and its planner says so.
 */
export function handedDown(scope: Scope, schema: Schema): readonly Expression[] {
  const { parent, statement } = scope;
  if (parent === undefined || statement.kind !== 'select' || statement.limit !== undefined) return [];
  return [...parent.conjuncts, ...parent.joinConjuncts].flatMap((condition) => [
    ...membership(condition, statement, parent, schema),
    ...throughOutputs(condition, statement, parent, schema),
  ]);
}

function membership(condition: Expression, select: Select, parent: Scope, schema: Schema): Expression[] {
  if (condition.kind !== 'in' || condition.not || condition.query !== select) return [];
  const operands = condition.operand.kind === 'list' ? condition.operand.items : [condition.operand];
  return operands.flatMap((operand, at): Expression[] => {
    const output = select.columns[at]?.expression;
    return output === undefined
      ? []
      : [{ kind: 'binary', operator: '=', left: output, right: qualified(operand, parent, schema), span: condition.span }];
  });
}

function throughOutputs(condition: Expression, select: Select, parent: Scope, schema: Schema): Expression[] {
  const source = parent.tables.find((table) => table.item.query === select || table.common?.body === select);
  if (source === undefined) return [];
  let found = false;
  for (const part of expressionsIn(condition))
    if (part.kind === 'column' && outputOf(part, select, source, parent, schema) !== undefined) found = true;
  return found
    ? [replaced(condition, (column) => outputOf(column, select, source, parent, schema) ?? qualified(column, parent, schema))]
    : [];
}

/** With the table before each column that has none: inside, the bare name may be another table's. */
function qualified(expression: Expression, parent: Scope, schema: Schema): Expression {
  return replaced(expression, (column) => {
    const alias = column.table === undefined ? parent.resolve(column, schema)?.scopeTable.alias : undefined;
    return alias === undefined ? undefined : { ...column, table: { text: alias, quoted: false, span: column.span } };
  });
}

/** What a column of the parent's stands for in the select that makes it. */
function outputOf(column: ColumnReference, select: Select, source: ScopeTable, parent: Scope, schema: Schema): Expression | undefined {
  const qualified = column.table?.text.toLowerCase();
  if (qualified === undefined ? parent.tables.length > 1 && parent.resolve(column, schema) !== undefined : qualified !== source.alias)
    return undefined;
  const names = source.common?.columns ?? [];
  const name = column.name.text.toLowerCase();
  const at = names.findIndex((each) => each.text.toLowerCase() === name);
  if (names.length > 0) return select.columns[at]?.expression;
  const output = select.columns.find(
    ({ alias, expression }) => (alias?.text ?? (expression?.kind === 'column' ? expression.name.text : undefined))?.toLowerCase() === name,
  );
  if (output?.expression !== undefined) return output.expression;
  // `SELECT * FROM one_table`: its columns keep their names.
  const star = select.columns.some((each) => each.star) && select.from.length === 1;
  return star ? { kind: 'column', name: column.name, span: column.span } : undefined;
}

function replaced(expression: Expression, output: (column: ColumnReference) => Expression | undefined): Expression {
  const inside = (part: Expression): Expression => replaced(part, output);
  switch (expression.kind) {
    case 'column':
      return output(expression) ?? expression;
    case 'binary':
      return { ...expression, left: inside(expression.left), right: inside(expression.right) };
    case 'unary':
    case 'cast':
    case 'collate':
      return { ...expression, operand: inside(expression.operand) };
    case 'between':
      return { ...expression, operand: inside(expression.operand), low: inside(expression.low), high: inside(expression.high) };
    case 'in':
      return {
        ...expression,
        operand: inside(expression.operand),
        ...(expression.list !== undefined && { list: expression.list.map(inside) }),
      };
    case 'call':
      return { ...expression, arguments: expression.arguments.map(inside) };
    case 'list':
      return { ...expression, items: expression.items.map(inside) };
    default:
      return expression;
  }
}
