/**
 * A dump of PostgreSQL's own as a snapshot: `pg_dump --no-data --statistics` (18) writes what `pg_restore_relation_stats` and
 * `pg_restore_attribute_stats` take, which is what the twin restores, too. Settings, heights and collation are not in it.
 */

import { splitScript } from '../analysis/sql/split.ts';
import { type Token, tokenize } from '../analysis/sql/tokens.ts';
import type { Snapshot } from '../engines/engine.ts';
import type { PostgresPlanner, RelationSize } from '../engines/postgres/planner-snapshot.ts';
import { SnapshotError } from './snapshot-values.ts';

const marker = /\bpg_restore_(?:relation|attribute)_stats\b|^-- PostgreSQL database dump\b/m;
export const isDump = (text: string): boolean => marker.test(text);

/** Rows that stand between COPY and its end, and psql's own commands, are no SQL. */
const withoutRows = (text: string): string =>
  text.replaceAll(/^COPY [^\n]*FROM stdin;\n[\s\S]*?^\\\.$/gm, '').replaceAll(/^\\(?:restrict|unrestrict|connect|c)\b.*$/gm, '');

/** `'it''s'`, `E'a\\b'`. */
function decoded(literal: string): string {
  const escaped = /^e/i.test(literal);
  const inner = literal.slice(literal.indexOf("'") + 1, -1).replaceAll("''", "'");
  if (!escaped) return inner;
  return inner.replaceAll(/\\(.)/gs, (_, sign: string) => ({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' })[sign] ?? sign);
}

/** The arguments of the call are names and values in turn; a value that is no literal is not given. */
function argumentsOf(sql: string, tokens: readonly Token[]): ReadonlyMap<string, string> {
  const values: (string | undefined)[] = [];
  const open = tokens.findIndex(({ word }) => word === '(');
  let fresh = true;
  let depth = 0;
  for (const token of tokens.slice(open)) {
    if (token.word === '(' || token.word === '[') depth++;
    else if (token.word === ')' || token.word === ']') {
      depth--;
      if (depth === 0) break;
    } else if (token.word === ',' && depth === 1) fresh = true;
    else if (fresh) {
      values.push(token.kind === 'string' ? decoded(sql.slice(token.start, token.end)) : undefined);
      fresh = false;
    }
  }
  const pairs = new Map<string, string>();
  for (let at = 0; at + 1 < values.length; at += 2) {
    const [name, value] = [values[at], values[at + 1]];
    if (name !== undefined && value !== undefined) pairs.set(name, value);
  }
  return pairs;
}

function count(given: ReadonlyMap<string, string>, name: string): number {
  const value = Number(given.get(name) ?? 0);
  return Number.isFinite(value) && value >= -1 && value <= 1e15 ? value : 0;
}

const numbers: ReadonlySet<string> = new Set(['null_frac', 'avg_width', 'n_distinct', 'correlation', 'range_empty_frac', 'attnum']);
const kept =
  /^(?:null_frac|avg_width|n_distinct|correlation|attname|attnum|most_common_\w+|histogram_bounds|elem_count_histogram|range_\w+)$/;

function columnOf(given: ReadonlyMap<string, string>): Record<string, unknown> {
  const row: Record<string, unknown> = {
    schemaname: given.get('schemaname') ?? 'public',
    tablename: given.get('relname') ?? '',
    inherited: /^t/i.test(given.get('inherited') ?? ''),
  };
  for (const [name, value] of given) {
    if (!kept.test(name)) continue;
    if (!numbers.has(name)) row[name] = value;
    else if (Number.isFinite(Number(value))) row[name] = Number(value);
  }
  return row;
}

/** Throws SnapshotError, whose sentence lacks its subject, the file. */
export function parseDump(text: string, label: string): Snapshot {
  const sql = withoutRows(text);
  const ddl: string[] = [];
  const relations: RelationSize[] = [];
  const columns: Record<string, unknown>[] = [];
  const tables = new Set<string>();
  for (const { start, end } of splitScript(sql, 'postgres')) {
    const piece = sql.slice(start, end);
    const tokens = tokenize(piece, [], 'postgres');
    const statement = piece.slice(tokens[0]?.start ?? 0).trim();
    const [first] = tokens;
    if (first?.word === 'CREATE' || first?.word === 'ALTER') {
      ddl.push(statement.replace(/;\s*$/, ''));
      const made =
        /^CREATE\s+(?:UNLOGGED\s+|FOREIGN\s+)?(?:TABLE|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:(?:"[^"]+"|\w+)\.)?(?:"([^"]+)"|(\w+))/i.exec(
          statement,
        );
      if (made !== null) tables.add(made[1] ?? made[2] ?? '');
    } else if (first?.word === 'SELECT' && /^SELECT\b[^']*\bpg_restore_(?:relation|attribute)_stats\s*\(/i.test(statement)) {
      const given = argumentsOf(piece, tokens);
      if (/pg_restore_attribute_stats/i.test(statement.slice(0, 80))) columns.push(columnOf(given));
      else
        relations.push({
          schema: given.get('schemaname') ?? 'public',
          name: given.get('relname') ?? '',
          pages: count(given, 'relpages'),
          rows: count(given, 'reltuples'),
          allVisible: count(given, 'relallvisible'),
        });
    }
  }
  if (relations.length === 0)
    throw new SnapshotError(
      'is a dump without statistics: make one with `pg_dump --no-data --statistics` of PostgreSQL 18, or use `tunelens stats`',
    );
  // Without its schema the dump does not say what is a table. That an index is taken for one changes nothing: no statement names it.
  const named = ddl.length > 0 ? tables : new Set(relations.map(({ name }) => name));
  const planner: PostgresPlanner = { relations, columns, settings: {} };
  return {
    engine: 'postgres',
    label,
    version: /^-- Dumped from database version (\S+)/m.exec(text)?.[1] ?? '18',
    ddl,
    tables: relations.flatMap(({ name, rows, pages }) =>
      rows >= 0 && named.has(name) ? [{ table: name, rows, bytes: pages * 8192 }] : [],
    ),
    planner,
  };
}
