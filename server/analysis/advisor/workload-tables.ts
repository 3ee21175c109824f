/** Exports of `pg_stat_statements` and the like: CSV with a header, JSON as one array or an object a line. */

import { records, splitRecord } from './delimited.ts';
import type { WorkloadEntry } from './workload-entry.ts';
import { messageEntry } from './workload-logs.ts';

/** Names of columns and fields, most exact first. Times are milliseconds unless the name says otherwise. */
const names = {
  sql: ['query', 'sql', 'statement', 'query_text', 'text', 'normalized_query'],
  calls: ['calls', 'count', 'executions', 'exec_count', 'n'],
  total: ['total_exec_time', 'total_time', 'total_ms', 'total_time_ms', 'total_exec_time_ms', 'sum_ms'],
  mean: [
    'mean_exec_time',
    'mean_time',
    'mean_ms',
    'avg_ms',
    'mean_time_ms',
    'avg_time',
    'duration_ms',
    'duration',
    'elapsed_ms',
    'elapsed',
    'time_ms',
    'ms',
  ],
  seconds: ['duration_s', 'elapsed_s', 'seconds', 'duration_seconds'],
} as const;

/** The separator of a header line that names a column of statements; undefined for any other line. */
export function separatorOf(line: string): string | undefined {
  if (/^\s*(?:--|\/\*|select|insert|update|delete|with)\b/i.test(line)) return undefined;
  for (const separator of [',', ';', '\t', '|']) {
    const fields = splitRecord(line, separator).map((field) => field.trim().toLowerCase());
    if (fields.length > 1 && fields.every((field) => /^[\w ()%.]*$/.test(field)) && names.sql.some((name) => fields.includes(name)))
      return separator;
  }
  return undefined;
}

export function* tableEntries(lines: Iterable<string>, separator: string): Generator<WorkloadEntry> {
  let header: readonly string[] | undefined;
  for (const { fields, line } of records(lines, separator)) {
    if (header === undefined) header = fields.map((field) => field.trim().toLowerCase());
    else {
      const values = new Map(header.map((name, at) => [name, fields[at]] as const));
      const entry = entryOf((name) => values.get(name), line);
      if (entry !== undefined) yield entry;
    }
  }
}

function entryOf(value: (name: string) => unknown, line: number): WorkloadEntry | undefined {
  const first = (list: readonly string[]): unknown => {
    for (const name of list) {
      const found = value(name);
      if (found !== undefined && found !== null && found !== '') return found;
    }
    return undefined;
  };
  const number = (list: readonly string[]): number | undefined => {
    const found = Number(first(list) ?? Number.NaN);
    return Number.isFinite(found) && found >= 0 ? found : undefined;
  };
  const sql = first(names.sql);
  if (typeof sql !== 'string' || sql.trim() === '') return undefined;
  const calls = number(names.calls) ?? 1;
  const mean = number(names.mean);
  const seconds = number(names.seconds);
  const each = mean ?? (seconds === undefined ? undefined : seconds * 1000);
  const milliseconds = number(names.total) ?? (each === undefined ? undefined : each * calls);
  return { sql, calls, line, ...(milliseconds !== undefined && { milliseconds }) };
}

/** One array of objects, an object that holds such an array, or an object a line (PostgreSQL's `jsonlog` among them). */
export function* jsonEntries(lines: Iterable<string>): Generator<WorkloadEntry> {
  const rest: string[] = [];
  let single = true;
  let number = -1;
  for (const line of lines) {
    number++;
    const parsed = single && /^\s*\{.*\}\s*,?\s*$/.test(line) ? parse(line.trim().replace(/,$/, '')) : undefined;
    if (parsed !== undefined && rest.every((earlier) => earlier.trim() === '')) yield* fromValue(parsed, number);
    else {
      single = false;
      rest.push(line);
    }
  }
  const whole = parse(rest.join('\n'));
  if (whole !== undefined) yield* fromValue(whole, 0);
}

function* fromValue(value: unknown, line: number): Generator<WorkloadEntry> {
  if (Array.isArray(value)) for (const item of value) yield* fromValue(item, line);
  else if (typeof value === 'object' && value !== null) {
    const fields = new Map(Object.entries(value).map(([name, inner]) => [name.toLowerCase(), inner] as const));
    const message = fields.get('message') ?? fields.get('msg');
    const logged = typeof message === 'string' ? messageEntry(message, String(fields.get('detail') ?? ''), line) : undefined;
    const entry = logged ?? entryOf((name) => fields.get(name), line);
    if (entry !== undefined) yield entry;
    else for (const inner of fields.values()) if (Array.isArray(inner)) yield* fromValue(inner, line);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
