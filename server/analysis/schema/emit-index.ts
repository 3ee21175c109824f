/** CREATE INDEX of a declared index. */
import type { DdlText } from './ddl-text.ts';
import type { IndexSpec, KeySpec } from './declaration.ts';
import { type Emission, fullName, list, quoted, statement, unused } from './emission.ts';
import { indexName } from './names.ts';
import { columnName, type DraftTable, type Placed } from './state.ts';

export function indexSql(emission: Emission, table: DraftTable, index: IndexSpec & Placed): { readonly text: DdlText } {
  const { engine } = emission;
  const columns = index.keys.map((key) => (key.column === undefined ? 'expr' : columnName(table, key.column)));
  const name = unused(emission, index.name ?? indexName(table.tool, table.name, columns, index.unique === true));
  const method =
    engine === 'postgres' && index.method !== undefined && /^\w+$/.test(index.method) ? ` USING ${index.method.toLowerCase()}` : '';
  const include = engine === 'postgres' && index.include !== undefined && index.include.length > 0;
  const where = index.where === undefined ? '' : ` WHERE ${withColumns(table, index.where)}`;
  const trigram = index.keys.some(({ operatorClass }) => operatorClass !== undefined && /_trgm_ops$/.test(operatorClass));
  if (trigram && engine === 'postgres') emission.extensions.set('pg_trgm', table);
  const sql =
    `CREATE ${index.unique === true ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${fullName(emission, table)}${method} ` +
    `(${index.keys.map((key) => keySql(emission, table, key, method)).join(', ')})` +
    `${include ? ` INCLUDE (${list((index.include ?? []).map((each) => columnName(table, each)))})` : ''}${where}`;
  return { text: statement(index, index.span, sql) };
}

/** A condition may call columns by what code calls them, in quotes. */
const withColumns = (table: DraftTable, sql: string): string =>
  sql.replace(/"([^"]+)"/g, (_, name: string) => quoted(columnName(table, name)));

function keySql({ engine }: Emission, table: DraftTable, key: KeySpec, method: string): string {
  const words = [key.column === undefined ? `(${withColumns(table, key.expression ?? 'NULL')})` : quoted(columnName(table, key.column))];
  if (engine === 'postgres' && key.operatorClass !== undefined && /^\w+$/.test(key.operatorClass)) words.push(key.operatorClass);
  // Only B-trees have an order.
  if (method === '' || method === ' USING btree') {
    if (key.descending === true) words.push('DESC');
    if (key.nulls !== undefined && engine === 'postgres') words.push(`NULLS ${key.nulls.toUpperCase()}`);
  }
  return words.join(' ');
}
