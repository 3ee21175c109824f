/** Type names, as one folded text: `timestamp with time zone`, `varchar(10)`, `int[]`. */
import type { Cursor } from './cursor.ts';
import { accept, advance, atEnd, isName, peek, raw, skipGroup, wordAt } from './cursor.ts';
import type { Token } from './tokens.ts';

const keepsGoing: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['DOUBLE', new Set(['PRECISION'])],
  ['CHARACTER', new Set(['VARYING'])],
  ['CHAR', new Set(['VARYING'])],
  ['NCHAR', new Set(['VARYING'])],
  ['BIT', new Set(['VARYING'])],
  ['NATIONAL', new Set(['CHARACTER', 'CHAR', 'VARCHAR'])],
  ['LONG', new Set(['VARCHAR', 'VARBINARY', 'TEXT'])],
  ['UNSIGNED', new Set(['BIG', 'INT', 'INTEGER', 'BIGINT'])],
  ['BIG', new Set(['INT'])],
  ['SIGNED', new Set(['INTEGER', 'INT'])],
  ['BIGINT', new Set(['UNSIGNED', 'SIGNED'])],
  ['INT', new Set(['UNSIGNED', 'SIGNED'])],
  ['INTEGER', new Set(['UNSIGNED', 'SIGNED'])],
]);
const intervalFields: ReadonlySet<string> = new Set(['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'TO']);

/** Tokens as a folded type: words by one space, brackets and commas without. */
export function typeText(cursor: Cursor, from: number, to: number): string {
  let text = '';
  let glued = true;
  for (let index = from; index < to; index++) {
    const token = cursor.tokens[index] as Token;
    const sign = token.kind === 'operator';
    const piece = token.kind === 'word' ? raw(cursor, token).toLowerCase() : raw(cursor, token);
    const wide = text.endsWith(')') && token.kind === 'word';
    text += (glued || sign) && !wide ? piece : ` ${piece}`;
    glued = sign && token.word !== ')';
  }
  return text;
}

/** A type after `::` or where other clauses may follow: takes no word that could be an alias. */
export function typeName(cursor: Cursor): string {
  const from = cursor.at;
  accept(cursor, 'SETOF');
  if (!isName(peek(cursor))) {
    cursor.complete = false;
    return '';
  }
  let word = advance(cursor).word;
  while (wordAt(cursor) === '.' && isName(peek(cursor, 1))) {
    cursor.at++;
    word = advance(cursor).word;
  }
  for (let more = keepsGoing.get(word); more?.has(wordAt(cursor)) === true; more = keepsGoing.get(word)) word = advance(cursor).word;
  if (word === 'INTERVAL') while (intervalFields.has(wordAt(cursor))) cursor.at++;
  if (wordAt(cursor) === '(') skipGroup(cursor);
  const zoned = wordAt(cursor) === 'WITH' || wordAt(cursor) === 'WITHOUT';
  if (zoned && wordAt(cursor, 1) === 'TIME' && wordAt(cursor, 2) === 'ZONE') cursor.at += 3;
  while (wordAt(cursor) === '[' || (wordAt(cursor) === 'ARRAY' && wordAt(cursor, 1) !== '(')) {
    if (wordAt(cursor) === '[') skipGroup(cursor);
    else cursor.at++;
  }
  if (wordAt(cursor) === '%' && wordAt(cursor, 1) === 'TYPE') cursor.at += 2;
  return typeText(cursor, from, cursor.at);
}

/** A type up to one of the words that end it, or a comma or bracket: SQLite takes any words at all. */
export function typeUntil(cursor: Cursor, stops: ReadonlySet<string>): string {
  const from = cursor.at;
  while (!atEnd(cursor)) {
    const token = peek(cursor);
    if (token.word === ',' || token.word === ')' || stops.has(token.word)) {
      if (!(token.word === 'WITH' && wordAt(cursor, 1) === 'TIME')) break;
      cursor.at += 2;
    }
    if (token.kind !== 'word' && token.kind !== 'name' && token.kind !== 'hole' && !['(', '[', '.'].includes(token.word)) break;
    if (token.word === '(' || token.word === '[') skipGroup(cursor);
    else advance(cursor);
  }
  return typeText(cursor, from, cursor.at);
}
