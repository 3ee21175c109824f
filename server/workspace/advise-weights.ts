/** How much each statement counts, and what an index must do to be worth a proposal. */
import type { Threshold } from '../analysis/advisor/search-plans.ts';
import type { WorkloadStatement } from './advise-statements.ts';
import type { Target } from './advise-targets.ts';

/**
 * The share of a statement's cost that an index must save. `fine`: a person who names a budget wants it used; two per cent are beyond what the twin's costs
 * are off. `usual`: a tenth, less nobody notices. `coarse`: sizes are assumed, so that only a change of its order says anything.
 */
const fine = 0.02;
const usual = 0.1;
const coarse = 1 / 3;

export function thresholdFor({ known }: Target, budget: number | undefined): Threshold {
  if (known === 'assumed') return { share: coarse, coarse: true };
  return { share: budget === undefined ? usual : fine, coarse: false };
}

export const callsOf = (statement: WorkloadStatement | undefined): number => statement?.calls ?? Math.max(1, statement?.written ?? 1);

/**
 * Calls where nobody measured. Where times are known they count in place of the planner's cost: a statement that took half of the time is half of the
 * workload. Both are brought to the same total over the statements that have both.
 */
export function weigh(statements: readonly WorkloadStatement[], before: readonly (number | undefined)[]): readonly number[] {
  let cost = 0;
  let time = 0;
  for (const [place, statement] of statements.entries()) {
    if (statement.milliseconds === undefined || before[place] === undefined) continue;
    cost += callsOf(statement) * (before[place] ?? 0);
    time += statement.milliseconds;
  }
  const scale = time > 0 ? cost / time : 0;
  return statements.map((statement, place) => {
    const each = before[place];
    if (scale === 0 || statement.milliseconds === undefined || each === undefined || each <= 0) return callsOf(statement);
    return (scale * statement.milliseconds) / each;
  });
}
