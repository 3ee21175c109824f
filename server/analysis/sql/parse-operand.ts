/** What stands between operators: literals, parameters, columns, CASE, bracketed lists and subqueries. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  advance,
  atStop,
  close,
  expect,
  isName,
  markHole,
  nameOf,
  peek,
  raw,
  skipGroup,
  spanFrom,
  spanOf,
  stringValue,
  unknownAt,
  wordAt,
} from './cursor.ts';
import { literalTypes, notOperand, valueWords } from './keywords.ts';
import { call } from './parse-call.ts';
import { typeName, typeText } from './parse-type.ts';
import type { Expression, Literal, Name } from './statement.ts';
import type { Token } from './tokens.ts';

export function operand(cursor: Cursor): Expression {
  const token = peek(cursor);
  switch (token.kind) {
    case 'number':
      cursor.at++;
      return { kind: 'literal', type: 'number', value: raw(cursor, token), span: spanOf(token) };
    case 'string':
      return string(cursor, token);
    case 'blob':
      advance(cursor);
      return { kind: 'literal', type: 'blob', value: stringValue(cursor, token), span: spanOf(token) };
    case 'parameter':
      cursor.at++;
      return { kind: 'parameter', text: raw(cursor, token), hole: false, span: spanOf(token) };
    case 'hole':
      if (wordAt(cursor, 1) === '.' || wordAt(cursor, 1) === '(') return named(cursor, token);
      cursor.at++;
      markHole(cursor, token, 'value');
      return { kind: 'parameter', text: raw(cursor, token), hole: true, span: spanOf(token) };
    case 'name':
      return named(cursor, token);
    case 'word':
      return bare(cursor, token);
    case 'operator':
      if (token.word === '(') return bracketed(cursor, token);
      break;
    case 'end':
  }
  return nothing(cursor, token);
}

function nothing(cursor: Cursor, token: Token): Expression {
  cursor.complete = false;
  // A sign nobody expects is passed, so that the parser moves on; a word may begin the next clause and stays.
  if (token.kind === 'operator' && !atStop(token)) cursor.at++;
  return unknownAt(token);
}

function string(cursor: Cursor, token: Token): Literal {
  let value = '';
  // Strings that follow each other are one (on PostgreSQL only across a line break, which the engine will tell).
  for (let next = token; next.kind === 'string' && (next === token || cursor.dialect !== 'sqlite'); next = peek(cursor)) {
    value += stringValue(cursor, next);
    markHole(cursor, next, 'value');
    advance(cursor);
  }
  return { kind: 'literal', type: 'string', value, span: spanFrom(cursor, token) };
}

function bare(cursor: Cursor, token: Token): Expression {
  const { word } = token;
  const next = peek(cursor, 1);
  if (next.word === '(') {
    if (word === 'CASE' || word === 'NOT') return word === 'CASE' ? caseOf(cursor, token) : nothing(cursor, token);
    if (word === 'VALUES' && cursor.dialect !== 'mysql' && cursor.dialect !== 'unknown') return nothing(cursor, token);
    if (word === 'INTERVAL' && (peek(cursor, 2).kind !== 'number' || peek(cursor, 4).kind !== 'string')) return call(cursor, token);
    if (word === 'INTERVAL') return interval(cursor, token);
    if (word === 'ARRAY') return array(cursor, token);
    if (word === 'ROW') {
      cursor.at++;
      return bracketed(cursor, token, true);
    }
    if (neverCalled.has(word)) return nothing(cursor, token);
    return call(cursor, token);
  }
  if (next.word === '.') return named(cursor, token);
  switch (word) {
    case 'NULL':
      return literal(cursor, token, 'null', 'NULL');
    case 'TRUE':
    case 'FALSE':
      return literal(cursor, token, 'boolean', word);
    case 'CASE':
      return caseOf(cursor, token);
    case 'ARRAY':
      return array(cursor, token);
    case 'INTERVAL':
      return interval(cursor, token);
  }
  if (valueWords.has(word)) return literal(cursor, token, 'keyword', word);
  if (next.kind === 'string' && literalTypes.has(word) && cursor.dialect !== 'sqlite') {
    cursor.at++;
    const inner = string(cursor, next);
    return { kind: 'cast', operand: inner, type: word.toLowerCase(), span: spanFrom(cursor, token) };
  }
  if ((word === 'TIMESTAMP' || word === 'TIME') && (next.word === 'WITH' || next.word === 'WITHOUT') && peek(cursor, 4).kind === 'string') {
    const type = typeName(cursor);
    const inner = string(cursor, peek(cursor));
    return { kind: 'cast', operand: inner, type, span: spanFrom(cursor, token) };
  }
  if (notOperand.has(word)) return nothing(cursor, token);
  return named(cursor, token);
}
const neverCalled: ReadonlySet<string> = new Set([
  'FROM',
  'WHERE',
  'AND',
  'OR',
  'IN',
  'ON',
  'USING',
  'JOIN',
  'SELECT',
  'GROUP',
  'ORDER',
  'HAVING',
  'LIMIT',
  'UNION',
  'WHEN',
  'THEN',
  'ELSE',
  'AS',
  'BETWEEN',
  'RETURNING',
]);

function literal(cursor: Cursor, token: Token, type: Literal['type'], value: string): Literal {
  cursor.at++;
  return { kind: 'literal', type, value, span: spanOf(token) };
}

/** `INTERVAL '1 day'`, `INTERVAL '1' DAY`, MySQL's `INTERVAL 1 DAY`. */
function interval(cursor: Cursor, token: Token): Expression {
  const next = peek(cursor, 1);
  if (next.kind !== 'string' && next.kind !== 'number' && next.kind !== 'parameter' && next.word !== '(' && next.kind !== 'hole')
    return named(cursor, token);
  cursor.at++;
  if (next.word === '(') skipGroup(cursor);
  const inner =
    next.kind === 'string' ? string(cursor, peek(cursor)) : peek(cursor).kind === 'string' ? string(cursor, peek(cursor)) : operand(cursor);
  const from = cursor.at;
  while (units.test(wordAt(cursor))) cursor.at++;
  if (cursor.at > from && wordAt(cursor) === '(') skipGroup(cursor);
  const fields = typeText(cursor, from, cursor.at);
  return { kind: 'cast', operand: inner, type: fields === '' ? 'interval' : `interval ${fields}`, span: spanFrom(cursor, token) };
}
const units =
  /^(?:MICROSECOND|SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR|TO|[A-Z]+_[A-Z]*SECOND|DAY_HOUR|YEAR_MONTH|DAY_MINUTE|HOUR_MINUTE)$/;

