/** Puts values in the place of `$1`, `$2` … where no string, name or comment holds them. */
import { tokenize } from '../sql/tokens.ts';

/** `values`: SQL text by the parameter's number. A parameter without one stays. */
export function printLiteral(sql: string, values: ReadonlyMap<string, string>): string {
  let result = '';
  let from = 0;
  for (const token of tokenize(sql, [], 'postgres')) {
    if (token.kind !== 'parameter' || sql[token.start] !== '$') continue;
    const value = values.get(sql.slice(token.start + 1, token.end));
    if (value === undefined) continue;
    result += sql.slice(from, token.start) + value;
    from = token.end;
  }
  return result + sql.slice(from);
}
