/** SQL among a tool's own steps (`op.execute`, `RunSQL`, `knex.raw`): what changes the tool's tables is taken, the rest stays as it is. */
import type { Query } from '../document.ts';
import type { AlterAction, ColumnDefinition, CreateIndex, CreateTable, TableConstraint } from '../sql/statement.ts';
import { changeTable, type TableStep } from './change-table.ts';
import type { ColumnSpec, ConstraintSpec, IndexSpec, SchemaTool, TableRef } from './declaration.ts';
import { type DraftTable, keyOf, type State } from './state.ts';

export function foldSql(state: State, query: Query, path: string, tool: SchemaTool): void {
  const { statement } = query;
  switch (statement.kind) {
    case 'drop': {
      let unknown = false;
      for (const { name } of statement.names) {
        const key = keyOf(name.text);
        if (statement.object === 'table' && state.tables.delete(key)) continue;
        if (statement.object === 'index' && forgetIndex(state, key)) continue;
        unknown = true;
      }
      const names = new Set(statement.names.map(({ name }) => keyOf(name.text)));
      const kept = state.raw.filter((each) => !isMadeOf(each.query, names));
      // A drop of what only SQL made takes that statement away; one of something else is left to the engine.
      if (unknown && kept.length === state.raw.length) kept.push({ query, path });
      state.raw = kept;
      return;
    }
    case 'create table':
      if (statement.complete !== false && isPlain(statement)) {
        if (statement.ifNotExists && state.tables.has(keyOf(statement.name.name.text))) return;
        state.tables.set(keyOf(statement.name.name.text), tableFrom(statement, path, tool));
      } else state.raw.push({ query, path });
      return;
    case 'alter table': {
      const table = state.tables.get(keyOf(statement.table.name.text));
      if (table === undefined || !statement.actions.every((action) => isTaken(action))) state.raw.push({ query, path });
      else
        for (const action of statement.actions) {
          const step = stepOf(action, { name: table.name });
          if (step !== undefined) changeTable(state, table, step, path);
        }
      return;
    }
    case 'create index': {
      const table = state.tables.get(keyOf(statement.table.name.text));
      const index = table === undefined || statement.complete === false ? undefined : indexFrom(statement);
      if (table === undefined || index === undefined) state.raw.push({ query, path });
      else if (!statement.ifNotExists || !table.indexes.some(({ name }) => name === index.name)) {
        changeTable(state, table, { kind: 'create index', table: { name: table.name }, index }, path);
      }
      return;
    }
    case 'create view': {
      // The last one is what is there, whichever way the one before it went.
      const names = new Set([keyOf(statement.name.name.text)]);
      state.raw = [
        ...state.raw.filter((each) => each.query.statement.kind !== 'create view' || !isMadeOf(each.query, names)),
        { query, path },
      ];
      return;
    }
    default:
      state.raw.push({ query, path });
  }
}

/** Undefined for one with expressions or a condition: what they say of columns could not follow a renaming. */
function indexFrom(statement: CreateIndex): IndexSpec | undefined {
  const plain =
    statement.where === undefined &&
    statement.terms.every(({ expression, collation }) => expression.kind === 'column' && collation === undefined);
  if (!plain || statement.name === undefined) return undefined;
  return {
    name: statement.name.name.text,
    keys: statement.terms.map(({ expression, descending, nulls, operatorClass }) => ({
      column: expression.kind === 'column' ? expression.name.text : '',
      descending,
      ...(nulls !== undefined && { nulls }),
      ...(operatorClass !== undefined && { operatorClass }),
    })),
    unique: statement.unique,
    method: statement.method,
    include: statement.include.map(({ text }) => text),
    span: statement.span,
  };
}

function forgetIndex(state: State, key: string): boolean {
  for (const table of state.tables.values()) {
    const kept = table.indexes.filter(({ name }) => name === undefined || keyOf(name) !== key);
    if (kept.length === table.indexes.length) continue;
    table.indexes = kept;
    return true;
  }
  return false;
}

