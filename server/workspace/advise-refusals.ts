/** Why a statement of the workload gets no index: what the search knows, then what the advisor says of any statement. */
import { percent, refusalFor } from '../analysis/advisor/refusals.ts';
import type { Query } from '../analysis/document.ts';
import type { Plan } from '../analysis/facts.ts';
import type { Target } from './advise-targets.ts';

export interface RefusalRequest {
  readonly query: Query;
  readonly target: Target;
  /** Without any proposed index. */
  readonly plan: Plan | undefined;
  readonly cost: number;
  /** With every candidate there was. */
  readonly ideal: number;
  /** How many candidates were tried. */
  readonly attempts: number;
  readonly budget: number | undefined;
  readonly smallTable: number;
  readonly worthwhile: number;
}
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** Undefined for a statement that asks for no index: an INSERT of given values. */
export function refusalOf({
  query,
  target,
  plan,
  cost,
  ideal,
  attempts,
  budget,
  smallTable,
  worthwhile,
}: RefusalRequest): Refusal | undefined {
  const { statement } = query;
  if (statement.kind === 'insert' && statement.query === undefined) return undefined;
  const gain = cost > 0 ? 1 - ideal / cost : 0;
  // On assumed sizes a gain that changes nothing of the plan's kind was left aside: then it is the statement itself that says why.
  if (gain > worthwhile && target.known !== 'assumed')
    return budget === undefined
      ? {
          code: 'write-heavy',
          reason: `an index would make it ${percent(gain)} cheaper, and the statements that write to the table would pay more than that`,
        }
      : { code: 'budget', reason: `an index would make it ${percent(gain)} cheaper, but the budget does more for other statements` };
  if (gain > 0.005 && gain <= worthwhile)
    return { code: 'small-gain', reason: `the best index would make it only ${percent(gain)} cheaper` };
  return refusalFor({
    statement,
    schema: target.schema,
    plan,
    tried: [],
    attempts,
    rows: (table) => target.statistics.get(table.toLowerCase())?.rows,
    smallTable,
    worthwhile,
  });
}
