/** A join that only filters, and DISTINCT that takes back what it multiplied, as EXISTS. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import { findTable, type Schema } from '../sql/schema.ts';
import type { ColumnReference, Expression, FromItem, Select } from '../sql/statement.ts';
import { expressionsIn, queryOf } from '../sql/walk.ts';
import { type Block, tableOf } from './blocks.ts';
import { keysOf, strictKeysOf } from './keys.ts';
import { rangeOf, rewriteFix, sqlOf } from './rewriting.ts';

export interface HiddenSemiJoin {
  /** The table whose rows are wanted. */
  readonly kept: FromItem;
  /** Tables that only decide which: the first of them in the order written that may match several times. */
  readonly many: FromItem;
}

/**
 * `SELECT DISTINCT` of one table's rows, with its key among the results, joined to tables that may match several times and whose columns
 * nobody sees. Then the rows are those of `EXISTS`, each once.
 */
export function hiddenSemiJoin(query: Query, block: Block, schema: Schema): HiddenSemiJoin | undefined {
  const { node } = block;
  if (node.kind !== 'select' || !node.distinct || block.from.length < 2 || block.tables.length !== block.from.length) return undefined;
  if (node.groupBy.length > 0 || node.having || node.compound.length > 0 || node.columns.some((column) => column.star && !column.table))
    return undefined;
  if (block.from.some(({ join }) => join && (!isInner(join.type) || join.natural || join.using !== undefined))) return undefined;
  const range = rangeOf(query, node.span);
  if (range === undefined || !/^\s*SELECT\s+DISTINCT\s+(?!ON\b)/i.test(query.sql.slice(range.start))) return undefined;
  const shown = new Set<FromItem>();
  const names = new Set<string>();
  for (const column of node.columns) {
    if (column.star) {
      const item = block.from.find((entry) => (entry.alias ?? entry.name)?.text === column.table?.text);
      const table = item?.name && findTable(schema, item.name.text);
      if (item === undefined || table === undefined) return undefined;
      shown.add(item);
      for (const { name } of table.columns) names.add(name.toLowerCase());
    }
    if (column.expression === undefined) continue;
    const owners = ownersOf(block, column.expression, schema);
    if (owners === undefined || callsSomething(column.expression)) return undefined;
    for (const owner of owners) shown.add(owner);
    if (column.expression.kind === 'column') names.add(column.expression.name.text.toLowerCase());
  }
  const [kept] = shown;
  const table = kept?.name && findTable(schema, kept.name.text);
  if (kept === undefined || table === undefined || shown.size !== 1 || table.inferred || table.kind !== 'table') return undefined;
  if (!strictKeysOf(schema, table).some((key) => key.every((name) => names.has(name)))) return undefined;
  for (const { expression } of node.orderBy) {
    const owners = ownersOf(block, expression, schema);
    const isAlias =
      expression.kind === 'column' &&
      expression.table === undefined &&
      node.columns.some(({ alias }) => alias?.text === expression.name.text);
    if (expression.kind !== 'literal' && !isAlias && (owners === undefined || owners.some((owner) => owner !== kept))) return undefined;
  }
  if (block.from.some((item) => findTable(schema, item.name?.text ?? '')?.inferred !== false)) return undefined;
  const single = singleMatches(block, kept, schema);
  const many = block.from.find((item) => !single.has(item));
  return many && { kept, many };
}

const isInner = (type: string): boolean => type === 'inner' || type === 'comma' || type === 'cross';

/** The tables that an expression's columns belong to; undefined where one is not certain, or a query stands inside. */
function ownersOf(block: Block, expression: Expression, schema: Schema): FromItem[] | undefined {
  const owners = new Set<FromItem>();
  for (const part of expressionsIn(expression)) {
    if (part.kind === 'unknown' || queryOf(part) !== undefined) return undefined;
    if (part.kind !== 'column') continue;
    const owner = tableOf(block, part as ColumnReference, schema);
    if (owner === undefined) return undefined;
    owners.add(owner);
  }
  return [...owners];
}

/** Functions may yield rows, look at all rows, or give another value each time. */
const callsSomething = (expression: Expression): boolean => [...expressionsIn(expression)].some((part) => part.kind === 'call');

