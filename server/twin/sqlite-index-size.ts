/** What SQLite would know of a candidate index, and how large it would be, from what is known of the columns. */
import type { CandidateIndex } from '../analysis/facts.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import { findTable } from '../analysis/sql/schema.ts';
import type { ColumnSample } from '../engines/sqlite/column-samples.ts';

/** What is known of the values of a snapshot's columns. */
export interface Spread {
  /** Lower-case table -> rows. */
  readonly rows: ReadonlyMap<string, number>;
  /** Lower-case `table.column` -> number of different values. */
  readonly distinct: ReadonlyMap<string, number>;
  /** Lower-case `table.column.column`, either way round -> number of different pairs, where that is far from the product. */
  readonly pairs: ReadonlyMap<string, number>;
  /** Lower-case `table.column` -> bytes of a value as SQLite stores it, on average. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Lower-case `table.column` -> how its values are spread; empty where the database keeps no samples (SQLite built without STAT4). */
  readonly samples: ReadonlyMap<string, readonly ColumnSample[]>;
  readonly assumedRows: number;
  /** 4,096 where the database is not known: the default since 3.12. */
  readonly pageSize: number;
}

/**
 * The line ANALYZE would write for the candidate: the table's rows, then how many of them share the first key, the first two, and so on (keys
 * taken as independent). Without it SQLite takes every index to leave ten rows, a status with two values too. Undefined where a column was not sampled.
 */
export function statisticsOf(candidate: CandidateIndex, spread: Spread): string | undefined {
  const table = nameOf(candidate).toLowerCase();
  const rows = spread.rows.get(table);
  if (rows === undefined || rows === 0 || candidate.where !== undefined) return undefined;
  const numbers = [rows];
  let different = 1;
  const before: string[] = [];
  for (const column of columnsOf(candidate)) {
    const distinct = column === undefined ? undefined : spread.distinct.get(`${table}.${column.toLowerCase()}`);
    if (column === undefined || distinct === undefined) return undefined;
    // The column adds what it adds to the one before it on which it depends most.
    const added = before.map((other) => {
      const pair = spread.pairs.get(`${table}.${other}.${column.toLowerCase()}`);
      return pair === undefined ? distinct : pair / Math.max(1, spread.distinct.get(`${table}.${other}`) ?? 1);
    });
    different = Math.min(rows, different * Math.max(1, Math.min(distinct, ...added)));
    before.push(column.toLowerCase());
    numbers.push(Math.max(1, Math.round(rows / different)));
  }
  return numbers.join(' ');
}

/** What a partial index holds of its table, where nothing tells: as for PostgreSQL. */
const unknownPart = 0.1;

/**
 * Bytes of the index as CREATE INDEX leaves it: entries in order, pages full. An entry is a record (its length, a header with a type for each value, the
 * values, the rowid) and two bytes that point to it. An entry stands on one page only, also in the pages above the leaves.
 */
export function bytesOf(candidate: CandidateIndex, schema: Schema, spread: Spread): number {
  const { pageSize } = spread;
  const table = nameOf(candidate);
  const known = findTable(schema, table);
  const all = spread.rows.get(table.toLowerCase()) ?? spread.assumedRows;
  const rows = candidate.where === undefined ? all : all * unknownPart;
  const widths = columnsOf(candidate).map((column) => {
    if (column === undefined) return textBytes;
    const type = known?.columns.find((each) => each.name.toLowerCase() === column.toLowerCase())?.type ?? '';
    return spread.bytes.get(`${table}.${column}`.toLowerCase()) ?? usualBytes(type, all);
  });
  const key = known?.withoutRowid === true ? textBytes * Math.max(1, known.primaryKey.length) : integerBytes(all);
  const header = 1 + widths.reduce((sum, width) => sum + (width >= 58 ? 2 : 1), 0) + 1;
  const payload = header + widths.reduce((sum, width) => sum + width, 0) + key;
  const cell = payload + (payload > 127 ? 2 : 1) + 2;
  // A leaf has a header of 8 bytes.
  const leaves = Math.max(1, Math.ceil((rows * cell) / (pageSize - 8 - cell / 2)));
  const above = leaves > 1 ? Math.ceil(leaves / Math.max(2, Math.floor((pageSize - 12) / (cell + 4)))) : 0;
  return (leaves + above) * pageSize;
}

/** A short word: where nothing is known of a text. */
const textBytes = 16;
/** SQLite takes a type by these letters in it (affinity), and stores an integer in as few bytes as it needs. */
function usualBytes(type: string, rows: number): number {
  if (/int/i.test(type)) return integerBytes(rows);
  if (/bool/i.test(type)) return 0;
  if (/date|time/i.test(type)) return 20;
  if (/real|floa|doub|num|dec/i.test(type)) return 8;
  return textBytes;
}
/** Numbers from 1 to `most`, on average. */
function integerBytes(most: number): number {
  let bytes = 0;
  let below = 0;
  for (const [at, limit] of [127, 32_767, 8_388_607, 2_147_483_647, Number.POSITIVE_INFINITY].entries()) {
    bytes += Math.max(0, Math.min(most, limit) - below) * (at < 4 ? at + 1 : 6);
    below = Math.min(most, limit);
  }
  return bytes / Math.max(1, most);
}

/** Every column in order, the carried ones last; undefined for an expression. */
const columnsOf = (candidate: CandidateIndex): readonly (string | undefined)[] => [
  ...candidate.keys.map((key) => key.column),
  ...candidate.include,
];
const nameOf = (candidate: CandidateIndex): string => candidate.table.split('.').at(-1) ?? candidate.table;
