/** ALTER TABLE on a schema that is being folded. */
import type { Place } from '../span.ts';
import type { Index } from './schema.ts';
import type { Draft, DraftTable } from './schema-draft.ts';
import { addConstraint, columnOf, findDraft, keyOf, replaceTable } from './schema-draft.ts';
import type { AlterAction, AlterTable } from './statement.ts';

export function applyAlter(draft: Draft, statement: AlterTable, place: Place): void {
  let name = statement.table.name.text;
  for (const action of statement.actions) {
    const table = findDraft(draft, name);
    if (table === undefined) return;
    if (action.kind === 'rename table') {
      renameTable(draft, table, action.to.text);
      name = action.to.text;
    } else apply(draft, table, action, place);
  }
}

function apply(draft: Draft, table: DraftTable, action: AlterAction, place: Place): void {
  const change = (columns: (known: DraftTable['columns']) => DraftTable['columns']): void =>
    replaceTable(draft, table.name, (known) => ({ ...known, columns: columns(known.columns) }));
  switch (action.kind) {
    case 'add column': {
      const { column } = action;
      if (table.columns.some((known) => keyOf(known.name) === keyOf(column.name.text))) return;
      change((known) => [...known, columnOf(column, { path: place.path, span: column.span })]);
      const of = { span: column.span, columns: [column.name], ...(column.references !== undefined && { references: column.references }) };
      if (column.primaryKey) addConstraint(draft, table, { ...of, kind: 'primary key' }, place);
      if (column.unique) addConstraint(draft, table, { ...of, kind: 'unique' }, place);
      if (column.references !== undefined) addConstraint(draft, table, { ...of, kind: 'foreign key' }, place);
      return;
    }
    case 'drop column': {
      const dropped = keyOf(action.column.text);
      change((known) => known.filter((column) => keyOf(column.name) !== dropped));
      for (const [key, index] of draft.indexes)
        if (keyOf(index.table) === keyOf(table.name) && holds(index, dropped)) draft.indexes.delete(key);
      return;
    }
    case 'rename column':
      renameColumn(draft, table, action.from.text, action.to.text);
      return;
    case 'add constraint':
      addConstraint(draft, table, action.constraint, place);
      return;
    case 'drop constraint':
      if (draft.indexes.get(keyOf(action.name.text))?.constraint !== undefined) draft.indexes.delete(keyOf(action.name.text));
      return;
    case 'alter column':
      change((known) =>
        known.map((column) =>
          keyOf(column.name) === keyOf(action.column.text)
            ? {
                ...column,
                ...(action.type !== undefined && { type: action.type }),
                ...(action.notNull !== undefined && { notNull: action.notNull }),
              }
            : column,
        ),
      );
      return;
    default:
  }
}

/** An index goes with any column it holds, in a key, an expression, its condition or beside them. */
function holds(index: Index, column: string): boolean {
  const words = [index.where ?? '', ...index.keys.map((key) => key.expression ?? '')].join(' ').toLowerCase();
  const named = [...index.keys.map((key) => key.column ?? ''), ...index.include].some((name) => keyOf(name) === column);
  return named || words.split(/[^\p{L}\p{N}_$]+/u).includes(column);
}

function renameTable(draft: Draft, table: DraftTable, to: string): void {
  draft.tables.delete(keyOf(table.name));
  draft.tables.set(keyOf(to), { ...table, name: to });
  changeIndexes(draft, table.name, (index) => ({ ...index, table: to }));
  for (const [key, other] of draft.tables) {
    const foreignKeys = other.foreignKeys.map((entry) => (keyOf(entry.table) === keyOf(table.name) ? { ...entry, table: to } : entry));
    draft.tables.set(key, { ...other, foreignKeys });
  }
}

function renameColumn(draft: Draft, table: DraftTable, from: string, to: string): void {
  const renamed = (name: string): string => (keyOf(name) === keyOf(from) ? to : name);
  replaceTable(draft, table.name, (known) => ({
    ...known,
    columns: known.columns.map((column) => ({ ...column, name: renamed(column.name) })),
    primaryKey: known.primaryKey.map(renamed),
    foreignKeys: known.foreignKeys.map((entry) => ({ ...entry, columns: entry.columns.map(renamed) })),
  }));
  changeIndexes(draft, table.name, (index) => ({
    ...index,
    keys: index.keys.map((key) => (key.column === undefined ? key : { ...key, column: renamed(key.column) })),
    include: index.include.map(renamed),
  }));
}

function changeIndexes(draft: Draft, table: string, change: (index: Index) => Index): void {
  for (const [key, index] of draft.indexes) if (keyOf(index.table) === keyOf(table)) draft.indexes.set(key, change(index));
}
