/**
 * A set of indexes for a weighted workload under a storage budget. Pure: what a planner must be asked is yielded in batches and the answers
 * are handed in, so that the host decides how to ask. The steps:
 *
 * 1. Every statement is planned with no index and with all of its candidates: where that saves nothing, no index helps it. The ones its best plan uses
 *    are the seeds; peeling them off one by one (search-plans.ts) shows the next best, smaller ones.
 * 2. Seeds of different statements on one table are merged into one that serves both (merge.ts).
 * 3. The set is selected on what is known by then (select.ts), planned for real, and what is next to it is asked about, until nothing better is found.
 * 4. What became unused is dropped, by real plans.
 */
import type { CandidateIndex } from '../facts.ts';
import { type Merged, mergedCandidates } from './merge.ts';
import { createPlanStore, type IndexSet, isNoticed, type KnownPlan, type PlanStore, type Threshold } from './search-plans.ts';
import { type SelectionProblem, select } from './select.ts';

export interface SearchStatement {
  /** Lower-case names of the tables it reads. */
  readonly tables: readonly string[];
  /** Candidates of its own, as places in the pool. */
  readonly candidates: readonly number[];
}
export interface SearchProblem {
  readonly statements: readonly SearchStatement[];
  /** How often the cost of each statement counts, told what it costs now; undefined for one without a plan. */
  readonly weigh: (before: readonly (number | undefined)[]) => readonly number[];
  /** Candidates without doubles. The search adds merged ones behind them. */
  readonly candidates: readonly CandidateIndex[];
  /** Bytes that all proposed indexes may take; no limit where absent. */
  readonly budget?: number | undefined;
  /** An existing index or key does already what it would. */
  readonly served: (candidate: CandidateIndex) => boolean;
  /** What the statements that write pay for this index, in the same unit as weight × cost. Asked after `weigh`. */
  readonly upkeep: (candidate: CandidateIndex, bytes: number) => number;
  /** The planner prunes its search, so that one more index can make a plan worse: then only what was asked is certain. */
  readonly prunes: boolean;
  /** Whether the engine takes INCLUDE columns; otherwise columns that should be covered become keys. */
  readonly include: boolean;
  /** What an index must do for at least one statement. */
  readonly threshold: Threshold;
}
/** One statement to plan with exactly these candidates visible among those on its tables. */
export interface Pricing {
  readonly statement: number;
  readonly build: IndexSet;
}
export type Question =
  | { readonly kind: 'price'; readonly pricings: readonly Pricing[]; readonly pool: readonly CandidateIndex[] }
  | { readonly kind: 'size'; readonly candidates: readonly CandidateIndex[] };
/** `priced`: in the pricings' order, undefined where the planner refused. `sized`: bytes, in the candidates' order. */
export type Reply =
  | { readonly kind: 'price'; readonly priced: readonly (Priced | undefined)[] }
  | { readonly kind: 'size'; readonly sized: readonly number[] };
export interface Priced {
  readonly cost: number;
  /** Candidates its plan uses, as places in the pool. */
  readonly used: IndexSet;
  /** Its scans of a whole table or index. */
  readonly passes: number;
}
export interface Chosen {
  readonly candidate: CandidateIndex;
  readonly bytes: number;
  readonly upkeep: number;
  /** Statements whose plan uses it. */
  readonly serves: readonly number[];
}
export interface Choice {
  readonly chosen: readonly Chosen[];
  /** For each statement, without and with the chosen indexes; undefined where it has no plan. */
  readonly before: readonly (number | undefined)[];
  readonly after: readonly (number | undefined)[];
  readonly weights: readonly number[];
  /** With every candidate there was: what no budget could better. */
  readonly ideal: readonly (number | undefined)[];
  /** Statements asked about, each with one set of indexes. */
  readonly pricings: number;
}
export type Search<Result> = Generator<Question, Result, Reply>;

/** Plans peeled for one statement: each is one more EXPLAIN, and past the fourth level the alternatives are hardly ever chosen (measured on TPC-H). */
const mostPeeled = 12;
const deepestPeel = 4;
/** Plans of a statement whose indexes are tried for the others: its best and the next ones. */
const seedsEach = 4;
/** Rounds of selecting and asking about the neighbourhood; on the schemas of the benchmark nothing changed after the third. */
const mostRounds = 6;
/** Questions of one round about the neighbourhood of a selection, for each statement, and at least. */
const neighboursEach = 3;
const fewestNeighbours = 150;
/** Costs closer than this share are the same: the planner itself does not tell paths apart below 1 % (`STD_FUZZ_FACTOR`). */
const same = 0.0001;

