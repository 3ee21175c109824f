/**
 * Which database each query belongs to. A project (the nearest package.json, go.mod, .git …) has one
 * database for each engine, built from its own DDL. A guide and a test create tables of their own that
 * no other file sees, and so does a file whose table differs from the project's one of the same name.
 */
import { createHash } from 'node:crypto';
import { createTableSql } from '../analysis/ddl.ts';
import type { Document, Query } from '../analysis/document.ts';
import { buildSchema } from '../analysis/sql/build-schema.ts';
import { inferTables } from '../analysis/sql/infer-tables.ts';
import { findTable, type Schema } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { Blueprint } from '../twin/twin.ts';
import { createdBy, type DdlSource, isNumbered, orderDdl } from './ddl-order.ts';
import { declaredEngines, isMigration, withDeclared } from './declared.ts';
import { relativeTo } from './paths.ts';
import { probesIn, withProbes } from './probes.ts';
import { buildsSchema, isProbe, queriesOf, relationsOf, runsInTransaction } from './relations.ts';

export interface Database {
  readonly engine: EngineId;
  /** The project's folder. */
  readonly root: string;
  /** In load order; the index is the statement's key in the blueprint. */
  readonly ddl: readonly DdlSource[];
  /** What the DDL declares and what only queries mention. */
  readonly schema: Schema;
  /** Names of the tables that only queries mention. */
  readonly inferred: readonly string[];
  readonly blueprint: Blueprint;
  /** The statement's key in the blueprint, where it is part of it. */
  keyOf(query: Query): string | undefined;
}
export interface Databases {
  /** `fresh`: with what the last edits say of tables that only queries mention; otherwise that may be a keystroke behind. */
  of(query: Query, fresh: boolean): Database | undefined;
  /** What the projects declare for an engine, with the places. */
  declared(engine: EngineId): readonly Schema[];
  /**
   * Exchanges a document for its next state. False where that changes what is created, so that everything
   * has to be grouped anew.
   */
  exchange(before: Document, after: Document): boolean;
}
export interface DatabasesContext {
  readonly projectRoot: (path: string) => string;
  /** The opened folder a file stands in: what counts as a test is told from the path below it. */
  readonly top: (path: string) => string;
  readonly assumedRows: (path: string) => number;
}

/** A database before its queries are known. */
interface Draft {
  readonly engine: EngineId;
  readonly root: string;
  readonly ddl: readonly DdlSource[];
  readonly declared: Schema;
  readonly names: ReadonlySet<string>;
  /** By the document they stand in. */
  readonly queries: Map<Document, Query[]>;
  finished?: Database | undefined;
  stale: boolean;
}

/** Below the opened folder: what only tests see. */
export const testPath =
  /(?:^|\/)(?:tests?|__tests__|spec|specs|testdata|fixtures|e2e)\/|(?:^|\/)(?:test_[^/]*|conftest)\.py$|_test\.(?:go|py|rs)$|\.(?:test|spec)\.[cm]?[jt]sx?$/;

