/** A repository's schema as the embedded engine has it, from files of any tool. */
import { afterAll } from 'vitest';
import type { Document } from '../../server/analysis/document.ts';
import { buildSchema } from '../../server/analysis/sql/build-schema.ts';
import type { Schema } from '../../server/analysis/sql/schema.ts';
import type { Dialect, EngineId } from '../../server/analysis/sql/statement.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import type { Loaded, Twin } from '../../server/twin/twin.ts';
import { createCache } from '../../server/workspace/cache.ts';
import type { DdlSource } from '../../server/workspace/ddl-order.ts';
import { orderDdl } from '../../server/workspace/ddl-order.ts';
import { isMigration, withDeclared } from '../../server/workspace/declared.ts';
import { resolveDialects } from '../../server/workspace/dialects.ts';
import { languageOfPath } from '../../server/workspace/languages.ts';
import { readFromText } from '../../server/workspace/read.ts';
import { buildsSchema, queriesOf } from '../../server/workspace/relations.ts';
import { createTreeKeeper } from '../../server/workspace/syntax.ts';

const twins = new Map<EngineId, Twin>();
afterAll(async () => {
  await Promise.all([...twins.values()].map((twin) => twin.close()));
});
let loads = 0;

export interface BuiltSchema {
  readonly documents: readonly Document[];
  readonly ddl: readonly DdlSource[];
  /** As TuneLens folds it. */
  readonly declared: Schema;
  readonly loaded: Loaded;
  /** `column type!` with `!` for NOT NULL, of each table as the engine has it. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** `table(a, b desc) unique where x` by the name of each index. */
  readonly indexes: Readonly<Record<string, string>>;
  /** What the engine did not take. */
  readonly refused: readonly string[];
  /** The words of the file where a table, column or index is declared. */
  declaredAt(table: string, column?: string): string;
}

/** Read as a project reads them: once, and once more where only the rest of the files tells a dialect. */
export async function documentsOf(files: Readonly<Record<string, string>>): Promise<Document[]> {
  const documents: Document[] = [];
  const read = async (path: string, text: string, dialect?: Dialect): Promise<Document | undefined> => {
    const keeper = createTreeKeeper();
    const { document, problems } = await readFromText({ path, language: languageOfPath(path), dialect }, text, createCache(), keeper);
    keeper.delete();
    if (problems.length > 0) throw new Error(`${path} ${problems.join()}`);
    return document;
  };
  for (const [name, text] of Object.entries(files)) {
    const document = await read(`/repo/${name}`, text);
    if (document !== undefined) documents.push(document);
  }
  const { dialects } = resolveDialects(documents, { projectRoot: () => '/repo', connected: [], assumed: new Set() });
  for (const [path, dialect] of dialects) {
    const at = documents.findIndex((document) => document.path === path);
    const again = await read(path, files[path.replace('/repo/', '')] ?? '', dialect);
    if (again !== undefined) documents[at] = again;
  }
  return documents;
}

export function ddlOf(documents: readonly Document[], engine: EngineId): readonly DdlSource[] {
  const sql = documents
    .filter((document) => !isMigration(document))
    .flatMap((document) =>
      queriesOf(document)
        .filter((query) => (query.dialect === engine || query.dialect === 'unknown') && buildsSchema(query))
        .map((query) => ({ path: document.path, query })),
    );
  return withDeclared(
    engine,
    documents.filter(({ declares }) => declares !== undefined),
    orderDdl(sql),
  );
}

export async function build(engine: EngineId, files: Readonly<Record<string, string>>): Promise<BuiltSchema> {
  const documents = await documentsOf(files);
  const ddl = ddlOf(documents, engine);
  let twin = twins.get(engine);
  if (twin === undefined) {
    twin = createTwin(engine, { idleMilliseconds: 60_000 });
    twins.set(engine, twin);
  }
  const statements = ddl.map(({ query }, index) => ({ key: String(index), sql: query.sql }));
  const loaded = await twin.load({ engine, hash: `schema test ${++loads}`, ddl: statements, assumedRows: 1000 });
  const declared = buildSchema(engine, ddl);
  return {
    documents,
    ddl,
    declared,
    loaded,
    tables: Object.fromEntries(
      loaded.schema.tables.map((table) => [
        table.name,
        table.columns.map(({ name, type, notNull }) => `${name} ${type.toLowerCase()}${notNull ? '!' : ''}`),
      ]),
    ),
    indexes: Object.fromEntries(
      loaded.schema.indexes
        .filter(({ constraint }) => constraint !== 'primary key')
        .map((index) => [
          index.name,
          `${index.table}(${index.keys
            .map(
              (key) =>
                `${key.column ?? key.expression}${key.operatorClass === undefined ? '' : ` ${key.operatorClass}`}${key.descending ? ' desc' : ''}`,
            )
            .join(', ')})${index.unique ? ' unique' : ''}${index.where === undefined ? '' : ` where ${index.where}`}`,
        ]),
    ),
    refused: loaded.rejections
      .filter(({ ignore }) => ignore === undefined)
      .map(({ key, rejection }) => `${statements[Number(key)]?.sql}: ${rejection.message}`),
    declaredAt(table, column) {
      const found = declared.tables.find(({ name }) => name === table);
      const place = column === undefined ? found?.declared : found?.columns.find(({ name }) => name === column)?.declared;
      if (place === undefined) return '';
      const text = files[place.path.replace('/repo/', '')] ?? '';
      return text.slice(place.span.start, place.span.end);
    },
  };
}
