/** What can be told of a program's use of a SQLite file: who waits for whom. */
import type { ConnectionSite, Document, Setting } from '../../document.ts';

/** A database that no other connection can lock. */
export function isPrivate(document: Document, connection: ConnectionSite): boolean {
  const { target } = connection;
  if (target !== undefined && /:memory:|mode=memory|^sqlite:\/\/\/?$|^$/.test(target)) return true;
  const call = document.calls[connection.call];
  return (
    call?.arguments.some((argument) => /^['"]?:memory:['"]?$/.test(argument.value ?? '') || /open_in_memory/.test(call.callee)) ?? false
  );
}

/** Opened so that it cannot write, and so never waits for a writer's lock in WAL mode. */
export function isReadOnly(document: Document, connection: ConnectionSite): boolean {
  const call = document.calls[connection.call];
  if (/[?&](?:mode=ro|immutable=1)\b/.test(connection.target ?? '')) return true;
  return (
    call?.arguments.some(
      (argument) =>
        (/^(?:read_?only|options\.read_?only)$/i.test(argument.name ?? '') && argument.value === 'true') ||
        /SQLITE_OPEN_READ_?ONLY|OPEN_READONLY/.test(argument.text),
    ) ?? false
  );
}

export function isTestPath(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|bench(?:marks?)?)\/|(?:^|\/)(?:test_|conftest\b)|[._-](?:test|spec|bench)\.\w+$/i.test(
    path,
  );
}

/** Statements that write rows, in code, for SQLite or for a database nobody named. Schema changes run once and prove nothing. */
export function writesRows(document: Document): boolean {
  return document.queries.some(
    ({ statement, dialect, from }) =>
      from === 'literal' &&
      (dialect === 'sqlite' || dialect === 'unknown') &&
      (statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete'),
  );
}

/** The settings of one SQLite connection: those told to be its own, and pragmas of the function that opens it. */
export function settingsOfConnection(document: Document, index: number): readonly Setting[] {
  const site = document.connections[index];
  const call = site === undefined ? undefined : document.calls[site.call];
  return document.settings.filter((setting) => {
    if (setting.system !== 'sqlite') return false;
    if (setting.connection !== undefined) return setting.connection === index;
    return call !== undefined && setting.function === call.function;
  });
}

export interface Concurrency {
  /** For the message: `a pool of 8`, `threads`. */
  readonly words: string;
  /** The connection it was seen at. */
  readonly connection: number;
}

const threads =
  /^(?:(?:concurrent\.futures\.)?(?:ThreadPoolExecutor|ProcessPoolExecutor)|threading\.Thread|multiprocessing\.(?:Process|Pool)|asyncio\.to_thread|(?:std::)?thread::spawn|(?:new )?Worker|cluster\.fork)$/;
const servers = /^(?:fastapi|flask|aiohttp|starlette|sanic|quart|django|bottle|tornado|litestar)(?:\.|$)/;

/** Why several connections of this program use the file at the same moment; undefined where nothing says so. */
export function concurrencyOf(document: Document): Concurrency | undefined {
  for (const [index, connection] of document.connections.entries()) {
    if (connection.engine !== 'sqlite' || isPrivate(document, connection)) continue;
    const words = connection.pool ? poolWords(document, connection, index) : sharedWords(document, connection);
    if (words !== undefined) return { words, connection: index };
  }
  return undefined;
}

function poolWords(document: Document, connection: ConnectionSite, index: number): string | undefined {
  const size = settingsOfConnection(document, index).find((setting) => setting.key === 'pool_max_size');
  if (size !== undefined) {
    if (size.dynamic) return 'a pool';
    return Number(size.value) > 1 ? `a pool of ${size.value}` : undefined;
  }
  // database/sql opens as many connections as there are queries under way (pkg.go.dev/database/sql#DB.SetMaxOpenConns).
  if (connection.driver.startsWith('go:')) return "Go's pool without a limit";
  // sqlx and r2d2: 10 connections unless told otherwise.
  if (connection.driver === 'rust:sqlx' || connection.driver === 'rust:r2d2_sqlite') return 'a pool of 10';
  return undefined;
}

function sharedWords(document: Document, connection: ConnectionSite): string | undefined {
  const call = document.calls[connection.call];
  // One connection at module level is one writer: only a connection made again and again meets others.
  if (call?.function === undefined) return undefined;
  if (document.calls.some((other) => threads.test(other.callee))) return 'threads that each open it';
  if (!connection.driver.startsWith('python:')) return undefined;
  if (document.imports.some((entry) => servers.test(entry.module))) return 'requests that each open it';
  return undefined;
}

/** The documents and those inside them. */
export function* withParts(documents: Iterable<Document>): Generator<Document> {
  for (const document of documents) {
    yield document;
    yield* withParts(document.parts);
  }
}
