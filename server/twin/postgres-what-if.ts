/**
 * Candidate indexes in PostgreSQL's twin. Each is built once, on nothing, is given the size it would have, and is kept out of the planner's sight
 * (`pg_index.indisvalid`) but for the moments when a plan with it is asked for: building takes milliseconds, showing a fraction of one.
 */

import { createIndexSql } from '../analysis/ddl.ts';
import type { CandidateIndex } from '../analysis/facts.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import type { Embedded } from './pglite.ts';
import { type Fresh, partialQuery, readFresh, shapeOf } from './postgres-index-size.ts';
import { keyOf, type PostgresPlanner, type Query, type Relation, type RelationSize, resize } from './postgres-size.ts';

/** The schema that is loaded, the engine it is loaded in, and the candidates built there so far. */
export interface Stage {
  readonly engine: Embedded;
  readonly query: Query;
  readonly schema: Schema;
  readonly relations: readonly Relation[];
  readonly sizes: ReadonlyMap<string, RelationSize>;
  readonly planner: PostgresPlanner | undefined;
  readonly shelf: Shelf;
}
export interface Shelf {
  /** By the candidate as JSON; undefined for one that PostgreSQL does not build. */
  readonly built: Map<string, Built | undefined>;
  /** Indexes whose `indisvalid` is not what it was after loading: candidates in sight, existing ones out of it. */
  turned: ReadonlySet<number>;
  /** Existing indexes by name in lower case, their partitions' oids among theirs; read when first needed. */
  existing: ReadonlyMap<string, { readonly table: string; readonly oids: readonly number[] }> | undefined;
  next: number;
}
export const emptyShelf = (): Shelf => ({ built: new Map(), turned: new Set(), existing: undefined, next: 1 });

export interface Built {
  /** What the twin itself calls it: two candidates may want one name. */
  readonly physical: string;
  /** The index and, on a partitioned table, those of its partitions. */
  readonly oids: readonly number[];
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Hidden indexes cost every plan on their table some microseconds. */
const mostBuilt = 3_000;
/** What a partial index holds of its table where no statistics tell: small enough to be attractive, too large to be free. */
const unknownPart = 0.1;
/** A file number that no relation has, for an empty file: an index is built on it in no time, whatever size its table seems to have. */
const emptyFile = 4_000_000_000;
const pageSize = 8192;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteTable = (table: string): string => table.split('.').map(quote).join('.');
const keyOfCandidate = (candidate: CandidateIndex): string =>
  JSON.stringify([candidate.table, candidate.keys, candidate.include, candidate.where, candidate.method]);

/** The relations that hold the rows of these tables: partitions, or the tables themselves. */
const leavesQuery = `SELECT DISTINCT c.oid::int8 AS oid, c.relfilenode::int8 AS file FROM pg_catalog.unnest($1::text[]) w(name)
  JOIN pg_catalog.pg_class c ON c.relkind IN ('r', 'm') AND (c.oid = pg_catalog.to_regclass(w.name)
    OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(w.name)) t WHERE t.isleaf))`;

/** Builds those that are not there yet. Nothing of it is in sight. */
export async function build(stage: Stage, candidates: readonly CandidateIndex[]): Promise<void> {
  const { shelf } = stage;
  const wanted = new Map(candidates.map((candidate) => [keyOfCandidate(candidate), candidate] as const));
  if (shelf.built.size + wanted.size > mostBuilt) await clear(stage, new Set(wanted.keys()));
  const missing = [...wanted].filter(([key]) => !shelf.built.has(key));
  if (missing.length === 0) return;
  await show(stage, new Set());
  const tables = [...new Set(missing.map(([, candidate]) => quoteTable(candidate.table)))];
  const { query } = stage;
  const leaves = (await query(leavesQuery, [`{${tables.map((table) => `"${table.replace(/["\\]/g, '\\$&')}"`).join()}}`])) as readonly {
    readonly oid: number;
    readonly file: number;
  }[];
  const oids = new Set(leaves.map((leaf) => Number(leaf.oid)));
  const touched = new Map(stage.relations.filter((relation) => oids.has(relation.oid)).map((relation) => [relation.oid, relation]));
  const made = await create(stage, missing, leaves, touched);
  const fresh = await readFresh(
    query,
    made.flatMap((each) => each.oids),
  );
  for (const { key, candidate, physical, oids: own } of made) {
    const parts = fresh.filter((index) => own.includes(index.oid));
    let bytes = 0;
    for (const part of parts) bytes += await give(stage, candidate, part, touched);
    shelf.built.set(key, { physical, oids: own, names: parts.map((part) => part.name), bytes });
  }
  // CREATE INDEX writes the row count it saw into its table's entry.
  for (const table of touched.values()) {
    const size = stage.sizes.get(keyOf(table));
    if (size !== undefined) await resize(stage.engine, query, table, size, 0);
  }
}

interface Made {
  readonly key: string;
  readonly candidate: CandidateIndex;
  readonly physical: string;
  readonly oids: readonly number[];
}

