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
}

/** What a document says of its engine: its own queries', its drivers' and its settings' one; undefined for none or several. */
function engineOf(document: Document): Dialect | undefined {
  const said = new Set<Dialect>();
  for (const part of withParts(document)) {
    for (const { dialect } of part.queries) if (dialect !== 'unknown') said.add(dialect);
    for (const { engine } of part.connections) if (engine === 'sqlite' || engine === 'postgres') said.add(engine);
    for (const { system, form } of part.settings) {
      if ((system === 'sqlite' || system === 'postgres') && form !== 'config') said.add(system);
    }
  }
  return said.size === 1 ? [...said][0] : undefined;
}

/**
 * Dialects by path for documents with SQL of an unknown one: the same file's other statements, the
 * nearest folder up to the project that speaks of one engine alone, the tables that are created in
 * one dialect, the only connection. Files that nothing tells of are left out.
 */
export function resolveDialects(documents: readonly Document[], context: DialectContext): ReadonlyMap<string, Dialect> {
  const open = documents.filter((document) => queriesOf(document).some(({ dialect }) => dialect === 'unknown'));
  const found = new Map<string, Dialect>();
  if (open.length === 0) return found;
  const speakers: { readonly path: string; readonly dialect: Dialect }[] = [];
  const tables = new Map<string, Set<Dialect>>();
  for (const document of documents) {
    const dialect = engineOf(document);
    if (dialect !== undefined) speakers.push({ path: document.path, dialect });
    for (const query of queriesOf(document)) {
      if (query.statement.kind !== 'create table' || query.dialect === 'unknown') continue;
      const name = query.statement.name.name.text.toLowerCase();
      tables.set(name, (tables.get(name) ?? new Set()).add(query.dialect));
    }
  }
  const aroundCache = new Map<string, Dialect | undefined>();
  const around = (folder: string): Dialect | undefined => {
    if (!aroundCache.has(folder)) {
      const said = new Set(speakers.filter(({ path }) => isWithin(folder, path)).map(({ dialect }) => dialect));
      aroundCache.set(folder, said.size === 1 ? [...said][0] : undefined);
    }
    return aroundCache.get(folder);
  };
  for (const document of open) {
    const dialect =
      engineOf(document) ??
      nearby(document.path, context.projectRoot(document.path), around) ??
      byTables(document, tables) ??
      onlyOne(context.connected);
    if (dialect !== undefined) found.set(document.path, dialect);
  }
  return found;
}

function nearby(path: string, root: string, around: (folder: string) => Dialect | undefined): Dialect | undefined {
  for (const folder of foldersUp(folderOf(path))) {
    const dialect = around(folder);
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
