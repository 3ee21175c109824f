/** Which columns tell the rows of a table apart, and which of its rows a block can reach through them. */
import { findTable, indexesOf, type Schema, type Table } from '../sql/schema.ts';
import type { Expression, FromItem } from '../sql/statement.ts';
import { type Block, columnsIn, tableOf } from './blocks.ts';

/** The columns of every key that holds for all rows, in lower case: the primary key and the unique indexes on plain columns. */
export function keysOf(schema: Schema, table: Table): readonly (readonly string[])[] {
  const primary = table.primaryKey.map((name) => name.toLowerCase());
  const unique = indexesOf(schema, table.name)
    .filter((index) => index.unique && index.where === undefined)
    .map((index) => index.keys.map((key) => key.column?.toLowerCase() ?? ''));
  return [primary, ...unique].filter((key) => key.length > 0 && !key.includes(''));
}

/** The keys without NULL: a key lets any number of rows in that have one. */
export function strictKeysOf(schema: Schema, table: Table): readonly (readonly string[])[] {
  const never = new Set(table.columns.filter((column) => column.notNull).map((column) => column.name.toLowerCase()));
  // On PostgreSQL a primary key demands it; SQLite only of its integer one.
  const [only] = table.primaryKey;
  const isRowid = table.primaryKey.length === 1 && table.columns.some((column) => column.name === only && column.type === 'integer');
  if (schema.engine === 'postgres' || isRowid || table.withoutRowid === true)
    for (const name of table.primaryKey) never.add(name.toLowerCase());
  return keysOf(schema, table).filter((key) => key.every((name) => never.has(name)));
}

/** At most one row of the table takes part: equalities with values known before give a whole key of it. */
export function isPinned(block: Block, item: FromItem, schema: Schema): boolean {
  const table = item.name && findTable(schema, item.name.text);
  if (table === undefined) return false;
  const fixed = new Set(block.conditions.flatMap((condition) => fixedColumn(block, item, condition, schema) ?? []));
  return keysOf(schema, table).some((key) => key.every((name) => fixed.has(name)));
}

/** The column of the table that an equality with a value pins down. */
function fixedColumn(block: Block, item: FromItem, condition: Expression, schema: Schema): string | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '=' || condition.quantifier !== undefined) return undefined;
  for (const [side, other] of [
    [condition.left, condition.right],
    [condition.right, condition.left],
  ] as const) {
    if (side.kind === 'column' && columnsIn(other).length === 0 && tableOf(block, side, schema) === item)
      return side.name.text.toLowerCase();
  }
  return undefined;
}
