/** Tables that only queries mention, with the columns the queries use, so that an embedded engine can plan them. */
import type { Query } from '../document.ts';
import { typesOf } from './infer-types.ts';
import type { Schema, Table } from './schema.ts';
import { findTable } from './schema.ts';
import type { Scope, ScopeTable } from './scopes.ts';
import { scopesOf } from './scopes.ts';
import type { ColumnReference, Expression, FromItem, Insert, Statement } from './statement.ts';
import { expressionsIn, expressionsOf, statementsIn } from './walk.ts';

/** Of the engine itself, or of a statement: nobody declares them. */
const engineTables = /^(?:sqlite_|pg_|pragma_|(?:json|jsonb)_(?:each|tree)$)/i;
const pseudoTables: ReadonlySet<string> = new Set(['excluded', 'new', 'old', 'dual', 'inserted', 'deleted']);
const systemSchemas: ReadonlySet<string> = new Set(['information_schema', 'pg_catalog', 'pg_temp', 'temp']);
const systemColumns: ReadonlySet<string> = new Set(['rowid', 'oid', '_rowid_', 'ctid', 'xmin', 'xmax', 'tableoid', 'cmin', 'cmax', 'rank']);

/** Every table named in the queries that `known` has not. Sorted by name, so the same queries give the same tables. */
export function inferTables(queries: readonly Query[], known: Schema): readonly Table[] {
  const tables = new Map<string, Map<string, string>>();
  const open: { readonly name: string; readonly candidates: readonly string[] }[] = [];
  const scopes: Scope[] = [];
  for (const { statement } of queries) {
    if (isDdl(statement)) continue;
    for (const insert of insertsIn(statement)) {
      const columns = need(tables, known, insert.table);
      for (const column of insert.columns) columns?.set(column.text.toLowerCase(), column.text);
    }
    for (const scope of scopesOf(statement)) {
      scopes.push(scope);
      noteScope(scope, { tables, known, open });
    }
  }
  // A column that could be of several tables goes where another query has put it, else to the first.
  for (const { name, candidates } of open) {
    if (candidates.some((table) => tables.get(table)?.has(name.toLowerCase()))) continue;
    tables.get(candidates[0] ?? '')?.set(name.toLowerCase(), name);
  }
  const types =
    known.engine === 'postgres'
      ? typesOf(scopes, known, (table, column) => tables.get(table.toLowerCase())?.has(column.toLowerCase()) === true)
      : undefined;
  return [...tables]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, columns]) => ({
      name,
      columns: [...columns.values()].map((column) => ({ name: column, type: types?.(name, column) ?? '', notNull: false })),
      primaryKey: [],
      foreignKeys: [],
      kind: 'table',
      inferred: true,
    }));
}

interface Notes {
  readonly tables: Map<string, Map<string, string>>;
  readonly known: Schema;
  readonly open: { readonly name: string; readonly candidates: readonly string[] }[];
}

const isDdl = (statement: Statement): boolean =>
  ['create table', 'create index', 'alter table', 'drop', 'create view', 'set'].includes(statement.kind);

function insertsIn(statement: Statement): Insert[] {
  const own = statement.kind === 'insert' ? [statement] : [];
  return [...own, ...statementsIn(statement).flatMap(insertsIn)];
}

/** The columns noted for a table, when it is one to infer. */
function need(tables: Map<string, Map<string, string>>, known: Schema, item: FromItem): Map<string, string> | undefined {
  const name = item.name?.text;
  if (item.kind !== 'table' || name === undefined || name === '' || findTable(known, name) !== undefined) return undefined;
  if (engineTables.test(name) || pseudoTables.has(name) || systemSchemas.has(item.schema?.text.toLowerCase() ?? '')) return undefined;
  const key = name.toLowerCase();
  const columns = tables.get(key) ?? new Map<string, string>();
  tables.set(key, columns);
  return columns;
}

