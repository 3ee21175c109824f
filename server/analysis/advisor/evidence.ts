/** Evidence of a what-if: the plans before and after, and whose word it is. */
import type { FactTypes, WhatIf } from '../facts.ts';
import type { Evidence } from '../rule.ts';

export function whatIfEvidence(whatIf: FactTypes['whatIf'], chosen: WhatIf, notes: readonly string[]): Evidence {
  return { grade: whatIf.grade, source: whatIf.source, before: whatIf.before, after: chosen.plan, notes };
}

/** The evidence of a rule that looked at a plan if there was one, and else at the text. */
export function planEvidence(plan: FactTypes['plan'] | undefined, notes: readonly string[]): Evidence {
  if (plan === undefined) return { grade: 'static', source: 'text', notes };
  return { grade: plan.grade, source: plan.source, before: plan.plan, notes };
}

/** One line that names what changes: `SCAN orders → SEARCH orders USING INDEX … (cost 1,000,000 → 9)`. */
export function planChange(before: string | undefined, after: string | undefined): string | undefined {
  return before === undefined || after === undefined || before === after ? undefined : `${before} → ${after}`;
}
