/** One step on one table of a schema that is being folded. */
import type { ColumnSpec, ConstraintSpec, IndexSpec, SchemaStep } from './declaration.ts';
import { columnName, columnOf, type DraftTable, keyOf, nameOf, type State, tableOf } from './state.ts';

export type TableStep = Exclude<
  SchemaStep,
  { kind: 'create table' | 'mixin' | 'create type' | 'create extension' | 'sql' | 'rename index' | 'drop index' }
>;

export function changeTable(state: State, table: DraftTable, step: TableStep, path: string): void {
  switch (step.kind) {
    case 'drop table':
      dropTable(state, table);
      return;
    case 'rename table':
      renameTable(state, table, renamedTo(state, table, step), step.symbol);
      return;
    case 'add column':
      if (step.ifNotExists === true && columnOf(table, step.column.name) !== undefined) return;
      table.columns = [...table.columns.filter(({ name }) => keyOf(name) !== keyOf(step.column.name)), { ...step.column, path }];
      return;
    case 'drop column':
      dropColumn(table, columnName(table, step.column));
      return;
    case 'rename column':
      renameColumn(state, table, columnName(table, step.column), step.to, step.property);
      return;
    case 'alter column': {
      const column = columnOf(table, step.column);
      if (column === undefined) return;
      table.columns = table.columns.map((each) => (each === column ? { ...each, ...step.change } : each));
      return;
    }
    case 'create index':
      if (step.index.name !== undefined) dropIndex(table, step.index.name, undefined);
      table.indexes.push({ ...step.index, path });
      return;
    case 'add constraint':
      addConstraint(table, { ...step.constraint, path });
      return;
    case 'drop constraint':
      dropConstraint(table, step);
      return;
    case 'replace together': {
      table.constraints = table.constraints.filter(({ kind, columns }) => !(step.unique && kind === 'unique' && columns.length > 1));
      if (!step.unique) table.indexes = table.indexes.filter(({ name }) => name !== undefined);
      for (const columns of step.groups) {
        if (step.unique) table.constraints.push({ kind: 'unique', columns, span: step.span, path });
        else table.indexes.push({ keys: columns.map((column) => ({ column })), span: step.span, path });
      }
    }
  }
}

function renamedTo(state: State, table: DraftTable, step: Extract<TableStep, { kind: 'rename table' }>): string {
  if (step.ifNamed !== undefined && keyOf(step.ifNamed) !== keyOf(table.name)) return table.name;
  return (step.to === undefined ? undefined : nameOf(state, step.to)) ?? table.name;
}

function dropTable(state: State, table: DraftTable): void {
  state.tables.delete(keyOf(table.name));
  state.raw = state.raw.filter(
    ({ query: { statement } }) => statement.kind !== 'create index' || keyOf(statement.table.name.text) !== keyOf(table.name),
  );
}

function renameTable(state: State, table: DraftTable, to: string, symbol: string | undefined): void {
  const from = keyOf(table.name);
  state.tables.delete(from);
  table.name = to;
  state.tables.set(keyOf(to), table);
  for (const [known, key] of [...state.symbols]) {
    if (key !== from) continue;
    if (symbol === undefined) state.symbols.set(known, keyOf(to));
    else {
      state.symbols.delete(known);
      // References of earlier steps go by the earlier name.
      state.aliases.set(known, symbol);
      state.symbols.set(symbol, keyOf(to));
    }
  }
  for (const other of [...state.tables.values()]) {
    if (other.namedAfter?.table === table) renameTable(state, other, `${to}${other.namedAfter.suffix}`, undefined);
    const moved = (references: ColumnSpec['references']): ColumnSpec['references'] =>
      references !== undefined && 'name' in references.table && keyOf(references.table.name) === from
        ? { ...references, table: { ...references.table, name: to } }
        : references;
    other.columns = other.columns.map((column) =>
      column.references === undefined ? column : { ...column, references: moved(column.references) },
    );
    other.constraints = other.constraints.map((each) =>
      each.references === undefined ? each : { ...each, references: moved(each.references) },
    );
  }
}

/** Both engines take the indexes and constraints of a column away with it. */
function dropColumn(table: DraftTable, name: string): void {
  const uses = (columns: readonly string[]): boolean => columns.some((each) => columnName(table, each) === name);
  table.indexes = table.indexes.filter((index) => !uses([...index.keys.flatMap(({ column }) => column ?? []), ...(index.include ?? [])]));
  table.constraints = table.constraints.filter(({ columns }) => !uses(columns));
  table.columns = table.columns.filter((column) => column.name !== name);
}

