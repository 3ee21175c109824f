/**
 * Django's fields as columns: `data_types` of `django/db/backends/{postgresql,sqlite3}/base.py`, names and indexes as
 * `django/db/models/fields/` and `django/db/backends/base/schema.py` make them.
 */
import type { Span } from '../span.ts';
import type { ColumnSpec, SchemaStep, TableRef, TypeText } from './declaration.ts';
import { booleanOf, calleeOf, entryOf, type Invocation, lastName, numberOf, stringOf, type Value } from './value.ts';

const plain: Readonly<Record<string, TypeText>> = {
  AutoField: ['integer', 'integer'],
  BigAutoField: ['bigint', 'integer'],
  SmallAutoField: ['smallint', 'integer'],
  BinaryField: ['bytea', 'BLOB'],
  BooleanField: ['boolean', 'bool'],
  NullBooleanField: ['boolean', 'bool'],
  DateField: ['date', 'date'],
  DateTimeField: ['timestamp with time zone', 'datetime'],
  DurationField: ['interval', 'bigint'],
  FloatField: ['double precision', 'real'],
  IntegerField: ['integer', 'integer'],
  BigIntegerField: ['bigint', 'bigint'],
  SmallIntegerField: ['smallint', 'smallint'],
  PositiveIntegerField: ['integer', 'integer unsigned'],
  PositiveBigIntegerField: ['bigint', 'bigint unsigned'],
  PositiveSmallIntegerField: ['smallint', 'smallint unsigned'],
  IPAddressField: ['inet', 'char(15)'],
  GenericIPAddressField: ['inet', 'char(39)'],
  JSONField: ['jsonb', 'text'],
  TextField: ['text', 'text'],
  TimeField: ['time', 'time'],
  UUIDField: ['uuid', 'char(32)'],
  HStoreField: ['hstore', 'text'],
  CICharField: ['citext', 'text'],
  CIEmailField: ['citext', 'text'],
  CITextField: ['citext', 'text'],
  SearchVectorField: ['tsvector', 'text'],
  IntegerRangeField: ['int4range', 'text'],
  BigIntegerRangeField: ['int8range', 'text'],
  DecimalRangeField: ['numrange', 'text'],
  DateTimeRangeField: ['tstzrange', 'text'],
  DateRangeField: ['daterange', 'text'],
};
/** Fields that are a varchar, with the length they have unless told. */
const texts: Readonly<Record<string, number | undefined>> = {
  CharField: undefined,
  SlugField: 50,
  EmailField: 254,
  URLField: 200,
  FileField: 100,
  ImageField: 100,
  FilePathField: 100,
  CommaSeparatedIntegerField: undefined,
};

/** What a field of a model becomes. */
export type DjangoField =
  | { readonly kind: 'column'; readonly column: ColumnSpec }
  | { readonly kind: 'relation'; readonly steps: (owner: DjangoModel) => readonly SchemaStep[] };
export interface DjangoModel {
  readonly app: string;
  /** Lower case. */
  readonly name: string;
}

export const symbolOf = ({ app, name }: DjangoModel): string => `${app}.${name}`;

/** `"app.Model"`, `"Model"`, `settings.AUTH_USER_MODEL`, `Model`, `"self"`. */
export function modelSymbol(value: Value | undefined, owner: DjangoModel): string | undefined {
  const text = stringOf(value);
  if (text === 'self') return symbolOf(owner);
  if (text !== undefined) {
    const folded = text.toLowerCase();
    return folded.includes('.') ? folded : `${owner.app}.${folded}`;
  }
  if (value?.kind !== 'name') {
    // `to=migrations.swappable…` and `get_user_model()`.
    return value?.kind === 'call' && value.name === 'get_user_model' ? userModel : undefined;
  }
  return /(?:^|\.)AUTH_USER_MODEL$/.test(value.path) ? userModel : `${owner.app}.${lastName(value.path).toLowerCase()}`;
}
export const userModel = '@AUTH_USER_MODEL';

/** Undefined for what is no column (a manager, a generic relation) or cannot be told. */
export function djangoField(name: string, value: Value, owner: DjangoModel, span: Span): DjangoField | undefined {
  if (value.kind !== 'call') return undefined;
  const type = lastName(calleeOf(value));
  if (/Manager$|^Generic(?:ForeignKey|Relation)$/.test(type)) return undefined;
  if (/ManyToManyField$/.test(type)) return manyToMany(name, value, owner, span);
  if (/(?:ForeignKey|OneToOneField|ParentalKey)$/.test(type)) return foreignKey(name, value, owner, span, type);
  const base = type === 'ArrayField' ? (value.args[0] ?? entryOf(value, 'base_field')) : undefined;
  const typed = typeOf(base?.kind === 'call' ? base : value);
  if (typed === undefined) return undefined;
  const common = commonOf(name, value, span);
  const generated = type === 'GeneratedField' ? entryOf(value, 'output_field') : undefined;
  return {
    kind: 'column',
    column: {
      ...common,
      // What it is made of is an expression of Django; that it is there is what counts.
      type: generated?.kind === 'call' ? (typeOf(generated) ?? typed) : typed,
      autoIncrement: /AutoField$/.test(type),
      ...(base !== undefined && { array: true }),
      ...(type === 'SlugField' && booleanOf(entryOf(value, 'db_index')) !== false && { indexed: common.unique !== true }),
    },
  };
}

