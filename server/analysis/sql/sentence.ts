/** A string that may be SQL, and how its words are looked at before anything is parsed. */
import type { Token } from './tokens.ts';

/** The first bare word, past white space, comments and opening brackets; no regular expression, so nothing can backtrack. */
export function firstWord(text: string): string {
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit <= 32 || unit === 40 || unit === 0xfeff) at++;
    else if (text.startsWith('--', at)) {
      const end = text.indexOf('\n', at);
      if (end < 0) return '';
      at = end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at);
      if (end < 0) return '';
      at = end + 2;
    } else break;
  }
  let end = at;
  while (end < text.length && end - at < 12 && (text.charCodeAt(end) | 32) >= 97 && (text.charCodeAt(end) | 32) <= 122) end++;
  return text.slice(at, end);
}

export interface Sentence {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Index of the verb. */
  readonly at: number;
  /** The verb is written in capitals. */
  readonly loud: boolean;
  /** The verb is written as at the start of a sentence. */
  readonly title: boolean;
}
export const word = (sentence: Sentence, ahead: number): string => sentence.tokens[sentence.at + ahead]?.word ?? '';
export const kind = (sentence: Sentence, ahead: number): Token['kind'] => sentence.tokens[sentence.at + ahead]?.kind ?? 'end';
export const isNameLike = (sentence: Sentence, ahead: number): boolean =>
  ['word', 'name', 'parameter', 'hole', 'string'].includes(kind(sentence, ahead));
/** Past `a.b.c`. */
export function pastName(sentence: Sentence, ahead: number): number {
  let next = ahead + 1;
  while (word(sentence, next) === '.' && isNameLike(sentence, next + 1)) next += 2;
  return next;
}
export const ended = (sentence: Sentence, ahead: number): boolean => kind(sentence, ahead) === 'end' || word(sentence, ahead) === ';';
