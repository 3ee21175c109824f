/** A schema while the steps of its declarations are taken: the only place where its tables change. */
import type { Query } from '../document.ts';
import type { Span } from '../span.ts';
import type { ColumnSpec, ConstraintSpec, IndexSpec, SchemaStep, SchemaTool, TableRef } from './declaration.ts';

export interface Placed {
  readonly path: string;
}
export interface DraftTable extends Placed {
  name: string;
  schema: string | undefined;
  readonly span: Span;
  readonly view: boolean;
  columns: (ColumnSpec & Placed)[];
  constraints: (ConstraintSpec & Placed)[];
  indexes: (IndexSpec & Placed)[];
  readonly tool: SchemaTool;
  /** A table that is called after another one, and is renamed with it. */
  readonly namedAfter?: { readonly table: DraftTable; readonly suffix: string } | undefined;
}
/** A statement of SQL that stays as it is. */
export interface RawStatement extends Placed {
  readonly query: Query;
}
export interface State {
  /** By `keyOf` of the name. */
  readonly tables: Map<string, DraftTable>;
  /** What code calls a table -> its key. */
  readonly symbols: Map<string, string>;
  readonly aliases: Map<string, string>;
  readonly types: Map<string, { readonly name: string; readonly values: readonly string[]; readonly span: Span } & Placed>;
  readonly extensions: Map<string, { readonly span: Span } & Placed>;
  readonly mixins: Map<string, Mixin>;
  raw: RawStatement[];
}

export type Mixin = Extract<SchemaStep, { kind: 'mixin' }> & Placed;

export const newState = (): State => ({
  tables: new Map(),
  symbols: new Map(),
  aliases: new Map(),
  types: new Map(),
  extensions: new Map(),
  mixins: new Map(),
  raw: [],
});
export const keyOf = (name: string): string => name.toLowerCase();

/** Follows aliases (`settings.AUTH_USER_MODEL`), which may not lead in a circle. */
export function symbolOf(state: State, symbol: string): string {
  let at = symbol;
  for (let step = 0; step < 8; step++) {
    const next = state.aliases.get(at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** The name a reference stands for; undefined where nothing declares its symbol. */
export function nameOf(state: State, table: TableRef): string | undefined {
  if ('name' in table) return table.name;
  const symbol = symbolOf(state, table.symbol);
  const key = state.symbols.get(symbol);
  const found = key === undefined ? undefined : state.tables.get(key);
  return found === undefined ? undefined : `${found.name}${table.suffix ?? ''}`;
}
export function tableOf(state: State, table: TableRef): DraftTable | undefined {
  const name = nameOf(state, table);
  return name === undefined ? undefined : state.tables.get(keyOf(name));
}

/** By its name or by what code calls it; a name wins over a property of another column. */
export function columnOf(table: DraftTable, name: string): (ColumnSpec & Placed) | undefined {
  return (
    table.columns.find((column) => column.name === name) ??
    table.columns.find((column) => column.property === name) ??
    table.columns.find((column) => keyOf(column.name) === keyOf(name))
  );
}
export const columnName = (table: DraftTable, name: string): string => columnOf(table, name)?.name ?? name;

export function primaryKeyOf(table: DraftTable): readonly string[] {
  const constraint = table.constraints.find(({ kind }) => kind === 'primary key');
  if (constraint !== undefined) return constraint.columns.map((name) => columnName(table, name));
  return table.columns.filter(({ primaryKey }) => primaryKey === true).map(({ name }) => name);
}