function commonOf(name: string, call: Invocation, span: Span): Omit<ColumnSpec, 'type'> {
  const flag = (key: string): boolean => booleanOf(entryOf(call, key)) === true;
  const column = stringOf(entryOf(call, 'db_column')) ?? name;
  const primaryKey = flag('primary_key');
  return {
    name: column,
    ...(column !== name && { property: name }),
    notNull: primaryKey || !flag('null'),
    primaryKey,
    unique: !primaryKey && flag('unique'),
    indexed: !primaryKey && !flag('unique') && flag('db_index'),
    patternIndex: true,
    span,
  };
}

function typeOf(call: Invocation): TypeText | undefined {
  const type = lastName(calleeOf(call));
  const known = plain[type];
  if (known !== undefined) return known;
  if (type in texts) {
    const length = numberOf(entryOf(call, 'max_length') ?? call.args[0]) ?? texts[type];
    return length === undefined ? ['varchar', 'varchar'] : [`varchar(${length})`, `varchar(${length})`];
  }
  if (type === 'DecimalField') {
    const [digits, places] = [numberOf(entryOf(call, 'max_digits')), numberOf(entryOf(call, 'decimal_places'))];
    return [digits === undefined ? 'numeric' : `numeric(${digits}, ${places ?? 0})`, 'decimal'];
  }
  // A field of another package or of the application: told by its name, and text otherwise.
  if (!/Field$/.test(type)) return undefined;
  const length = numberOf(entryOf(call, 'max_length'));
  if (/Big(?:Auto|Integer)|Snowflake/.test(type)) return ['bigint', 'bigint'];
  if (/Integer|Number|Duration/.test(type)) return ['integer', 'integer'];
  if (/Boolean/.test(type)) return ['boolean', 'bool'];
  if (/DateTime|Timestamp/.test(type)) return ['timestamp with time zone', 'datetime'];
  if (/Date/.test(type)) return ['date', 'date'];
  if (/JSON/i.test(type)) return ['jsonb', 'text'];
  if (/UUID/i.test(type)) return ['uuid', 'char(32)'];
  if (/Decimal|Money|Price/.test(type)) return ['numeric', 'decimal'];
  if (/Vector/.test(type)) return ['vector', 'text'];
  return length === undefined ? ['text', 'text'] : [`varchar(${length})`, `varchar(${length})`];
}

function foreignKey(name: string, call: Invocation, owner: DjangoModel, span: Span, type: string): DjangoField {
  const target = modelSymbol(entryOf(call, 'to') ?? call.args[0], owner);
  const field = stringOf(entryOf(call, 'to_field'));
  const single = /OneToOneField$/.test(type);
  const common = commonOf(name, call, span);
  const unique = (single || common.unique === true) && common.primaryKey !== true;
  const column: ColumnSpec = {
    ...common,
    name: stringOf(entryOf(call, 'db_column')) ?? `${name}_id`,
    property: name,
    type: target === undefined ? ['bigint', 'bigint'] : 'referenced',
    unique,
    // A foreign key has an index unless it is told not to.
    indexed: !unique && common.primaryKey !== true && booleanOf(entryOf(call, 'db_index')) !== false,
    ...(target !== undefined && { references: { table: { symbol: target }, ...(field !== undefined && { columns: [field] }) } }),
  };
  return { kind: 'column', column };
}

function manyToMany(name: string, call: Invocation, _: DjangoModel, span: Span): DjangoField | undefined {
  // Its own model has its own table.
  if (entryOf(call, 'through') !== undefined) return undefined;
  const given = stringOf(entryOf(call, 'db_table'));
  return {
    kind: 'relation',
    steps: (owner) => {
      const target = modelSymbol(entryOf(call, 'to') ?? call.args[0], owner);
      if (target === undefined) return [];
      const table: TableRef = given === undefined ? { symbol: symbolOf(owner), suffix: `_${name}` } : { name: given };
      const own = symbolOf(owner);
      // The user model's table may be called after the alias it goes by.
      const other = target === userModel ? 'user' : lastName(target);
      const [from, to] = target === own ? [`from_${owner.name}_id`, `to_${owner.name}_id`] : [`${owner.name}_id`, `${other}_id`];
      const side = (column: string, symbol: string): ColumnSpec => ({
        name: column,
        type: 'referenced',
        notNull: true,
        indexed: true,
        patternIndex: true,
        references: { table: { symbol } },
        span,
      });
      const key: ColumnSpec = { name: 'id', type: ['bigint', 'integer'], notNull: true, primaryKey: true, autoIncrement: true, span };
      return [
        {
          kind: 'create table',
          table,
          symbol: `${own}.${name}`,
          columns: [key, side(from, own), side(to, target)],
          constraints: [{ kind: 'unique', columns: [from, to], span }],
          indexes: [],
          ifNotExists: true,
          span,
        },
      ];
    },
  };
}
