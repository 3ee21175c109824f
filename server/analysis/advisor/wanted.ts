/** What a level of a statement wants of a table beside finding its rows: an order, groups, the least and the greatest, and which of its columns. */
import type { CandidateIndex } from '../facts.ts';
import type { Scope } from '../sql/scopes.ts';
import type { Expression, Select, Statement } from '../sql/statement.ts';
import { expressionsIn, expressionsOf, statementsIn } from '../sql/walk.ts';
import { type About, columnOf, type Key, keyOf } from './predicates.ts';

export type CandidateKey = CandidateIndex['keys'][number];

/** A term of ORDER BY or GROUP BY may be a name or a number of the select list. */
function meant(expression: Expression, statement: Statement): Expression {
  if (statement.kind !== 'select') return expression;
  if (expression.kind === 'literal' && expression.type === 'number')
    return statement.columns[Number(expression.value) - 1]?.expression ?? expression;
  if (expression.kind !== 'column' || expression.table !== undefined) return expression;
  const name = expression.name.text.toLowerCase();
  return statement.columns.find((column) => column.alias?.text.toLowerCase() === name)?.expression ?? expression;
}

/**
 * ORDER BY as keys, while its terms are of this table. One direction throughout is read from either end, so it is written ascending; on PostgreSQL NULLs
 * have their place in an index, on SQLite they come first in ascending order.
 */
export function orderKeys(scope: Scope, about: About): CandidateKey[] {
  const keys: CandidateKey[] = [];
  for (const { expression, descending, nulls } of scope.orderBy) {
    const key = keyOf(meant(expression, scope.statement), about);
    const usual = nulls === undefined || (nulls === 'first') === (descending === (about.schema.engine === 'postgres'));
    if (key === undefined || (!usual && about.schema.engine === 'sqlite')) break;
    keys.push({ ...key, descending, ...(usual ? {} : { nulls }) });
  }
  if (keys.length === 0) return [];
  return keys.every((key) => key.descending && key.nulls === undefined) ? keys.map((key) => ({ ...key, descending: false })) : keys;
}

/** GROUP BY, or the columns of SELECT DISTINCT; empty unless all of them are of this table. */
export function groupKeys(scope: Scope, about: About): CandidateKey[] {
  const { statement } = scope;
  const terms =
    scope.groupBy.length > 0 || statement.kind !== 'select' || !statement.distinct
      ? scope.groupBy
      : statement.columns.flatMap((column) => column.expression ?? []);
  const keys = terms.map((term) => keyOf(meant(term, statement), about));
  return keys.every((key) => key !== undefined) ? keys.map((key) => ({ ...key, descending: false })) : [];
}

/** `min(x)`, `max(x)`: the first entry of an index. */
export function extremes(scope: Scope, about: About): Key[] {
  const { statement } = scope;
  if (statement.kind !== 'select' || scope.groupBy.length > 0) return [];
  return statement.columns.flatMap(({ expression }) => {
    if (expression?.kind !== 'call' || !/^(?:min|max)$/.test(expression.name) || expression.arguments.length !== 1) return [];
    const [argument] = expression.arguments;
    return (argument && keyOf(argument, about)) ?? [];
  });
}

/** The table's columns that this level and the subqueries in it read; undefined where all are wanted, or where its rows are written. */
export function usedColumns(about: About): readonly string[] | undefined {
  const { scope, table, known } = about;
  const { statement } = scope;
  if (statement.kind !== 'select' || statement.locking) return undefined;
  const stars = statement.columns.some(
    (column) => column.star && (column.table === undefined || column.table.text.toLowerCase() === table.alias),
  );
  if (stars) return undefined;
  const used = new Set<string>();
  const visit = (expression: Expression): void => {
    for (const part of expressionsIn(expression, (inner) => visitInner(inner))) {
      const column = columnOf(part, about);
      if (column !== undefined) used.add(column);
    }
  };
  /** In a subquery only what is qualified is known to be this table's. */
  const visitInner = (inner: Select): void => {
    for (const expression of expressionsOf(inner))
      for (const part of expressionsIn(expression, visitInner))
        if (part.kind === 'column' && part.table?.text.toLowerCase() === table.alias) {
          const name = part.name.text.toLowerCase();
          const column = known.columns.find((each) => each.name.toLowerCase() === name);
          if (column !== undefined) used.add(column.name);
        }
    for (const deeper of statementsIn(inner)) if (deeper.kind === 'select') visitInner(deeper);
  };
  for (const expression of expressionsOf(statement)) visit(expression);
  for (const term of [...scope.orderBy.map((each) => each.expression), ...scope.groupBy]) visit(meant(term, statement));
  for (const item of statement.from) {
    for (const name of item.join?.using ?? []) visit({ kind: 'column', name, span: name.span });
    if (item.join?.natural === true) return undefined;
  }
  return [...used];
}