interface State {
  readonly problem: SearchProblem;
  readonly pool: CandidateIndex[];
  readonly bytes: number[];
  readonly upkeep: number[];
  readonly store: PlanStore;
  /** Lower-case table of each of the pool, and those that each statement reads. */
  readonly tables: string[];
  readonly reads: readonly ReadonlySet<string>[];
  /** Of the pool: those that alone exceed the budget. */
  readonly barred: Set<number>;
  /** Candidates on the statement's tables. */
  readonly relevant: number[][];
  /** The other way round: planned statements that read a candidate's table. */
  readonly readers: number[][];
  /** Statements with a plan. */
  readonly planned: number[];
  weights: readonly number[];
  pricings: number;
}

export function* searchIndexes(problem: SearchProblem): Search<Choice> {
  const state: State = {
    problem,
    pool: [],
    bytes: [],
    upkeep: [],
    store: createPlanStore(problem.statements.length),
    relevant: problem.statements.map(() => []),
    tables: [],
    reads: problem.statements.map(({ tables }) => new Set(tables)),
    barred: new Set(),
    readers: [],
    planned: [],
    weights: [],
    pricings: 0,
  };
  const { store } = state;
  const everything = problem.statements.map((_, statement) => statement);
  yield* price(
    state,
    everything.map((statement) => ({ statement, build: [] })),
  );
  for (const statement of everything) if (store.plansOf(statement).length > 0) state.planned.push(statement);
  const noIndexAt = (statement: number): number | undefined => store.exact(statement, noIndexes)?.cost;
  state.weights = problem.weigh(everything.map(noIndexAt));
  yield* admit(state, problem.candidates);
  yield* explore(state);
  const free = select({ ...selectionProblem(state), budget: Number.POSITIVE_INFINITY }, []).set;
  const isTight = problem.budget !== undefined && free.reduce((sum, index) => sum + (state.bytes[index] ?? 0), 0) > problem.budget;
  const seeds = seedsOf(state, isTight ? [...free, ...select(selectionProblem(state), []).set] : free);
  const merged = mergedCandidates(seeds, state.pool, problem.include, isTight).filter(({ candidate }) => !problem.served(candidate));
  if (merged.length > 0) {
    const first = state.pool.length;
    yield* admit(
      state,
      merged.map(({ candidate }) => candidate),
    );
    yield* exploreMerged(state, first, merged);
  }
  let best = select(selectionProblem(state), []);
  for (let round = 0; round < mostRounds; round++) {
    yield* priceSet(state, best.set);
    const asked = yield* askNeighbours(state, best.set);
    const next = select(selectionProblem(state), [best.set]);
    const unchanged = next.set.join() === best.set.join();
    best = next;
    if (unchanged && asked === 0) break;
    if (unchanged && round > 0) break;
  }
  return yield* finish(state, best.set);
}

/** Takes candidates into the pool, with their sizes and what keeping them costs; those that alone exceed the budget stay out. */
function* admit(state: State, candidates: readonly CandidateIndex[]): Search<void> {
  if (candidates.length === 0) return;
  const reply = yield { kind: 'size', candidates };
  const sizes = reply.kind === 'size' ? reply.sized : [];
  const byTable = new Map<string, number[]>();
  for (const statement of state.planned)
    for (const table of state.problem.statements[statement]?.tables ?? []) push(byTable, table, statement);
  const { budget } = state.problem;
  for (const [at, candidate] of candidates.entries()) {
    const bytes = Math.max(1, sizes[at] ?? 1);
    const index = state.pool.push(candidate) - 1;
    state.bytes.push(bytes);
    state.upkeep.push(state.problem.upkeep(candidate, bytes));
    state.readers.push([]);
    const table = candidate.table.toLowerCase();
    state.tables.push(table);
    if (budget !== undefined && bytes > budget) {
      state.barred.add(index);
      continue;
    }
    for (const statement of byTable.get(table) ?? []) {
      state.relevant[statement]?.push(index);
      state.readers[index]?.push(statement);
    }
  }
}

/**
 * Asks what is not known yet, each question once. Answers how many were asked. `strictly`: also what follows from other answers: a planner that
 * prunes its search (SQLite's) may do worse with one more index.
 */
