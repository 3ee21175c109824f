/**
 * Gives the twin's empty relations the size they have, or would have, in production. The planner multiplies the density of rows that the
 * catalogue claims by the size of the file, and reads the height of a B-tree from its first page; neither needs the rows to be there.
 */
import type { Snapshot } from '../engines/engine.ts';
import type { PostgresPlanner, RelationSize } from '../engines/postgres/planner-snapshot.ts';
import type { Embedded, FileNode } from './pglite.ts';

export type { PostgresPlanner, RelationSize } from '../engines/postgres/planner-snapshot.ts';

/** PostgreSQL's own sizes; `RELSEG_SIZE` × 8 kB is one file. */
const pageSize = 8192;
const pagesPerSegment = 131_072;
/** What a page holds beside its header, and how full CREATE INDEX leaves a leaf (`BTREE_DEFAULT_FILLFACTOR`) and an inner page. */
const pageRoom = pageSize - 24;
const indexRoom = pageRoom - 16;
const leafFill = 0.9;
const innerFill = 0.7;

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `m` materialised view, `i` index. */
  readonly kind: 'r' | 'm' | 'i';
  readonly path: string;
  readonly method: string;
  /** Bytes of one row or one index key by the types' own or usual widths. */
  readonly width: number;
  /** For an index: its table, and whether it is partial. */
  readonly table: number | null;
  readonly partial: boolean;
  readonly unique: boolean;
  readonly keys: number;
  /** Whether its B-tree keeps equal keys once: not for types whose equal values may look different (numeric, float), nor with INCLUDE. */
  readonly deduplicates: boolean;
}

/** PostgreSQL's guess for types of varying length without statistics is 32 bytes (`get_typavgwidth`), less where the type declares a maximum. */
const relationsQuery = `
SELECT coalesce(pg_catalog.json_agg(r), '[]') FROM (
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, pg_catalog.pg_relation_filepath(c.oid) AS path,
    m.amname AS method, i.indrelid::int8 AS table, i.indpred IS NOT NULL AS partial, coalesce(i.indisunique, false) AS "unique", coalesce(i.indnkeyatts, 0) AS keys,
    i.indnatts = i.indnkeyatts AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(i.indclass) k(class) JOIN pg_catalog.pg_opclass o ON o.oid = k.class
      WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_amproc a WHERE a.amprocfamily = o.opcfamily AND a.amproclefttype = o.opcintype AND a.amprocnum = 4)) AS deduplicates,
    (SELECT coalesce(pg_catalog.sum(coalesce(s.stawidth, CASE WHEN a.attlen > 0 THEN a.attlen
        WHEN a.atttypid = 1042 AND a.atttypmod > 4 THEN a.atttypmod - 4
        WHEN a.atttypid = 1043 AND a.atttypmod BETWEEN 5 AND 36 THEN a.atttypmod - 4
        WHEN a.atttypid = 1043 AND a.atttypmod BETWEEN 37 AND 1003 THEN 32 + (a.atttypmod - 36) / 2
        WHEN a.atttypid = 1043 AND a.atttypmod > 1003 THEN 516
        ELSE 32 END)), 8)
     FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_statistic s ON s.starelid = coalesce(i.indrelid, c.oid)
       AND s.staattnum = CASE WHEN i.indrelid IS NULL THEN a.attnum ELSE nullif(i.indkey[a.attnum - 1], 0) END AND NOT s.stainherit
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::int8 AS width
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
  WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't'
) r`;

const align = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Pages of a heap of that many rows: a row has 23 bytes of header, aligned, and 4 bytes of line pointer. */
export const heapPages = (rows: number, width: number): number =>
  Math.max(1, Math.ceil(rows / Math.max(1, Math.floor(pageRoom / (align(24 + width) + 4)))));

export interface IndexShape {
  readonly pages: number;
  /** Levels below the root; 0 when the root is a leaf. */
  readonly height: number;
}

/**
 * Pages and height of an index of that many entries. B-tree: 8 bytes of header and 4 of line pointer for each entry, leaves 90 % full. Entries
 * that repeat are kept once with 6 bytes for each row (deduplication, since 13): `distinct` is how many different keys there are, where that is known
 * and they are deduplicated.
 */
export function indexShape(method: string, entries: number, width: number, distinct: number | undefined): IndexShape {
  const tuple = align(8 + width) + 4;
  // BRIN keeps one summary for 128 pages; GIN and GiST have no common formula, and the size of a B-tree over the same is of the right order.
  if (method === 'brin') return { pages: Math.max(3, Math.ceil(entries / 2_000_000)), height: 0 };
  const perKey = distinct === undefined || distinct <= 0 ? 1 : entries / distinct;
  const bytes = perKey > 2 ? (entries / perKey) * tuple + entries * 6 : entries * tuple;
  const leaves = Math.max(1, Math.ceil(bytes / (indexRoom * leafFill)));
  const fanout = Math.max(2, Math.floor((indexRoom * innerFill) / tuple));
  let height = 0;
  let pages = leaves;
  for (let level = leaves; level > 1; level = Math.ceil(level / fanout)) {
    if (level < leaves) pages += level;
    height++;
  }
  return { pages: pages + 1 + (height > 0 ? 1 : 0), height };
}

