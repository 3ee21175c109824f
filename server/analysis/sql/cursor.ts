/** Where the parser stands in the tokens, and the small steps every production is made of. */
import type { Span } from '../span.ts';
import type { Dialect, Expression, Name, QualifiedName, Select, Statement } from './statement.ts';
import type { TextRange, Token } from './tokens.ts';

export type HolePosition = 'value' | 'identifier' | 'fragment';

/** A token range that is a parameter although no single token says so: `sqlc.arg(id)`. */
export interface Macro extends TextRange {
  readonly text: string;
  readonly kind: 'parameter' | 'embed';
}
export interface Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly dialect: Dialect;
  /** Index of the token that comes next. */
  at: number;
  /** How many productions are open; bounded, so that no input can exhaust the stack. */
  depth: number;
  /** False once something of the current statement was skipped or not understood. */
  complete: boolean;
  /** By hole; what the parser saw it stand for. */
  readonly holes: (HolePosition | undefined)[];
  readonly macros: Macro[];
  /** Productions of other files, handed over here so that files need not import one another in a circle. */
  readonly grammar: Grammar;
}
export interface Grammar {
  /** An expression whose operators bind at least as tightly as `least` (0: any). */
  expression(cursor: Cursor, least?: number): Expression;
  select(cursor: Cursor): Select;
  /** Goes on with a query whose first arm, from `first` on, was already read. */
  compound(cursor: Cursor, first: Token, lead: Select): Select;
  statement(cursor: Cursor): Statement;
}

/** Nesting that people and generators write stays far below; the stack holds ten times as much. */
export const maximumDepth = 200;

const beyond: Token = { kind: 'end', word: '', start: 0, end: 0, hostStart: 0, hostEnd: 0, hole: -1, broken: false };

export const peek = (cursor: Cursor, ahead = 0): Token => cursor.tokens[cursor.at + ahead] ?? beyond;
export const wordAt = (cursor: Cursor, ahead = 0): string => cursor.tokens[cursor.at + ahead]?.word ?? '';

/** Statement ends are never passed, so every production stops there by itself. */
export function atEnd(cursor: Cursor): boolean {
  const token = peek(cursor);
  return token.kind === 'end' || token.word === ';';
}
export function advance(cursor: Cursor): Token {
  const token = peek(cursor);
  if (token.broken) cursor.complete = false;
  if (!atEnd(cursor)) cursor.at++;
  return token;
}
export function accept(cursor: Cursor, word: string): boolean {
  if (wordAt(cursor) !== word) return false;
  cursor.at++;
  return true;
}
/** Takes the words when all of them come next, in this order. */
export function acceptAll(cursor: Cursor, ...words: readonly string[]): boolean {
  for (const [index, word] of words.entries()) if (wordAt(cursor, index) !== word) return false;
  cursor.at += words.length;
  return true;
}
/** Takes the first of the words that comes next. */
export function acceptAny(cursor: Cursor, words: ReadonlySet<string>): string | undefined {
  const word = wordAt(cursor);
  if (word === '' || !words.has(word)) return undefined;
  cursor.at++;
  return word;
}
export function expect(cursor: Cursor, word: string): boolean {
  if (accept(cursor, word)) return true;
  cursor.complete = false;
  return false;
}

export const spanOf = (token: Token): Span => ({ start: token.hostStart, end: token.hostEnd });
/** From a token to the last one taken. */
export function spanFrom(cursor: Cursor, first: Token): Span {
  const last = cursor.tokens[cursor.at - 1] ?? first;
  return { start: first.hostStart, end: Math.max(first.hostEnd, last.hostEnd) };
}
export const raw = (cursor: Cursor, token: Token): string => cursor.text.slice(token.start, token.end);
/** The text from a token to the last one taken, white space collapsed. */
export function textFrom(cursor: Cursor, first: number): string {
  const start = cursor.tokens[first]?.start ?? 0;
  const end = cursor.tokens[cursor.at - 1]?.end ?? start;
  return cursor.text.slice(start, Math.max(start, end)).replace(/\s+/g, ' ');
}

export function markHole(cursor: Cursor, token: Token, position: HolePosition): void {
  if (token.hole >= 0) cursor.holes[token.hole] = position;
}
/** An expression that is nothing but an interpolation stands for more than a value here: a column list, a condition. */
export function markBareHole(cursor: Cursor, first: number, position: HolePosition): void {
  const token = cursor.tokens[first];
  if (token?.kind === 'hole' && cursor.at === first + 1) markHole(cursor, token, position);
}

