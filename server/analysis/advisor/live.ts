/** What the rules about a connected database share: where a thing is written down, and how times and sizes are said. */
import { daysBetween } from '../health.ts';
import type { Evidence, Report, Subjects } from '../rule.ts';
import type { Place } from '../span.ts';
import { findTable } from '../sql/schema.ts';

export type Database = Subjects['database'];

/** Where the table is created; undefined where the repository does not say. */
export function tablePlace({ declared }: Database, table: string): Place | undefined {
  return declared === undefined ? undefined : findTable(declared, table)?.declared;
}

export function columnPlace({ declared }: Database, table: string, column: string): Place | undefined {
  const found = declared === undefined ? undefined : findTable(declared, table);
  return found?.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.declared ?? found?.declared;
}

export function indexPlace({ declared }: Database, index: string): Place | undefined {
  return declared?.indexes.find(({ name }) => name.toLowerCase() === index.toLowerCase())?.declared;
}

/** A report at its place in the repository, else about the database itself. */
export function liveReport(
  { source }: Database,
  place: Place | undefined,
  object: string,
  { notes, ...report }: Omit<Report, 'span' | 'evidence' | 'at' | 'object'> & { readonly notes: readonly string[] },
): Report {
  const evidence: Evidence = { grade: 'live', source, notes };
  return { ...report, evidence, object, span: place?.span ?? { start: 0, end: 0 }, ...(place !== undefined && { at: place }) };
}

/** `3 hours ago`, `12 days ago`. */
export function ago(from: string, now: string): string {
  const hours = daysBetween(from, now) * 24;
  if (hours < 1) return `${Math.max(0, Math.round(hours * 60))} minutes ago`;
  if (hours < 48) return `${Math.round(hours)} hours ago`;
  return `${Math.round(hours / 24)} days ago`;
}

/** `12 kB`, `3.4 MB`, `1.2 GB`; thousands are 1024. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
