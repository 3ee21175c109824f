/**
 * SQL text -> statements, one parser for every dialect. It is total: it never throws, time is linear
 * in the text, nesting is bounded, and what it does not understand it passes over and says so
 * (`complete: false`). PostgreSQL's own parser judges it in the tests.
 */
import type { OffsetSegment } from '../document.ts';
import { bodyEnd } from './body.ts';
import type { Cursor, Grammar, HolePosition, Macro } from './cursor.ts';
import { accept, atEnd, maximumDepth, peek, skipGroup, wordAt } from './cursor.ts';
import { statementStart } from './keywords.ts';
import { alterTable, createIndex, createView, drop } from './parse-ddl.ts';
import { expression } from './parse-expression.ts';
import { alterSetting, other, pragma, set } from './parse-other.ts';
import { body, select, withClause } from './parse-select.ts';
import { createTable } from './parse-table.ts';
import { insert, remove, update } from './parse-write.ts';
import type { Dialect, Statement } from './statement.ts';
import type { Token, TokenizeOptions } from './tokens.ts';
import { tokenize } from './tokens.ts';

export interface ParsedStatement {
  readonly statement: Statement;
  /** Offsets in the text, without the closing semicolon. */
  readonly start: number;
  readonly end: number;
}
/** The statements with what rewriting them takes. */
export interface Script {
  readonly tokens: readonly Token[];
  readonly statements: readonly (ParsedStatement & {
    /** Indexes into `tokens`, half open. */
    readonly first: number;
    readonly last: number;
  })[];
  /** By hole: what it stands for. */
  readonly holes: readonly (HolePosition | undefined)[];
  readonly macros: readonly Macro[];
}

export function parseStatements(
  text: string,
  segments: readonly OffsetSegment[],
  dialect: Dialect,
  options: TokenizeOptions = {},
): readonly ParsedStatement[] {
  return parseScript(text, segments, dialect, options).statements;
}

export function parseScript(text: string, segments: readonly OffsetSegment[], dialect: Dialect, options: TokenizeOptions = {}): Script {
  const tokens = tokenize(text, segments, dialect, options);
  const cursor: Cursor = { text, tokens, dialect, at: 0, depth: 0, complete: true, holes: [], macros: [], grammar };
  const statements: Script['statements'][number][] = [];
  for (;;) {
    while (accept(cursor, ';'));
    const first = cursor.at;
    const token = peek(cursor);
    if (token.kind === 'end') break;
    cursor.complete = true;
    cursor.depth = 0;
    const parsed = statement(cursor);
    passBody(cursor, first);
    passRest(cursor, first);
    if (cursor.at === first) cursor.at++;
    const last = tokens[cursor.at - 1] ?? token;
    const span = { start: token.hostStart, end: Math.max(token.hostEnd, last.hostEnd) };
    statements.push({
      statement: { ...parsed, complete: cursor.complete, span },
      start: token.start,
      end: last.end,
      first,
      last: cursor.at,
    });
  }
  return { tokens, statements, holes: cursor.holes, macros: cursor.macros };
}

/**
 * To the semicolon; what is left was not understood. A statement word at the start of a line begins
 * a new statement even so: someone is typing the one before.
 */
function passRest(cursor: Cursor, first: number): void {
  while (!atEnd(cursor)) {
    cursor.complete = false;
    if (cursor.at > first && statementStart.has(wordAt(cursor)) && startsLine(cursor)) return;
    const token = peek(cursor);
    if (token.hole >= 0) cursor.holes[token.hole] ??= 'fragment';
    cursor.at++;
  }
}
function startsLine(cursor: Cursor): boolean {
  for (let at = peek(cursor).start - 1; at >= 0; at--) {
    const sign = cursor.text[at];
    if (sign === '\n' || sign === '\r') return true;
    if (sign !== ' ' && sign !== '\t') return false;
  }
  return true;
}

