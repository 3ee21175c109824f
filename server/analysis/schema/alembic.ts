/**
 * Alembic revisions: the calls of `op` and of a `batch_alter_table` in `upgrade()`, as `alembic/operations/ops.py` has them.
 * Branches on the dialect (`if op.get_bind().dialect.name == …`) are read as one: what both make is made.
 */
import { child, type Syntax } from '../readers/host/syntax.ts';
import { columnOf, constraintOf, indexNameOf, indexOf } from './alembic-columns.ts';
import { alembicType, stringItems } from './alembic-types.ts';
import type { ColumnChange, ColumnSpec, ConstraintSpec, Declarations, IndexSpec, SchemaStep } from './declaration.ts';
import { assignmentsOf, callsIn, functionNamed } from './python-tree.ts';
import { pythonValue } from './python-value.ts';
import { booleanOf, entryOf, type Invocation, itemsOf, stringOf, stringsOf, type Value } from './value.ts';

export function alembicDeclarations(module: Syntax, source: string): Declarations | undefined {
  const assigned = assignmentsOf(module, source);
  const id = stringOf(pythonValue(assigned.get('revision'), source));
  const upgrade = functionNamed(module, 'upgrade', source);
  if (id === undefined || !assigned.has('down_revision') || upgrade === undefined) return undefined;
  const follows = [
    ...(stringsOf(pythonValue(assigned.get('down_revision'), source)) ?? []),
    ...(stringsOf(pythonValue(assigned.get('depends_on'), source)) ?? []),
  ];
  const steps: SchemaStep[] = [];
  const body = child(upgrade, 'body') ?? upgrade;
  const batches = batchTables(body, source);
  for (const call of callsIn(body, source, (one) => isOperation(one, batches))) steps.push(...stepsOf(call, batches));
  return { tool: 'alembic', form: 'migration', engines: [], id, follows, steps };
}

/** `with op.batch_alter_table("t") as batch_op:` -> the table that each name stands for, where it is used. */
type Batches = readonly { readonly name: string; readonly table: string; readonly start: number; readonly end: number }[];

function batchTables(body: Syntax, source: string): Batches {
  const found: { name: string; table: string; start: number; end: number }[] = [];
  const open: Syntax[] = [body];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    open.push(...node.children);
    if (node.kind !== 'as_pattern' || node.parent?.kind !== 'with_item') continue;
    const call = pythonValue(node.children[0], source);
    const target = node.children.find(({ kind }) => kind === 'as_pattern_target');
    const statement = node.parent.parent?.parent;
    if (call.kind !== 'call' || call.name !== 'batch_alter_table' || target === undefined || statement === undefined) continue;
    const table = stringOf(call.args[0] ?? entryOf(call, 'table_name'));
    if (table !== undefined)
      found.push({ name: source.slice(target.start, target.end).trim(), table, start: statement.start, end: statement.end });
  }
  return found;
}

/** `batch_alter_table` itself is a context: what stands in it is looked at. */
function isOperation(call: Invocation, batches: Batches): boolean {
  return (
    call.name !== 'batch_alter_table' &&
    call.receiver?.kind === 'name' &&
    (call.receiver.path === 'op' || batchOf(call, batches) !== undefined)
  );
}

function batchOf(call: Invocation, batches: Batches): string | undefined {
  const name = call.receiver?.kind === 'name' ? call.receiver.path : undefined;
  return batches.find((batch) => batch.name === name && batch.start <= call.span.start && call.span.end <= batch.end)?.table;
}

