/** Questions to a plan, the same for every engine. */
import type { Plan, PlanStep } from '../facts.ts';

/** Every step, outer before inner. */
export function stepsOf(plan: Plan): PlanStep[] {
  const found: PlanStep[] = [];
  const open = [...plan.steps].reverse();
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    found.push(step);
    open.push(...[...step.children].reverse());
  }
  return found;
}

/** The steps that read a table; with `alias`, where the plan tells aliases, only that one's. */
export function stepsOn(plan: Plan, table: string, alias?: string | undefined): PlanStep[] {
  const same = (left: string | undefined, right: string | undefined) => left?.toLowerCase() === right?.toLowerCase();
  const all = stepsOf(plan).filter((step) => same(step.relation, table) || (step.relation === undefined && same(step.alias, table)));
  if (alias === undefined) return all;
  const exact = all.filter((step) => same(step.alias ?? step.relation, alias));
  return exact.length > 0 || all.some((step) => step.alias !== undefined) ? exact : all;
}

/** How a table is reached: every row, by search, along an index; undefined where the plan does not name it. */
export function accessTo(plan: Plan, table: string, alias?: string | undefined): 'scan' | 'index' | 'index-scan' | undefined {
  const kinds = new Set(stepsOn(plan, table, alias).map((step) => step.kind));
  if (kinds.has('scan')) return 'scan';
  if (kinds.has('index-scan')) return 'index-scan';
  return kinds.has('index') ? 'index' : undefined;
}
