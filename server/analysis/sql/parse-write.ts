/** INSERT, REPLACE, UPDATE and DELETE. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAll,
  acceptAny,
  advance,
  atStop,
  close,
  expect,
  isName,
  markBareHole,
  markHole,
  name,
  nameList,
  nameOf,
  peek,
  qualifiedName,
  skipGroup,
  spanFrom,
  wordAt,
} from './cursor.ts';
import { notAlias } from './keywords.ts';
import { fromClause } from './parse-from.ts';
import { orderTerms } from './parse-order.ts';
import { condition, resultColumns } from './parse-select.ts';
import type { Assignment, CommonTable, Delete, Expression, FromItem, Insert, Name, ResultColumn, Select, Update } from './statement.ts';
import type { Token } from './tokens.ts';

const resolutions: ReadonlySet<string> = new Set(['ROLLBACK', 'ABORT', 'REPLACE', 'FAIL', 'IGNORE']);
const insertWords: ReadonlySet<string> = new Set(['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO', 'ONLY', 'QUICK']);

/** The table that is written to, with its alias. */
function target(cursor: Cursor): FromItem {
  const first = peek(cursor);
  accept(cursor, 'ONLY');
  const whole = peek(cursor);
  const { name: table, schema } = qualifiedName(cursor);
  accept(cursor, '*');
  let alias: Name | undefined;
  if (accept(cursor, 'AS')) alias = name(cursor);
  else if (peek(cursor).kind === 'name' || (peek(cursor).kind === 'word' && !notAlias.has(wordAt(cursor))))
    alias = nameOf(cursor, advance(cursor));
  if (accept(cursor, 'INDEXED')) {
    accept(cursor, 'BY');
    name(cursor);
  } else acceptAll(cursor, 'NOT', 'INDEXED');
  const known = { lateral: false, span: spanFrom(cursor, first), ...(alias !== undefined && { alias }) };
  if (whole.hole >= 0) return { kind: 'hole', ...known };
  return { kind: 'table', name: table, ...(schema !== undefined && { schema }), ...known };
}

function returning(cursor: Cursor): ResultColumn[] {
  if (!accept(cursor, 'RETURNING')) return [];
  if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    skipGroup(cursor);
  }
  return resultColumns(cursor);
}

export function insert(cursor: Cursor, first: Token, tables: readonly CommonTable[]): Insert {
  let upsert = advance(cursor).word === 'REPLACE';
  if (accept(cursor, 'OR')) {
    const word = acceptAny(cursor, resolutions);
    upsert ||= word === 'REPLACE' || word === 'IGNORE';
  }
  while (acceptAny(cursor, insertWords) !== undefined);
  const table = target(cursor);
  let columns: Name[] = [];
  if (wordAt(cursor) === '(' && wordAt(cursor, 1) !== 'SELECT' && wordAt(cursor, 1) !== 'WITH' && wordAt(cursor, 1) !== 'VALUES') {
    // A list that is interpolated as a whole has any number of columns.
    const only = peek(cursor, 1);
    columns = nameList(cursor);
    if (only.kind === 'hole' && columns.length === 1) markHole(cursor, only, 'fragment');
  }
  if (accept(cursor, 'OVERRIDING')) cursor.at += 2;
  let rows = 0;
  const values: Expression[][] = [];
  const conflict: Assignment[] = [];
  let query: Select | undefined;
  if (acceptAll(cursor, 'DEFAULT', 'VALUES')) rows = 1;
  else if (wordAt(cursor) === 'VALUES' || wordAt(cursor) === 'VALUE') rows = valueRows(cursor, values);
  else if (wordAt(cursor) === 'SET' && cursor.dialect !== 'postgres') {
    cursor.at++;
    assignments(cursor);
    rows = 1;
  } else if (['SELECT', 'WITH', '(', 'TABLE'].includes(wordAt(cursor))) query = cursor.grammar.select(cursor);
  else cursor.complete = false;
  if (accept(cursor, 'AS')) {
    name(cursor);
    nameList(cursor);
  }
  while (wordAt(cursor) === 'ON' && (wordAt(cursor, 1) === 'CONFLICT' || wordAt(cursor, 1) === 'DUPLICATE')) {
    upsert = true;
    conflict.push(...conflictClause(cursor));
  }
  const returned = returning(cursor);
  return {
    kind: 'insert',
    with: tables,
    table,
    columns,
    rows,
    upsert,
    returning: returned,
    span: spanFrom(cursor, first),
    ...(values.length > 0 && { values }),
    ...(query !== undefined && { query }),
    ...(conflict.length > 0 && { conflict }),
  };
}

/** Rows read in full; the parser only counts the others, since they say nothing new. */
const readRows = 3;

function valueRows(cursor: Cursor, kept: Expression[][]): number {
  cursor.at++;
  let rows = 0;
  do {
    accept(cursor, 'ROW');
    if (peek(cursor).kind === 'hole') {
      markHole(cursor, advance(cursor), 'fragment');
      rows++;
      continue;
    }
    if (wordAt(cursor) !== '(') {
      cursor.complete = false;
      break;
    }
    rows++;
    if (rows > readRows) {
      skipGroup(cursor);
      continue;
    }
    cursor.at++;
    const from = cursor.at;
    const row: Expression[] = [];
    while (!atStop(peek(cursor))) {
      row.push(cursor.grammar.expression(cursor));
      if (!accept(cursor, ',')) break;
    }
    kept.push(row);
    // `VALUES ({placeholders})` holds any number of values.
    if (row.length === 1) markBareHole(cursor, from, 'fragment');
    close(cursor);
  } while (accept(cursor, ','));
  return rows;
}

