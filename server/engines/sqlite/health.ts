/** What a SQLite file tells of itself: its free pages, and how many rows its statistics were collected from. */
import type { Health, TableHealth } from '../../analysis/health.ts';
import type { SqliteDatabase } from './binding.ts';
import { readStatistics } from './statistics.ts';

export function readHealth(database: SqliteDatabase): Health {
  const number = (pragma: string): number => Number(database.pragma(pragma, { simple: true }));
  const analyzed = new Map<string, number>();
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get() !== undefined) {
    for (const row of database.prepare('SELECT tbl, idx, stat FROM sqlite_stat1').all()) {
      const rows = Number.parseInt(String(row.stat), 10);
      // A partial index counts only its own rows.
      if (Number.isFinite(rows)) analyzed.set(String(row.tbl), Math.max(rows, analyzed.get(String(row.tbl)) ?? 0));
    }
  }
  return {
    engine: 'sqlite',
    readAt: new Date().toISOString(),
    indexes: [],
    tables: readStatistics(database).map((table): TableHealth => {
      const rowsThen = analyzed.get(table.table);
      return { name: table.table, rows: table.rows, bytes: table.bytes ?? 0, ...(rowsThen !== undefined && { rowsThen }) };
    }),
    sequences: [],
    file: {
      pages: number('page_count'),
      free: number('freelist_count'),
      pageSize: number('page_size'),
      autoVacuum: number('auto_vacuum') !== 0,
    },
    missing: [],
  };
}
