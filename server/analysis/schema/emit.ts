/** The folded schema -> DDL that builds it on an engine, each statement in the file that declares its part. */
import type { Query } from '../document.ts';
import type { Span } from '../span.ts';
import type { EngineId } from '../sql/statement.ts';
import { type DdlText, ddlBuilder } from './ddl-text.ts';
import type { ColumnSpec, ConstraintSpec } from './declaration.ts';
import { type Emission, fullName, list, quoted, type Reference, statement, typeOf, unused } from './emission.ts';
import { indexSql } from './emit-index.ts';
import { uniqueName } from './names.ts';
import { columnName, columnOf, type DraftTable, keyOf, type Placed, primaryKeyOf, type State, tableOf } from './state.ts';
import { serialOf } from './types.ts';

/** Text still to be parsed, or a statement that was SQL from the beginning. */
export type Emitted = { readonly text: DdlText } | { readonly path: string; readonly query: Query };

const early = /^CREATE (?:OR REPLACE )?(?:TYPE|DOMAIN|EXTENSION|SCHEMA|SEQUENCE|COLLATION)\b/;

export function emit(state: State, engine: EngineId): readonly Emitted[] {
  const created = state.raw.flatMap(({ query }) => createdType(query) ?? []);
  const emission: Emission = {
    engine,
    state,
    types: new Set([...created, ...[...state.types.keys()].map(keyOf)]),
    extensions: new Map(state.extensions),
    names: new Set(),
    keys: new Map(),
    later: new Map(),
  };
  const tables = [...state.tables.values()].filter((table) => table.columns.length > 0 || engine === 'postgres');
  const before: Emitted[] = [];
  const creations: Emitted[] = [];
  const after: Emitted[] = [];
  if (engine === 'postgres') before.push(...namespaces(tables), ...enumerations(state, created));
  for (const table of tables) creations.push({ text: table.view ? createView(emission, table) : createTable(emission, table) });
  const stored = tables.filter(({ view }) => !view);
  for (const table of stored) after.push(...additions(emission, table));
  // A foreign key may need a unique index of another table.
  for (const table of stored) after.push(...laterReferences(emission, table));
  const extensions = [...emission.extensions].map(([name, table]) => ({
    text: statement(table, table.span, `CREATE EXTENSION IF NOT EXISTS ${quoted(name)}`),
  }));
  const raw = state.raw.map(({ query, path }) => ({ path, query }));
  const isEarly = ({ query }: { query: Query }) => query.statement.kind === 'other' && early.test(query.statement.verb);
  // A table that only SQL can make (partitions, virtual tables) may be referred to by what follows.
  const isTable = ({ query }: { query: Query }) => query.statement.kind === 'create table';
  return [
    ...raw.filter(isEarly),
    ...extensions,
    ...before,
    ...raw.filter(isTable),
    ...creations,
    ...after,
    ...raw.filter((each) => !isEarly(each) && !isTable(each)),
  ];
}

