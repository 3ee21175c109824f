/** Runs a statement again and again on a connection and says how long the database took. */
import type { Plan } from '../analysis/facts.ts';
import { planLines } from '../analysis/plan-text.ts';
import type { Connection } from '../engines/engine.ts';
import { statementLines } from './explain-text.ts';

/** Enough for a median that stands still, and short enough that a person waits for it. */
const mostRuns = 30;
const longest = 5_000;

export interface Timings {
  /** Milliseconds inside the database, ascending, without the first run. */
  readonly runs: readonly number[];
  /** The first run, which also fills the caches. */
  readonly first: number;
  readonly plan: Plan;
}

/** Throws EngineError; answers with a sentence where the statement may not or cannot be run. */
export async function time(connection: Connection, sql: string, signal: AbortSignal): Promise<Timings | { readonly reason: string }> {
  const runs: number[] = [];
  let plan: Plan | undefined;
  let first: number | undefined;
  const end = performance.now() + longest;
  while (runs.length < mostRuns && (first === undefined || performance.now() < end)) {
    signal.throwIfAborted();
    const answer = await connection.explainAnalyze(sql, signal);
    if (answer.outcome === 'refused') return { reason: answer.reason };
    if (answer.outcome === 'rejected') return { reason: `${connection.label} refuses the statement: ${answer.rejection.message}` };
    const { milliseconds } = answer.plan;
    if (milliseconds === undefined) return { reason: `${connection.label} did not say how long the statement took.` };
    plan = answer.plan;
    if (first === undefined) first = milliseconds;
    else runs.push(milliseconds);
  }
  if (plan === undefined || first === undefined) return { reason: 'The statement was not run.' };
  return { runs: runs.sort((left, right) => left - right), first, plan };
}

export function timingText(heading: string, sql: string, connection: string, timings: Timings): string {
  const { runs, first, plan } = timings;
  const title = `Plan by ${connection}`;
  const figures =
    runs.length === 0
      ? [`One run of ${milliseconds(first)}: longer than what is waited for, so it was not repeated.`]
      : [
          `${runs.length} runs after a first one of ${milliseconds(first)}`,
          'Timed inside the database, caches warm',
          '',
          `  median  ${milliseconds(nearestRank(runs, 0.5))}`,
          `  p95     ${milliseconds(nearestRank(runs, 0.95))}`,
          `  range   ${milliseconds(runs[0] ?? 0)} to ${milliseconds(runs.at(-1) ?? 0)}`,
        ];
  const lines = [
    heading,
    '='.repeat(heading.length),
    '',
    ...statementLines(sql),
    '',
    title,
    '-'.repeat(title.length),
    ...planLines(plan),
    '',
    ...figures,
  ];
  return `${lines.join('\n')}\n`;
}

/** The smallest value that at least that share of the runs did not exceed. */
function nearestRank(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? 0;
}

function milliseconds(value: number): string {
  return value < 1 ? `${value.toFixed(3)} ms` : value < 100 ? `${value.toFixed(2)} ms` : `${Math.round(value)} ms`;
}
