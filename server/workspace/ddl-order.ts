/** The repository's DDL in an order that works: what stands in numbered migrations as numbered, the rest by what needs what. */
import type { Query } from '../analysis/document.ts';
import type { Statement } from '../analysis/sql/statement.ts';
import { baseName, folderOf } from './paths.ts';

export interface DdlSource {
  readonly path: string;
  readonly query: Query;
}

/** `0001_x.sql`, `V1_2__x.sql`, `20240101120000_x.up.sql`, `3.sql`, and a folder that is numbered (`20240101_x/migration.sql`). */
const numbered = /^[vV]?(\d+(?:[._]\d+)*)(?=[_.-]|$)/;
const downward = /(?:^|[._-])down(?:[._-]|$)|^U\d/;

/** The number a migration is ordered by, digit group by digit group; undefined for other files. */
function migrationNumber(path: string): readonly bigint[] | undefined {
  if (!/\.(?:sql|ddl|pgsql|psql)$/i.test(path)) return undefined;
  const name = baseName(path);
  const inFile = numbered.exec(name)?.[1];
  const found = inFile ?? (/^(?:migration|up|schema)\.\w+$/i.test(name) ? numbered.exec(baseName(folderOf(path)))?.[1] : undefined);
  return found?.split(/[._]/).map(BigInt);
}

/** Whether the file is one of a sequence: `0002_x.sql`, or `up.sql` in a numbered folder. */
export function isNumbered(path: string): boolean {
  return migrationNumber(path) !== undefined || /\d/.test(baseName(path));
}

/** The folder that holds a sequence of migrations. */
function sequenceOf(path: string): string {
  return numbered.test(baseName(path)) ? folderOf(path) : folderOf(folderOf(path));
}

/**
 * Where two places create the same table, the migrations' one counts, then the first. Statements of
 * code and of plain files are taken by kind and by what they refer to, because the order in which the
 * program runs them is not known; drops among them are clearing up, not the schema.
 */
export function orderDdl(sources: readonly DdlSource[]): readonly DdlSource[] {
  const sequences = new Map<string, { readonly number: readonly bigint[]; readonly source: DdlSource }[]>();
  const loose: DdlSource[] = [];
  for (const source of sources) {
    if (downward.test(baseName(source.path))) continue;
    const number = source.query.from === 'file' ? migrationNumber(source.path) : undefined;
    if (number === undefined) {
      if (source.query.statement.kind !== 'drop') loose.push(source);
      continue;
    }
    const key = sequenceOf(source.path);
    const list = sequences.get(key);
    if (list === undefined) sequences.set(key, [{ number, source }]);
    else list.push({ number, source });
  }
  const ordered: DdlSource[] = [];
  for (const key of [...sequences.keys()].sort()) {
    const list = sequences.get(key) ?? [];
    list.sort(
      (left, right) =>
        compareNumbers(left.number, right.number) ||
        compareText(left.source.path, right.source.path) ||
        left.source.query.span.start - right.source.query.span.start,
    );
    ordered.push(...list.map(({ source }) => source));
  }
  const made = new Set(ordered.map(({ query }) => createdBy(query.statement)).filter((name) => name !== undefined));
  const rest = loose.filter(({ query }) => !made.has(createdBy(query.statement) ?? ''));
  const first = rest.filter(({ query }) => phaseOf(query.statement) <= 1);
  const last = rest.filter(({ query }) => phaseOf(query.statement) > 1);
  return [...byNeed(first), ...ordered, ...byPhase(last)];
}

/** What a statement creates, by kind, folded. */
export function createdBy(statement: Statement): string | undefined {
  if (statement.kind === 'create table') return `table ${statement.name.name.text.toLowerCase()}`;
  if (statement.kind === 'create view') return `table ${statement.name.name.text.toLowerCase()}`;
  if (statement.kind === 'create index' && statement.name !== undefined) return `index ${statement.name.name.text.toLowerCase()}`;
  return undefined;
}

/** 0: types and extensions, 1: tables, 2: what changes tables, 3: indexes and views, 4: functions and the rest. */
function phaseOf(statement: Statement): number {
  switch (statement.kind) {
    case 'create table':
      return 1;
    case 'alter table':
      return 2;
    case 'create index':
    case 'create view':
      return 3;
    case 'other':
      return /^CREATE (?:TYPE|DOMAIN|EXTENSION|SCHEMA|SEQUENCE|COLLATION)\b/.test(statement.verb) ? 0 : 4;
    default:
      return 4;
  }
}

function byPhase(sources: readonly DdlSource[]): DdlSource[] {
  return [...sources].sort((left, right) => phaseOf(left.query.statement) - phaseOf(right.query.statement));
}

/** A table after those it refers to; tables that refer to each other keep the order they were found in. */
function byNeed(sources: readonly DdlSource[]): DdlSource[] {
  const sorted = byPhase(sources);
  const makers = new Map<string, DdlSource>();
  for (const source of sorted) {
    const name = createdBy(source.query.statement);
    if (name !== undefined && !makers.has(name)) makers.set(name, source);
  }
  const done = new Set<DdlSource>();
  const result: DdlSource[] = [];
  const visit = (source: DdlSource) => {
    if (done.has(source)) return;
    done.add(source);
    for (const name of referencesOf(source.query.statement)) {
      const maker = makers.get(`table ${name}`);
      if (maker !== undefined) visit(maker);
    }
    result.push(source);
  };
  for (const source of sorted) if (phaseOf(source.query.statement) === 0) visit(source);
  for (const source of sorted) visit(source);
  return result;
}

function referencesOf(statement: Statement): readonly string[] {
  if (statement.kind !== 'create table') return [];
  const tables = [...statement.columns, ...statement.constraints].flatMap(({ references }) =>
    references === undefined ? [] : [references.table],
  );
  if (statement.partitionOf !== undefined) tables.push(statement.partitionOf.name);
  return tables.map((table) => table.text.toLowerCase());
}

function compareNumbers(left: readonly bigint[], right: readonly bigint[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? -1n) - (right[at] ?? -1n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
