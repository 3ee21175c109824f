/** The documents of the workspace: the editor's text where a file is open, the disk's elsewhere. */
import type { Document, LanguageId } from '../analysis/document.ts';
import { emptyDocument } from '../analysis/reader.ts';
import { lineStarts } from '../analysis/span.ts';
import { createPlacements, type Placements } from '../analysis/sql/shift.ts';
import type { Dialect } from '../analysis/sql/statement.ts';
import { createCache } from './cache.ts';
import { type ReadResult, readFromDisk, readFromText } from './read.ts';
import { readAll } from './read-pool.ts';
import { createTreeKeeper, type TreeKeeper } from './syntax.ts';

interface OpenText {
  readonly language: LanguageId;
  readonly keeper: TreeKeeper;
  readonly placements: Placements;
  text: string;
  version: number;
}
interface Entry {
  open?: OpenText | undefined;
  result?: ReadResult | undefined;
  /** The version of the open text that `result` was read from. */
  version?: number | undefined;
  stale: boolean;
  dialect?: Dialect | undefined;
  /** The dialect it was last read in, as far as one was declared or resolved. */
  readAs?: Dialect | undefined;
  reading?: Promise<ReadFile | undefined> | undefined;
}
/** A file as last read. `document` is an empty one where nothing in the file can concern a rule. */
export interface ReadFile {
  readonly path: string;
  readonly version?: number | undefined;
  readonly result: ReadResult;
  readonly document: Document;
}

export interface Store {
  open(path: string, language: LanguageId, text: string, version: number): void;
  change(path: string, text: string, version: number): void;
  close(path: string): void;
  isOpen(path: string): boolean;
  openPaths(): readonly string[];
  /** The editor's text, where the file is open. */
  openText(path: string): string | undefined;
  /** Must be read again before it is used. */
  invalidate(path: string): void;
  remove(path: string): void;
  /** Forgets closed files that are not among these: they were deleted, or are excluded now. */
  retain(paths: readonly string[]): void;
  /** Settings changed: files that they declare another dialect for must be read again. */
  redeclare(): void;
  /** The document as last read, without reading. */
  peek(path: string): Document | undefined;
  has(path: string): boolean;
  /** Reads the file if it changed since; undefined where nothing reads such a file. */
  read(path: string): Promise<ReadFile | undefined>;
  /** Reads those of the files that were not read yet, in parallel. */
  readMany(paths: readonly string[], progress: ((done: number, total: number) => void) | undefined, signal?: AbortSignal): Promise<void>;
  /** Declares dialects found out later; answers which of the files must therefore be read again. */
  setDialects(dialects: ReadonlyMap<string, Dialect>): readonly string[];
  /** Every document that is not empty, in the order of their paths; the same array until one changes. */
  documents(): readonly Document[];
  /** Grows whenever a document changed. */
  readonly revision: number;
  dispose(): void;
}

