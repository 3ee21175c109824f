/** What is known about one statement: from the connection that has its tables, else from an embedded engine with the repository's schema. */

import { candidateIndexes } from '../analysis/advisor/candidates.ts';
import { hostOffset, type Query } from '../analysis/document.ts';
import type { CandidateIndex, FactName, FactTypes, Plan, PlanStep, Rejection } from '../analysis/facts.ts';
import { findTable, type Schema } from '../analysis/sql/schema.ts';
import type { EngineRejection, Explained } from '../engines/engine.ts';
import type { Blueprint, Loaded } from '../twin/twin.ts';
import type { Catalogue, Connections, Live } from './connections.ts';
import type { Database } from './databases.ts';
import { asItIs, blueprintOf, type Planners } from './planners.ts';
import type { Configuration } from './project.ts';
import { buildsSchema, isPlannable, isProbe, relationsOf } from './relations.ts';
import { schemaFact, statisticsFact, withPlaces } from './schema-facts.ts';
import type { SnapshotDatabase } from './snapshot-database.ts';

export interface QueryRequest {
  readonly query: Query;
  readonly names: ReadonlySet<FactName>;
  /** Where the repository says it belongs. */
  readonly database: Database | undefined;
  readonly connections: Connections;
  /** The database whose statistics a person named. */
  readonly snapshot?: SnapshotDatabase | undefined;
  readonly planners: Planners;
  readonly configuration: Configuration;
  /** Whether engines may be asked; otherwise only what they said before is used. */
  readonly engines: boolean;
  /** Nothing tells whose dialect it is: the engine plans it, and its refusals say nothing. */
  readonly assumed: boolean;
}
type Found = { -readonly [Name in FactName]?: FactTypes[Name] };
export interface QueryAnswer {
  readonly facts: Partial<FactTypes>;
  /** False when an engine has still to be asked. */
  readonly complete: boolean;
}

export async function queryFacts(request: QueryRequest): Promise<QueryAnswer> {
  const { query, names, database, connections } = request;
  const engine = database?.engine ?? (query.dialect === 'sqlite' || query.dialect === 'postgres' ? query.dialect : undefined);
  if (engine === undefined) return { facts: {}, complete: true };
  // What builds the schema is judged by the schema that is being built, not by one that a server happens to have.
  if (buildsSchema(query) || isProbe(query)) return database === undefined ? { facts: {}, complete: true } : ddlFacts(request, database);
  if (!isPlannable(query)) return { facts: {}, complete: true };
  const live = connections.holding(engine, query.statement);
  const catalogue = live?.knownCatalogue();
  const waiting =
    live === undefined &&
    !request.engines &&
    connections.all.some((other) => other.connection.engine === engine && other.knownCatalogue() === undefined);
  if (waiting) return { facts: {}, complete: false };
  if (live !== undefined && catalogue !== undefined) {
    const answer = await liveFacts(request, live, catalogue);
    if (answer !== undefined) return answer;
  }
  const { snapshot } = request;
  if (snapshot?.snapshot.engine === engine && snapshot.holds(query.statement, database)) return snapshotFacts(request, snapshot);
  if (database === undefined) return { facts: {}, complete: true };
  const found: Found = {};
  if (names.has('schema')) found.schema = schemaFact(database.schema, { grade: 'static', source: 'the repository’s own SQL' });
  const used = relationsOf(query.statement);
  const { blueprint, schema } = database;
  const inferred = database.inferred.filter((name) => used.includes(name.toLowerCase()));
  return planFacts(request, { blueprint, schema, declared: schema, inferred, assumed: used }, found);
}

