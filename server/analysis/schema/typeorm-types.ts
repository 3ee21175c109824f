/** TypeORM's types: `normalizeType` of `typeorm/src/driver/{postgres/PostgresDriver,sqlite-abstract/AbstractSqliteDriver}.ts`. */
import type { TypeText } from './declaration.ts';

const plain: Readonly<Record<string, TypeText>> = {
  int: ['integer', 'integer'],
  int2: ['smallint', 'integer'],
  int4: ['integer', 'integer'],
  int8: ['bigint', 'bigint'],
  integer: ['integer', 'integer'],
  smallint: ['smallint', 'smallint'],
  tinyint: ['smallint', 'tinyint'],
  bigint: ['bigint', 'bigint'],
  number: ['integer', 'integer'],
  Number: ['integer', 'integer'],
  string: ['character varying', 'varchar'],
  String: ['character varying', 'varchar'],
  varchar: ['character varying', 'varchar'],
  'character varying': ['character varying', 'varchar'],
  text: ['text', 'text'],
  boolean: ['boolean', 'boolean'],
  Boolean: ['boolean', 'boolean'],
  bool: ['boolean', 'boolean'],
  Date: ['timestamp', 'datetime'],
  datetime: ['timestamp', 'datetime'],
  timestamp: ['timestamp', 'datetime'],
  timestamptz: ['timestamptz', 'datetime'],
  'timestamp with time zone': ['timestamptz', 'datetime'],
  'timestamp without time zone': ['timestamp', 'datetime'],
  date: ['date', 'date'],
  time: ['time', 'time'],
  json: ['json', 'text'],
  jsonb: ['jsonb', 'text'],
  'simple-json': ['text', 'text'],
  'simple-array': ['text', 'text'],
  uuid: ['uuid', 'varchar'],
  float: ['double precision', 'float'],
  float8: ['double precision', 'float'],
  double: ['double precision', 'double'],
  'double precision': ['double precision', 'double'],
  real: ['real', 'real'],
  decimal: ['numeric', 'decimal'],
  numeric: ['numeric', 'numeric'],
  blob: ['bytea', 'blob'],
  bytea: ['bytea', 'blob'],
  enum: ['text', 'varchar'],
  'simple-enum': ['text', 'varchar'],
};

/** `name` as a decorator, a `TableColumn` or the property's own type gives it. */
export function typeormType(
  name: string,
  size: { readonly length?: string | undefined; readonly precision?: number | undefined; readonly scale?: number | undefined },
): TypeText {
  const known = plain[name] ?? plain[name.toLowerCase()] ?? ([name, 'varchar'] as const);
  const { length, precision, scale } = size;
  if (length !== undefined && /^(?:character varying|char|varchar)/.test(known[0]))
    return [`${known[0]}(${length})`, `${known[1]}(${length})`];
  if (precision !== undefined && known[0] === 'numeric')
    return [`numeric(${precision}, ${scale ?? 0})`, `${known[1]}(${precision}, ${scale ?? 0})`];
  return known;
}