function* price(state: State, wanted: readonly Pricing[], strictly = false): Search<number> {
  const seen = new Set<string>();
  const pricings = wanted.filter(({ statement, build }) => {
    const key = `${statement} ${build.join()}`;
    if (seen.has(key)) return false;
    if (strictly ? state.store.asked(statement, build) : state.store.exact(statement, new Set(build)) !== undefined) return false;
    seen.add(key);
    return true;
  });
  if (pricings.length === 0) return 0;
  const reply = yield { kind: 'price', pricings, pool: state.pool };
  state.pricings += pricings.length;
  if (reply.kind !== 'price') return 0;
  for (const [at, { statement, build }] of pricings.entries()) {
    const answer = reply.priced[at];
    if (answer !== undefined) state.store.add(statement, build, answer);
  }
  return pricings.length;
}

/** Every statement with all of its own candidates; then, where that saves something, the alternatives to what its best plan uses. */
function* explore(state: State): Search<void> {
  const { store, relevant, planned } = state;
  const own = (statement: number): number[] => within(state, statement, state.problem.statements[statement]?.candidates ?? []);
  yield* price(
    state,
    planned.map((statement) => ({ statement, build: own(statement).sort((one, other) => one - other) })),
  );
  const helped = planned.filter((statement) => gains(state, statement));
  yield* peel(state, helped, own);
  // The alternatives that peeling has not shown are dearer; of those only small ones are of interest, where the budget is small.
  const isNarrow = (index: number): boolean => state.pool[index]?.keys.length === 1 && state.pool[index]?.include.length === 0;
  yield* price(
    state,
    helped.flatMap((statement) => singles(state, statement, own(statement).filter(isNarrow))),
  );
  // What serves another statement on the same table may serve this one too.
  const seeds = new Set(
    helped.flatMap((statement) =>
      store
        .plansOf(statement)
        .slice(0, seedsEach)
        .flatMap((plan) => plan.used),
    ),
  );
  yield* price(
    state,
    helped.flatMap((statement) => {
      // An index is of no use to a statement that asks nothing of its first key.
      const candidates = own(statement).flatMap((index) => state.pool[index] ?? []);
      const asked = new Set(candidates.flatMap((candidate) => candidate.keys.map((key) => keyText(candidate, key))));
      const others = (relevant[statement] ?? []).filter((index) => {
        const candidate = state.pool[index];
        const [lead] = candidate?.keys ?? [];
        return seeds.has(index) && candidate !== undefined && lead !== undefined && asked.has(keyText(candidate, lead));
      });
      return singles(state, statement, others);
    }),
  );
}

const keyText = ({ table }: CandidateIndex, key: CandidateIndex['keys'][number]): string =>
  `${table.toLowerCase()} ${key.column?.toLowerCase() ?? key.expression}`;

/** A merged index is for the statements that either of those it was made from serves best. */
function* exploreMerged(state: State, first: number, merged: readonly Merged[]): Search<void> {
  const wanted: Pricing[] = [];
  for (const statement of state.planned) {
    if (!gains(state, statement)) continue;
    const used = new Set(
      state.store
        .plansOf(statement)
        .slice(0, seedsEach)
        .flatMap((plan) => plan.used),
    );
    const own = merged.flatMap(({ parents }, at) => (parents.some((parent) => used.has(parent)) ? [first + at] : []));
    wanted.push(...singles(state, statement, own));
  }
  yield* price(state, wanted);
}

const singles = (state: State, statement: number, candidates: readonly number[]): Pricing[] =>
  within(state, statement, candidates).map((index) => ({ statement, build: [index] }));

/** Level by level: the best plan without each of the indexes that the plan above it uses. */
function* peel(state: State, statements: readonly number[], start: (statement: number) => number[]): Search<void> {
  const peeled = new Map<number, number>();
  let level: Pricing[] = statements.map((statement) => ({ statement, build: start(statement).sort((one, other) => one - other) }));
  for (let depth = 0; depth < deepestPeel && level.length > 0; depth++) {
    const next: Pricing[] = [];
    const seen = new Set<string>();
    for (const { statement, build } of level) {
      const plan = state.store.exact(statement, new Set(build));
      for (const index of plan?.used ?? []) {
        const count = peeled.get(statement) ?? 0;
        const rest = build.filter((other) => other !== index);
        const key = `${statement} ${rest.join()}`;
        if (count >= mostPeeled || seen.has(key)) continue;
        seen.add(key);
        peeled.set(statement, count + 1);
        next.push({ statement, build: rest });
      }
    }
    yield* price(state, next);
    level = next.filter(({ statement, build }) => {
      const plan = state.store.exact(statement, new Set(build));
      return plan !== undefined && plan.cost < baseCost(state, statement) * (1 - same);
    });
  }
}

