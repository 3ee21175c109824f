/** SQLite's side of the child process: one file, opened read-only, asked one thing at a time. */
import type { Explained, LiveSetting, Snapshot } from '../engine.ts';
import { EngineError } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';
import { loadSqlite } from './binding.ts';
import { readColumns } from './columns.ts';
import { explainWith } from './explain-with.ts';
import { guard } from './guard.ts';
import { isWal, type Open, type OpenFile, openFile, signature } from './open-file.ts';
import { asFault, databaseError } from './rejection.ts';
import { readSchema } from './schema.ts';
import { readSettings } from './settings.ts';
import { readStatistics } from './statistics.ts';

interface Target {
  readonly path: string;
  readonly label: string;
}
let target: Target | undefined;
let open: Open | undefined;
let opened: { readonly file: OpenFile; readonly signature: string } | undefined;

/** Asks the file as it is now: a copy or an open file that has been overtaken is opened anew. */
function withDatabase<Answer>(ask: (database: SqliteDatabase) => Answer): Answer {
  if (target === undefined || open === undefined) throw new EngineError('internal', 'No database was opened.');
  const now = signature(target.path);
  if (opened !== undefined && opened.signature !== now) {
    opened.file.close();
    opened = undefined;
  }
  opened ??= { file: openFile(open, target.path, target.label), signature: now };
  const { file } = opened;
  try {
    return ask(file.database);
  } catch (error) {
    const fault = asFault(error);
    throw (fault === undefined ? undefined : databaseError(fault, target.label)) ?? error;
  } finally {
    if (file.brief) {
      file.close();
      opened = undefined;
    }
  }
}

function readSnapshot(database: SqliteDatabase, label: string): Snapshot {
  // Tables before what stands on them; in each kind the order in which they were made.
  const ddl = database
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid",
    )
    .all()
    .map((row) => String(row.sql));
  const has = (name: string): boolean => database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
  const tables = readStatistics(database);
  return {
    engine: 'sqlite',
    label,
    version: version(database),
    ddl,
    tables,
    planner: {
      stat1: has('sqlite_stat1') ? database.prepare('SELECT tbl, idx, stat FROM sqlite_stat1').all() : [],
      stat4: has('sqlite_stat4') ? database.prepare('SELECT tbl, idx, neq, nlt, ndlt, sample FROM sqlite_stat4').all() : [],
      columns: readColumns(database, tables),
    },
  };
}

const version = (database: SqliteDatabase): string => String(database.prepare('SELECT sqlite_version() AS v').get()?.v);

export const handlers = {
  async open(params: Target): Promise<{ readonly version: string }> {
    open = await loadSqlite();
    target = params;
    return withDatabase((database) => ({ version: version(database) }));
  },
  schema: () => withDatabase(readSchema),
  statistics: () => withDatabase(readStatistics),
  settings: (): Map<string, LiveSetting> =>
    withDatabase((database) => readSettings(database, isWal(target?.path ?? '') ? 'wal' : undefined)),
  snapshot: (): Snapshot => withDatabase((database) => readSnapshot(database, target?.label ?? '')),
  explain(params: { readonly sql: string }): Explained {
    const verdict = guard(params.sql);
    if (!verdict.allowed) return { outcome: 'refused', reason: verdict.reason };
    return withDatabase((database) => explainWith(database, params.sql));
  },
  /** Runs the statement to its end and adds how long that took and how many rows came. */
  analyze(params: { readonly sql: string }): Explained {
    const verdict = guard(params.sql, true);
    if (!verdict.allowed) return { outcome: 'refused', reason: verdict.reason };
    return withDatabase((database) => {
      const explained = explainWith(database, params.sql);
      if (explained.outcome !== 'planned') return explained;
      const statement = database.prepare(params.sql);
      if (!statement.reader) return { outcome: 'refused', reason: 'Only a statement that changes nothing is run to be timed.' };
      const started = performance.now();
      let rows = 0;
      try {
        for (const _ of statement.iterate()) rows++;
      } catch (error) {
        if (error instanceof RangeError)
          return { outcome: 'refused', reason: 'The statement has parameters: write values in their place to run it.' };
        throw error;
      }
      const milliseconds = Math.round((performance.now() - started) * 1000) / 1000;
      return { outcome: 'planned', plan: { ...explained.plan, rows, milliseconds, raw: { plan: explained.plan.raw, milliseconds, rows } } };
    });
  },
};
