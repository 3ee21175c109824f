/** Expressions, by precedence climbing. Chains and nesting are bounded, so that trees stay shallow enough to walk. */
import type { Cursor } from './cursor.ts';
import { accept, advance, atStop, close, expect, markHole, maximumDepth, peek, skipGroup, spanFrom, unknownAt, wordAt } from './cursor.ts';
import { operand } from './parse-operand.ts';
import { comparedHole, is, patterns, quantified, quantifiers, range } from './parse-predicate.ts';
import { typeName } from './parse-type.ts';
import type { Expression } from './statement.ts';
import type { Token } from './tokens.ts';

const OR = 1;
const AND = 2;
const NOT = 3;
const IS = 4;
const COMPARISON = 5;
const RANGE = 6;
const OTHER = 7;
const SUM = 8;
const PRODUCT = 9;
const POWER = 10;
const TIGHT = 11;
const ZONE = 12;
const COLLATE = 13;
const SIGN = 14;
const POSTFIX = 15;

const precedences = new Map<string, number>([
  ['OR', OR],
  ['AND', AND],
  ...['IS', 'ISNULL', 'NOTNULL'].map((word) => [word, IS] as const),
  ...['=', '==', '<', '>', '<=', '>=', '<>', '!=', '<=>', '^='].map((word) => [word, COMPARISON] as const),
  ...['BETWEEN', 'IN', 'LIKE', 'ILIKE', 'SIMILAR', 'GLOB', 'REGEXP', 'RLIKE', 'MATCH', 'NOT', 'OVERLAPS'].map(
    (word) => [word, RANGE] as const,
  ),
  ...['+', '-'].map((word) => [word, SUM] as const),
  ...['*', '/', '%', 'DIV', 'MOD'].map((word) => [word, PRODUCT] as const),
  ['^', POWER],
  ['AT', ZONE],
  ['COLLATE', COLLATE],
  ['[', POSTFIX],
  ['::', POSTFIX],
  ['.', POSTFIX],
]);
/** Longer chains of one operator are kept as a flat list of parts. */
const maximumChain = 500;

function precedenceOf(cursor: Cursor, token: Token): number {
  const { word } = token;
  if (word === '') return 0;
  const known = precedences.get(word);
  if (known !== undefined) {
    if (word === 'NOT') return followsNot(cursor) ? RANGE : 0;
    if (word === 'AT') return wordAt(cursor, 1) === 'TIME' || wordAt(cursor, 1) === 'LOCAL' ? ZONE : 0;
    if (word === '.') return wordAt(cursor, 1) === '*' || peek(cursor, 1).kind === 'word' || peek(cursor, 1).kind === 'name' ? POSTFIX : 0;
    if ((word === 'DIV' || word === 'MOD') && cursor.dialect !== 'mysql') return 0;
    if (word === 'MATCH' && cursor.dialect === 'mysql') return 0;
    return known;
  }
  if (word === 'OPERATOR') return wordAt(cursor, 1) === '(' ? OTHER : 0;
  if (token.kind !== 'operator' || /^[(),;\]{}:$\\]$/.test(word) || word === ':=' || word === '=>') return 0;
  // SQLite binds || and -> tighter than arithmetic, PostgreSQL looser.
  return cursor.dialect === 'sqlite' && (word === '||' || word === '->' || word === '->>') ? TIGHT : OTHER;
}
function followsNot(cursor: Cursor): boolean {
  const next = wordAt(cursor, 1);
  return next === 'BETWEEN' || next === 'IN' || next === 'NULL' || patterns.has(next);
}

/** An expression whose operators bind at least as tightly as `least`. */
export function expression(cursor: Cursor, least = 0): Expression {
  const first = peek(cursor);
  if (cursor.depth >= maximumDepth) {
    cursor.complete = false;
    if (wordAt(cursor) === '(') skipGroup(cursor);
    else if (!atStop(first)) advance(cursor);
    return { ...unknownAt(first), span: spanFrom(cursor, first) };
  }
  cursor.depth++;
  const result = climb(cursor, least, first);
  cursor.depth--;
  return result;
}

function climb(cursor: Cursor, least: number, first: Token): Expression {
  let left = prefix(cursor, first);
  for (let chain = 0; ; chain++) {
    const token = peek(cursor);
    const precedence = precedenceOf(cursor, token);
    if (precedence === 0 || precedence < least) return left;
    if (chain > maximumChain) {
      cursor.complete = false;
      left = { kind: 'unknown', parts: [], span: left.span };
      chain = 0;
    }
    const before = cursor.at;
    if (precedence <= AND) left = logical(cursor, left, first, token.word as 'AND' | 'OR', precedence);
    else if (precedence === IS) left = is(cursor, left, first);
    else if (precedence === RANGE) left = range(cursor, left, first);
    else if (precedence === ZONE) left = zone(cursor, left, first);
    else if (precedence === COLLATE) left = collate(cursor, left, first);
    else if (precedence === POSTFIX) left = postfix(cursor, left, first);
    else left = binary(cursor, left, first, precedence);
    if (cursor.at === before) return left;
    if (first.kind === 'hole' && chain === 0 && (precedence === COMPARISON || precedence === RANGE)) comparedHole(cursor, first, left);
  }
}

