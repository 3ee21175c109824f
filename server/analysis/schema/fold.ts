/** Declarations in order -> the tables they leave behind. Never throws; a step on a table that nobody declared does nothing. */
import type { Query } from '../document.ts';
import type { Span } from '../span.ts';
import { changeTable, dropIndex } from './change-table.ts';
import type { ColumnSpec, Declarations, SchemaStep, TableRef } from './declaration.ts';
import { foldSql } from './fold-sql.ts';
import { type DraftTable, keyOf, nameOf, newState, type State, tableOf } from './state.ts';

export interface DeclaringFile {
  readonly path: string;
  readonly declares: Declarations;
  /** Its SQL that builds a schema of this engine, within a span, in the order it is written. */
  readonly sqlIn: (span: Span) => readonly Query[];
}

export function fold(files: readonly DeclaringFile[]): State {
  const state = newState();
  for (const { declares } of files) for (const [from, to] of declares.aliases ?? []) state.aliases.set(from, to);
  for (const file of files) for (const step of file.declares.steps) take(state, step, file);
  return state;
}

function take(state: State, step: SchemaStep, file: DeclaringFile): void {
  const { path } = file;
  switch (step.kind) {
    case 'create table':
      createTable(state, step, file);
      return;
    case 'create type':
      if (!state.types.has(step.name)) state.types.set(step.name, { name: step.name, values: step.values, span: step.span, path });
      return;
    case 'create extension':
      if (!state.extensions.has(step.name)) state.extensions.set(step.name, { span: step.span, path });
      return;
    case 'sql':
      for (const query of file.sqlIn(step.span)) foldSql(state, query, path, file.declares.tool);
      return;
    case 'rename index':
      for (const table of state.tables.values()) {
        table.indexes = table.indexes.map((index) => (index.name === step.name ? { ...index, name: step.to } : index));
      }
      return;
    case 'drop index': {
      const table = step.table === undefined ? undefined : tableOf(state, step.table);
      for (const each of table === undefined ? state.tables.values() : [table]) dropIndex(each, step.name, step.columns);
      state.raw = state.raw.filter(
        ({ query: { statement } }) => statement.kind !== 'create index' || statement.name?.name.text !== step.name,
      );
      return;
    }
    default: {
      const table = tableOf(state, step.table);
      if (table !== undefined) changeTable(state, table, step, path);
    }
  }
}

function createTable(state: State, step: Extract<SchemaStep, { kind: 'create table' }>, { path, declares }: DeclaringFile): void {
  const name = nameOf(state, step.table);
  if (name === undefined) return;
  const key = keyOf(name);
  if (step.symbol !== undefined) state.symbols.set(step.symbol, key);
  if (state.tables.has(key) && step.ifNotExists === true) return;
  state.tables.set(key, {
    name,
    schema: 'name' in step.table ? step.table.schema : undefined,
    path,
    span: step.span,
    view: step.view === true,
    columns: unrepeated(step.columns).map((column) => ({ ...column, path })),
    constraints: step.constraints.map((constraint) => ({ ...constraint, path })),
    indexes: step.indexes.map((index) => ({ ...index, path })),
    tool: declares.tool,
    ...namedAfter(state, step.table),
  });
}

function namedAfter(state: State, table: TableRef): Pick<DraftTable, 'namedAfter'> {
  if (!('symbol' in table) || table.suffix === undefined) return {};
  const other = tableOf(state, { symbol: table.symbol });
  return other === undefined ? {} : { namedAfter: { table: other, suffix: table.suffix } };
}

/** No engine takes a table with the same column twice. */
function unrepeated(columns: readonly ColumnSpec[]): ColumnSpec[] {
  const byName = new Map<string, ColumnSpec>();
  for (const column of columns) byName.set(keyOf(column.name), column);
  return [...byName.values()];
}
