/**
 * Columns of ActiveRecord's schema definitions. Types: `NATIVE_DATABASE_TYPES` of
 * `activerecord/lib/active_record/connection_adapters/{postgresql,sqlite3}_adapter.rb`; references and their index:
 * `…/connection_adapters/abstract/schema_definitions.rb` (ReferenceDefinition).
 */
import type { ColumnSpec, IndexSpec, KeySpec, TypeText } from './declaration.ts';
import { booleanOf, type Entry, entryOf, type Invocation, numberOf, stringOf, stringsOf, type Value } from './value.ts';

const plain: Readonly<Record<string, TypeText>> = {
  text: ['text', 'text'],
  bigint: ['bigint', 'bigint'],
  smallint: ['smallint', 'smallint'],
  float: ['double precision', 'float'],
  timestamp: ['timestamp', 'datetime'],
  timestamptz: ['timestamptz', 'datetime'],
  time: ['time', 'time'],
  date: ['date', 'date'],
  binary: ['bytea', 'blob'],
  blob: ['bytea', 'blob'],
  boolean: ['boolean', 'boolean'],
  json: ['json', 'json'],
  jsonb: ['jsonb', 'json'],
  uuid: ['uuid', 'varchar'],
  serial: ['integer', 'integer'],
  bigserial: ['bigint', 'integer'],
  primary_key: ['bigint', 'integer'],
  money: ['money', 'decimal'],
};
/** PostgreSQL's own, called as they are. */
const same =
  /^(?:xml|tsvector|hstore|inet|cidr|macaddr|ltree|citext|point|line|lseg|box|path|polygon|circle|interval|oid|bit|int4range|int8range|numrange|daterange|tsrange|tstzrange|vector|halfvec|geometry|geography|st_point|st_polygon)$/;

/** Undefined for a name that is no type. */
export function railsType(type: string, options: Value): Pick<ColumnSpec, 'type' | 'enumeration'> | undefined {
  const limit = numberOf(entryOf(options, 'limit'));
  switch (type) {
    case 'string': {
      const size = limit === undefined ? '' : `(${limit})`;
      return { type: [`character varying${size}`, `varchar${size}`] };
    }
    case 'integer':
      return { type: [limit === undefined || limit === 4 || limit === 3 ? 'integer' : limit > 4 ? 'bigint' : 'smallint', 'integer'] };
    case 'decimal':
    case 'numeric': {
      const [precision, scale] = [numberOf(entryOf(options, 'precision')), numberOf(entryOf(options, 'scale'))];
      const size = precision === undefined ? '' : `(${precision},${scale ?? 0})`;
      return { type: [`numeric${size}`, `decimal${size}`] };
    }
    case 'datetime': {
      const precision = entryOf(options, 'precision')?.kind === 'null' ? undefined : (numberOf(entryOf(options, 'precision')) ?? 6);
      return { type: [precision === undefined ? 'timestamp' : `timestamp(${precision})`, 'datetime'] };
    }
    case 'enum': {
      const name = stringOf(entryOf(options, 'enum_type'));
      return { type: ['text', 'varchar'], ...(name !== undefined && { enumeration: { name, values: [] } }) };
    }
    case 'virtual': {
      const inner = stringOf(entryOf(options, 'type'));
      return inner === undefined || inner === 'virtual' ? { type: ['text', 'text'] } : railsType(inner, options);
    }
    case 'bit_varying':
      return { type: ['bit varying', 'text'] };
    default: {
      const known = plain[type];
      if (known !== undefined) return { type: known };
      if (!same.test(type)) return undefined;
      const size = limit === undefined ? '' : `(${limit})`;
      return { type: [`${type}${size}`, 'text'] };
    }
  }
}

/** `t.string "email", limit: 120, null: false` and `add_column :users, :email, :string, …`. */
export function railsColumn(name: string, type: string, options: Value, span: ColumnSpec['span']): ColumnSpec | undefined {
  const typed = railsType(type, options);
  if (typed === undefined) return undefined;
  const generated = type === 'virtual' ? stringOf(entryOf(options, 'as')) : undefined;
  return {
    name,
    ...typed,
    array: booleanOf(entryOf(options, 'array')) === true,
    notNull: booleanOf(entryOf(options, 'null')) === false,
    primaryKey: booleanOf(entryOf(options, 'primary_key')) === true || type === 'primary_key',
    autoIncrement: type === 'primary_key' || type === 'serial' || type === 'bigserial',
    ...(generated !== undefined && { generated }),
    span,
  };
}