export function groupDatabases(documents: readonly Document[], context: DatabasesContext): Databases {
  const shared = new Map<string, DdlSource[]>();
  const own = new Map<string, DdlSource[]>();
  const engines: readonly EngineId[] = ['sqlite', 'postgres'];
  const declaring = new Map<string, Document[]>();
  for (const document of documents) {
    const apart = isApart(document, context);
    if (document.declares !== undefined && !apart) push(declaring, context.projectRoot(document.path), document);
    if (isMigration(document)) continue;
    for (const query of queriesOf(document)) {
      const engine = engines.find((id) => id === query.dialect);
      if (engine === undefined || !buildsSchema(query)) continue;
      const source = { path: document.path, query };
      push(own, `${engine}\u0000${document.path}`, source);
      if (!apart) push(shared, `${engine}\u0000${context.projectRoot(document.path)}`, source);
    }
  }
  const probes = probesIn(documents);
  const probing = Map.groupBy(
    [...probes.keys()].filter((path) => documents.some((document) => document.path === path && !isApart(document, context))),
    (path) => context.projectRoot(path),
  );
  const drafts = new Map<string, Draft>();
  const draftOf = (key: string, engine: EngineId, root: string, ddl: () => readonly DdlSource[]): Draft => {
    let draft = drafts.get(key);
    if (draft === undefined) {
      const shares = key === `postgres\u0000${root}`;
      const ordered = engine === 'postgres' ? withProbes(ddl(), probes, shares ? (probing.get(root) ?? []) : []) : ddl();
      const declared = buildSchema(engine, ordered);
      draft = {
        engine,
        root,
        ddl: ordered,
        declared,
        names: new Set(declared.tables.map(({ name }) => name.toLowerCase())),
        queries: new Map(),
        stale: true,
      };
      drafts.set(key, draft);
    }
    return draft;
  };
  const sharedDraft = (engine: EngineId, root: string): Draft =>
    draftOf(`${engine}\u0000${root}`, engine, root, () => {
      const sql = orderDdl(shared.get(`${engine}\u0000${root}`) ?? []);
      const tools = declaring.get(root) ?? [];
      const said = declaredEngines(tools);
      return said.size === 0 || said.has(engine) ? withDeclared(engine, tools, sql) : sql;
    });
  // Every project's database exists before queries are handed out, so that one without tables can find another's.
  for (const key of shared.keys()) {
    const [engine, root] = key.split('\u0000') as [EngineId, string];
    sharedDraft(engine, root);
  }
  for (const [root, tools] of declaring) for (const engine of declaredEngines(tools)) sharedDraft(engine, root);
  const membership = new WeakMap<Query, Draft>();
  const join = (document: Document) => {
    const root = context.projectRoot(document.path);
    const apart = isApart(document, context);
    for (const query of queriesOf(document)) {
      const engine = engines.find((id) => id === query.dialect);
      if (engine === undefined) continue;
      const project = sharedDraft(engine, root);
      const declarations = own.get(`${engine}\u0000${document.path}`);
      let draft = project;
      if (apart ? declarations !== undefined || !knowsAll(project, query) : declarations !== undefined && differs(declarations, project)) {
        draft = draftOf(`${engine}\u0000${document.path}`, engine, root, () => {
          const first = orderDdl(declarations ?? []);
          return document.language === 'markdown' ? first : [...first, ...project.ddl.filter((source) => !first.includes(source))];
        });
      }
      if (!knowsAll(draft, query)) draft = otherDraft(drafts, draft, query) ?? draft;
      membership.set(query, draft);
      if (knowsAll(draft, query)) continue;
      const list = draft.queries.get(document);
      if (list === undefined) draft.queries.set(document, [query]);
      else list.push(query);
      draft.stale = true;
    }
  };
  for (const document of documents) join(document);
  return {
    of(query, fresh) {
      const draft = membership.get(query);
      if (draft === undefined) return undefined;
      if (draft.finished === undefined || (draft.stale && fresh)) {
        draft.finished = finish(draft, context.assumedRows(draft.root), draft.finished);
        draft.stale = false;
      }
      return draft.finished;
    },
    declared: (engine) =>
      [...drafts].flatMap(([key, draft]) => (draft.engine === engine && key === `${engine}\u0000${draft.root}` ? [draft.declared] : [])),
    exchange(before, after) {
      const counts = (query: Query): boolean => buildsSchema(query) || isProbe(query);
      if (queriesOf(before).some(counts) || queriesOf(after).some(counts)) return false;
      if (JSON.stringify(before.declares) !== JSON.stringify(after.declares)) return false;
      for (const draft of drafts.values()) if (draft.queries.delete(before)) draft.stale = true;
      join(after);
      return true;
    },
  };
}

/** A guide's or a test's tables are no other file's. */
function isApart(document: Document, context: DatabasesContext): boolean {
  if (document.language === 'markdown') return true;
  return testPath.test(relativeTo(context.top(document.path), document.path));
}

function push<Item>(map: Map<string, Item[]>, key: string, source: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [source]);
  else list.push(source);
}

const knowsAll = (draft: Draft, query: Query): boolean => relationsOf(query.statement).every((name) => draft.names.has(name));

