/** What the twin needs to plan like a SQLite file: its schema, and what ANALYZE wrote. */
import type { Snapshot } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';
import { type ColumnSpread, type PairSpread, readColumns } from './columns.ts';
import { readStatistics } from './statistics.ts';

export interface Stat1 {
  readonly tbl: string;
  /** Null: a line about a table without an index. */
  readonly idx: string | null;
  readonly stat: string;
}
/** `sample` is a record of the index, in hexadecimal. */
export interface Stat4 {
  readonly tbl: string;
  readonly idx: string;
  readonly neq: string;
  readonly nlt: string;
  readonly ndlt: string;
  readonly sample: string;
}
/** What a SQLite snapshot carries in `planner`. */
export interface SqlitePlanner {
  readonly stat1: readonly Stat1[];
  readonly stat4: readonly Stat4[];
  readonly columns: readonly ColumnSpread[];
  readonly pairs?: readonly PairSpread[] | undefined;
  readonly pageSize?: number | undefined;
  readonly pageCount?: number | undefined;
  /** Pages of each table and index; only where SQLite was built with dbstat, and the file is small enough to be read whole. */
  readonly sizes?: readonly { readonly name: string; readonly pages: number }[] | undefined;
}

/** dbstat reads every page: of a larger file (bytes) that is not asked. */
const measuredUpTo = 1024 * 1024 * 1024;

function readSizes(database: SqliteDatabase, bytes: number): Pick<SqlitePlanner, 'sizes'> {
  if (bytes > measuredUpTo) return {};
  try {
    const rows = database.prepare("SELECT name, pageno AS pages FROM dbstat('main', 1) ORDER BY name").all();
    return { sizes: rows.map((row) => ({ name: String(row.name), pages: Number(row.pages) })) };
  } catch {
    // Built without it.
    return {};
  }
}

/** `thorough`: see `SnapshotOptions`. */
export function readSnapshot(database: SqliteDatabase, label: string, thorough: boolean): Snapshot {
  // Tables before what stands on them; in each kind the order in which they were made, because of two indexes that cost the same SQLite takes one by it.
  const ddl = database
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid",
    )
    .all()
    .map((row) => String(row.sql));
  const has = (name: string): boolean => database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
  const all = (sql: string): unknown => database.prepare(sql).all();
  const tables = readStatistics(database, thorough);
  const { columns, pairs } = readColumns(database, tables, thorough);
  const pageSize = Number(database.pragma('page_size', { simple: true }));
  const pageCount = Number(database.pragma('page_count', { simple: true }));
  const planner: SqlitePlanner = {
    pageSize,
    pageCount,
    ...(thorough ? readSizes(database, pageSize * pageCount) : {}),
    stat1: has('sqlite_stat1') ? (all('SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx') as Stat1[]) : [],
    stat4: has('sqlite_stat4')
      ? (all('SELECT tbl, idx, neq, nlt, ndlt, hex(sample) AS sample FROM sqlite_stat4 ORDER BY tbl, idx, rowid') as Stat4[])
      : [],
    columns: columns.toSorted((left, right) => compare(left.table, right.table) || compare(left.column, right.column)),
    ...(pairs.length === 0
      ? {}
      : { pairs: pairs.toSorted((left, right) => compare(left.table, right.table) || compare(left.columns.join(), right.columns.join())) }),
  };
  return { engine: 'sqlite', label, version: String(database.prepare('SELECT sqlite_version() AS v').get()?.v), ddl, tables, planner };
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
