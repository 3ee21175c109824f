/** Questions whether a row is there, asked with EXISTS. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import type { Binary, Expression, In, Select } from '../sql/statement.ts';
import { rangeOf, rewriteFix } from './rewriting.ts';

/** Comparisons of a count with nothing or one, and whether they say that a row is there. */
const says: ReadonlyMap<string, boolean> = new Map([
  ['> 0', true],
  ['>= 1', true],
  ['<> 0', true],
  ['= 0', false],
  ['< 1', false],
]);

/** Whether `(SELECT count(*) …) > 0` demands a row; undefined where it asks for more than that. */
export function asksExistence({ operator, left, right }: Binary): boolean | undefined {
  if (left.kind !== 'subquery' || right.kind !== 'literal' || right.type !== 'number' || !counts(left.query)) return undefined;
  return says.get(`${operator} ${right.value}`);
}

/** `SELECT count(*) FROM … WHERE …`: of all rows alike, because count(x) leaves out those where x is NULL. */
function counts(select: Select): boolean {
  const [column] = select.columns;
  const call = column?.expression;
  if (select.columns.length !== 1 || select.groupBy.length > 0 || select.having || select.compound.length > 0) return false;
  if (select.limit || select.offset) return false;
  return call?.kind === 'call' && call.name === 'count' && call.star && !call.window && call.filter === undefined && select.from.length > 0;
}

/**
 * `(SELECT count(*) …) > 0` as `EXISTS (SELECT 1 …)`. Both are true or false and never NULL, so they mean the same wherever
 * they stand. `certain`: nothing takes a name from the comparison, or binds closer to a part of it.
 */
export function countAsExists(query: Query, comparison: Binary, certain: boolean): Fix | undefined {
  const { left } = comparison;
  const demands = asksExistence(comparison);
  const column = left.kind === 'subquery' ? left.query.columns[0] : undefined;
  if (demands === undefined || column === undefined || comparison.span.start !== left.span.start) return undefined;
  const whole = rangeOf(query, comparison.span);
  const inner = rangeOf(query, left.span);
  const counted = rangeOf(query, column.span);
  if (whole === undefined || inner === undefined || counted === undefined) return undefined;
  if (!/^\s*(?:[<>=!]=?|<>)\s*[01]$/.test(query.sql.slice(inner.end, whole.end))) return undefined;
  return rewriteFix(
    query,
    [
      { start: whole.start, end: whole.start, text: demands ? 'EXISTS ' : 'NOT EXISTS ' },
      { ...counted, text: '1' },
      { start: inner.end, end: whole.end, text: '' },
    ],
    { title: `Ask with ${demands ? 'EXISTS' : 'NOT EXISTS'}`, safe: certain },
  );
}

/** The names that two sides of a condition have where it is written, with what tells them apart inside the subquery. */
export interface Compared {
  /** `customers.id` */
  readonly outside: string;
  /** `orders.customer_id` */
  readonly inside: string;
}

/**
 * `x NOT IN (SELECT y FROM …)` as `NOT EXISTS (SELECT 1 FROM … WHERE y = x)`. The two differ once a `y` is NULL, which is
 * what is wanted; `x` must not be NULL.
 */
export function notInAsNotExists(query: Query, condition: In, { outside, inside }: Compared): Fix | undefined {
  const select = condition.query;
  const column = select?.columns[0];
  if (select === undefined || column === undefined || !isPlainBlock(select)) return undefined;
  const whole = rangeOf(query, condition.span);
  const body = rangeOf(query, select.span);
  const answer = rangeOf(query, column.span);
  if (whole === undefined || body === undefined || answer === undefined) return undefined;
  if (!/^[\w."]+\s+NOT\s+IN\s*\(\s*$/i.test(query.sql.slice(whole.start, body.start))) return undefined;
  if (!/^\s*\)$/.test(query.sql.slice(body.end, whole.end))) return undefined;
  const equal = `${inside} = ${outside}`;
  const where = select.where && rangeOf(query, select.where.span);
  if (select.where !== undefined && where === undefined) return undefined;
  const condition_ = where === undefined ? [] : isAlternative(select.where) ? [{ start: where.start, end: where.start, text: '(' }] : [];
  const closing = where === undefined ? ` WHERE ${equal}` : condition_.length > 0 ? `) AND ${equal}` : ` AND ${equal}`;
  // A condition in brackets ends before they do: what is added then goes inside with it.
  const end = where === undefined || condition_.length === 0 ? body.end : where.end;
  return rewriteFix(
    query,
    [
      { start: whole.start, end: body.start, text: 'NOT EXISTS (' },
      { ...answer, text: '1' },
      ...condition_,
      { start: end, end, text: closing },
    ],
    { title: 'Ask with NOT EXISTS, which a NULL does not silence', safe: false },
  );
}

const isAlternative = (where: Expression | undefined): boolean => where?.kind === 'binary' && where.operator === 'OR';

/** FROM and WHERE and nothing after them, so that the block ends with its condition. */
export function isPlainBlock(select: Select): boolean {
  return (
    select.from.length > 0 &&
    select.groupBy.length === 0 &&
    select.having === undefined &&
    select.compound.length === 0 &&
    select.orderBy.length === 0 &&
    select.limit === undefined &&
    select.offset === undefined &&
    !select.locking &&
    select.with.length === 0
  );
}
