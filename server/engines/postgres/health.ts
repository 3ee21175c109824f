/** What a PostgreSQL server counted of its tables, indexes and sequences. Reads the catalogue and the statistics views, no table. */
import type { Health, IndexHealth, SequenceHealth, TableHealth } from '../../analysis/health.ts';
import { asFault } from './rejection.ts';
import type { Query } from './session.ts';

const own = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e')`;
const time = (expression: string): string => `pg_catalog.to_char((${expression}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** Since the counters were last set to zero; where that never happened they reach back at least to the start of the server. */
const timesQuery = `SELECT ${time('pg_catalog.now()')} AS now, ${time('coalesce(d.stats_reset, pg_catalog.pg_postmaster_start_time())')} AS since
  FROM pg_catalog.pg_stat_database d WHERE d.datname = pg_catalog.current_database()`;

/**
 * Indexes that stand for themselves: those of partitions are told by their parent, with the sum of their scans. An index is needed for a foreign
 * key where its first columns are the key's and no other index begins so: the check of a deleted parent row searches it, however rarely.
 */
const indexesQuery = `
SELECT n.nspname AS schema, x.relname AS name, c.relname AS "table", i.indisunique AS "unique", i.indisvalid AS valid, x.relkind = 'I' AS partitioned,
  pg_catalog.pg_get_indexdef(x.oid) AS definition, coalesce(p.scans, s.idx_scan, 0)::float8 AS scans,
  coalesce(p.bytes, pg_catalog.pg_relation_size(x.oid))::float8 AS bytes,
  i.indisreplident OR i.indisclustered OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = x.oid)
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
      AND k.conkey <@ (i.indkey::int2[])[0:pg_catalog.array_length(k.conkey, 1) - 1]) AS needed
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = x.oid
LEFT JOIN LATERAL (SELECT sum(q.idx_scan) AS scans, sum(pg_catalog.pg_relation_size(t.relid)) AS bytes
  FROM pg_catalog.pg_partition_tree(x.oid) t LEFT JOIN pg_catalog.pg_stat_all_indexes q ON q.indexrelid = t.relid WHERE t.isleaf) p ON x.relkind = 'I'
WHERE NOT x.relispartition AND ${own} ORDER BY n.nspname, x.relname`;

/** Being built now: not valid yet, and nothing is wrong with them. A row without a name belongs to a session that may not be looked at. */
const buildingQuery = `SELECT x.relname AS name FROM pg_catalog.pg_stat_progress_create_index b LEFT JOIN pg_catalog.pg_class x ON x.oid = b.index_relid
  WHERE b.datname = pg_catalog.current_database()`;

const option = (name: string): string =>
  `(SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) o WHERE o.option_name = '${name}')`;
const setting = (name: string): string => `pg_catalog.current_setting('${name}', true)`;
/** Documentation, "Automatic Vacuuming": threshold + scale factor * rows, since 18 at most autovacuum_vacuum_max_threshold. */
const threshold = (kind: 'vacuum' | 'analyze'): string => {
  const base = `coalesce(${option(`autovacuum_${kind}_threshold`)}, ${setting(`autovacuum_${kind}_threshold`)})::float8`;
  const scale = `coalesce(${option(`autovacuum_${kind}_scale_factor`)}, ${setting(`autovacuum_${kind}_scale_factor`)})::float8`;
  const sum = `${base} + ${scale} * greatest(c.reltuples, 0)`;
  if (kind === 'analyze') return sum;
  const most = `coalesce(${option('autovacuum_vacuum_max_threshold')}, ${setting('autovacuum_vacuum_max_threshold')}, '-1')::float8`;
  return `CASE WHEN ${most} >= 0 THEN least(${most}, ${sum}) ELSE ${sum} END`;
};
const tablesQuery = `
SELECT n.nspname AS schema, c.relname AS name, s.n_live_tup::float8 AS live, c.reltuples::float8 AS rows, pg_catalog.pg_relation_size(c.oid)::float8 AS bytes,
  (coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0))::float8 AS reads, s.n_dead_tup::float8 AS dead, s.n_mod_since_analyze::float8 AS modified,
  ${threshold('vacuum')} AS "vacuumThreshold", ${threshold('analyze')} AS "analyzeThreshold",
  ${time('greatest(s.last_vacuum, s.last_autovacuum)')} AS "vacuumedAt", ${time('greatest(s.last_analyze, s.last_autoanalyze)')} AS "analyzedAt",
  ${setting('autovacuum')}::bool AND coalesce(${option('autovacuum_enabled')}, 'true')::bool AS autovacuum
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND ${own} ORDER BY n.nspname, c.relname`;

/** What a sequence gives ends where its own range or the type of its column does. Those that begin anew, or count down, never end so. */
const sequencesQuery = `
SELECT n.nspname AS schema, c.relname AS name, t.relname AS "table", a.attname AS "column",
  pg_catalog.has_sequence_privilege(c.oid, 'SELECT') OR pg_catalog.has_sequence_privilege(c.oid, 'USAGE') AS readable,
  CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT') OR pg_catalog.has_sequence_privilege(c.oid, 'USAGE')
    THEN pg_catalog.pg_sequence_last_value(c.oid) END::float8 AS last,
  least(q.seqmax, CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE q.seqmax END)::float8 AS most,
  CASE WHEN a.atttypid = 21 OR q.seqtypid = 21 THEN 'smallint' WHEN a.atttypid = 23 OR q.seqtypid = 23 THEN 'integer' ELSE 'bigint' END AS type
FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE q.seqincrement > 0 AND NOT q.seqcycle AND ${own} ORDER BY n.nspname, c.relname`;

const word = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What may not be read is left out and told in `missing`; every other error is thrown. */
export async function readHealth(query: Query): Promise<Health> {
  const missing: string[] = [];
  /** In a savepoint, because a refused question would end the transaction for those after it. */
  async function rowsOf(what: string, sql: string): Promise<readonly Record<string, unknown>[] | undefined> {
    await query('SAVEPOINT question');
    try {
      return await query(sql);
    } catch (error) {
      const fault = asFault(error);
      if (fault?.code !== '42501') throw error;
      await query('ROLLBACK TO SAVEPOINT question');
      const object = /permission denied for \w+ (\S+)/.exec(fault.message)?.[1];
      const grant = object === undefined ? 'GRANT pg_monitor to this user' : `GRANT SELECT ON ${object} to this user`;
      missing.push(`does not show its ${what} (${fault.message}): ${grant}.`);
      return undefined;
    }
  }
  const times = (await rowsOf('counters', timesQuery))?.[0];
  const building = await rowsOf('progress of index builds', buildingQuery);
  const indexes = await rowsOf('statistics of indexes', indexesQuery);
  const tables = await rowsOf('statistics of tables', tablesQuery);
  const sequences = await rowsOf('sequences', sequencesQuery);
  const hidden = (sequences ?? []).filter(({ readable }) => readable !== true);
  if (hidden.length > 0) {
    const [first] = hidden;
    missing.push(
      `does not show how far ${hidden.length === 1 ? `the sequence ${first?.name} has` : `${hidden.length} sequences have`} come: GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${first?.schema} to this user.`,
    );
  }
  // Somebody builds an index and this user may not see which: then none that is not valid can be called broken.
  const unknownBuild = building === undefined || building.some(({ name }) => name === null);
  const inWork = new Set((building ?? []).map(({ name }) => name));
  return {
    engine: 'postgres',
    readAt: String(times?.now ?? new Date().toISOString()),
    ...(word(times?.since) !== undefined && { countedSince: String(times?.since) }),
    indexes: (indexes ?? []).map(
      (row): IndexHealth => ({
        name: String(row.name),
        table: String(row.table),
        schema: String(row.schema),
        bytes: Number(row.bytes ?? 0),
        scans: Number(row.scans),
        valid: row.valid === true || unknownBuild || inWork.has(row.name),
        unique: row.unique === true,
        needed: row.needed === true,
        partitioned: row.partitioned === true,
        definition: String(row.definition),
      }),
    ),
    tables: (tables ?? []).map(
      (row): TableHealth => ({
        name: String(row.name),
        schema: String(row.schema),
        rows: Math.max(Number(row.live ?? 0), Number(row.rows ?? 0)),
        bytes: Number(row.bytes),
        reads: Number(row.reads),
        dead: Number(row.dead ?? 0),
        vacuumThreshold: Number(row.vacuumThreshold),
        modified: Number(row.modified ?? 0),
        analyzeThreshold: Number(row.analyzeThreshold),
        autovacuum: row.autovacuum === true,
        ...(word(row.vacuumedAt) !== undefined && { vacuumedAt: String(row.vacuumedAt) }),
        ...(word(row.analyzedAt) !== undefined && { analyzedAt: String(row.analyzedAt), rowsThen: Number(row.rows) }),
      }),
    ),
    sequences: (sequences ?? []).flatMap((row): SequenceHealth[] =>
      row.last === null
        ? []
        : [
            {
              name: String(row.name),
              schema: String(row.schema),
              last: Number(row.last),
              most: Number(row.most),
              type: String(row.type),
              ...(word(row.table) !== undefined && { table: String(row.table), column: String(row.column) }),
            },
          ],
    ),
    missing,
  };
}
