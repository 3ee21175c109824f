/**
 * The best set of indexes under a budget, on the plans that are known: several ways of building a set, each followed by a local search, and the
 * best of them. Adding by benefit per byte finds small sets (density search), taking away from the set that serves everybody best finds large ones
 * (relaxation); neither wins at every budget, so both are done. Indexes that only help together are added together.
 */
import { type IndexSet, isNoticed, type KnownPlan, type Threshold } from './search-plans.ts';

export interface SelectionProblem {
  readonly statements: readonly {
    readonly weight: number;
    /** Cheapest first; the last or an earlier one uses no index of the pool. */
    readonly plans: readonly KnownPlan[];
  }[];
  /** By candidate. */
  readonly tables: readonly string[];
  readonly bytes: readonly number[];
  readonly upkeep: readonly number[];
  readonly budget: number;
  /** What an addition must do for at least one statement. */
  readonly threshold: Threshold;
}
export interface Selection {
  readonly set: IndexSet;
  readonly total: number;
}

/** Weighted cost of the statements with a set, and what keeping the set costs. */
function totalOf(problem: SelectionProblem, set: IndexSet): number {
  const members = new Set(set);
  let total = 0;
  for (const { weight, plans } of problem.statements) total += weight * (planFor(plans, members)?.cost ?? 0);
  for (const index of set) total += problem.upkeep[index] ?? 0;
  return total;
}

/** Of plans that use the same indexes, or more, only the cheapest says anything. */
function withoutDominated(plans: readonly KnownPlan[]): readonly KnownPlan[] {
  const kept: KnownPlan[] = [];
  for (const plan of plans) {
    if (kept.some((better) => better.used.every((index) => plan.used.includes(index)))) continue;
    kept.push(plan);
    // The plan without indexes: whatever comes after it is dearer and uses some.
    if (plan.used.length === 0) break;
  }
  return kept;
}

/** `starts`: sets that are known to be good, tried beside the others. */
export function select(given: SelectionProblem, starts: readonly IndexSet[]): Selection {
  const problem = { ...given, statements: given.statements.map(({ weight, plans }) => ({ weight, plans: withoutDominated(plans) })) };
  const board = createBoard(problem);
  const sets: IndexSet[] = [...starts];
  for (const exponent of board.isRoomy ? [1] : [1, 0.5, 0]) {
    board.clear();
    board.fill(exponent);
    sets.push(board.set());
  }
  board.clear();
  board.fill(0, Number.POSITIVE_INFINITY);
  board.relax();
  board.fill(1);
  sets.push(board.set());
  const ranked = sets.map((set) => ({ set, total: totalOf(problem, set) })).sort((one, other) => one.total - other.total);
  let best: Selection | undefined;
  for (const start of ranked.slice(0, improvedStarts)) {
    board.load(start.set);
    board.improve();
    const found = { set: board.set(), total: board.total() };
    if (best === undefined || found.total < best.total) best = found;
  }
  return best ?? { set: [], total: totalOf(problem, []) };
}

/** The local search costs more than the building, and from the third-best start it has not found a better set. */
const improvedStarts = 2;
const improveRounds = 4;
/** Additions that do not fit by themselves and are tried with something else given up for them. */
const mostForced = 24;
/** A rounding error is no improvement. */
const epsilon = 1e-9;

const planFor = (plans: readonly KnownPlan[], members: ReadonlySet<number>): KnownPlan | undefined =>
  plans.find((plan) => plan.used.every((index) => members.has(index)));

interface Board {
  /** The budget takes everything there is. */
  readonly isRoomy: boolean;
  clear(): void;
  load(set: IndexSet): void;
  set(): IndexSet;
  total(): number;
  /** Adds what saves most for each byte (`exponent` 1) or most of all (0), while it fits. */
  fill(exponent: number, budget?: number): void;
  /** Takes away or exchanges for something smaller what is missed least for each byte that is freed, until the budget holds. */
  relax(): void;
  improve(): void;
}

