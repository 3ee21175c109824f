/**
 * SQL text -> tokens, for every dialect by one scanner with switches. It is total: an unterminated
 * string or comment runs to the end of the text and says so. Comments and white space are no tokens.
 */
import type { OffsetSegment } from '../document.ts';
import {
  blockEnd,
  classOf,
  customOperator,
  DIGIT,
  isWordPart,
  LETTER,
  lineEnd,
  numberEnd,
  OPERATOR,
  operatorsByFirst,
  SPACE,
} from './characters.ts';
import type { Dialect } from './statement.ts';

export type TokenKind = 'word' | 'name' | 'string' | 'blob' | 'number' | 'parameter' | 'operator' | 'hole' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A bare word in upper case, or an operator as written; empty for the rest, so that a quoted name never equals a keyword. */
  readonly word: string;
  /** In the text. */
  readonly start: number;
  readonly end: number;
  /** In the host file. */
  readonly hostStart: number;
  readonly hostEnd: number;
  /** Index of the first interpolation inside it, or -1. */
  readonly hole: number;
  /** Its closing sign is missing. */
  readonly broken: boolean;
}
export interface TextRange {
  readonly start: number;
  readonly end: number;
}
export interface TokenizeOptions {
  /** Where interpolations stand in the text, ascending. */
  readonly holes?: readonly TextRange[] | undefined;
  /** `%s`, `%(name)s` and `%%` are the driver's (Python's format paramstyle). */
  readonly percentParameters?: boolean | undefined;
  /** Receives the comments, ascending. */
  readonly comments?: TextRange[] | undefined;
}

/** Words after which an operand must follow, so that `?` there is a parameter and `[` opens a name. */
const wantsOperand = new Set(
  `SELECT DISTINCT ALL FROM JOIN WHERE AND OR NOT IN LIKE ILIKE GLOB MATCH REGEXP ESCAPE BETWEEN LIMIT OFFSET SET ON USING BY HAVING CASE
  WHEN THEN ELSE VALUES RETURNING INTO UPDATE TABLE INDEX IS AS ANY SOME INTERVAL FETCH FIRST NEXT TOP CALL EXECUTE COLUMN ADD KEY DEFAULT TO
  EXISTS RLIKE TOP VIEW DELETE COLUMN RENAME REFERENCES CONSTRAINT`.split(/\s+/),
);

/** Ascending look-ups of text offsets in the host file, each by moving on from the one before. */
export function hostCursor(segments: readonly OffsetSegment[]): { start(offset: number): number; end(offset: number): number } {
  let at = 0;
  const seek = (offset: number): OffsetSegment | undefined => {
    while (at > 0 && (segments[at]?.sqlStart ?? 0) > offset) at--;
    for (let next = segments[at + 1]; next !== undefined && next.sqlStart <= offset; next = segments[at + 1]) at++;
    return segments[at];
  };
  return {
    start(offset) {
      const segment = seek(offset);
      return segment === undefined ? offset : Math.min(segment.hostEnd, segment.hostStart + Math.max(0, offset - segment.sqlStart));
    },
    // The end of a token belongs to its last character: where a segment ends there, that is the segment's end.
    end(offset) {
      const segment = seek(offset - 1);
      if (segment === undefined) return offset;
      if (segments[at + 1]?.sqlStart === offset) return segment.hostEnd;
      return Math.min(segment.hostEnd, segment.hostStart + Math.max(0, offset - segment.sqlStart));
    },
  };
}

