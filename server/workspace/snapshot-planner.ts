/** The planners' own part of a snapshot file, checked field by field: what goes wrong in an embedded engine later can no longer be explained. */
import type { ExtendedStatistics, IndexMeta, PostgresPlanner, RelationSize } from '../engines/postgres/planner-snapshot.ts';
import type { ColumnSample } from '../engines/sqlite/column-samples.ts';
import type { PairSpread } from '../engines/sqlite/columns.ts';
import type { SqlitePlanner, Stat1 } from '../engines/sqlite/snapshot.ts';
import { type Fields, invalid } from './snapshot-values.ts';

/** Columns of `pg_stats` in its order: numbers with the least they can be, and arrays as PostgreSQL writes them. */
const statistics: readonly (readonly [name: string, kind: number | 'array'])[] = [
  ['null_frac', 0],
  ['avg_width', 0],
  ['n_distinct', -1],
  ['most_common_vals', 'array'],
  ['most_common_freqs', 'array'],
  ['histogram_bounds', 'array'],
  ['correlation', -1],
  ['most_common_elems', 'array'],
  ['most_common_elem_freqs', 'array'],
  ['elem_count_histogram', 'array'],
  ['range_length_histogram', 'array'],
  ['range_empty_frac', 0],
  ['range_bounds_histogram', 'array'],
];

function columnOf(row: Fields): Readonly<Record<string, unknown>> {
  const column: Record<string, unknown> = {
    schemaname: row.text('schemaname'),
    tablename: row.text('tablename'),
    attname: row.text('attname'),
    inherited: row.flag('inherited'),
  };
  for (const [name, kind] of statistics) {
    const value = kind === 'array' ? row.optionalText(name) : row.optionalNumber(name, kind);
    if (value !== undefined) column[name] = value;
  }
  return column;
}

function metaOf(row: Fields): IndexMeta {
  const height = row.optionalNumber('height', 0);
  // 32 levels of two entries each are more rows than a page number can count.
  if (height !== undefined && (!Number.isInteger(height) || height > 32)) throw invalid('height', 'a whole number up to 32');
  if (row.value.gin === undefined) return height === undefined ? {} : { height };
  const gin = row.object('gin');
  const count = (key: string) => gin.number(key, 0);
  return {
    ...(height === undefined ? {} : { height }),
    gin: {
      pages: count('pages'),
      entryPages: count('entryPages'),
      dataPages: count('dataPages'),
      pendingPages: count('pendingPages'),
      entries: count('entries'),
    },
  };
}

/** PostgreSQL counts pages in 32 bits. */
const mostPages = 4_294_967_294;

function relationOf(row: Fields): RelationSize {
  const actualPages = row.optionalNumber('actualPages', 0);
  const kind = row.optionalText('kind');
  const pages = row.number('pages', -1);
  for (const each of [pages, actualPages ?? 0]) if (each > mostPages) throw invalid('pages of a relation', `at most ${mostPages}`);
  return {
    schema: row.text('schema'),
    name: row.text('name'),
    ...(kind === undefined ? {} : { kind }),
    pages,
    rows: row.number('rows', -1),
    allVisible: row.number('allVisible', 0),
    ...(actualPages === undefined ? {} : { actualPages }),
    ...metaOf(row),
  };
}

function countsOf(row: Fields, key: string, least: number): Readonly<Record<string, number>> | undefined {
  if (row.value[key] === undefined) return undefined;
  const counts = row.object(key);
  return Object.fromEntries(
    Object.keys(counts.value).map((columns) => {
      if (!isNames(columns)) throw invalid(key, 'keyed by lists of column names');
      return [columns, counts.number(columns, least)];
    }),
  );
}

const isHexadecimal = (text: string): boolean => /^(?:[0-9a-f]{2})*$/i.test(text);

function isNames(text: string): boolean {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.length > 1 && names.every((name) => typeof name === 'string');
  } catch {
    return false;
  }
}

