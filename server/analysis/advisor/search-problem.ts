/** What a search for indexes is given, what it asks on the way, and what it answers. */
import type { CandidateIndex } from '../facts.ts';
import type { IndexSet, Threshold } from './search-plans.ts';

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
