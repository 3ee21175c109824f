/** What a database holds, as a plain value: from its DDL, from a live catalogue, or inferred from queries. */
import type { Place } from '../span.ts';
import type { EngineId } from './statement.ts';

export interface Column {
  readonly name: string;
  /** Folded to lower case; empty where none was given. */
  readonly type: string;
  readonly notNull: boolean;
  readonly collation?: string | undefined;
  readonly generated?: boolean | undefined;
  readonly declared?: Place | undefined;
}
export interface IndexKey {
  /** The column, or absent for an expression. */
  readonly column?: string | undefined;
  /** SQL text of the expression, normalised by `sql/print.ts`. */
  readonly expression?: string | undefined;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last' | undefined;
  readonly collation?: string | undefined;
  readonly operatorClass?: string | undefined;
}
export interface Index {
  readonly name: string;
  readonly table: string;
  readonly keys: readonly IndexKey[];
  readonly include: readonly string[];
  readonly unique: boolean;
  /** `btree`, `gin`, `brin` … */
  readonly method: string;
  readonly where?: string | undefined;
  /** Set where the index exists because of a constraint. */
  readonly constraint?: 'primary key' | 'unique' | 'exclude' | undefined;
  readonly declared?: Place | undefined;
}
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
}
export interface Table {
  readonly name: string;
  /** Namespace (`public`, `main`, `temp`), where it was written. */
  readonly schema?: string | undefined;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly kind: 'table' | 'view' | 'materialized view' | 'virtual' | 'temporary';
  readonly withoutRowid?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
  /** Only queries mention it: its columns are what they use, and findings that rest on it say so. */
  readonly inferred: boolean;
  readonly declared?: Place | undefined;
}
export interface Schema {
  readonly engine: EngineId;
  readonly tables: readonly Table[];
  readonly indexes: readonly Index[];
}

/** Sizes as the engine's own catalogue has them. Absent: never counted. */
export interface TableStatistics {
  readonly table: string;
  readonly rows: number;
  readonly bytes?: number | undefined;
  /** ISO 8601 time of the last ANALYZE. */
  readonly analyzedAt?: string | undefined;
}

/** Tables by exact and by folded name, made once for a schema: it is a value and never changes. */
const tablesByName = new WeakMap<Schema, { readonly exact: ReadonlyMap<string, Table>; readonly folded: ReadonlyMap<string, Table> }>();

/** The table of that name, else one that differs only in case. */
export function findTable(schema: Schema, name: string): Table | undefined {
  let known = tablesByName.get(schema);
  if (known === undefined) {
    const exact = new Map<string, Table>();
    const folded = new Map<string, Table>();
    for (const table of schema.tables) {
      if (!exact.has(table.name)) exact.set(table.name, table);
      const key = table.name.toLowerCase();
      if (!folded.has(key)) folded.set(key, table);
    }
    known = { exact, folded };
    tablesByName.set(schema, known);
  }
  return known.exact.get(name) ?? known.folded.get(name.toLowerCase());
}

const indexesByName = new WeakMap<
  Schema,
  { readonly byTable: ReadonlyMap<string, readonly Index[]>; readonly names: ReadonlySet<string> }
>();

function indexesOfSchema(schema: Schema) {
  let known = indexesByName.get(schema);
  if (known === undefined) {
    known = {
      byTable: Map.groupBy(schema.indexes, (index) => index.table.toLowerCase()),
      names: new Set(schema.indexes.map((index) => index.name.toLowerCase())),
    };
    indexesByName.set(schema, known);
  }
  return known;
}

/** The indexes of a table, by its name in any case, in the order they were declared. */
export function indexesOf(schema: Schema, table: string): readonly Index[] {
  return indexesOfSchema(schema).byTable.get(table.toLowerCase()) ?? [];
}

/** Whether an index of the schema is called so. */
export function isIndexName(schema: Schema, name: string): boolean {
  return indexesOfSchema(schema).names.has(name.toLowerCase());
}
