/** The databases that advice is given for: those a person named, or the repository's own. */
import { createHash } from 'node:crypto';
import type { Document, Query } from '../analysis/document.ts';
import { buildSchema } from '../analysis/sql/build-schema.ts';
import { parseStatements } from '../analysis/sql/parse.ts';
import type { Schema, TableStatistics } from '../analysis/sql/schema.ts';
import type { EngineId, Statement } from '../analysis/sql/statement.ts';
import type { Snapshot } from '../engines/engine.ts';
import type { Blueprint, Loaded } from '../twin/twin.ts';
import type { Live } from './connections.ts';
import type { Database, Databases } from './databases.ts';
import { orderDdl } from './ddl-order.ts';
import { blueprintOf, type Planners } from './planners.ts';
import { buildsSchema, queriesOf, relationsOf } from './relations.ts';

export interface Target {
  readonly engine: EngineId;
  /** For people: a connection's or a snapshot's label, a file, a folder. */
  readonly label: string;
  readonly blueprint: Blueprint;
  readonly loaded: Loaded;
  /** As the engine has it; with the tables that only queries mention. */
  readonly schema: Schema;
  /** Counted tables, lower case. */
  readonly statistics: ReadonlyMap<string, TableStatistics>;
  /** How the sizes are known. */
  readonly known: 'live' | 'snapshot' | 'assumed';
  /** Lower-case names of tables that only queries mention. */
  readonly inferred: ReadonlySet<string>;
  /** Lower-case view -> the tables it reads, views looked through. */
  readonly views: ReadonlyMap<string, readonly string[]>;
}

export async function liveTarget(live: Live, planners: Planners, assumedRows: number): Promise<Target> {
  return snapshotTarget(await live.snapshot(), live.connection.label, 'live', planners, assumedRows, []);
}

/** `ddl`: what a file of its own adds to the snapshot's schema. */
export async function snapshotTarget(
  snapshot: Snapshot,
  label: string,
  known: 'live' | 'snapshot',
  planners: Planners,
  assumedRows: number,
  ddl: readonly Query[],
): Promise<Target> {
  let blueprint = blueprintOf(snapshot, assumedRows);
  if (ddl.length > 0) {
    const statements = ddl.map(({ sql }, index) => ({ key: String(index), sql }));
    const hash = createHash('sha256')
      .update(JSON.stringify([blueprint.hash, statements]))
      .digest('hex')
      .slice(0, 32);
    blueprint = { ...blueprint, hash, ddl: statements };
  }
  const loaded = await loadedOf(blueprint, planners);
  const bodies = [
    ...snapshot.ddl.flatMap((sql) => parseStatements(sql, [], snapshot.engine).map(({ statement }) => statement)),
    ...ddl.map(({ statement }) => statement),
  ];
  return {
    engine: snapshot.engine,
    label,
    blueprint,
    loaded,
    schema: loaded.schema,
    statistics: new Map(snapshot.tables.map((table) => [table.table.toLowerCase(), table])),
    known,
    inferred: new Set(),
    views: viewsOf(bodies),
  };
}

/** A file's DDL alone. */
export async function schemaTarget(
  document: Document,
  engine: EngineId,
  label: string,
  planners: Planners,
  assumedRows: number,
): Promise<Target> {
  const ddl = schemaQueries(document, engine);
  const statements = ddl.map(({ query }, index) => ({ key: String(index), sql: query.sql }));
  const hash = createHash('sha256')
    .update(JSON.stringify([engine, assumedRows, statements]))
    .digest('hex')
    .slice(0, 32);
  const blueprint: Blueprint = { engine, hash, ddl: statements, assumedRows };
  const loaded = await loadedOf(blueprint, planners);
  return {
    engine,
    label,
    blueprint,
    loaded,
    schema: buildSchema(engine, ddl),
    statistics: new Map(),
    known: 'assumed',
    inferred: new Set(),
    views: viewsOf(ddl.map(({ query }) => query.statement)),
  };
}

export function schemaQueries(document: Document, engine: EngineId): readonly { readonly path: string; readonly query: Query }[] {
  const queries = queriesOf(document).filter((query) => buildsSchema(query) && (query.dialect === engine || query.dialect === 'unknown'));
  return orderDdl(queries.map((query) => ({ path: document.path, query })));
}

export async function databaseTarget(database: Database, label: string, planners: Planners): Promise<Target> {
  return {
    engine: database.engine,
    label,
    blueprint: database.blueprint,
    loaded: await loadedOf(database.blueprint, planners),
    schema: database.schema,
    statistics: new Map(),
    known: 'assumed',
    inferred: new Set(database.inferred.map((name) => name.toLowerCase())),
    views: viewsOf(database.ddl.map(({ query }) => query.statement)),
  };
}

/** Databases of the repository that these queries belong to, each once. */
export function databasesOf(queries: readonly Query[], databases: Databases): readonly Database[] {
  return [...new Set(queries.flatMap((query) => databases.of(query, true) ?? []))];
}

async function loadedOf(blueprint: Blueprint, planners: Planners): Promise<Loaded> {
  const loaded = await planners.load(blueprint);
  if (loaded === undefined) throw new Error(planners.problem(blueprint) ?? 'The embedded engine could not load the schema.');
  return loaded;
}

function viewsOf(statements: readonly Statement[]): ReadonlyMap<string, readonly string[]> {
  const views = new Map<string, readonly string[]>();
  for (const statement of statements) {
    if (statement.kind !== 'create view' || statement.query === undefined) continue;
    const read = relationsOf(statement.query);
    views.set(statement.name.name.text.toLowerCase(), [...new Set(read.flatMap((name) => views.get(name) ?? [name]))]);
  }
  return views;
}
