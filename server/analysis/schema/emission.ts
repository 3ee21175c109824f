/** What the writers of DDL share: the engine, the schema, and the names that are taken. */
import type { Span } from '../span.ts';
import type { EngineId } from '../sql/statement.ts';
import { type DdlText, ddlBuilder } from './ddl-text.ts';
import type { ColumnSpec } from './declaration.ts';
import { longestName } from './names.ts';
import { columnOf, type DraftTable, keyOf, type Placed, primaryKeyOf, type State, tableOf } from './state.ts';
import { plainOf, postgresType, sqliteType } from './types.ts';

export interface Emission {
  readonly engine: EngineId;
  readonly state: State;
  readonly types: ReadonlySet<string>;
  readonly extensions: Map<string, { readonly path: string; readonly span: Span }>;
  readonly names: Set<string>;
  /** Keys that a foreign key may refer to, by table: `a,b`. */
  readonly keys: Map<DraftTable, Set<string>>;
  /** Foreign keys that their CREATE TABLE could not hold. */
  readonly later: Map<DraftTable, Reference[]>;
}

export interface Reference {
  readonly columns: readonly string[];
  readonly target: DraftTable;
  readonly keys: readonly string[];
  /** PostgreSQL wants the other table there first. */
  readonly later: boolean;
  readonly place: Placed & { readonly span: Span };
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const list = (names: readonly string[]): string => names.map(quoted).join(', ');

/** A name that no other index of the schema has. */
export function unused(emission: Emission, wanted: string): string {
  let name = wanted.slice(0, longestName);
  for (let count = 2; emission.names.has(keyOf(name)); count++) name = `${wanted.slice(0, longestName - 4)}_${count}`;
  emission.names.add(keyOf(name));
  return name;
}

export const fullName = (emission: Emission, table: DraftTable): string =>
  table.schema !== undefined && emission.engine === 'postgres' ? `${quoted(table.schema)}.${quoted(table.name)}` : quoted(table.name);

export function statement({ path }: Placed, span: Span, sql: string): DdlText {
  const text = ddlBuilder(path, span);
  text.add(sql);
  return text.finish();
}

/** The type of a column; of one that refers to another, that one's. */
export function typeOf(emission: Emission, table: DraftTable, column: ColumnSpec, depth = 0): string {
  const { engine, state } = emission;
  const at = engine === 'postgres' ? 0 : 1;
  if (column.type === 'referenced') {
    const target = column.references === undefined ? undefined : tableOf(state, column.references.table);
    const key = target === undefined ? undefined : (column.references?.columns?.[0] ?? primaryKeyOf(target)[0]);
    const found = target === undefined || key === undefined ? undefined : columnOf(target, key);
    // Bounded: two tables may refer to each other by their keys.
    if (target === undefined || found === undefined || found === column || depth > 8) return 'bigint';
    return plainOf(typeOf(emission, target, found, depth + 1));
  }
  if (engine === 'sqlite') return sqliteType(column.type[at]);
  const enumeration = column.enumeration?.name;
  if (enumeration !== undefined && (emission.types.has(keyOf(enumeration)) || (column.enumeration?.values.length ?? 0) > 0)) {
    return column.array === true ? `${quoted(enumeration)}[]` : quoted(enumeration);
  }
  const known = postgresType(column.type[at], emission.types);
  if (known.extension !== undefined && !emission.extensions.has(known.extension)) emission.extensions.set(known.extension, table);
  return column.array === true && !known.text.endsWith('[]') ? `${known.text}[]` : known.text;
}
