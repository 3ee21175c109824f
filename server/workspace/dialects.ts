/** Which dialect a file's SQL is, where the file itself does not tell: from what stands around it. */
import type { Document } from '../analysis/document.ts';
import type { Dialect, EngineId } from '../analysis/sql/statement.ts';
import { folderOf, foldersUp, isWithin } from './paths.ts';
import { queriesOf, relationsOf, withParts } from './relations.ts';

export interface DialectContext {
  /** The folder of the project that a file belongs to. */
  readonly projectRoot: (path: string) => string;
  /** Engines that are connected to. */
  readonly connected: readonly EngineId[];
  /** Paths whose dialect was only assumed the last time: they tell nothing. */
  readonly assumed: ReadonlySet<string>;
}
export interface Resolved {
  readonly dialects: ReadonlyMap<string, Dialect>;
  /** Those of them that nothing tells; see `portable`. */
  readonly assumed: ReadonlySet<string>;
}

/** What a document says of its engine: its own queries', its drivers' and its settings' one; undefined for none or several. */
function engineOf(document: Document): Dialect | undefined {
  const said = new Set<Dialect>();
  for (const part of withParts(document)) {
    for (const { dialect } of part.queries) if (dialect !== 'unknown') said.add(dialect);
    for (const engine of part.declares?.engines ?? []) said.add(engine);
    for (const { engine } of part.connections) if (engine === 'sqlite' || engine === 'postgres') said.add(engine);
    for (const { system, form } of part.settings) {
      if ((system === 'sqlite' || system === 'postgres') && form !== 'config') said.add(system);
    }
  }
  return said.size === 1 ? [...said][0] : undefined;
}

/** Kept with the document: all of them are asked, whenever one of them changed. */
const created = new WeakMap<Document, readonly { readonly name: string; readonly dialect: Dialect }[]>();
function createdIn(document: Document) {
  let found = created.get(document);
  if (found === undefined) {
    found = queriesOf(document).flatMap(({ statement, dialect }) =>
      statement.kind !== 'create table' || dialect === 'unknown' ? [] : [{ name: statement.name.name.text.toLowerCase(), dialect }],
    );
    created.set(document, found);
  }
  return found;
}

/**
 * Dialects by path for documents with SQL of an unknown one: the same file's other statements, the
 * nearest folder up to the project that speaks of one engine alone, the tables that are created in
 * one dialect, the only connection, and for SQL that every engine takes the one that is always at
 * hand. Files that nothing tells of are left out.
 */
export function resolveDialects(documents: readonly Document[], context: DialectContext): Resolved {
  const isOpen = (document: Document) =>
    context.assumed.has(document.path) || queriesOf(document).some(({ dialect }) => dialect === 'unknown');
  const open = documents.filter(isOpen);
  const dialects = new Map<string, Dialect>();
  const assumed = new Set<string>();
  if (open.length === 0) return { dialects, assumed };
  const speakers: { readonly path: string; readonly dialect: Dialect }[] = [];
  const tables = new Map<string, Set<Dialect>>();
  for (const document of documents) {
    if (context.assumed.has(document.path)) continue;
    const dialect = engineOf(document);
    if (dialect !== undefined) speakers.push({ path: document.path, dialect });
    for (const { name, dialect: own } of createdIn(document)) tables.set(name, (tables.get(name) ?? new Set()).add(own));
  }
  const saidIn = new Map<string, ReadonlySet<Dialect>>();
  const around = (folder: string): ReadonlySet<Dialect> => {
    let said = saidIn.get(folder);
    if (said === undefined) {
      said = new Set(speakers.filter(({ path }) => isWithin(folder, path)).map(({ dialect }) => dialect));
      saidIn.set(folder, said);
    }
    return said;
  };
  const mute = new Map<string, Document[]>();
  for (const document of open) {
    const root = context.projectRoot(document.path);
    const own = context.assumed.has(document.path) ? undefined : engineOf(document);
    const dialect = own ?? nearby(document.path, root, around) ?? byTables(document, tables) ?? onlyOne(context.connected);
    if (dialect !== undefined) dialects.set(document.path, dialect);
    else if (around(root).size === 0) mute.set(root, [...(mute.get(root) ?? []), document]);
  }
  for (const silent of mute.values()) {
    if (!portable(silent)) continue;
    for (const { path } of silent) {
      dialects.set(path, 'sqlite');
      assumed.add(path);
    }
  }
  return { dialects, assumed };
}

/**
 * A project that creates its tables in SQL of which every word is understood, and says nowhere whose it
 * is: then any planner tells a scan from a search alike. What that engine refuses is no finding.
 */
function portable(documents: readonly Document[]): boolean {
  const queries = documents.flatMap(queriesOf);
  return (
    queries.some(({ statement }) => statement.kind === 'create table') && queries.every(({ statement }) => statement.complete !== false)
  );
}

function nearby(path: string, root: string, around: (folder: string) => ReadonlySet<Dialect>): Dialect | undefined {
  for (const folder of foldersUp(folderOf(path))) {
    const dialect = onlyOne([...around(folder)]);
    if (dialect !== undefined) return dialect;
    if (folder === root || !isWithin(root, folder)) return undefined;
  }
  return undefined;
}

function byTables(document: Document, tables: ReadonlyMap<string, ReadonlySet<Dialect>>): Dialect | undefined {
  const said = new Set<Dialect>();
  for (const query of queriesOf(document)) {
    for (const name of relationsOf(query.statement)) for (const dialect of tables.get(name) ?? []) said.add(dialect);
  }
  return onlyOne([...said]);
}

function onlyOne<Item>(items: readonly Item[]): Item | undefined {
  const different = new Set(items);
  return different.size === 1 ? items[0] : undefined;
}
