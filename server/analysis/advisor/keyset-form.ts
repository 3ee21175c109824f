/** Pages that go on after the last key seen, instead of counting rows that are thrown away. */
import type { Query } from '../document.ts';
import type { ScriptFix } from '../fix.ts';
import { findTable, type Schema } from '../sql/schema.ts';
import type { Select } from '../sql/statement.ts';
import { type Block, tableOf, visibleName } from './blocks.ts';
import { type Change, changed, rangeOf, scriptFix } from './rewriting.ts';

interface Key {
  /** As it is written in ORDER BY. */
  readonly text: string;
  readonly name: string;
  readonly descending: boolean;
}

/**
 * The statement without OFFSET, that starts after the last row of the page before. Undefined unless the order is by columns that are
 * never NULL; the primary key is added to an order that may repeat.
 */
export function keysetForm(query: Query, block: Block, select: Select, schema: Schema): ScriptFix | undefined {
  const { offset, limit } = select;
  const ordered = keysOf(query, block, select, schema);
  if (offset === undefined || limit === undefined || ordered === undefined) return undefined;
  const { keys, added } = ordered;
  const skipped = offsetClause(query, select);
  const first = select.orderBy[0] && rangeOf(query, select.orderBy[0].span);
  const last = rangeOf(query, (select.orderBy.at(-1) ?? offset).span);
  if (skipped === undefined || first === undefined || last === undefined) return undefined;
  const head = /\s*ORDER\s+BY\s*$/i.exec(query.sql.slice(0, first.start));
  if (head === null) return undefined;
  const changes: Change[] = [skipped];
  const condition = after(keys);
  if (select.where === undefined) changes.push({ start: head.index, end: head.index, text: ` WHERE ${condition}` });
  else {
    const where = rangeOf(query, select.where.span);
    if (where === undefined) return undefined;
    const bracket = select.where.kind === 'binary' && select.where.operator === 'OR';
    if (bracket) changes.push({ start: where.start, end: where.start, text: '(' });
    changes.push({ start: head.index, end: head.index, text: `${bracket ? ')' : ''} AND ${condition}` });
  }
  if (added !== '') changes.push({ start: last.end, end: last.end, text: added });
  return scriptFix(query, changed(query.sql, changes), {
    title: 'Go on after the last row instead',
    safe: false,
    remarks: [
      `with ${keys.map((key) => `:last_${key.name}`).join(', ')} from the last row of the page before (the first page leaves the condition out)`,
    ],
  });
}

function keysOf(query: Query, block: Block, select: Select, schema: Schema): { keys: readonly Key[]; added: string } | undefined {
  const keys: Key[] = [];
  const items = new Set<Block['tables'][number]>();
  for (const { expression, descending, nulls } of select.orderBy) {
    if (expression.kind !== 'column' || nulls !== undefined) return undefined;
    const item = tableOf(block, expression, schema);
    const table = item?.name && findTable(schema, item.name.text);
    const column = table?.columns.find((entry) => entry.name.toLowerCase() === expression.name.text.toLowerCase());
    const range = rangeOf(query, expression.span);
    if (item === undefined || table === undefined || column === undefined || range === undefined) return undefined;
    if (!column.notNull && !table.primaryKey.includes(column.name)) return undefined;
    items.add(item);
    keys.push({ text: query.sql.slice(range.start, range.end), name: column.name, descending });
  }
  // The rows of a join are not told apart by one table's key.
  const [item] = items;
  const table = item?.name && findTable(schema, item.name.text);
  if (item === undefined || table === undefined || items.size > 1 || block.from.length > 1 || table.primaryKey.length === 0)
    return undefined;
  const missing = table.primaryKey.filter((name) => !keys.some((key) => key.name.toLowerCase() === name.toLowerCase()));
  if (missing.length === 0) return { keys, added: '' };
  const descending = keys.at(-1)?.descending ?? false;
  const qualifier =
    item.alias === undefined && !select.orderBy.some(({ expression }) => expression.kind === 'column' && expression.table)
      ? ''
      : `${visibleName(item)}.`;
  const more = missing.map((name): Key => ({ text: `${qualifier}${name}`, name, descending }));
  return { keys: [...keys, ...more], added: more.map((key) => `, ${key.text}${descending ? ' DESC' : ''}`).join('') };
}

/** One direction throughout is one comparison of rows, which an index serves; else each key in turn. */
function after(keys: readonly Key[]): string {
  const sign = (key: Key) => (key.descending ? '<' : '>');
  const value = (key: Key) => `:last_${key.name}`;
  const [first] = keys;
  if (first !== undefined && keys.length === 1) return `${first.text} ${sign(first)} ${value(first)}`;
  if (first !== undefined && keys.every((key) => key.descending === first.descending))
    return `(${keys.map((key) => key.text).join(', ')}) ${sign(first)} (${keys.map(value).join(', ')})`;
  const cases = keys.map((key, at) =>
    [...keys.slice(0, at).map((before) => `${before.text} = ${value(before)}`), `${key.text} ${sign(key)} ${value(key)}`].join(' AND '),
  );
  return `(${cases.map((text) => (text.includes(' AND ') ? `(${text})` : text)).join(' OR ')})`;
}

/** `OFFSET n` with what belongs to it, in either place, and SQLite's `LIMIT n, m`. */
function offsetClause(query: Query, { offset, limit }: Select): Change | undefined {
  const at = offset && rangeOf(query, offset.span);
  const page = limit && rangeOf(query, limit.span);
  if (at === undefined || page === undefined) return undefined;
  const before = query.sql.slice(0, at.start);
  const word = /\s*OFFSET\s*$/i.exec(before);
  const rows = /^\s+ROWS?\b/i.exec(query.sql.slice(at.end))?.[0].length ?? 0;
  if (word !== null) return { start: word.index, end: at.end + rows, text: '' };
  const comma = at.end < page.start && /^\s*,\s*$/.test(query.sql.slice(at.end, page.start));
  return comma ? { start: at.start, end: page.start, text: '' } : undefined;
}