function noteScope(scope: Scope, notes: Notes): void {
  const { statement } = scope;
  const columnsOf = new Map<ScopeTable, Map<string, string>>();
  for (const table of scope.tables) {
    const columns = table.common === undefined ? need(notes.tables, notes.known, table.item) : undefined;
    if (columns !== undefined) columnsOf.set(table, columns);
  }
  if (statement.kind === 'update') {
    const target = scope.tables[0];
    for (const { column } of statement.set) if (target !== undefined) columnsOf.get(target)?.set(column.text.toLowerCase(), column.text);
  }
  for (const { item } of scope.tables) {
    for (const column of item.join?.using ?? [])
      for (const columns of columnsOf.values()) columns.set(column.text.toLowerCase(), column.text);
  }
  const aliases = aliasesOf(statement);
  for (const [expression, late] of withPlace(scope)) {
    for (const part of expressionsIn(expression)) {
      if (part.kind !== 'column' || systemColumns.has(part.name.text.toLowerCase())) continue;
      if (late && part.table === undefined && aliases.has(part.name.text)) continue;
      noteColumn(scope, part, notes);
    }
  }
}

/** GROUP BY, HAVING and ORDER BY may name a result column instead. */
function* withPlace(scope: Scope): Generator<readonly [Expression, boolean]> {
  const { statement } = scope;
  const late = new Set<Expression>([...scope.groupBy, ...scope.orderBy.map((term) => term.expression)]);
  if (statement.kind === 'select' && statement.having !== undefined) late.add(statement.having);
  for (const expression of expressionsOf(statement)) yield [expression, late.has(expression)];
}
function aliasesOf(statement: Statement): ReadonlySet<string> {
  return new Set(statement.kind === 'select' ? statement.columns.flatMap((column) => column.alias?.text ?? []) : []);
}

function noteColumn(scope: Scope, column: ColumnReference, notes: Notes): void {
  const name = column.name.text;
  const key = name.toLowerCase();
  if (column.table !== undefined) {
    const wanted = column.table.text.toLowerCase();
    for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
      const table = level.tables.find((entry) => entry.alias === wanted);
      if (table === undefined) continue;
      for (const item of sourcesOf(table, key)) need(notes.tables, notes.known, item)?.set(key, name);
      return;
    }
    return;
  }
  // `docs MATCH ?` of full-text search, and a whole row used as a value, name the table.
  if (scope.tables.some((table) => table.alias === key)) return;
  // A known table of this or an outer level has it already.
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const has = level.tables.some((table) => {
      const known = table.name === undefined ? undefined : findTable(notes.known, table.name);
      return known?.columns.some((entry) => entry.name.toLowerCase() === key) === true;
    });
    if (has) return;
  }
  if (scope.tables.some((table) => givesColumn(table, key))) return;
  const sources = scope.tables.flatMap((table) => sourcesOf(table, key));
  const candidates = [
    ...new Set(
      sources.flatMap((item) => (need(notes.tables, notes.known, item) === undefined ? [] : (item.name?.text.toLowerCase() ?? []))),
    ),
  ];
  const [only] = candidates;
  // A function in FROM may have it just as well.
  const hidden = scope.tables.some((table) => table.item.kind === 'function' || table.item.kind === 'hole');
  if (only !== undefined && candidates.length === 1 && !hidden) notes.tables.get(only)?.set(key, name);
  else if (candidates.length > 0) notes.open.push({ name, candidates });
}

const queryOf = (table: ScopeTable): Statement | undefined => table.common?.body ?? table.item.query;

/** A subquery or common table names this column itself. */
function givesColumn(table: ScopeTable, key: string): boolean {
  if (table.common?.columns.some((column) => column.text.toLowerCase() === key)) return true;
  const query = queryOf(table);
  const columns = query?.kind === 'select' ? query.columns : query !== undefined && 'returning' in query ? query.returning : [];
  return columns.some(
    ({ alias, expression }) =>
      (alias ?? (expression?.kind === 'column' ? expression.name : undefined))?.text.toLowerCase() === key ||
      (alias === undefined && expression?.kind === 'call' && expression.name === key),
  );
}

/** The tables a column of an entry of FROM can come from: itself, or those whose star a subquery passes on. */
function sourcesOf(table: ScopeTable, key: string, depth = 0): readonly FromItem[] {
  const query = queryOf(table);
  if (query === undefined) return table.item.kind === 'table' ? [table.item] : [];
  if (depth > 8 || givesColumn(table, key)) return [];
  if (query.kind === 'insert' || query.kind === 'update' || query.kind === 'delete')
    return query.returning.some((column) => column.star) ? [query.table] : [];
  if (query.kind !== 'select' || !query.columns.some((column) => column.star)) return [];
  const inner = scopesOf(query)[0];
  return inner?.tables.flatMap((entry) => (entry === table ? [] : sourcesOf(entry, key, depth + 1))) ?? [];
}
