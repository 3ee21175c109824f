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
import { mergedCandidates } from './merge.ts';
import { askNeighbours, explore, exploreMerged, seedsOf } from './search-explore.ts';
import { finish } from './search-finish.ts';
import { createPlanStore } from './search-plans.ts';
import type { Choice, Search, SearchProblem } from './search-problem.ts';
import { noIndexes, price, priceSet, type State, selectionProblem } from './search-state.ts';
import { select } from './select.ts';

/** Rounds of selecting and asking about the neighbourhood; on the schemas of the benchmark nothing changed after the third. */
const mostRounds = 6;

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

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
