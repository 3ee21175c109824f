/** What the twin needs to plan like a connected server: statements that rebuild its schema, the sizes of its relations, and its column statistics. */
import type { TableStatistics } from '../../analysis/sql/schema.ts';
import type { Snapshot } from '../engine.ts';
import { heightBounds, readHeights } from './index-heights.ts';
import { plannerSettings } from './planner-settings.ts';
import type { ExtendedStatistics, IndexMeta, PostgresPlanner, RelationSize } from './planner-snapshot.ts';
import { asFault } from './rejection.ts';
import type { Query } from './session.ts';
import { readDdl, userSchema } from './snapshot-ddl.ts';
import { readStatistics } from './statistics.ts';

/** Runs what may be forbidden inside the transaction of all the rest. */
type Try = <Answer>(act: () => Promise<Answer>, instead: Answer, sentence: (message: string) => string | undefined) => Promise<Answer>;

function attempts(query: Query, missing: string[]): Try {
  return async (act, instead, sentence) => {
    await query('SAVEPOINT tunelens');
    try {
      const answer = await act();
      await query('RELEASE SAVEPOINT tunelens');
      return answer;
    } catch (error) {
      const fault = asFault(error);
      // A missing right, or a lock that was not to be had: the rest can still be read.
      if (fault === undefined || (fault.code !== '42501' && fault.code !== '55P03')) throw error;
      await query('ROLLBACK TO SAVEPOINT tunelens');
      const said = sentence(fault.message);
      if (said !== undefined) missing.push(said);
      return instead;
    }
  };
}

const relationsQuery = `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpages::float8 AS pages, c.reltuples::float8 AS rows, c.relallvisible::float8 AS "allVisible"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'i') AND ${userSchema} ORDER BY n.nspname, c.relname`;

/** The planner takes the size that the file has now, and the density of rows that ANALYZE saw. */
const pagesQuery = `SELECT n.nspname AS schema, c.relname AS name, (pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int)::float8 AS pages
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm', 'i') AND ${userSchema}`;

/**
 * The first 96 bytes of an index: its height (B-tree), its counts of entries (GIN). Only a superuser, and whoever may read the server's files, is
 * let near them; for others the twin works them out from the size.
 */
const mayReadFilesQuery = `SELECT pg_catalog.has_function_privilege('pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)', 'execute') AS may`;
const metaQuery = `SELECT n.nspname AS schema, c.relname AS name, m.amname AS method, pg_catalog.encode(pg_catalog.pg_read_binary_file(pg_catalog.pg_relation_filepath(c.oid), 0, 96, true), 'hex') AS bytes
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = c.relam
  WHERE c.relkind = 'i' AND m.amname IN ('btree', 'gin') AND ${userSchema}`;

const columnsQuery = (
  major: number,
): string => `SELECT schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct, most_common_vals::text, most_common_freqs::text, histogram_bounds::text,
    correlation, most_common_elems::text, most_common_elem_freqs::text, elem_count_histogram::text
    ${major < 17 ? '' : ', range_length_histogram::text, range_empty_frac, range_bounds_histogram::text'}
  FROM pg_catalog.pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND schemaname NOT LIKE 'pg\\_temp%' ORDER BY schemaname, tablename, attname, inherited`;

/** Tables that were analysed and whose statistics this user is not shown: `pg_stats` asks for SELECT, and for no policy in the way. */
const hiddenQuery = `SELECT n.nspname AS schema, c.relname AS name, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS quoted, pg_catalog.quote_ident(n.nspname) AS within,
    pg_catalog.has_table_privilege(c.oid, 'select') AS readable, pg_catalog.quote_ident(CURRENT_USER) AS me
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples > 0 AND ${userSchema}
    AND (pg_catalog.row_security_active(c.oid) OR NOT pg_catalog.has_table_privilege(c.oid, 'select')) ORDER BY n.nspname, c.relname`;

const extendedQuery = (
  major: number,
): string => `SELECT s.statistics_schemaname AS schema, s.statistics_name AS name, ${major < 15 ? 'false' : 's.inherited'} AS inherited,
    s.n_distinct::text AS "distinct", s.dependencies::text AS dependencies,
    (SELECT pg_catalog.json_object_agg(a.attnum, a.attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = s.schemaname AND c.relname = s.tablename AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_catalog.pg_stats_ext s WHERE s.statistics_schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3`;

const settingsQuery = `SELECT name, reset_val AS value, unit FROM pg_catalog.pg_settings WHERE name = ANY ($1::text[]) ORDER BY name COLLATE "C"`;

