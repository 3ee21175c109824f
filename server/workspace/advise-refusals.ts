/** Why a statement of the workload gets no index: what the search knows, then what the advisor says of any statement. */

import { refusalFor } from '../analysis/advisor/refusals.ts';
import type { Query } from '../analysis/document.ts';
import type { CandidateIndex, Plan } from '../analysis/facts.ts';
import type { Target } from './advise-targets.ts';

export interface RefusalRequest {
  readonly query: Query;
  readonly target: Target;
  /** Without any proposed index. */
  readonly plan: Plan | undefined;
  readonly cost: number;
  /** With every candidate there was. */
  readonly ideal: number;
  readonly candidates: readonly CandidateIndex[];
  readonly budget: number | undefined;
  readonly smallTable: number;
  readonly worthwhile: number;
}
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** Undefined for a statement that asks for no index: an INSERT of given values. */
export function refusalOf(request: RefusalRequest): Refusal | undefined {
  const { query, target, plan, cost, ideal, candidates, budget, worthwhile } = request;
  const { statement } = query;
  if (statement.kind === 'insert' && statement.query === undefined) return undefined;
  const gain = cost > 0 ? 1 - ideal / cost : 0;
  if (gain > worthwhile)
    return budget === undefined
      ? {
          code: 'write-heavy',
          reason: `an index would make it ${share(gain)} cheaper, and the statements that write to the table would pay more than that`,
        }
      : { code: 'budget', reason: `an index would make it ${share(gain)} cheaper, but the budget does more for other statements` };
  if (gain > 0.005) return { code: 'small-gain', reason: `the best index would make it only ${share(gain)} cheaper` };
  return refusalFor({
    statement,
    schema: target.schema,
    plan,
    tried: [],
    attempts: candidates.length,
    rows: (table) => target.statistics.get(table.toLowerCase())?.rows,
    smallTable: request.smallTable,
    worthwhile,
  });
}

const share = (part: number): string => `${part < 0.1 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;
