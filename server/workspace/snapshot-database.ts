/**
 * The database whose snapshot a person named (`--stats`): the statements of its tables are planned on it, with what the repository's own DDL has and
 * the snapshot has not yet (a migration that has still to run).
 */
import { createHash } from 'node:crypto';
import { createIndexSql, createTableSql, quoteName } from '../analysis/ddl.ts';
import { buildSchema } from '../analysis/sql/build-schema.ts';
import { parseStatements } from '../analysis/sql/parse.ts';
import { findTable, type Index, indexesOf, isIndexName, type Schema, type Table } from '../analysis/sql/schema.ts';
import type { EngineId, Statement } from '../analysis/sql/statement.ts';
import type { Snapshot } from '../engines/engine.ts';
import type { Blueprint } from '../twin/twin.ts';
import type { Database } from './databases.ts';
import { blueprintOf } from './planners.ts';
import { relationsOf } from './relations.ts';

export interface SnapshotDatabase {
  readonly snapshot: Snapshot;
  /** Whether the statement is about its tables, and about none that neither it nor the repository's DDL has. */
  holds(statement: Statement, database: Database | undefined): boolean;
  /** What the embedded engine is built from: the snapshot, and what only `database` declares. */
  blueprint(database: Database | undefined, assumedRows: number): Blueprint;
}

export function createSnapshotDatabase(snapshot: Snapshot): SnapshotDatabase {
  const schema = schemaOf(snapshot);
  const names = new Set(
    [...schema.tables.map(({ name }) => name), ...snapshot.tables.map(({ table }) => table)].map((name) => name.toLowerCase()),
  );
  const blueprints = new WeakMap<Database, Blueprint>();
  return {
    snapshot,
    holds(statement, database) {
      const used = relationsOf(statement);
      const inferred = new Set(database?.inferred.map((name) => name.toLowerCase()));
      const declared = (name: string) => !inferred.has(name) && database !== undefined && findTable(database.schema, name) !== undefined;
      return used.some((name) => names.has(name)) && used.every((name) => names.has(name) || declared(name));
    },
    blueprint(database, assumedRows) {
      const plain = blueprintOf(snapshot, assumedRows);
      if (database === undefined || database.engine !== snapshot.engine) return plain;
      const known = blueprints.get(database);
      if (known?.assumedRows === assumedRows) return known;
      const ddl = pendingDdl(schema, database).map((sql, index) => ({ key: `pending ${index}`, sql }));
      const hash = createHash('sha256')
        .update(JSON.stringify([plain.hash, ddl]))
        .digest('hex')
        .slice(0, 32);
      const blueprint = ddl.length === 0 ? plain : { ...plain, hash, ddl };
      blueprints.set(database, blueprint);
      return blueprint;
    },
  };
}

/** Read from its own statements, as the repository's schema is: what one of the two lacks is then really missing. */
function schemaOf({ engine, ddl, label }: Snapshot): Schema {
  const queries = ddl.flatMap((sql) => parseStatements(sql, [], engine).map(({ statement }) => ({ path: label, query: { statement } })));
  return buildSchema(engine, queries);
}

/** What new tables may rest on. Where the snapshot has it, it is there already and nothing happens. */
const supporting = /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TYPE|DOMAIN|EXTENSION|FUNCTION|SCHEMA|SEQUENCE)\b/i;

function pendingDdl(have: Schema, { engine, schema, inferred, ddl }: Database): readonly string[] {
  const guessed = new Set(inferred);
  const declared = schema.tables.filter(({ name, kind }) => !guessed.has(name) && (kind === 'table' || kind === 'virtual'));
  const created = declared.filter(({ name, kind }) => kind === 'table' && findTable(have, name) === undefined);
  const columns = declared.flatMap((table) => missingColumns(engine, table, findTable(have, table.name)));
  const indexes = declared.flatMap(({ name }) => indexesOf(schema, name).filter((index) => isMissing(index, have)));
  const isMissingView = (name: string) => findTable(have, name) === undefined && findTable(schema, name) !== undefined;
  const views = ddl.flatMap(({ query: { statement, sql } }) =>
    statement.kind === 'create view' && isMissingView(statement.name.name.text) ? [sql] : [],
  );
  if (created.length + columns.length + indexes.length + views.length === 0) return [];
  return [
    ...(engine === 'postgres' ? ddl.flatMap(({ query: { sql } }) => (supporting.test(sql) ? [sql] : [])) : []),
    ...created.map((table) => createTableSql(engine, table)),
    ...columns,
    ...indexes.map((index) => indexSql(engine, index)),
    ...views,
  ];
}

function missingColumns(engine: EngineId, table: Table, have: Table | undefined): readonly string[] {
  if (have === undefined || have.kind !== 'table') return [];
  const names = new Set(have.columns.map(({ name }) => name.toLowerCase()));
  return table.columns
    .filter(({ name, generated }) => generated !== true && !names.has(name.toLowerCase()))
    .map(({ name, type }) => {
      const typed = type === '' && engine === 'postgres' ? 'text' : type;
      return `ALTER TABLE ${quoteName(engine, have.name)} ADD COLUMN ${quoteName(engine, name)} ${typed};`;
    });
}

/** Neither its name nor anything with the same keys is there. A key's index comes with its table, that of another constraint only with one that is there. */
function isMissing(index: Index, have: Schema): boolean {
  if (index.constraint === 'primary key' || index.constraint === 'exclude' || isIndexName(have, index.name)) return false;
  if (index.constraint === 'unique' && findTable(have, index.table) !== undefined) return false;
  return !indexesOf(have, index.table).some((other) => definition(other) === definition(index));
}

const definition = ({ keys, include, where, method, unique }: Index): string =>
  JSON.stringify([
    keys.map(({ column, expression, descending }) => [column?.toLowerCase(), expression, descending]),
    include,
    where,
    method,
    unique,
  ]);

function indexSql(engine: EngineId, { name, table, keys, include, where, method, unique }: Index): string {
  const sql = createIndexSql(engine, { table, keys, include, where, method }, { name, concurrently: false });
  return unique ? sql.replace(/^CREATE INDEX/, 'CREATE UNIQUE INDEX') : sql;
}
