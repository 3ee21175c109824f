/** SQLite's twin: schemas without rows, in memory. */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import { tokenize } from '../analysis/sql/tokens.ts';
import type { EngineRejection, Explained, Snapshot } from '../engines/engine.ts';
import { loadSqlite, type SqliteDatabase } from '../engines/sqlite/binding.ts';
import type { ColumnSpread } from '../engines/sqlite/columns.ts';
import { type Names, namesOf } from '../engines/sqlite/explain.ts';
import { attempt, explainWith } from '../engines/sqlite/explain-with.ts';
import { guard } from '../engines/sqlite/guard.ts';
import { readSchema } from '../engines/sqlite/schema.ts';
import { candidateName } from './candidate-name.ts';
import { followOns } from './follow-on.ts';
import type { Blueprint, DdlRejection, Loaded } from './twin.ts';

interface Built {
  readonly database: SqliteDatabase;
  readonly names: Names;
  readonly loaded: Loaded;
  readonly spread: Spread;
}
/** What is known of the values of a snapshot's columns. */
interface Spread {
  /** Lower-case table -> rows. */
  readonly rows: ReadonlyMap<string, number>;
  /** Lower-case `table.column` -> number of different values. */
  readonly distinct: ReadonlyMap<string, number>;
}
export interface NotLoaded {
  readonly outcome: 'not-loaded';
}
/** A schema in memory is some 100 KB; several folders and dialects take turns. */
const mostBuilt = 4;
/** Newest last. */
const builds = new Map<string, Built>();

/** Kinds of statement that build a schema. The rest of a migration (rows, pragmas, transactions) does not change a plan here. */
const builders = new Set(['CREATE', 'ALTER', 'DROP']);

const label = 'The embedded SQLite';

