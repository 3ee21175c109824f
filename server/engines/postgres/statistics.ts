/** Sizes as PostgreSQL's own catalogue has them, without counting anything. */
import type { TableStatistics } from '../../analysis/sql/schema.ts';
import type { Query } from './session.ts';

/**
 * `reltuples` is what ANALYZE and VACUUM last estimated (-1: never); where that is missing the count of the activity statistics is taken. A
 * partitioned table is the sum of its partitions.
 */
const statisticsQuery = `
SELECT c.relname AS name,
  CASE WHEN c.relkind = 'p' THEN p.rows WHEN c.reltuples >= 0 THEN c.reltuples ELSE nullif(s.n_live_tup, 0) END::float8 AS rows,
  CASE WHEN c.relkind = 'p' THEN p.pages ELSE c.relpages END::float8 * pg_catalog.current_setting('block_size')::int AS bytes,
  pg_catalog.to_char(greatest(s.last_analyze, s.last_autoanalyze) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS analyzed
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
LEFT JOIN LATERAL (
  SELECT sum(CASE WHEN l.reltuples >= 0 THEN l.reltuples END) AS rows, sum(l.relpages) AS pages
  FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l ON l.oid = t.relid WHERE t.isleaf
) p ON c.relkind = 'p'
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
ORDER BY c.relname, pg_catalog.pg_table_is_visible(c.oid)`;

/** Tables nobody ever counted are left out. Of two tables with one name the one on the search path is told. */
export async function readStatistics(query: Query): Promise<readonly TableStatistics[]> {
  const statistics = new Map<string, TableStatistics>();
  for (const row of await query(statisticsQuery)) {
    if (row.rows === null) continue;
    const table = String(row.name);
    const analyzedAt = row.analyzed;
    statistics.set(table, {
      table,
      rows: Number(row.rows),
      bytes: Number(row.bytes),
      ...(typeof analyzedAt === 'string' ? { analyzedAt } : {}),
    });
  }
  return [...statistics.values()];
}
