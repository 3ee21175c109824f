/** The answer to "explain this statement" as a text a person reads top to bottom. */
import type { Query } from '../analysis/document.ts';
import type { Plan, PlanStep } from '../analysis/facts.ts';
import { planLines } from '../analysis/plan-text.ts';
import type { Explained } from '../engines/engine.ts';
import type { PlannedBy } from '../workspace/project.ts';

export interface Place {
  /** The file's name, for the heading. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export function explainText(place: Place, query: Query, explained: Explained & PlannedBy): string {
  const heading = `${query.name === undefined ? 'Statement' : query.name} · ${place.file}:${place.line}`;
  const blocks = [heading, '='.repeat(heading.length), '', ...statementLines(query.sql), ''];
  if (explained.outcome === 'refused') return text([...blocks, 'Not asked', '---------', explained.reason]);
  if (explained.outcome === 'rejected') {
    const { message, hint, code } = explained.rejection;
    return text([
      ...blocks,
      `${explained.source} refuses this statement`,
      '',
      `${message} (${code})`,
      ...(hint === undefined ? [] : [hint]),
    ]);
  }
  const title = `Plan by ${explained.source}`;
  const { plan } = explained;
  const total = plan.totalCost > 0 ? [`Total cost ${round(plan.totalCost)} in the planner's own unit.`] : [];
  const notes = [...total, ...readingNotes(plan)];
  const advice = explained.advice === undefined ? [] : ['', 'Indexes', '-------', ...explained.advice.split('\n')];
  return text([...blocks, title, '-'.repeat(title.length), ...planLines(plan), ...(notes.length === 0 ? [] : ['', ...notes]), ...advice]);
}

/** What a reader should look at first; said only where the plan shows it. */
function readingNotes(plan: Plan): string[] {
  const steps = [...flat(plan.steps)];
  const scans = unique(steps.filter((step) => step.kind === 'scan').map((step) => step.relation ?? step.detail));
  const indexes = unique(steps.flatMap((step) => (step.kind === 'index' && step.index !== undefined ? [step.index] : [])));
  const sorts = steps.filter((step) => step.kind === 'sort').length;
  return [
    ...(scans.length > 0 ? [`Reads every row of: ${scans.join(', ')}.`] : []),
    ...(indexes.length > 0 ? [`Searches by index: ${indexes.join(', ')}.`] : []),
    ...(sorts > 0 ? [`Sorts ${sorts === 1 ? 'once' : `${sorts} times`} because no index gives the order.`] : []),
  ];
}

function* flat(steps: readonly PlanStep[]): Generator<PlanStep> {
  for (const step of steps) {
    yield step;
    yield* flat(step.children);
  }
}
function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

/** Without the indentation it had inside the host language's string. */
export function statementLines(sql: string): string[] {
  const lines = sql.replace(/^\s*\n|\s+$/g, '').split(/\r?\n/);
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [/^[ \t]*/.exec(line)?.[0].length ?? 0]));
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line, index) => (index === 0 ? line.trimStart() : line.slice(Math.min(common, line.length - line.trimStart().length))));
}
function round(value: number): string {
  return value < 100 ? String(Number(value.toFixed(2))) : String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
