/** The embedded engines: asked through caches, and given up on in one sentence when one fails. */
import { createHash } from 'node:crypto';
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import { EngineError, type Explained, type Snapshot } from '../engines/engine.ts';
import type { SqlitePlanner } from '../engines/sqlite/snapshot.ts';
import { createTwin } from '../twin/create-twin.ts';
import type { Blueprint, IndexSet, Loaded, Twin } from '../twin/twin.ts';
import { createRemembered } from './remembered.ts';

/** The embedded PostgreSQL takes half a gigabyte: it goes when nobody asked for half a minute, and is back within a second. */
const IDLE = 30_000;
/** A blueprint whose statements run out of time again and again is not asked any further. */
const PATIENCE = 3;

export interface Planners {
  /** Undefined where the engine failed; `problem` then says why. */
  load(blueprint: Blueprint): Promise<Loaded | undefined>;
  explain(blueprint: Blueprint, sql: string): Promise<Explained | undefined>;
  whatIf(blueprint: Blueprint, sql: string, candidates: readonly CandidateIndex[]): Promise<readonly WhatIf[] | undefined>;
  /** See Twin.price and Twin.sizes. Not remembered: a search asks nothing twice. Throws the signal's reason when aborted. */
  price(
    blueprint: Blueprint,
    statements: readonly string[],
    set: IndexSet,
    signal?: AbortSignal,
  ): Promise<readonly Explained[] | undefined>;
  sizes(blueprint: Blueprint, candidates: readonly CandidateIndex[], signal?: AbortSignal): Promise<readonly number[] | undefined>;
  /** Answers that are there already. */
  known: {
    load(blueprint: Blueprint): Loaded | undefined;
    explain(blueprint: Blueprint, sql: string): Explained | undefined;
    whatIf(blueprint: Blueprint, sql: string, candidates: readonly CandidateIndex[]): readonly WhatIf[] | undefined;
  };
  /** Who answers, for people: `PostgreSQL 18.6 (embedded)`. */
  sourceOf(blueprint: Blueprint, loaded: Loaded | undefined): string;
  /** One sentence, where this blueprint cannot be asked. */
  problem(blueprint: Blueprint): string | undefined;
  dispose(): Promise<void>;
}

export function createPlanners(log: (line: string) => void): Planners {
  const twins = new Map<EngineId, Twin>();
  const loads = createRemembered<Loaded>(64);
  const plans = createRemembered<Explained>(4_000);
  const trials = createRemembered<readonly WhatIf[]>(2_000);
  const problems = new Map<string, string>();
  const timeouts = new Map<string, number>();
  let disposed = false;

  const twinOf = (engine: EngineId): Twin => {
    let twin = twins.get(engine);
    if (twin === undefined) {
      twin = createTwin(engine, { idleMilliseconds: IDLE });
      twins.set(engine, twin);
    }
    return twin;
  };
  const attempt = async <Answer>(blueprint: Blueprint, ask: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer | undefined> => {
    if (disposed || problems.has(blueprint.hash)) return undefined;
    try {
      return await ask();
    } catch (error) {
      if (disposed) return undefined;
      // Whoever no longer waits has found out nothing about the engine.
      if (signal?.aborted) throw signal.reason;
      const message = error instanceof Error ? error.message : String(error);
      log(`The embedded ${engineNames[blueprint.engine]}: ${message}`);
      const late = error instanceof EngineError && error.kind === 'timeout';
      const count = (timeouts.get(blueprint.hash) ?? 0) + 1;
      timeouts.set(blueprint.hash, count);
      if (!late || count >= PATIENCE) problems.set(blueprint.hash, message);
      return undefined;
    }
  };
  const planKey = (blueprint: Blueprint, sql: string) => `${blueprint.hash}\u0000${sql}`;
  const trialKey = (blueprint: Blueprint, sql: string, candidates: readonly CandidateIndex[]) =>
    `${blueprint.hash}\u0000${sql}\u0000${JSON.stringify(candidates)}`;
  return {
    load: (blueprint) => attempt(blueprint, () => loads.get(blueprint.hash, () => twinOf(blueprint.engine).load(blueprint))),
    explain: (blueprint, sql) =>
      attempt(blueprint, () => plans.get(planKey(blueprint, sql), () => twinOf(blueprint.engine).explain(blueprint, sql))),
    whatIf: (blueprint, sql, candidates) =>
      attempt(blueprint, () =>
        trials.get(trialKey(blueprint, sql, candidates), () => twinOf(blueprint.engine).whatIf(blueprint, sql, candidates)),
      ),
    price: (blueprint, statements, set, signal) =>
      attempt(blueprint, () => twinOf(blueprint.engine).price(blueprint, statements, set, signal), signal),
    sizes: (blueprint, candidates, signal) =>
      attempt(blueprint, () => twinOf(blueprint.engine).sizes(blueprint, candidates, signal), signal),
    known: {
      load: (blueprint) => loads.peek(blueprint.hash),
      explain: (blueprint, sql) => plans.peek(planKey(blueprint, sql)),
      whatIf: (blueprint, sql, candidates) => trials.peek(trialKey(blueprint, sql, candidates)),
    },
    sourceOf(blueprint, loaded) {
      const version = loaded === undefined ? '' : ` ${loaded.version.split('.').slice(0, 2).join('.')}`;
      return `${engineNames[blueprint.engine]}${version} (embedded)`;
    },
    problem: (blueprint) => problems.get(blueprint.hash),
    async dispose() {
      disposed = true;
      await Promise.allSettled([...twins.values()].map((twin) => twin.close()));
      twins.clear();
    },
  };
}

const engineNames: Readonly<Record<EngineId, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/** The same, to show how the database itself plans now; see `Blueprint.asItIs`. */
export function asItIs(blueprint: Blueprint): Blueprint {
  const { snapshot } = blueprint;
  if (blueprint.engine !== 'sqlite' || snapshot === undefined) return blueprint;
  const analysed = new Set((snapshot.planner as Partial<SqlitePlanner>).stat1?.map(({ tbl }) => tbl));
  if (snapshot.tables.every(({ table }) => analysed.has(table))) return blueprint;
  return { ...blueprint, hash: `${blueprint.hash} as it is`, asItIs: true };
}

const blueprints = new WeakMap<Snapshot, Blueprint>();
/** A connected database's own schema and statistics, to try indexes on without touching it. */
export function blueprintOf(snapshot: Snapshot, assumedRows: number): Blueprint {
  let blueprint = blueprints.get(snapshot);
  if (blueprint?.assumedRows !== assumedRows) {
    const hash = createHash('sha256').update(JSON.stringify([snapshot, assumedRows]));
    blueprint = { engine: snapshot.engine, hash: hash.digest('hex').slice(0, 32), ddl: [], snapshot, assumedRows };
    blueprints.set(snapshot, blueprint);
  }
  return blueprint;
}
