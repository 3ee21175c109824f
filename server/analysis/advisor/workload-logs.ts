/** PostgreSQL's own logs: `stderr`, `csvlog`, and what `auto_explain` adds to them. */

import { records } from './delimited.ts';
import type { WorkloadEntry } from './workload-entry.ts';
import { printLiteral } from './workload-values.ts';

/** Where a message begins, after whatever `log_line_prefix` put before it. */
const start =
  /(?:^|[\s:\])>])(LOG|DETAIL|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|HINT|STATEMENT|CONTEXT|QUERY|LOCATION|DEBUG\d?): {1,2}(.*)$/;

export function isPostgresLog(lines: readonly string[]): boolean {
  return lines.some((line) => /(?:^|[\s:\])>])(?:LOG|DETAIL|ERROR|FATAL|STATEMENT): {1,2}\S/.test(line));
}
/** Time, user, database, process … : 22 columns or more, none of them named. */
export function isCsvLog(line: string): boolean {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^,]*,(?:"[^"]*"|[^,]*),(?:"[^"]*"|[^,]*),\d+,/.test(line);
}

export function* logEntries(lines: Iterable<string>): Generator<WorkloadEntry> {
  let open: { message: string; detail: string; readonly line: number; part: 'message' | 'detail' | 'other' } | undefined;
  let number = -1;
  for (const line of lines) {
    number++;
    const found = /^\s/.test(line) && open !== undefined ? null : start.exec(line);
    if (found === null) {
      // Lines of one message after its first begin with a tab.
      if (open?.part === 'message') open.message += `\n${line.replace(/^\t/, '')}`;
      else if (open?.part === 'detail') open.detail += `\n${line.replace(/^\t/, '')}`;
      continue;
    }
    const [, level, text = ''] = found;
    if (level === 'DETAIL' && open !== undefined) {
      open.detail = text;
      open.part = 'detail';
    } else if (level === 'LOG') {
      yield* ended();
      open = { message: text, detail: '', line: number, part: 'message' };
    } else if (open !== undefined) open.part = 'other';
  }
  yield* ended();

  function* ended(): Generator<WorkloadEntry> {
    const entry = open === undefined ? undefined : messageEntry(open.message, open.detail, open.line);
    if (entry !== undefined) yield entry;
  }
}

/** `message` is the 14th column, `detail` the 15th, in every version that TuneLens reads. */
export function* csvLogEntries(lines: Iterable<string>): Generator<WorkloadEntry> {
  for (const { fields, line } of records(lines, ',')) {
    if (fields[11] !== 'LOG') continue;
    const entry = messageEntry(fields[13] ?? '', fields[14] ?? '', line);
    if (entry !== undefined) yield entry;
  }
}

/** `duration: 1.2 ms  statement: …`, `… execute name: …`, `… plan:` of auto_explain, and `statement: …` without a time. */
export function messageEntry(message: string, detail: string, line: number): WorkloadEntry | undefined {
  const timed = /^duration: ([\d.]+) ms(?:\s+(?:(statement|execute [^:]*|fastpath[^:]*): |plan:\s*)([\s\S]*))?$/.exec(message);
  // Parsing and binding are logged beside the execution they belong to, and are none.
  const bare = timed === null ? /^(?:statement|execute [^:]*): ([\s\S]*)$/.exec(message) : null;
  if (timed === null && bare === null) return undefined;
  const text = timed === null ? bare?.[1] : timed[2] === undefined ? queryText(timed[3] ?? '') : timed[3];
  if (text === undefined || text.trim() === '') return undefined;
  const sql = withParameters(text.trim(), detail);
  return { sql, calls: 1, line, ...(timed !== null && { milliseconds: Number(timed[1]) }) };
}

/** The statement in a plan that auto_explain logged. */
function queryText(plan: string): string | undefined {
  const json = /"Query Text": ("(?:[^"\\]|\\.)*")/.exec(plan);
  if (json?.[1] !== undefined) {
    try {
      return String(JSON.parse(json[1]));
    } catch {
      return undefined;
    }
  }
  const lines = /^\s*Query Text: ([\s\S]*)$/.exec(plan)?.[1]?.split('\n');
  const end = lines?.findIndex((line) => /^\s*(?:->\s*)?[A-Z][\w ]*.*\(cost=|^\s*Query Parameters:/.test(line)) ?? -1;
  return (end < 0 ? lines : lines?.slice(0, end))?.join('\n');
}

/** The values that a prepared statement ran with, put in: a planner tells frequent from rare ones. */
function withParameters(sql: string, detail: string): string {
  const list = /^[Pp]arameters: ([\s\S]*)$/.exec(detail)?.[1];
  if (list === undefined) return sql;
  const values = new Map<string, string>();
  for (const [, number, value] of list.matchAll(/\$(\d+) = (NULL|'(?:[^']|'')*')/g))
    if (number !== undefined && value !== undefined) values.set(number, value);
  return values.size === 0 ? sql : printLiteral(sql, values);
}
