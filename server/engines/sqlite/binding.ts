/** The one place that loads SQLite's native code. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database, Options } from 'better-sqlite3';
import { EngineError } from '../engine.ts';

export type SqliteDatabase = Database;

/** better-sqlite3 13 is built against Node 22's interface and takes the process down on an older one. */
const oldestNode = 22;

function target(): string {
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`;
  // A musl libc needs its own build. Its loader is mapped into this process, so the kernel knows.
  try {
    if (/\/ld-musl-[^/\s]*\.so/.test(readFileSync('/proc/self/maps', 'latin1'))) return `linuxmusl-${process.arch}`;
  } catch {
    // Without /proc the common libc is the better guess; loading says so if it is wrong.
  }
  return `linux-${process.arch}`;
}

/** The native file: beside the bundle, or in the package when the sources run as they are. */
function nativeFile(): string {
  const here = fileURLToPath(import.meta.url);
  const folder =
    basename(here) === 'binding.ts' ? join(dirname(here), '../../../node_modules/better-sqlite3/prebuilds') : join(dirname(here), 'sqlite');
  return join(folder, `${target()}.node`);
}

/** Throws EngineError `unsupported` where this Node or this machine has no SQLite for us. */
export async function loadSqlite(): Promise<(filename: string | Uint8Array, options: Options) => SqliteDatabase> {
  const version = process.versions.node;
  if (Number.parseInt(version, 10) < oldestNode)
    throw new EngineError(
      'unsupported',
      `SQLite needs Node ${oldestNode} or newer, and this is Node ${version}: run TuneLens with a newer Node.`,
    );
  const file = nativeFile();
  if (!existsSync(file)) throw new EngineError('unsupported', `There is no SQLite for ${target()}: ${file} does not exist.`);
  const Loaded = (await import('better-sqlite3')).default;
  return (filename, options) => new Loaded(filename, { ...options, nativeBinding: file });
}
