/** The end of a search: what the others do as well without goes, what is wider than needed is exchanged, by real plans. */
import type { CandidateIndex } from '../facts.ts';
import { type IndexSet, isNoticed } from './search-plans.ts';
import type { Choice, Search } from './search-problem.ts';
import { noIndexes, price, priceSet, realPlan, type State, within } from './search-state.ts';

/** Takes away, by real plans, whatever the others do as well without; then tells what each of the rest is for. */
export function* finish(state: State, selected: IndexSet): Search<Choice> {
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

function uses(state: State, set: IndexSet, index: number): readonly number[] {
  return (state.readers[index] ?? []).filter((statement) => {
    const own = new Set(within(state, statement, set));
    const plan = own.has(index) ? state.store.exact(statement, own) : undefined;
    const base = state.store.exact(statement, noIndexes);
    return plan?.used.includes(index) === true && base !== undefined && isNoticed(base, base, plan, state.problem.threshold);
  });
}
