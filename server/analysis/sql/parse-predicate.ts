/** IS, BETWEEN, IN, LIKE and comparisons with ANY and ALL. */
import type { Cursor } from './cursor.ts';
import { accept, acceptAll, acceptAny, advance, atStop, close, expect, markHole, peek, spanFrom, wordAt } from './cursor.ts';
import type { Expression } from './statement.ts';
import type { Token } from './tokens.ts';

/** Precedences of `parse-expression.ts` that operands of these bind at. */
const aboveIs = 5;
const aboveRange = 7;
export const patterns: ReadonlySet<string> = new Set(['LIKE', 'ILIKE', 'SIMILAR', 'GLOB', 'REGEXP', 'RLIKE', 'MATCH']);
export const quantifiers: ReadonlySet<string> = new Set(['ANY', 'ALL', 'SOME']);

export function is(cursor: Cursor, left: Expression, first: Token): Expression {
  const nullLiteral = (token: Token): Expression => ({
    kind: 'literal',
    type: 'null',
    value: 'NULL',
    span: { start: token.hostStart, end: token.hostEnd },
  });
  const word = advance(cursor);
  if (word.word === 'ISNULL' || word.word === 'NOTNULL') {
    const operator = word.word === 'ISNULL' ? 'IS' : 'IS NOT';
    return { kind: 'binary', operator, left, right: nullLiteral(word), span: spanFrom(cursor, first) };
  }
  const not = accept(cursor, 'NOT');
  let operator = not ? 'IS NOT' : 'IS';
  if (acceptAll(cursor, 'DISTINCT', 'FROM')) operator += ' DISTINCT FROM';
  else if (wordAt(cursor) === 'JSON' || wordAt(cursor) === 'DOCUMENT' || wordAt(cursor) === 'NORMALIZED' || wordAt(cursor) === 'UNKNOWN') {
    operator += ` ${advance(cursor).word}`;
    acceptAny(cursor, jsonKinds);
    if ((wordAt(cursor) === 'WITH' || wordAt(cursor) === 'WITHOUT') && wordAt(cursor, 1) === 'UNIQUE') {
      cursor.at += 2;
      accept(cursor, 'KEYS');
    }
    return { kind: 'unary', operator, operand: left, span: spanFrom(cursor, first) };
  }
  const right = cursor.grammar.expression(cursor, aboveIs);
  return { kind: 'binary', operator, left, right, span: spanFrom(cursor, first) };
}
const jsonKinds: ReadonlySet<string> = new Set(['OBJECT', 'ARRAY', 'SCALAR', 'VALUE']);

export function range(cursor: Cursor, left: Expression, first: Token): Expression {
  const not = accept(cursor, 'NOT');
  const word = advance(cursor).word;
  if (word === 'NULL') {
    const token = cursor.tokens[cursor.at - 1] ?? first;
    const right: Expression = { kind: 'literal', type: 'null', value: 'NULL', span: { start: token.hostStart, end: token.hostEnd } };
    return { kind: 'binary', operator: 'IS NOT', left, right, span: spanFrom(cursor, first) };
  }
  if (word === 'BETWEEN') {
    acceptAny(cursor, symmetric);
    const low = cursor.grammar.expression(cursor, aboveRange);
    expect(cursor, 'AND');
    const high = cursor.grammar.expression(cursor, aboveRange);
    return { kind: 'between', not, operand: left, low, high, span: spanFrom(cursor, first) };
  }
  if (word === 'IN') return inList(cursor, left, first, not);
  let operator = word === 'SIMILAR' && accept(cursor, 'TO') ? 'SIMILAR TO' : word;
  if (not) operator = `NOT ${operator}`;
  if (quantifiers.has(wordAt(cursor)) && wordAt(cursor, 1) === '(') return quantified(cursor, left, first, operator);
  const right = cursor.grammar.expression(cursor, aboveRange);
  if (accept(cursor, 'ESCAPE')) cursor.grammar.expression(cursor, aboveRange);
  return { kind: 'binary', operator, left, right, span: spanFrom(cursor, first) };
}
const symmetric: ReadonlySet<string> = new Set(['SYMMETRIC', 'ASYMMETRIC']);

function inList(cursor: Cursor, left: Expression, first: Token, not: boolean): Expression {
  if (wordAt(cursor) !== '(') {
    // `IN table` and `IN function()` on SQLite; `IN ?` of a driver that expands lists.
    const at = cursor.at;
    const right = cursor.grammar.expression(cursor, aboveRange);
    const token = cursor.tokens[at];
    if (token?.kind === 'hole') markHole(cursor, token, 'fragment');
    return { kind: 'in', not, operand: left, list: [right], span: spanFrom(cursor, first) };
  }
  const next = wordAt(cursor, 1);
  if (next === 'SELECT' || next === 'WITH' || (next === 'VALUES' && wordAt(cursor, 2) === '(')) {
    cursor.at++;
    const query = cursor.grammar.select(cursor);
    close(cursor);
    return { kind: 'in', not, operand: left, query, span: spanFrom(cursor, first) };
  }
  cursor.at++;
  const items: Expression[] = [];
  while (!atStop(peek(cursor))) {
    items.push(cursor.grammar.expression(cursor));
    if (!accept(cursor, ',')) break;
    if (atStop(peek(cursor))) cursor.complete = false;
  }
  close(cursor);
  const only = items[0];
  if (items.length === 1 && only?.kind === 'subquery')
    return { kind: 'in', not, operand: left, query: only.query, span: spanFrom(cursor, first) };
  return { kind: 'in', not, operand: left, list: items, span: spanFrom(cursor, first) };
}

export function quantified(cursor: Cursor, left: Expression, first: Token, operator: string): Expression {
  const quantifier = advance(cursor).word === 'ALL' ? 'ALL' : 'ANY';
  cursor.at++;
  let right: Expression;
  const inside = peek(cursor);
  if (inside.word === 'SELECT' || inside.word === 'WITH' || inside.word === 'VALUES') {
    const query = cursor.grammar.select(cursor);
    right = { kind: 'subquery', query, span: query.span };
  } else right = cursor.grammar.expression(cursor);
  close(cursor);
  return { kind: 'binary', operator, left, right, quantifier, span: spanFrom(cursor, first) };
}

/** `{column} = ?`: an interpolation that is compared with values only must be the column. */
export function comparedHole(cursor: Cursor, first: Token, compared: Expression): void {
  const isValue = (expression: Expression): boolean => expression.kind === 'literal' || expression.kind === 'parameter';
  const others =
    compared.kind === 'binary'
      ? [compared.right]
      : compared.kind === 'between'
        ? [compared.low, compared.high]
        : compared.kind === 'in'
          ? (compared.list ?? [])
          : undefined;
  const left =
    compared.kind === 'binary' ? compared.left : compared.kind === 'between' || compared.kind === 'in' ? compared.operand : undefined;
  if (left?.kind === 'parameter' && others?.every(isValue) === true) markHole(cursor, first, 'identifier');
}
