/**
 * Opens a SQLite file without leaving a trace. A read-only connection to a database in WAL mode creates `-wal` and `-shm`
 * files and cannot remove them, and a crashed writer's journal cannot be rolled back read-only; so unless a live writer's
 * files are there already, such a database is read from a private copy.
 */
import { closeSync, constants, copyFileSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Options } from 'better-sqlite3';
import { EngineError } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';
import { asFault, databaseError } from './rejection.ts';

export type Open = (filename: string | Uint8Array, options: Options) => SqliteDatabase;

export interface OpenFile {
  readonly database: SqliteDatabase;
  /** Whether it must be closed after each use: an open reader keeps a live writer from tidying its WAL away. */
  readonly brief: boolean;
  close(): void;
}

/** Bytes up to which a private copy may really take the disk it needs. A larger one is only made where the file system shares the blocks. */
const largestCopy = 1024 * 1024 * 1024;
/** Milliseconds to wait for a writer that is about to finish. */
const busyTimeout = 1500;

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;

/** Changes when the database does, whoever wrote it. */
export function signature(path: string): string {
  return ['', '-wal', '-journal']
    .map((suffix) => {
      const stat = statSync(path + suffix, { throwIfNoEntry: false, bigint: true });
      return stat === undefined ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    })
    .join(' ');
}

function fileError(error: unknown, label: string): EngineError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new EngineError('missing', `There is no file ${label}: check the path.`);
  if (code === 'EACCES' || code === 'EPERM') return new EngineError('permission', `${label} may not be read: check its permissions.`);
  return new EngineError('unreachable', `${label} cannot be read (${error instanceof Error ? error.message : String(error)}).`);
}

/** Whether the header says WAL. Throws EngineError for what is no database. */
function inspect(path: string, label: string): { readonly wal: boolean; readonly size: number } {
  let descriptor: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new EngineError('not-a-database', `${label} is a folder: name a database file in it.`);
    if (!stat.isFile()) throw new EngineError('not-a-database', `${label} is not a file: name a SQLite database.`);
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw error instanceof EngineError ? error : fileError(error, label);
  }
  try {
    const header = Buffer.alloc(100);
    const read = readSync(descriptor, header, 0, 100, 0);
    const size = sizeOf(path) ?? 0;
    if (read === 0) return { wal: false, size };
    if (read < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
      throw new EngineError('not-a-database', `${label} is not a SQLite database, or it is encrypted: pick another file.`);
    return { wal: header[18] === 2 || header[19] === 2, size };
  } catch (error) {
    throw error instanceof EngineError ? error : fileError(error, label);
  } finally {
    closeSync(descriptor);
  }
}

function direct(open: Open, path: string, brief: boolean): OpenFile {
  const database = open(path, { readonly: true, fileMustExist: true, timeout: busyTimeout });
  try {
    // Opening reads nothing; this does, so that a file that cannot be used says so now.
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, brief, close: () => database.close() };
}

function copied(open: Open, path: string, label: string, suffixes: readonly string[]): OpenFile {
  const size = sizeOf(path) ?? 0;
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-'));
  const copy = join(folder, 'copy.db');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (let attempt = 0; ; attempt++) {
      const before = signature(path);
      for (const suffix of ['-wal', '-journal', '-shm']) rmSync(copy + suffix, { force: true });
      copyFileSync(path, copy, size > largestCopy ? constants.COPYFILE_FICLONE_FORCE : constants.COPYFILE_FICLONE);
      for (const suffix of suffixes) if (sizeOf(path + suffix) !== undefined) copyFileSync(path + suffix, copy + suffix);
      if (signature(path) === before) break;
      if (attempt === 4) throw new EngineError('locked', `${label} is being written all the time: try again later.`);
    }
    const writable = open(copy, { fileMustExist: true });
    try {
      writable.pragma('journal_mode = DELETE');
    } finally {
      writable.close();
    }
    const opened = direct(open, copy, false);
    // An open file stays readable without its name, and then not even a kill leaves anything behind.
    if (process.platform !== 'win32') remove();
    return {
      ...opened,
      close() {
        opened.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    if (size > largestCopy && (error as NodeJS.ErrnoException).syscall === 'copyfile')
      throw new EngineError(
        'unsupported',
        `${label} was left in WAL mode and is too large to copy (${Math.round(size / 2 ** 20)} MB): open it with its application meanwhile, or set journal_mode to DELETE.`,
      );
    throw error;
  }
}

/** Whether the file at that path is in WAL mode; false where it cannot be told. */
export function isWal(path: string): boolean {
  try {
    return inspect(path, path).wal;
  } catch {
    return false;
  }
}

/** Throws EngineError: missing, a folder, not a database, damaged, locked, unreadable. */
export function openFile(open: Open, path: string, label: string): OpenFile {
  const { wal } = inspect(path, label);
  try {
    const log = sizeOf(`${path}-wal`);
    if (wal || (log ?? 0) > 0) {
      const live = log !== undefined && sizeOf(`${path}-shm`) !== undefined;
      return live ? direct(open, path, true) : copied(open, path, label, ['-wal']);
    }
    try {
      return direct(open, path, false);
    } catch (error) {
      // A journal that a crashed writer left must be rolled back first, and that is not ours to do in place.
      if (asFault(error)?.code.startsWith('SQLITE_READONLY') && (sizeOf(`${path}-journal`) ?? 0) > 0)
        return copied(open, path, label, ['-journal']);
      throw error;
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const fault = asFault(error);
    throw (fault === undefined ? undefined : databaseError(fault, label)) ?? fileError(error, label);
  }
}
