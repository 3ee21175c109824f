/** Words that several rules share, so that they say the same thing the same way. */
import type { FactTypes } from '../facts.ts';

/** A message's limit: longer ones are cut off in problem lists. */
const messageLimit = 120;

/** Cuts a message at the limit, at a word where one ends near. */
export function message(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  if (line.length <= messageLimit) return line;
  const cut = line.slice(0, messageLimit - 1);
  const space = cut.lastIndexOf(' ');
  return `${space > messageLimit - 25 ? cut.slice(0, space) : cut}…`;
}

/** `1,204,331`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Default of the `smallTable` setting: a thousand short rows are a few dozen pages, read in well under a millisecond. */
const smallTableDefault = 1000;

/** True only when the table was counted and is small: a table nobody counted may be large. */
export function isSmall(table: string, statistics: FactTypes['statistics'] | undefined): boolean {
  const rows = statistics?.rows(table);
  return rows !== undefined && rows < (statistics?.smallTable ?? smallTableDefault);
}

/** What a finding's weight rests on: the table's size as counted or assumed, and whether its columns are known at all. */
export function sizeNotes(
  table: string,
  statistics: FactTypes['statistics'] | undefined,
  planned:
    | { readonly assumed: readonly string[]; readonly inferred: readonly string[]; readonly assumedRows?: number | undefined }
    | undefined,
): string[] {
  const notes: string[] = [];
  const known = statistics?.table(table);
  const rows = known?.rows ?? statistics?.rows(table);
  if (rows !== undefined)
    notes.push(`${table}: ${count(rows)} rows${known?.analyzedAt ? `, analysed ${known.analyzedAt.slice(0, 10)}` : ''}`);
  else if (planned?.assumedRows !== undefined) notes.push(`${table}: ${count(planned.assumedRows)} rows assumed, nobody counted them`);
  else notes.push(`${table}: a large table is assumed, nobody counted its rows`);
  if (planned !== undefined && includesName(planned.inferred, table))
    notes.push(`${table} is known from queries only: no CREATE TABLE for it was found`);
  return notes;
}

export function includesName(names: readonly string[], name: string): boolean {
  const folded = name.toLowerCase();
  return names.some((entry) => entry.toLowerCase() === folded);
}
