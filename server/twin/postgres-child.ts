/** PostgreSQL's twin: one schema at a time in PGlite, with the sizes of production and none of its rows. */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import { EngineError, type Explained } from '../engines/engine.ts';
import { askPlan } from '../engines/postgres/ask-plan.ts';
import { guard, loadGuard, type Parsed } from '../engines/postgres/guard.ts';
import { planFrom, planUses } from '../engines/postgres/plan.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import { readSchema } from '../engines/postgres/schema.ts';
import { freeName } from './candidate-name.ts';
import { type Embedded, startPglite } from './pglite.ts';
import { applyDdl } from './postgres-ddl.ts';
import { noPrices, type Placed, type Prices, place, priceOne, quickPlan } from './postgres-price.ts';
import { applySettings, emptied, serverDefaults, setSearchPath } from './postgres-session.ts';
import {
  keyOf,
  listRelations,
  type PostgresPlanner,
  type Query,
  type Relation,
  type RelationSize,
  resize,
  sizesFor,
} from './postgres-size.ts';
import { applySnapshot } from './postgres-snapshot.ts';
import { restoreColumns, restoreExtended } from './postgres-statistics.ts';
import { build as buildCandidates, builtOf, emptyShelf, renamed, type Stage, show } from './postgres-what-if.ts';
import { together } from './together.ts';
import type { Blueprint, IndexSet, Loaded } from './twin.ts';

interface NotLoaded {
  readonly outcome: 'not-loaded';
}
interface Built extends Stage {
  readonly hash: string;
  readonly loaded: Loaded;
  readonly blueprint: Blueprint;
  readonly prices: Prices;
}

let embedded: Embedded | undefined;
let built: Built | undefined;

function database(): Embedded {
  if (embedded === undefined) throw new EngineError('internal', 'The embedded PostgreSQL was not started.');
  return embedded;
}
const query: Query = async (sql, parameters) =>
  (await database().database.query<Record<string, unknown>>(sql, parameters as unknown[] | undefined)).rows;
const first = async (sql: string): Promise<unknown> => Object.values((await query(sql))[0] ?? {})[0];

/** How the texts of the engine that runs compare. */
let byteOrder = true;

async function start(wanted: boolean): Promise<void> {
  embedded = await startPglite(wanted);
  byteOrder = wanted;
  await loadGuard();
  await embedded.database.query('CREATE EXTENSION pg_buffercache SCHEMA pg_catalog');
  for (const setting of serverDefaults) await embedded.database.query(setting);
}

/** An engine with nothing in it. */
async function clean(wanted: boolean): Promise<void> {
  if (embedded !== undefined && built === undefined) {
    // A load that broke off may have left anything.
    await embedded.database.query('ROLLBACK').catch(() => {});
  }
  built = undefined;
  if (embedded === undefined) return start(wanted);
  if (byteOrder === wanted && (await emptied(query))) return;
  await embedded.database.close().catch(() => {});
  await start(wanted);
}

async function sizeEverything(blueprint: Blueprint): Promise<{ relations: readonly Relation[]; sizes: ReadonlyMap<string, RelationSize> }> {
  // What was read of the indexes until now must not be remembered; written, it can be forgotten.
  await query('CHECKPOINT');
  const relations = await listRelations(query);
  const sizes = sizesFor(relations, blueprint.snapshot, blueprint.assumedRows);
  for (const relation of relations) {
    const size = sizes.get(keyOf(relation));
    if (size !== undefined) await resize(database(), query, relation, size, size.height);
  }
  await query('SELECT pg_catalog.pg_buffercache_evict_all()');
  return { relations, sizes };
}

async function load(blueprint: Blueprint): Promise<Loaded> {
  if (built?.hash === blueprint.hash) return built.loaded;
  const planner = blueprint.snapshot?.planner as PostgresPlanner | undefined;
  await clean(planner?.byteOrder ?? true);
  // The simple protocol is one message where the extended one is five, and there are thousands of statements.
  const run = (sql: string): Promise<unknown> => database().database.exec(sql);
  await applySnapshot(run, blueprint.snapshot?.ddl ?? []);
  const rejections = await applyDdl(run, blueprint.ddl);
  await query('RESET search_path');
  if (planner !== undefined) {
    await applySettings(query, planner);
    await restoreColumns(query, planner.columns);
    await restoreExtended(query, planner.extended ?? []);
  }
  await setSearchPath(query, planner);
  const { relations, sizes } = await sizeEverything(blueprint);
  const schema = await readSchema(first);
  const version = String(await first('SHOW server_version')).split(' ')[0] ?? '';
  const loaded = { version, schema, rejections };
  built = {
    hash: blueprint.hash,
    blueprint,
    loaded,
    schema,
    relations,
    sizes,
    planner,
    engine: database(),
    query,
    shelf: emptyShelf(),
    prices: noPrices(),
  };
  return loaded;
}

/** Runs `act` and leaves no prepared statement behind. */
async function planOf(sql: string, parsed: Parsed): Promise<Explained> {
  if (parsed.parameters === 0) return askPlan(first, sql, parsed);
  await query('SET plan_cache_mode = force_generic_plan');
  try {
    return await askPlan(first, sql, parsed);
  } finally {
    await query('DEALLOCATE ALL').catch(() => {});
  }
}

interface Question {
  readonly hash: string;
  readonly sql: string;
}

