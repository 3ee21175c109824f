/** What the workspace's own DDL says about a table, over all its versions: a migration's statement knew another one than today's. */
import type { Document, Query } from '../document.ts';
import type { SchemaStep } from '../schema/declaration.ts';
import type { Place } from '../span.ts';
import type { CreateTable } from '../sql/statement.ts';

interface Declaration {
  readonly document: Document;
  readonly query: Query;
}
const ofDocument = new WeakMap<Document, readonly Declaration[]>();
const ofWorkspace = new WeakMap<readonly Document[], readonly Declaration[]>();

/** The statements of a document and of those inside it that create or change tables. A document is read once, and hardly any has some. */
function declarationsIn(document: Document): readonly Declaration[] {
  let found = ofDocument.get(document);
  if (found === undefined) {
    const own = document.queries.filter(({ statement }) => statement.kind === 'create table' || statement.kind === 'alter table');
    found = [...own.map((query) => ({ document, query })), ...document.parts.flatMap(declarationsIn)];
    ofDocument.set(document, found);
  }
  return found;
}

function declarations(documents: readonly Document[]): readonly Declaration[] {
  let found = ofWorkspace.get(documents);
  if (found === undefined) {
    found = documents.flatMap(declarationsIn);
    ofWorkspace.set(documents, found);
  }
  return found;
}

const creators = new WeakMap<readonly Document[], ReadonlyMap<string, ReadonlySet<string>>>();

/** How many files create the table: with two, nobody knows which of them a database was built from. */
export function declaringFiles(table: string, documents: readonly Document[]): number {
  let known = creators.get(documents);
  if (known === undefined) {
    const found = new Map<string, Set<string>>();
    for (const { document, query } of declarations(documents)) {
      if (query.direction === 'down' || query.statement.kind !== 'create table') continue;
      const name = query.statement.name.name.text.toLowerCase();
      found.set(name, (found.get(name) ?? new Set()).add(document.path));
    }
    known = found;
    creators.set(documents, known);
  }
  return known.get(table.toLowerCase())?.size ?? 0;
}

/** Some version of the table has, or may have, a column of that name. */
export function everHadColumn(table: string, column: string, documents: readonly Document[]): boolean {
  // What a tool calls a table may be another name than the database's: any of its tables will do.
  if (documents.some((document) => document.declares?.steps.some((step) => speaksOf(step, column)) === true)) return true;
  for (const { query } of declarations(documents)) {
    const { statement, plannable } = query;
    if (statement.kind === 'create table' && isNamed(statement.name.name.text, table)) {
      if (!plannable || statement.complete === false || hasColumn(statement, column)) return true;
    } else if (statement.kind === 'alter table') {
      // Words put together at run time may add any column to any table.
      if (!plannable) return true;
      if (!isNamed(statement.table.name.text, table)) continue;
      for (const action of statement.actions) {
        if (action.kind === 'add column' && isNamed(action.column.name.text, column)) return true;
        if (action.kind === 'rename column' && (isNamed(action.to.text, column) || isNamed(action.from.text, column))) return true;
        if (action.kind === 'drop column' && isNamed(action.column.text, column)) return true;
        if (action.kind === 'other' && statement.complete === false) return true;
      }
    }
  }
  return false;
}

function speaksOf(step: SchemaStep, column: string): boolean {
  switch (step.kind) {
    case 'create table':
    case 'mixin':
      return step.columns.some(({ name }) => isNamed(name, column));
    case 'add column':
      return isNamed(step.column.name, column);
    case 'drop column':
    case 'alter column':
      return isNamed(step.column, column);
    case 'rename column':
      return isNamed(step.column, column) || isNamed(step.to, column);
    default:
      return false;
  }
}

/** Where a migration takes the column away, and none gives it back. */
export function droppedAt(table: string, column: string, documents: readonly Document[]): Place | undefined {
  let found: Place | undefined;
  for (const { document, query } of declarations(documents)) {
    const { statement } = query;
    if (query.direction === 'down' || statement.kind !== 'alter table' || !isNamed(statement.table.name.text, table)) continue;
    for (const action of statement.actions) {
      if (action.kind === 'drop column' && isNamed(action.column.text, column)) found = { path: document.path, span: action.column.span };
      if (action.kind === 'rename column' && isNamed(action.from.text, column)) found = { path: document.path, span: action.from.span };
    }
  }
  return found;
}

function hasColumn({ columns, query }: CreateTable, name: string): boolean {
  return query !== undefined || columns.some((column) => isNamed(column.name.text, name));
}

function isNamed(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