function createBoard(problem: SelectionProblem): Board {
  const { statements, bytes, upkeep, budget, threshold } = problem;
  const members = new Set<number>();
  const current: (KnownPlan | undefined)[] = statements.map(() => undefined);
  let used = 0;
  let kept = 0;

  /** Sets of indexes that are added together, and the statements each index matters to. */
  const units = new Map<string, IndexSet>();
  const concerns = new Map<number, Set<number>>();
  for (const [at, { plans }] of statements.entries()) {
    const base = planFor(plans, new Set())?.cost ?? Number.POSITIVE_INFINITY;
    for (const plan of plans) {
      if (plan.used.length === 0 || plan.cost >= base) continue;
      units.set(plan.used.join(), plan.used);
      for (const index of plan.used) {
        const list = concerns.get(index) ?? new Set();
        list.add(at);
        concerns.set(index, list);
      }
    }
  }
  const all = [...units.values()];
  const unitsOf = new Map<number, number[]>();
  for (const [at, unit] of all.entries())
    for (const index of unit) {
      const list = unitsOf.get(index) ?? [];
      list.push(at);
      unitsOf.set(index, list);
    }
  /** What an index may be exchanged for: whatever on its table serves one of its statements. */
  const rivals = new Map<number, readonly number[]>();
  /** Whatever serves one of its statements, on any table. */
  const neighbours = new Map<number, readonly number[]>();
  for (const [index, concerned] of concerns) {
    const others = new Set<number>();
    for (const at of concerned) for (const plan of statements[at]?.plans ?? []) for (const other of plan.used) others.add(other);
    others.delete(index);
    const { tables } = problem;
    neighbours.set(index, [...others]);
    rivals.set(
      index,
      [...others].filter((other) => tables[other] === tables[index]),
    );
  }

  const bases = statements.map(({ plans }) => planFor(plans, new Set()));
  const nowOf = (at: number): KnownPlan | undefined => planFor(statements[at]?.plans ?? [], members);
  const isRoomy = [...concerns.keys()].reduce((sum, index) => sum + (bytes[index] ?? 0), 0) <= budget;
  const costOf = (at: number): number => nowOf(at)?.cost ?? 0;
  const touched = (indexes: IndexSet): ReadonlySet<number> => {
    const [only] = indexes;
    if (indexes.length === 1 && only !== undefined) return concerns.get(only) ?? new Set();
    return new Set(indexes.flatMap((index) => [...(concerns.get(index) ?? [])]));
  };
  const refresh = (indexes: IndexSet): void => {
    for (const at of touched(indexes)) current[at] = nowOf(at);
  };
  const put = (indexes: IndexSet): void => {
    const fresh = indexes.filter((index) => !members.has(index));
    for (const index of fresh) {
      members.add(index);
      used += bytes[index] ?? 0;
      kept += upkeep[index] ?? 0;
    }
    if (fresh.length > 0) refresh(fresh);
  };
  const take = (index: number): void => {
    if (!members.delete(index)) return;
    used -= bytes[index] ?? 0;
    kept -= upkeep[index] ?? 0;
    refresh([index]);
  };
  const clear = (): void => {
    members.clear();
    used = 0;
    kept = 0;
    for (const at of statements.keys()) current[at] = nowOf(at);
  };
  const load = (set: IndexSet): void => {
    clear();
    put(set);
  };
  const total = (): number => statements.reduce((sum, { weight }, at) => sum + weight * (current[at]?.cost ?? 0), kept);

  /** What adding these saves, less what keeping them costs; zero where no statement would notice. */
  const gainOf = (unit: IndexSet): { readonly gain: number; readonly bytes: number } => {
    const fresh = unit.filter((index) => !members.has(index));
    if (fresh.length === 0) return { gain: 0, bytes: 0 };
    let size = 0;
    let cost = 0;
    for (const index of fresh) {
      size += bytes[index] ?? 0;
      cost += upkeep[index] ?? 0;
    }
    let saved = 0;
    let noticed = false;
    for (const at of touched(fresh)) {
      const { weight, plans } = statements[at] as SelectionProblem['statements'][number];
      const now = current[at];
      if (now === undefined) continue;
      for (const plan of plans) {
        if (plan.cost >= now.cost) break;
        if (!plan.used.every((index) => members.has(index) || fresh.includes(index))) continue;
        saved += weight * (now.cost - plan.cost);
        if (isNoticed(bases[at] ?? now, now, plan, threshold)) noticed = true;
        break;
      }
    }
    return { gain: noticed ? saved - cost : 0, bytes: size };
  };

  const everything = [...all.keys()];
  /** `near`: what has just gone; where there is room for all, only what serves its statements can have become worth more. */
  const fill = (exponent: number, limit = budget, near?: number): void => {
    const known: ({ readonly gain: number; readonly bytes: number } | undefined)[] = [];
    const places =
      near === undefined || !isRoomy ? everything : [near, ...(neighbours.get(near) ?? [])].flatMap((index) => unitsOf.get(index) ?? []);
    for (;;) {
      let best = -1;
      let bestScore = 0;
      for (const at of places) {
        known[at] ??= gainOf(all[at] ?? []);
        const found = known[at];
        if (found === undefined || found.gain <= epsilon || used + found.bytes > limit) continue;
        const score = found.gain / found.bytes ** exponent;
        if (score > bestScore) {
          best = at;
          bestScore = score;
        }
      }
      const unit = all[best];
      if (unit === undefined) return;
      put(unit);
      // Whatever shares a statement with what was added is worth something else now.
      for (const statement of touched(unit))
        for (const plan of statements[statement]?.plans ?? [])
          for (const index of plan.used) for (const at of unitsOf.get(index) ?? []) known[at] = undefined;
    }
  };

  /** What the total rises by when an index goes and perhaps another comes. */
  const lossOf = (index: number, instead: number | undefined): number => {
    const concerned = touched(instead === undefined ? [index] : [index, instead]);
    members.delete(index);
    if (instead !== undefined) members.add(instead);
    let loss = (instead === undefined ? 0 : (upkeep[instead] ?? 0)) - (upkeep[index] ?? 0);
    for (const at of concerned) loss += (statements[at]?.weight ?? 0) * (costOf(at) - (current[at]?.cost ?? 0));
    members.add(index);
    if (instead !== undefined) members.delete(instead);
    return loss;
  };
  const relax = (): void => {
    const known = new Map<number, { readonly instead: number | undefined; readonly penalty: number }>();
    while (used > budget && members.size > 0) {
      let worst: { index: number; instead: number | undefined; penalty: number } | undefined;
      for (const index of members) {
        let best = known.get(index);
        if (best === undefined) {
          const size = bytes[index] ?? 0;
          best = { instead: undefined, penalty: lossOf(index, undefined) / Math.max(1, size) };
          for (const other of rivals.get(index) ?? []) {
            const freed = size - (bytes[other] ?? 0);
            if (members.has(other) || freed <= 0) continue;
            const penalty = lossOf(index, other) / freed;
            if (penalty < best.penalty) best = { instead: other, penalty };
          }
          known.set(index, best);
        }
        if (worst === undefined || best.penalty < worst.penalty) worst = { index, ...best };
      }
      if (worst === undefined) return;
      const { index, instead } = worst;
      take(index);
      if (instead !== undefined) put([instead]);
      known.delete(index);
      for (const changed of instead === undefined ? [index] : [index, instead])
        for (const other of neighbours.get(changed) ?? []) known.delete(other);
    }
  };

  /** Keeps what `change` makes of the set where that is better. */
  const attempt = (change: () => void): boolean => {
    const before = [...members];
    const was = total();
    change();
    if (used <= budget && total() < was - Math.max(epsilon, was * 1e-7)) return true;
    const kept = new Set(before);
    for (const index of [...members]) if (!kept.has(index)) take(index);
    put(before);
    return false;
  };
  const improve = (): void => {
    for (let round = 0; round < improveRounds; round++) {
      let better = attempt(() => fill(1));
      for (const index of [...members]) {
        if (!members.has(index)) continue;
        better = attempt(() => take(index)) || better;
        if (!members.has(index)) continue;
        better =
          attempt(() => {
            take(index);
            fill(1, budget, index);
          }) || better;
        for (const other of rivals.get(index) ?? []) {
          if (!members.has(index)) break;
          if (members.has(other) || used - (bytes[index] ?? 0) + (bytes[other] ?? 0) > budget) continue;
          if (lossOf(index, other) >= -epsilon) continue;
          better =
            attempt(() => {
              take(index);
              put([other]);
              fill(1, budget, index);
            }) || better;
        }
      }
      const forced = all
        .map((unit) => ({ unit, ...gainOf(unit) }))
        .filter((entry) => entry.gain > epsilon && entry.bytes <= budget)
        .sort((one, other) => other.gain - one.gain)
        .slice(0, mostForced);
      for (const { unit } of forced) {
        better =
          attempt(() => {
            put(unit);
            relax();
            fill(1);
          }) || better;
      }
      if (!better) return;
    }
  };

  clear();
  return { isRoomy, clear, load, set: () => [...members].sort((one, other) => one - other), total, fill, relax, improve };
}
