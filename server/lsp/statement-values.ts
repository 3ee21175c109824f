/** A statement with values in place of its parameters, for running it outside the program it stands in. */
import type { Query } from '../analysis/document.ts';
import { tokenize } from '../analysis/sql/tokens.ts';

/** `values` in the order of the query's parameters; undefined where there are too few. */
export function withValues(query: Query, values: readonly string[]): string | undefined {
  const parameters = tokenize(query.sql, [], query.dialect).filter(({ kind }) => kind === 'parameter');
  let sql = '';
  let at = 0;
  let next = 0;
  for (const { start, end } of parameters) {
    // `$2` and `?2` name their place; a bare `?` takes the next one.
    const number = /^[$?](\d+)$/.exec(query.sql.slice(start, end))?.[1];
    const value = values[number === undefined ? next++ : Number(number) - 1];
    if (value === undefined) return undefined;
    sql += query.sql.slice(at, start) + literalOf(value);
    at = end;
  }
  return sql + query.sql.slice(at);
}

/** What a person typed, as SQL: numbers, NULL and truth values as they are, all else as a string. */
function literalOf(typed: string): string {
  const text = typed.trim();
  if (/^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(text) || /^(?:null|true|false)$/i.test(text)) return text;
  const quoted = /^'(.*)'$/s.exec(text)?.[1];
  return `'${(quoted ?? typed).replaceAll("'", "''")}'`;
}