/** Height of a B-tree of that many pages, almost all of which are leaves. */
export function heightOf(pages: number, width: number): number {
  const fanout = Math.max(2, Math.floor((indexRoom * innerFill) / (align(8 + width) + 4)));
  let height = 0;
  for (let level = pages - 1; level > 1; level = Math.ceil(level / fanout)) height++;
  return height;
}

/** Makes a file look that long, with further segments where PostgreSQL would have them. */
function stretch(embedded: Embedded, path: string, pages: number): void {
  const whole = Math.floor(pages / pagesPerSegment);
  const node = embedded.file(path);
  if (node === undefined) return;
  node.usedBytes = Math.min(pages, pagesPerSegment) * pageSize;
  for (let segment = 1; segment <= whole; segment++) {
    const part = embedded.file(`${path}.${segment}`) ?? embedded.create(`${path}.${segment}`);
    part.usedBytes = Math.min(pages - segment * pagesPerSegment, pagesPerSegment) * pageSize;
  }
  for (let segment = whole + 1; embedded.file(`${path}.${segment}`) !== undefined; segment++) embedded.remove(`${path}.${segment}`);
}

const btreeMagic = 0x053162;

/**
 * `BTMetaPageData` starts after the page's header of 24 bytes: magic, version, root, level, fast root, fast level. Below the root stands one page for
 * each level with one downlink, and an empty leaf, because the planner looks up the ends of a range in the index itself (`get_actual_variable_range`).
 */
function setHeight(node: FileNode, height: number): void {
  const first = node.contents;
  if (first === null || first.byteLength < pageSize) return;
  const contents = new Uint8Array((height + 2) * pageSize);
  contents.set(first.subarray(0, pageSize));
  const view = new DataView(contents.buffer);
  if (view.getUint32(24, true) !== btreeMagic) return;
  for (const offset of [32, 40]) view.setUint32(offset, 1, true);
  for (const offset of [36, 44]) view.setUint32(offset, height, true);
  for (let level = height; level >= 0; level--) writeLevel(view, height - level + 1, level, level === height);
  node.contents = contents;
}

/** A B-tree page that is alone on its level: with a downlink to the block after it, or an empty leaf. */
function writeLevel(view: DataView, block: number, level: number, root: boolean): void {
  const page = block * pageSize;
  const special = pageSize - 16;
  const tuple = special - 8;
  view.setUint16(page + 12, level === 0 ? 24 : 28, true); // pd_lower: after the line pointers
  view.setUint16(page + 14, level === 0 ? special : tuple, true); // pd_upper: the first entry
  view.setUint16(page + 16, special, true); // pd_special
  view.setUint16(page + 18, pageSize | 4, true); // page size and layout version
  if (level > 0) {
    view.setUint32(page + 24, tuple | (1 << 15) | (8 << 17), true); // line pointer: place, LP_NORMAL, 8 bytes
    view.setUint16(page + tuple + 2, block + 1, true); // the child's block, low half
    view.setUint16(page + tuple + 6, 0x2000 | 8, true); // no attributes: less than everything; 8 bytes
  }
  view.setUint32(page + special + 8, level, true); // btpo_level
  view.setUint16(page + special + 12, (level === 0 ? 1 : 0) | (root ? 2 : 0), true); // BTP_LEAF, BTP_ROOT
}

/** `GinMetaPageData`: what the index counted of itself, by which the planner tells its tree of entries from their lists of rows. */
function setGin(node: FileNode, gin: NonNullable<RelationSize['gin']>): void {
  const page = firstPage(node);
  if (page === undefined) return;
  const counts: readonly (readonly [offset: number, value: number])[] = [
    [36, gin.pendingPages],
    [48, gin.pages],
    [52, gin.entryPages],
    [56, gin.dataPages],
  ];
  for (const [offset, value] of counts) page.setUint32(offset, Math.min(value, 0xffff_ffff), true);
  page.setBigInt64(64, BigInt(Math.round(gin.entries)), true);
}

const brinMagic = 0xa8109cfa;
/** Ranges that one page of a BRIN index's map finds (`REVMAP_PAGE_MAXITEMS`). */
const rangesPerMapPage = 1360;

/** `BrinMetaPageData`: magic, version, pages per range, last page of the map. The planner reads the whole map. */
function setBrin(node: FileNode, heapPages: number): void {
  const page = firstPage(node);
  if (page === undefined || page.getUint32(24, true) !== brinMagic) return;
  const ranges = Math.ceil(heapPages / Math.max(1, page.getUint32(32, true)));
  page.setUint32(36, Math.max(1, Math.ceil(ranges / rangesPerMapPage)), true);
}

/** The bytes of a file's first page, to be changed in place. */
function firstPage(node: FileNode): DataView | undefined {
  const { contents } = node;
  return contents === null || contents.byteLength < pageSize ? undefined : new DataView(contents.buffer, contents.byteOffset, pageSize);
}

