/** How large the candidate indexes of PostgreSQL's twin would be: their keys as its catalogue has them, and what its statistics tell of the columns. */
import type { CandidateIndex } from '../analysis/facts.ts';
import { brinPages, btreeShape, ginPages, gistPages, hashPages, type IndexShape, type KeyGroup } from './index-size.ts';
import type { Query } from './postgres-size.ts';

/** An index that was built on an empty file, and the table that holds its rows. */
export interface Fresh {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly table: number;
  readonly deduplicates: boolean;
  /** Key and carried columns in order. */
  readonly columns: readonly FreshColumn[];
}
interface FreshColumn {
  /** Bytes where the type has a fixed length, else negative. */
  readonly length: number;
  readonly alignment: string;
  readonly type: string;
  /** The letter of `pg_type.typcategory`: `S` for texts, `A` for arrays. */
  readonly category: string;
  readonly opclass: string | null;
  /** Of the column, or of the only column inside an expression. */
  readonly stats: ColumnStats | null;
  readonly expression: boolean;
}
interface ColumnStats {
  readonly nulls: number;
  readonly width: number;
  readonly distinct: number;
  readonly frequencies: readonly number[] | null;
  /** How much longer the longest text of the sample is than the shortest. */
  readonly range: number | null;
  readonly category: string;
  readonly elements: number | null;
}

/** `$1` is an array of the indexes' oids. An expression's statistics are those of the only column it holds. */
const freshQuery = `
SELECT coalesce(pg_catalog.json_agg(r), '[]') FROM (
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, pg_catalog.pg_relation_filepath(c.oid) AS path, m.amname AS method,
    i.indrelid::int8 AS table,
    i.indnatts = i.indnkeyatts AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(i.indclass) k(class) JOIN pg_catalog.pg_opclass o ON o.oid = k.class
      WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_amproc a WHERE a.amprocfamily = o.opcfamily AND a.amproclefttype = o.opcintype AND a.amprocnum = 4)) AS deduplicates,
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('length', a.attlen, 'alignment', a.attalign, 'type', t.typname, 'category', t.typcategory, 'opclass', o.opcname,
        'expression', coalesce(i.indkey[a.attnum - 1], 0) = 0,
        'stats', (SELECT pg_catalog.json_build_object('nulls', s.null_frac, 'width', s.avg_width, 'distinct', s.n_distinct, 'frequencies', s.most_common_freqs,
            'range', (SELECT pg_catalog.max(pg_catalog.octet_length(v)) - pg_catalog.min(pg_catalog.octet_length(v))
              FROM pg_catalog.unnest(s.histogram_bounds::text::text[] || s.most_common_vals::text::text[]) v),
            'category', (SELECT u.typcategory FROM pg_catalog.pg_type u WHERE u.oid = x.atttypid), 'elements', s.elem_count_histogram[pg_catalog.array_length(s.elem_count_histogram, 1)])
          FROM pg_catalog.pg_attribute x JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = h.relname AND s.attname = x.attname AND NOT s.inherited
          WHERE x.attrelid = h.oid AND x.attnum = coalesce(nullif(i.indkey[a.attnum - 1], 0), (SELECT pg_catalog.min(d.refobjsubid) FROM pg_catalog.pg_depend d
              WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.refobjid = h.oid AND d.refobjsubid > 0
                AND pg_catalog.strpos(pg_catalog.pg_get_indexdef(c.oid, a.attnum, false), (SELECT y.attname FROM pg_catalog.pg_attribute y WHERE y.attrelid = h.oid AND y.attnum = d.refobjsubid)) > 0))))
        ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_opclass o ON a.attnum <= i.indnkeyatts AND o.oid = i.indclass[a.attnum - 1]
      WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_class h ON h.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = c.relam
  WHERE c.relkind = 'i' AND c.oid = ANY ($1::text::oid[])
) r`;

export async function readFresh(query: Query, oids: readonly number[]): Promise<readonly Fresh[]> {
  const value = Object.values((await query(freshQuery, [`{${oids.join()}}`]))[0] ?? {})[0];
  return (typeof value === 'string' ? JSON.parse(value) : value) as readonly Fresh[];
}

/** PostgreSQL's own guess for a type of varying length without statistics (`get_typavgwidth`). */
const usualWidth = 32;
/** A word taken out of a document (`->>`): the documents' own width says nothing of it. */
const wordWidth = 12;
const alignments: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 };
/** Groups of a composite key are products; past that many the most common values of further columns are taken together. */
const mostGroups = 2_000;

/** Of a text whose sample is not known, and of a number or document, of which the text says little. */
const usualRange = 8;
const numberRange = 4;

function widthOf(column: FreshColumn): { readonly bytes: number; readonly range: number } {
  if (column.length > 0) return { bytes: column.length, range: 0 };
  const { stats } = column;
  if (stats === null) return { bytes: usualWidth, range: usualRange };
  if (column.expression && (stats.category !== column.category || column.category !== 'S')) return { bytes: wordWidth, range: usualRange };
  return { bytes: stats.width, range: stats.category === 'S' ? (stats.range ?? usualRange) : numberRange };
}

