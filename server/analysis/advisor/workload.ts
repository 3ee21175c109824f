/**
 * What ran, from whatever wrote it down: an export of `pg_stat_statements`, PostgreSQL's logs, logs of SQLite programs, plain SQL files. Line by
 * line, so that a log of any length can be read.
 */
import type { WorkloadEntry } from './workload-entry.ts';
import { csvLogEntries, isCsvLog, isPostgresLog, logEntries } from './workload-logs.ts';
import { isTimedLog, sqlEntries, timedEntries } from './workload-sql.ts';
import { jsonEntries, separatorOf, tableEntries } from './workload-tables.ts';

export type WorkloadFormat = 'pg_stat_statements' | 'json' | 'postgres log' | 'postgres csvlog' | 'timed log' | 'sql';

/** Lines that are looked at before the format is told. */
const looked = 400;

/** Nothing is thrown: lines that are none of the format's are passed over. */
export function readWorkload(lines: Iterable<string>): { readonly format: WorkloadFormat; readonly entries: Iterable<WorkloadEntry> } {
  const iterator = lines[Symbol.iterator]();
  const first: string[] = [];
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    first.push(first.length === 0 ? next.value.replace(/^\uFEFF/, '') : next.value);
    if (first.length >= looked) break;
  }
  const all = (function* (): Generator<string> {
    yield* first;
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value;
  })();
  const start = first.find((line) => line.trim() !== '') ?? '';
  const separator = separatorOf(start);
  if (separator !== undefined) return { format: 'pg_stat_statements', entries: tableEntries(all, separator) };
  if (/^\s*(?:\{|\[\s*(?:[[{]|$))/.test(start)) return { format: 'json', entries: jsonEntries(all) };
  if (isCsvLog(start)) return { format: 'postgres csvlog', entries: csvLogEntries(all) };
  if (isPostgresLog(first)) return { format: 'postgres log', entries: logEntries(all) };
  if (isTimedLog(first)) return { format: 'timed log', entries: timedEntries(all) };
  return { format: 'sql', entries: sqlEntries(all) };
}
