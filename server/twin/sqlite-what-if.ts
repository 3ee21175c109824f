/**
 * Candidate indexes in SQLite's twin. SQLite has no way to hide an index, so what is wanted is created and what is not is dropped: on empty tables in
 * memory that takes a fraction of a millisecond. What cannot have changed since the last time is not planned again.
 */
import { createIndexSql, quoteName } from '../analysis/ddl.ts';
import type { CandidateIndex } from '../analysis/facts.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import type { Explained } from '../engines/engine.ts';
import type { SqliteDatabase } from '../engines/sqlite/binding.ts';
import type { Names } from '../engines/sqlite/explain.ts';
import { explainWith } from '../engines/sqlite/explain-with.ts';
import { guard } from '../engines/sqlite/guard.ts';
import { candidateName } from './candidate-name.ts';
import { type Spread, statisticsOf } from './sqlite-index-size.ts';
import { sampleRows } from './sqlite-samples.ts';
import type { IndexSet } from './twin.ts';

/** A schema in memory, and how its indexes now differ from what it was built with. */
export interface Stage {
  readonly database: SqliteDatabase;
  readonly schema: Schema;
  readonly names: Names;
  readonly spread: Spread;
  /** Candidates that are there now, by their name. */
  readonly present: Map<string, CandidateIndex>;
  /** Indexes of the schema that are not there now, with what brings them back. */
  readonly hidden: Map<string, Hidden>;
  /** Names of candidates that SQLite refused to build. */
  readonly refused: Set<string>;
  readonly answers: Map<string, Explained>;
}
interface Hidden {
  readonly sql: string;
  readonly stat1: readonly Record<string, unknown>[];
  readonly stat4: readonly Record<string, unknown>[];
}
const mostAnswers = 30_000;

/** Brings the schema into the state of that set; answers the names of what is there of it by candidate. */
export function arrange(stage: Stage, set: IndexSet): ReadonlyMap<CandidateIndex, string> {
  const { database, present, hidden, refused } = stage;
  const wanted = new Map(set.build.map((candidate) => [nameIn(stage, candidate), candidate] as const));
  const unwanted = new Set(set.hide.map((name) => name.toLowerCase()));
  const analyzed = has(database, 'sqlite_stat1');
  let changed = false;
  for (const name of [...present.keys()]) {
    if (wanted.has(name)) continue;
    // Its statistics go with it.
    database.exec(`DROP INDEX ${quote(name)}`);
    present.delete(name);
    changed = true;
  }
  for (const [name, how] of [...hidden]) {
    if (unwanted.has(name)) continue;
    database.exec(how.sql);
    for (const row of how.stat1) insert(database, 'sqlite_stat1', row);
    for (const row of how.stat4) insert(database, 'sqlite_stat4', row);
    hidden.delete(name);
    changed = true;
  }
  for (const name of unwanted) {
    const how = hidden.has(name) ? undefined : definition(database, name);
    if (how === undefined) continue;
    database.exec(`DROP INDEX ${quote(name)}`);
    hidden.set(name, how);
    changed = true;
  }
  for (const [name, candidate] of wanted) {
    if (present.has(name) || refused.has(name)) continue;
    if (!create(stage, name, candidate, analyzed)) {
      refused.add(name);
      continue;
    }
    present.set(name, candidate);
    changed = true;
  }
  // The planner reads its statistics once; this makes it read them again.
  if (changed && analyzed) database.exec('ANALYZE sqlite_schema');
  return new Map([...wanted].flatMap(([name, candidate]) => (present.has(name) ? [[candidate, name] as const] : [])));
}

