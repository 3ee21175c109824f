/** SQLite's side of the child process: one file, opened read-only, asked one thing at a time. */
import type { Explained, LiveSetting, Snapshot, SnapshotOptions } from '../engine.ts';
import { EngineError } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';
import { loadSqlite } from './binding.ts';
import { explainWith } from './explain-with.ts';
import { guard } from './guard.ts';
import { readHealth } from './health.ts';
import { isWal, type Open, type OpenFile, openFile, signature } from './open-file.ts';
import { asFault, databaseError } from './rejection.ts';
import { readSchema } from './schema.ts';
import { readSettings } from './settings.ts';
import { readSnapshot } from './snapshot.ts';
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

const version = (database: SqliteDatabase): string => String(database.prepare('SELECT sqlite_version() AS v').get()?.v);

export const handlers = {
  async open(params: Target): Promise<{ readonly version: string }> {
    open = await loadSqlite();
    target = params;
    return withDatabase((database) => ({ version: version(database) }));
  },
  schema: () => withDatabase(readSchema),
  health: () => withDatabase(readHealth),
  statistics: () => withDatabase(readStatistics),
  settings: (): Map<string, LiveSetting> =>
    withDatabase((database) => readSettings(database, isWal(target?.path ?? '') ? 'wal' : undefined)),
  snapshot: (options?: SnapshotOptions): Snapshot =>
    withDatabase((database) => readSnapshot(database, target?.label ?? '', options?.thorough === true)),
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