/** `declared` is the dialect that the settings give a path. */
export function createStore(declared: (path: string) => Dialect | undefined): Store {
  const entries = new Map<string, Entry>();
  const cache = createCache();
  let revision = 0;
  let listed: readonly Document[] | undefined;

  /** Where each document stands in the list: a keystroke exchanges one entry and sorts nothing. */
  let places: Map<string, number> | undefined;
  const changed = (path?: string, document?: Document) => {
    revision++;
    const place = path === undefined ? undefined : places?.get(path);
    if (listed !== undefined && place !== undefined && document !== undefined) listed = listed.with(place, document);
    else listed = undefined;
  };
  const entryOf = (path: string): Entry => {
    let entry = entries.get(path);
    if (entry === undefined) {
      entry = { stale: true };
      entries.set(path, entry);
    }
    return entry;
  };
  const dialectOf = (path: string): Dialect | undefined => declared(path) ?? entries.get(path)?.dialect;
  const keep = (path: string, entry: Entry, result: ReadResult, readAs: Dialect | undefined, version: number | undefined) => {
    const before = entry.result?.document;
    entry.result = result;
    entry.readAs = readAs;
    entry.version = version;
    if (before !== undefined || result.document !== undefined) changed(path, result.document);
  };
  const fileOf = (path: string, entry: Entry): ReadFile | undefined => {
    const { result } = entry;
    if (result === undefined || !result.known) return undefined;
    const document = result.document ?? emptyOf(path, entry);
    return { path, version: entry.version, result, document };
  };
  const readOne = async (path: string, entry: Entry): Promise<ReadFile | undefined> => {
    // Typing goes on while a grammar loads: read again until what was read is what stands there.
    while (entry.stale) {
      entry.stale = false;
      const { open } = entry;
      const dialect = dialectOf(path);
      if (open === undefined) {
        keep(path, entry, await readFromDisk({ path, dialect }, cache), dialect, undefined);
      } else {
        const { version, text, language } = open;
        keep(path, entry, await readFromText({ path, language, dialect }, text, cache, open.keeper, open.placements), dialect, version);
      }
      // Its dialect was found out meanwhile: what was read without it no longer counts.
      if (dialect !== dialectOf(path)) entry.stale = true;
    }
    return fileOf(path, entry);
  };

  function read(path: string): Promise<ReadFile | undefined> {
    const entry = entryOf(path);
    if (!entry.stale && entry.reading === undefined) return Promise.resolve(fileOf(path, entry));
    entry.reading ??= readOne(path, entry).finally(() => {
      entry.reading = undefined;
    });
    return entry.reading;
  }
  let bulk: Promise<void> = Promise.resolve();
  const readBulk: Store['readMany'] = async (paths, progress, signal) => {
    const open = paths.filter((path) => entries.get(path)?.open !== undefined);
    const closed = paths.filter((path) => {
      const entry = entryOf(path);
      return entry.open === undefined && entry.stale && entry.reading === undefined;
    });
    let done = paths.length - closed.length;
    for (const path of open) await read(path);
    const requests = closed.map((path) => ({ path, dialect: dialectOf(path) }));
    const asked = new Map(requests.map(({ path, dialect }) => [path, dialect] as const));
    const got = (result: ReadResult) => {
      const entry = entryOf(result.path);
      // Opened or changed meanwhile: what was read is no longer what counts.
      if (entry.open === undefined) {
        const readAs = asked.get(result.path);
        keep(result.path, entry, result, readAs, undefined);
        entry.stale = readAs !== dialectOf(result.path);
      }
      progress?.(++done, paths.length);
    };
    await readAll(requests, cache, got, signal);
  };

  return {
    open(path, language, text, version) {
      const entry = entryOf(path);
      entry.open?.keeper.delete();
      entry.open = { language, text, version, keeper: createTreeKeeper(), placements: createPlacements() };
      entry.stale = true;
    },
    change(path, text, version) {
      const entry = entries.get(path);
      if (entry?.open === undefined) return;
      entry.open.text = text;
      entry.open.version = version;
      entry.stale = true;
    },
    close(path) {
      const entry = entries.get(path);
      if (entry?.open === undefined) return;
      entry.open.keeper.delete();
      entry.open = undefined;
      entry.stale = true;
    },
    isOpen: (path) => entries.get(path)?.open !== undefined,
    openPaths: () => [...entries].filter(([, entry]) => entry.open !== undefined).map(([path]) => path),
    openText: (path) => entries.get(path)?.open?.text,
    invalidate(path) {
      const entry = entries.get(path);
      if (entry !== undefined && entry.open === undefined) entry.stale = true;
    },
    remove(path) {
      if (entries.get(path)?.open !== undefined) return;
      if (entries.get(path)?.result?.document !== undefined) changed();
      entries.delete(path);
    },
    retain(paths) {
      const kept = new Set(paths);
      for (const [path, entry] of entries) {
        if (entry.open === undefined && !kept.has(path)) this.remove(path);
      }
    },
    redeclare() {
      for (const [path, entry] of entries) if (entry.result !== undefined && entry.readAs !== dialectOf(path)) entry.stale = true;
    },
    peek: (path) => entries.get(path)?.result?.document,
    has: (path) => entries.has(path),
    read,
    async readMany(paths, progress, signal) {
      if (paths.length === 0) return;
      // One at a time: two that ask for the same files would read each of them twice.
      const turn = bulk.then(() => readBulk(paths, progress, signal));
      bulk = turn.catch(() => undefined);
      await turn;
    },
    setDialects(dialects) {
      const again: string[] = [];
      for (const [path, dialect] of dialects) {
        const entry = entries.get(path);
        if (entry === undefined || entry.dialect === dialect) continue;
        entry.dialect = dialect;
        entry.stale = true;
        again.push(path);
      }
      return again;
    },
    documents() {
      if (listed === undefined) {
        const sorted = [...entries]
          .flatMap(([path, { result }]) => (result?.document === undefined ? [] : [{ path, document: result.document }]))
          .sort((left, right) => (left.path < right.path ? -1 : 1));
        places = new Map(sorted.map(({ path }, index) => [path, index] as const));
        listed = sorted.map(({ document }) => document);
      }
      return listed;
    },
    get revision() {
      return revision;
    },
    dispose() {
      for (const entry of entries.values()) entry.open?.keeper.delete();
      entries.clear();
      cache.clear();
      changed();
    },
  };
}

function emptyOf(path: string, entry: Entry): Document {
  const text = entry.open?.text ?? '';
  return emptyDocument({ path, language: entry.open?.language ?? 'plaintext', text }, lineStarts(text));
}