async function ddlFacts({ query, names, planners, engines, assumed }: QueryRequest, database: Database): Promise<QueryAnswer> {
  const found: Found = {};
  if (names.has('schema')) found.schema = schemaFact(database.schema, { grade: 'static', source: 'the repository’s own SQL' });
  const key = database.keyOf(query);
  if (!names.has('rejection') || key === undefined || assumed) return { facts: found, complete: true };
  const loaded = engines ? await planners.load(database.blueprint) : planners.known.load(database.blueprint);
  if (loaded === undefined) return { facts: found, complete: engines || planners.problem(database.blueprint) !== undefined };
  const entry = loaded.rejections.find((rejection) => rejection.key === key);
  if (entry !== undefined && entry.ignore === undefined) {
    found.rejection = {
      grade: 'planned',
      source: planners.sourceOf(database.blueprint, loaded),
      rejection: placed(entry.rejection, query),
      inferred: database.inferred,
    };
  }
  return { facts: found, complete: true };
}

/** Undefined where the connection's guard would not send the statement: then the embedded engine is asked. */
async function liveFacts(request: QueryRequest, live: Live, catalogue: Catalogue): Promise<QueryAnswer | undefined> {
  const { query, names, planners, configuration, engines, database } = request;
  const source = { grade: 'live', source: live.connection.label } as const;
  const found: Found = {};
  let complete = true;
  if (names.has('schema')) found.schema = schemaFact(withPlaces(catalogue.schema, database), source);
  if (names.has('statistics')) found.statistics = statisticsFact(catalogue.statistics, source, configuration);
  if (!names.has('plan') && !names.has('whatIf') && !names.has('rejection')) return { facts: found, complete };
  let answer: Explained | undefined;
  try {
    answer = engines ? await live.plans.get(query.sql, () => live.connection.explain(query.sql)) : live.plans.peek(query.sql);
  } catch (error) {
    // A connection that is gone tells so itself; one statement that took too long costs its own facts only.
    live.failed(error);
    return { facts: found, complete };
  }
  if (answer === undefined) return { facts: found, complete: false };
  if (answer.outcome === 'refused') return undefined;
  if (answer.outcome === 'rejected') {
    if (names.has('rejection')) found.rejection = { ...source, rejection: placed(answer.rejection, query), inferred: [] };
    return { facts: found, complete };
  }
  const { plan } = answer;
  const uncounted = relationsOf(query.statement).filter((name) => !catalogue.statistics.some(({ table }) => table.toLowerCase() === name));
  if (names.has('plan')) found.plan = { ...source, plan, assumed: uncounted, inferred: [] };
  if (names.has('whatIf')) {
    const small = (table: string) =>
      (catalogue.statistics.find((entry) => entry.table.toLowerCase() === table)?.rows ?? Number.POSITIVE_INFINITY) <
      configuration.smallTable;
    const candidates = worthTrying(query, plan, catalogue.schema, true).filter(({ table }) => !small(table.toLowerCase()));
    if (candidates.length > 0) {
      // Indexes are tried on a copy of its catalogue: nothing is ever created in a connected database.
      let snapshot: Awaited<ReturnType<Live['snapshot']>> | undefined;
      try {
        snapshot = engines ? await live.snapshot() : live.knownSnapshot();
      } catch (error) {
        live.failed(error);
        return { facts: found, complete };
      }
      if (snapshot === undefined) return { facts: found, complete: false };
      const blueprint = blueprintOf(snapshot, configuration.assumedRows);
      const before = engines ? await planners.explain(blueprint, query.sql) : planners.known.explain(blueprint, query.sql);
      const tried = engines
        ? await planners.whatIf(blueprint, query.sql, candidates)
        : planners.known.whatIf(blueprint, query.sql, candidates);
      if (before?.outcome === 'planned' && tried !== undefined) {
        found.whatIf = { ...source, before: before.plan, tried: bestFirst(tried), assumed: uncounted, inferred: [] };
      } else if (before === undefined || tried === undefined) complete = engines;
    }
  }
  return { facts: found, complete };
}

