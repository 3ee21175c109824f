/** A plan as lines of text: the engine's own words, indented as the plan nests, with its estimates beside them. */
import type { Plan, PlanStep } from './facts.ts';

export function planLines(plan: Plan): string[] {
  const lines: string[] = [];
  for (const step of plan.steps) write(step, 0, lines);
  return lines;
}

function write(step: PlanStep, depth: number, lines: string[]): void {
  const estimates = [
    step.rows === undefined ? undefined : `${short(step.rows)} ${step.rows === 1 ? 'row' : 'rows'}`,
    step.cost === undefined ? undefined : `cost ${short(step.cost)}`,
  ].filter((each) => each !== undefined);
  lines.push(`${'  '.repeat(depth)}${step.detail}${estimates.length === 0 ? '' : `  (${estimates.join(', ')})`}`);
  for (const child of step.children) write(child, depth + 1, lines);
}

/** `1,204,331`; below ten with two digits, because costs are often fractions. */
function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value)) return value.toFixed(2);
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