function create({ database, spread }: Stage, name: string, candidate: CandidateIndex, analyzed: boolean): boolean {
  if ((candidate.method ?? 'btree') !== 'btree') return false;
  try {
    database.exec(createIndexSql('sqlite', candidate, { name, concurrently: false }));
  } catch {
    // A column that is not there, an expression that is not deterministic: no candidate.
    return false;
  }
  const stat = analyzed ? statisticsOf(candidate, spread) : undefined;
  if (stat === undefined) return true;
  // SQLite may go through an index whose first column nothing is said of, value by value. Nobody should build an index for
  // that: it holds only while the column has few values, and hides that the right one is missing.
  insert(database, 'sqlite_stat1', { tbl: tableName(candidate), idx: name, stat: `${stat} noskipscan` });
  const samples = [...candidate.keys.map((key) => key.column ?? ''), ...candidate.include].map((column) =>
    spread.samples.get(`${tableName(candidate)}.${column}`.toLowerCase()),
  );
  if (samples[0] === undefined || !has(database, 'sqlite_stat4') || !comparesBytes(database, name)) return true;
  for (const row of sampleRows(candidate, stat, samples))
    insert(database, 'sqlite_stat4', { tbl: tableName(candidate), idx: name, ...row });
  return true;
}

/** The samples stand in this order. */
const comparesBytes = (database: SqliteDatabase, index: string): boolean =>
  database.prepare('SELECT coll FROM pragma_index_xinfo(?) WHERE seqno = 0').get(index)?.coll === 'BINARY';

/** A name of the schema's own is not taken. */
function nameIn(stage: Stage, candidate: CandidateIndex): string {
  const name = candidateName(candidate);
  const { tables, indexes } = stage.names;
  return tables.has(name.toLowerCase()) || (indexes.has(name.toLowerCase()) && !stage.present.has(name)) ? `${name}_new` : name;
}

function definition(database: SqliteDatabase, name: string): Hidden | undefined {
  const row = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND lower(name) = ?").get(name);
  // SQLite's own index of a UNIQUE or PRIMARY KEY has no statement, and cannot be dropped.
  if (row === undefined || row.sql === null) return undefined;
  const rows = (table: string): Record<string, unknown>[] =>
    has(database, table) ? database.prepare(`SELECT * FROM ${table} WHERE idx = ?`).all(row.name) : [];
  return { sql: String(row.sql), stat1: rows('sqlite_stat1'), stat4: rows('sqlite_stat4') };
}

function has(database: SqliteDatabase, table: string): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
}
function insert(database: SqliteDatabase, table: string, row: Readonly<Record<string, unknown>>): void {
  const columns = Object.keys(row);
  database.prepare(`INSERT INTO ${table}(${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(...Object.values(row));
}

/** Plans one statement as the schema stands. */
export function planWith(stage: Stage, sql: string): Explained {
  const verdict = guard(sql);
  if (!verdict.allowed) return { outcome: 'refused', reason: verdict.reason };
  if (stage.present.size === 0) return explainWith(stage.database, sql, stage.names);
  const indexes = new Map(stage.names.indexes);
  for (const [name, candidate] of stage.present) indexes.set(name.toLowerCase(), tableName(candidate));
  return explainWith(stage.database, sql, { ...stage.names, indexes });
}

/** Plans every statement with the set in place; what is known from before is not planned again. */
export function price(stage: Stage, statements: readonly string[], set: IndexSet): readonly Explained[] {
  const views = stage.schema.tables.filter((table) => table.kind === 'view').map((table) => table.name.toLowerCase());
  const items = [
    ...set.build.map((candidate) => ({ table: tableName(candidate).toLowerCase(), word: candidateName(candidate) })),
    ...set.hide.map((name) => ({
      table: stage.names.indexes.get(name.toLowerCase())?.toLowerCase() ?? '',
      word: `-${name.toLowerCase()}`,
    })),
  ];
  return statements.map((sql) => {
    const text = sql.toLowerCase();
    const anything = views.some((view) => text.includes(view));
    const words = items.flatMap(({ table, word }) => (anything || text.includes(table) ? [word] : []));
    const key = `${words.sort().join()}\u0000${sql}`;
    const known = stage.answers.get(key);
    if (known !== undefined) return known;
    arrange(stage, set);
    const explained = planWith(stage, sql);
    const answer: Explained =
      explained.outcome === 'planned' ? { outcome: 'planned', plan: { ...explained.plan, raw: undefined } } : explained;
    if (stage.answers.size >= mostAnswers) stage.answers.clear();
    stage.answers.set(key, answer);
    return answer;
  });
}

const quote = (name: string): string => quoteName('sqlite', name);
const tableName = (candidate: CandidateIndex): string => candidate.table.split('.').at(-1) ?? candidate.table;
