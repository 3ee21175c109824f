/**
 * What may be planned on a connected SQLite database. The file is opened read-only and EXPLAIN QUERY PLAN runs nothing, so
 * this is the first of three walls: only statements that have a plan pass, one at a time. `PRAGMA`, `ATTACH`, `VACUUM` and
 * their like act while they are prepared, and none of them has a plan.
 */
import { type Token, tokenize } from '../../analysis/sql/tokens.ts';

const plannable = new Set(['SELECT', 'WITH', 'INSERT', 'UPDATE', 'DELETE', 'VALUES', 'REPLACE']);
/** Of these, EXPLAIN ANALYZE may run only what reads. */
const mayRun = new Set(['SELECT', 'WITH', 'VALUES']);
const writes = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);
/** Functions that reach beyond the database; they run when a statement runs. */
const forbiddenCalls = new Set(['LOAD_EXTENSION', 'READFILE', 'WRITEFILE', 'EDIT', 'FTS3_TOKENIZER']);

export type Verdict = { readonly allowed: true; readonly tokens: readonly Token[] } | { readonly allowed: false; readonly reason: string };

const refuse = (reason: string): Verdict => ({ allowed: false, reason });

/** Whether EXPLAIN QUERY PLAN may be sent for this text; with `run`, whether the statement itself may. */
export function guard(sql: string, run = false): Verdict {
  if (sql.includes('\0')) return refuse('A statement with a NUL character is not sent.');
  const tokens = tokenize(sql, [], 'sqlite').filter((token) => token.kind !== 'end');
  const first = tokens[0];
  if (first === undefined) return refuse('There is no statement to plan.');
  if (!plannable.has(first.word))
    return refuse(`Only queries and changes of rows have a plan; ${sql.slice(first.start, first.end)} is neither.`);
  const end = tokens.findIndex((token) => token.word === ';');
  if (end >= 0 && tokens.slice(end).some((token) => token.word !== ';')) return refuse('Only one statement is planned at a time.');
  if (run) {
    if (!mayRun.has(first.word) || tokens.some((token) => writes.has(token.word)))
      return refuse('Only a statement that changes nothing is run to be timed.');
  }
  const call = tokens.find((token, index) => {
    const name = token.kind === 'word' ? token.word : sql.slice(token.start + 1, token.end - 1).toUpperCase();
    return tokens[index + 1]?.word === '(' && (forbiddenCalls.has(name) || (run && name.startsWith('PRAGMA_')));
  });
  if (call !== undefined) return refuse(`${sql.slice(call.start, call.end)} reaches beyond the database and is not sent.`);
  return { allowed: true, tokens };
}