function renameColumn(state: State, table: DraftTable, from: string, to: string, property: string | undefined): void {
  const known = columnOf(table, from);
  const renamed = (name: string): string => (columnOf(table, name) === known && known !== undefined ? to : name);
  const inText = (sql: string): string => sql.replace(/"([^"]+)"/g, (_, name: string) => `"${renamed(name)}"`);
  table.indexes = table.indexes.map((index) => ({
    ...index,
    keys: index.keys.map((key) => ({
      ...key,
      ...(key.column !== undefined && { column: renamed(key.column) }),
      ...(key.expression !== undefined && { expression: inText(key.expression) }),
    })),
    ...(index.include !== undefined && { include: index.include.map(renamed) }),
    ...(index.where !== undefined && { where: inText(index.where) }),
  }));
  table.constraints = table.constraints.map((constraint) => ({ ...constraint, columns: constraint.columns.map(renamed) }));
  table.columns = table.columns.map((column) =>
    column === known ? { ...column, name: to, property: property ?? column.property } : column,
  );
  for (const other of state.tables.values()) {
    other.columns = other.columns.map((column) => {
      const { references } = column;
      if (references?.columns?.includes(from) !== true || tableOf(state, references.table) !== table) return column;
      return { ...column, references: { ...references, columns: references.columns.map((name) => (name === from ? to : name)) } };
    });
  }
}

export function dropIndex(table: DraftTable, name: string | undefined, columns: readonly string[] | undefined): void {
  const wanted = columns?.map((column) => columnName(table, column)).join();
  const isMeant = (index: IndexSpec): boolean => {
    if (name !== undefined) return index.name === name;
    return (
      wanted !== undefined && index.keys.map(({ column }) => (column === undefined ? '' : columnName(table, column))).join() === wanted
    );
  };
  const before = table.indexes.length;
  table.indexes = table.indexes.filter((index) => !isMeant(index));
  if (table.indexes.length < before) return;
  // An index that came with its column: by its usual name, or by the column.
  const [only] = columns?.length === 1 ? columns : [];
  table.columns = table.columns.map((column) => {
    const meant =
      only !== undefined ? column.name === columnName(table, only) : name !== undefined && usualNames(table.name, column.name).has(name);
    if (!meant) return column;
    return column.indexed === true ? { ...column, indexed: false } : column.unique === true ? { ...column, unique: false } : column;
  });
  // What makes a table unique is a constraint to one tool and an index to another.
  if (name !== undefined) table.constraints = table.constraints.filter((constraint) => constraint.name !== name);
}

const usualNames = (table: string, column: string): ReadonlySet<string> =>
  new Set([
    `ix_${table}_${column}`,
    `index_${table}_on_${column}`,
    `${table}_${column}_index`,
    `${table}_${column}_idx`,
    `${table}_${column}_key`,
    `${table}_${column}_unique`,
  ]);

function addConstraint(table: DraftTable, constraint: DraftTable['constraints'][number]): void {
  if (constraint.kind === 'primary key') {
    table.constraints = table.constraints.filter(({ kind }) => kind !== 'primary key');
    table.columns = table.columns.map((column) => (column.primaryKey === true ? { ...column, primaryKey: false } : column));
  }
  table.constraints.push(constraint);
}

function dropConstraint(
  table: DraftTable,
  step: { name?: string | undefined; columns?: readonly string[] | undefined; of?: ConstraintSpec['kind'] | undefined },
): void {
  const columns = step.columns?.map((column) => columnName(table, column)).join();
  const isMeant = (constraint: ConstraintSpec): boolean => {
    if (step.of !== undefined && constraint.kind !== step.of) return false;
    if (step.name !== undefined) return constraint.name === step.name;
    return columns === undefined ? step.of !== undefined : constraint.columns.map((column) => columnName(table, column)).join() === columns;
  };
  const before = table.constraints.length;
  table.constraints = table.constraints.filter((constraint) => !isMeant(constraint));
  if (table.constraints.length < before) return;
  if (step.name !== undefined && table.indexes.some(({ name }) => name === step.name)) {
    table.indexes = table.indexes.filter(({ name }) => name !== step.name);
    return;
  }
  table.columns = table.columns.map((column) => dropped(table, column, step, columns));
}

/** A constraint that came with its column, by the name the engine or the tool gives it, or by the column. */
function dropped<Column extends ColumnSpec>(
  table: DraftTable,
  column: Column,
  step: { name?: string | undefined; of?: ConstraintSpec['kind'] | undefined },
  columns: string | undefined,
): Column {
  const of = step.of;
  const byColumn = columns === column.name;
  const named = (suffix: string): boolean => step.name === `${table.name}_${column.name}_${suffix}`;
  if ((of === undefined || of === 'foreign key') && column.references !== undefined && (byColumn || named('fkey') || named('foreign'))) {
    return { ...column, references: undefined };
  }
  if ((of === undefined || of === 'unique') && column.unique === true && (byColumn || named('key') || named('unique'))) {
    return { ...column, unique: false };
  }
  const wholeKey = of === 'primary key' && (step.name === undefined || step.name === `${table.name}_pkey`);
  return column.primaryKey === true && (wholeKey || step.name === `${table.name}_pkey`) ? { ...column, primaryKey: false } : column;
}