/** Texts compare byte by byte with these, and a LIKE with a fixed start can use an ordinary index only then. */
const collationQuery = `SELECT pg_catalog.to_jsonb(d) ->> 'datlocprovider' AS provider, d.datcollate AS collate, pg_catalog.current_database() AS name FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;

const keyOf = (row: { readonly schema?: unknown; readonly name?: unknown }): string => `${String(row.schema)}\u0000${String(row.name)}`;

/** `65536kB`: a value that means the same on every version. */
function withUnit(value: string, unit: unknown): string {
  const pages = /^(\d+)kB$/.exec(String(unit))?.[1];
  if (pages !== undefined && /^\d+$/.test(value)) return `${Number(value) * Number(pages)}kB`;
  return typeof unit === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? `${value}${unit}` : value;
}

/** `BTMetaPageData` and `GinMetaPageData` follow the page's header of 24 bytes; a server of the other byte order shows no magic number. */
function metaOf(method: unknown, hex: unknown): IndexMeta | undefined {
  if (typeof hex !== 'string' || hex.length < 192) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  if (method === 'btree') return bytes.readUInt32LE(24) === 0x053162 ? { height: bytes.readUInt32LE(44) } : undefined;
  const gin = { pages: bytes.readUInt32LE(48), entryPages: bytes.readUInt32LE(52), dataPages: bytes.readUInt32LE(56) };
  return { gin: { ...gin, pendingPages: bytes.readUInt32LE(36), entries: Number(bytes.readBigInt64LE(64)) } };
}

const list = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
/** What can be typed as it stands. */
const grantable = (names: readonly string[], schemas: readonly string[]): string =>
  names.length > 4 ? `ALL TABLES IN SCHEMA ${[...new Set(schemas)].join(', ')}` : names.join(', ');
const countOf = (names: readonly string[]): string => (names.length === 1 ? 'one table' : `${names.length} tables`);

function hiddenSentences(rows: readonly Readonly<Record<string, unknown>>[], label: string): string[] {
  const me = String(rows[0]?.me ?? '');
  const tables = (readable: boolean) => rows.filter((row) => row.readable === readable).map((row) => String(row.quoted));
  const schemas = rows.filter((row) => row.readable !== true).map((row) => String(row.within));
  const forbidden = tables(false);
  const behind = tables(true);
  return [
    ...(forbidden.length === 0
      ? []
      : [
          `${label} shows no column statistics of ${countOf(forbidden)}: GRANT SELECT ON ${grantable(forbidden, schemas)} TO ${me}, or GRANT pg_read_all_data TO ${me}.`,
        ]),
    ...(behind.length === 0
      ? []
      : [
          `${label} shows no column statistics of ${countOf(behind)} with row-level security (${list(behind)}): ALTER ROLE ${me} BYPASSRLS, or ask as their owner.`,
        ]),
  ];
}

/** `{"1, 2": 5}` with the columns' names instead of their numbers, which a twin without the dropped columns does not share. */
function named(text: unknown, columns: Readonly<Record<string, string>>): Record<string, number> | undefined {
  if (typeof text !== 'string') return undefined;
  const entries = [...text.matchAll(/"([^"]+)":\s*([-+.\deE]+)/g)].map(([, numbers = '', value]) => {
    const names = numbers.split(/,\s*|\s*=>\s*/).map((number) => columns[number]);
    return [names, Number(value)] as const;
  });
  // An expression has a negative number, and no name to find it by; half of the combinations are worth nothing.
  if (entries.length === 0 || entries.some(([names]) => names.includes(undefined))) return undefined;
  return Object.fromEntries(entries.map(([names, value]) => [JSON.stringify(names), value]));
}

/** A page that was changed since the last checkpoint is another one on the disk: a tree cannot be lower than its size demands. */
function trueMeta(meta: IndexMeta | undefined, asked: number | undefined, pages: number, rows: number): IndexMeta {
  if (asked !== undefined) return { height: asked };
  const read = meta?.height;
  return read !== undefined && read < heightBounds(pages, rows)[0] ? {} : (meta ?? {});
}

async function readRelations(query: Query, attempt: Try, thorough: boolean): Promise<RelationSize[]> {
  const relations = await query(relationsQuery);
  const now = await attempt(
    () => query(pagesQuery),
    [],
    () => undefined,
  );
  const current = new Map(now.map((row) => [keyOf(row), Number(row.pages)]));
  const may = (await query(mayReadFilesQuery))[0]?.may === true;
  const read = may
    ? await attempt(
        () => query(metaQuery),
        [],
        () => undefined,
      )
    : [];
  const meta = new Map(read.map((row) => [keyOf(row), metaOf(row.method, row.bytes)]));
  const heights = await attempt(
    () => readHeights(query, thorough),
    new Map<string, number>(),
    () => undefined,
  );
  return relations.map((row) => {
    const pages = Number(row.pages);
    const actual = current.get(keyOf(row));
    return {
      schema: String(row.schema),
      name: String(row.name),
      kind: String(row.kind),
      pages,
      rows: Number(row.rows),
      allVisible: Number(row.allVisible),
      ...(actual === undefined || actual === pages ? {} : { actualPages: actual }),
      ...trueMeta(meta.get(keyOf(row)), heights.get(keyOf(row)), actual ?? pages, Number(row.rows)),
    };
  });
}

/** The combinations of values themselves; only a superuser is shown them as they are stored. */
const commonQuery = (
  major: number,
): string => `SELECT n.nspname AS schema, s.stxname AS name, ${major < 15 ? 'false' : 'd.stxdinherit'} AS inherited, pg_catalog.encode(d.stxdmcv::bytea, 'hex') AS common
  FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = s.oid JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE d.stxdmcv IS NOT NULL`;

async function readExtended(query: Query, major: number, attempt: Try): Promise<ExtendedStatistics[]> {
  const common = new Map(
    (
      await attempt(
        () => query(commonQuery(major)),
        [],
        () => undefined,
      )
    ).map((row) => [`${keyOf(row)}\u0000${String(row.inherited)}`, row.common]),
  );
  return (await query(extendedQuery(major))).flatMap((row) => {
    const columns = (row.columns ?? {}) as Readonly<Record<string, string>>;
    const distinct = named(row.distinct, columns);
    const dependencies = named(row.dependencies, columns);
    const values = common.get(`${keyOf(row)}\u0000${String(row.inherited)}`);
    if (distinct === undefined && dependencies === undefined && typeof values !== 'string') return [];
    return [
      {
        schema: String(row.schema),
        name: String(row.name),
        inherited: row.inherited === true,
        ...(distinct === undefined ? {} : { distinct }),
        ...(dependencies === undefined ? {} : { dependencies }),
        ...(typeof values === 'string' ? { common: values } : {}),
      },
    ];
  });
}

/** What ANALYZE counted, where nobody may see what was counted since. */
const tablesOf = (relations: readonly RelationSize[]): readonly TableStatistics[] =>
  relations.flatMap(({ name, kind, rows, pages }) =>
    kind !== 'i' && rows >= 0 ? [{ table: name, rows, bytes: Math.max(0, pages) * 8192 }] : [],
  );

const withoutNulls = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

/** `thorough`: see `SnapshotOptions`. */
export async function readSnapshot(query: Query, label: string, version: string, thorough: boolean): Promise<Snapshot> {
  const major = Number.parseInt(version, 10);
  const missing: string[] = [];
  const attempt = attempts(query, missing);
  // Names come out qualified only while their schema is not on the path, and the twin's path is empty when it builds.
  const [session] = await query("SELECT pg_catalog.current_setting('search_path') AS path, pg_catalog.quote_ident(CURRENT_USER) AS me");
  const searchPath = String(session?.path ?? 'public');
  const forbidden = (view: string) => (): string =>
    `${label} does not let ${session?.me} read ${view}: GRANT SELECT ON ${view} TO ${session?.me}.`;
  const counted = await attempt(() => readStatistics(query), undefined, forbidden('pg_catalog.pg_stat_all_tables'));
  await query("SELECT pg_catalog.set_config('search_path', '', true)");
  const ddl = await readDdl(query);
  const relations = await readRelations(query, attempt, thorough);
  const columns = await attempt(() => query(columnsQuery(major)), undefined, forbidden('pg_catalog.pg_stats'));
  if (columns !== undefined) missing.push(...hiddenSentences(await query(hiddenQuery), label));
  const extended = await attempt(() => readExtended(query, major, attempt), [], forbidden('pg_catalog.pg_stats_ext'));
  const rows = await attempt(() => query(settingsQuery, [plannerSettings]), [], forbidden('pg_catalog.pg_settings'));
  const settings = Object.fromEntries(rows.map((row) => [String(row.name), withUnit(String(row.value), row.unit)]));
  const [collation] = await query(collationQuery);
  const { provider, collate } = collation ?? {};
  const planner: PostgresPlanner = {
    relations,
    columns: (columns ?? []).map(withoutNulls),
    ...(extended.length === 0 ? {} : { extended }),
    settings,
    searchPath,
    byteOrder: provider === 'b' || (provider !== 'i' && (collate === 'C' || collate === 'POSIX')),
  };
  const tables = counted ?? tablesOf(relations);
  return { engine: 'postgres', label, version, ddl, tables, planner, ...(missing.length === 0 ? {} : { missing }) };
}
