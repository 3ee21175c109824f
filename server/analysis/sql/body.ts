/** Statements whose body holds statements: triggers of SQLite and MySQL, routines of MySQL and of the SQL standard. */
import type { Dialect } from './statement.ts';
import type { Token } from './tokens.ts';

/**
 * The token index behind the END that closes the body of the statement whose first token is at
 * `first` and whose first semicolon is at `semicolon`; undefined where it has no such body, -1 where
 * the body is not closed.
 */
export function bodyEnd(tokens: readonly Token[], first: number, semicolon: number, dialect: Dialect): number | undefined {
  let kind = first + 1;
  while (/^(?:OR|REPLACE|TEMP|TEMPORARY|CONSTRAINT|DEFINER|=)$/.test(tokens[kind]?.word ?? '') && kind < first + 8) kind++;
  const word = tokens[kind]?.word;
  if (word !== 'TRIGGER' && word !== 'FUNCTION' && word !== 'PROCEDURE') return undefined;
  let begin = kind;
  while (begin < semicolon && tokens[begin]?.word !== 'BEGIN') begin++;
  if (begin === semicolon) return undefined;
  if (word !== 'TRIGGER' && tokens[begin + 1]?.word !== 'ATOMIC' && dialect !== 'mysql') return undefined;
  let open = 0;
  for (let at = begin; at < tokens.length; at++) {
    const next = tokens[at]?.word;
    if (next === 'BEGIN' || next === 'CASE') open++;
    else if (next === 'END') {
      const loop = tokens[at + 1]?.word;
      if (loop === 'IF' || loop === 'LOOP' || loop === 'WHILE' || tokens[at - 1]?.word === '.') continue;
      if (--open === 0) return at + 1;
    }
  }
  return -1;
}