function conflictClause(cursor: Cursor): Assignment[] {
  cursor.at++;
  if (accept(cursor, 'DUPLICATE')) {
    acceptAll(cursor, 'KEY', 'UPDATE');
    return assignments(cursor);
  }
  cursor.at++;
  if (wordAt(cursor) === '(') skipGroup(cursor, 'identifier');
  if (acceptAll(cursor, 'ON', 'CONSTRAINT')) name(cursor);
  condition(cursor, 'WHERE');
  expect(cursor, 'DO');
  if (accept(cursor, 'NOTHING')) return [];
  expect(cursor, 'UPDATE');
  expect(cursor, 'SET');
  const set = assignments(cursor);
  condition(cursor, 'WHERE');
  return set;
}

function assignments(cursor: Cursor): Assignment[] {
  const set: Assignment[] = [];
  do {
    const token = peek(cursor);
    if (token.kind === 'hole' && wordAt(cursor, 1) !== '=') {
      markHole(cursor, advance(cursor), 'fragment');
      continue;
    }
    if (wordAt(cursor) === '(') {
      const columns = nameList(cursor);
      expect(cursor, '=');
      const value = cursor.grammar.expression(cursor);
      const values = value.kind === 'list' ? value.items : [];
      for (const [index, column] of columns.entries()) set.push({ column, value: values[index] ?? value });
      continue;
    }
    if (!isName(token) && token.kind !== 'string') {
      cursor.complete = false;
      return set;
    }
    const { name: column } = qualifiedName(cursor);
    while (wordAt(cursor) === '[' || (wordAt(cursor) === '.' && isName(peek(cursor, 1)))) {
      if (wordAt(cursor) === '[') skipGroup(cursor);
      else cursor.at += 2;
    }
    expect(cursor, '=');
    const value: Expression = cursor.grammar.expression(cursor);
    set.push({ column, value });
  } while (accept(cursor, ','));
  return set;
}

export function update(cursor: Cursor, first: Token, tables: readonly CommonTable[]): Update {
  cursor.at++;
  if (accept(cursor, 'OR')) acceptAny(cursor, resolutions);
  while (wordAt(cursor) === 'LOW_PRIORITY' || wordAt(cursor) === 'IGNORE') cursor.at++;
  const table = target(cursor);
  const joined: FromItem[] = [];
  // MySQL joins before SET.
  if (wordAt(cursor) !== 'SET' && (wordAt(cursor) === ',' || /JOIN|INNER|LEFT/.test(wordAt(cursor)))) {
    if (!accept(cursor, ',')) while (!atStop(peek(cursor)) && wordAt(cursor) !== 'JOIN') cursor.at++;
    accept(cursor, 'JOIN');
    joined.push(...fromClause(cursor));
    if (accept(cursor, 'ON')) cursor.grammar.expression(cursor);
    cursor.complete &&= cursor.dialect === 'mysql';
  }
  if (peek(cursor).kind === 'hole') markHole(cursor, advance(cursor), 'fragment');
  const set = expect(cursor, 'SET') ? assignments(cursor) : [];
  const from = accept(cursor, 'FROM') ? fromClause(cursor) : joined;
  const where = whereOf(cursor);
  const early = returning(cursor);
  tail(cursor);
  return {
    kind: 'update',
    with: tables,
    table,
    set,
    from,
    returning: early.length > 0 ? early : returning(cursor),
    span: spanFrom(cursor, first),
    ...(where !== undefined && { where }),
  };
}

export function remove(cursor: Cursor, first: Token, tables: readonly CommonTable[]): Delete {
  cursor.at++;
  expect(cursor, 'FROM');
  const table = target(cursor);
  const using = accept(cursor, 'USING') ? fromClause(cursor) : [];
  const where = whereOf(cursor);
  const early = returning(cursor);
  tail(cursor);
  return {
    kind: 'delete',
    with: tables,
    table,
    using,
    returning: early.length > 0 ? early : returning(cursor),
    span: spanFrom(cursor, first),
    ...(where !== undefined && { where }),
  };
}

function whereOf(cursor: Cursor): Expression | undefined {
  if (wordAt(cursor) === 'WHERE' && wordAt(cursor, 1) === 'CURRENT' && wordAt(cursor, 2) === 'OF') {
    cursor.at += 3;
    name(cursor);
    return undefined;
  }
  if (peek(cursor).kind === 'hole') markHole(cursor, advance(cursor), 'fragment');
  return condition(cursor, 'WHERE');
}
/** SQLite and MySQL: ORDER BY and LIMIT after UPDATE and DELETE. */
function tail(cursor: Cursor): void {
  orderTerms(cursor);
  if (accept(cursor, 'LIMIT')) {
    cursor.grammar.expression(cursor);
    if (accept(cursor, 'OFFSET') || accept(cursor, ',')) cursor.grammar.expression(cursor);
  }
}
