/** One candidate index in PostgreSQL's twin: built on nothing, given the size it would have, planned with, taken back. */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import type { Explained } from '../engines/engine.ts';
import { planUses } from '../engines/postgres/plan.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import { candidateName } from './candidate-name.ts';
import type { Embedded } from './pglite.ts';
import {
  indexShape,
  keyOf,
  listRelations,
  type PostgresPlanner,
  type Query,
  type Relation,
  type RelationSize,
  resize,
} from './postgres-size.ts';

/** The schema that is loaded, and the engine it is loaded in. */
export interface Stage {
  readonly engine: Embedded;
  readonly query: Query;
  readonly schema: Schema;
  readonly relations: readonly Relation[];
  readonly sizes: ReadonlyMap<string, RelationSize>;
  readonly planner: PostgresPlanner | undefined;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function createIndex(candidate: CandidateIndex, name: string): string {
  const keys = candidate.keys.map(
    (key) => `${key.column === undefined ? `(${key.expression ?? ''})` : quote(key.column)}${key.descending ? ' DESC' : ''}`,
  );
  const table = candidate.table.split('.').map(quote).join('.');
  const include = candidate.include.length === 0 ? '' : ` INCLUDE (${candidate.include.map(quote).join(', ')})`;
  return `CREATE INDEX ${quote(name)} ON ${table} USING ${quote(candidate.method ?? 'btree')} (${keys.join(', ')})${include}${candidate.where === undefined ? '' : ` WHERE ${candidate.where}`}`;
}

/** A file number that no relation has, for an empty file: an index is built on it in no time, whatever size its table seems to have. */
const emptyFile = 4_000_000_000;

/** How many different keys an index would have, from the statistics of its columns; undefined where one has none. */
function distinctKeys(stage: Stage, table: Relation, candidate: CandidateIndex, rows: number): number | undefined {
  let product = 1;
  for (const key of candidate.keys) {
    const row = stage.planner?.columns.find(
      (each) => each.schemaname === table.schema && each.tablename === table.name && each.attname === key.column,
    );
    const distinct = Number(row?.n_distinct ?? 0);
    if (row === undefined || distinct === 0) return undefined;
    // Negative: a share of the rows.
    product *= distinct < 0 ? -distinct * rows : distinct;
  }
  return Math.min(rows, product);
}

/** The relations that hold a table's rows: its partitions, or the table itself. */
const leavesQuery = `SELECT c.oid::int8 AS oid, c.relfilenode::int8 AS file FROM pg_catalog.pg_class c
  WHERE c.relkind IN ('r', 'm') AND (c.oid = $1::text::pg_catalog.regclass
    OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree($1::text::pg_catalog.regclass) t WHERE t.isleaf))`;

/** Builds the candidate, plans with it (`plan`), and takes everything back. Undefined where PostgreSQL does not build it. */
export async function tryCandidate(stage: Stage, candidate: CandidateIndex, plan: () => Promise<Explained>): Promise<WhatIf | undefined> {
  const { engine, query } = stage;
  const taken = new Set([
    ...stage.relations.map((relation) => relation.name.toLowerCase()),
    ...stage.schema.tables.map((table) => table.name.toLowerCase()),
  ]);
  const name = candidateName(candidate, taken);
  const known = new Set(stage.relations.map((relation) => relation.oid));
  const touched = new Map<number, Relation>();
  await query('BEGIN');
  try {
    const target = candidate.table.split('.').map(quote).join('.');
    const leaves = (await query(leavesQuery, [target])) as readonly { oid: number; file: number }[];
    const oids = leaves.map((leaf) => leaf.oid);
    for (const relation of stage.relations) if (oids.includes(relation.oid)) touched.set(relation.oid, relation);
    const path = [...touched.values()][0]?.path;
    if (path === undefined) return undefined;
    const spare = path.replace(/\d+$/, String(emptyFile));
    if (engine.file(spare) === undefined) engine.create(spare);
    await query(`UPDATE pg_catalog.pg_class SET relfilenode = ${emptyFile} WHERE oid = ANY ($1::text::oid[])`, [`{${oids.join()}}`]);
    await query(createIndex(candidate, name));
    for (const leaf of leaves) await query(`UPDATE pg_catalog.pg_class SET relfilenode = ${leaf.file} WHERE oid = ${leaf.oid}`);
    const fresh = (await listRelations(query)).filter((relation) => relation.kind === 'i' && !known.has(relation.oid));
    for (const index of fresh) {
      const table = touched.get(index.table ?? 0);
      const size = table === undefined ? undefined : stage.sizes.get(keyOf(table));
      if (table === undefined || size === undefined) continue;
      const rows = index.partial ? size.rows * 0.1 : size.rows;
      const shape = indexShape(
        index.method,
        rows,
        index.width,
        index.deduplicates ? distinctKeys(stage, table, candidate, size.rows) : undefined,
      );
      await resize(engine, query, index, { ...shape, rows, allVisible: 0 }, shape.height);
    }
    await restoreSizes(stage, touched);
    const explained = await plan();
    if (explained.outcome !== 'planned') return undefined;
    return {
      candidate,
      plan: explained.plan,
      used: [name, ...fresh.map((index) => index.name)].some((each) => planUses(explained.plan, each)),
    };
  } catch (error) {
    // What PostgreSQL does not build (no operator class, an expression that is not immutable) is no candidate.
    if (asFault(error) === undefined) throw error;
    return undefined;
  } finally {
    await query('ROLLBACK');
    // CREATE INDEX writes the row count it saw into its table's entry, and no ROLLBACK takes that back.
    await restoreSizes(stage, touched);
  }
}

async function restoreSizes(stage: Stage, touched: ReadonlyMap<number, Relation>): Promise<void> {
  for (const table of touched.values()) {
    const size = stage.sizes.get(keyOf(table));
    if (size !== undefined) await resize(stage.engine, stage.query, table, size, 0);
  }
}