/** All in one transaction, in which the tables seem empty. */
async function create(
  stage: Stage,
  missing: readonly (readonly [string, CandidateIndex])[],
  leaves: readonly { readonly oid: number; readonly file: number }[],
  touched: ReadonlyMap<number, Relation>,
): Promise<readonly Made[]> {
  const { query, engine, shelf } = stage;
  const path = [...touched.values()][0]?.path;
  const made: Made[] = [];
  for (const [key] of missing) shelf.built.set(key, undefined);
  if (path === undefined) return made;
  const spare = path.replace(/\d+$/, String(emptyFile));
  if (engine.file(spare) === undefined) engine.create(spare);
  await query('BEGIN');
  try {
    await query(`UPDATE pg_catalog.pg_class SET relfilenode = ${emptyFile} WHERE oid = ANY ($1::text::oid[])`, [
      `{${leaves.map((leaf) => leaf.oid).join()}}`,
    ]);
    for (const [key, candidate] of missing) {
      const physical = `tunelens_${shelf.next++}`;
      await query('SAVEPOINT one');
      try {
        await query(createIndexSql('postgres', candidate, { name: physical, concurrently: false }));
        const oids = (
          await query(
            `SELECT c.oid::int8 AS oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('i', 'I') AND c.relname = $1
             UNION SELECT t.relid::oid::int8 FROM pg_catalog.pg_class c, pg_catalog.pg_partition_tree(c.oid) t WHERE c.relkind = 'I' AND c.relname = $1`,
            [physical],
          )
        ).map((row) => Number(row.oid));
        await query('RELEASE one');
        made.push({ key, candidate, physical, oids });
      } catch (error) {
        // What PostgreSQL does not build (no operator class, an expression that is not immutable) is no candidate.
        if (asFault(error) === undefined) throw error;
        await query('ROLLBACK TO one');
      }
    }
    for (const leaf of leaves) await query(`UPDATE pg_catalog.pg_class SET relfilenode = ${leaf.file} WHERE oid = ${leaf.oid}`);
    await query('UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY ($1::text::oid[])', [
      `{${made.flatMap((each) => each.oids).join()}}`,
    ]);
    await query('COMMIT');
  } catch (error) {
    await query('ROLLBACK');
    for (const [key] of missing) shelf.built.delete(key);
    throw error;
  }
  return made;
}

/** Gives an index the size it would have; answers its bytes. */
async function give(stage: Stage, candidate: CandidateIndex, index: Fresh, touched: ReadonlyMap<number, Relation>): Promise<number> {
  const table = touched.get(index.table);
  const size = table === undefined ? undefined : stage.sizes.get(keyOf(table));
  if (table === undefined || size === undefined) return 0;
  const part = await partOf(stage, candidate, table, size.rows);
  const shape = shapeOf(index, size.rows, size.pages, part);
  const relation: Relation = {
    ...table,
    oid: index.oid,
    schema: index.schema,
    name: index.name,
    kind: 'i',
    path: index.path,
    method: index.method,
  };
  await resize(
    stage.engine,
    stage.query,
    relation,
    { pages: shape.pages, rows: Math.round(size.rows * part), allVisible: 0 },
    shape.height,
  );
  return shape.pages * pageSize;
}

/** The planner's own estimate, where it has statistics to rest on. */
async function partOf(stage: Stage, candidate: CandidateIndex, table: Relation, rows: number): Promise<number> {
  const sql = partialQuery(candidate, `${quote(table.schema)}.${quote(table.name)}`);
  if (sql === undefined) return 1;
  const known = stage.planner?.columns.some((row) => row.schemaname === table.schema && row.tablename === table.name) === true;
  if (!known || rows <= 0) return unknownPart;
  const answer = Object.values((await stage.query(sql))[0] ?? {})[0];
  const plan = (typeof answer === 'string' ? JSON.parse(answer) : answer) as readonly {
    readonly Plan?: { readonly 'Plan Rows'?: number };
  }[];
  return Math.min(1, Math.max(1, plan[0]?.Plan?.['Plan Rows'] ?? 0) / rows);
}

/** Turns exactly these indexes away from how they were loaded: candidates into sight, existing ones out of it. */
export async function show(stage: Stage, turned: ReadonlySet<number>): Promise<void> {
  const { shelf } = stage;
  const changed = [...turned].filter((oid) => !shelf.turned.has(oid)).concat([...shelf.turned].filter((oid) => !turned.has(oid)));
  if (changed.length === 0) return;
  await stage.query(`UPDATE pg_catalog.pg_index SET indisvalid = NOT indisvalid WHERE indexrelid IN (${changed.join()})`);
  shelf.turned = turned;
}

export const builtOf = (stage: Stage, candidate: CandidateIndex): Built | undefined => stage.shelf.built.get(keyOfCandidate(candidate));

/** Drops every candidate but these. */
async function clear(stage: Stage, keep: ReadonlySet<string>): Promise<void> {
  await show(stage, new Set());
  for (const [key, built] of stage.shelf.built) {
    if (keep.has(key)) continue;
    if (built !== undefined) {
      const [first] = built.oids;
      const row = (await stage.query(`SELECT ${first}::oid::pg_catalog.regclass::text AS name`))[0];
      await stage.query(`DROP INDEX ${String(row?.name)}`);
    }
    stage.shelf.built.delete(key);
  }
}

/** The plan with the candidates under their own names. */
export function renamed(raw: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(raw)) return raw.map((each) => renamed(each, names));
  if (typeof raw !== 'object' || raw === null) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [key, key === 'Index Name' ? (names.get(String(value)) ?? value) : renamed(value, names)]),
  );
}
