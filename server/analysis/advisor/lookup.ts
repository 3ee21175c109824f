/** Tables and indexes of a schema by name. A schema of hundreds of tables is asked hundreds of times at each keystroke. */
import type { Index, Schema, Table } from '../sql/schema.ts';

interface ByName {
  readonly tables: ReadonlyMap<string, Table>;
  readonly indexes: ReadonlyMap<string, readonly Index[]>;
  readonly indexNames: ReadonlySet<string>;
}
const known = new WeakMap<Schema, ByName>();

function byName(schema: Schema): ByName {
  let found = known.get(schema);
  if (found === undefined) {
    // The first of a name wins, as a search from the start would have it.
    const tables = new Map([...schema.tables].reverse().map((table) => [table.name.toLowerCase(), table] as const));
    found = {
      tables,
      indexes: Map.groupBy(schema.indexes, (index) => index.table.toLowerCase()),
      indexNames: new Set(schema.indexes.map((index) => index.name.toLowerCase())),
    };
    known.set(schema, found);
  }
  return found;
}

export function tableNamed(schema: Schema, name: string): Table | undefined {
  return byName(schema).tables.get(name.toLowerCase());
}

/** In the order they were declared. */
export function indexesOf(schema: Schema, table: string): readonly Index[] {
  return byName(schema).indexes.get(table.toLowerCase()) ?? [];
}

/** Whether an index of the schema is called so. */
export function isIndexName(schema: Schema, name: string): boolean {
  return byName(schema).indexNames.has(name.toLowerCase());
}
