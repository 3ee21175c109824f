/** Statements in plain files: scripts, and logs of programs that write a time beside the statement, as those around SQLite do. */
import { splitScript } from '../sql/split.ts';
import type { WorkloadEntry } from './workload-entry.ts';

const verb = /\b(?:SELECT|INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM|WITH)\b/i;
const time = /(?<![\w.])(\d+(?:\.\d+)?)\s*(ms|msec|milliseconds|µs|us|microseconds|s|sec|secs|seconds)\b/i;
const perUnit: ReadonlyMap<string, number> = new Map([
  ...['ms', 'msec', 'milliseconds'].map((unit) => [unit, 1] as const),
  ...['µs', 'us', 'microseconds'].map((unit) => [unit, 0.001] as const),
  ...['s', 'sec', 'secs', 'seconds'].map((unit) => [unit, 1000] as const),
]);

function millisecondsIn(text: string): number | undefined {
  const found = time.exec(text);
  return found === null ? undefined : Number(found[1]) * (perUnit.get((found[2] ?? '').toLowerCase()) ?? 1);
}

/** A time before or behind a statement on the same line, on most of the lines that hold a statement. */
export function isTimedLog(lines: readonly string[]): boolean {
  const holding = lines.filter((line) => verb.test(line));
  const timed = holding.filter(
    (line) => timedLine(line) !== undefined && !/^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)\b/i.test(line),
  );
  return timed.length > 0 && timed.length * 2 >= holding.length;
}

function timedLine(line: string): { readonly sql: string; readonly milliseconds: number } | undefined {
  const at = verb.exec(line)?.index;
  if (at === undefined) return undefined;
  const before = millisecondsIn(line.slice(0, at));
  if (before !== undefined) return { sql: line.slice(at), milliseconds: before };
  const tail = /\s*(?:--|\[|\(|took|in|duration[=:])\s*[^'"]*$/i.exec(line.slice(at));
  const after = tail === null ? undefined : millisecondsIn(tail[0]);
  return after === undefined || tail === null ? undefined : { sql: line.slice(at, at + tail.index), milliseconds: after };
}

export function* timedEntries(lines: Iterable<string>): Generator<WorkloadEntry> {
  let open: { sql: string; readonly milliseconds: number; readonly line: number } | undefined;
  let number = -1;
  const closed = (): WorkloadEntry | undefined => (open === undefined ? undefined : { ...open, sql: unquoted(open.sql), calls: 1 });
  for (const line of lines) {
    number++;
    const found = timedLine(line);
    if (found !== undefined) {
      const entry = closed();
      if (entry !== undefined) yield entry;
      open = { ...found, line: number };
      // The next line of a statement is indented, or goes on after one that is not closed.
    } else if (open !== undefined && /^\s+\S/.test(line)) open.sql += `\n${line}`;
  }
  const entry = closed();
  if (entry !== undefined) yield entry;
}

/** `sql="SELECT …"` loses its closing quote with whatever follows it. */
function unquoted(sql: string): string {
  const text = sql.trim();
  return (text.match(/"/g)?.length ?? 0) % 2 === 1 ? text.slice(0, text.lastIndexOf('"')) : text;
}

/** Statements of a script; a comment may say `calls: 120`, `mean: 3.2 ms`, `total: 400 ms`; the shell's timer says how long the last one ran. */
export function* sqlEntries(lines: Iterable<string>): Generator<WorkloadEntry> {
  const text: string[] = [];
  const timers: { readonly line: number; readonly milliseconds: number }[] = [];
  let number = -1;
  for (const line of lines) {
    number++;
    const timer = /^Run Time: real ([\d.]+)/.exec(line);
    if (timer !== null) timers.push({ line: number, milliseconds: Number(timer[1]) * 1000 });
    // The shell's own commands and its answers about itself are no SQL; a line keeps its place.
    text.push(timer !== null || /^\.\w|^\\\w/.test(line) ? '' : line);
  }
  const all = text.join('\n');
  let line = 0;
  let counted = 0;
  for (const { start, end } of splitScript(all, 'unknown')) {
    const piece = all.slice(start, end);
    const lead = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(piece)?.[0].length ?? 0;
    line += count(all, counted, start + lead);
    counted = start + lead;
    const sql = piece
      .slice(lead)
      .replace(/;\s*(?:--[^\n]*)?$/, '')
      .trim();
    if (sql === '') continue;
    const last = line + count(sql, 0, sql.length);
    const notes = `${piece.slice(0, lead)} ${/--[^\n]*$/.exec(piece)?.[0] ?? ''}`;
    const calls = Number(/\bcalls?\s*[:=]\s*(\d+)/i.exec(notes)?.[1] ?? 1);
    const total = /\btotal[\w ]*[:=]\s*(.*)/i.exec(notes)?.[1];
    const mean =
      /\b(?:mean|avg|average|each)[\w ]*[:=]\s*(.*)/i.exec(notes)?.[1] ?? (calls === 1 ? /--\s*(.*)$/.exec(notes)?.[1] : undefined);
    const timer = timers.find((entry) => entry.line === last + 1);
    const each = timer?.milliseconds ?? (mean === undefined ? undefined : millisecondsIn(mean));
    const milliseconds = (total === undefined ? undefined : millisecondsIn(total)) ?? (each === undefined ? undefined : each * calls);
    yield { sql, calls, line, ...(milliseconds !== undefined && { milliseconds }) };
  }
}

function count(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
