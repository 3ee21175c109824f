/** Statements that rebuild a PostgreSQL schema, from its catalogue: what a plan can depend on, in an order that works and stays the same. */
import type { Query } from './session.ts';

export const userSchema = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'`;
const own = (catalog: string, alias: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND x.objid = ${alias}.oid AND x.deptype = 'e')`;
const collate = `coalesce((SELECT ' COLLATE ' || pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname)
  FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
  WHERE l.oid = a.attcollation AND l.oid <> y.typcollation), '')`;
/** How many ancestors a table has: a parent comes before its partitions and before what inherits from it. */
const depths = `WITH RECURSIVE depth(oid, level) AS (
  SELECT c.oid, 0 FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p')
  UNION SELECT i.inhrelid, d.level + 1 FROM pg_catalog.pg_inherits i JOIN depth d ON d.oid = i.inhparent WHERE d.level < 64),
  level AS (SELECT d.oid, max(d.level) AS level FROM depth d GROUP BY d.oid)`;
const options = `coalesce(' WITH (' || (SELECT pg_catalog.string_agg(pg_catalog.split_part(o, '=', 1) || '=' || pg_catalog.quote_literal(pg_catalog.substr(o, pg_catalog.strpos(o, '=') + 1)), ', ' ORDER BY o)
  FROM pg_catalog.unnest(c.reloptions) o) || ')', '')`;
/** A function whose signature names a table's row can only follow that table; one with a parsed body (14) names what it reads. */
const afterTables = `(pg_catalog.to_jsonb(p) ->> 'prosqlbody' IS NOT NULL OR EXISTS (SELECT 1 FROM pg_catalog.pg_type y JOIN pg_catalog.pg_class r ON r.oid = y.typrelid
  WHERE r.relkind IN ('r', 'p', 'v', 'm') AND (y.oid = p.prorettype OR y.oid = ANY (p.proargtypes) OR y.oid = ANY (coalesce(p.proallargtypes, '{}')))))`;
/** Triggers are called by no statement, so their functions change no plan. */
const functions = (late: string): string =>
  `SELECT pg_catalog.pg_get_functiondef(p.oid) AS sql FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql') AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
     AND ${late} AND ${userSchema} AND ${own('pg_proc', 'p')} ORDER BY n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)`;

/** Each answers statements in its column `sql`, in an order that works after those before it. */
const ddlQueries: readonly string[] = [
  `SELECT pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname) AS sql FROM pg_catalog.pg_namespace n WHERE ${userSchema} AND n.nspname <> 'public' AND ${own('pg_namespace', 'n')} ORDER BY n.nspname`,
  `SELECT pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname) AS sql
   FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.extname`,
  `SELECT pg_catalog.format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, pg_catalog.string_agg(pg_catalog.quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder)) AS sql
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace JOIN pg_catalog.pg_enum l ON l.enumtypid = t.oid
   WHERE ${userSchema} AND ${own('pg_type', 't')} GROUP BY n.nspname, t.typname, t.oid ORDER BY n.nspname, t.typname`,
  // One composite type or domain may be made of another: the order of creation is one that works.
  `SELECT CASE WHEN t.typtype = 'd'
     THEN pg_catalog.format('CREATE DOMAIN %I.%I AS %s%s', n.nspname, t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END)
       || coalesce((SELECT pg_catalog.string_agg(pg_catalog.format(' CONSTRAINT %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)), '' ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
     ELSE pg_catalog.format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
       (SELECT pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) END AS sql
   FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
   WHERE (t.typtype = 'd' OR c.relkind = 'c') AND ${userSchema} AND ${own('pg_type', 't')} ORDER BY t.oid`,
  // Those of identity columns come with their column.
  `SELECT pg_catalog.format('CREATE SEQUENCE %I.%I AS %s', n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL)) AS sql
   FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE ${userSchema} AND ${own('pg_class', 'c')} AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i')
   ORDER BY n.nspname, c.relname`,
  functions(`NOT ${afterTables}`),
  `${depths}
   SELECT CASE WHEN c.relispartition
     THEN pg_catalog.format('CREATE %sTABLE %I.%I PARTITION OF %s %s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, n.nspname, c.relname,
       (SELECT i.inhparent::pg_catalog.regclass FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), pg_catalog.pg_get_expr(c.relpartbound, c.oid))
     ELSE pg_catalog.format(E'CREATE %sTABLE %I.%I (%s)%s', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, n.nspname, c.relname,
       (SELECT E'\\n  ' || pg_catalog.string_agg(pg_catalog.format('%I %s%s%s%s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), ${collate},
          CASE WHEN a.attidentity <> '' THEN CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE ' GENERATED BY DEFAULT AS IDENTITY' END
            WHEN a.attgenerated = 's' THEN ' GENERATED ALWAYS AS (' || pg_catalog.pg_get_expr(f.adbin, f.adrelid) || ') STORED'
            WHEN a.attgenerated = 'v' THEN ' GENERATED ALWAYS AS (' || pg_catalog.pg_get_expr(f.adbin, f.adrelid) || ')'
            WHEN f.adbin IS NOT NULL THEN ' DEFAULT ' || pg_catalog.pg_get_expr(f.adbin, f.adrelid) ELSE '' END,
          CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), E',\\n  ' ORDER BY a.attnum) || E'\\n'
        FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       coalesce((SELECT ' INHERITS (' || pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno) || ')' FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid), '')) END
     || CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END || ${options} AS sql
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN level v ON v.oid = c.oid
   WHERE c.relkind IN ('r', 'p') AND ${userSchema} AND ${own('pg_class', 'c')} ORDER BY v.level, n.nspname, c.relname`,
  functions(afterTables),
  // Indexes and the constraints that have one, in the order they were made in each table: of two that cost the same the planner takes the older one.
  // ONLY: a partition's index keeps its own name and is attached below.
  `${depths}
   SELECT CASE WHEN k.oid IS NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid)
     ELSE pg_catalog.format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', i.indrelid::pg_catalog.regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid)) END AS sql
   FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN level v ON v.oid = c.oid
   LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
   WHERE (i.indisvalid OR x.relkind = 'I') AND ${userSchema} AND ${own('pg_class', 'c')} ORDER BY v.level, n.nspname, c.relname, i.indexrelid`,
  `SELECT pg_catalog.format('ALTER INDEX %s ATTACH PARTITION %s', h.inhparent::pg_catalog.regclass, h.inhrelid::pg_catalog.regclass) AS sql
   FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class parent ON parent.oid = h.inhparent
   WHERE c.relkind IN ('i', 'I') AND ${userSchema}
   ORDER BY (SELECT pg_catalog.count(*) FROM pg_catalog.pg_partition_ancestors(c.oid)) DESC, n.nspname, parent.relname, c.relname`,
  `SELECT pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::pg_catalog.regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid)) AS sql
   FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE k.contype IN ('c', 'f') AND k.conparentid = 0 AND k.conislocal AND c.relkind IN ('r', 'p') AND ${userSchema} AND ${own('pg_class', 'c')}
   ORDER BY k.contype, n.nspname, c.relname, k.conname`,
  // A view stands on those made before it.
  `SELECT pg_catalog.format('CREATE %sVIEW %I.%I%s AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE '' END, n.nspname, c.relname, ${options}, pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'))
     || CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END AS sql
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND ${userSchema} AND ${own('pg_class', 'c')} ORDER BY c.oid`,
  `SELECT pg_catalog.pg_get_indexdef(i.indexrelid) AS sql
   FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE i.indisvalid AND c.relkind = 'm' AND ${userSchema} ORDER BY n.nspname, c.relname, i.indexrelid`,
  `SELECT pg_catalog.pg_get_statisticsobjdef(s.oid) AS sql FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE ${userSchema} ORDER BY n.nspname, s.stxname`,
];

/** Call with an empty search path: names come out qualified only while their schema is not on it. */
export async function readDdl(query: Query): Promise<readonly string[]> {
  const ddl: string[] = [];
  for (const sql of ddlQueries) for (const row of await query(sql)) if (typeof row.sql === 'string') ddl.push(row.sql.replace(/\s+$/, ''));
  return ddl;
}
