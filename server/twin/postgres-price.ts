/** Many statements planned with a set of indexes in place. What cannot have changed since the last time is not planned again. */
import type { Explained } from '../engines/engine.ts';
import { planFrom } from '../engines/postgres/plan.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import { candidateName } from './candidate-name.ts';
import { build, builtOf, renamed, type Stage, show } from './postgres-what-if.ts';
import type { IndexSet } from './twin.ts';

/** Plans by the statement and by those of the set's indexes that it could use. */
export interface Prices {
  readonly answers: Map<string, Explained>;
  reach: Reach | undefined;
}
export const noPrices = (): Prices => ({ answers: new Map(), reach: undefined });

/** A plan without its `raw` is about a kilobyte. */
const mostAnswers = 30_000;

/** A set that is wanted: what is turned for it, and on which tables. */
export interface Placed {
  readonly turned: ReadonlySet<number>;
  /** For each of its indexes, its table in lower case without schema, and a word that tells it from others. */
  readonly items: readonly { readonly table: string; readonly word: string }[];
  /** The twin's own names of the candidates -> their names. */
  readonly names: ReadonlyMap<string, string>;
}

/** Builds what is missing of the set; nothing is in sight yet. */
export async function place(stage: Stage, set: IndexSet): Promise<Placed> {
  await build(stage, set.build);
  const turned = new Set<number>();
  const items: { table: string; word: string }[] = [];
  const names = new Map<string, string>();
  for (const candidate of set.build) {
    const built = builtOf(stage, candidate);
    if (built === undefined) continue;
    for (const oid of built.oids) turned.add(oid);
    for (const name of [built.physical, ...built.names]) names.set(name, candidateName(candidate));
    items.push({ table: last(candidate.table), word: built.physical });
  }
  if (set.hide.length > 0) {
    const known = await existingIndexes(stage);
    for (const name of set.hide) {
      const index = known.get(name.toLowerCase());
      if (index === undefined) continue;
      for (const oid of index.oids) turned.add(oid);
      items.push({ table: index.table, word: `-${name.toLowerCase()}` });
    }
  }
  return { turned, items, names };
}

/** `plan` plans the statement as the twin now stands. */
export async function priceOne(
  stage: Stage,
  prices: Prices,
  sql: string,
  placed: Placed,
  plan: () => Promise<Explained>,
): Promise<Explained> {
  prices.reach ??= await readReach(stage);
  const touches = touchesOf(prices.reach, sql);
  const words = placed.items.flatMap(({ table, word }) => (touches(table) ? [word] : []));
  const key = `${words.sort().join()}\u0000${sql}`;
  const known = prices.answers.get(key);
  if (known !== undefined) return known;
  await show(stage, placed.turned);
  const explained = await plan();
  const answer: Explained =
    explained.outcome === 'planned'
      ? { outcome: 'planned', plan: { ...planFrom(renamed(explained.plan.raw, placed.names)), raw: undefined } }
      : explained;
  if (prices.answers.size >= mostAnswers) prices.answers.clear();
  prices.answers.set(key, answer);
  return answer;
}

/**
 * One message to the engine instead of the five of the extended protocol; the statement is one, as its guard has seen. What PostgreSQL refuses is left to
 * the way that tells where and why (undefined).
 */
export async function quickPlan(stage: Stage, sql: string): Promise<Explained | undefined> {
  try {
    const [result] = await stage.engine.database.exec(`EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${sql}`);
    const row = result?.rows[0] as Record<string, unknown> | undefined;
    return row === undefined ? undefined : { outcome: 'planned', plan: planFrom(row['QUERY PLAN']) };
  } catch (error) {
    if (asFault(error) === undefined) throw error;
    return undefined;
  }
}

/** Which tables a statement can come to read without naming them. */
interface Reach {
  /** Tables with a parent or a child: an index of the one is one of the other. */
  readonly family: ReadonlySet<string>;
  /** Views and functions: a statement that names one may read anything. */
  readonly opaque: readonly string[];
  /** Rules and policies put conditions into every statement. */
  readonly anything: boolean;
}
const reachQuery = `SELECT
  (SELECT coalesce(pg_catalog.json_agg(DISTINCT c.relname), '[]') FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid IN (i.inhrelid, i.inhparent)) AS family,
  (SELECT coalesce(pg_catalog.json_agg(DISTINCT x.name), '[]') FROM (SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    UNION SELECT p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE l.lanname = 'sql' AND n.nspname NOT IN ('pg_catalog', 'information_schema')) x) AS opaque,
  EXISTS (SELECT 1 FROM pg_catalog.pg_policy) OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class WHERE c.relkind <> 'v' AND c.oid >= 16384 AND c.relkind <> 'm') AS anything`;

async function readReach(stage: Stage): Promise<Reach> {
  const [row] = await stage.query(reachQuery);
  const list = (value: unknown): string[] =>
    ((typeof value === 'string' ? JSON.parse(value) : value) as string[]).map((name) => name.toLowerCase());
  return { family: new Set(list(row?.family)), opaque: list(row?.opaque), anything: row?.anything === true };
}

function touchesOf({ family, opaque, anything }: Reach, sql: string): (table: string) => boolean {
  const text = sql.toLowerCase();
  if (anything || opaque.some((name) => text.includes(name))) return () => true;
  return (table) => family.has(table) || text.includes(table);
}

async function existingIndexes(stage: Stage): Promise<NonNullable<Stage['shelf']['existing']>> {
  if (stage.shelf.existing !== undefined) return stage.shelf.existing;
  await show(stage, new Set());
  const rows = await stage.query(
    `SELECT c.relname AS name, h.relname AS table, coalesce(t.relid::oid, c.oid)::int8 AS oid
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class h ON h.oid = i.indrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) t ON c.relkind = 'I'
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND i.indisvalid`,
  );
  const found = new Map<string, { readonly table: string; readonly oids: number[] }>();
  for (const row of rows) {
    const name = String(row.name).toLowerCase();
    const index = found.get(name) ?? { table: String(row.table).toLowerCase(), oids: [] };
    index.oids.push(Number(row.oid));
    found.set(name, index);
  }
  stage.shelf.existing = found;
  return found;
}

const last = (table: string): string => (table.split('.').at(-1) ?? table).toLowerCase();