/** The BEGIN … END of a trigger or an SQL-standard function holds semicolons that end nothing. */
function passBody(cursor: Cursor, first: number): void {
  if (cursor.tokens[first]?.word !== 'CREATE' || wordAt(cursor) !== ';') return;
  const end = bodyEnd(cursor.tokens, first, cursor.at, cursor.dialect);
  if (end === undefined) return;
  if (end < 0) cursor.complete = false;
  else cursor.at = end;
}

function statement(cursor: Cursor): Statement {
  const first = peek(cursor);
  if (cursor.depth >= maximumDepth) {
    cursor.complete = false;
    if (wordAt(cursor) === '(') skipGroup(cursor);
    return { kind: 'other', verb: '', names: [], concurrently: false, span: { start: first.hostStart, end: first.hostEnd } };
  }
  cursor.depth++;
  const result = dispatch(cursor, first);
  cursor.depth--;
  return result;
}

function dispatch(cursor: Cursor, first: Token): Statement {
  switch (first.word) {
    case 'SELECT':
    case 'VALUES':
    case '(':
      return select(cursor);
    case 'TABLE':
      return select(cursor);
    case 'WITH': {
      const tables = withClause(cursor);
      if (wordAt(cursor) === 'INSERT' || wordAt(cursor) === 'REPLACE') return insert(cursor, first, tables);
      if (wordAt(cursor) === 'UPDATE') return update(cursor, first, tables);
      if (wordAt(cursor) === 'DELETE') return remove(cursor, first, tables);
      if (wordAt(cursor) === 'MERGE') return other(cursor, peek(cursor));
      return body(cursor, first, tables);
    }
    case 'INSERT':
    case 'REPLACE':
      return insert(cursor, first, []);
    case 'UPDATE':
      return update(cursor, first, []);
    case 'DELETE':
      return remove(cursor, first, []);
    case 'PRAGMA':
      return pragma(cursor, first);
    case 'SET':
    case 'RESET':
      return set(cursor, first);
    case 'CREATE':
      return create(cursor, first);
    case 'ALTER':
      return alter(cursor, first);
    case 'DROP':
      cursor.at++;
      return drop(cursor, first);
    default:
      return other(cursor, first);
  }
}

/** Words between CREATE and the kind of thing that is created. */
const adjectives: ReadonlySet<string> = new Set([
  'OR',
  'REPLACE',
  'TEMP',
  'TEMPORARY',
  'GLOBAL',
  'LOCAL',
  'UNLOGGED',
  'UNIQUE',
  'VIRTUAL',
  'RECURSIVE',
  'MATERIALIZED',
]);

function create(cursor: Cursor, first: Token): Statement {
  const seen = new Set<string>();
  let ahead = 1;
  for (let word = wordAt(cursor, ahead); adjectives.has(word); word = wordAt(cursor, ++ahead)) seen.add(word);
  const temporary = seen.has('TEMP') || seen.has('TEMPORARY');
  const kind = wordAt(cursor, ahead);
  if (kind !== 'TABLE' && kind !== 'INDEX' && kind !== 'VIEW') return other(cursor, first);
  cursor.at += ahead + 1;
  if (kind === 'TABLE') return createTable(cursor, first, temporary, seen.has('VIRTUAL'));
  if (kind === 'INDEX') return createIndex(cursor, first, seen.has('UNIQUE'));
  return createView(cursor, first, temporary, seen.has('MATERIALIZED'));
}

function alter(cursor: Cursor, first: Token): Statement {
  const next = wordAt(cursor, 1);
  if (next === 'TABLE') {
    cursor.at += 2;
    return alterTable(cursor, first);
  }
  if (next === 'SYSTEM' || next === 'DATABASE' || next === 'ROLE' || next === 'USER') {
    cursor.at++;
    return alterSetting(cursor, first);
  }
  return other(cursor, first);
}

const grammar: Grammar = { expression, select, compound: (cursor, first, lead) => body(cursor, first, [], lead), statement };
