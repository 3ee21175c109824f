/** Scripts that create or drop an index, in the words of the engine. */
import type { CandidateIndex } from '../facts.ts';
import type { ScriptFix } from '../fix.ts';
import type { Index, Schema } from '../sql/schema.ts';
import type { EngineId } from '../sql/statement.ts';

const quote = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

function createSql(engine: EngineId, index: { name: string; unique?: boolean } & CandidateIndex): string {
  const keys = index.keys.map(
    (key) => `${key.column === undefined ? `(${key.expression})` : quote(key.column)}${key.descending ? ' DESC' : ''}`,
  );
  const method = index.method === undefined || index.method === 'btree' ? '' : `USING ${index.method} `;
  const include = index.include.length > 0 ? ` INCLUDE (${index.include.map(quote).join(', ')})` : '';
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`;
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${engine === 'postgres' ? 'CONCURRENTLY ' : ''}${quote(index.name)} ON ${quote(index.table)} ${method}(${keys.join(', ')})${include}${where};`;
}

export function indexScript(candidate: CandidateIndex, engine: EngineId, _schema: Schema | undefined): ScriptFix {
  const columns = candidate.keys.map((key) => key.column ?? key.expression ?? '');
  const words = [candidate.table, ...columns].map((word) => word.toLowerCase().replace(/\W+/g, '_').replace(/^_|_$/g, '')).join('_');
  const name = `idx_${words}`.slice(0, 63);
  return {
    kind: 'script',
    title: `Create an index on ${candidate.table} (${columns.join(', ')})`,
    engine,
    text: createSql(engine, { ...candidate, name }),
    down: dropSql(engine, name),
    name: `add_index_${words}`.slice(0, 80),
    outsideTransaction: engine === 'postgres',
  };
}

/** Drops an index that nothing needs; taking it back builds it again. */
export function dropScript(index: Index, engine: EngineId): ScriptFix {
  return {
    kind: 'script',
    title: `Drop ${index.name}`,
    engine,
    text: dropSql(engine, index.name),
    down: createSql(engine, index),
    name: `drop_index_${index.name}`,
    outsideTransaction: engine === 'postgres',
  };
}

/** An index of trigrams, which serves LIKE and ILIKE with a wildcard anywhere (PostgreSQL's pg_trgm). */
export function trigramScript(table: string, column: string): ScriptFix {
  const name = `idx_${table}_${column}_trgm`.slice(0, 63);
  return {
    kind: 'script',
    title: `Create a trigram index on ${table} (${column})`,
    engine: 'postgres',
    text: `CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY ${quote(name)} ON ${quote(table)} USING gin (${quote(column)} gin_trgm_ops);`,
    down: dropSql('postgres', name),
    name: `add_trigram_index_${table}_${column}`,
    outsideTransaction: true,
  };
}

function dropSql(engine: EngineId, name: string): string {
  return `DROP INDEX ${engine === 'postgres' ? 'CONCURRENTLY ' : ''}${quote(name)};`;
}
