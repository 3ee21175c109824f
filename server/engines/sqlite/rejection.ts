/** SQLite's errors, told apart: what is wrong with the statement, and what is wrong with the database. */
import { type Token, tokenize } from '../../analysis/sql/tokens.ts';
import { EngineError, type EngineRejection } from '../engine.ts';

export interface SqliteFault {
  readonly code: string;
  readonly message: string;
}

export type Probe = (sql: string) => SqliteFault | undefined;

export function asFault(error: unknown): SqliteFault | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? { code, message: error.message } : undefined;
}

/** Turns an error about the file into one sentence; undefined when the statement is to blame. */
export function databaseError(fault: SqliteFault, label: string): EngineError | undefined {
  const { code } = fault;
  const say = (kind: EngineError['kind'], message: string): EngineError => new EngineError(kind, message);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return say('locked', `${label} is locked by another program: try again when it has finished writing.`);
  if (code.startsWith('SQLITE_NOTADB'))
    return say('not-a-database', `${label} is not a SQLite database, or it is encrypted: pick another file.`);
  if (code.startsWith('SQLITE_CORRUPT'))
    return say('corrupt', `${label} is damaged (${fault.message}): check it with PRAGMA integrity_check and restore it from a backup.`);
  if (/^SQLITE_(PERM|AUTH|READONLY)/.test(code))
    return say('permission', `${label} cannot be read (${fault.message}): check its permissions.`);
  if (/^SQLITE_(CANTOPEN|IOERR|FULL|NOLFS|PROTOCOL)/.test(code)) return say('unreachable', `${label} cannot be read (${fault.message}).`);
  if (/^SQLITE_(NOMEM|INTERRUPT|INTERNAL|MISUSE)/.test(code)) return say('internal', `${label} could not be asked (${fault.message}).`);
  return undefined;
}

const unquote = (name: string): string => name.replace(/^["'`[]|["'`\]]$/g, '');

function tokenText(sql: string, token: Token): string {
  const text = sql.slice(token.start, token.end);
  return token.kind === 'name' || token.kind === 'string' ? unquote(text) : text;
}

/** Where `a.b.c` stands as a chain of names; a lone `c` also matches the end of a chain. */
function findName(sql: string, name: string): number | undefined {
  const parts = name.split('.').map((part) => unquote(part).toLowerCase());
  const tokens = tokenize(sql, [], 'sqlite');
  for (let index = 0; index < tokens.length; index++) {
    const matches = parts.every((part, nth) => {
      const token = tokens[index + nth * 2];
      if (token === undefined || tokenText(sql, token).toLowerCase() !== part || token.kind === 'parameter') return false;
      return nth === 0 || tokens[index + nth * 2 - 1]?.word === '.';
    });
    // `main.nope` is one chain: `nope` alone must not be found as the schema of another name.
    if (matches && tokens[index + parts.length * 2 - 1]?.word !== '.') return tokens[index]?.start;
  }
  return parts.length > 1 ? findName(sql, parts.slice(-1).join('')) : undefined;
}

function located(
  fault: SqliteFault,
  kind: EngineRejection['kind'],
  sql: string,
  name: string | undefined,
  offset?: number,
): EngineRejection {
  const at = offset ?? (name === undefined ? undefined : findName(sql, name));
  return {
    kind,
    code: fault.code,
    message: fault.message,
    ...(name === undefined ? {} : { name }),
    ...(at === undefined || at < 0 ? {} : { offset: at }),
  };
}

/**
 * A rejection from SQLite's message. SQLite gives no position through this driver, so the offset is where the name or token
 * of the message first stands in the text; absent where the message names none. `probe` prepares a text and answers its fault.
 */
export function rejectionFrom(fault: SqliteFault, sql: string, probe?: Probe): EngineRejection {
  const { message } = fault;
  const near = /^near "(.*)": syntax error$/s.exec(message)?.[1];
  if (near !== undefined) return located(fault, 'syntax', sql, undefined, nearOffset(sql, near, fault, probe));
  const unrecognized = /^unrecognized token: "(.*)"$/s.exec(message)?.[1];
  if (unrecognized !== undefined) return located(fault, 'syntax', sql, undefined, sql.indexOf(unrecognized));
  if (message === 'incomplete input') return located(fault, 'syntax', sql, undefined, sql.trimEnd().length);
  const relation = /no such (?:table|view): (.+)$/s.exec(message)?.[1];
  // SQLite adds the schema where it looked, which the author may not have written.
  if (relation !== undefined)
    return located(fault, 'unknown-relation', sql, /\bmain\s*\./i.test(sql) ? relation : relation.replace(/^main\./, ''));
  const column = /no such column: (?:"(.+?)" - should this be .*|(.+))$/s.exec(message);
  if (column !== null) return located(fault, 'unknown-column', sql, column[1] ?? column[2]);
  const target = /^table \S+ has no column named (.+)$/s.exec(message)?.[1];
  if (target !== undefined) return located(fault, 'unknown-column', sql, target);
  const call = /(?:no such function: |wrong number of arguments to function )([^\s()]+)/.exec(message);
  if (call !== null) return located(fault, message.startsWith('wrong') ? 'other' : 'unknown-function', sql, call[1]);
  const using = /^cannot join using column (\S+)/.exec(message)?.[1] ?? /^ambiguous column name: (.+)$/s.exec(message)?.[1];
  return located(fault, 'other', sql, using);
}

/**
 * The token SQLite stopped at. The message has only its text; where that stands more than once, the text is cut after each in turn:
 * the first cut that fails with the same words is the place, because the parser reads no further than the token it refuses.
 */
function nearOffset(sql: string, text: string, fault: SqliteFault, probe: Probe | undefined): number | undefined {
  const tokens = tokenize(sql, [], 'sqlite').filter((token) => sql.slice(token.start, token.end) === text);
  if (tokens.length === 1) return tokens[0]?.start;
  if (tokens.length === 0) {
    const at = sql.indexOf(text);
    return at < 0 ? undefined : at;
  }
  if (probe === undefined || tokens.length > 200) return undefined;
  return tokens.find((token) => probe(sql.slice(0, token.end))?.message === fault.message)?.start;
}

/**
 * Most builds of SQLite take "word" for a string where no column has that name; ours does not. Answers the statement as those
 * builds read it, or undefined when that is not what was wrong.
 */
export function withQuotedLiteral(fault: SqliteFault, sql: string): string | undefined {
  const word = /no such column: "(.+?)" - should this be a string literal/s.exec(fault.message)?.[1];
  if (word === undefined) return undefined;
  const token = tokenize(sql, [], 'sqlite').find((each) => sql.slice(each.start, each.end) === `"${word}"`);
  return token === undefined || word.includes("'") ? undefined : `${sql.slice(0, token.start)}'${word}'${sql.slice(token.end)}`;
}
