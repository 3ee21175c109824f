/** A SQLite database's schema from its own catalogue. */
import { normalExpression } from '../../analysis/sql/normal-expression.ts';
import type { Column, ForeignKey, Index, IndexKey, Schema, Table } from '../../analysis/sql/schema.ts';
import { type Token, tokenize } from '../../analysis/sql/tokens.ts';
import type { SqliteDatabase } from './binding.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));
const quote = (name: string): string => `'${name.replaceAll("'", "''")}'`;

/** The index of the token that closes the parenthesis at `open`. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const word = tokens[index]?.word;
    if (word === '(') depth++;
    else if (word === ')' && --depth === 0) return index;
  }
  return tokens.length - 1;
}

/** What the catalogue's pragmas do not say of an index and its CREATE INDEX does: expressions, and the condition of a partial one. */
function readIndexText(sql: string): { readonly keys: readonly string[]; readonly where?: string | undefined } {
  const tokens = tokenize(sql, [], 'sqlite').filter((token) => token.kind !== 'end');
  const on = tokens.findIndex((token) => token.word === 'ON');
  const open = tokens.findIndex((token, index) => index > on && token.word === '(');
  if (open < 0) return { keys: [] };
  const end = closing(tokens, open);
  const keys: string[] = [];
  let from = open + 1;
  let depth = 0;
  for (let index = open + 1; index <= end; index++) {
    const word = tokens[index]?.word;
    if (index === end || (word === ',' && depth === 0)) {
      let last = index - 1;
      while (last > from && (tokens[last]?.word === 'ASC' || tokens[last]?.word === 'DESC')) last--;
      if (last - 2 >= from && tokens[last - 1]?.word === 'COLLATE') last -= 2;
      keys.push(sql.slice(tokens[from]?.start ?? 0, tokens[last]?.end ?? 0));
      from = index + 1;
    } else if (word === '(') depth++;
    else if (word === ')') depth--;
  }
  const condition = tokens[end + 1]?.word === 'WHERE' ? sql.slice(tokens[end + 2]?.start ?? sql.length).trim() : '';
  return { keys, where: condition === '' ? undefined : condition.replace(/;\s*$/, '') };
}

function readColumns(database: SqliteDatabase, schema: string, name: string): { columns: Column[]; primaryKey: string[] } {
  const rows = database.prepare(`SELECT name, type, "notnull", pk, hidden FROM pragma_table_xinfo(${quote(name)}, ${quote(schema)})`).all();
  const columns = rows
    // Hidden 1 is a virtual table's hidden column; 2 and 3 are generated columns.
    .filter((row) => row.hidden !== 1)
    .map((row) => ({
      name: text(row.name),
      type: text(row.type).toLowerCase(),
      notNull: row.notnull === 1,
      ...(row.hidden === 2 || row.hidden === 3 ? { generated: true } : {}),
    }));
  const primaryKey = rows
    .filter((row) => Number(row.pk) > 0)
    .sort((left, right) => Number(left.pk) - Number(right.pk))
    .map((row) => text(row.name));
  return { columns, primaryKey };
}

function readForeignKeys(database: SqliteDatabase, schema: string, name: string): ForeignKey[] {
  const rows = database
    .prepare(
      `SELECT id, "table" AS target, "from" AS source, "to" AS referenced FROM pragma_foreign_key_list(${quote(name)}, ${quote(schema)}) ORDER BY id, seq`,
    )
    .all();
  return [...Map.groupBy(rows, (row) => row.id).values()].map((parts) => ({
    columns: parts.map((part) => text(part.source)),
    table: text(parts[0]?.target),
    references: parts.flatMap((part) => (part.referenced === null ? [] : [text(part.referenced)])),
  }));
}

function readIndexes(database: SqliteDatabase, schema: string, table: string): Index[] {
  const list = database.prepare(
    `SELECT list.name, list."unique" AS isUnique, list.origin, entry.sql FROM pragma_index_list(${quote(table)}, ${quote(schema)}) AS list LEFT JOIN ${schema}.sqlite_schema AS entry ON entry.type = 'index' AND entry.name = list.name`,
  );
  return list.all().map((row) => {
    const name = text(row.name);
    const written = typeof row.sql === 'string' ? readIndexText(row.sql) : { keys: [], where: undefined };
    const parts = database
      .prepare(
        `SELECT seqno, cid, name, "desc" AS descending, coll FROM pragma_index_xinfo(${quote(name)}, ${quote(schema)}) WHERE key = 1 ORDER BY seqno`,
      )
      .all();
    const keys: IndexKey[] = parts.map((part, position) => ({
      ...(typeof part.name === 'string' ? { column: part.name } : { expression: normalExpression(written.keys[position] ?? '', 'sqlite') }),
      descending: part.descending === 1,
      ...(part.coll === 'BINARY' || part.coll === null ? {} : { collation: text(part.coll) }),
    }));
    const constraint = row.origin === 'pk' ? ('primary key' as const) : row.origin === 'u' ? ('unique' as const) : undefined;
    return {
      name,
      table,
      keys,
      include: [],
      unique: row.isUnique === 1,
      method: 'btree',
      ...(written.where === undefined ? {} : { where: normalExpression(written.where, 'sqlite') }),
      ...(constraint === undefined ? {} : { constraint }),
    };
  });
}

/** Every table, view and index but SQLite's own, and not the tables a virtual table keeps its content in. */
export function readSchema(database: SqliteDatabase): Schema {
  const tables: Table[] = [];
  const indexes: Index[] = [];
  const list = database
    .prepare(
      "SELECT schema, name, type, wr FROM pragma_table_list WHERE schema IN ('main', 'temp') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY schema, name",
    )
    .all();
  for (const row of list) {
    const name = text(row.name);
    const schema = text(row.schema);
    const type = text(row.type);
    if (type === 'shadow') continue;
    try {
      const { columns, primaryKey } = readColumns(database, schema, name);
      const kind = type === 'view' ? 'view' : type === 'virtual' ? 'virtual' : schema === 'temp' ? 'temporary' : 'table';
      tables.push({
        name,
        schema,
        columns,
        primaryKey,
        foreignKeys: kind === 'table' || kind === 'temporary' ? readForeignKeys(database, schema, name) : [],
        kind,
        inferred: false,
        ...(row.wr === 1 ? { withoutRowid: true } : {}),
      });
      if (kind === 'table' || kind === 'temporary') indexes.push(...readIndexes(database, schema, name));
    } catch (error) {
      // A view over a table that is gone, or a virtual table whose module is not here, has no columns to tell; the rest has.
      tables.push({
        name,
        schema,
        columns: [],
        primaryKey: [],
        foreignKeys: [],
        kind: type === 'view' ? 'view' : 'virtual',
        inferred: false,
      });
      if (!(error instanceof Error)) throw error;
    }
  }
  return { engine: 'sqlite', tables, indexes };
}
