import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergedCandidates } from '../../server/analysis/advisor/merge.ts';
import { batchPricings } from '../../server/analysis/advisor/pricing-batches.ts';
import { searchIndexes } from '../../server/analysis/advisor/search.ts';
import type { Choice, Priced, SearchProblem } from '../../server/analysis/advisor/search-problem.ts';
import { select } from '../../server/analysis/advisor/select.ts';
import type { CandidateIndex } from '../../server/analysis/facts.ts';

const key = (column: string) => ({ column, descending: false });
const index = (table: string, columns: readonly string[], more: Partial<CandidateIndex> = {}): CandidateIndex => ({
  table,
  keys: columns.map(key),
  include: [],
  ...more,
});

/** A planner of its own: each statement has plans that need certain indexes, and takes the cheapest it may. */
interface World {
  readonly sizes: readonly number[];
  readonly tables: readonly string[];
  readonly statements: readonly {
    readonly weight: number;
    readonly base: number;
    readonly plans: readonly { readonly needs: readonly number[]; readonly cost: number }[];
  }[];
}
const columnOf = (at: number): string => `c${at}`;
function priceIn(world: World, statement: number, visible: readonly number[]): Priced {
  const { base, plans } = world.statements[statement] ?? { base: 0, plans: [] };
  let best: Priced = { cost: base, used: [], passes: 1 };
  for (const { needs, cost } of plans)
    if (cost < best.cost && needs.every((need) => visible.includes(need)))
      best = { cost, used: [...needs].sort((a, b) => a - b), passes: 0 };
  return best;
}
function problemOf(world: World, budget: number | undefined): SearchProblem {
  return {
    statements: world.statements.map(({ plans }) => {
      const candidates = [...new Set(plans.flatMap(({ needs }) => needs))];
      return { candidates, tables: [...new Set(candidates.map((at) => world.tables[at] ?? 't'))] };
    }),
    candidates: world.sizes.map((_, at) => index(world.tables[at] ?? 't', [columnOf(at)])),
    budget,
    weigh: () => world.statements.map(({ weight }) => weight),
    served: () => false,
    upkeep: () => 0,
    include: true,
    prunes: false,
    threshold: { share: 0, coarse: false },
  };
}
/** Merged indexes have no plan in this world, and the size of both parts. */
function run(world: World, budget: number | undefined): Choice & { readonly questions: number } {
  const search = searchIndexes(problemOf(world, budget));
  let questions = 0;
  let step = search.next();
  while (step.done !== true) {
    const question = step.value;
    questions++;
    if (question.kind === 'size') {
      const sized = question.candidates.map((candidate) =>
        [...candidate.keys.map((each) => each.column ?? ''), ...candidate.include].reduce(
          (sum, name) => sum + (world.sizes[Number(name.slice(1))] ?? 1),
          0,
        ),
      );
      step = search.next({ kind: 'size', sized });
    } else {
      const plain = (at: number) => at < world.sizes.length;
      step = search.next({
        kind: 'price',
        priced: question.pricings.map(({ statement, build }) => priceIn(world, statement, build.filter(plain))),
      });
    }
  }
  return { ...step.value, questions };
}
const costWith = (world: World, set: readonly number[]): number =>
  world.statements.reduce((sum, { weight }, at) => sum + weight * priceIn(world, at, set).cost, 0);
const sizeOf = (world: World, set: readonly number[]): number => set.reduce((sum, at) => sum + (world.sizes[at] ?? 0), 0);
const chosenOf = (choice: Choice): number[] => choice.chosen.map(({ candidate }) => Number(candidate.keys[0]?.column?.slice(1)));

/** Extend, as published: whatever saves most for each byte, one index at a time. */
function extend(world: World, budget: number): number[] {
  const set: number[] = [];
  for (;;) {
    let best: { at: number; ratio: number } | undefined;
    for (const at of world.sizes.keys()) {
      if (set.includes(at) || sizeOf(world, [...set, at]) > budget) continue;
      const ratio = (costWith(world, set) - costWith(world, [...set, at])) / (world.sizes[at] ?? 1);
      if (ratio > (best?.ratio ?? 0)) best = { at, ratio };
    }
    if (best === undefined) return set;
    set.push(best.at);
  }
}
function optimum(world: World, budget: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < 1 << world.sizes.length; mask++) {
    const set = [...world.sizes.keys()].filter((at) => mask & (1 << at));
    if (sizeOf(world, set) <= budget) best = Math.min(best, costWith(world, set));
  }
  return best;
}