/** Tables of which a row of the kept one finds one row at most: equalities with what is known by then give a whole key. */
function singleMatches(block: Block, kept: FromItem, schema: Schema): ReadonlySet<FromItem> {
  const known = new Set<FromItem>([kept]);
  const equalities = block.conditions.flatMap((condition) =>
    condition.kind === 'binary' && condition.operator === '=' && condition.quantifier === undefined
      ? [[condition.left, condition.right] as const, [condition.right, condition.left] as const]
      : [],
  );
  for (let before = 0; before < known.size; ) {
    before = known.size;
    for (const item of block.from) {
      const table = item.name && findTable(schema, item.name.text);
      if (known.has(item) || table === undefined) continue;
      const fixed = new Set(
        equalities.flatMap(([side, other]) => {
          if (side.kind !== 'column' || tableOf(block, side, schema) !== item) return [];
          return ownersOf(block, other, schema)?.every((owner) => known.has(owner)) === true ? [side.name.text.toLowerCase()] : [];
        }),
      );
      if (keysOf(schema, table).some((key) => key.every((name) => fixed.has(name)))) known.add(item);
    }
  }
  return known;
}

/** The same rows without DISTINCT. Undefined where a condition cannot be told to belong to the one side or the other. */
export function semiJoinForm(query: Query, block: Block, { kept }: HiddenSemiJoin, schema: Schema): Fix | undefined {
  const { node } = block;
  if (node.kind !== 'select') return undefined;
  const outside: string[] = [];
  const joining: string[] = [];
  const inside: string[] = [];
  for (const condition of block.conditions) {
    const owners = ownersOf(block, condition, schema);
    const text = sqlOf(query, condition.span);
    if (owners === undefined || text === undefined || callsVolatile(condition)) return undefined;
    const whole = condition.kind === 'binary' && condition.operator === 'OR' ? `(${oneLine(text)})` : oneLine(text);
    (owners.every((owner) => owner === kept) ? outside : owners.includes(kept) ? joining : inside).push(whole);
  }
  const sources = block.from.filter((item) => item !== kept).map((item) => sourceText(query, item));
  const target = sourceText(query, kept);
  const words = rangeOf(query, node.span);
  const place = clause(query, node);
  if (target === undefined || words === undefined || place === undefined || sources.includes(undefined) || inside.length === 0)
    return undefined;
  const distinct = /\s+DISTINCT\b/i.exec(query.sql.slice(words.start, place.start));
  if (distinct === null) return undefined;
  const exists = `EXISTS (SELECT 1 FROM ${sources.join(', ')} WHERE ${[...joining, ...inside].join(' AND ')})`;
  return rewriteFix(
    query,
    [
      { start: words.start + distinct.index, end: words.start + distinct.index + distinct[0].length, text: '' },
      { ...place, text: `FROM ${target} WHERE ${[...outside, exists].join(' AND ')}` },
    ],
    { title: 'Ask with EXISTS, without DISTINCT', safe: true },
  );
}

const changing: ReadonlySet<string> = new Set(['random', 'nextval', 'setseed', 'gen_random_uuid', 'clock_timestamp', 'randomblob']);
const callsVolatile = (condition: Expression): boolean =>
  [...expressionsIn(condition)].some((part) => part.kind === 'call' && changing.has(part.name));

/** A table with its alias, as written. */
function sourceText(query: Query, { name, alias, schema }: FromItem): string | undefined {
  const parts = [schema, name].flatMap((part) => (part === undefined ? [] : [sqlOf(query, part.span)]));
  const called = alias && sqlOf(query, alias.span);
  if (parts.includes(undefined) || (alias !== undefined && called === undefined)) return undefined;
  return `${parts.join('.')}${called === undefined ? '' : ` ${called}`}`;
}

/** From the word FROM to the end of the condition. */
function clause(query: Query, node: Select): { readonly start: number; readonly end: number } | undefined {
  const first = node.from[0] && rangeOf(query, node.from[0].span);
  const whole = rangeOf(query, node.span);
  const next = node.orderBy[0] ?? node.limit ?? node.offset;
  const after = next === undefined ? whole : rangeOf(query, next.span);
  if (first === undefined || whole === undefined || after === undefined) return undefined;
  const word = /\bFROM\s*$/i.exec(query.sql.slice(whole.start, first.start));
  if (word === null) return undefined;
  const start = whole.start + word.index;
  if (next === undefined) return { start, end: whole.end };
  const tail = /\s*\b(?:ORDER\s+BY|LIMIT|OFFSET)\s*$/i.exec(query.sql.slice(start, after.start));
  return tail === null ? undefined : { start, end: start + tail.index };
}

/** Line breaks are layout, except in a string or after a comment. */
const oneLine = (text: string): string => (/['"]|--|\/\*/.test(text) ? text : text.replace(/\s+/g, ' '));