/** Another database of the same engine that has every table of the query, where this one has none of them. */
function otherDraft(drafts: ReadonlyMap<string, Draft>, draft: Draft, query: Query): Draft | undefined {
  const names = relationsOf(query.statement);
  if (names.length === 0 || names.some((name) => draft.names.has(name))) return undefined;
  const others = [...drafts.entries()].filter(
    ([key, other]) =>
      key === `${other.engine}\u0000${other.root}` && other.engine === draft.engine && other !== draft && knowsAll(other, query),
  );
  return others.length === 1 ? others[0]?.[1] : undefined;
}

/** The file creates a table that the project's database has with other columns. */
function differs(declarations: readonly DdlSource[], project: Draft): boolean {
  return declarations.some(({ query }) => {
    const { statement } = query;
    if (statement.kind !== 'create table' || statement.columns.length === 0) return false;
    const table = findTable(project.declared, statement.name.name.text);
    // A migration of today or of another day: a later one may have dropped it or given it another name.
    if (table === undefined) return !isSequenced(project, createdBy(statement));
    const known = new Set(table.columns.map(({ name }) => name.toLowerCase()));
    // Migrations may have added to it since; what the file has and the project has not is the difference.
    return statement.columns.some(({ name }) => !known.has(name.text.toLowerCase())) && !isSequenced(project, createdBy(statement));
  });
}

/** The table has migrations, which are what the running database went through, whatever another file says. */
function isSequenced({ ddl }: Draft, created: string | undefined): boolean {
  let made = sequenced.get(ddl);
  if (made === undefined) {
    const numbered = ddl.filter(({ path, query }) => query.from === 'file' && isNumbered(path));
    made = new Set(numbered.map(({ query }) => createdBy(query.statement)));
    sequenced.set(ddl, made);
  }
  return made.has(created);
}
/** What the migrations create: asked for each table that a file creates, and looked up in a closed file's packed statements. */
const sequenced = new WeakMap<readonly DdlSource[], ReadonlySet<string | undefined>>();

/** What the DDL creates, also what it takes away later. */
function madeBy(ddl: readonly DdlSource[]): ReadonlySet<string | undefined> {
  let made = creations.get(ddl);
  if (made === undefined) {
    made = new Set(ddl.map(({ query }) => createdBy(query.statement)));
    creations.set(ddl, made);
  }
  return made;
}
const creations = new WeakMap<readonly DdlSource[], ReadonlySet<string | undefined>>();

/** Gives back `last` where the queries infer what they inferred then. */
function finish(draft: Draft, assumedRows: number, last: Database | undefined): Database {
  const made = madeBy(draft.ddl);
  // What the migrations create and take away again is not there, whatever an old statement of theirs says.
  const inferred = inferTables([...draft.queries.values()].flat(), draft.declared).filter(
    ({ name }) => !made.has(`table ${name.toLowerCase()}`),
  );
  const statements = [
    ...inferred.map((table, index) => ({ key: `inferred ${index}`, sql: createTableSql(draft.engine, table) })),
    ...draft.ddl.map(({ query }, index) => ({
      key: String(index),
      sql: query.sql,
      ...(isProbe(query) && { probe: runsInTransaction(query) ? ('in transaction' as const) : ('alone' as const) }),
    })),
  ];
  const hash = createHash('sha256');
  hash.update(JSON.stringify([draft.engine, assumedRows, statements]));
  const digest = hash.digest('hex').slice(0, 32);
  if (last?.blueprint.hash === digest) return last;
  const keys = new Map(draft.ddl.map(({ query }, index) => [query, String(index)] as const));
  return {
    engine: draft.engine,
    root: draft.root,
    keyOf: (query) => keys.get(query),
    ddl: draft.ddl,
    schema: inferred.length === 0 ? draft.declared : { ...draft.declared, tables: [...draft.declared.tables, ...inferred] },
    inferred: inferred.map(({ name }) => name),
    blueprint: { engine: draft.engine, hash: digest, ddl: statements, assumedRows },
  };
}
