/** Questions about single statements, put together into few questions about one set of indexes each. */

import type { IndexSet } from './search-plans.ts';
import type { Pricing } from './search-problem.ts';

export interface Batch {
  /** Places in the list of pricings. */
  readonly pricings: readonly number[];
  readonly build: IndexSet;
}

/** A batch is full with this many statements: an answer should come while a person can still stop the work. */
const fullBatch = 200;

/**
 * Two questions fit into one where they want the same indexes on every table that both read: an index on a table that a statement
 * does not read changes nothing for it. `tablesOf` and `tableOf` answer lower-case names.
 */
export function batchPricings(
  pricings: readonly Pricing[],
  tablesOf: (statement: number) => readonly string[],
  tableOf: (candidate: number) => string,
): readonly Batch[] {
  interface Open {
    readonly pricings: number[];
    readonly build: Set<number>;
    /** Table -> the indexes that every statement of the batch sees on it. */
    readonly seen: Map<string, string>;
  }
  const open: Open[] = [];
  for (const [at, { statement, build }] of pricings.entries()) {
    const byTable = new Map<string, number[]>(tablesOf(statement).map((table) => [table, []]));
    for (const index of build) {
      const list = byTable.get(tableOf(index));
      if (list === undefined) byTable.set(tableOf(index), [index]);
      else list.push(index);
    }
    const wanted = [...byTable].map(([table, indexes]) => [table, indexes.join()] as const);
    const fits = (batch: Open): boolean =>
      batch.pricings.length < fullBatch && wanted.every(([table, key]) => (batch.seen.get(table) ?? key) === key);
    // The first ones are full or unlike soon; looking through all of them would grow with the square.
    let batch = open.slice(-mostOpen).find(fits);
    if (batch === undefined) {
      batch = { pricings: [], build: new Set(), seen: new Map() };
      open.push(batch);
    }
    batch.pricings.push(at);
    for (const index of build) batch.build.add(index);
    for (const [table, key] of wanted) batch.seen.set(table, key);
  }
  return open.map(({ pricings: list, build }) => ({ pricings: list, build: [...build].sort((one, other) => one - other) }));
}
const mostOpen = 64;
