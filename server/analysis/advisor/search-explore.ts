/** What a search asks about before it selects, and around what it selected. */
import type { CandidateIndex } from '../facts.ts';
import type { Merged } from './merge.ts';
import { type IndexSet, isNoticed } from './search-plans.ts';
import type { Pricing, Search } from './search-problem.ts';
import { baseCost, gains, noIndexes, price, type State, singles, within } from './search-state.ts';

/** Plans peeled for one statement: each is one more EXPLAIN, and past the fourth level the alternatives are hardly ever chosen (measured on TPC-H). */
const mostPeeled = 12;
const deepestPeel = 4;
/** Plans of a statement whose indexes are tried for the others: its best and the next ones. */
const seedsEach = 4;
/** Questions of one round about the neighbourhood of a selection, for each statement, and at least. */
const neighboursEach = 3;
const fewestNeighbours = 150;
/** Costs closer than this share are the same: the planner itself does not tell paths apart below 1 % (`STD_FUZZ_FACTOR`). */
const same = 0.0001;

/** Every statement with all of its own candidates; then, where that saves something, the alternatives to what its best plan uses. */
export function* explore(state: State): Search<void> {
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
export function* exploreMerged(state: State, first: number, merged: readonly Merged[]): Search<void> {
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

/** What is merged with each other: what a first selection took, and what each statement's best plan uses, with what they save. */
export function seedsOf(state: State, selected: IndexSet): readonly { readonly index: number; readonly gain: number }[] {
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

/** Asks what one more index beside the set would do: plans that need two at once show only so. Dearest statements first. */
export function* askNeighbours(state: State, set: IndexSet): Search<number> {
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
