/** Index scripts as fixes: to create one, to drop one, each with what takes it back. */
import { createIndexSql, dropIndexSql, indexName, quoteName } from '../ddl.ts';
import type { CandidateIndex } from '../facts.ts';
import type { ScriptFix } from '../fix.ts';
import { type Index, type IndexKey, isIndexName, type Schema } from '../sql/schema.ts';
import type { EngineId } from '../sql/statement.ts';

/** Creates a candidate; its name keeps clear of the schema's own. PostgreSQL builds it without blocking writers. */
export function indexScript(candidate: CandidateIndex, engine: EngineId, schema: Schema | undefined): ScriptFix {
  const name = freeName(indexName(candidate), schema);
  const keys = candidate.keys.map((key) => `${key.column ?? key.expression}${key.descending ? ' DESC' : ''}`).join(', ');
  const { method = 'btree' } = candidate;
  const kind = method === 'btree' ? 'an index' : `a ${/^gist$/.test(method) ? 'GiST' : method.toUpperCase()} index`;
  return {
    kind: 'script',
    title: `Create ${kind} on ${candidate.table} (${keys})${candidate.include.length === 0 ? '' : ` with ${candidate.include.join(', ')}`}${candidate.where === undefined ? '' : ` where ${candidate.where}`}`,
    engine,
    text: createIndexSql(engine, candidate, { name, concurrently: true }),
    down: dropIndexSql(engine, name, { concurrently: true }),
    name: `add_${name.replace(/^idx_/, 'index_')}`,
    outsideTransaction: engine === 'postgres',
  };
}

/** Several that only help together, as one script. */
export function indexScripts(candidates: readonly CandidateIndex[], engine: EngineId, schema: Schema | undefined): ScriptFix {
  const [first, ...others] = candidates.map((candidate) => indexScript(candidate, engine, schema));
  if (first === undefined) throw new Error('A script of no index.');
  if (others.length === 0) return first;
  const all = [first, ...others];
  return {
    ...first,
    title: `${first.title}${others.map(({ title }) => title.replace('Create an index', ' and one')).join('')}`,
    text: all.map(({ text }) => text).join('\n'),
    down: [...all]
      .reverse()
      .map(({ down }) => down)
      .join('\n'),
  };
}

/** Drops an index that nothing needs; taking it back builds it again. */
export function dropScript(index: Index, engine: EngineId): ScriptFix {
  return {
    kind: 'script',
    title: `Drop ${index.name}`,
    engine,
    text: dropIndexSql(engine, index.name, { concurrently: true }),
    down: rebuildSql(index, engine),
    name: `drop_index_${index.name.toLowerCase().replace(/\W+/g, '_')}`,
    outsideTransaction: engine === 'postgres',
  };
}

/** An index of trigrams, which serves LIKE and ILIKE with a wildcard anywhere (PostgreSQL's pg_trgm). */
export function trigramScript(table: string, column: string): ScriptFix {
  const name = indexName({ table, keys: [{ column: `${column}_trgm`, descending: false }], include: [] });
  const quoted = quoteName('postgres', column);
  return {
    kind: 'script',
    title: `Create a trigram index on ${table} (${column})`,
    engine: 'postgres',
    text: `CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY ${quoteName('postgres', name)} ON ${quoteName('postgres', table)} USING gin (${quoted} gin_trgm_ops);`,
    down: dropIndexSql('postgres', name, { concurrently: true }),
    name: `add_${name.replace(/^idx_/, 'index_')}`,
    outsideTransaction: true,
  };
}

/** The index as it was, with what a candidate cannot say: uniqueness, collations, operator classes. */
function rebuildSql(index: Index, engine: EngineId): string {
  const key = ({ column, expression, collation, operatorClass, descending, nulls }: IndexKey): string => {
    const words = [
      column === undefined ? `(${expression})` : quoteName(engine, column),
      collation === undefined ? '' : `COLLATE ${quoteName(engine, collation)}`,
      operatorClass ?? '',
      descending ? 'DESC' : '',
      nulls === undefined ? '' : `NULLS ${nulls.toUpperCase()}`,
    ];
    return words.filter((word) => word !== '').join(' ');
  };
  const concurrently = engine === 'postgres' ? 'CONCURRENTLY ' : '';
  const include = index.include.length === 0 ? '' : ` INCLUDE (${index.include.map((name) => quoteName(engine, name)).join(', ')})`;
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`;
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${concurrently}${quoteName(engine, index.name)} ON ${quoteName(engine, index.table)} (${index.keys.map(key).join(', ')})${include}${where};`;
}

function freeName(name: string, schema: Schema | undefined): string {
  let free = name;
  for (let next = 2; schema !== undefined && isIndexName(schema, free); next++) free = `${name.slice(0, 60)}_${next}`;
  return free;
}
