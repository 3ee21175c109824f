/**
 * Alembic revisions: the calls of `op` and of a `batch_alter_table` in `upgrade()`, as `alembic/operations/ops.py` has them.
 * Branches on the dialect (`if op.get_bind().dialect.name == …`) are read as one: what both make is made.
 */
import { child, type Syntax } from '../readers/host/syntax.ts';
import { alembicType, stringItems } from './alembic-types.ts';
import type { ColumnChange, ColumnSpec, ConstraintSpec, Declarations, IndexSpec, KeySpec, SchemaStep } from './declaration.ts';
import { assignmentsOf, callsIn, functionNamed } from './python-tree.ts';
import { pythonValue } from './python-value.ts';
import { booleanOf, calleeOf, entryOf, type Invocation, itemsOf, lastName, stringOf, stringsOf, type Value } from './value.ts';

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

/** `op.f("ix_users_email")` is that name. */
function indexNameOf(value: Value | undefined): string | undefined {
  return value?.kind === 'call' && value.name === 'f' ? stringOf(value.args[0]) : stringOf(value);
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

/** `sa.Column("id", sa.Integer(), primary_key=True, …)`; undefined for anything else. */
export function columnOf(call: Invocation, property?: string): ColumnSpec | undefined {
  if (call.name !== 'Column' && call.name !== 'mapped_column') return undefined;
  const named = stringOf(call.args[0] ?? entryOf(call, 'name'));
  const name = named ?? property;
  if (name === undefined) return undefined;
  const rest = call.args.slice(call.args[0]?.kind === 'string' ? 1 : 0);
  const foreign = rest.find((item): item is Invocation => item.kind === 'call' && item.name === 'ForeignKey');
  const typed =
    alembicType(entryOf(call, 'type_')) ??
    rest.map((item) => (item === foreign || isModifier(item) ? undefined : alembicType(item))).find((found) => found !== undefined);
  const flag = (key: string): boolean | undefined => booleanOf(entryOf(call, key));
  const primaryKey = flag('primary_key') === true;
  const computed = rest.find((item): item is Invocation => item.kind === 'call' && item.name === 'Computed');
  const identity = rest.some((item) => item.kind === 'call' && item.name === 'Identity');
  const references = foreign === undefined ? undefined : referenceOf(stringOf(foreign.args[0]));
  const type = typed?.type ?? (references === undefined ? (['text', 'TEXT'] as const) : 'referenced');
  return {
    name,
    ...(property !== undefined && property !== name && { property }),
    type,
    ...(typed?.enumeration !== undefined && { enumeration: typed.enumeration }),
    ...(typed?.array === true && { array: true }),
    // SQLAlchemy takes a column as nullable unless it says otherwise or is a key.
    notNull: flag('nullable') === false || (primaryKey && flag('nullable') !== true),
    primaryKey,
    // `autoincrement="auto"`: an integer key without a foreign key counts by itself.
    autoIncrement: identity || (primaryKey && references === undefined && flag('autoincrement') !== false && isInteger(type)),
    unique: flag('unique') === true,
    indexed: flag('index') === true,
    ...(references !== undefined && { references }),
    ...(computed !== undefined && textOf(computed.args[0]) !== undefined && { generated: textOf(computed.args[0]) }),
    span: call.span,
  };
}

const modifiers = /^(?:ForeignKey|Identity|Computed|Sequence|CheckConstraint|FetchedValue|DefaultClause|text|func)$/;
const isModifier = (item: Value): boolean => item.kind === 'call' && modifiers.test(item.name);
const isInteger = (type: ColumnSpec['type']): boolean => type !== 'referenced' && /^(?:integer|bigint|smallint)$/.test(type[0]);

/** `orders.id`, `schema.orders.id`. */
export function referenceOf(target: string | undefined): ColumnSpec['references'] {
  const parts = target?.split('.') ?? [];
  const column = parts.at(-1);
  const table = parts.at(-2);
  if (column === undefined || table === undefined) return undefined;
  const schema = parts.at(-3);
  return { table: { name: table, ...(schema !== undefined && { schema }) }, columns: [column] };
}

export function constraintOf(call: Invocation): ConstraintSpec | undefined {
  const name = indexNameOf(entryOf(call, 'name'));
  const base = { span: call.span, ...(name !== undefined && { name }) };
  const strings = call.args.flatMap((item) => stringOf(item) ?? []);
  switch (call.name) {
    case 'PrimaryKeyConstraint':
      return { ...base, kind: 'primary key', columns: strings };
    case 'UniqueConstraint':
      return { ...base, kind: 'unique', columns: strings };
    case 'ForeignKeyConstraint': {
      const columns = stringItems(call.args[0]);
      const targets = stringItems(call.args[1]).map(referenceOf);
      const table = targets[0]?.table;
      if (table === undefined) return undefined;
      return { ...base, kind: 'foreign key', columns, references: { table, columns: targets.flatMap((target) => target?.columns ?? []) } };
    }
    default:
      return undefined;
  }
}

/** SQL of `sa.text("…")` or of a plain string. */
function textOf(value: Value | undefined): string | undefined {
  return value?.kind === 'call' && lastName(calleeOf(value)) === 'text' ? stringOf(value.args[0]) : stringOf(value);
}

export function indexOf(call: Invocation, columns: readonly Value[], span: IndexSpec['span']): IndexSpec {
  const condition = entryOf(call, 'postgresql_where') ?? entryOf(call, 'sqlite_where');
  const where = textOf(condition);
  const classes = entryOf(call, 'postgresql_ops');
  const keys = columns.map((value) => keyOf(value, classes));
  const method = stringOf(entryOf(call, 'postgresql_using'));
  const include = stringItems(entryOf(call, 'postgresql_include'));
  return {
    keys: keys.flatMap((key) => key ?? []),
    unique: booleanOf(entryOf(call, 'unique')) === true,
    ...(method !== undefined && { method }),
    ...(include.length > 0 && { include }),
    ...(where !== undefined && { where }),
    unknown: (condition !== undefined && where === undefined) || keys.includes(undefined),
    span,
  };
}

function keyOf(value: Value, classes: Value | undefined): KeySpec | undefined {
  const column = stringOf(value) ?? (value.kind === 'name' ? lastName(value.path) : undefined);
  if (column !== undefined) {
    const operatorClass = stringOf(entryOf(classes, column));
    return { column, ...(operatorClass !== undefined && { operatorClass }) };
  }
  // `sa.text("created_at DESC")`, `sa.column("a").desc()`.
  const text = textOf(value);
  const match = text === undefined ? null : /^"?(\w+)"?(\s+DESC)?(?:\s+NULLS\s+(FIRST|LAST))?(?:\s+ASC)?$/i.exec(text.trim());
  if (match !== null) {
    const nulls = match[3]?.toLowerCase() as 'first' | 'last' | undefined;
    return { column: match[1], ...(match[2] !== undefined && { descending: true }), ...(nulls !== undefined && { nulls }) };
  }
  if (text !== undefined) return { expression: text };
  if (value.kind !== 'call') return undefined;
  if (value.name === 'desc' && (value.receiver !== undefined || value.args.length === 1)) {
    const inner = keyOf(value.args[0] ?? value.receiver ?? value, classes);
    return inner === undefined ? undefined : { ...inner, descending: true };
  }
  if (value.name === 'column' || value.name === 'literal_column') {
    const name = stringOf(value.args[0]);
    return name === undefined ? undefined : { column: name };
  }
  // `sa.func.lower(…)`
  const inner =
    value.receiver?.kind === 'name' && /(?:^|\.)func$/.test(value.receiver.path)
      ? value.args.map((item) => keyOf(item, classes)?.column)
      : [];
  return inner.length > 0 && inner.every((name) => name !== undefined) ? { expression: `${value.name}(${inner.join(', ')})` } : undefined;
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
