/** What a search knows so far, and how it asks for more. */
import type { CandidateIndex } from '../facts.ts';
import { type IndexSet, isNoticed, type KnownPlan, type PlanStore } from './search-plans.ts';
import type { Pricing, Search, SearchProblem } from './search-problem.ts';
import type { SelectionProblem } from './select.ts';

export interface State {
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

/**
 * Asks what is not known yet, each question once. Answers how many were asked. `strictly`: also what follows from other answers: a planner that
 * prunes its search (SQLite's) may do worse with one more index.
 */
export function* price(state: State, wanted: readonly Pricing[], strictly = false): Search<number> {
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

/** Plans every statement with the set. */
export function* priceSet(state: State, set: IndexSet, strictly = false): Search<number> {
  const pricings = state.planned.map((statement) => ({ statement, build: within(state, statement, set) }));
  return yield* price(state, pricings, strictly);
}

export const singles = (state: State, statement: number, candidates: readonly number[]): Pricing[] =>
  within(state, statement, candidates).map((index) => ({ statement, build: [index] }));

export const noIndexes: ReadonlySet<number> = new Set();
export const baseCost = (state: State, statement: number): number => state.store.exact(statement, noIndexes)?.cost ?? 0;

/** Whether some set of indexes makes the statement cheaper by as much as anybody would notice. */
export function gains(state: State, statement: number): boolean {
  const base = state.store.exact(statement, noIndexes);
  return base !== undefined && state.store.plansOf(statement).some((plan) => isNoticed(base, base, plan, state.problem.threshold));
}

export function realPlan(state: State, statement: number, set: IndexSet): KnownPlan | undefined {
  const own = new Set(within(state, statement, set));
  return state.store.exact(statement, own) ?? state.store.best(statement, own);
}

export function selectionProblem(state: State): SelectionProblem {
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
export const within = (state: State, statement: number, set: IndexSet): number[] => {
  const reads = state.reads[statement];
  return set.filter((index) => reads?.has(state.tables[index] ?? '') === true && !state.barred.has(index));
};
