/** Why a statement of the workload gets no index: what the search knows, then what the advisor says of any statement. */

import { stepsOf } from '../analysis/advisor/plans.ts';
import { count } from '../analysis/advisor/wording.ts';
import type { Query } from '../analysis/document.ts';
import type { CandidateIndex, Plan } from '../analysis/facts.ts';
import type { Target } from './advise-targets.ts';
import { relationsOf } from './relations.ts';

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
  const used =
    plan === undefined
      ? []
      : [...new Set(stepsOf(plan).flatMap((step) => (step.kind === 'index' && step.index !== undefined ? [step.index] : [])))];
  const scans = plan === undefined ? [] : stepsOf(plan).filter((step) => step.kind === 'scan' || step.kind === 'sort');
  if (scans.every((step) => step.kind === 'sort') && (used.length > 0 || scans.length === 0))
    return {
      code: 'served',
      reason: used.length > 0 ? `${used.join(' and ')} already ${used.length === 1 ? 'serves' : 'serve'} it` : 'a key already serves it',
    };
  const counted = relationsOf(statement).flatMap((table) => target.statistics.get(table) ?? []);
  const small = counted.find(({ rows }) => rows < request.smallTable);
  if (small !== undefined && counted.length === 1)
    return { code: 'small-table', reason: `${small.table} has ${count(small.rows)} rows: reading them all is as fast` };
  if (candidates.length === 0) return { code: 'no-condition', reason: 'no condition or order in it is one that an index could serve' };
  return {
    code: 'not-used',
    reason: 'the planner uses none of the indexes that were tried: it reads so much of the table that an index would not help',
  };
}

const share = (part: number): string => `${part < 0.1 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;
