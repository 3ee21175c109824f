/** Whether the index that a statement creates is one that the database could do without. */
import type { Document, Query } from '../document.ts';
import type { FactTypes } from '../facts.ts';
import type { Report } from '../rule.ts';
import { findTable, type Index, indexesOf } from '../sql/schema.ts';
import type { CreateIndex, Name } from '../sql/statement.ts';
import { declaringFiles } from './declarations.ts';
import { dropScript } from './index-script.ts';
import { isTest } from './one-off.ts';
import { type Redundancy, redundancyOf } from './redundancy.ts';
import { message } from './wording.ts';

export interface Created {
  readonly statement: CreateIndex;
  readonly name: Name;
  readonly index: Index;
}

/** A statement that makes an index for good. */
export function makesIndex(document: Document, query: Query): boolean {
  return (
    query.statement.kind === 'create index' && query.statement.name !== undefined && query.direction !== 'down' && !isTest(document, query)
  );
}

/** The index that the database has from this very statement: an older one of the same name was dropped since. */
export function createdBy(document: Document, query: Query, fact: FactTypes['schema']): Created | undefined {
  const statement = query.statement as CreateIndex;
  const name = statement.name?.name;
  const index = indexesOf(fact.schema, statement.table.name.text).find((entry) => entry.name.toLowerCase() === name?.text.toLowerCase());
  if (name === undefined || index === undefined) return undefined;
  const { declared } = index;
  const elsewhere =
    declared !== undefined &&
    (declared.path !== document.path || declared.span.start > name.span.start || declared.span.end < name.span.end);
  return elsewhere ? undefined : { statement, name, index };
}

export function redundancyAt(
  document: Document,
  created: Created,
  fact: FactTypes['schema'],
  documents: readonly Document[] | undefined,
): Redundancy | undefined {
  const redundancy = redundancyOf(created.index, fact.schema, findTable(fact.schema, created.index.table));
  // In code the order in which statements run is not known: what drops one of the two may well run last.
  const names = new Set([created.name.text, redundancy?.other?.name ?? ''].map((name) => name.toLowerCase()));
  if (document.queries.some((query) => query.from === 'literal' && dropsIndex(query, names))) return undefined;
  // Two files that create the table are two versions of it: which of their indexes meet in one database is not known.
  const unsure = fact.grade !== 'live' && declaringFiles(created.index.table, documents ?? []) > 1;
  return unsure ? undefined : redundancy;
}

function dropsIndex({ sql, statement }: Query, names: ReadonlySet<string>): boolean {
  if (!/^\s*drop\s+index\b/i.test(sql) || statement.kind !== 'drop') return false;
  return statement.names.some(({ name }) => names.has(name.text.toLowerCase()));
}

export function redundancyReport({ name, index }: Created, { other }: Redundancy, fact: FactTypes['schema'], said: string): Report {
  const place = other?.declared;
  return {
    span: name.span,
    message: message(said),
    evidence: {
      grade: fact.grade,
      source: fact.source,
      notes: ['Every write pays for it; every search it answers, the other one answers too'],
    },
    related: place === undefined ? [] : [{ ...place, message: `${other?.name} answers the same searches` }],
    fixes: [dropScript(index, fact.schema.engine)],
  };
}
