/** Indexes that only help together: each alone leaves the plan as it is, as one for each side of an OR does. */

import { stepsOf } from '../analysis/advisor/plans.ts';
import type { CandidateIndex, Plan, WhatIf } from '../analysis/facts.ts';

/** Worth telling only where they do what none does alone: less than this share of the best that one index does. */
const worthShare = 2 / 3;
/** More than that many at once is not what a person would be asked to build for one statement. */
const mostTogether = 3;

/** `plan` plans with these candidates in sight, under the names that `nameOf` gives. One or two further plans for a statement. */
export async function together(
  candidates: readonly CandidateIndex[],
  before: Plan,
  tried: readonly WhatIf[],
  nameOf: (candidate: CandidateIndex) => string,
  plan: (set: readonly CandidateIndex[]) => Promise<Plan | undefined>,
): Promise<readonly WhatIf[]> {
  const plain = candidates.filter(({ include, where, method }) => include.length === 0 && where === undefined && method !== 'brin');
  if (plain.length < 2) return [];
  const least = Math.min(before.totalCost, ...tried.filter(({ used }) => used).map((each) => each.plan.totalCost));
  const all = await plan(plain);
  if (all === undefined || all.totalCost > least * worthShare) return [];
  const names = new Set(stepsOf(all).flatMap((step) => step.index ?? []));
  const taken = plain.filter((candidate) => names.has(nameOf(candidate)));
  if (taken.length < 2 || taken.length > mostTogether) return [];
  const alone = await plan(taken);
  if (alone === undefined || alone.totalCost > least * worthShare) return [];
  return taken.map((candidate) => ({ candidate, also: taken.filter((other) => other !== candidate), plan: alone, used: true }));
}
