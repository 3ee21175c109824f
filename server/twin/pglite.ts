/** Starts the embedded PostgreSQL: PGlite, from the files beside the bundle, with its initialised data kept for the next time. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { PGlite } from '@electric-sql/pglite';
import { EngineError } from '../engines/engine.ts';

/** A file in PGlite's memory. `usedBytes` is what PostgreSQL takes for its size. */
export interface FileNode {
  usedBytes: number;
  contents: Uint8Array | null;
}
export interface Embedded {
  readonly database: PGlite;
  /** The file of a relation by its path as `pg_relation_filepath` gives it; undefined when there is none. */
  file(path: string): FileNode | undefined;
  /** Creates an empty file beside it (a further segment of a large relation). */
  create(path: string): FileNode;
  remove(path: string): void;
}

interface EmscriptenFileSystem {
  lookupPath(path: string): { readonly node: FileNode };
  writeFile(path: string, data: Uint8Array): void;
  unlink(path: string): void;
  analyzePath(path: string): { readonly exists: boolean };
}

function packageFolder(): string {
  const here = fileURLToPath(import.meta.url);
  return basename(here) === 'pglite.ts'
    ? join(dirname(here), '../../node_modules/@electric-sql/pglite/dist')
    : join(dirname(here), 'pglite');
}

function cacheFolder(): string {
  const home = homedir();
  const base =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(home, 'Library', 'Caches')
        : (process.env.XDG_CACHE_HOME ?? join(home, '.cache'));
  return join(base, 'tunelens');
}

/** Marks a whole file, so that one that was cut off by a full disk is not started from. */
const digestLength = 32;

function readCache(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const digest = content.subarray(0, digestLength);
    const packed = content.subarray(digestLength);
    if (!createHash('sha256').update(packed).digest().equals(digest)) return undefined;
    return gunzipSync(packed);
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs the next start some seconds, and nothing else. */
function writeCache(file: string, data: Buffer): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const packed = gzipSync(data, { level: 1 });
    const part = `${file}.${process.pid}`;
    writeFileSync(part, Buffer.concat([createHash('sha256').update(packed).digest(), packed]), { mode: 0o600 });
    renameSync(part, file);
    // Those of other versions are of no use any more.
    const [version = ''] = /^pglite-[0-9a-f]+/.exec(basename(file)) ?? [];
    for (const name of readdirSync(dirname(file)))
      if (name.startsWith('pglite-') && !name.startsWith(version)) rmSync(join(dirname(file), name), { force: true });
  } catch {
    // See above.
  }
}

/** Extensions whose archives lie beside PGlite. Those it does not have are refused by PostgreSQL itself, and that is told apart later. */
function extensionsIn(folder: string): Record<string, { name: string; setup: () => Promise<{ bundlePath: URL }> }> {
  // These hook into the server or look into its files, which a schema has no use for.
  const useless =
    /^(?:auto_explain|pg_overexplain|passwordcheck|pg_walinspect|pg_logicalinspect|pageinspect|pg_surgery|pg_visibility|pg_freespacemap|amcheck)$/;
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.tar\.gz$/.exec(file)?.[1] ?? []);
  return Object.fromEntries(
    names
      .filter((name) => !useless.test(name))
      .map((name) => [
        name.replaceAll('-', '_'),
        { name, setup: () => Promise.resolve({ bundlePath: pathToFileURL(join(folder, `${name}.tar.gz`)) }) },
      ]),
  );
}

async function load(): Promise<{ create: (options: object) => Promise<PGlite>; folder: string }> {
  const folder = packageFolder();
  const entry = join(folder, 'index.cjs');
  if (!existsSync(entry)) throw new EngineError('unsupported', `The embedded PostgreSQL is not there: ${entry} does not exist.`);
  const loaded = createRequire(import.meta.url)(entry) as { PGlite: { create(options: object): Promise<PGlite> } };
  return { create: (options) => loaded.PGlite.create(options), folder };
}

/**
 * About 3 s the first time on a machine, 1 s after that; some 500 MB of memory while it lives. Throws EngineError. `byteOrder` false: texts compare by
 * the rules of a language, as on most servers, so that an ordinary index is none for LIKE. PGlite was initialised the other way, and a server looks
 * at that only when it starts.
 */
export async function startPglite(byteOrder = true): Promise<Embedded> {
  const { create, folder } = await load();
  const extensions = extensionsIn(folder);
  const wasm = statSync(join(folder, 'pglite.wasm'));
  const cache = join(
    cacheFolder(),
    `pglite-${createHash('sha256')
      .update(`${wasm.size} ${Object.keys(extensions).join()}`)
      .digest('hex')
      .slice(0, 16)}${byteOrder ? '' : '-language'}.tar.gz`,
  );
  const stored = readCache(cache);
  let database: PGlite | undefined;
  if (stored !== undefined) {
    try {
      database = await create({ extensions, loadDataDir: new Blob([new Uint8Array(stored)]) });
    } catch {
      // Whatever is wrong with what was kept, a fresh one is as good.
      rmSync(cache, { force: true });
    }
  }
  if (database === undefined) {
    database = await create({ extensions });
    if (!byteOrder) {
      await database.query("UPDATE pg_catalog.pg_database SET datcollate = 'en_US.utf8'");
      await database.query('CHECKPOINT');
    }
    const dump = await database.dumpDataDir('none');
    writeCache(cache, Buffer.from(await dump.arrayBuffer()));
    if (!byteOrder) {
      await database.close();
      database = await create({ extensions, loadDataDir: dump });
    }
  }
  const fs = (database as unknown as { Module: { FS: EmscriptenFileSystem } }).Module.FS;
  const full = (path: string): string => `/pglite/data/${path}`;
  const file = (path: string): FileNode | undefined => (fs.analyzePath(full(path)).exists ? fs.lookupPath(full(path)).node : undefined);
  return {
    database,
    file,
    create(path) {
      fs.writeFile(full(path), new Uint8Array());
      return fs.lookupPath(full(path)).node;
    },
    remove(path) {
      if (fs.analyzePath(full(path)).exists) fs.unlink(full(path));
    },
  };
}
