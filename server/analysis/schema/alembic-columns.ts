/** SQLAlchemy's `Column`, constraints and indexes as they stand in a revision. */
import { alembicType, stringItems } from './alembic-types.ts';
import type { ColumnSpec, ConstraintSpec, IndexSpec, KeySpec } from './declaration.ts';
import { booleanOf, calleeOf, entryOf, type Invocation, lastName, stringOf, type Value } from './value.ts';

/** `op.f("ix_users_email")` is that name. */
export function indexNameOf(value: Value | undefined): string | undefined {
  return value?.kind === 'call' && value.name === 'f' ? stringOf(value.args[0]) : stringOf(value);
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
function referenceOf(target: string | undefined): ColumnSpec['references'] {
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