export type Query = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

export async function listRelations(query: Query): Promise<readonly Relation[]> {
  const value = (await query(relationsQuery))[0]?.coalesce;
  return (typeof value === 'string' ? JSON.parse(value) : value) as readonly Relation[];
}

const restore = `SELECT pg_catalog.pg_restore_relation_stats('schemaname', $1::text, 'relname', $2::text, 'relpages', $3::int4, 'reltuples', $4::real, 'relallvisible', $5::int4)`;

/** Sets a relation's size in the catalogue and of its file. An index must have been built before (its first page is changed), and not been planned with yet. */
export async function resize(
  embedded: Embedded,
  query: Query,
  relation: Relation,
  size: Omit<SizedRelation, 'schema' | 'name'>,
  height: number,
): Promise<void> {
  const least = relation.kind === 'i' ? 1 : 0;
  const pages = Math.max(least, Math.round(size.pages));
  const rows = size.analysed === false ? -1 : size.rows;
  await query(restore, [relation.schema, relation.name, pages, rows, Math.min(pages, size.allVisible)]);
  const node = embedded.file(relation.path);
  if (node !== undefined && relation.method === 'btree' && height > 0) setHeight(node, height);
  if (node !== undefined && size.gin !== undefined) setGin(node, size.gin);
  if (node !== undefined && size.heapPages !== undefined) setBrin(node, size.heapPages);
  stretch(embedded, relation.path, Math.max(least, Math.round(size.actualPages ?? pages)));
}

export const keyOf = (relation: { readonly schema: string; readonly name: string }): string => `${relation.schema}.${relation.name}`;

/** A size with what the twin works out itself. */
export interface SizedRelation extends RelationSize {
  /** False: production never counted its rows, `rows` is our guess, and the planner makes its own. */
  readonly analysed?: boolean | undefined;
  /** Of a BRIN index: the pages of its table. */
  readonly heapPages?: number | undefined;
}

/** Sizes of every relation: the snapshot's, else what the rows of its table imply, else `assumedRows`. */
export function sizesFor(
  relations: readonly Relation[],
  snapshot: Snapshot | undefined,
  assumedRows: number,
): ReadonlyMap<string, SizedRelation & { readonly height: number }> {
  const planner = snapshot?.planner as PostgresPlanner | undefined;
  const known = new Map((planner?.relations ?? []).map((relation) => [keyOf(relation), relation]));
  const counted = new Map((snapshot?.tables ?? []).map((table) => [table.table, table.rows]));
  const sizes = new Map<string, SizedRelation & { height: number }>();
  const tables = new Map<number, { readonly rows: number; readonly pages: number }>();
  const add = (relation: Relation, size: Omit<SizedRelation & { height: number }, 'schema' | 'name'>): void => {
    sizes.set(keyOf(relation), { ...size, schema: relation.schema, name: relation.name });
  };
  for (const relation of relations) {
    if (relation.kind === 'i') continue;
    const stored = known.get(keyOf(relation));
    const size = tableSize(relation, stored, counted.get(relation.name), assumedRows);
    tables.set(relation.oid, { rows: size.rows, pages: size.actualPages ?? size.pages });
    add(relation, { ...size, height: 0 });
  }
  for (const relation of relations) {
    if (relation.kind !== 'i') continue;
    const stored = known.get(keyOf(relation));
    const table = relation.table === null ? undefined : tables.get(relation.table);
    const heapPages = relation.method === 'brin' ? table?.pages : undefined;
    if (stored !== undefined) {
      const pages = Math.max(1, stored.pages);
      const height = stored.height ?? heightOf(stored.actualPages ?? pages, relation.width);
      add(relation, {
        ...stored,
        pages,
        heapPages,
        height,
        ...(stored.rows < 0 ? { rows: table?.rows ?? assumedRows, analysed: false } : {}),
      });
      continue;
    }
    const all = table?.rows ?? assumedRows;
    // A partial index holds a part nobody knows; a tenth keeps it attractive without making it free.
    const rows = relation.partial ? all * 0.1 : all;
    add(relation, { rows, allVisible: 0, heapPages, ...indexShape(relation.method, rows, relation.width, undefined) });
  }
  return sizes;
}

function tableSize(
  relation: Relation,
  stored: RelationSize | undefined,
  counted: number | undefined,
  assumedRows: number,
): Omit<SizedRelation, 'schema' | 'name'> {
  if (stored !== undefined && stored.rows >= 0) return stored;
  const actual = stored?.actualPages ?? 0;
  // Never analysed: by the width of its columns, as the planner will (`estimate_rel_size`).
  const perPage = Math.max(1, Math.floor(pageRoom / (align(24 + relation.width) + 4)));
  if (stored !== undefined)
    return { ...stored, pages: Math.max(0, stored.pages), rows: counted ?? actual * perPage, actualPages: actual, analysed: false };
  const rows = counted ?? assumedRows;
  const pages = heapPages(rows, relation.width);
  return { pages, rows, allVisible: Math.floor(pages * 0.9) };
}
