/** Connects to a SQLite file. Everything that touches it happens in a child process, which can be killed. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Health } from '../../analysis/health.ts';
import type { Schema, TableStatistics } from '../../analysis/sql/schema.ts';
import { spawnWorker } from '../child.ts';
import {
  type Connection,
  type ConnectOptions,
  type Engine,
  EngineError,
  type Explained,
  type LiveSetting,
  type Snapshot,
} from '../engine.ts';

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

/** `sqlite:PATH`, `sqlite://PATH`, `sqlite3:…`, `file:PATH`, or a bare path. */
function pathOf(url: string): string {
  let path = url.replace(/^(?:sqlite3?|file):/i, '');
  if (path.startsWith('//')) path = path.slice(2);
  if (path.startsWith('~/')) path = join(homedir(), path.slice(2));
  // Options of a URI (`?mode=ro`) are not part of the name, unless there is a file of that very name.
  if (!existsSync(path)) path = path.replace(/\?[^/\\]*$/, '');
  // Three slashes mean a relative path to some (SQLAlchemy), an absolute one to others: the file that is there decides.
  if (/^\/[^/]/.test(path) && /^sqlite3?:\/\/\//i.test(url) && !existsSync(path) && existsSync(path.slice(1))) path = path.slice(1);
  return resolve(path);
}

function labelOf(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** Milliseconds for a question about the whole file, which may have to be copied first. */
const wholeTimeout = 30_000;
/** The same where every table is counted and every page looked at, and a person waits for a file. */
const thoroughTimeout = 600_000;

async function connect(url: string, options: ConnectOptions): Promise<Connection> {
  const path = pathOf(url);
  const label = labelOf(path);
  const target = { path, label };
  const timeout = options.statementTimeout ?? 5_000;
  const worker = spawnWorker('sqlite', { timeout, prepare: { method: 'open', params: target } });
  const listeners: ((error: EngineError) => void)[] = [];
  let lost = false;
  let version: string;
  try {
    ({ version } = await worker.request<{ version: string }>('open', target, { timeout: options.connectTimeout ?? 10_000 }));
  } catch (error) {
    await worker.close();
    throw error;
  }
  async function ask<Answer>(method: string, params: unknown, signal?: AbortSignal, least = 0): Promise<Answer> {
    try {
      return await worker.request<Answer>(method, params, { signal, timeout: Math.max(timeout, least) });
    } catch (error) {
      // A file that went away or was broken stays so for every question; a locked one will be free again.
      if (error instanceof EngineError && ['missing', 'permission', 'not-a-database', 'corrupt'].includes(error.kind) && !lost) {
        lost = true;
        for (const listener of listeners) listener(error);
      }
      throw error;
    }
  }
  return {
    engine: 'sqlite',
    label,
    version,
    schema: (signal) => ask<Schema>('schema', undefined, signal, wholeTimeout),
    statistics: (signal) => ask<readonly TableStatistics[]>('statistics', undefined, signal, wholeTimeout),
    settings: (signal) => ask<ReadonlyMap<string, LiveSetting>>('settings', undefined, signal, wholeTimeout),
    health: (signal) => ask<Health>('health', undefined, signal, wholeTimeout),
    explain: (sql, signal) => ask<Explained>('explain', { sql }, signal),
    explainAnalyze: (sql, signal) => ask<Explained>('analyze', { sql }, signal),
    snapshot: (signal, wanted) => ask<Snapshot>('snapshot', wanted, signal, wanted?.thorough === true ? thoroughTimeout : wholeTimeout),
    close: () => worker.close(),
    onLost(listener) {
      listeners.push(listener);
    },
  };
}

export const sqlite: Engine = {
  id: 'sqlite',
  recognises: (url) => /^(?:sqlite3?|file):/i.test(url) || (!scheme.test(url) && url.trim() !== '' && !/^[\w-]+=\S/.test(url)),
  connect,
};