const signs: ReadonlySet<string> = new Set(['-', '+', '~', '@', '!!', '|/', '||/', '#', '@@', '!']);

function prefix(cursor: Cursor, first: Token): Expression {
  if (first.word === 'NOT') {
    cursor.at++;
    const inner = expression(cursor, NOT);
    if (inner.kind === 'in' || inner.kind === 'between') return { ...inner, not: !inner.not, span: spanFrom(cursor, first) };
    return { kind: 'unary', operator: 'NOT', operand: inner, span: spanFrom(cursor, first) };
  }
  if (first.kind === 'operator' && signs.has(first.word)) {
    cursor.at++;
    const inner = expression(cursor, first.word === '-' || first.word === '+' ? SIGN : OTHER + 1);
    if (inner.kind === 'literal' && inner.type === 'number' && (first.word === '-' || first.word === '+'))
      return { ...inner, value: first.word === '-' ? `-${inner.value}` : inner.value, span: spanFrom(cursor, first) };
    return { kind: 'unary', operator: first.word, operand: inner, span: spanFrom(cursor, first) };
  }
  return operand(cursor);
}

/** A chain of AND or of OR, as a balanced tree: both are associative, and ten thousand of them stay shallow. */
function logical(cursor: Cursor, left: Expression, first: Token, operator: 'AND' | 'OR', precedence: number): Expression {
  const operands = [left];
  while (accept(cursor, operator)) {
    const at = cursor.at;
    operands.push(expression(cursor, precedence + 1));
    const token = cursor.tokens[at];
    if (token?.kind === 'hole' && cursor.at === at + 1) markHole(cursor, token, 'fragment');
  }
  const start = first.hostStart;
  const build = (from: number, to: number): Expression => {
    const only = operands[from];
    if (to - from <= 1) return only ?? unknownAt(first);
    // Short chains lean left, as they are written.
    const middle = to - from <= 8 ? to - 1 : (from + to) >> 1;
    const before = build(from, middle);
    const after = build(middle, to);
    return {
      kind: 'binary',
      operator,
      left: before,
      right: after,
      span: { start: from === 0 ? start : before.span.start, end: after.span.end },
    };
  };
  const tree = build(0, operands.length);
  return { ...tree, span: spanFrom(cursor, first) };
}

function binary(cursor: Cursor, left: Expression, first: Token, precedence: number): Expression {
  let operator = advance(cursor).word;
  if (operator === 'OPERATOR') {
    cursor.at++;
    const from = cursor.at;
    while (!atStop(peek(cursor))) advance(cursor);
    operator = cursor.tokens[cursor.at - 1]?.word ?? cursor.tokens[from]?.word ?? '';
    close(cursor);
  }
  if (operator === '==' || operator === '!=') operator = operator === '==' ? '=' : '<>';
  if (quantifiers.has(wordAt(cursor)) && wordAt(cursor, 1) === '(') return quantified(cursor, left, first, operator);
  const right = expression(cursor, precedence + 1);
  return { kind: 'binary', operator, left, right, span: spanFrom(cursor, first) };
}

function zone(cursor: Cursor, left: Expression, first: Token): Expression {
  cursor.at++;
  const call = { kind: 'call', name: 'timezone', star: false, distinct: false, window: false } as const;
  if (accept(cursor, 'LOCAL')) return { ...call, arguments: [left], span: spanFrom(cursor, first) };
  cursor.at++;
  expect(cursor, 'ZONE');
  const place = expression(cursor, COLLATE);
  return { ...call, arguments: [place, left], span: spanFrom(cursor, first) };
}

function collate(cursor: Cursor, left: Expression, first: Token): Expression {
  cursor.at++;
  let collation = '';
  do {
    const token = advance(cursor);
    const text = cursor.text.slice(token.start, token.end);
    collation = token.kind === 'word' ? text.toLowerCase() : text.replace(/^["'`[]|["'`\]]$/g, '');
  } while (accept(cursor, '.'));
  return { kind: 'collate', operand: left, collation, span: spanFrom(cursor, first) };
}

function postfix(cursor: Cursor, left: Expression, first: Token): Expression {
  if (accept(cursor, '::')) {
    const type = typeName(cursor);
    return { kind: 'cast', operand: left, type, span: spanFrom(cursor, first) };
  }
  if (accept(cursor, '.')) {
    advance(cursor);
    return { kind: 'unary', operator: '.', operand: left, span: spanFrom(cursor, first) };
  }
  cursor.at++;
  const start = peek(cursor);
  const bounds: Expression[] = [];
  while (!atStop(peek(cursor))) {
    if (accept(cursor, ':')) continue;
    const before = cursor.at;
    bounds.push(expression(cursor));
    if (cursor.at === before) break;
  }
  expect(cursor, ']');
  const right: Expression =
    bounds.length === 1 && bounds[0] !== undefined ? bounds[0] : { kind: 'list', items: bounds, span: spanFrom(cursor, start) };
  return { kind: 'binary', operator: '[]', left, right, span: spanFrom(cursor, first) };
}