const noIndexes: ReadonlySet<number> = new Set();
const baseCost = (state: State, statement: number): number => state.store.exact(statement, noIndexes)?.cost ?? 0;

/** Whether some set of indexes makes the statement cheaper by as much as anybody would notice. */
function gains(state: State, statement: number): boolean {
  const base = state.store.exact(statement, noIndexes);
  return base !== undefined && state.store.plansOf(statement).some((plan) => isNoticed(base, base, plan, state.problem.threshold));
}

/** What is merged with each other: what a first selection took, and what each statement's best plan uses, with what they save. */
function seedsOf(state: State, selected: IndexSet): readonly { readonly index: number; readonly gain: number }[] {
  const gain = new Map<number, number>(selected.map((index) => [index, 0]));
  for (const statement of state.planned) {
    const base = baseCost(state, statement);
    const [best] = state.store.plansOf(statement);
    for (const index of best?.used ?? []) gain.set(index, gain.get(index) ?? 0);
    const seen = new Set<number>();
    for (const plan of state.store.plansOf(statement))
      for (const index of plan.used) {
        const before = gain.get(index);
        if (before === undefined || seen.has(index)) continue;
        seen.add(index);
        gain.set(index, before + Math.max(0, base - plan.cost) * (state.weights[statement] ?? 1));
      }
  }
  return [...gain].filter(([, saved]) => saved > 0).map(([index, saved]) => ({ index, gain: saved }));
}

function selectionProblem(state: State): SelectionProblem {
  return {
    statements: state.planned.map((statement) => ({
      weight: state.weights[statement] ?? 1,
      plans: state.store.plansOf(statement),
    })),
    tables: state.tables,
    bytes: state.bytes,
    upkeep: state.upkeep,
    budget: state.problem.budget ?? Number.POSITIVE_INFINITY,
    threshold: state.problem.threshold,
  };
}

/** Those of the set that the statement may see. */
const within = (state: State, statement: number, set: IndexSet): number[] => {
  const reads = state.reads[statement];
  return set.filter((index) => reads?.has(state.tables[index] ?? '') === true && !state.barred.has(index));
};

/** Plans every statement with the set. */
function* priceSet(state: State, set: IndexSet, strictly = false): Search<number> {
  const pricings = state.planned.map((statement) => ({ statement, build: within(state, statement, set) }));
  return yield* price(state, pricings, strictly);
}

/** Asks what one more index beside the set would do: plans that need two at once show only so. Dearest statements first. */
function* askNeighbours(state: State, set: IndexSet): Search<number> {
  const present = new Set(set);
  const left = state.problem.budget === undefined ? Number.POSITIVE_INFINITY : state.problem.budget;
  const useful = new Set(state.planned.flatMap((statement) => state.store.plansOf(statement).flatMap((plan) => plan.used)));
  const wanted: (Pricing & { readonly worth: number })[] = [];
  for (const statement of state.planned) {
    const own = within(state, statement, set);
    const here = new Set(own);
    const base = state.store.exact(statement, noIndexes);
    const now = state.store.exact(statement, here) ?? base;
    const [ideal] = state.store.plansOf(statement);
    if (base === undefined || now === undefined || ideal === undefined || !isNoticed(base, now, ideal, state.problem.threshold)) continue;
    const worth = (now.cost - ideal.cost) * (state.weights[statement] ?? 1);
    for (const index of state.relevant[statement] ?? []) {
      if (present.has(index) || !useful.has(index) || (state.bytes[index] ?? 0) > left) continue;
      const build = [...own, index].sort((one, other) => one - other);
      if (state.store.exact(statement, new Set(build)) === undefined) wanted.push({ statement, build, worth });
    }
  }
  wanted.sort((one, other) => other.worth - one.worth);
  return yield* price(state, wanted.slice(0, Math.max(fewestNeighbours, neighboursEach * state.planned.length)));
}

