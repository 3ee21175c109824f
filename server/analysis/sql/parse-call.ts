/** Function calls with everything PostgreSQL, SQLite and MySQL write inside and after the brackets. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAll,
  acceptAny,
  advance,
  atStop,
  close,
  expect,
  markHole,
  peek,
  raw,
  skipGroup,
  spanFrom,
  spanOf,
  wordAt,
} from './cursor.ts';
import { typeName, typeUntil } from './parse-type.ts';
import type { Expression, FunctionCall } from './statement.ts';
import type { Token } from './tokens.ts';

const none: ReadonlySet<string> = new Set(['FORMAT']);
/** Separate the operands of the standard's own call forms. */
const separators: ReadonlySet<string> = new Set(['FROM', 'FOR', 'PLACING', 'IN', 'USING', 'SIMILAR', 'ESCAPE', 'SEPARATOR']);
const trims: ReadonlySet<string> = new Set(['BOTH', 'LEADING', 'TRAILING']);
const fields: ReadonlySet<string> = new Set(['EXTRACT']);
const abort: ReadonlySet<string> = new Set(['ABORT', 'FAIL', 'ROLLBACK', 'IGNORE']);
/** Binds tighter than IN, so that `position(a IN b)` is two operands. */
const aboveIn = 7;

/** The cursor is at the function's name, the next token is its bracket; `first` begins the whole expression. */
export function call(cursor: Cursor, first: Token): Expression {
  const token = advance(cursor);
  if (token.hole >= 0) markHole(cursor, token, 'identifier');
  const { word } = token;
  if (word === 'CAST' || word === 'TRY_CAST' || word === 'SAFE_CAST') return cast(cursor, first);
  if (word === 'EXISTS' && ['SELECT', 'WITH', 'VALUES', '('].includes(wordAt(cursor, 1))) {
    cursor.at++;
    const query = cursor.grammar.select(cursor);
    close(cursor);
    return { kind: 'exists', query, span: spanFrom(cursor, first) };
  }
  const name = word === '' ? raw(cursor, token).replace(/^["`[]|["`\]]$/g, '') : raw(cursor, token).toLowerCase();
  cursor.at++;
  let star = false;
  let distinct = false;
  const inside: Expression[] = [];
  if (accept(cursor, '*')) star = true;
  else {
    distinct = accept(cursor, 'DISTINCT');
    if (!distinct) accept(cursor, 'ALL');
    if (word === 'TRIM') acceptAny(cursor, trims);
    if (word.startsWith('JSON')) jsonClauses(cursor);
    operands(cursor, word, inside);
  }
  close(cursor);
  return after(cursor, first, { name, star, distinct, inside });
}

function operands(cursor: Cursor, word: string, into: Expression[]): void {
  const { expression } = cursor.grammar;
  if (fields.has(word) && wordAt(cursor, 1) === 'FROM') {
    const field = advance(cursor);
    into.push({ kind: 'literal', type: 'keyword', value: field.word === '' ? raw(cursor, field) : field.word, span: spanOf(field) });
  } else if (word === 'XMLELEMENT' && accept(cursor, 'NAME')) advance(cursor);
  else if (word === 'RAISE' && abort.has(wordAt(cursor))) advance(cursor);
  while (!atStop(peek(cursor)) || wordAt(cursor) === ',') {
    const before = cursor.at;
    if (accept(cursor, ',') || acceptAny(cursor, separators) !== undefined) {
      if (atStop(peek(cursor))) cursor.complete = false;
      continue;
    }
    if (acceptAll(cursor, 'ORDER', 'BY')) {
      orderInside(cursor);
      continue;
    }
    if (wordAt(cursor) === 'NULL' && wordAt(cursor, 1) === 'ON') {
      cursor.at += 3;
      continue;
    }
    accept(cursor, 'VARIADIC');
    if ((wordAt(cursor, 1) === '=>' || wordAt(cursor, 1) === ':=') && peek(cursor).word !== '') cursor.at += 2;
    if (wordAt(cursor) === 'SELECT' || wordAt(cursor) === 'WITH') {
      const query = cursor.grammar.select(cursor);
      into.push({ kind: 'subquery', query, span: query.span });
      continue;
    }
    into.push(expression(cursor, word === 'POSITION' ? aboveIn : 0));
    // JSON_OBJECT('a': 1, 'b' VALUE 2)
    if (accept(cursor, ':') || (word.startsWith('JSON_') && accept(cursor, 'VALUE'))) continue;
    if (word.startsWith('JSON')) jsonClauses(cursor);
    if (accept(cursor, 'AS')) typeUntil(cursor, none);
    if (cursor.at === before) return;
    if (!atStop(peek(cursor)) && !separators.has(wordAt(cursor)) && wordAt(cursor) !== 'ORDER' && wordAt(cursor) !== 'NULL') return;
  }
}

const jsonWords: ReadonlySet<string> = new Set([
  'RETURNING',
  'ABSENT',
  'WITH',
  'WITHOUT',
  'PASSING',
  'KEEP',
  'OMIT',
  'ERROR',
  'DEFAULT',
  'EMPTY',
  'TRUE',
  'FALSE',
  'UNKNOWN',
  'COLUMNS',
]);

/** How the SQL/JSON functions shape their result; it says nothing about columns. */
function jsonClauses(cursor: Cursor): void {
  if (acceptAll(cursor, 'FORMAT', 'JSON') && accept(cursor, 'ENCODING')) advance(cursor);
  if (!jsonWords.has(wordAt(cursor)) && !(wordAt(cursor) === 'NULL' && wordAt(cursor, 1) === 'ON')) return;
  while (!atStop(peek(cursor)) || wordAt(cursor) === ',') {
    if (wordAt(cursor) === '(') skipGroup(cursor);
    else advance(cursor);
  }
}

/** `string_agg(x, ',' ORDER BY y DESC)`: the order changes nothing for planning a scan, but its columns count as read. */
function orderInside(cursor: Cursor): void {
  do {
    cursor.grammar.expression(cursor);
    direction(cursor);
  } while (accept(cursor, ','));
}
function direction(cursor: Cursor): void {
  if (accept(cursor, 'USING')) advance(cursor);
  acceptAny(cursor, directions);
  if (accept(cursor, 'NULLS')) advance(cursor);
}
const directions: ReadonlySet<string> = new Set(['ASC', 'DESC']);

function after(
  cursor: Cursor,
  first: Token,
  { name, star, distinct, inside }: { name: string; star: boolean; distinct: boolean; inside: Expression[] },
): FunctionCall {
  let filter: Expression | undefined;
  let window = false;
  if (wordAt(cursor) === 'WITHIN' && wordAt(cursor, 1) === 'GROUP') {
    cursor.at += 2;
    expect(cursor, '(');
    if (acceptAll(cursor, 'ORDER', 'BY')) {
      do {
        inside.push(cursor.grammar.expression(cursor));
        direction(cursor);
      } while (accept(cursor, ','));
    }
    close(cursor);
  }
  if (wordAt(cursor) === 'FILTER' && wordAt(cursor, 1) === '(') {
    cursor.at += 2;
    expect(cursor, 'WHERE');
    filter = cursor.grammar.expression(cursor);
    close(cursor);
  }
  if ((wordAt(cursor) === 'IGNORE' || wordAt(cursor) === 'RESPECT') && wordAt(cursor, 1) === 'NULLS') cursor.at += 2;
  if (wordAt(cursor) === 'OVER' && (wordAt(cursor, 1) === '(' || peek(cursor, 1).kind === 'word' || peek(cursor, 1).kind === 'name')) {
    cursor.at++;
    window = true;
    if (wordAt(cursor) === '(') windowOf(cursor, inside);
    else advance(cursor);
  }
  return {
    kind: 'call',
    name,
    arguments: inside,
    star,
    distinct,
    window,
    span: spanFrom(cursor, first),
    ...(filter !== undefined && { filter }),
  };
}

/** `(base PARTITION BY a ORDER BY b ROWS …)`; the expressions join the call's own, since they are read as well. */
export function windowOf(cursor: Cursor, into: Expression[]): void {
  cursor.at++;
  const isBase = wordAt(cursor) !== 'PARTITION' && wordAt(cursor) !== 'ORDER' && !frames.has(wordAt(cursor)) && wordAt(cursor) !== ')';
  if (isBase) advance(cursor);
  if (acceptAll(cursor, 'PARTITION', 'BY')) {
    do into.push(cursor.grammar.expression(cursor));
    while (accept(cursor, ','));
  }
  if (acceptAll(cursor, 'ORDER', 'BY')) {
    do {
      into.push(cursor.grammar.expression(cursor));
      direction(cursor);
    } while (accept(cursor, ','));
  }
  if (frames.has(wordAt(cursor))) {
    while (!atStop(peek(cursor))) {
      if (wordAt(cursor) === '(') skipGroup(cursor);
      else advance(cursor);
    }
  }
  close(cursor);
}
const frames: ReadonlySet<string> = new Set(['ROWS', 'RANGE', 'GROUPS']);

function cast(cursor: Cursor, first: Token): Expression {
  cursor.at++;
  const operand = cursor.grammar.expression(cursor);
  const type = expect(cursor, 'AS') ? (cursor.dialect === 'postgres' ? typeName(cursor) : typeUntil(cursor, none)) : '';
  close(cursor);
  return { kind: 'cast', operand, type, span: spanFrom(cursor, first) };
}
