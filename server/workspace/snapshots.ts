/**
 * A snapshot as a file: JSON that people can read, with one fact a line and everything in a fixed order, so that a repository can hold it and a
 * diff of it tells what changed. `tunelens stats` writes it, `--stats` reads it back.
 */
import { readFileSync, statSync } from 'node:fs';
import type { TableStatistics } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { Snapshot } from '../engines/engine.ts';
import { isDump, parseDump } from './dump-statistics.ts';
import { readPostgresPlanner, readSqlitePlanner } from './snapshot-planner.ts';
import { type Fields, fieldsOf, invalid, SnapshotError } from './snapshot-values.ts';

const format = 'tunelens statistics';
const formatVersion = 1;
/** A snapshot of 5,000 tables is some tens of megabytes; what is larger is another file named by mistake. Bytes. */
const largest = 400 * 1024 * 1024;

export interface WriteOptions {
  /** False leaves out every value that came from a row: most common values, the bounds of histograms, samples. */
  readonly values: boolean;
  /** The database's own name; a snapshot does not tell where its server is. */
  readonly database: string;
}

/** Lists whose entries are one fact each. A column of PostgreSQL has a dozen, and texts of many kilobytes among them. */
const oneLine: Readonly<Record<EngineId, ReadonlySet<string>>> = {
  postgres: new Set(['tables', 'relations', 'extended']),
  sqlite: new Set(['tables', 'stat1', 'stat4', 'sizes', 'columns', 'pairs']),
};

function print(value: unknown, lists: ReadonlySet<string>, indent = '', flat = false): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent} `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => deeper + (flat ? JSON.stringify(item) : print(item, lists, deeper))).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return '{}';
  const members = entries.map(([key, member]) => `${deeper}${JSON.stringify(key)}: ${print(member, lists, deeper, lists.has(key))}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

/** Rows of `pg_stats` hold values of the table in these; frequencies, counts and lengths are none. */
const valueStatistics: ReadonlySet<string> = new Set([
  'most_common_vals',
  'histogram_bounds',
  'most_common_elems',
  'range_bounds_histogram',
]);

function withoutValues(engine: EngineId, planner: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (engine === 'sqlite') {
    const spreads = planner.columns as readonly Readonly<Record<string, unknown>>[];
    return { ...planner, stat4: [], columns: spreads.map(({ samples: _, ...rest }) => rest) };
  }
  const columns = planner.columns as readonly Readonly<Record<string, unknown>>[];
  const extended = (planner.extended ?? []) as readonly Readonly<Record<string, unknown>>[];
  return {
    ...planner,
    extended: extended.map(({ common: _, ...rest }) => rest),
    columns: columns.map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => !valueStatistics.has(key)))),
  };
}

/** The file's text. Only what was read from the database is in it: no time, no address, nobody's name. */
export function formatSnapshot(snapshot: Snapshot, options: WriteOptions): string {
  const { engine, version, ddl, tables } = snapshot;
  const given = snapshot.planner as Readonly<Record<string, unknown>>;
  const planner = options.values ? given : withoutValues(engine, given);
  const file = {
    format,
    formatVersion,
    engine,
    version,
    database: options.database,
    values: options.values,
    // A statement of several lines is a list of them: a column that was added is one line of a diff.
    ddl: ddl.map((sql) => (sql.includes('\n') ? sql.split('\n') : sql)),
    tables: tables
      .map(({ table, rows, bytes }) => ({ table, rows, ...(bytes === undefined ? {} : { bytes }) }))
      .toSorted((left, right) => (left.table < right.table ? -1 : left.table > right.table ? 1 : 0)),
    planner,
  };
  return `${print(file, oneLine[engine])}\n`;
}

function readDdl(file: Fields): readonly string[] {
  return file.list('ddl').map((entry, index) => {
    if (typeof entry === 'string') return entry;
    if (Array.isArray(entry) && entry.every((line) => typeof line === 'string')) return entry.join('\n');
    throw invalid(`ddl[${index}]`, 'a statement, or a list of its lines');
  });
}

function readTables(file: Fields): readonly TableStatistics[] {
  return file.objects('tables').map((row) => {
    const bytes = row.optionalNumber('bytes', 0);
    return { table: row.text('table'), rows: row.number('rows', 0), ...(bytes === undefined ? {} : { bytes }) };
  });
}

/** `label`: what the snapshot is called in messages and as evidence. Throws SnapshotError, one sentence for a person, for whatever is not a snapshot. */
export function parseSnapshot(text: string, label = 'the snapshot'): Snapshot {
  try {
    if (!/^\s*\{/.test(text) && isDump(text)) return parseDump(text, label);
    const file = fieldsOf(parseJson(text), '');
    if (file.value.format !== format) throw new SnapshotError('is no snapshot: write one with `tunelens stats URL`');
    if (file.value.formatVersion !== formatVersion) {
      const shown = typeof file.value.formatVersion === 'number' ? String(file.value.formatVersion) : 'an unknown version';
      throw new SnapshotError(
        `is of format version ${shown}, this TuneLens reads ${formatVersion}: write it anew with \`tunelens stats URL\``,
      );
    }
    const engine = file.value.engine;
    if (engine !== 'sqlite' && engine !== 'postgres') throw invalid('engine', '"sqlite" or "postgres"');
    const planner = file.object('planner');
    return {
      engine,
      label,
      version: file.text('version'),
      ddl: readDdl(file),
      tables: readTables(file),
      planner: engine === 'sqlite' ? readSqlitePlanner(planner) : readPostgresPlanner(planner),
    };
  } catch (error) {
    if (error instanceof SnapshotError) throw new SnapshotError(`${label} ${error.message}`);
    throw error;
  }
}

function parseJson(text: string): unknown {
  const trimmed = text.trimStart();
  if (trimmed === '') throw new SnapshotError('is empty: write it with `tunelens stats URL`');
  try {
    return JSON.parse(trimmed.replace(/^\uFEFF/, ''));
  } catch (error) {
    const cut = trimmed.startsWith('{') && !trimmed.trimEnd().endsWith('}');
    if (cut) throw new SnapshotError('ends in the middle: write it anew with `tunelens stats URL`');
    throw new SnapshotError(`is no JSON (${error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 120) : 'unreadable'})`);
  }
}

/** Throws SnapshotError. `shown`: the path as the person wrote it. */
export function readSnapshotFile(path: string, shown = path): Snapshot {
  let text: string;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new SnapshotError(`${shown} is a folder: name a file that \`tunelens stats\` wrote`);
    if (stat.size > largest) throw new SnapshotError(`${shown} is too large for a snapshot (${Math.round(stat.size / 2 ** 20)} MB)`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SnapshotError(`${shown} does not exist: write it with \`tunelens stats URL --output ${shown}\``);
    throw new SnapshotError(`${shown} cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  return parseSnapshot(text, shown);
}
