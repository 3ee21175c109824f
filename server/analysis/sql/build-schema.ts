/** DDL in order -> the schema it leaves behind. */
import type { Query } from '../document.ts';
import type { Place } from '../span.ts';
import { printExpression } from './print.ts';
import type { Index, IndexKey, Schema } from './schema.ts';
import { applyAlter } from './schema-alter.ts';
import type { Draft, DraftTable } from './schema-draft.ts';
import { addConstraint, addIndex, columnOf, findDraft, keyOf, newDraft } from './schema-draft.ts';
import type { CreateIndex, CreateTable, CreateView, Drop, EngineId, Select, Statement } from './statement.ts';

/** Statements that only run on the way down, and everything that is no DDL, leave the schema as it is. Never throws. */
export function buildSchema(
  engine: EngineId,
  ddl: readonly { readonly path: string; readonly query: Pick<Query, 'direction' | 'statement'> }[],
): Schema {
  const draft = newDraft(engine);
  for (const { path, query } of ddl) {
    if (query.direction !== 'down') applyStatement(draft, query.statement, path);
  }
  return {
    engine,
    tables: [...draft.tables.values()].map(({ columns, ...table }) => ({ ...table, columns: [...columns] })),
    indexes: [...draft.indexes.values()],
  };
}

function applyStatement(draft: Draft, statement: Statement, path: string): void {
  const place: Place = { path, span: statement.span };
  switch (statement.kind) {
    case 'create table':
      createTable(draft, statement, place);
      break;
    case 'create index':
      createIndex(draft, statement, place);
      break;
    case 'create view':
      createView(draft, statement, place);
      break;
    case 'alter table':
      applyAlter(draft, statement, place);
      break;
    case 'drop':
      drop(draft, statement);
      break;
    default:
  }
}

function createTable(draft: Draft, statement: CreateTable, place: Place): void {
  const name = statement.name.name.text;
  if (findDraft(draft, name) !== undefined && statement.ifNotExists) return;
  const { path } = place;
  const parent = statement.partitionOf === undefined ? undefined : findDraft(draft, statement.partitionOf.name.text);
  const columns = statement.columns.map((column) => columnOf(column, { path, span: column.span }));
  const above = [parent, ...(statement.inherits ?? []).map((entry) => findDraft(draft, entry.name.text))];
  const inherited = above.flatMap((table) => table?.columns.filter((column) => !columns.some((own) => own.name === column.name)) ?? []);
  const table: DraftTable = {
    name,
    columns: [...inherited, ...(columns.length > 0 || statement.query === undefined ? columns : queryColumns(statement.query))],
    primaryKey: parent?.primaryKey ?? [],
    foreignKeys: [],
    kind: statement.virtual === undefined ? (statement.temporary ? 'temporary' : 'table') : 'virtual',
    inferred: false,
    declared: { path, span: statement.name.span },
    ...(statement.name.schema !== undefined && { schema: statement.name.schema.text }),
    ...(statement.withoutRowid && { withoutRowid: true }),
    ...(statement.partitionBy !== undefined && { partitioned: true }),
  };
  draft.tables.set(keyOf(name), table);
  for (const column of statement.columns) {
    const of = { span: column.span, columns: [column.name], ...(column.references !== undefined && { references: column.references }) };
    if (column.primaryKey) addConstraint(draft, table, { ...of, kind: 'primary key' }, place);
    if (column.unique) addConstraint(draft, table, { ...of, kind: 'unique' }, place);
    if (column.references !== undefined) addConstraint(draft, table, { ...of, kind: 'foreign key' }, place);
  }
  for (const constraint of statement.constraints) addConstraint(draft, table, constraint, place);
  if (parent === undefined) return;
  // A partition has every index of its parent.
  for (const index of [...draft.indexes.values()].filter((entry) => keyOf(entry.table) === keyOf(parent.name))) {
    addIndex(draft, { ...index, table: name, name: `${name}_${index.keys.map((key) => key.column ?? 'expr').join('_')}_idx` });
  }
}

/** The names a query gives its result; a star of tables nobody looked up gives none. */
function queryColumns(query: Select): DraftTable['columns'] {
  return query.columns.flatMap(({ alias, expression }) => {
    const name =
      alias?.text ?? (expression?.kind === 'column' ? expression.name.text : expression?.kind === 'call' ? expression.name : undefined);
    return name === undefined ? [] : [{ name, type: '', notNull: false }];
  });
}

function createIndex(draft: Draft, statement: CreateIndex, place: Place): void {
  const table = statement.table.name.text;
  const keys = statement.terms.map(({ expression, descending, nulls, collation, operatorClass }): IndexKey => {
    const key = expression.kind === 'column' ? { column: expression.name.text } : { expression: printExpression(expression, draft.engine) };
    return {
      ...key,
      descending,
      ...(nulls !== undefined && { nulls }),
      ...(collation !== undefined && { collation }),
      ...(operatorClass !== undefined && { operatorClass }),
    };
  });
  const name = statement.name?.name.text ?? `${table}_${keys.map((key) => key.column ?? 'expr').join('_')}_idx`;
  if (draft.indexes.has(keyOf(name)) && statement.ifNotExists) return;
  const index: Index = {
    name,
    table: findDraft(draft, table)?.name ?? table,
    keys,
    include: statement.include.map((column) => column.text),
    unique: statement.unique,
    method: statement.method,
    declared: place,
    ...(statement.where !== undefined && { where: printExpression(statement.where, draft.engine) }),
  };
  addIndex(draft, index);
}

function createView(draft: Draft, statement: CreateView, place: Place): void {
  const name = statement.name.name.text;
  const named = statement.columns.map((column) => ({ name: column.text, type: '', notNull: false }));
  draft.tables.set(keyOf(name), {
    name,
    columns: named.length > 0 || statement.query === undefined ? named : viewColumns(draft, statement.query),
    primaryKey: [],
    foreignKeys: [],
    kind: statement.materialized ? 'materialized view' : 'view',
    inferred: false,
    declared: place,
    ...(statement.name.schema !== undefined && { schema: statement.name.schema.text }),
  });
}
/** A star brings the columns of the tables that are known by then. */
function viewColumns(draft: Draft, query: Select): DraftTable['columns'] {
  return query.columns.flatMap((column) => {
    if (!column.star) return queryColumns({ ...query, columns: [column] });
    const wanted = column.table?.text;
    return query.from
      .filter((item) => wanted === undefined || (item.alias ?? item.name)?.text === wanted)
      .flatMap((item) => (item.name === undefined ? [] : (findDraft(draft, item.name.text)?.columns ?? [])))
      .map(({ name, type }) => ({ name, type, notNull: false }));
  });
}

function drop(draft: Draft, statement: Drop): void {
  for (const { name } of statement.names) {
    const key = keyOf(name.text);
    if (statement.object === 'index') draft.indexes.delete(key);
    else if (statement.object === 'schema') {
      for (const [table, entry] of draft.tables) if (entry.schema?.toLowerCase() === key) draft.tables.delete(table);
    } else if (statement.object !== 'other') {
      draft.tables.delete(key);
      for (const [index, entry] of draft.indexes) if (keyOf(entry.table) === key) draft.indexes.delete(index);
    }
  }
}