/** Runs one statement; a rejection says what was wrong with it. */
function build(database: SqliteDatabase, sql: string): EngineRejection | undefined {
  const tokens = tokenize(sql, [], 'sqlite');
  if (!builders.has(tokens[0]?.word ?? '')) return undefined;
  try {
    return attempt(
      sql,
      (text) => database.prepare(text).run(),
      (text) => database.prepare(text),
      label,
    );
  } catch (error) {
    // More than one statement in a text, or a parameter in a schema: not a statement of a schema, so nothing to report about one.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Messages of SQLite for what is no mistake of the author's. */
function ignorable(rejection: EngineRejection): DdlRejection['ignore'] {
  const { message } = rejection;
  if (/already exists|^there is already|^duplicate column name|^cannot add a UNIQUE column/.test(message)) return 'exists';
  if (/^no such module|^no such collation sequence|^unknown tokenizer|^no such tokenizer|^not authorized|unsafe use of/.test(message))
    return 'unsupported';
  // Functions can be registered by the application, in an index or a generated column too.
  if (rejection.kind === 'unknown-function') return 'unsupported';
  return undefined;
}

function applyStatistics(database: SqliteDatabase, snapshot: Snapshot): void {
  const planner = snapshot.planner as {
    readonly stat1?: readonly Record<string, unknown>[];
    readonly stat4?: readonly Record<string, unknown>[];
  };
  const stat1 = planner.stat1 ?? [];
  const described = new Set(stat1.map((row) => row.tbl));
  // A table nobody analysed still has a size.
  const sizes = snapshot.tables
    .filter((table) => !described.has(table.table))
    .map((table) => ({ tbl: table.table, idx: null, stat: String(Math.max(1, table.rows)) }));
  const rows = [...stat1, ...sizes];
  if (rows.length === 0) return;
  // On empty tables ANALYZE only creates its own tables.
  database.exec('ANALYZE');
  const insert = database.prepare('INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES (?, ?, ?)');
  for (const row of rows) insert.run(row.tbl, row.idx, row.stat);
  const sample = database.prepare('INSERT INTO sqlite_stat4(tbl, idx, neq, nlt, ndlt, sample) VALUES (?, ?, ?, ?, ?, ?)');
  for (const row of planner.stat4 ?? []) sample.run(row.tbl, row.idx, row.neq, row.nlt, row.ndlt, row.sample);
  database.exec('ANALYZE sqlite_schema');
}

function spreadOf(snapshot: Snapshot | undefined): Spread {
  const columns = (snapshot?.planner as { readonly columns?: readonly ColumnSpread[] } | undefined)?.columns ?? [];
  return {
    rows: new Map((snapshot?.tables ?? []).map((table) => [table.table.toLowerCase(), table.rows])),
    distinct: new Map(columns.map((each) => [`${each.table}.${each.column}`.toLowerCase(), each.distinct])),
  };
}

async function construct(blueprint: Blueprint): Promise<Built> {
  const open = await loadSqlite();
  const database = open(':memory:', {});
  // Renaming and dropping tables would otherwise check references that a half-known schema does not have.
  database.pragma('foreign_keys = OFF');
  database.pragma('legacy_alter_table = ON');
  const rejections: DdlRejection[] = [];
  const earlier = followOns('sqlite');
  for (const sql of blueprint.snapshot?.ddl ?? []) build(database, sql);
  for (const { key, sql } of blueprint.ddl) {
    const rejection = build(database, sql);
    if (rejection === undefined) {
      earlier.succeeded(sql);
      continue;
    }
    const blamed = rejection.kind === 'syntax' ? undefined : ignorable(rejection);
    const ignore = blamed ?? (rejection.kind !== 'syntax' && earlier.has(sql) ? ('follow-on' as const) : undefined);
    rejections.push({ key, rejection, ...(ignore === undefined ? {} : { ignore }) });
    if (ignore !== 'exists') earlier.failed(sql);
  }
  if (blueprint.snapshot !== undefined) applyStatistics(database, blueprint.snapshot);
  const schema = readSchema(database);
  const version = String(database.prepare('SELECT sqlite_version() AS v').get()?.v);
  return { database, names: namesOf(schema), loaded: { version, schema, rejections }, spread: spreadOf(blueprint.snapshot) };
}

function find(hash: string): Built | undefined {
  const built = builds.get(hash);
  if (built === undefined) return undefined;
  builds.delete(hash);
  builds.set(hash, built);
  return built;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function createIndex(candidate: CandidateIndex, name: string): string {
  const keys = candidate.keys.map(
    (key) => `${key.column === undefined ? key.expression : quote(key.column)}${key.descending ? ' DESC' : ''}`,
  );
  // SQLite has no INCLUDE: a column that should be covered is one more key.
  const columns = [...keys, ...candidate.include.map(quote)];
  return `CREATE INDEX ${quote(name)} ON ${quote(candidate.table)} (${columns.join(', ')})${candidate.where === undefined ? '' : ` WHERE ${candidate.where}`}`;
}

/**
 * The line ANALYZE would write for the candidate: the table's rows, then how many of them share the first key, the first two, and so on (keys
 * taken as independent). Without it SQLite takes every index to leave ten rows, a status with two values too. Undefined where a column was not sampled.
 */
function statisticsOf(candidate: CandidateIndex, spread: Spread): string | undefined {
  const table = candidate.table.toLowerCase();
  const rows = spread.rows.get(table);
  if (rows === undefined || rows === 0 || candidate.where !== undefined) return undefined;
  const numbers = [rows];
  let different = 1;
  for (const key of [...candidate.keys, ...candidate.include.map((column) => ({ column }))]) {
    const distinct = key.column === undefined ? undefined : spread.distinct.get(`${table}.${key.column.toLowerCase()}`);
    if (distinct === undefined) return undefined;
    different = Math.min(rows, different * Math.max(1, distinct));
    numbers.push(Math.max(1, Math.round(rows / different)));
  }
  return numbers.join(' ');
}

function tryCandidate(built: Built, sql: string, candidate: CandidateIndex): WhatIf | undefined {
  if ((candidate.method ?? 'btree') !== 'btree') return undefined;
  const { database, names } = built;
  const name = candidateName(candidate, new Set([...names.tables.keys(), ...names.indexes.keys()]));
  if (build(database, createIndex(candidate, name)) !== undefined) return undefined;
  const statistics = statisticsOf(candidate, built.spread);
  try {
    if (statistics !== undefined) {
      database.prepare('INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES (?, ?, ?)').run(candidate.table, name, statistics);
      database.exec('ANALYZE sqlite_schema');
    }
    const indexes = new Map(names.indexes).set(name, candidate.table);
    const explained = explainWith(database, sql, { ...names, indexes });
    if (explained.outcome !== 'planned') return undefined;
    const rows = explained.plan.raw as readonly Record<string, unknown>[];
    const mention = new RegExp(`\\bINDEX ${name}(?: |$)`);
    return { candidate, plan: explained.plan, used: rows.some((row) => mention.test(String(row.detail))) };
  } finally {
    // Its statistics go with it.
    database.exec(`DROP INDEX ${quote(name)}`);
  }
}

export const handlers = {
  async load(blueprint: Blueprint): Promise<Loaded> {
    const known = find(blueprint.hash);
    if (known !== undefined) return known.loaded;
    const built = await construct(blueprint);
    builds.set(blueprint.hash, built);
    for (const [hash, oldest] of builds) {
      if (builds.size <= mostBuilt) break;
      oldest.database.close();
      builds.delete(hash);
    }
    return built.loaded;
  },
  explain({ hash, sql }: { readonly hash: string; readonly sql: string }): Explained | NotLoaded {
    const built = find(hash);
    if (built === undefined) return { outcome: 'not-loaded' };
    const verdict = guard(sql);
    if (!verdict.allowed) return { outcome: 'refused', reason: verdict.reason };
    return explainWith(built.database, sql, built.names);
  },
  whatIf({
    hash,
    sql,
    candidates,
  }: {
    readonly hash: string;
    readonly sql: string;
    readonly candidates: readonly CandidateIndex[];
  }): readonly WhatIf[] | NotLoaded {
    const built = find(hash);
    if (built === undefined) return { outcome: 'not-loaded' };
    // No plan without an index, none with one.
    if (!guard(sql).allowed) return [];
    return candidates.flatMap((candidate) => tryCandidate(built, sql, candidate) ?? []);
  },
};
