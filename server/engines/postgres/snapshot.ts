/** What the twin needs to plan like a connected server: statements that rebuild its schema, the sizes of its relations, and its column statistics. */
import type { Snapshot } from '../engine.ts';
import type { Query } from './session.ts';
import { readStatistics } from './statistics.ts';

const user = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'`;
const ours = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND x.objid = ${alias}.oid AND x.deptype = 'e')`;

/** Each answers statements in its column `sql`, in an order that works after those before it. */
const ddlQueries: readonly string[] = [
  `SELECT pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname) AS sql FROM pg_catalog.pg_namespace n WHERE ${user} AND n.nspname <> 'public' ORDER BY n.oid`,
  `SELECT pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname) AS sql
   FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid`,
  `SELECT pg_catalog.format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, pg_catalog.string_agg(pg_catalog.quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)) AS sql
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace JOIN pg_catalog.pg_enum l ON l.enumtypid = t.oid
   WHERE ${user} AND ${ours('pg_type', 't')} GROUP BY n.nspname, t.typname, t.oid ORDER BY t.oid`,
  `SELECT pg_catalog.format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
     (SELECT pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) AS sql
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
   WHERE c.relkind = 'c' AND ${user} AND ${ours('pg_type', 't')} ORDER BY t.oid`,
  `SELECT pg_catalog.format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod)) AS sql
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND ${user} AND ${ours('pg_type', 't')} ORDER BY t.oid`,
  // Partitioned tables before their partitions, parents before those that inherit from them: the order of creation is that.
  `SELECT CASE WHEN c.relispartition THEN pg_catalog.format('CREATE TABLE %I.%I PARTITION OF %s %s', n.nspname, c.relname, (SELECT i.inhparent::pg_catalog.regclass FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), pg_catalog.pg_get_expr(c.relpartbound, c.oid))
     ELSE pg_catalog.format('CREATE TABLE %I.%I (%s)%s', n.nspname, c.relname,
       (SELECT pg_catalog.string_agg(pg_catalog.format('%I %s%s%s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
          (SELECT ' COLLATE ' || pg_catalog.quote_ident(l.collname) FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE l.oid = a.attcollation AND l.oid <> y.typcollation),
          CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       coalesce((SELECT ' INHERITS (' || pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno) || ')' FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), '')) END
     || CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END AS sql
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p') AND ${user} AND ${ours('pg_class', 'c')} ORDER BY c.oid`,
  `SELECT pg_catalog.pg_get_functiondef(p.oid) AS sql FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql') AND ${user} AND ${ours('pg_proc', 'p')} ORDER BY p.oid`,
  `SELECT pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::pg_catalog.regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid)) AS sql
   FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE k.contype IN ('p', 'u', 'x', 'c', 'f') AND k.conparentid = 0 AND k.conislocal AND c.relkind IN ('r', 'p') AND ${user} AND ${ours('pg_class', 'c')}
   ORDER BY CASE k.contype WHEN 'p' THEN 0 WHEN 'u' THEN 1 WHEN 'x' THEN 2 WHEN 'c' THEN 3 ELSE 4 END, k.oid`,
  `SELECT pg_catalog.pg_get_indexdef(i.indexrelid) AS sql
   FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
   WHERE i.indisvalid AND NOT x.relispartition AND c.relkind IN ('r', 'p') AND ${user} AND ${ours('pg_class', 'c')}
     AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) ORDER BY i.indexrelid`,
  `SELECT pg_catalog.format('CREATE %sVIEW %I.%I AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, n.nspname, c.relname, pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'))
     || CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END AS sql
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND ${user} AND ${ours('pg_class', 'c')} ORDER BY c.oid`,
  `SELECT pg_catalog.pg_get_indexdef(i.indexrelid) AS sql
   FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE i.indisvalid AND c.relkind = 'm' AND ${user} ORDER BY i.indexrelid`,
  `SELECT pg_catalog.pg_get_statisticsobjdef(s.oid) AS sql FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE ${user} ORDER BY s.oid`,
];

const relationsQuery = `SELECT n.nspname AS schema, c.relname AS name, c.relpages::float8 AS pages, c.reltuples::float8 AS rows, c.relallvisible::float8 AS "allVisible"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm', 'i') AND ${user}`;

const columnsQuery = `SELECT schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct, most_common_vals::text, most_common_freqs::text, histogram_bounds::text,
    correlation, most_common_elems::text, most_common_elem_freqs::text, elem_count_histogram::text
  FROM pg_catalog.pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`;

/** Only what the planner's costs and choices depend on, and only where it is not the default. */
const settingsQuery = `SELECT name, reset_val AS value FROM pg_catalog.pg_settings
  WHERE reset_val IS DISTINCT FROM boot_val AND (category LIKE 'Query Tuning%' OR name IN ('work_mem', 'hash_mem_multiplier', 'effective_io_concurrency', 'max_parallel_workers', 'max_parallel_workers_per_gather', 'temp_buffers'))`;

export async function readSnapshot(query: Query, label: string, version: string): Promise<Snapshot> {
  // Names come out qualified only while their schema is not on the path, and the twin's path is empty when it builds.
  const path = String((await query("SELECT pg_catalog.current_setting('search_path') AS path"))[0]?.path ?? 'public');
  const tables = await readStatistics(query);
  await query("SELECT pg_catalog.set_config('search_path', '', true)");
  const ddl: string[] = [];
  for (const sql of ddlQueries) for (const row of await query(sql)) if (typeof row.sql === 'string') ddl.push(row.sql);
  const relations = await query(relationsQuery);
  const columns = await query(columnsQuery);
  const settings = Object.fromEntries((await query(settingsQuery)).map((row) => [String(row.name), String(row.value)]));
  return { engine: 'postgres', label, version, ddl, tables, planner: { relations, columns, settings, searchPath: path } };
}
