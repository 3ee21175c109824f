/** Conditions that compare something made of a column with a value, so that no index on the column itself is searched. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import { printExpression } from '../sql/print.ts';
import { findTable, type Index, indexesOf, type Schema } from '../sql/schema.ts';
import type { ColumnReference, EngineId, Expression, FromItem } from '../sql/statement.ts';
import { type Block, columnsIn, tableOf } from './blocks.ts';
import type { Wrapped } from './period-form.ts';
import { sargableForm } from './sargable-form.ts';

const comparisons = new Set(['=', '<', '>', '<=', '>=']);

/** Conditions that compare something made of one column with a value. */
export function wrappedIn(block: Block): Wrapped[] {
  return block.conditions.flatMap((condition) => {
    if (condition.kind === 'binary' && comparisons.has(condition.operator) && condition.quantifier === undefined) {
      return [wrap(condition, condition.left, condition.right) ?? [], wrap(condition, condition.right, condition.left) ?? []].flat();
    }
    if (condition.kind === 'between' && !condition.not && isValue(condition.low) && isValue(condition.high))
      return wrap(condition, condition.operand, condition.low) ?? [];
    if (condition.kind === 'in' && !condition.not && condition.list?.every(isValue))
      return wrap(condition, condition.operand, condition.list[0]) ?? [];
    return [];
  });
}

function wrap(condition: Expression, expression: Expression, value: Expression | undefined): Wrapped | undefined {
  if (value === undefined || !isValue(value)) return undefined;
  if (expression.kind !== 'call' && expression.kind !== 'cast' && expression.kind !== 'binary') return undefined;
  if (expression.kind === 'call' && (expression.window || expression.distinct || expression.star)) return undefined;
  if (expression.kind === 'binary' && !/^([-+*/|]|\|\||->>?)$/.test(expression.operator)) return undefined;
  const columns = columnsIn(expression);
  const [column] = columns;
  // Two columns compared with each other are a search in neither.
  return columns.length === 1 && column !== undefined ? { condition, expression, column, value } : undefined;
}

/** Something known before the first row is read. */
function isValue(expression: Expression): boolean {
  return columnsIn(expression).length === 0 && !['subquery', 'exists', 'unknown'].includes(expression.kind);
}

/** An index that begins with the column and would serve it bare. */
export function indexOn(schema: Schema, table: string, column: string): Index | undefined {
  return indexesOf(schema, table).find(
    (index) => index.method === 'btree' && index.where === undefined && sameName(index.keys[0]?.column ?? '', column),
  );
}

export function hasExpressionIndex(schema: Schema, table: string, expression: Expression, engine: EngineId): boolean {
  const indexes = indexesOf(schema, table).filter((index) => index.keys.some((key) => key.expression !== undefined));
  if (indexes.length === 0) return false;
  const text = normal(printExpression(unqualified(expression), engine));
  return indexes.some((index) => index.keys.some((key) => key.expression !== undefined && normal(key.expression) === text));
}

/** `lower(u.email)` and `(lower(email))` are one expression to an index of one table. */
export function unqualified(expression: Expression): Expression {
  const column = (part: ColumnReference): Expression => ({ kind: 'column', name: part.name, span: part.span });
  if (expression.kind === 'column') return column(expression);
  if (expression.kind === 'call') return { ...expression, arguments: expression.arguments.map(unqualified) };
  if (expression.kind === 'cast') return { ...expression, operand: unqualified(expression.operand) };
  if (expression.kind === 'binary') return { ...expression, left: unqualified(expression.left), right: unqualified(expression.right) };
  return expression;
}

const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/::(text|character varying|varchar|regclass)\b/g, '')
    .replace(/[\s()"]/g, '');

/** The condition itself should be written otherwise: it hides an index, means the same with the column bare, or compares in another type. */
export function isMistake(wrapped: Wrapped, hidden: Index | undefined, rewrite: Fix | undefined): boolean {
  return hidden !== undefined || rewrite !== undefined || wrapped.expression.kind === 'cast';
}

/** Some condition on the table is such a mistake: then an index on an expression would keep it. */
export function hasMistake(block: Block, item: FromItem, schema: Schema, query: Query): boolean {
  const table = item.name && findTable(schema, item.name.text);
  if (table === undefined) return false;
  return wrappedIn(block).some((wrapped) => {
    if (tableOf(block, wrapped.column, schema) !== item) return false;
    const column = table.columns.find((entry) => sameName(entry.name, wrapped.column.name.text));
    return isMistake(wrapped, indexOn(schema, table.name, wrapped.column.name.text), sargableForm(wrapped, column?.type, query));
  });
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
