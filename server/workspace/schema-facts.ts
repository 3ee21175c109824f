/** A schema and its sizes as facts for rules. */
import type { FactTypes } from '../analysis/facts.ts';
import { findTable, type Schema, type TableStatistics } from '../analysis/sql/schema.ts';
import type { Database } from './databases.ts';
import type { Configuration } from './project.ts';

export function schemaFact(
  schema: Schema,
  source: { readonly grade: 'static' | 'planned' | 'live'; readonly source: string },
): FactTypes['schema'] {
  return { ...source, schema, table: (name) => findTable(schema, name) };
}

export function statisticsFact(
  statistics: readonly TableStatistics[],
  source: { readonly grade: 'planned' | 'live'; readonly source: string },
  { smallTable }: Configuration,
): FactTypes['statistics'] {
  const byName = new Map(statistics.map((entry) => [entry.table.toLowerCase(), entry] as const));
  return {
    ...source,
    rows: (table) => byName.get(table.toLowerCase())?.rows,
    table: (name) => byName.get(name.toLowerCase()),
    smallTable,
  };
}

const placedSchemas = new WeakMap<Schema, { readonly database: Database; readonly schema: Schema }>();
/** The server's schema, with the places where the repository declares what is in it. */
export function withPlaces(given: Schema, database: Database | undefined): Schema {
  if (database === undefined) return given;
  const known = placedSchemas.get(given);
  if (known?.database === database) return known.schema;
  const indexes = new Map(database.schema.indexes.map((index) => [index.name.toLowerCase(), index.declared] as const));
  const schema: Schema = {
    ...given,
    tables: given.tables.map((table) => {
      const declared = findTable(database.schema, table.name)?.declared;
      return declared === undefined ? table : { ...table, declared };
    }),
    indexes: given.indexes.map((index) => {
      const declared = indexes.get(index.name.toLowerCase());
      return declared === undefined ? index : { ...index, declared };
    }),
  };
  placedSchemas.set(given, { database, schema });
  return schema;
}
