/** A PostgreSQL database's schema from its catalogue; the same for a connected server and for the twin. */
import { normalExpression } from '../../analysis/sql/normal-expression.ts';
import type { Column, ForeignKey, Index, IndexKey, Schema, Table } from '../../analysis/sql/schema.ts';

/** Runs one statement without parameters and answers the first column of its first row: a JSON text or its value. */
export type AskJson = (sql: string) => Promise<unknown>;

/** Everything but PostgreSQL's own: its catalogue, temporary and TOAST schemas, and what belongs to an extension. */
const userSchemas = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'`;
const notFromExtension = `NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')`;

const relationsQuery = `
SELECT coalesce(pg_catalog.json_agg(r ORDER BY r.schema, r.name), '[]') FROM (
  SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
    (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(
        a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated <> '',
        (SELECT l.collname FROM pg_catalog.pg_collation l, pg_catalog.pg_type t WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation)
      ) ORDER BY a.attnum), '[]')
     FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_array(
        k.contype,
        (SELECT pg_catalog.json_agg(a.attname ORDER BY u.position) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(number, position)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
        (SELECT f.relname FROM pg_catalog.pg_class f WHERE f.oid = k.confrelid),
        (SELECT pg_catalog.json_agg(a.attname ORDER BY u.position) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(number, position)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number)
      ) ORDER BY k.conname), '[]')
     FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'f')) AS constraints
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${userSchemas} AND ${notFromExtension}
) r`;

const indexesQuery = `
SELECT coalesce(pg_catalog.json_agg(r ORDER BY r.schema, r.name), '[]') FROM (
  SELECT n.nspname AS schema, ic.relname AS name, c.relname AS table, i.indisunique AS unique, m.amname AS method,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) AS condition, i.indnkeyatts AS keys,
    (SELECT k.contype FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') LIMIT 1) AS constraint,
    (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
        a.attname,
        CASE WHEN i.indkey[p.number] = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, p.number + 1, true) END,
        CASE WHEN p.number < i.indnkeyatts THEN i.indoption[p.number] ELSE 0 END,
        CASE WHEN p.number < i.indnkeyatts THEN (SELECT l.collname FROM pg_catalog.pg_collation l
          WHERE l.oid = i.indcollation[p.number] AND a.attcollation IS DISTINCT FROM i.indcollation[p.number] AND l.collname <> 'default') END,
        CASE WHEN p.number < i.indnkeyatts THEN (SELECT o.opcname FROM pg_catalog.pg_opclass o WHERE o.oid = i.indclass[p.number] AND NOT o.opcdefault) END
      ) ORDER BY p.number)
     FROM pg_catalog.generate_series(0, i.indnatts - 1) p(number)
     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.number] AND a.attnum <> 0) AS parts
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = ic.relam
  WHERE i.indisvalid AND ${userSchemas} AND ${notFromExtension}
) r`;

interface RelationRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly persistence: string;
  readonly columns: readonly (readonly [string, string, boolean, boolean, string | null])[];
  readonly constraints: readonly (readonly [string, readonly string[] | null, string | null, readonly string[] | null])[];
}
interface IndexRow {
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  readonly method: string;
  readonly condition: string | null;
  readonly keys: number;
  readonly constraint: 'p' | 'u' | 'x' | null;
  readonly parts: readonly (readonly [string | null, string | null, number, string | null, string | null])[];
}

function tableFrom(row: RelationRow): Table {
  const columns: Column[] = row.columns.map(([name, type, notNull, generated, collation]) => ({
    name,
    type,
    notNull,
    ...(generated ? { generated } : {}),
    ...(collation === null ? {} : { collation }),
  }));
  const foreignKeys: ForeignKey[] = row.constraints.flatMap(([kind, own, table, references]) =>
    kind === 'f' && table !== null ? [{ columns: own ?? [], table, references: references ?? [] }] : [],
  );
  const kind = row.kind === 'v' ? 'view' : row.kind === 'm' ? 'materialized view' : row.persistence === 't' ? 'temporary' : 'table';
  return {
    name: row.name,
    schema: row.schema,
    columns,
    primaryKey: row.constraints.find(([type]) => type === 'p')?.[1] ?? [],
    foreignKeys,
    kind,
    inferred: false,
    ...(row.kind === 'p' ? { partitioned: true } : {}),
  };
}

/** PostgreSQL's index options: bit 0 is DESC, bit 1 is NULLS FIRST. */
function keyFrom([column, expression, options, collation, operatorClass]: IndexRow['parts'][number]): IndexKey {
  const descending = (options & 1) !== 0;
  const nullsFirst = (options & 2) !== 0;
  return {
    ...(column !== null && expression === null ? { column } : { expression: normalExpression(expression ?? '', 'postgres') }),
    descending,
    // Only where it is not what the direction implies.
    ...(nullsFirst === descending ? {} : { nulls: nullsFirst ? ('first' as const) : ('last' as const) }),
    ...(collation === null ? {} : { collation }),
    ...(operatorClass === null ? {} : { operatorClass }),
  };
}

const constraintNames = { p: 'primary key', u: 'unique', x: 'exclude' } as const;

function indexFrom(row: IndexRow): Index {
  return {
    name: row.name,
    table: row.table,
    keys: row.parts.slice(0, row.keys).map(keyFrom),
    include: row.parts.slice(row.keys).map(([column]) => column ?? ''),
    unique: row.unique,
    method: row.method,
    ...(row.condition === null ? {} : { where: normalExpression(row.condition, 'postgres') }),
    ...(row.constraint === null ? {} : { constraint: constraintNames[row.constraint] }),
  };
}

const rowsOf = <Row>(value: unknown): readonly Row[] => (typeof value === 'string' ? JSON.parse(value) : value) as readonly Row[];

/** Tables, views, partitions and their valid indexes, of every schema that is the user's. Two round trips. */
export async function readSchema(ask: AskJson): Promise<Schema> {
  const relations = rowsOf<RelationRow>(await ask(relationsQuery));
  const indexes = rowsOf<IndexRow>(await ask(indexesQuery));
  return { engine: 'postgres', tables: relations.map(tableFrom), indexes: indexes.map(indexFrom) };
}
