/**
 * SQLAlchemy's types as its compilers write them: `sqlalchemy/dialects/{postgresql,sqlite}/base.py` (the type
 * compilers) and `sql/compiler.py` (GenericTypeCompiler).
 */
import type { ColumnSpec, TypeText } from './declaration.ts';
import { booleanOf, calleeOf, entryOf, itemsOf, lastName, numberOf, stringOf, type Value } from './value.ts';

const plain: Readonly<Record<string, TypeText>> = {
  Integer: ['integer', 'INTEGER'],
  INTEGER: ['integer', 'INTEGER'],
  INT: ['integer', 'INTEGER'],
  BigInteger: ['bigint', 'BIGINT'],
  BIGINT: ['bigint', 'BIGINT'],
  SmallInteger: ['smallint', 'SMALLINT'],
  SMALLINT: ['smallint', 'SMALLINT'],
  Boolean: ['boolean', 'BOOLEAN'],
  BOOLEAN: ['boolean', 'BOOLEAN'],
  Float: ['double precision', 'FLOAT'],
  FLOAT: ['double precision', 'FLOAT'],
  Double: ['double precision', 'DOUBLE'],
  DOUBLE: ['double precision', 'DOUBLE'],
  DOUBLE_PRECISION: ['double precision', 'DOUBLE PRECISION'],
  REAL: ['real', 'REAL'],
  Text: ['text', 'TEXT'],
  TEXT: ['text', 'TEXT'],
  UnicodeText: ['text', 'TEXT'],
  Date: ['date', 'DATE'],
  DATE: ['date', 'DATE'],
  LargeBinary: ['bytea', 'BLOB'],
  BLOB: ['bytea', 'BLOB'],
  BYTEA: ['bytea', 'BLOB'],
  PickleType: ['bytea', 'BLOB'],
  JSON: ['json', 'JSON'],
  JSONB: ['jsonb', 'JSON'],
  UUID: ['uuid', 'CHAR(32)'],
  Uuid: ['uuid', 'CHAR(32)'],
  Interval: ['interval', 'DATETIME'],
  INTERVAL: ['interval', 'DATETIME'],
  INET: ['inet', 'TEXT'],
  CIDR: ['cidr', 'TEXT'],
  MACADDR: ['macaddr', 'TEXT'],
  HSTORE: ['hstore', 'TEXT'],
  TSVECTOR: ['tsvector', 'TEXT'],
  CITEXT: ['citext', 'TEXT'],
  OID: ['oid', 'INTEGER'],
  INT4RANGE: ['int4range', 'TEXT'],
  INT8RANGE: ['int8range', 'TEXT'],
  NUMRANGE: ['numrange', 'TEXT'],
  DATERANGE: ['daterange', 'TEXT'],
  TSRANGE: ['tsrange', 'TEXT'],
  TSTZRANGE: ['tstzrange', 'TEXT'],
};

type Typed = Pick<ColumnSpec, 'type' | 'enumeration' | 'array'>;

/** Undefined for what is no type that can be told. */
export function alembicType(value: Value | undefined, depth = 0): Typed | undefined {
  if (value === undefined || depth > 4) return undefined;
  const name = value.kind === 'call' ? lastName(calleeOf(value)) : value.kind === 'name' ? lastName(value.path) : undefined;
  if (name === undefined) return undefined;
  const call = value.kind === 'call' ? value : undefined;
  const first = call?.args[0];
  const length = numberOf(entryOf(value, 'length') ?? first);
  const known = plain[name];
  if (known !== undefined) return { type: known };
  switch (name) {
    case 'String':
    case 'Unicode':
    case 'VARCHAR':
    case 'NVARCHAR':
    case 'AutoString': {
      const size = length === undefined ? '' : `(${length})`;
      return { type: [`varchar${size}`, `VARCHAR${size}`] };
    }
    case 'CHAR':
    case 'NCHAR':
      return { type: length === undefined ? ['char', 'CHAR'] : [`char(${length})`, `CHAR(${length})`] };
    case 'DateTime':
    case 'TIMESTAMP':
    case 'DATETIME':
      return { type: [zoned(call, first) ? 'timestamptz' : 'timestamp', name === 'TIMESTAMP' ? 'TIMESTAMP' : 'DATETIME'] };
    case 'Time':
    case 'TIME':
      return { type: [zoned(call, first) ? 'timetz' : 'time', 'TIME'] };
    case 'Numeric':
    case 'NUMERIC':
    case 'DECIMAL':
    case 'Decimal': {
      const precision = numberOf(entryOf(value, 'precision') ?? first);
      const scale = numberOf(entryOf(value, 'scale') ?? call?.args[1]);
      const size = precision === undefined ? '' : scale === undefined ? `(${precision})` : `(${precision}, ${scale})`;
      return { type: [`numeric${size}`, `NUMERIC${size}`] };
    }
    case 'Enum':
    case 'ENUM': {
      const values = (call?.args ?? []).flatMap((item) => stringOf(item) ?? []);
      const named = stringOf(entryOf(value, 'name'));
      // Without a type of its own it is a VARCHAR as long as its longest value.
      const text = `varchar(${Math.max(1, ...values.map((item) => item.length))})`;
      const native = booleanOf(entryOf(value, 'native_enum')) !== false;
      return { type: [text, text.toUpperCase()], ...(named !== undefined && native && { enumeration: { name: named, values } }) };
    }
    case 'ARRAY': {
      const of = alembicType(first, depth + 1);
      return of === undefined ? { type: ['text[]', 'TEXT'] } : { ...of, array: true };
    }
    case 'Variant':
    case 'with_variant':
      return alembicType(call?.receiver, depth + 1);
    case 'Vector':
      return { type: [length === undefined ? 'vector' : `vector(${length})`, 'BLOB'] };
    case 'Geometry':
    case 'Geography':
      return { type: [name.toLowerCase(), 'BLOB'] };
    default:
      // A type of the application's own (`app.types.GUID()`): its column exists, and what it holds is not known.
      return call === undefined && !/^[A-Z]/.test(name) ? undefined : { type: guess(name) };
  }
}

const zoned = (call: Value | undefined, first: Value | undefined): boolean =>
  booleanOf(entryOf(call, 'timezone')) === true || booleanOf(first) === true;

/** Names that say it themselves, as applications call their own types. */
function guess(name: string): TypeText {
  if (/guid|uuid/i.test(name)) return ['uuid', 'CHAR(32)'];
  if (/datetime|timestamp|utc/i.test(name)) return ['timestamp', 'DATETIME'];
  if (/json/i.test(name)) return ['json', 'JSON'];
  if (/int/i.test(name)) return ['integer', 'INTEGER'];
  return ['text', 'TEXT'];
}

export const stringItems = (value: Value | undefined): readonly string[] => itemsOf(value).flatMap((item) => stringOf(item) ?? []);
