/** Going through statements and expressions. */
import type { CommonTable, Expression, FromItem, ResultColumn, Select, Statement } from './statement.ts';

/** The expressions directly inside one; those of subqueries are not. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'literal':
    case 'parameter':
    case 'exists':
    case 'subquery':
      return [];
    case 'call':
      return expression.filter === undefined ? expression.arguments : [...expression.arguments, expression.filter];
    case 'unary':
    case 'cast':
    case 'collate':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'in':
      return expression.list === undefined ? [expression.operand] : [expression.operand, ...expression.list];
    case 'case':
    case 'unknown':
      return expression.parts;
    case 'list':
      return expression.items;
  }
}
/** The query directly inside an expression. */
export function queryOf(expression: Expression): Select | undefined {
  if (expression.kind === 'exists' || expression.kind === 'subquery') return expression.query;
  return expression.kind === 'in' ? expression.query : undefined;
}
/** An expression and everything in it, outside in; subqueries are handed to `query` and not entered. */
export function* expressionsIn(expression: Expression, query?: (inner: Select) => void): Generator<Expression> {
  const waiting: Expression[] = [expression];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const inner = queryOf(next);
    if (inner !== undefined) query?.(inner);
    const parts = partsOf(next);
    for (let index = parts.length - 1; index >= 0; index--) waiting.push(parts[index] as Expression);
  }
}

/** Every expression that stands directly in one level of a statement, in the order written. */
export function expressionsOf(statement: Statement): Expression[] {
  const columns = (list: readonly ResultColumn[]): Expression[] => list.flatMap((column) => column.expression ?? []);
  const from = (items: readonly FromItem[]): Expression[] =>
    items.flatMap((item) => [...(item.arguments ?? []), ...(item.join?.on === undefined ? [] : [item.join.on])]);
  const some = (...list: readonly (Expression | undefined)[]): Expression[] => list.filter((entry) => entry !== undefined);
  switch (statement.kind) {
    case 'select':
      return [
        ...columns(statement.columns),
        ...(statement.values ?? []).flat(),
        ...from(statement.from),
        ...some(
          statement.where,
          ...statement.groupBy,
          statement.having,
          ...statement.orderBy.map((term) => term.expression),
          statement.limit,
          statement.offset,
        ),
      ];
    case 'insert':
      return [
        ...(statement.values ?? []).flat(),
        ...(statement.conflict ?? []).map((entry) => entry.value),
        ...columns(statement.returning),
      ];
    case 'update':
      return [
        ...statement.set.map((entry) => entry.value),
        ...from(statement.from),
        ...some(statement.where),
        ...columns(statement.returning),
      ];
    case 'delete':
      return [...from(statement.using), ...some(statement.where), ...columns(statement.returning)];
    case 'create index':
      return [...statement.terms.map((term) => term.expression), ...some(statement.where)];
    default:
      return [];
  }
}

/** Statements directly inside one: CTE bodies, FROM subqueries, compound arms, INSERT's and views' queries, what EXPLAIN wraps. */
export function statementsIn(statement: Statement): Statement[] {
  const bodies = (tables: readonly CommonTable[]): Statement[] => tables.map((table) => table.body);
  const from = (items: readonly FromItem[]): Statement[] => items.flatMap((item) => item.query ?? []);
  switch (statement.kind) {
    case 'select':
      return [...bodies(statement.with), ...from(statement.from), ...statement.compound.map((arm) => arm.select)];
    case 'insert':
      return [...bodies(statement.with), ...(statement.query === undefined ? [] : [statement.query])];
    case 'update':
      return [...bodies(statement.with), ...from(statement.from)];
    case 'delete':
      return [...bodies(statement.with), ...from(statement.using)];
    case 'create table':
    case 'create view':
      return statement.query === undefined ? [] : [statement.query];
    case 'other':
      return statement.inner === undefined ? [] : [statement.inner];
    default:
      return [];
  }
}
