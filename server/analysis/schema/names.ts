/** The names that the tools and the engines give what nobody named. */
import type { SchemaTool } from './declaration.ts';

/** PostgreSQL cuts names at 63 bytes (NAMEDATALEN - 1). */
export const longestName = 63;

/**
 * Rails: `index_name_for` of ActiveRecord's schema statements; Knex: `_indexCommand` of its table compiler; Prisma: its
 * naming conventions for constraints and indexes; Drizzle: `uniqueKeyName`; SQLAlchemy: `ix_%(column_0_label)s`;
 * Django and TypeORM add a hash, which is left out here.
 */
export function indexName(tool: SchemaTool, table: string, columns: readonly string[], unique: boolean): string {
  const joined = columns.join('_');
  const name = (): string => {
    switch (tool) {
      case 'rails':
        return `index_${table}_on_${columns.join('_and_')}`;
      case 'knex':
        return `${table}_${joined}_${unique ? 'unique' : 'index'}`.toLowerCase().replaceAll(/[.-]/g, '_');
      case 'prisma':
        return `${table}_${joined}_${unique ? 'key' : 'idx'}`;
      case 'drizzle':
        return `${table}_${joined}_${unique ? 'unique' : 'index'}`;
      case 'typeorm':
        return `IDX_${table}_${joined}`;
      case 'django':
        return `${table}_${joined}_${unique ? 'uniq' : 'idx'}`;
      default:
        return unique ? `uq_${table}_${joined}` : `ix_${table}_${joined}`;
    }
  };
  return name().slice(0, longestName);
}