/** Takes away, by real plans, whatever the others do as well without; then tells what each of the rest is for. */
function* finish(state: State, selected: IndexSet): Search<Choice> {
  let set = [...selected];
  yield* priceSet(state, set, state.problem.prunes);
  /** What the workload costs more without the index, and no longer pays for keeping it. */
  const loss = (index: number, without: IndexSet): number =>
    (state.readers[index] ?? []).reduce(
      (sum, statement) => {
        const now = realPlan(state, statement, set)?.cost ?? 0;
        return sum + (state.weights[statement] ?? 1) * ((realPlan(state, statement, without)?.cost ?? now) - now);
      },
      -(state.upkeep[index] ?? 0),
    );
  // Least useful first; those that share no statement are asked about together.
  let waiting = [...set].sort((one, other) => uses(state, set, one).length - uses(state, set, other).length);
  while (waiting.length > 0) {
    const round: number[] = [];
    const taken = new Set<number>();
    const readers = (index: number): readonly number[] => state.readers[index] ?? [];
    for (const index of waiting) {
      const concerned = readers(index);
      if (concerned.some((statement) => taken.has(statement))) continue;
      for (const statement of concerned) taken.add(statement);
      round.push(index);
    }
    waiting = waiting.filter((index) => !round.includes(index));
    const all: IndexSet = set;
    const pricings = round.flatMap((index) => {
      const without = all.filter((other) => other !== index);
      return readers(index).map((statement) => ({ statement, build: within(state, statement, without) }));
    });
    yield* price(state, pricings, state.problem.prunes);
    for (const index of round) {
      const without = set.filter((other) => other !== index);
      if (loss(index, without) <= 0 || !isWorthwhile(state, index, set, without)) set = without;
    }
  }
  set = yield* simplify(state, set);
  const cost = (statement: number, of: IndexSet): number | undefined => realPlan(state, statement, of)?.cost;
  const all = state.problem.statements.map((_, statement) => statement);
  return {
    chosen: set.map((index) => ({
      candidate: state.pool[index] as CandidateIndex,
      bytes: state.bytes[index] ?? 0,
      upkeep: state.upkeep[index] ?? 0,
      serves: uses(state, set, index),
    })),
    before: all.map((statement) => cost(statement, [])),
    after: all.map((statement) => cost(statement, set)),
    ideal: all.map((statement) => state.store.plansOf(statement)[0]?.cost),
    weights: state.weights,
    pricings: state.pricings,
  };
}

/** Exchanges an index for a narrower one on the same table where no statement would notice, and none pays more. */
function* simplify(state: State, selected: IndexSet): Search<number[]> {
  let set = [...selected];
  const width = (index: number): number => (state.pool[index]?.keys.length ?? 0) + (state.pool[index]?.include.length ?? 0);
  for (const index of selected) {
    const table = state.pool[index]?.table;
    const narrower = [...state.pool.keys()].filter(
      (other) =>
        state.pool[other]?.table === table &&
        width(other) < width(index) &&
        (state.bytes[other] ?? 0) <= (state.bytes[index] ?? 0) &&
        (state.upkeep[other] ?? 0) <= (state.upkeep[index] ?? 0) * 1.01 &&
        !set.includes(other),
    );
    narrower.sort((one, other) => width(one) - width(other));
    for (const other of narrower) {
      const changed = set.map((member) => (member === index ? other : member)).sort((one, next) => one - next);
      // What is known already rules out nearly all of them; only the rest is asked about.
      if (isWorthwhile(state, index, set, changed)) continue;
      const pricings = (state.readers[index] ?? []).map((statement) => ({ statement, build: within(state, statement, changed) }));
      yield* price(state, pricings, state.problem.prunes);
      if (isWorthwhile(state, index, set, changed)) continue;
      set = changed;
      break;
    }
  }
  return set;
}

/** Whether some statement loses a share of its cost with the smaller set that anybody would notice. */
function isWorthwhile(state: State, index: number, set: IndexSet, without: IndexSet): boolean {
  return (state.readers[index] ?? []).some((statement) => {
    const now = realPlan(state, statement, set);
    const then = realPlan(state, statement, without);
    const base = state.store.exact(statement, noIndexes);
    return base !== undefined && now !== undefined && then !== undefined && isNoticed(base, then, now, state.problem.threshold);
  });
}

function realPlan(state: State, statement: number, set: IndexSet): KnownPlan | undefined {
  const own = new Set(within(state, statement, set));
  return state.store.exact(statement, own) ?? state.store.best(statement, own);
}

function uses(state: State, set: IndexSet, index: number): readonly number[] {
  return (state.readers[index] ?? []).filter((statement) => {
    const own = new Set(within(state, statement, set));
    const plan = own.has(index) ? state.store.exact(statement, own) : undefined;
    const base = state.store.exact(statement, noIndexes);
    return plan?.used.includes(index) === true && base !== undefined && isNoticed(base, base, plan, state.problem.threshold);
  });
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