function stepsOf(call: Invocation, batches: Batches): SchemaStep[] {
  const batch = batchOf(call, batches);
  // In a batch the table is not an argument.
  const at = (position: number, key: string): Value | undefined =>
    entryOf(call, key) ?? call.args[batch === undefined ? position : position - 1];
  const given = (position: number, key: string): string | undefined => batch ?? stringOf(entryOf(call, key) ?? call.args[position]);
  const schema = stringOf(entryOf(call, 'schema'));
  const tableRef = (name: string) => ({ name, ...(schema !== undefined && { schema }) });
  switch (call.name) {
    case 'create_table':
      return createTable(call, schema);
    case 'drop_table': {
      const name = stringOf(call.args[0] ?? entryOf(call, 'table_name'));
      return name === undefined ? [] : [{ kind: 'drop table', table: tableRef(name) }];
    }
    case 'rename_table': {
      const [name, to] = [stringOf(call.args[0]), stringOf(call.args[1])];
      return name === undefined || to === undefined ? [] : [{ kind: 'rename table', table: tableRef(name), to: { name: to } }];
    }
    case 'add_column': {
      const name = given(0, 'table_name');
      const value = at(1, 'column');
      const column = value?.kind === 'call' ? columnOf(value) : undefined;
      if (name === undefined || column === undefined) return [];
      return [{ kind: 'add column', table: tableRef(name), column }];
    }
    case 'drop_column': {
      const name = given(0, 'table_name');
      const column = stringOf(at(1, 'column_name'));
      return name === undefined || column === undefined ? [] : [{ kind: 'drop column', table: tableRef(name), column }];
    }
    case 'alter_column': {
      const name = given(0, 'table_name');
      const column = stringOf(at(1, 'column_name'));
      return name === undefined || column === undefined ? [] : alterColumn(call, tableRef(name), column);
    }
    case 'create_index': {
      const table = batch ?? stringOf(entryOf(call, 'table_name') ?? call.args[1]);
      const name = indexNameOf(call.args[0] ?? entryOf(call, 'index_name'));
      const columns = entryOf(call, 'columns') ?? call.args[batch === undefined ? 2 : 1];
      if (table === undefined) return [];
      const span = call.span;
      return [
        {
          kind: 'create index',
          table: tableRef(table),
          index: { ...indexOf(call, itemsOf(columns), span), ...(name !== undefined && { name }) },
        },
      ];
    }
    case 'drop_index': {
      const name = indexNameOf(call.args[0] ?? entryOf(call, 'index_name'));
      const table = batch ?? stringOf(entryOf(call, 'table_name') ?? call.args[1]);
      return name === undefined ? [] : [{ kind: 'drop index', name, ...(table !== undefined && { table: tableRef(table) }) }];
    }
    case 'create_unique_constraint':
    case 'create_primary_key': {
      const table = given(1, 'table_name');
      const columns = stringItems(entryOf(call, 'columns') ?? call.args[batch === undefined ? 2 : 1]);
      const name = indexNameOf(call.args[0]);
      if (table === undefined || columns.length === 0) return [];
      const kind = call.name === 'create_primary_key' ? 'primary key' : 'unique';
      return [
        {
          kind: 'add constraint',
          table: tableRef(table),
          constraint: { kind, columns, span: call.span, ...(name !== undefined && { name }) },
        },
      ];
    }
    case 'create_foreign_key': {
      const source = batch ?? stringOf(entryOf(call, 'source_table') ?? call.args[1]);
      const rest = batch === undefined ? 2 : 1;
      const target = stringOf(entryOf(call, 'referent_table') ?? call.args[rest]);
      const columns = stringItems(entryOf(call, 'local_cols') ?? call.args[rest + 1]);
      const remote = stringItems(entryOf(call, 'remote_cols') ?? call.args[rest + 2]);
      const name = indexNameOf(call.args[0]);
      if (source === undefined || target === undefined || columns.length === 0) return [];
      const constraint: ConstraintSpec = {
        kind: 'foreign key',
        columns,
        references: { table: { name: target }, ...(remote.length > 0 && { columns: remote }) },
        span: call.span,
        ...(name !== undefined && { name }),
      };
      return [{ kind: 'add constraint', table: tableRef(source), constraint }];
    }
    case 'drop_constraint': {
      const name = indexNameOf(call.args[0] ?? entryOf(call, 'constraint_name'));
      const table = batch ?? stringOf(entryOf(call, 'table_name') ?? call.args[1]);
      const type = stringOf(entryOf(call, 'type_') ?? call.args[batch === undefined ? 2 : 1]);
      const of = type === 'foreignkey' ? 'foreign key' : type === 'unique' ? 'unique' : type === 'primary' ? 'primary key' : undefined;
      if (table === undefined || (name === undefined && of === undefined)) return [];
      return [{ kind: 'drop constraint', table: tableRef(table), ...(name !== undefined && { name }), ...(of !== undefined && { of }) }];
    }
    case 'execute':
      return [{ kind: 'sql', span: call.span }];
    default:
      return [];
  }
}

function createTable(call: Invocation, schema: string | undefined): SchemaStep[] {
  const first = call.args[0] ?? entryOf(call, 'table_name');
  const name = stringOf(first);
  if (first === undefined || name === undefined) return [];
  const columns: ColumnSpec[] = [];
  const constraints: ConstraintSpec[] = [];
  const indexes: IndexSpec[] = [];
  for (const item of call.args.slice(1)) {
    if (item.kind !== 'call') continue;
    const column = columnOf(item);
    if (column !== undefined) columns.push(column);
    const constraint = constraintOf(item);
    if (constraint !== undefined) constraints.push(constraint);
    if (item.name === 'Index') {
      const given = indexNameOf(item.args[0]);
      indexes.push({ ...indexOf(item, item.args.slice(1), item.span), ...(given !== undefined && { name: given }) });
    }
  }
  const table = { name, ...(schema !== undefined && { schema }) };
  return [
    {
      kind: 'create table',
      table,
      columns,
      constraints,
      indexes,
      ifNotExists: booleanOf(entryOf(call, 'if_not_exists')) === true,
      span: first.span,
    },
  ];
}

function alterColumn(call: Invocation, table: { readonly name: string }, column: string): SchemaStep[] {
  const typed = alembicType(entryOf(call, 'type_'));
  const nullable = booleanOf(entryOf(call, 'nullable'));
  const change: ColumnChange = {
    ...(typed !== undefined && { type: typed.type, enumeration: typed.enumeration, array: typed.array }),
    ...(nullable !== undefined && { notNull: !nullable }),
  };
  const to = stringOf(entryOf(call, 'new_column_name'));
  return [
    { kind: 'alter column', table, column, change },
    ...(to === undefined ? [] : [{ kind: 'rename column' as const, table, column, to }]),
  ];
}