function isMadeOf({ statement }: Query, names: ReadonlySet<string>): boolean {
  if (statement.kind === 'create index') {
    return (statement.name !== undefined && names.has(keyOf(statement.name.name.text))) || names.has(keyOf(statement.table.name.text));
  }
  return (statement.kind === 'create table' || statement.kind === 'create view') && names.has(keyOf(statement.name.name.text));
}

/** Everything of it is columns and keys, so that it can be written again after others changed it. */
function isPlain(statement: CreateTable): boolean {
  return (
    !statement.temporary &&
    !statement.withoutRowid &&
    statement.query === undefined &&
    statement.partitionBy === undefined &&
    statement.partitionOf === undefined &&
    statement.inherits === undefined &&
    statement.virtual === undefined &&
    statement.columns.length > 0 &&
    statement.columns.every(({ generated }) => !generated) &&
    statement.constraints.every(({ kind }) => kind !== 'exclude')
  );
}

function tableFrom(statement: CreateTable, path: string, tool: SchemaTool): DraftTable {
  return {
    name: statement.name.name.text,
    schema: statement.name.schema?.text,
    path,
    span: statement.name.span,
    view: false,
    columns: statement.columns.map((column) => ({ ...columnFrom(column), path })),
    constraints: statement.constraints.map((constraint) => ({ ...constraintFrom(constraint), path })),
    indexes: [],
    tool,
  };
}

function columnFrom(column: ColumnDefinition): ColumnSpec {
  return {
    name: column.name.text,
    type: [column.type, column.type],
    notNull: column.notNull,
    primaryKey: column.primaryKey,
    unique: column.unique,
    span: column.span,
    ...(column.collation !== undefined && { collation: column.collation }),
    ...(column.references !== undefined && {
      references: {
        table: { name: column.references.table.text },
        ...(column.references.columns.length > 0 && { columns: column.references.columns.map(({ text }) => text) }),
      },
    }),
  };
}

function constraintFrom(constraint: TableConstraint): ConstraintSpec {
  const { kind, references } = constraint;
  return {
    kind: kind === 'check' || kind === 'exclude' ? 'other' : kind,
    columns: constraint.columns.map(({ text }) => text),
    span: constraint.span,
    ...(constraint.name !== undefined && { name: constraint.name.text }),
    ...(references !== undefined && {
      references: {
        table: { name: references.table.text },
        ...(references.columns.length > 0 && { columns: references.columns.map(({ text }) => text) }),
      },
    }),
  };
}

function isTaken(action: AlterAction): boolean {
  if (action.kind === 'add column') return !action.column.generated;
  if (action.kind === 'add constraint') return action.constraint.kind !== 'exclude' && action.constraint.columns.length > 0;
  return action.kind !== 'other' && action.kind !== 'set';
}

/** The step that an action of ALTER TABLE is; undefined for what no step says. */
function stepOf(action: AlterAction, table: TableRef): TableStep | undefined {
  switch (action.kind) {
    case 'add column':
      return { kind: 'add column', table, column: columnFrom(action.column) };
    case 'drop column':
      return { kind: 'drop column', table, column: action.column.text };
    case 'rename column':
      return { kind: 'rename column', table, column: action.from.text, to: action.to.text };
    case 'rename table':
      return { kind: 'rename table', table, to: { name: action.to.text } };
    case 'alter column': {
      const change = {
        ...(action.type !== undefined && { type: [action.type, action.type] as const, enumeration: undefined }),
        ...(action.notNull !== undefined && { notNull: action.notNull }),
      };
      return { kind: 'alter column', table, column: action.column.text, change };
    }
    case 'add constraint':
      return { kind: 'add constraint', table, constraint: constraintFrom(action.constraint) };
    case 'drop constraint':
      return { kind: 'drop constraint', table, name: action.name.text };
    default:
      return undefined;
  }
}
