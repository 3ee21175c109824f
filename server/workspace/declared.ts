/** The DDL of files that declare tables in another way than SQL: models of an ORM, migrations in a host language. */
import type { Document, Query } from '../analysis/document.ts';
import { emit } from '../analysis/schema/emit.ts';
import { type DeclaringFile, fold } from '../analysis/schema/fold.ts';
import { inOrder } from '../analysis/schema/order.ts';
import { contains } from '../analysis/span.ts';
import { buildSchema } from '../analysis/sql/build-schema.ts';
import { sqlQueries } from '../analysis/sql/queries.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import { createCache } from './cache.ts';
import type { DdlSource } from './ddl-order.ts';
import { buildsSchema, queriesOf } from './relations.ts';

/** The engines that a project's tools are for, as its files say; empty where none does. */
export function declaredEngines(documents: readonly Document[]): ReadonlySet<EngineId> {
  return new Set(documents.flatMap(({ declares }) => declares?.engines ?? []));
}

/** Whether the document's own SQL is a part of its declarations, taken in their order and only on the way up. */
export const isMigration = ({ declares }: Document): boolean => declares?.form === 'migration' || declares?.form === 'snapshot';

/**
 * The project's DDL with what its tools declare: first the tables that migrations in a host language made, then those of
 * models that nothing else creates, then `sql`, without the tables that are there already.
 */
export function withDeclared(engine: EngineId, documents: readonly Document[], sql: readonly DdlSource[]): readonly DdlSource[] {
  if (documents.length === 0) return sql;
  // Rails writes down in SQL what its migrations made, where Ruby has no words for it.
  const written = sql.some(({ path }) => path.endsWith('structure.sql'));
  const counted = written ? documents.filter(({ declares }) => declares?.tool !== 'rails' || declares.form !== 'migration') : documents;
  const files = inOrder(counted.flatMap((document) => fileOf(document, engine) ?? []));
  const migrated = statementsOf(files.migrations, engine, new Set());
  const made = tablesOf(engine, migrated);
  const rest = sql.filter(
    ({ query }) => query.statement.kind !== 'create table' || !made.has(query.statement.name.name.text.toLowerCase()),
  );
  const known = new Set([...made, ...tablesOf(engine, rest)]);
  return [...migrated, ...statementsOf(files.models, engine, known), ...rest];
}

function fileOf(document: Document, engine: EngineId): DeclaringFile | undefined {
  const { path, declares } = document;
  if (declares === undefined || (declares.steps.length > 0 && declares.engines.length > 0 && !declares.engines.includes(engine)))
    return undefined;
  const own = queriesOf(document).filter((query) => query.dialect === engine && buildsSchema(query));
  return { path, declares, sqlIn: (span) => own.filter((query) => contains(span, query.span)) };
}

function tablesOf(engine: EngineId, sources: readonly DdlSource[]): Set<string> {
  return new Set(buildSchema(engine, sources).tables.map(({ name }) => name.toLowerCase()));
}

/** Each statement is parsed once, whatever else changes: an edit of one migration costs what it changes. */
const parsed = createCache(2_000_000);

function statementsOf(files: readonly DeclaringFile[], engine: EngineId, known: ReadonlySet<string>): DdlSource[] {
  if (files.length === 0) return [];
  const state = fold(files);
  if (known.size > 0) {
    for (const key of known) state.tables.delete(key);
    // A type that no table is left for is made where its tables are.
    const used = new Set(
      [...state.tables.values()].flatMap(({ columns }) => columns.flatMap(({ enumeration }) => enumeration?.name ?? [])),
    );
    for (const name of state.types.keys()) if (!used.has(name)) state.types.delete(name);
  }
  return emit(state, engine).flatMap((emitted) => {
    if ('query' in emitted) return [emitted];
    const { path, sql, segments, span } = emitted.text;
    const key = `${segments.map(({ hostStart, hostEnd }) => `${hostStart}-${hostEnd}`).join()} ${sql}`;
    const query = parsed.remember(`${engine} ${path}`, key, (): Query | undefined => {
      const input = { text: sql, segments, holes: [], dialect: engine, from: 'file', anchor: span, percentParameters: false } as const;
      return sqlQueries(input).queries[0];
    });
    return query === undefined ? [] : [{ path, query }];
  });
}
