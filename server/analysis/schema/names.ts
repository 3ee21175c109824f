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

/** The constraint of a unique column: PostgreSQL's own name unless the tool writes another. */
export function uniqueName(tool: SchemaTool, table: string, columns: readonly string[]): string {
  return tool === 'drizzle' || tool === 'knex' ? indexName(tool, table, columns, true) : `${table}_${columns.join('_')}_key`;
}

/** `createdAt` -> `created_at`, `HTMLPage` -> `html_page`. */
export const snakeCase = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();

/** `user_id`, `user id` -> `userId`. */
export const camelCase = (name: string): string => name.replace(/[_\s]+(\w)/g, (_, sign: string) => sign.toUpperCase());
