/** Comparisons of two types, where the engine turns the indexed column into the other's: its index is in another order then. */
import type { Schema, Table } from '../sql/schema.ts';
import { findTable } from '../sql/schema.ts';
import type { Binary, ColumnReference, EngineId, Expression, FromItem } from '../sql/statement.ts';
import { type Block, tableOf } from './blocks.ts';

export interface ImplicitCast {
  readonly condition: Binary;
  readonly item: FromItem;
  readonly table: Table;
  /** The side that is turned into the other's type. */
  readonly column: ColumnReference;
  readonly columnType: string;
  readonly other: Expression;
  /** What the column becomes, in the engine's words. */
  readonly becomes: string;
  /** The table of the other side, where that is a column. */
  readonly otherItem?: FromItem | undefined;
}

const comparisons: ReadonlySet<string> = new Set(['=', '<', '>', '<=', '>=']);

/** Only where both types are known: a parameter takes the type of the column. */
export function implicitCasts(block: Block, schema: Schema): ImplicitCast[] {
  return [...block.conditions, ...block.outerConditions].flatMap((condition): ImplicitCast[] => {
    if (condition.kind !== 'binary' || !comparisons.has(condition.operator) || condition.quantifier !== undefined) return [];
    return [
      ...castOf(block, condition, condition.left, condition.right, schema),
      ...castOf(block, condition, condition.right, condition.left, schema),
    ];
  });
}

function castOf(block: Block, condition: Binary, side: Expression, other: Expression, schema: Schema): ImplicitCast[] {
  if (side.kind !== 'column') return [];
  const own = typeOf(block, side, schema);
  if (own?.item === undefined) return [];
  const { item, table, type } = own;
  const against = other.kind === 'column' ? typeOf(block, other, schema) : undefined;
  const becomes =
    schema.engine === 'postgres'
      ? postgresCast(type, against?.type ?? valueType(other))
      : sqliteCast(type, against?.type ?? (other.kind === 'cast' ? other.type : undefined));
  if (becomes === undefined) return [];
  return [{ condition, item, table, column: side, columnType: type, other, becomes, ...(against && { otherItem: against.item }) }];
}

function typeOf(block: Block, column: ColumnReference, schema: Schema): { item: FromItem; table: Table; type: string } | undefined {
  const item = tableOf(block, column, schema);
  const table = item?.name && findTable(schema, item.name.text);
  const known = table?.columns.find((entry) => entry.name.toLowerCase() === column.name.text.toLowerCase());
  if (item === undefined || table === undefined || known === undefined || table.inferred || table.kind !== 'table') return undefined;
  return { item, table, type: known.type };
}

/** PostgreSQL's own type of a value that is written with one. */
function valueType(value: Expression): string | undefined {
  if (value.kind === 'cast') return value.type;
  return value.kind === 'literal' && value.type === 'number' && /[.e]/i.test(value.value) ? 'numeric' : undefined;
}

type Family = 'whole' | 'numeric' | 'float' | 'bpchar' | 'text' | undefined;
function familyOf(type: string): Family {
  if (/^(int|integer|bigint|smallint|int[248]|serial|bigserial|smallserial)$/.test(type)) return 'whole';
  if (/^(numeric|decimal)\b/.test(type)) return 'numeric';
  if (/^(real|float|float4|float8|double precision)$/.test(type)) return 'float';
  if (/^(char|character|bpchar|nchar)\b(?! varying)/.test(type) && !/\[\]$/.test(type)) return 'bpchar';
  return /^(text|varchar|character varying)\b/.test(type) && !/\[\]$/.test(type) ? 'text' : undefined;
}

/**
 * What a column of the one type is turned into beside the other. PostgreSQL resolves an operator to the type that both
 * turn into without words (pg_cast, castcontext `i`); operators between whole numbers, and between times, take both as they are.
 */
function postgresCast(column: string, other: string | undefined): string | undefined {
  const [own, against] = [familyOf(column), other === undefined ? undefined : familyOf(other)];
  if (own === 'whole' && against === 'numeric') return 'numeric';
  if ((own === 'whole' || own === 'numeric') && against === 'float') return 'double precision';
  return own === 'bpchar' && against === 'text' ? 'text' : undefined;
}

/**
 * SQLite's affinity of a declared type, by its documentation (datatype3, 3.1), and what a comparison does to a column (4.2): beside a number's
 * affinity, a text or a value without one becomes a number.
 */
function sqliteCast(column: string, other: string | undefined): string | undefined {
  if (other === undefined) return undefined;
  const own = affinityOf(column);
  return (own === 'text' || own === 'none') && affinityOf(other) === 'number' ? 'a number' : undefined;
}

function affinityOf(type: string): 'text' | 'number' | 'none' {
  if (/int/.test(type)) return 'number';
  if (/char|clob|text/.test(type)) return 'text';
  return /blob/.test(type) || type === '' ? 'none' : 'number';
}

/** The same value in the column's own type, as it is written. */
export function castText(engine: EngineId, { columnType }: ImplicitCast, value: string, isSingle: boolean): string {
  if (engine === 'sqlite') return `CAST(${value} AS ${columnType === '' ? 'BLOB' : columnType.toUpperCase()})`;
  const type =
    familyOf(columnType) === 'bpchar'
      ? 'bpchar'
      : columnType.replace(/^(big|small)?serial$/, (_, size = '') => `${size === '' ? 'integer' : `${size}int`}`);
  return `${isSingle ? value : `(${value})`}::${type}`;
}