/** Bytes of one entry: its header, its values each at its own alignment, the whole aligned to 8. A mean where lengths vary: taken over all that they can be. */
export function entryBytes(columns: readonly FreshColumn[]): number {
  let at = 8;
  let range = 0;
  for (const column of columns) {
    const width = widthOf(column);
    // A short text stands where the one before ended; only values of fixed length begin at a multiple of their alignment.
    if (column.length > 0) {
      const step = alignments[column.alignment] ?? 8;
      at = range > 0 ? at + (step - 1) / 2 : Math.ceil(at / step) * step;
    }
    at += width.bytes;
    range += width.range;
  }
  const low = Math.max(8, Math.round(at - range / 2));
  const high = Math.max(low, Math.round(at + range / 2));
  let sum = 0;
  for (let bytes = low; bytes <= high; bytes++) sum += Math.ceil(bytes / 8) * 8;
  return sum / (high - low + 1);
}

/** The values of one column by how frequent they are; `share` is of all rows, for each value. */
interface Share {
  readonly values: number;
  readonly share: number;
}
function sharesOf(column: FreshColumn, rows: number): readonly Share[] | undefined {
  const { stats } = column;
  if (stats === null || stats.distinct === 0) return undefined;
  const all = stats.distinct < 0 ? -stats.distinct * rows : stats.distinct;
  const common = stats.frequencies ?? [];
  const shares: Share[] = common.map((share) => ({ values: 1, share }));
  if (stats.nulls > 0) shares.push({ values: 1, share: stats.nulls });
  const left = 1 - stats.nulls - common.reduce((sum, share) => sum + share, 0);
  const others = Math.min(Math.max(all - common.length, left > 0.001 ? 1 : 0), Math.max(1, left * rows));
  if (others > 0 && left > 0) shares.push({ values: others, share: left / others });
  return shares;
}

/** The keys' values in groups of one frequency, the columns taken as independent; undefined where a column's values are not known. */
function groupsOf(columns: readonly FreshColumn[], rows: number, part: number): readonly KeyGroup[] | undefined {
  let groups: readonly Share[] = [{ values: 1, share: 1 }];
  for (const column of columns) {
    const known = sharesOf(column, rows);
    if (known === undefined) return undefined;
    const shares = groups.length * known.length > mostGroups ? together(known) : known;
    groups = groups.flatMap((group) => shares.map((each) => ({ values: group.values * each.values, share: group.share * each.share })));
  }
  const random = columns.length > 1 || part < 1;
  return groups.map(({ values, share }) => ({
    values,
    rows: share * rows * part,
    spread: random ? ('random' as const) : ('even' as const),
  }));
}
function together(shares: readonly Share[]): readonly Share[] {
  const values = shares.reduce((sum, each) => sum + each.values, 0);
  return [{ values, share: 1 / values }];
}

/** How many elements a value holds that GIN keeps by element, where the statistics do not say: texts by their trigrams, documents by their keys and values. */
function elementsOf(column: FreshColumn | undefined): { readonly each: number; readonly different: number; readonly bytes: number } {
  const width = column?.stats?.width ?? usualWidth;
  if (column?.opclass === 'gin_trgm_ops') return { each: Math.max(1, width + 1), different: 20_000, bytes: 4 };
  if (column?.type === 'tsvector') return { each: Math.max(1, width / 8), different: 50_000, bytes: 8 };
  if (column?.type === 'jsonb')
    return {
      each: Math.max(1, width / (column.opclass === 'jsonb_path_ops' ? 20 : 10)),
      different: 100_000,
      bytes: column.opclass === 'jsonb_path_ops' ? 4 : 10,
    };
  return { each: column?.stats?.elements ?? 4, different: 10_000, bytes: 12 };
}

/** `rows` and `pages` of the table; `part`: the share of its rows that a partial index holds. */
export function shapeOf(fresh: Fresh, rows: number, pages: number, part: number): IndexShape {
  const entries = rows * part;
  const tuple = entryBytes(fresh.columns);
  switch (fresh.method) {
    case 'btree': {
      const groups = fresh.deduplicates ? groupsOf(fresh.columns, rows, part) : undefined;
      return btreeShape(groups ?? [{ values: entries, rows: 1, spread: 'even' }], tuple, groups !== undefined);
    }
    case 'brin':
      return { pages: brinPages(pages, tuple - 8), height: 0 };
    case 'gin': {
      const { each, different, bytes } = elementsOf(fresh.columns[0]);
      return { pages: ginPages(entries, each, Math.min(different, entries * each), bytes), height: 0 };
    }
    case 'hash':
      return { pages: hashPages(entries), height: 0 };
    default:
      return { pages: gistPages(entries, tuple - 8), height: 0 };
  }
}

/** Statements that ask the planner which share of its table a partial index holds; undefined for one that holds all. */
export const partialQuery = (candidate: CandidateIndex, table: string): string | undefined =>
  candidate.where === undefined ? undefined : `EXPLAIN (FORMAT JSON) SELECT 1 FROM ONLY ${table} WHERE ${candidate.where}`;