function caseOf(cursor: Cursor, token: Token): Expression {
  cursor.at++;
  const { expression } = cursor.grammar;
  const parts: Expression[] = [];
  if (wordAt(cursor) !== 'WHEN') parts.push(expression(cursor));
  while (accept(cursor, 'WHEN')) {
    parts.push(expression(cursor));
    expect(cursor, 'THEN');
    parts.push(expression(cursor));
  }
  if (accept(cursor, 'ELSE')) parts.push(expression(cursor));
  expect(cursor, 'END');
  return { kind: 'case', parts, span: spanFrom(cursor, token) };
}

function array(cursor: Cursor, token: Token): Expression {
  cursor.at++;
  if (wordAt(cursor) === '(') {
    cursor.at++;
    const query = cursor.grammar.select(cursor);
    close(cursor);
    return { kind: 'subquery', query, span: spanFrom(cursor, token) };
  }
  if (wordAt(cursor) !== '[') {
    cursor.at--;
    return named(cursor, token);
  }
  return elements(cursor, token);
}
function elements(cursor: Cursor, token: Token): Expression {
  const { expression } = cursor.grammar;
  cursor.at++;
  const items: Expression[] = [];
  while (!atStop(peek(cursor))) {
    items.push(wordAt(cursor) === '[' ? nested(cursor) : expression(cursor));
    if (!accept(cursor, ',')) break;
  }
  expect(cursor, ']');
  return { kind: 'list', items, span: spanFrom(cursor, token) };
}
/** The inner brackets of `ARRAY[[1, 2], [3, 4]]` are never deep in honest text. */
function nested(cursor: Cursor): Expression {
  const first = peek(cursor);
  skipGroup(cursor);
  return { kind: 'list', items: [], span: spanFrom(cursor, first) };
}

function bracketed(cursor: Cursor, first: Token, row = false): Expression {
  const { expression, select } = cursor.grammar;
  cursor.at++;
  const next = wordAt(cursor);
  if (next === 'SELECT' || next === 'WITH' || (next === 'VALUES' && wordAt(cursor, 1) === '(')) {
    const query = select(cursor);
    close(cursor);
    return { kind: 'subquery', query, span: spanFrom(cursor, first) };
  }
  const items: Expression[] = [];
  while (!atStop(peek(cursor))) {
    const start = peek(cursor);
    items.push(expression(cursor));
    const word = wordAt(cursor);
    if (items.length === 1 && items[0]?.kind === 'subquery' && continuesQuery.has(word)) {
      const query = cursor.grammar.compound(cursor, start, items[0].query);
      close(cursor);
      return { kind: 'subquery', query, span: spanFrom(cursor, first) };
    }
    if (!accept(cursor, ',')) break;
    if (atStop(peek(cursor))) cursor.complete = false;
  }
  close(cursor);
  const only = items[0];
  if (items.length === 1 && only !== undefined && !row) return only;
  return { kind: 'list', items, span: spanFrom(cursor, first) };
}
const continuesQuery: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH']);

/** A column, `t.column`, `schema.t.column`, `t.*`, or a call with its schema. */
export function named(cursor: Cursor, first: Token): Expression {
  const names: Name[] = [nameOf(cursor, advance(cursor))];
  while (wordAt(cursor) === '.') {
    const next = peek(cursor, 1);
    if (next.word === '*') {
      cursor.at += 2;
      return { kind: 'unknown', parts: [], span: spanFrom(cursor, first) };
    }
    if (!isName(next)) {
      cursor.at++;
      cursor.complete = false;
      break;
    }
    cursor.at++;
    if (peek(cursor, 1).word === '(') {
      if (names[0]?.text === 'sqlc') return macro(cursor, first);
      return call(cursor, first);
    }
    names.push(nameOf(cursor, advance(cursor)));
  }
  const last = names[names.length - 1] as Name;
  if (wordAt(cursor) === '(' && names.length === 1) {
    cursor.at--;
    return call(cursor, first);
  }
  const table = names[names.length - 2];
  return { kind: 'column', name: last, span: spanFrom(cursor, first), ...(table !== undefined && { table }) };
}

/** sqlc's `sqlc.arg(name)`, `sqlc.narg('name')`, `sqlc.slice(name)` are parameters; `sqlc.embed(t)` is `t.*`. */
function macro(cursor: Cursor, first: Token): Expression {
  const word = advance(cursor).word;
  const inside = peek(cursor, 1);
  skipGroup(cursor);
  const end = cursor.tokens[cursor.at - 1]?.end ?? first.end;
  const text = raw(cursor, inside).replace(/^['"]|['"]$/g, '');
  cursor.macros.push({ start: first.start, end, text, kind: word === 'EMBED' ? 'embed' : 'parameter' });
  const span = spanFrom(cursor, first);
  return word === 'EMBED' ? { kind: 'unknown', parts: [], span } : { kind: 'parameter', text: `:${text}`, hole: false, span };
}
