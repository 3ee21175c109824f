/**
 * A script -> the pieces between its semicolons, without tokens: what makes an edit cost one statement
 * and not the file. A piece begins behind the one before it and takes the comment on its last line along.
 */
import { bodyEnd } from './body.ts';
import { blockEnd, lineEnd } from './characters.ts';
import type { Dialect } from './statement.ts';
import type { TextRange } from './tokens.ts';
import { tokenize } from './tokens.ts';

const wordPart = /\w/;
/** Signs that begin something a semicolon may stand in, and the semicolon. */
const telling = /[;'"`$]|--|\/\*/g;

/** The pieces cover the text without gaps. */
export function splitScript(text: string, dialect: Dialect): TextRange[] {
  const pieces: TextRange[] = [];
  const size = text.length;
  const dollars = dialect !== 'sqlite' && dialect !== 'mysql';
  let start = 0;
  let at = 0;
  const cut = (end: number): void => {
    pieces.push({ start, end });
    start = end;
    at = end;
  };
  for (;;) {
    telling.lastIndex = at;
    if (!telling.test(text)) break;
    const two = text.charCodeAt(telling.lastIndex - 1);
    at = telling.lastIndex - (two === 42 || two === 45 ? 2 : 1);
    const unit = text.charCodeAt(at);
    if (unit === 59) cut(withComment(text, bodyOf(text, start, at, dialect) ?? at + 1));
    else if (unit === 39) at = closing(text, at, 39, dialect === 'mysql' || isEscaped(text, at));
    else if (unit === 34 || unit === 96) at = closing(text, at, unit, false);
    else if (unit === 45 && text.charCodeAt(at + 1) === 45) at = lineEnd(text, at);
    else if (unit === 47 && text.charCodeAt(at + 1) === 42) at = blockEnd(text, at, dialect === 'postgres');
    else if (unit === 36 && dollars) at = dollarEnd(text, at);
    else at++;
  }
  if (start < size) cut(size);
  return pieces;
}

const isEscaped = (text: string, at: number): boolean => /[eE]/.test(text[at - 1] ?? '') && !wordPart.test(text[at - 2] ?? '');

function closing(text: string, from: number, quote: number, backslash: boolean): number {
  for (let at = from + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (backslash && unit === 92) at++;
    // A doubled quote closes one string and opens the next, which comes to the same.
    else if (unit === quote) return at + 1;
  }
  return text.length;
}
function dollarEnd(text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && wordPart.test(text[end] ?? '')) end++;
  if (text[end] !== '$' || /\d/.test(text[from + 1] ?? '') || wordPart.test(text[from - 1] ?? '')) return from + 1;
  const tag = text.slice(from, end + 1);
  const close = text.indexOf(tag, end + 1);
  return close < 0 ? text.length : close + tag.length;
}
/** The rest of the line when nothing but a comment stands on it. */
function withComment(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return text.startsWith('--', at) ? lineEnd(text, at) : from;
}

/** Behind the semicolon of a statement with a body, where the one at `semicolon` stands inside it. */
function bodyOf(text: string, start: number, semicolon: number, dialect: Dialect): number | undefined {
  const head = text.slice(start, semicolon);
  if (!/\bBEGIN\b/i.test(head) || !/\bCREATE\b[^;]{0,80}\b(?:TRIGGER|FUNCTION|PROCEDURE)\b/i.test(head)) return undefined;
  const tokens = tokenize(text.slice(start, start + longestBody), [], dialect);
  const first = tokens.findIndex((token) => token.word === 'CREATE');
  const inside = tokens.findIndex((token) => token.word === ';' && token.start >= semicolon - start);
  const end = first < 0 || inside < 0 ? undefined : bodyEnd(tokens, first, inside, dialect);
  if (end === undefined || end < 0) return undefined;
  const last = tokens[end - 1];
  const after = tokens[end];
  if (last === undefined) return undefined;
  return start + (after?.word === ';' ? after.end : last.end);
}
/** A trigger longer than this is split at its semicolons, and then not understood. */
const longestBody = 100_000;
