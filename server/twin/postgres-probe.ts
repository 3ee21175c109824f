/** Statements that build nothing and are asked about all the same: whether PostgreSQL would carry them out, at their place in the schema. */
import { tokenize } from '../analysis/sql/tokens.ts';
import { asFault, type PostgresFault } from '../engines/postgres/rejection.ts';

export type Run = (sql: string) => Promise<unknown>;

/** "cannot run inside a transaction block": what the transaction here that takes everything back brings about itself. */
const inTransactionBlock = '25001';

/**
 * What the engine says against the statement: run in a transaction that is rolled back, on tables that are empty. Undefined where it
 * has nothing against it, or only the transaction, which the statement has not where it stands.
 */
export async function probe(run: Run, sql: string, inTransaction: boolean): Promise<PostgresFault | undefined> {
  await run('BEGIN');
  try {
    await run(sql);
    return undefined;
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    return fault.code === inTransactionBlock && !inTransaction ? undefined : fault;
  } finally {
    await run('ROLLBACK');
  }
}

/**
 * The statement with CHECK (true) in place of its keys, so that a table whose key PostgreSQL refuses is there for what stands on it;
 * undefined where it has none.
 */
export function withoutKeys(sql: string): string | undefined {
  const tokens = tokenize(sql, [], 'postgres');
  let text = '';
  let at = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    const primary = token?.word === 'PRIMARY' && tokens[index + 1]?.word === 'KEY';
    if (token === undefined || (!primary && token.word !== 'UNIQUE')) continue;
    let end = primary ? index + 1 : index;
    if (tokens[end + 1]?.word === 'NULLS') end += tokens[end + 2]?.word === 'NOT' ? 3 : 2;
    if (tokens[end + 1]?.word === '(') {
      while (end < tokens.length && tokens[end]?.word !== ')') end++;
    }
    text += `${sql.slice(at, token.start)}CHECK (true)`;
    at = tokens[end]?.end ?? token.end;
    index = end;
  }
  return at === 0 ? undefined : text + sql.slice(at);
}