/** The decoded value of a string or blob token. */
export function stringValue(cursor: Cursor, token: Token): string {
  const text = raw(cursor, token);
  if (text.startsWith('$')) {
    const tag = text.slice(0, text.indexOf('$', 1) + 1);
    return text.slice(tag.length, token.broken ? undefined : -tag.length);
  }
  const open = text.search(/['"]/);
  const quote = text[open] ?? "'";
  const inner = text.slice(open + 1, token.broken ? undefined : -1).replaceAll(quote + quote, quote);
  return /^e/i.test(text) ? inner.replace(/\\(.)/gs, (_, sign: string) => ({ n: '\n', t: '\t', r: '\r' })[sign] ?? sign) : inner;
}

function nameText(cursor: Cursor, token: Token): string {
  const text = raw(cursor, token);
  if (token.kind === 'word') return text.toLowerCase();
  if (token.kind === 'string') return stringValue(cursor, token);
  const quote = text[0] ?? '';
  if (quote === '[') return text.slice(1, token.broken ? undefined : -1);
  if (quote === '"' || quote === '`') return text.slice(1, token.broken ? undefined : -1).replaceAll(quote + quote, quote);
  return text;
}
/** Makes a name of the token that was taken. */
export function nameOf(cursor: Cursor, token: Token): Name {
  if (token.hole >= 0) markHole(cursor, token, 'identifier');
  return { text: nameText(cursor, token), quoted: token.kind !== 'word', span: spanOf(token) };
}
export const isName = (token: Token): boolean => token.kind === 'word' || token.kind === 'name' || token.kind === 'hole';

const nowhere = (token: Token): Name => ({ text: '', quoted: false, span: { start: token.hostStart, end: token.hostStart } });

/** A name, also one written as a string (SQLite allows it); an empty name, and an incomplete statement, where none stands. */
export function name(cursor: Cursor): Name {
  const token = peek(cursor);
  if (isName(token) || token.kind === 'string') return nameOf(cursor, advance(cursor));
  cursor.complete = false;
  return nowhere(token);
}
/** `a`, `a.b`, `a.b.c`: the last is the name, the one before it the schema. */
export function qualifiedName(cursor: Cursor): QualifiedName {
  const first = peek(cursor);
  let last = name(cursor);
  let schema: Name | undefined;
  while (wordAt(cursor) === '.' && (isName(peek(cursor, 1)) || peek(cursor, 1).kind === 'string')) {
    cursor.at++;
    schema = last;
    last = name(cursor);
  }
  return { name: last, span: spanFrom(cursor, first), ...(schema !== undefined && { schema }) };
}
/** `(a, b, c)`: the names inside, if such a list comes next. */
export function nameList(cursor: Cursor): Name[] {
  const names: Name[] = [];
  if (!accept(cursor, '(')) return names;
  while (!atEnd(cursor) && wordAt(cursor) !== ')') {
    names.push(name(cursor));
    // Prefix lengths, collations and directions belong to the column and change nothing here.
    while (!atEnd(cursor) && wordAt(cursor) !== ',' && wordAt(cursor) !== ')') {
      if (wordAt(cursor) === '(') skipGroup(cursor);
      else advance(cursor);
    }
    if (!accept(cursor, ',')) break;
  }
  expect(cursor, ')');
  return names;
}
/** Past a bracketed group, whatever stands in it; the cursor is at its opening sign. Interpolations inside are values. */
export function skipGroup(cursor: Cursor, holes: HolePosition = 'value'): void {
  let open = 0;
  while (!atEnd(cursor)) {
    const token = advance(cursor);
    markHole(cursor, token, holes);
    const { word } = token;
    if (word === '(' || word === '[') open++;
    else if (word === ')' || word === ']') {
      if (--open <= 0) return;
    }
  }
  cursor.complete = false;
}
/** Past everything up to a comma or closing bracket of the level the cursor is on, or the statement's end. */
export function skipItem(cursor: Cursor, stops: ReadonlySet<string> = itemEnd): void {
  while (!atEnd(cursor) && !stops.has(wordAt(cursor))) {
    if (wordAt(cursor) === '(' || wordAt(cursor) === '[') skipGroup(cursor, 'fragment');
    else markHole(cursor, advance(cursor), 'fragment');
  }
}
const itemEnd: ReadonlySet<string> = new Set([',', ')', ']']);

/** Whether an expression or an item of a list ends here. */
export const atStop = ({ kind, word }: Token): boolean => kind === 'end' || word === ')' || word === ',' || word === ';' || word === ']';

/** Past the closing bracket; what stands before it was not understood. */
export function close(cursor: Cursor): void {
  while (!atEnd(cursor)) {
    if (accept(cursor, ')')) return;
    cursor.complete = false;
    if (wordAt(cursor) === '(') skipGroup(cursor, 'fragment');
    else markHole(cursor, advance(cursor), 'fragment');
  }
  cursor.complete = false;
}

export function list<T>(cursor: Cursor, item: (cursor: Cursor) => T): T[] {
  const items = [item(cursor)];
  while (accept(cursor, ',')) items.push(item(cursor));
  return items;
}
export const unknownAt = (token: Token, parts: readonly Expression[] = []): Expression => ({
  kind: 'unknown',
  parts,
  span: { start: token.hostStart, end: token.hostStart },
});