const worlds = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: count, maxLength: count }),
    tables: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: count, maxLength: count }),
    statements: fc.array(
      fc.record({
        weight: fc.integer({ min: 1, max: 50 }),
        base: fc.integer({ min: 500, max: 1000 }),
        plans: fc.array(
          fc.record({
            needs: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: 3 }),
            cost: fc.integer({ min: 1, max: 600 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
);

describe('the search for a set of indexes', () => {
  test('keeps the budget, is never worse than adding one index at a time, and tells true costs', () => {
    let optimal = 0;
    let runs = 0;
    fc.assert(
      fc.property(worlds, fc.double({ min: 0.05, max: 1, noNaN: true }), (world, part) => {
        const budget = Math.max(1, Math.round(part * sizeOf(world, [...world.sizes.keys()])));
        const choice = run(world, budget);
        expect(choice.chosen.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(budget);
        const cost = choice.after.reduce<number>((sum, each, at) => sum + (world.statements[at]?.weight ?? 0) * (each ?? 0), 0);
        expect(cost).toBeCloseTo(costWith(world, chosenOf(choice)), 6);
        const naive = costWith(world, extend(world, budget));
        expect(cost).toBeLessThanOrEqual(naive + 1e-6);
        runs++;
        if (cost <= optimum(world, budget) + 1e-6) optimal++;
      }),
      { numRuns: 300, seed: 7 },
    );
    // A search that only ever matched the naive one would not be worth its code.
    expect(optimal / runs).toBeGreaterThan(0.97);
  });

  test('without a budget it finds what no set could better', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const choice = run(world, undefined);
        expect(costWith(world, chosenOf(choice))).toBeCloseTo(costWith(world, [...world.sizes.keys()]), 6);
        // And nothing that could be left out.
        for (const at of chosenOf(choice)) {
          const without = chosenOf(choice).filter((other) => other !== at);
          expect(costWith(world, without)).toBeGreaterThan(costWith(world, chosenOf(choice)));
        }
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  test('two indexes that help only together are found together', () => {
    const world: World = {
      sizes: [10, 10, 5],
      tables: ['a', 'b', 'a'],
      statements: [
        {
          weight: 1,
          base: 1000,
          plans: [
            { needs: [0, 1], cost: 10 },
            { needs: [2], cost: 900 },
          ],
        },
      ],
    };
    expect(chosenOf(run(world, 20)).toSorted()).toEqual([0, 1]);
    expect(chosenOf(run(world, 15))).toEqual([2]);
  });

  test('an index that its table’s writers pay more for than it saves is left out', () => {
    const world: World = { sizes: [10], tables: ['a'], statements: [{ weight: 1, base: 1000, plans: [{ needs: [0], cost: 10 }] }] };
    const search = searchIndexes({ ...problemOf(world, undefined), upkeep: () => 2000 });
    let step = search.next();
    while (step.done !== true) {
      const question = step.value;
      step = search.next(
        question.kind === 'size'
          ? { kind: 'size', sized: question.candidates.map(() => 10) }
          : { kind: 'price', priced: question.pricings.map(({ statement, build }) => priceIn(world, statement, build)) },
      );
    }
    expect(step.value.chosen).toEqual([]);
    expect(step.value.ideal).toEqual([10]);
  });

  test('a statement the planner refuses costs only itself', () => {
    const world: World = {
      sizes: [10],
      tables: ['a'],
      statements: [
        { weight: 1, base: 1000, plans: [{ needs: [0], cost: 10 }] },
        { weight: 1, base: 1000, plans: [{ needs: [0], cost: 10 }] },
      ],
    };
    const search = searchIndexes(problemOf(world, undefined));
    let step = search.next();
    while (step.done !== true) {
      const question = step.value;
      step = search.next(
        question.kind === 'size'
          ? { kind: 'size', sized: question.candidates.map(() => 10) }
          : {
              kind: 'price',
              priced: question.pricings.map(({ statement, build }) => (statement === 1 ? undefined : priceIn(world, statement, build))),
            },
      );
    }
    expect(step.value.before).toEqual([1000, undefined]);
    expect(step.value.chosen.map(({ serves }) => serves)).toEqual([[0]]);
  });
});

describe('selection', () => {
  test('an empty problem selects nothing', () => {
    const problem = { statements: [], tables: [], bytes: [], upkeep: [], budget: 100, threshold: { share: 0, coarse: false } };
    expect(select(problem, [])).toEqual({ set: [], total: 0 });
  });
});

describe('merging', () => {
  test('one index for two: keys one after the other, or carried along', () => {
    const pool = [index('t', ['a']), index('t', ['b', 'c'])];
    const merged = mergedCandidates(
      [
        { index: 0, gain: 2 },
        { index: 1, gain: 1 },
      ],
      pool,
      true,
      true,
    );
    expect(merged.map(({ candidate: { keys, include } }) => [keys.map(({ column }) => column).join(), include.join()])).toEqual([
      ['a,b,c', ''],
      ['a', 'b,c'],
      ['b,c,a', ''],
      ['b,c', 'a'],
    ]);
  });
  test('other tables, methods and conditions stay apart; a condition may go', () => {
    const pool = [index('t', ['a']), index('u', ['b']), index('t', ['d'], { method: 'gin' }), index('t', ['e'], { where: 'x IS NULL' })];
    const merged = mergedCandidates(
      pool.map((_, at) => ({ index: at, gain: 1 })),
      pool,
      true,
      true,
    );
    expect(merged).toEqual([{ candidate: { table: 't', keys: [key('e')], include: [] }, parents: [3] }]);
  });
});

describe('questions in batches', () => {
  test('each statement sees on its tables exactly what it asked for', () => {
    const tables = ['a', 'b', 'c', 'd'];
    fc.assert(
      fc.property(
        fc.array(fc.record({ reads: fc.subarray(tables, { minLength: 1 }), wants: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]) }), {
          maxLength: 60,
        }),
        (asked) => {
          const tableOf = (candidate: number): string => tables[candidate % 4] ?? '';
          const pricings = asked.map(({ reads, wants }, statement) => ({
            statement,
            build: wants.filter((each) => reads.includes(tableOf(each))),
          }));
          const batches = batchPricings(pricings, (statement) => asked[statement]?.reads ?? [], tableOf);
          expect(batches.flatMap(({ pricings: list }) => list).toSorted((a, b) => a - b)).toEqual(pricings.map((_, at) => at));
          for (const { pricings: list, build } of batches)
            for (const at of list) {
              const reads = asked[at]?.reads ?? [];
              expect(build.filter((each) => reads.includes(tableOf(each)))).toEqual(pricings[at]?.build);
            }
        },
      ),
      { numRuns: 200, seed: 9 },
    );
  });
});