/** From the snapshot, in an embedded engine that plans as the database would. */
async function snapshotFacts(request: QueryRequest, { snapshot, blueprint: blueprintFor }: SnapshotDatabase): Promise<QueryAnswer> {
  const { query, names, database, planners, configuration, engines } = request;
  const source = { grade: 'planned', source: snapshot.label } as const;
  const found: Found = {};
  if (names.has('statistics')) found.statistics = statisticsFact(snapshot.tables, source, configuration);
  const blueprint = blueprintFor(database, configuration.assumedRows);
  const loaded = engines ? await planners.load(blueprint) : planners.known.load(blueprint);
  if (loaded === undefined) return { facts: found, complete: engines || planners.problem(blueprint) !== undefined };
  const schema = withPlaces(loaded.schema, database);
  if (names.has('schema')) found.schema = schemaFact(schema, source);
  const rows = new Map(snapshot.tables.map((entry) => [entry.table.toLowerCase(), entry.rows] as const));
  const used = relationsOf(query.statement);
  const views = new Set(schema.tables.flatMap(({ name, kind }) => (kind === 'view' ? [name.toLowerCase()] : [])));
  const assumed = used.filter((name) => !rows.has(name) && !views.has(name));
  const isSmall = (table: string): boolean => (rows.get(table.toLowerCase()) ?? Number.POSITIVE_INFINITY) < configuration.smallTable;
  return planFacts(
    request,
    { blueprint, schema, declared: database?.schema ?? schema, inferred: [], assumed, label: snapshot.label, isSmall },
    found,
  );
}

interface Ground {
  readonly blueprint: Blueprint;
  readonly schema: Schema;
  /** What the repository's DDL says, whether or not the embedded engine could build it. */
  readonly declared: Schema;
  /** Of the statement's tables: only queries mention them. */
  readonly inferred: readonly string[];
  /** Of the statement's tables: nobody counted them. */
  readonly assumed: readonly string[];
  /** Whose statistics the plans rest on. */
  readonly label?: string | undefined;
  readonly isSmall?: ((table: string) => boolean) | undefined;
}

async function planFacts(
  { query, names, planners, configuration, engines, assumed }: QueryRequest,
  ground: Ground,
  found: Found,
): Promise<QueryAnswer> {
  if (!names.has('plan') && !names.has('whatIf') && !names.has('rejection')) return { facts: found, complete: true };
  const { blueprint, inferred } = ground;
  const loaded = engines ? await planners.load(blueprint) : planners.known.load(blueprint);
  const ask = async (which: Blueprint) => (engines ? planners.explain(which, query.sql) : planners.known.explain(which, query.sql));
  const shown = asItIs(blueprint);
  const answer = loaded === undefined ? undefined : await ask(shown);
  if (loaded === undefined || answer === undefined) return { facts: found, complete: engines || planners.problem(blueprint) !== undefined };
  const planner = planners.sourceOf(blueprint, loaded);
  const named = ground.label === undefined ? planner : `${planner} with ${ground.label}`;
  const source = { grade: 'planned', source: assumed ? `${named}, no dialect being declared` : named } as const;
  const used = relationsOf(query.statement);
  if (answer.outcome === 'rejected') {
    // A column that is not there is not there in any dialect.
    const counts = !assumed || answer.rejection.kind === 'unknown-column';
    if (names.has('rejection') && counts && isOwnFault(answer.rejection, inferred, loaded, ground.declared, used)) {
      found.rejection = { ...source, rejection: placed(answer.rejection, query), inferred };
    }
    return { facts: found, complete: true };
  }
  if (answer.outcome !== 'planned') return { facts: found, complete: true };
  const { plan } = answer;
  const sizes = { assumed: ground.assumed, inferred, assumedRows: configuration.assumedRows };
  if (names.has('plan')) found.plan = { ...source, plan, ...sizes };
  if (names.has('whatIf')) {
    const candidates = worthTrying(query, plan, ground.schema, ground.label !== undefined).filter(
      ({ table }) => ground.isSmall?.(table) !== true,
    );
    if (candidates.length > 0) {
      const tried = engines
        ? await planners.whatIf(blueprint, query.sql, candidates)
        : planners.known.whatIf(blueprint, query.sql, candidates);
      const before = shown === blueprint ? answer : await ask(blueprint);
      if (tried === undefined || before === undefined) return { facts: found, complete: engines };
      if (before.outcome === 'planned') found.whatIf = { ...source, before: before.plan, tried: bestFirst(tried), ...sizes };
    }
  }
  return { facts: found, complete: true };
}

