/** A schema while its DDL is being folded: the only place where tables and indexes change. */
import type { Place } from '../span.ts';
import type { Column, Index, Table } from './schema.ts';
import type { ColumnDefinition, EngineId, TableConstraint } from './statement.ts';

export type DraftTable = Omit<Table, 'columns'> & { columns: readonly Column[] };
export interface Draft {
  readonly engine: EngineId;
  readonly tables: Map<string, DraftTable>;
  readonly indexes: Map<string, Index>;
}
export const newDraft = (engine: EngineId): Draft => ({ engine, tables: new Map(), indexes: new Map() });

/** Both engines find a name that differs only in case (SQLite always, PostgreSQL where it was not quoted). */
export const keyOf = (name: string): string => name.toLowerCase();
export const findDraft = (draft: Draft, name: string): DraftTable | undefined => draft.tables.get(keyOf(name));

/** PostgreSQL's serial types are integers with a default; SQLite keeps what was written. */
const serials: ReadonlyMap<string, string> = new Map([
  ['serial', 'integer'],
  ['serial4', 'integer'],
  ['bigserial', 'bigint'],
  ['serial8', 'bigint'],
  ['smallserial', 'smallint'],
  ['serial2', 'smallint'],
]);

export function columnOf(definition: ColumnDefinition, declared: Place): Column {
  const serial = serials.get(definition.type);
  return {
    name: definition.name.text,
    type: serial ?? definition.type,
    notNull: definition.notNull || serial !== undefined,
    declared,
    ...(definition.collation !== undefined && { collation: definition.collation }),
    ...(definition.generated && { generated: true }),
  };
}

export function addIndex(draft: Draft, index: Index): void {
  draft.indexes.set(keyOf(index.name), index);
}

/** A key or foreign key of a table, with the index it brings. */
export function addConstraint(draft: Draft, table: DraftTable, constraint: TableConstraint, place: Place): void {
  const columns = constraint.columns.map((column) => column.text);
  const declared = { path: place.path, span: constraint.span };
  if (constraint.kind === 'foreign key' && constraint.references !== undefined) {
    const { table: target, columns: referenced } = constraint.references;
    const references = referenced.length > 0 ? referenced.map((column) => column.text) : (findDraft(draft, target.text)?.primaryKey ?? []);
    replaceTable(draft, table.name, (known) => ({
      ...known,
      foreignKeys: [...known.foreignKeys, { columns, table: target.text, references }],
    }));
  }
  if (constraint.kind !== 'primary key' && constraint.kind !== 'unique' && constraint.kind !== 'exclude') return;
  if (columns.length === 0) return;
  if (constraint.kind === 'primary key') {
    replaceTable(draft, table.name, (known) => ({
      ...known,
      primaryKey: columns,
      columns: known.columns.map((column) =>
        columns.includes(column.name) && draft.engine === 'postgres' ? { ...column, notNull: true } : column,
      ),
    }));
    if (isRowid(draft, table, columns)) return;
  }
  const suffix =
    constraint.kind === 'primary key' ? 'pkey' : constraint.kind === 'unique' ? `${columns.join('_')}_key` : `${columns.join('_')}_excl`;
  const taken = [...draft.indexes.values()].filter(
    (index) => keyOf(index.table) === keyOf(table.name) && index.constraint !== undefined,
  ).length;
  const automatic = draft.engine === 'sqlite' ? `sqlite_autoindex_${table.name}_${taken + 1}` : `${table.name}_${suffix}`;
  addIndex(draft, {
    name: draft.engine === 'sqlite' ? automatic : (constraint.name?.text ?? automatic),
    table: table.name,
    keys: columns.map((column) => ({ column, descending: false })),
    include: [],
    unique: constraint.kind !== 'exclude',
    method: constraint.kind === 'exclude' ? 'gist' : 'btree',
    constraint: constraint.kind,
    declared,
  });
}

/** SQLite's INTEGER PRIMARY KEY is the table's own key: there is no index beside it. */
function isRowid(draft: Draft, table: DraftTable, columns: readonly string[]): boolean {
  if (draft.engine !== 'sqlite') return false;
  if (table.withoutRowid === true) return true;
  const only = findDraft(draft, table.name)?.columns.find((column) => column.name === columns[0]);
  return columns.length === 1 && only?.type === 'integer';
}

export function replaceTable(draft: Draft, name: string, change: (table: DraftTable) => DraftTable): void {
  const known = findDraft(draft, name);
  if (known !== undefined) draft.tables.set(keyOf(name), change(known));
}
