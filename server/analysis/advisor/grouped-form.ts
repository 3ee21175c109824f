/** A subquery that counts or sums for each row, as one grouped query that is joined. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import type { Schema } from '../sql/schema.ts';
import type { ColumnReference, Expression } from '../sql/statement.ts';
import { tableOf, visibleName } from './blocks.ts';
import { rangeOf, rewriteFix, sqlOf } from './rewriting.ts';
import { type CorrelatedSubquery, outsideOf } from './subqueries.ts';

/** What each gives where there is no row at all. */
const emptyValue: ReadonlyMap<string, string | undefined> = new Map([
  ['count', '0'],
  ['sum', undefined],
  ['avg', undefined],
  ['min', undefined],
  ['max', undefined],
]);

/** The aggregate that is the subquery's only result. */
export function aggregateOf({ inner }: CorrelatedSubquery): string | undefined {
  const { node } = inner;
  if (node.kind !== 'select' || node.columns.length !== 1 || node.groupBy.length > 0 || node.having || node.limit || node.offset)
    return undefined;
  const call = node.columns[0]?.expression;
  return call?.kind === 'call' && !call.window && emptyValue.has(call.name) && (call.star || call.arguments.length === 1)
    ? call.name
    : undefined;
}

/** The same values from a LEFT JOIN with one group for each key. Undefined unless one equality links the two. */
export function groupedForm(query: Query, found: CorrelatedSubquery, schema: Schema): Fix | undefined {
  const { outer, inner, expression, links } = found;
  const name = aggregateOf(found);
  const [link] = links;
  const [item] = inner.tables;
  if (name === undefined || link === undefined || links.length !== 1 || item === undefined || inner.from.length !== 1) return undefined;
  if (outer.node.kind !== 'select' || inner.node.kind !== 'select' || inner.outerConditions.length > 0 || inner.node.with.length > 0)
    return undefined;
  const key = keyOf(found, link, schema);
  const call = inner.node.columns[0];
  const place = joinPlace(query, found);
  const whole = rangeOf(query, expression.span);
  if (key === undefined || call?.expression === undefined || place === undefined || whole === undefined) return undefined;
  const rest = inner.conditions.filter((condition) => condition !== link);
  const texts = {
    table: sqlOf(query, item.span),
    value: sqlOf(query, call.expression.span),
    inside: sqlOf(query, key.inside.span),
    outside: sqlOf(query, key.outside.span),
  };
  const conditions = rest.map((condition) => sqlOf(query, condition.span));
  if (Object.values(texts).includes(undefined) || conditions.includes(undefined)) return undefined;
  const taken = new Set([...outer.from, ...inner.from].map(visibleName));
  const column = key.inside.name.text;
  let alias = `per_${column.replace(/\W/g, '_')}`;
  while (taken.has(alias)) alias += '_2';
  const written = key.inside.name.quoted ? `"${column.replaceAll('"', '""')}"` : column;
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map((text) => `(${text})`).join(' AND ')}`;
  const join = ` LEFT JOIN (SELECT ${texts.inside}, ${texts.value} AS value FROM ${texts.table}${where} GROUP BY ${texts.inside}) ${alias} ON ${alias}.${written} = ${texts.outside}`;
  const empty = emptyValue.get(name);
  const value = empty === undefined ? `${alias}.value` : `coalesce(${alias}.value, ${empty})`;
  return rewriteFix(
    query,
    [
      { ...whole, text: value },
      { start: place, end: place, text: join },
    ],
    {
      title: 'Join one grouped query instead',
      safe: false,
    },
  );
}

function keyOf(
  found: CorrelatedSubquery,
  link: Expression,
  schema: Schema,
): { inside: ColumnReference; outside: ColumnReference } | undefined {
  if (link.kind !== 'binary' || link.operator !== '=' || link.quantifier !== undefined) return undefined;
  for (const [inside, outside] of [
    [link.left, link.right],
    [link.right, link.left],
  ] as const) {
    if (inside.kind !== 'column' || outside.kind !== 'column') continue;
    const isOutside = outsideOf(found.outer, found.inner, outside, schema).length > 0;
    if (isOutside && outsideOf(found.outer, found.inner, inside, schema).length === 0 && tableOf(found.inner, inside, schema))
      return { inside, outside };
  }
  return undefined;
}

/** Where the outer block's FROM ends, in `query.sql`. */
function joinPlace(query: Query, { outer }: CorrelatedSubquery): number | undefined {
  const { node } = outer;
  if (node.kind !== 'select' || node.groupBy.length > 0 || node.compound.length > 0) return undefined;
  const next = node.where ?? node.orderBy[0] ?? node.limit ?? node.offset;
  const end = rangeOf(query, node.span)?.end;
  if (next === undefined) return end;
  const range = rangeOf(query, next.span);
  const words = range && /\s*\b(?:WHERE|ORDER\s+BY|LIMIT|OFFSET)[\s(]*$/i.exec(query.sql.slice(0, range.start));
  return words?.index;
}