/**
 * Whether the statement itself is to blame, and not what the embedded engine lacks: a table whose own
 * columns are guessed, or one that it could not build.
 */
function isOwnFault(
  rejection: EngineRejection,
  inferred: readonly string[],
  loaded: Loaded,
  declared: Schema,
  used: readonly string[],
): boolean {
  const aboutNames = rejection.kind === 'unknown-relation' || rejection.kind === 'unknown-column';
  if (!aboutNames) return true;
  if (inferred.length > 0) return false;
  const built = new Set(loaded.schema.tables.map(({ name }) => name.toLowerCase()));
  // A table that the DDL declares and the engine has not: its CREATE TABLE was refused, and that is told there.
  // A temporary one is the session's, and not in its schema.
  const wanted = (name: string): boolean => ![undefined, 'temporary'].includes(findTable(declared, name)?.kind);
  if (used.some((name) => !built.has(name) && wanted(name))) return false;
  const name = rejection.name?.split('.').at(-1)?.toLowerCase();
  if (rejection.kind !== 'unknown-column' || name === undefined) return true;
  return !used.some((table) => findTable(declared, table)?.columns.some((column) => column.name.toLowerCase() === name));
}

/** An engine's answer is kept while nothing it rests on changes, and with it what is worth trying against it. */
const candidatesFor = new WeakMap<Plan, { readonly schema: Schema; readonly candidates: readonly CandidateIndex[] }>();
/** Cheaper than this, in the units of PostgreSQL (a page read in sequence is one), there is nothing to gain that anybody would notice. */
const worthLooking = 100;
/**
 * No index helps a plan that neither reads everything nor sorts, as far as anybody knows. `counted`: the planner knows how many rows an index
 * leaves, so that a better one can be told from the one that is there.
 */
function worthTrying(query: Query, plan: Plan, schema: Schema, counted: boolean): readonly CandidateIndex[] {
  const known = candidatesFor.get(plan);
  if (known?.schema === schema) return known.candidates;
  const visit = (step: PlanStep): boolean =>
    step.kind === 'scan' || step.kind === 'index-scan' || step.kind === 'sort' || step.children.some(visit);
  const dear = counted && plan.engine === 'postgres' && plan.totalCost >= worthLooking;
  const candidates = dear || plan.steps.some(visit) ? candidateIndexes(query.statement, schema) : [];
  candidatesFor.set(plan, { schema, candidates });
  return candidates;
}

function bestFirst<Tried extends { readonly plan: Plan; readonly used: boolean }>(tried: readonly Tried[]): readonly Tried[] {
  return [...tried].sort((left, right) => Number(right.used) - Number(left.used) || left.plan.totalCost - right.plan.totalCost);
}

function placed({ offset, ...rejection }: EngineRejection, query: Query): Rejection {
  if (offset === undefined) return { ...rejection, span: query.span };
  const start = hostOffset(query.segments, offset);
  const length = wordLength(query.sql, offset);
  const end = hostOffset(query.segments, offset + length);
  const span = start < end && query.span.start <= start && end <= query.span.end ? { start, end } : query.span;
  return { ...rejection, span };
}

/** Engines point at the first character of the word they stumbled over. */
function wordLength(sql: string, offset: number): number {
  const rest = sql.slice(offset, offset + 200);
  const word = /^(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[\w$]+(?:\.[\w$]+)*|.)/su.exec(rest);
  return word?.[0].length ?? 1;
}
