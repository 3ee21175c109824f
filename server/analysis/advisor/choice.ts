/** Which of the candidate indexes that a planner was asked about deserves a person's time. */
import type { CandidateIndex, Plan, WhatIf } from '../facts.ts';
import { accessTo, stepsOf, stepsOn } from './plans.ts';

/** A plan this many times cheaper is worth an index whatever its shape: an order of magnitude, beyond any error of the estimates. */
const decisiveRatio = 10;
/**
 * A scan that became a search is worth it already at this share of the cost. Without column statistics PostgreSQL takes
 * an equality to find one row in two hundred (DEFAULT_NUM_DISTINCT), SQLite a range to find one in four: far more than
 * is usual, so that the real gain is larger than the estimated one. Measured on a million assumed rows: 0.50 for an equality.
 */
const searchShare = 2 / 3;
/**
 * Where other parts of the plan stay as dear as they were, the whole cannot fall so far: then
 * the reading of this table must, tenfold, and the whole by a tenth, or nobody would notice.
 */
const noticeableShare = 0.1;

/**
 * The best candidate that turns the reading of every row of `table` into a search; undefined when none does so
 * decisively. An index that only saves a sort is another matter. `tried` may be in any order.
 */
export function bestIndexFor(table: string, alias: string | undefined, before: Plan, tried: readonly WhatIf[]): WhatIf | undefined {
  const useful = tried.filter(
    (entry) =>
      entry.used &&
      isBare(entry) &&
      sameName(entry.candidate.table, table) &&
      searches(entry, table, alias, before) &&
      isDecisive(table, alias, before, entry),
  );
  // A partial index serves this statement alone: proposed where a plain one does half as well at most.
  const plain = cheapest(useful.filter((entry) => entry.candidate.where === undefined));
  const partial = cheapest(useful.filter((entry) => entry.candidate.where !== undefined));
  if (plain === undefined || partial === undefined) return plain ?? partial;
  return partial.plan.totalCost * 2 < plain.plan.totalCost ? partial : plain;
}

/**
 * The best candidate that hands the rows over in the order asked for, so that a LIMIT stops early; undefined when
 * none is decisively cheaper, or where a search would do the same (`bestIndexFor`).
 */
export function bestOrderFor(table: string, before: Plan, tried: readonly WhatIf[]): WhatIf | undefined {
  const sorts = (plan: Plan) => stepsOf(plan).filter((step) => step.kind === 'sort').length;
  return cheapest(
    tried.filter(
      (entry) =>
        entry.used &&
        isBare(entry) &&
        entry.candidate.where === undefined &&
        sameName(entry.candidate.table, table) &&
        sorts(entry.plan) < sorts(before) &&
        entry.plan.totalCost * decisiveRatio <= before.totalCost,
    ),
  );
}

/** An index that finds rows and does no more: what carries columns, or sums up blocks, is proposed for reasons of its own. */
const isBare = ({ candidate, also }: WhatIf): boolean =>
  also === undefined && candidate.include.length === 0 && candidate.method !== 'brin';

/** Several indexes that only help together, on this table first: one for each side of an OR, one for each table of a join. */
export function bestTogether(table: string, alias: string | undefined, before: Plan, tried: readonly WhatIf[]): WhatIf | undefined {
  return cheapest(
    tried.filter(
      (entry) =>
        entry.also !== undefined &&
        sameName(entry.candidate.table, table) &&
        searches(entry, table, alias, before) &&
        isDecisive(table, alias, before, entry),
    ),
  );
}

/** Among plans of practically the same cost the index with fewer keys, then fewer carried columns: smaller, and cheaper to keep. */
export function cheapest(entries: readonly WhatIf[]): WhatIf | undefined {
  const least = Math.min(...entries.map((entry) => entry.plan.totalCost));
  const near = entries.filter((entry) => entry.plan.totalCost <= least * 1.01);
  const weight = ({ keys, include }: CandidateIndex) => keys.length * 100 + include.length;
  return [...near].sort((left, right) => weight(left.candidate) - weight(right.candidate) || left.plan.totalCost - right.plan.totalCost)[0];
}

function searches(entry: WhatIf, table: string, alias: string | undefined, before: Plan): boolean {
  const scans = (plan: Plan) => stepsOn(plan, table, alias).filter((step) => step.kind === 'scan').length;
  return scans(entry.plan) < scans(before) && accessTo(entry.plan, table, alias) !== 'index-scan';
}

function isDecisive(table: string, alias: string | undefined, before: Plan, { plan }: WhatIf): boolean {
  if (plan.totalCost <= before.totalCost * searchShare) return true;
  if (before.totalCost - plan.totalCost < before.totalCost * noticeableShare) return false;
  const dearest = (of: Plan, kinds: readonly string[]) =>
    Math.max(
      ...stepsOn(of, table, alias)
        .filter((step) => kinds.includes(step.kind))
        .map((step) => step.cost ?? Number.NaN),
    );
  return dearest(plan, ['scan', 'index']) * decisiveRatio <= dearest(before, ['scan']);
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
