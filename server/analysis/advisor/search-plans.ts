/**
 * What a planner said of the statements of a workload under sets of indexes, and what follows from it. A plan that was chosen while
 * the indexes `visible` were there, and that uses `used` of them, is also the answer for every set between the two: what is taken away was not
 * wanted, and nothing is added that was not looked at (the index benefit graph of Schnaitter, Polyzotis and Getoor, VLDB 2009). So a few
 * questions answer thousands.
 */

/** Candidates by their place in the pool, ascending. */
export type IndexSet = readonly number[];

export interface KnownPlan {
  /** Ascending. */
  readonly visible: IndexSet;
  readonly used: IndexSet;
  readonly cost: number;
  /** Its scans of a whole table or index. */
  readonly passes: number;
}

/** What counts as an improvement. */
export interface Threshold {
  /** The share of a statement's cost that must be saved. */
  readonly share: number;
  /** Sizes are assumed: then only a change of the plan's kind says anything, a scan less, or an order of magnitude. */
  readonly coarse: boolean;
}
/** Below this a statement is answered in about a millisecond (PostgreSQL's unit is one page read in order), whatever was assumed. */
const trifling = 1000;
/** Where another index has done nearly everything already, a share of what is left is worth no index of its own. */
const ofAll = 1 / 5;

/** Whether going from one plan to another is worth an index; `base` is the plan without any. */
export function isNoticed(base: KnownPlan, from: KnownPlan, to: KnownPlan, { share, coarse }: Threshold): boolean {
  const saved = from.cost - to.cost;
  if (saved <= 0 || saved < share * from.cost || saved < share * ofAll * base.cost) return false;
  return !coarse || to.passes < base.passes || (to.cost * 10 <= base.cost && base.cost - to.cost >= trifling);
}

/** The plans known of one statement, cheapest first. */
interface StatementPlans {
  readonly plans: KnownPlan[];
  /** The same by the indexes that were visible, as text. */
  readonly asked: Map<string, KnownPlan>;
}

export interface PlanStore {
  add(statement: number, visible: IndexSet, answer: Omit<KnownPlan, 'visible'>): void;
  /** Whether this very set was asked about. */
  asked(statement: number, set: IndexSet): boolean;
  /** The plan of a set of which it is certain, without asking; `set` holds only candidates on the statement's tables. */
  exact(statement: number, set: ReadonlySet<number>): KnownPlan | undefined;
  /** The cheapest known plan that the set allows: its true cost is that, or less. */
  best(statement: number, set: ReadonlySet<number>): KnownPlan | undefined;
  plansOf(statement: number): readonly KnownPlan[];
}

/** Both ascending. */
function contains(outer: IndexSet, inner: IndexSet): boolean {
  let at = 0;
  for (const index of inner) {
    while (at < outer.length && (outer[at] ?? 0) < index) at++;
    if (outer[at] !== index) return false;
  }
  return true;
}

export function createPlanStore(statements: number): PlanStore {
  const stored: StatementPlans[] = Array.from({ length: statements }, () => ({ plans: [], asked: new Map() }));
  const allowed = (plan: KnownPlan, set: ReadonlySet<number>): boolean => plan.used.every((index) => set.has(index));
  return {
    add(statement, visible, answer) {
      const entry = stored[statement];
      const key = visible.join();
      if (entry === undefined || entry.asked.has(key)) return;
      const { cost } = answer;
      const plan = { ...answer, visible };
      entry.asked.set(key, plan);
      let at = entry.plans.length;
      while (at > 0 && (entry.plans[at - 1]?.cost ?? 0) > cost) at--;
      entry.plans.splice(at, 0, plan);
    },
    exact(statement, set) {
      const entry = stored[statement];
      if (entry === undefined) return undefined;
      const sorted = [...set].sort((one, other) => one - other);
      return entry.asked.get(sorted.join()) ?? entry.plans.find((plan) => allowed(plan, set) && contains(plan.visible, sorted));
    },
    asked: (statement, set) => stored[statement]?.asked.has(set.join()) === true,
    best(statement, set) {
      return stored[statement]?.plans.find((plan) => allowed(plan, set));
    },
    plansOf: (statement) => stored[statement]?.plans ?? [],
  };
}