/** The tokens of the text in order, closed by one of kind `end`. Time is linear in the text. */
export function tokenize(text: string, segments: readonly OffsetSegment[], dialect: Dialect, options: TokenizeOptions = {}): Token[] {
  const tokens: Token[] = [];
  const host = hostCursor(segments);
  const holes = options.holes ?? [];
  const percent = options.percentParameters === true;
  const size = text.length;
  let nextHole = 0;
  let at = 0;
  let brackets = 0;

  const push = (kind: TokenKind, word: string, start: number, end: number, broken = false): void => {
    let hole = -1;
    while (nextHole < holes.length && (holes[nextHole]?.start ?? size) < end) {
      if (hole < 0) hole = nextHole;
      nextHole++;
    }
    tokens.push({ kind, word, start, end, hostStart: host.start(start), hostEnd: host.end(end), hole, broken });
    at = end;
  };
  /** Past the closing sign; a doubled one is part of the text, and so is one after a backslash where those escape. */
  const closing = (from: number, quote: number, backslash: boolean): { end: number; broken: boolean } => {
    for (let index = from; index < size; index++) {
      const unit = text.charCodeAt(index);
      if (backslash && unit === 92) index++;
      else if (unit === quote) {
        if (text.charCodeAt(index + 1) !== quote) return { end: index + 1, broken: false };
        index++;
      }
    }
    return { end: size, broken: true };
  };
  const quoted = (kind: TokenKind, from: number, quote: number, backslash = false): void => {
    const start = at;
    const { end, broken } = closing(from, quote, backslash);
    push(kind, '', start, end, broken);
  };
  const afterOperand = (): boolean => {
    const last = tokens[tokens.length - 1];
    if (last === undefined) return false;
    if (last.kind === 'operator') return last.word === ')' || last.word === ']';
    return last.kind !== 'word' || !wantsOperand.has(last.word);
  };
  const word = (from: number): number => {
    const stop = holes[nextHole]?.start ?? size;
    let end = from;
    while (end < size && isWordPart(text.charCodeAt(end)) && (end < stop || stop < from)) end++;
    return end;
  };
  /** An interpolation. With the letters that touch it, it is a name: `log_{year}`. */
  const hole = (start: number, from: number): void => {
    const first = nextHole;
    let end = from;
    for (;;) {
      const stands = holes[nextHole];
      if (stands === undefined || stands.start > end) break;
      end = Math.max(end, stands.end);
      nextHole++;
      const stop = holes[nextHole]?.start ?? size;
      while (end < stop && isWordPart(text.charCodeAt(end))) end++;
    }
    const whole = holes[first]?.start === start && holes[nextHole - 1]?.end === end;
    tokens.push({
      kind: whole ? 'hole' : 'name',
      word: '',
      start,
      end,
      hostStart: host.start(start),
      hostEnd: host.end(end),
      hole: first,
      broken: false,
    });
    at = end;
  };

  while (at < size || nextHole < holes.length) {
    const stands = holes[nextHole];
    if (stands !== undefined && stands.start <= at) {
      if (stands.end < at) nextHole++;
      else hole(at, at);
      continue;
    }
    if (at >= size) break;
    const unit = text.charCodeAt(at);
    const kind = classOf(unit);
    if (kind === SPACE || unit < 32) {
      at++;
      continue;
    }
    const following = text.charCodeAt(at + 1);
    if (kind === LETTER) {
      const end = word(at);
      if (stands !== undefined && end === stands.start) {
        hole(at, end);
        continue;
      }
      const after = text.charCodeAt(end);
      if (end - at === 1 && (after === 39 || (after === 38 && (unit | 32) === 117))) {
        const letter = unit | 32;
        if (after === 39 && (letter === 101 || letter === 110)) quoted('string', end + 1, 39, letter === 101);
        else if (after === 39 && (letter === 120 || letter === 98)) quoted('blob', end + 1, 39);
        else if (after === 38 && text.charCodeAt(end + 1) === 39) quoted('string', end + 2, 39);
        else if (after === 38 && text.charCodeAt(end + 1) === 34) quoted('name', end + 2, 34);
        else push('word', text.slice(at, end).toUpperCase(), at, end);
        continue;
      }
      push('word', text.slice(at, end).toUpperCase(), at, end);
    } else if (kind === DIGIT || (unit === 46 && classOf(following) === DIGIT)) {
      push('number', '', at, numberEnd(text, at));
    } else if (unit === 39) quoted('string', at + 1, 39, dialect === 'mysql');
    else if (unit === 34) quoted(dialect === 'mysql' ? 'string' : 'name', at + 1, 34);
    else if (unit === 96) quoted('name', at + 1, 96);
    else if (unit === 45 && following === 45) comment(lineEnd(text, at));
    else if (unit === 35 && dialect === 'mysql') comment(lineEnd(text, at));
    else if (unit === 47 && following === 42) comment(blockEnd(text, at, dialect === 'postgres'));
    else if (unit === 36) dollar();
    else if (unit === 91 && dialect !== 'postgres' && dialect !== 'mysql' && opensName()) {
      const close = text.indexOf(']', at);
      push('name', '', at, close < 0 ? size : close + 1, close < 0);
    } else if (kind === OPERATOR) operator(unit, following);
    else {
      if (unit === 91) brackets++;
      else if (unit === 93) brackets--;
      push('operator', text[at] ?? '', at, at + 1);
    }
  }
  tokens.push({
    kind: 'end',
    word: '',
    start: size,
    end: size,
    hostStart: host.end(size),
    hostEnd: host.end(size),
    hole: -1,
    broken: false,
  });
  return tokens;

  function comment(end: number): void {
    options.comments?.push({ start: at, end });
    while (nextHole < holes.length && (holes[nextHole]?.start ?? size) < end) nextHole++;
    at = end;
  }
  function opensName(): boolean {
    if (dialect === 'sqlite') return true;
    const last = tokens[tokens.length - 1];
    return (
      !afterOperand() && last?.word !== 'ARRAY' && last?.word !== '[' && last?.word !== ',' && classOf(text.charCodeAt(at + 1)) === LETTER
    );
  }
  function dollar(): void {
    const start = at;
    let end = at + 1;
    while (end < size && isWordPart(text.charCodeAt(end)) && text.charCodeAt(end) !== 36) end++;
    const digit = classOf(text.charCodeAt(start + 1)) === DIGIT && end > start + 1;
    if (!digit && text.charCodeAt(end) === 36 && dialect !== 'sqlite' && dialect !== 'mysql') {
      const tag = text.slice(start, end + 1);
      const close = text.indexOf(tag, end + 1);
      push('string', '', start, close < 0 ? size : close + tag.length, close < 0);
    } else push(end > start + 1 ? 'parameter' : 'operator', end > start + 1 ? '' : '$', start, end);
  }
  function operator(unit: number, following: number): void {
    const next = classOf(following);
    if (unit === 63) {
      const jsonb = dialect !== 'sqlite' && dialect !== 'mysql' && !percent && afterOperand();
      if (jsonb && (following === 38 || (following === 124 && text.charCodeAt(at + 2) !== 124)))
        push('operator', text.slice(at, at + 2), at, at + 2);
      else if (jsonb && operandFollows(at + 1)) push('operator', '?', at, at + 1);
      else {
        let end = at + 1;
        while (classOf(text.charCodeAt(end)) === DIGIT) end++;
        push('parameter', '', at, end);
      }
    } else if (unit === 58 && (next === LETTER || following === 39 || following === 34) && !(brackets > 0 && afterOperand())) {
      const end = next === LETTER ? word(at + 1) : closing(at + 2, following, false).end;
      push('parameter', '', at, end);
    } else if (unit === 64 && (next === LETTER || following === 64)) {
      const end = next === LETTER ? word(at + 1) : classOf(text.charCodeAt(at + 2)) === LETTER ? word(at + 2) : at + 2;
      push(end > at + 2 || next === LETTER ? 'parameter' : 'operator', end > at + 2 || next === LETTER ? '' : '@@', at, end);
    } else if (unit === 37 && percent) {
      const close = following === 40 ? text.indexOf(')', at) : -1;
      if (following === 37) push('operator', '%', at, at + 2);
      else if (close > 0 && classOf(text.charCodeAt(close + 1)) === LETTER) push('parameter', '', at, close + 2);
      else if (next === LETTER && !isWordPart(text.charCodeAt(at + 2))) push('parameter', '', at, at + 2);
      else push('operator', '%', at, at + 1);
    } else {
      const found = operatorsByFirst.get(unit)?.find((candidate) => text.startsWith(candidate, at) && allowed(candidate));
      const length = Math.max(found?.length ?? 1, dialect === 'postgres' ? customOperator(text, at) : 0);
      push('operator', text.slice(at, at + length), at, at + length);
    }
  }
  /** `?` inside a longer operator belongs to it only where the dialect has such operators. */
  function allowed(candidate: string): boolean {
    if (candidate.includes('?') || candidate === '#>' || candidate === '#>>' || candidate === '#-' || candidate === '##')
      return dialect !== 'sqlite' && dialect !== 'mysql';
    if (percent && candidate.includes('%')) return false;
    return !(candidate.length > 1 && candidate.endsWith('/') && text.charCodeAt(at + candidate.length) === 42);
  }
  function operandFollows(from: number): boolean {
    let index = from;
    while (classOf(text.charCodeAt(index)) === SPACE) index++;
    const unit = text.charCodeAt(index);
    if (unit === 39 || unit === 36 || unit === 63 || unit === 40 || (unit === 37 && percent)) return true;
    if (unit === 58) return text.charCodeAt(index + 1) !== 58;
    if (classOf(unit) !== LETTER) return false;
    let end = index;
    while (isWordPart(text.charCodeAt(end))) end++;
    return !/^(and|or|limit|order|group|having|from|where|union|then|else|end|as|is|in|not|like|offset|on|join|returning|for)$/i.test(
      text.slice(index, end),
    );
  }
}
