/** Functions, triggers and views that a later statement of the same database makes anew or drops: nobody runs their old bodies. */
import type { Query } from '../analysis/document.ts';
import { contains, type Span } from '../analysis/span.ts';
import type { Database } from './databases.ts';

const made =
  /^\s*(CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+|CONSTRAINT\s+|RECURSIVE\s+)*(FUNCTION|PROCEDURE|TRIGGER|RULE|VIEW|MATERIALIZED\s+VIEW)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:"?\w+"?\s*\.\s*)?("[^"]+"|\w+)/i;

const known = new WeakMap<Database, ReadonlyMap<string, readonly Span[]>>();

/** Whether the statement stands in the body of something that no longer is as it is written there. */
export function isSuperseded(path: string, query: Query, database: Database): boolean {
  if (query.within === undefined || query.within === 'wrapped' || query.within === 'block') return false;
  let spans = known.get(database);
  if (spans === undefined) {
    spans = supersededIn(database);
    known.set(database, spans);
  }
  return spans.get(path)?.some((span) => contains(span, query.span)) ?? false;
}

/** By path: the statements whose work a later one undid. */
function supersededIn({ ddl }: Database): ReadonlyMap<string, readonly Span[]> {
  const current = new Map<string, { readonly path: string; readonly span: Span }>();
  const spans = new Map<string, Span[]>();
  for (const { path, query } of ddl) {
    const match = made.exec(query.sql);
    if (match === null) continue;
    const [, verb, kind, name] = match;
    // Triggers are named for each table, so that one of the same name elsewhere says nothing.
    if (kind?.toUpperCase() === 'TRIGGER' || kind?.toUpperCase() === 'RULE') continue;
    const creates = verb?.toUpperCase() === 'CREATE';
    // DROP VIEW a, b, c
    const others = creates
      ? []
      : [...query.sql.slice(match[0].length).matchAll(/,\s*(?:"?\w+"?\s*\.\s*)?("[^"]+"|\w+)(?=\s*(?:,|;|$|CASCADE|RESTRICT))/gi)];
    for (const each of [name, ...others.map((other) => other[1])]) {
      const key = `${kind?.split(/\s/)[0]?.toUpperCase()} ${each?.replaceAll('"', '').toLowerCase()}`;
      const before = current.get(key);
      if (before !== undefined) spans.set(before.path, [...(spans.get(before.path) ?? []), before.span]);
      if (creates) current.set(key, { path, span: query.span });
      else current.delete(key);
    }
  }
  return spans;
}
