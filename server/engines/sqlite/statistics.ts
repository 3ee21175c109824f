/** How many rows the tables of a SQLite database have, as cheaply as it can be told truly. */
import type { TableStatistics } from '../../analysis/sql/schema.ts';
import type { SqliteDatabase } from './binding.ts';

/** Milliseconds all counting may take together: a table is counted only while some are left. */
const countingBudget = 400;
/** Rows up to which a table is counted exactly; counting a million takes about 10 ms from a covering index, 100 ms without. */
const exactUpTo = 1_000_000;
/** In a file larger than this, which may have to be read from a disk, counting is only for small tables. */
const largeFile = 256 * 1024 * 1024;
const exactInLargeFile = 20_000;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Exact counts where they are cheap, else ANALYZE's own number, else the largest rowid (which is the count where nothing was deleted, and
 * never below it for tables that count up). A table that none of these can tell is left out. `thorough`: however long it takes, so that the answer
 * does not depend on how busy the machine is.
 */
export function readStatistics(database: SqliteDatabase, thorough = false): TableStatistics[] {
  const names = database
    .prepare(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all();
  const analyzed = analyzedRows(database);
  const bytes = Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }));
  const most = bytes > largeFile ? exactInLargeFile : exactUpTo;
  const started = performance.now();
  return names.flatMap((row) => {
    const table = String(row.name);
    const highest = row.wr === 1 ? undefined : largestRowid(database, table);
    const estimate = analyzed.get(table) ?? highest;
    const left = thorough || performance.now() - started < countingBudget;
    if (left && (estimate ?? 0) <= most) {
      // LIMIT bounds the work where the estimate was wrong (deleted rows only make the rowid larger, but ANALYZE may be old).
      const counted = Number(database.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${quote(table)} LIMIT ${most + 1})`).get()?.n ?? 0);
      if (counted <= most) return [{ table, rows: counted }];
    }
    return estimate === undefined ? [] : [{ table, rows: estimate }];
  });
}

function largestRowid(database: SqliteDatabase, table: string): number | undefined {
  try {
    const value = database.prepare(`SELECT max(rowid) AS n FROM ${quote(table)}`).get()?.n;
    return value === null ? 0 : Number(value);
  } catch {
    // A table with a column of that name, or a virtual one, has no rowid to ask for.
    return undefined;
  }
}

/** ANALYZE writes the table's row count as the first number of every index's line. */
function analyzedRows(database: SqliteDatabase): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get() === undefined) return rows;
  for (const row of database.prepare('SELECT tbl, idx, stat FROM sqlite_stat1').all()) {
    const count = Number.parseInt(String(row.stat), 10);
    // A partial index counts only its own rows.
    if (Number.isFinite(count)) rows.set(String(row.tbl), Math.max(count, rows.get(String(row.tbl)) ?? 0));
  }
  return rows;
}