function createdType({ sql, statement: { kind } }: Query): string | undefined {
  if (kind !== 'other') return undefined;
  return /^\s*CREATE\s+(?:TYPE|DOMAIN)\s+(?:"?\w+"?\.)?"?(\w+)/i.exec(sql)?.[1]?.toLowerCase();
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function namespaces(tables: readonly DraftTable[]): Emitted[] {
  const first = new Map<string, DraftTable>();
  for (const table of tables) {
    if (table.schema !== undefined && table.schema !== 'public' && !first.has(table.schema)) first.set(table.schema, table);
  }
  return [...first].map(([name, table]) => ({ text: statement(table, table.span, `CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`) }));
}

function enumerations(state: State, created: readonly string[]): Emitted[] {
  const wanted = new Map<string, { readonly values: readonly string[]; readonly span: Span; readonly path: string }>(state.types);
  for (const table of state.tables.values()) {
    for (const { enumeration, span, path } of table.columns) {
      if (enumeration !== undefined && enumeration.values.length > 0 && !wanted.has(enumeration.name)) {
        wanted.set(enumeration.name, { values: enumeration.values, span, path });
      }
    }
  }
  return [...wanted]
    .filter(([name]) => !created.includes(keyOf(name)))
    .map(([name, { values, span, path }]) => {
      const unrepeated = [...new Set(values)];
      return { text: statement({ path }, span, `CREATE TYPE ${quoted(name)} AS ENUM (${unrepeated.map(literal).join(', ')})`) };
    });
}

function columnSql(emission: Emission, table: DraftTable, column: ColumnSpec, inlineKey: boolean): string {
  const { engine } = emission;
  const type = typeOf(emission, table, column);
  const serial = engine === 'postgres' && column.autoIncrement === true ? serialOf(type) : undefined;
  const words = [quoted(column.name), serial ?? type];
  if (column.collation !== undefined && /^\w+$/.test(column.collation) && engine === 'sqlite') words.push(`COLLATE ${column.collation}`);
  if (inlineKey) words.push(engine === 'sqlite' && column.autoIncrement === true ? 'PRIMARY KEY AUTOINCREMENT' : 'PRIMARY KEY');
  if (column.notNull) words.push('NOT NULL');
  if (column.generated !== undefined) words.push(`GENERATED ALWAYS AS (${column.generated}) STORED`);
  return words.join(' ');
}

/** What its CREATE TABLE holds; the rest is added where it is declared. */
function isOwn(table: DraftTable, column: ColumnSpec & Placed, key: readonly string[]): boolean {
  return column.path === table.path || key.includes(column.name) || column.generated !== undefined;
}

function createTable(emission: Emission, table: DraftTable): DdlText {
  const { engine } = emission;
  const key = primaryKeyOf(table).filter((name) => columnOf(table, name) !== undefined);
  const text = ddlBuilder(table.path, table.span);
  text.add('CREATE TABLE ');
  text.add(fullName(emission, table), table.span);
  text.add(' (');
  let first = true;
  const item = (sql: string, { path, span }: Placed & { readonly span: Span }) => {
    text.add(first ? '' : ', ');
    first = false;
    // A place in another file is none in this one.
    text.add(sql, path === table.path ? span : undefined);
  };
  const own = table.columns.filter((column) => isOwn(table, column, key));
  for (const column of own) {
    const rowid = engine === 'sqlite' && key.length === 1 && key[0] === column.name && /^integer$/i.test(typeOf(emission, table, column));
    item(columnSql(emission, table, column, rowid), column);
    if (rowid) key.length = 0;
  }
  const names = new Set(own.map(({ name }) => name));
  const keys = new Set<string>([primaryKeyOf(table).join()]);
  if (key.length > 0)
    item(
      `PRIMARY KEY (${list(key)})`,
      table.constraints.find(({ kind }) => kind === 'primary key') ?? { path: table.path, span: table.span },
    );
  for (const column of own) {
    if (column.unique !== true) continue;
    keys.add(column.name);
    item(`${named(emission, uniqueName(table.tool, table.name, [column.name]))}UNIQUE (${quoted(column.name)})`, column);
  }
  for (const constraint of table.constraints) {
    const columns = columnsOf(table, constraint);
    if (
      constraint.kind !== 'unique' ||
      columns === undefined ||
      constraint.path !== table.path ||
      !columns.every((name) => names.has(name))
    )
      continue;
    keys.add(columns.join());
    item(`${named(emission, constraint.name ?? uniqueName(table.tool, table.name, columns))}UNIQUE (${list(columns)})`, constraint);
  }
  emission.keys.set(table, keys);
  for (const reference of referencesOf(emission, table)) {
    if (reference.later || !reference.columns.every((name) => names.has(name))) {
      emission.later.set(table, [...(emission.later.get(table) ?? []), reference]);
      continue;
    }
    item(foreignKeySql(emission, reference), reference.place);
  }
  text.add(')');
  return text.finish();
}

const named = (emission: Emission, name: string): string => `CONSTRAINT ${quoted(unused(emission, name))} `;

/** The columns of a constraint as the table has them; undefined where one is missing or all are. */
function columnsOf(table: DraftTable, { columns }: ConstraintSpec): readonly string[] | undefined {
  const found = columns.map((name) => columnOf(table, name)?.name);
  return found.length > 0 && found.every((name) => name !== undefined) ? found : undefined;
}

/** Foreign keys to tables that are declared; one to a table or a column that nobody knows would cost the whole table. */
function referencesOf(emission: Emission, table: DraftTable): readonly Reference[] {
  const { engine, state } = emission;
  const found: Reference[] = [];
  const add = (columns: readonly string[], to: ColumnSpec['references'], place: Reference['place']) => {
    const target = to === undefined ? undefined : tableOf(state, to.table);
    if (target === undefined || target.view) return;
    const keys = to?.columns?.map((name) => columnName(target, name)) ?? primaryKeyOf(target);
    if (keys.length !== columns.length || !keys.every((name) => columnOf(target, name) !== undefined)) return;
    const known = emission.keys.get(target);
    const later = engine === 'postgres' && (known === undefined || !known.has(keys.join()));
    found.push({ columns, target, keys, later, place });
  };
  for (const column of table.columns) if (column.references !== undefined) add([column.name], column.references, column);
  for (const constraint of table.constraints) {
    const columns = constraint.kind === 'foreign key' ? columnsOf(table, constraint) : undefined;
    if (columns !== undefined) add(columns, constraint.references, constraint);
  }
  return found;
}

const foreignKeySql = (emission: Emission, { columns, target, keys }: Reference): string =>
  `FOREIGN KEY (${list(columns)}) REFERENCES ${fullName(emission, target)} (${list(keys)})`;

/** Columns, keys and indexes beyond the CREATE TABLE. */
function additions(emission: Emission, table: DraftTable): Emitted[] {
  const { engine } = emission;
  const name = fullName(emission, table);
  const emitted: Emitted[] = [];
  const key = primaryKeyOf(table);
  const own = new Set(table.columns.filter((column) => isOwn(table, column, key)).map((column) => column.name));
  const keys = emission.keys.get(table) ?? new Set<string>();
  for (const column of table.columns) {
    if (own.has(column.name)) continue;
    const text = ddlBuilder(column.path, column.span);
    text.add(`ALTER TABLE ${name} ADD COLUMN `);
    text.add(columnSql(emission, table, column, false), column.span);
    emitted.push({ text: text.finish() });
    if (column.unique !== true) continue;
    keys.add(column.name);
    emitted.push(
      indexSql(emission, table, {
        keys: [{ column: column.name }],
        unique: true,
        name: uniqueName(table.tool, table.name, [column.name]),
        span: column.span,
        path: column.path,
      }),
    );
  }
  for (const constraint of table.constraints) {
    const columns = columnsOf(table, constraint);
    if (constraint.kind !== 'unique' || columns === undefined) continue;
    if (constraint.path === table.path && columns.every((column) => own.has(column))) continue;
    keys.add(columns.join());
    const { name: given, span, path } = constraint;
    emitted.push(indexSql(emission, table, { keys: columns.map((column) => ({ column })), unique: true, name: given, span, path }));
  }
  for (const column of table.columns) {
    const { span, path, name: of } = column;
    if (column.indexed === true) emitted.push(indexSql(emission, table, { keys: [{ column: of }], span, path }));
    if (column.patternIndex !== true || engine !== 'postgres') continue;
    if (column.indexed !== true && column.unique !== true && !(key.length === 1 && key[0] === of)) continue;
    const operatorClass = patternClass(typeOf(emission, table, column));
    if (operatorClass === undefined) continue;
    const like = { keys: [{ column: of, operatorClass }], name: `${table.name}_${of}_like`, span, path };
    emitted.push(indexSql(emission, table, like));
  }
  for (const index of table.indexes) {
    if (index.unknown === true || index.keys.length === 0) continue;
    if (!index.keys.every((each) => each.column === undefined || columnOf(table, each.column) !== undefined)) continue;
    emitted.push(indexSql(emission, table, index));
    if (index.unique === true && index.where === undefined) keys.add(index.keys.map((each) => columnName(table, each.column ?? '')).join());
  }
  return emitted;
}

/** Django: `_create_like_index_sql` of its PostgreSQL schema editor. */
function patternClass(type: string): string | undefined {
  if (/^varchar/i.test(type)) return 'varchar_pattern_ops';
  return /^text$/i.test(type) ? 'text_pattern_ops' : undefined;
}

/** Foreign keys that are added once every table is there. SQLite adds no constraint to a table. */
function laterReferences(emission: Emission, table: DraftTable): Emitted[] {
  if (emission.engine === 'sqlite') return [];
  return (
    emission.later.get(table)?.flatMap((reference) => {
      if (emission.keys.get(reference.target)?.has(reference.keys.join()) !== true) return [];
      const sql = `ALTER TABLE ${fullName(emission, table)} ADD ${foreignKeySql(emission, reference)}`;
      return [{ text: statement(reference.place, reference.place.span, sql) }];
    }) ?? []
  );
}

/** A view of which the columns are known and the query is not. */
function createView(emission: Emission, table: DraftTable): DdlText {
  const text = ddlBuilder(table.path, table.span);
  text.add('CREATE VIEW ');
  text.add(fullName(emission, table), table.span);
  text.add(' AS SELECT ');
  for (const [index, column] of table.columns.entries()) {
    if (index > 0) text.add(', ');
    text.add(`CAST(NULL AS ${typeOf(emission, table, column) || 'text'}) AS ${quoted(column.name)}`, column.span);
  }
  return text.finish();
}