function extendedOf(row: Fields): ExtendedStatistics {
  const distinct = countsOf(row, 'distinct', -1);
  const dependencies = countsOf(row, 'dependencies', 0);
  const common = row.optionalText('common');
  if (common !== undefined && !isHexadecimal(common)) throw invalid('common of extended statistics', 'hexadecimal');
  return {
    schema: row.text('schema'),
    name: row.text('name'),
    inherited: row.flag('inherited'),
    ...(distinct === undefined ? {} : { distinct }),
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(common === undefined ? {} : { common }),
  };
}

export function readPostgresPlanner(planner: Fields): PostgresPlanner {
  const settings = planner.object('settings');
  const searchPath = planner.optionalText('searchPath');
  return {
    relations: planner.objects('relations').map(relationOf),
    columns: planner.objects('columns').map(columnOf),
    ...(planner.value.extended === undefined ? {} : { extended: planner.objects('extended').map(extendedOf) }),
    settings: Object.fromEntries(Object.keys(settings.value).map((name) => [name, settings.text(name)])),
    ...(searchPath === undefined ? {} : { searchPath }),
    ...(planner.value.byteOrder === undefined ? {} : { byteOrder: planner.flag('byteOrder') }),
  };
}

function stat1Of(row: Fields): Stat1 {
  const idx = row.value.idx === null ? null : row.text('idx');
  const stat = row.text('stat');
  // Numbers, then words such as `sz=40` and `unordered`.
  if (!/^\d+(?: |$)/.test(stat)) throw invalid('stat of a line of stat1', 'a text that starts with a number');
  return { tbl: row.text('tbl'), idx, stat };
}

function pairOf(row: Fields): PairSpread {
  const [left, right, ...rest] = row.list('columns');
  if (typeof left !== 'string' || typeof right !== 'string' || rest.length > 0) throw invalid('pair of columns', 'two names');
  return { table: row.text('table'), columns: [left, right], distinct: row.number('distinct', 0) };
}

function sampleOf(sample: unknown): ColumnSample {
  if (Array.isArray(sample) && sample.length === 4) {
    const [value, ...shares] = sample as unknown[];
    const isValue = value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
    if (isValue && shares.every((share) => typeof share === 'number' && share >= 0 && share <= 1)) return sample as unknown as ColumnSample;
  }
  throw invalid('sample of a column', 'a value and three shares');
}

export function readSqlitePlanner(planner: Fields): SqlitePlanner {
  const pageSize = planner.optionalNumber('pageSize', 512);
  const pageCount = planner.optionalNumber('pageCount', 0);
  return {
    ...(pageSize === undefined ? {} : { pageSize }),
    ...(pageCount === undefined ? {} : { pageCount }),
    ...(planner.value.sizes === undefined
      ? {}
      : { sizes: planner.objects('sizes').map((row) => ({ name: row.text('name'), pages: row.number('pages', 0) })) }),
    stat1: planner.objects('stat1').map(stat1Of),
    stat4: planner.objects('stat4').map((row) => {
      const sample = row.text('sample');
      if (!isHexadecimal(sample)) throw invalid('sample of a line of stat4', 'hexadecimal');
      return { tbl: row.text('tbl'), idx: row.text('idx'), neq: row.text('neq'), nlt: row.text('nlt'), ndlt: row.text('ndlt'), sample };
    }),
    ...(planner.value.pairs === undefined ? {} : { pairs: planner.objects('pairs').map(pairOf) }),
    columns: planner.objects('columns').map((row) => {
      const bytes = row.optionalNumber('bytes', 0);
      const samples = row.value.samples === undefined ? undefined : row.list('samples').map(sampleOf);
      const spread = { table: row.text('table'), column: row.text('column'), distinct: row.number('distinct', 0) };
      return { ...spread, ...(bytes === undefined ? {} : { bytes }), ...(samples === undefined ? {} : { samples }) };
    }),
  };
}
