/** How many different values the columns of a SQLite database hold, from a sample: what ANALYZE would know of an index that is not there yet. */
import type { TableStatistics } from '../../analysis/sql/schema.ts';
import type { SqliteDatabase } from './binding.ts';
import { type ColumnSample, columnSamples } from './column-samples.ts';

export interface ColumnSpread {
  readonly table: string;
  readonly column: string;
  /** Estimated number of different values in the whole table; NULL is one. */
  readonly distinct: number;
  /** Bytes of a value as SQLite stores it, on average; absent in snapshots from before it was measured. */
  readonly bytes?: number | undefined;
  /** Values of rows, texts cut off; not where there are blobs. */
  readonly samples?: readonly ColumnSample[] | undefined;
}

/** Two columns that depend on each other: together they have far fewer different values than each of the one with each of the other. */
export interface PairSpread {
  readonly table: string;
  /** In the table's order. */
  readonly columns: readonly [string, string];
  readonly distinct: number;
}
export interface Spreads {
  readonly columns: readonly ColumnSpread[];
  readonly pairs: readonly PairSpread[];
}

/** Rows looked at in each table. ANALYZE of PostgreSQL takes 30,000; for telling a status from a key a fraction does. */
const sampleSize = 2_000;
/** Milliseconds for all tables together, the largest first: one seek a row, some 10 ms a table when it is in memory. */
const budget = 1_500;
/** Longer texts differ early or are no keys. */
const comparedLength = 64;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * The estimator of Haas and Stokes that PostgreSQL uses (`compute_distinct_stats`): n × d / (n − f1 + f1 × n / N), where f1 values were seen once among n
 * of N rows and d values at all.
 */
export function estimateDistinct(counts: Iterable<number>, rows: number): number {
  let seen = 0;
  let distinct = 0;
  let once = 0;
  for (const count of counts) {
    seen += count;
    distinct++;
    if (count === 1) once++;
  }
  if (seen === 0) return 0;
  if (seen >= rows) return distinct;
  const estimate = (seen * distinct) / (seen - once + (once * seen) / rows);
  return Math.min(rows, Math.max(distinct, Math.round(estimate)));
}

/** The record format keeps an integer in 0 (for 0 and 1), 1, 2, 3, 4, 6 or 8 bytes. */
function integerBytes(name: string): string {
  const limits = [
    [128, 1],
    [32_768, 2],
    [8_388_608, 3],
    [2_147_483_648, 4],
    [140_737_488_355_328, 6],
  ];
  const cases = limits.map(([limit, bytes]) => `WHEN ${name} BETWEEN -${limit} AND ${(limit ?? 0) - 1} THEN ${bytes}`);
  return `CASE WHEN ${name} IN (0, 1) THEN 0 ${cases.join(' ')} ELSE 8 END`;
}

/**
 * Rows from places all over the table that look random and are the same each time (a linear congruential generator, the C standard's constants): evenly
 * spaced ones would fall in with a period of the data.
 */
function sample(database: SqliteDatabase, table: string, columns: readonly string[]): Record<string, unknown>[] {
  const values = columns.map((column, index) => {
    const name = `t.${quote(column)}`;
    const size = `CASE typeof(${name}) WHEN 'integer' THEN ${integerBytes(name)} WHEN 'real' THEN 8 WHEN 'null' THEN 0 ELSE length(CAST(${name} AS BLOB)) END`;
    return `CASE typeof(${name}) WHEN 'text' THEN substr(${name}, 1, ${comparedLength}) WHEN 'blob' THEN hex(substr(${name}, 1, ${comparedLength})) ELSE ${name} END AS c${index}, ${size} AS b${index}, typeof(${name}) = 'blob' AS k${index}`;
  });
  // The table may be called like one of the steps below, and have a column called like theirs.
  const name = `main.${quote(table)}`;
  return database
    .prepare(
      `WITH bounds(low, high) AS (SELECT (SELECT min(rowid) FROM ${name}), (SELECT max(rowid) FROM ${name})),
        step(i, x) AS (SELECT 0, 20261120 UNION ALL SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM step WHERE i + 1 < ${sampleSize}),
        place(at) AS (SELECT low + CAST((high - low) * (x / 2147483648.0) AS INTEGER) FROM step, bounds),
        chosen(id) AS (SELECT DISTINCT (SELECT t.rowid FROM ${name} AS t WHERE t.rowid >= place.at ORDER BY t.rowid LIMIT 1) FROM place)
      SELECT ${values.join(', ')} FROM chosen JOIN ${name} AS t ON t.rowid = chosen.id`,
    )
    .all();
}

/** Tables without a rowid, and those for which no time was left (`thorough`: there always is), are not among the answers. */
export function readColumns(database: SqliteDatabase, tables: readonly TableStatistics[], thorough = false): Spreads {
  const started = performance.now();
  const spreads: ColumnSpread[] = [];
  const pairs: PairSpread[] = [];
  for (const { table, rows } of tables.toSorted((left, right) => right.rows - left.rows)) {
    if (rows === 0 || (!thorough && performance.now() - started > budget)) continue;
    const columns = database
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map((row) => String(row.name));
    let sampled: Record<string, unknown>[];
    try {
      sampled = sample(database, table, columns);
    } catch {
      // No rowid, or a generated column that cannot be computed: nothing is known, and nothing is guessed.
      continue;
    }
    if (sampled.length === 0) continue;
    const own: ColumnSpread[] = [];
    columns.forEach((column, index) => {
      const counts = new Map<unknown, number>();
      let bytes = 0;
      let blob = false;
      for (const row of sampled) {
        const value = row[`c${index}`];
        counts.set(value, (counts.get(value) ?? 0) + 1);
        bytes += Number(row[`b${index}`]);
        if (row[`k${index}`] === 1) blob = true;
      }
      const samples = blob ? undefined : columnSamples(counts);
      own.push({
        table,
        column,
        distinct: estimateDistinct(counts.values(), rows),
        bytes: Math.round((bytes / sampled.length) * 100) / 100,
        ...(samples === undefined ? {} : { samples }),
      });
    });
    spreads.push(...own);
    pairs.push(...pairsOf(own, sampled, rows));
  }
  return { columns: spreads, pairs };
}

/** Of wider tables the first of those columns that repeat: all pairs of a hundred columns would take seconds. */
const mostPaired = 20;
/** Independent columns come out within this by chance; a difference that small changes no plan. */
const dependent = 2;

function pairsOf(spreads: readonly ColumnSpread[], sampled: readonly Record<string, unknown>[], rows: number): PairSpread[] {
  const repeating = spreads
    .map((spread, index) => ({ ...spread, index }))
    .filter(({ distinct }) => distinct > 1 && distinct < rows / 2)
    .slice(0, mostPaired);
  return repeating.flatMap((left, at) =>
    repeating.slice(at + 1).flatMap((right): PairSpread[] => {
      const counts = new Map<string, number>();
      for (const row of sampled) {
        const key = JSON.stringify([row[`c${left.index}`], row[`c${right.index}`]]);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const distinct = Math.max(left.distinct, right.distinct, estimateDistinct(counts.values(), rows));
      const independent = Math.min(rows, left.distinct * right.distinct);
      return distinct * dependent < independent ? [{ table: left.table, columns: [left.column, right.column], distinct }] : [];
    }),
  );
}
