/** Declarations in order -> the tables they leave behind. Never throws; a step on a table that nobody declared does nothing. */
import type { Query } from '../document.ts';
import type { Span } from '../span.ts';
import { changeTable, dropIndex } from './change-table.ts';
import type { ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep, TableRef } from './declaration.ts';
import { foldSql } from './fold-sql.ts';
import { snakeCase } from './names.ts';
import { type DraftTable, keyOf, nameOf, newState, type Placed, type State, tableOf } from './state.ts';

export interface DeclaringFile {
  readonly path: string;
  readonly declares: Declarations;
  /** Its SQL that builds a schema of this engine, within a span, in the order it is written. */
  readonly sqlIn: (span: Span) => readonly Query[];
}

export function fold(files: readonly DeclaringFile[]): State {
  const state = newState();
  const naming = new Map(files.flatMap(({ declares: { tool, naming: of } }) => (of === undefined ? [] : [[tool, of] as const])));
  for (const { path, declares } of files) {
    for (const [from, to] of declares.aliases ?? []) state.aliases.set(from, to);
    for (const step of declares.steps) {
      const named = naming.get(declares.tool) === 'snake' ? snakeNamed(step) : step;
      if (named.kind === 'mixin') state.mixins.set(named.symbol, { ...named, path });
    }
  }
  for (const file of files) {
    const names = naming.get(file.declares.tool);
    // Names that nobody can tell make tables that nobody can know.
    if (names === 'custom' && file.declares.form === 'model') continue;
    for (const step of file.declares.steps) take(state, names === 'snake' ? snakeNamed(step) : step, file);
  }
  return state;
}

function take(state: State, step: SchemaStep, file: DeclaringFile): void {
  const { path } = file;
  switch (step.kind) {
    case 'create table':
      createTable(state, step, file);
      return;
    case 'mixin':
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
  const above = basesOf(state, step.bases ?? [], 0);
  if (name === undefined || above === undefined) return;
  const key = keyOf(name);
  if (step.symbol !== undefined) state.symbols.set(step.symbol, key);
  if (state.tables.has(key) && step.ifNotExists === true) return;
  const own = { ...step, path };
  const placed = <Item>(of: (from: Parts & Placed) => readonly Item[]): (Item & Placed)[] =>
    [...above, own].flatMap((from) => of(from).map((item) => ({ ...item, path: from.path })));
  state.tables.set(key, {
    name,
    schema: 'name' in step.table ? step.table.schema : undefined,
    path,
    span: step.span,
    view: step.view === true,
    columns: unrepeated(placed(({ columns }) => columns)),
    constraints: placed(({ constraints }) => constraints),
    indexes: placed(({ indexes }) => indexes),
    tool: declares.tool,
    ...namedAfter(state, step.table),
  });
}

interface Parts {
  readonly columns: readonly ColumnSpec[];
  readonly constraints: readonly ConstraintSpec[];
  readonly indexes: readonly IndexSpec[];
}

/** Outermost first; undefined where one is not declared. */
function basesOf(state: State, symbols: readonly string[], depth: number): readonly (Parts & Placed)[] | undefined {
  const found: (Parts & Placed)[] = [];
  for (const symbol of symbols) {
    const mixin = state.mixins.get(symbol);
    const further = mixin === undefined || depth > 8 ? undefined : basesOf(state, mixin.bases, depth + 1);
    if (mixin === undefined || further === undefined) return undefined;
    found.push(...further, mixin);
  }
  return found;
}

/** `createdAt` -> `created_at`, where that is how the project names what nobody named. */
function snakeNamed(step: SchemaStep): SchemaStep {
  if (step.kind !== 'create table' && step.kind !== 'mixin') return step;
  const columns = step.columns.map((column) =>
    column.unnamed === true ? { ...column, name: snakeCase(column.name), property: column.property ?? column.name } : column,
  );
  if (step.kind === 'mixin' || step.unnamed !== true || !('name' in step.table)) return { ...step, columns };
  return { ...step, columns, table: { ...step.table, name: snakeCase(step.table.name) } };
}

function namedAfter(state: State, table: TableRef): Pick<DraftTable, 'namedAfter'> {
  if (!('symbol' in table) || table.suffix === undefined) return {};
  const other = tableOf(state, { symbol: table.symbol });
  return other === undefined ? {} : { namedAfter: { table: other, suffix: table.suffix } };
}

/** No engine takes a table with the same column twice; the last one says what it is. */
function unrepeated<Column extends ColumnSpec>(columns: readonly Column[]): Column[] {
  const byName = new Map<string, Column>();
  for (const column of columns) byName.set(keyOf(column.name), column);
  return [...byName.values()];
}
