/** Which statements fail only because an earlier one did. */

import type { EngineId } from '../analysis/sql/statement.ts';
import { tokenize } from '../analysis/sql/tokens.ts';

const noise = new Set([
  'OR',
  'REPLACE',
  'TEMP',
  'TEMPORARY',
  'UNLOGGED',
  'UNIQUE',
  'MATERIALIZED',
  'VIRTUAL',
  'RECURSIVE',
  'IF',
  'NOT',
  'EXISTS',
  'CONCURRENTLY',
  'GLOBAL',
  'LOCAL',
  'FOREIGN',
  'ONLY',
  'CONSTRAINT',
]);
const kinds = new Set([
  'TABLE',
  'VIEW',
  'TYPE',
  'DOMAIN',
  'FUNCTION',
  'PROCEDURE',
  'SEQUENCE',
  'SCHEMA',
  'INDEX',
  'TRIGGER',
  'EXTENSION',
  'AGGREGATE',
  'OPERATOR',
  'ROLE',
  'COLLATION',
]);

/** What a statement would have made or changed, folded to lower case and without its schema; undefined when it makes nothing with a name. */
function subjectOf(sql: string, engine: EngineId): string | undefined {
  const tokens = tokenize(sql, [], engine);
  if (tokens[0]?.word !== 'CREATE' && tokens[0]?.word !== 'ALTER') return undefined;
  let at = 1;
  while (noise.has(tokens[at]?.word ?? '')) at++;
  if (!kinds.has(tokens[at]?.word ?? '')) return undefined;
  at++;
  while (noise.has(tokens[at]?.word ?? '')) at++;
  const nameAt = tokens[at + 1]?.word === '.' ? at + 2 : at;
  const token = tokens[nameAt];
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) return undefined;
  return (token.kind === 'word' ? sql.slice(token.start, token.end) : sql.slice(token.start + 1, token.end - 1)).toLowerCase();
}

/** Whether the text mentions one of the names as a whole word. */
function mentions(sql: string, names: ReadonlySet<string>, engine: EngineId): boolean {
  if (names.size === 0) return false;
  return tokenize(sql, [], engine).some((token) => {
    if (token.kind !== 'word' && token.kind !== 'name') return false;
    return names.has((token.kind === 'word' ? sql.slice(token.start, token.end) : sql.slice(token.start + 1, token.end - 1)).toLowerCase());
  });
}

/**
 * Keeps the names of what failed. A statement that mentions one fails because of it, unless it is the one that makes
 * it: what was altered before it was made is no fault of its CREATE.
 */
export function followOns(engine: EngineId) {
  const failed = new Set<string>();
  const made = (sql: string): string | undefined => (/^\s*CREATE\b/i.test(sql) ? subjectOf(sql, engine) : undefined);
  return {
    has(sql: string): boolean {
      const own = made(sql);
      return mentions(sql, own !== undefined && failed.has(own) ? new Set([...failed].filter((name) => name !== own)) : failed, engine);
    },
    failed(sql: string): void {
      const subject = subjectOf(sql, engine);
      if (subject !== undefined) failed.add(subject);
    },
    succeeded(sql: string): void {
      const own = failed.size === 0 ? undefined : made(sql);
      if (own !== undefined) failed.delete(own);
    },
  };
}