/**
 * An error inside WebAssembly leaves PostgreSQL in no state to go on: it is dropped, and the next question loads its schema into a fresh one. Only
 * the statement that did it goes without an answer.
 */
async function withRepair<Answer>(act: () => Promise<Answer>, instead: (reason: string) => Answer): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (asFault(error) === undefined) {
      built = undefined;
      embedded = undefined;
    }
    return instead(`The embedded PostgreSQL could not plan it (${reason}).`);
  }
}

async function loadOrRestart(blueprint: Blueprint): Promise<Loaded> {
  try {
    return await load(blueprint);
  } catch (error) {
    embedded = undefined;
    built = undefined;
    if (error instanceof EngineError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('internal', `The embedded PostgreSQL could not build the schema (${reason}).`, { cause: error });
  }
}

export const handlers = {
  load: loadOrRestart,
  async explain({ hash, sql }: Question): Promise<Explained | NotLoaded> {
    if (built?.hash !== hash) return { outcome: 'not-loaded' };
    // The twin holds nothing that could be harmed; the guard only keeps away what has no plan.
    const parsed = guard(sql);
    if (parsed.outcome !== 'parsed') return parsed;
    const state = built;
    return withRepair(
      async () => {
        await show(state, new Set());
        // It belongs to every server that is watched, and to no repository's schema.
        if (/\bpg_stat_statements\b/i.test(sql))
          await database().database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA pg_catalog');
        return planOf(sql, parsed);
      },
      (reason): Explained => ({ outcome: 'refused', reason }),
    );
  },
  async whatIf({
    hash,
    sql,
    candidates,
  }: Question & { readonly candidates: readonly CandidateIndex[] }): Promise<readonly WhatIf[] | NotLoaded> {
    const state = built;
    if (state?.hash !== hash) return { outcome: 'not-loaded' };
    const parsed = guard(sql);
    // No plan without an index, none with one.
    if (parsed.outcome !== 'parsed') return [];
    const taken = new Set([...state.relations, ...state.schema.tables, ...state.schema.indexes].map(({ name }) => name.toLowerCase()));
    const tried: WhatIf[] = [];
    await withRepair(
      async () => {
        await buildCandidates(state, candidates);
        for (const candidate of candidates) {
          const own = builtOf(state, candidate);
          if (own === undefined) continue;
          await show(state, new Set(own.oids));
          const explained = await planOf(sql, parsed);
          if (explained.outcome !== 'planned') continue;
          const name = freeName(candidate, taken);
          const names = new Map([own.physical, ...own.names].map((each) => [each, name] as const));
          const used = [own.physical, ...own.names].some((each) => planUses(explained.plan, each));
          tried.push({ candidate, plan: planFrom(renamed(explained.plan.raw, names)), used, bytes: own.bytes });
        }
        await show(state, new Set());
        const before = await planOf(sql, parsed);
        if (before.outcome !== 'planned') return;
        const nameOf = (candidate: CandidateIndex): string => freeName(candidate, taken);
        tried.push(
          ...(await together(candidates, before.plan, tried, nameOf, async (set) => {
            const built = set.flatMap((candidate) => {
              const own = builtOf(state, candidate);
              return own === undefined ? [] : [{ own, name: nameOf(candidate) }];
            });
            await show(state, new Set(built.flatMap(({ own }) => own.oids)));
            const explained = await planOf(sql, parsed);
            const names = new Map(built.flatMap(({ own, name }) => [own.physical, ...own.names].map((each) => [each, name] as const)));
            return explained.outcome === 'planned' ? planFrom(renamed(explained.plan.raw, names)) : undefined;
          })),
        );
      },
      () => undefined,
    );
    return tried;
  },
  async price({
    hash,
    statements,
    set,
  }: {
    readonly hash: string;
    readonly statements: readonly string[];
    readonly set: IndexSet;
  }): Promise<readonly Explained[] | NotLoaded> {
    if (built?.hash !== hash) return { outcome: 'not-loaded' };
    const { blueprint } = built;
    const answers: Explained[] = [];
    let state: Built | undefined;
    let placed: Placed | undefined;
    for (const sql of statements) {
      answers.push(
        await withRepair(
          async () => {
            // A statement that broke the engine costs itself only.
            if (built === undefined) await loadOrRestart(blueprint);
            if (placed === undefined || state !== built) {
              state = built as Built | undefined;
              placed = state && (await place(state, set));
            }
            if (state === undefined || placed === undefined) throw new EngineError('internal', 'The embedded PostgreSQL lost its schema.');
            const stage = state;
            return priceOne(stage, stage.prices, sql, placed, async () => {
              const parsed = guard(sql);
              return parsed.outcome === 'parsed' ? ((await quickPlan(stage, sql)) ?? planOf(sql, parsed)) : parsed;
            });
          },
          (reason): Explained => ({ outcome: 'refused', reason }),
        ),
      );
    }
    return answers;
  },
  async sizes({
    hash,
    candidates,
  }: {
    readonly hash: string;
    readonly candidates: readonly CandidateIndex[];
  }): Promise<readonly number[] | NotLoaded> {
    const state = built;
    if (state?.hash !== hash) return { outcome: 'not-loaded' };
    await buildCandidates(state, candidates);
    return candidates.map((candidate) => builtOf(state, candidate)?.bytes ?? Number.POSITIVE_INFINITY);
  },
};
