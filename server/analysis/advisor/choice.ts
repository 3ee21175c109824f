/** Which of the candidate indexes that a planner was asked about deserves a person's time. */
import type { CandidateIndex, Plan, WhatIf } from '../facts.ts';
import { accessTo, stepsOn } from './plans.ts';

/** A plan this many times cheaper is worth an index whatever its shape: an order of magnitude, beyond any error of the estimates. */
const decisiveRatio = 10;
/**
 * Where other parts of the plan stay as dear as they were, the whole cannot fall tenfold: then
 * the reading of this table must, and the whole by a tenth, or nobody would notice.
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
      sameName(entry.candidate.table, table) &&
      searches(entry, table, alias, before) &&
      isDecisive(table, alias, before, entry),
  );
  return cheapest(useful);
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
  if (plan.totalCost * decisiveRatio <= before.totalCost) return true;
  if (before.totalCost - plan.totalCost < before.totalCost * noticeableShare) return false;
  const cost = (of: Plan, kinds: readonly string[]) =>
    stepsOn(of, table, alias)
      .filter((step) => kinds.includes(step.kind))
      .reduce((sum, step) => sum + (step.cost ?? Number.NaN), 0);
  const scanned = cost(before, ['scan']);
  const searched = cost(plan, ['scan', 'index']);
  // An engine that does not cost its steps (SQLite) says it with the word: SCAN has become SEARCH.
  if (Number.isNaN(scanned) || Number.isNaN(searched)) return true;
  return searched * decisiveRatio <= scanned;
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
