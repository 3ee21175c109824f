/** What makes two statements the same one, called twice: everything but the values. */
import type { Dialect } from '../sql/statement.ts';
import { tokenize } from '../sql/tokens.ts';

/**
 * Literals and parameters as `?`, lists of them as one, words that are no quoted names in lower case, one space between; without a closing
 * semicolon. `pg_stat_statements`' `$1` and a log's `42` come out alike.
 */
export function fingerprint(sql: string, dialect: Dialect): string {
  const words: string[] = [];
  for (const token of tokenize(sql, [], dialect)) {
    if (token.kind === 'end') break;
    const text = sql.slice(token.start, token.end);
    const isValue =
      token.kind === 'string' || token.kind === 'number' || token.kind === 'parameter' || token.kind === 'blob' || token.kind === 'hole';
    if (isValue || token.word === 'NULL') {
      // `- 1`, and `?, ?, ?` of whatever length.
      if (words.at(-1) === '-' && /^[(,=<>]|^(?:limit|offset|between|and)$/.test(words.at(-2) ?? '')) words.pop();
      if (words.at(-1) === ',' && words.at(-2) === '?') words.pop();
      else words.push('?');
    } else words.push(token.kind === 'word' ? text.toLowerCase() : text);
  }
  while (words.at(-1) === ';') words.pop();
  return words.join(' ').replace(/\( \? \)(?: , \( \? \))+/g, '( ? )');
}