/** The key that a table has without being told. */
export function railsKey(options: Value, span: ColumnSpec['span']): readonly ColumnSpec[] {
  const id = entryOf(options, 'id');
  const named = entryOf(options, 'primary_key');
  if (booleanOf(id) === false || named?.kind === 'list') return [];
  // `id: { type: :string, limit: 40 }` since version 7.
  const type = stringOf(id) ?? stringOf(entryOf(id, 'type')) ?? 'primary_key';
  const typed = railsType(type, id?.kind === 'object' ? id : options) ?? { type: ['bigint', 'integer'] as const };
  const counts = /^(?:primary_key|serial|bigserial|integer|bigint)$/.test(type);
  return [{ name: stringOf(named) ?? 'id', ...typed, notNull: true, primaryKey: true, autoIncrement: counts, span }];
}

export interface Reference {
  readonly columns: readonly ColumnSpec[];
  readonly indexes: readonly IndexSpec[];
}

/** `t.references :team, polymorphic: true, index: { unique: true }, foreign_key: { to_table: :teams }`; with an index unless told. */
export function railsReference(name: string, options: Value, table: string, span: ColumnSpec['span']): Reference {
  const type = stringOf(entryOf(options, 'type')) ?? 'bigint';
  const typed = railsType(type, { kind: 'object', entries: [], span }) ?? { type: ['bigint', 'integer'] as const };
  const notNull = booleanOf(entryOf(options, 'null')) === false;
  const foreign = entryOf(options, 'foreign_key');
  const target = stringOf(entryOf(foreign, 'to_table')) ?? pluralOf(name);
  const key = `${name}_id`;
  const id: ColumnSpec = {
    name: key,
    ...typed,
    notNull,
    ...(foreign !== undefined && booleanOf(foreign) !== false && { references: { table: { name: target } } }),
    span,
  };
  const polymorphic = entryOf(options, 'polymorphic');
  const isPolymorphic = polymorphic !== undefined && booleanOf(polymorphic) !== false;
  const columns: ColumnSpec[] = isPolymorphic
    ? [{ name: `${name}_type`, type: ['character varying', 'varchar'], notNull, span }, id]
    : [id];
  const index = entryOf(options, 'index');
  if (index !== undefined && booleanOf(index) === false) return { columns, indexes: [] };
  const given = stringOf(entryOf(index, 'name'));
  return {
    columns,
    indexes: [
      {
        // The name of a polymorphic one is that of the reference.
        name: given ?? (isPolymorphic ? `index_${table}_on_${name}` : undefined),
        keys: columns.map((column) => ({ column: column.name })),
        unique: booleanOf(entryOf(index, 'unique')) === true,
        ...whereOf(index),
        span,
      },
    ],
  };
}

/** English plurals as far as tables are usually called; ActiveSupport knows more of them. */
export function pluralOf(name: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function whereOf(options: Value | undefined): Pick<IndexSpec, 'where' | 'unknown'> {
  const value = entryOf(options, 'where');
  const where = stringOf(value);
  if (where !== undefined) return { where };
  return value === undefined ? {} : { unknown: true };
}

/** `t.index ["a", "b"], name: "x", unique: true, where: "…", using: :gin, order: { a: :desc }, opclass: :gin_trgm_ops`. */
export function railsIndex(columns: Value | undefined, options: Value, span: IndexSpec['span']): IndexSpec {
  const names = stringsOf(columns) ?? [];
  const ofKey = (key: string, name: string): string | undefined => {
    const value = entryOf(options, key);
    return stringOf(value) ?? stringOf(entryOf(value, name));
  };
  const keys = names.map((name): KeySpec => {
    const operatorClass = ofKey('opclass', name);
    const order = ofKey('order', name)?.toLowerCase();
    const key = /^\w+$/.test(name) ? { column: name } : { expression: name };
    return {
      ...key,
      ...(order?.startsWith('desc') && { descending: true }),
      ...(operatorClass !== undefined && { operatorClass }),
    };
  });
  const name = stringOf(entryOf(options, 'name'));
  const method = stringOf(entryOf(options, 'using'));
  const include = stringsOf(entryOf(options, 'include'));
  const where = whereOf(options);
  return {
    keys,
    unique: booleanOf(entryOf(options, 'unique')) === true,
    ...where,
    unknown: where.unknown === true || keys.length === 0,
    ...(name !== undefined && { name }),
    ...(method !== undefined && { method }),
    ...(include !== undefined && { include }),
    span,
  };
}

/** The keyword arguments of a call as one object. */
export const optionsOf = (call: Invocation): Value => {
  const last = call.args.at(-1);
  const entries: readonly Entry[] = [...call.named, ...(last?.kind === 'object' ? last.entries : [])];
  return { kind: 'object', entries, span: call.span };
};
