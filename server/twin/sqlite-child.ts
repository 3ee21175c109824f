/** SQLite's twin: schemas without rows, in memory. */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import { tokenize } from '../analysis/sql/tokens.ts';
import type { EngineRejection, Explained, Snapshot } from '../engines/engine.ts';
import { loadSqlite, type SqliteDatabase } from '../engines/sqlite/binding.ts';
import { namesOf } from '../engines/sqlite/explain.ts';
import { attempt } from '../engines/sqlite/explain-with.ts';
import { readSchema } from '../engines/sqlite/schema.ts';
import type { SqlitePlanner } from '../engines/sqlite/snapshot.ts';
import { followOns } from './follow-on.ts';
import { bytesOf, type Spread } from './sqlite-index-size.ts';
import { arrange, planWith, price, type Stage } from './sqlite-what-if.ts';
import { together } from './together.ts';
import type { Blueprint, DdlRejection, IndexSet, Loaded } from './twin.ts';

interface Built extends Stage {
  readonly loaded: Loaded;
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

/** A statement of libSQL, SQLite's fork, which its users write into their migrations. */
const libsql = /^\s*ALTER\s+TABLE\s+\S+\s+ALTER\s+COLUMN\s+\S+\s+TO\b/i;

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

function applyStatistics(database: SqliteDatabase, snapshot: Snapshot, asItIs: boolean): void {
  const planner = snapshot.planner as Partial<SqlitePlanner>;
  const stat1 = planner.stat1 ?? [];
  const described = new Set(stat1.map((row) => row.tbl));
  // A table nobody analysed still has a size.
  const sizes = snapshot.tables
    .filter((table) => !described.has(table.table))
    .map((table) => ({ tbl: table.table, idx: null, stat: String(Math.max(1, table.rows)) }));
  const rows = asItIs ? stat1 : [...stat1, ...sizes];
  if (rows.length === 0) return;
  // On empty tables ANALYZE only creates its own tables.
  database.exec('ANALYZE');
  const insert = database.prepare('INSERT INTO sqlite_stat1(tbl, idx, stat) VALUES (?, ?, ?)');
  for (const row of rows) insert.run(row.tbl, row.idx, row.stat);
  const sample = database.prepare('INSERT INTO sqlite_stat4(tbl, idx, neq, nlt, ndlt, sample) VALUES (?, ?, ?, ?, ?, ?)');
  for (const row of planner.stat4 ?? []) sample.run(row.tbl, row.idx, row.neq, row.nlt, row.ndlt, Buffer.from(row.sample, 'hex'));
  database.exec('ANALYZE sqlite_schema');
}

function spreadOf(snapshot: Snapshot | undefined, assumedRows: number): Spread {
  const planner = snapshot?.planner as Partial<SqlitePlanner> | undefined;
  const columns = planner?.columns ?? [];
  return {
    rows: new Map((snapshot?.tables ?? []).map((table) => [table.table.toLowerCase(), table.rows])),
    distinct: new Map(columns.map((each) => [`${each.table}.${each.column}`.toLowerCase(), each.distinct])),
    pairs: new Map(
      (planner?.pairs ?? []).flatMap(({ table, columns: [left, right], distinct }) => [
        [`${table}.${left}.${right}`.toLowerCase(), distinct] as const,
        [`${table}.${right}.${left}`.toLowerCase(), distinct] as const,
      ]),
    ),
    bytes: new Map(
      columns.flatMap((each) => (each.bytes === undefined ? [] : [[`${each.table}.${each.column}`.toLowerCase(), each.bytes] as const])),
    ),
    // A planner that keeps no samples of the indexes that are there would keep none of another.
    samples: new Map(
      (planner?.stat4 ?? []).length === 0
        ? []
        : columns.flatMap((each) =>
            each.samples === undefined ? [] : [[`${each.table}.${each.column}`.toLowerCase(), each.samples] as const],
          ),
    ),
    assumedRows,
    pageSize: planner?.pageSize ?? 4096,
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
    let rejection = build(database, sql);
    if (rejection !== undefined && /^error in table .+ after rename/.test(rejection.message)) {
      // As SQLite itself renames: also what the table's own constraints call it.
      database.pragma('legacy_alter_table = OFF');
      rejection = build(database, sql);
      database.pragma('legacy_alter_table = ON');
    }
    if (rejection === undefined) {
      earlier.succeeded(sql);
      continue;
    }
    const blamed = rejection.kind !== 'syntax' ? ignorable(rejection) : libsql.test(sql) ? 'unsupported' : undefined;
    const ignore = blamed ?? (rejection.kind !== 'syntax' && earlier.has(sql) ? ('follow-on' as const) : undefined);
    rejections.push({ key, rejection, ...(ignore === undefined ? {} : { ignore }) });
    if (ignore !== 'exists') earlier.failed(sql);
  }
  if (blueprint.snapshot !== undefined) applyStatistics(database, blueprint.snapshot, blueprint.asItIs === true);
  const schema = readSchema(database);
  const version = String(database.prepare('SELECT sqlite_version() AS v').get()?.v);
  return {
    database,
    schema,
    names: namesOf(schema),
    loaded: { version, schema, rejections },
    spread: spreadOf(blueprint.snapshot, blueprint.assumedRows),
    present: new Map(),
    hidden: new Map(),
    refused: new Set(),
    answers: new Map(),
  };
}

function find(hash: string): Built | undefined {
  const built = builds.get(hash);
  if (built === undefined) return undefined;
  builds.delete(hash);
  builds.set(hash, built);
  return built;
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
    arrange(built, nothing);
    return planWith(built, sql);
  },
  async whatIf({
    hash,
    sql,
    candidates,
  }: {
    readonly hash: string;
    readonly sql: string;
    readonly candidates: readonly CandidateIndex[];
  }): Promise<readonly WhatIf[] | NotLoaded> {
    const built = find(hash);
    if (built === undefined) return { outcome: 'not-loaded' };
    arrange(built, nothing);
    const before = planWith(built, sql);
    const tried = candidates.flatMap((candidate): WhatIf[] => {
      const name = arrange(built, { build: [candidate], hide: [] }).get(candidate);
      const explained = name === undefined ? undefined : planWith(built, sql);
      // No plan without an index, none with one.
      if (name === undefined || explained?.outcome !== 'planned') return [];
      const rows = explained.plan.raw as readonly Record<string, unknown>[];
      const mention = new RegExp(`\\bINDEX ${name}(?: |$)`);
      return [
        {
          candidate,
          plan: explained.plan,
          used: rows.some((row) => mention.test(String(row.detail))),
          bytes: bytesOf(candidate, built.schema, built.spread),
        },
      ];
    });
    if (before.outcome !== 'planned') return tried;
    let names: ReadonlyMap<CandidateIndex, string> = new Map();
    const several = await together(
      candidates,
      before.plan,
      tried,
      (candidate) => names.get(candidate) ?? '',
      async (set) => {
        names = arrange(built, { build: set, hide: [] });
        const explained = planWith(built, sql);
        return explained.outcome === 'planned' ? explained.plan : undefined;
      },
    );
    return [...tried, ...several];
  },
  price({
    hash,
    statements,
    set,
  }: {
    readonly hash: string;
    readonly statements: readonly string[];
    readonly set: IndexSet;
  }): readonly Explained[] | NotLoaded {
    const built = find(hash);
    return built === undefined ? { outcome: 'not-loaded' } : price(built, statements, set);
  },
  sizes({ hash, candidates }: { readonly hash: string; readonly candidates: readonly CandidateIndex[] }): readonly number[] | NotLoaded {
    const built = find(hash);
    if (built === undefined) return { outcome: 'not-loaded' };
    return candidates.map((candidate) =>
      arrange(built, { build: [candidate], hide: [] }).size === 0
        ? Number.POSITIVE_INFINITY
        : bytesOf(candidate, built.loaded.schema, built.spread),
    );
  },
};

const nothing: IndexSet = { build: [], hide: [] };
