/** Builds a repository's PostgreSQL schema in the twin, one statement at a time, and tells the author's mistakes from the twin's limits. */
import { type Token, tokenize } from '../analysis/sql/tokens.ts';
import type { EngineRejection } from '../engines/engine.ts';
import { asFault, type PostgresFault, rejectionFrom } from '../engines/postgres/rejection.ts';
import { followOns } from './follow-on.ts';
import { probe, type Run, withoutKeys } from './postgres-probe.ts';
import type { DdlRejection, DdlStatement } from './twin.ts';

/** What roles may do, where files lie and how the server is run changes no plan, and the twin has neither roles nor disks. */
const beside = new Set(
  'ROLE USER GROUP DATABASE TABLESPACE SYSTEM PUBLICATION SUBSCRIPTION SERVER POLICY EVENT DEFAULT MAPPING LANGUAGE'.split(' '),
);
const builders = new Set(['CREATE', 'ALTER', 'DROP', 'COMMENT', 'DO']);

const word = (tokens: readonly Token[], index: number): string => tokens[index]?.word ?? '';

/** Blanks of the same length, so that positions stay true. */
function blank(sql: string, from: Token | undefined, to: Token | undefined): string {
  if (from === undefined || to === undefined) return sql;
  return sql.slice(0, from.start) + ' '.repeat(to.end - from.start) + sql.slice(to.end);
}

/**
 * The statement as the twin can take it; undefined when it builds nothing that a plan could see. Tablespaces and owners need what the
 * twin does not have.
 */
export function adapt(sql: string): string | undefined {
  const tokens = tokenize(sql, [], 'postgres');
  const first = word(tokens, 0);
  if (first === 'SET' && word(tokens, 1) === 'SEARCH_PATH') return sql;
  if (!builders.has(first)) return undefined;
  if (first !== 'DO' && beside.has(word(tokens, 1))) return undefined;
  if (first === 'COMMENT') return undefined;
  let text = sql;
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.word === 'TABLESPACE' && next?.kind !== 'operator' && first === 'CREATE') text = blank(text, token, next);
    // Each statement is a transaction of its own here; the table is needed by those after it.
    else if (token.word === 'ON' && next?.word === 'COMMIT' && word(tokens, index + 2) === 'DROP')
      text = blank(text, token, tokens[index + 2]);
    else if (token.word === 'AUTHORIZATION' && word(tokens, 1) === 'SCHEMA' && index > 2) text = blank(text, token, next);
  });
  if (first === 'ALTER' && tokens.some((token, index) => token.word === 'OWNER' && word(tokens, index + 1) === 'TO')) return undefined;
  if (first === 'ALTER' && /\b(?:ENABLE|DISABLE|FORCE)\s+ROW\s+LEVEL\b/i.test(sql)) return undefined;
  return text;
}

/** Type names that an extension brings which the twin lacks (`vector(1536)`) become `text`: the table exists, and so do its other columns. */
function withoutType(sql: string, type: string): string | undefined {
  const name = type.split('.').at(-1)?.replaceAll('"', '').toLowerCase();
  const tokens = tokenize(sql, [], 'postgres');
  let text = sql;
  let shift = 0;
  tokens.forEach((token, index) => {
    if (index < 3 || token.kind !== 'word' || sql.slice(token.start, token.end).toLowerCase() !== name) return;
    // A column may bear the same name; a type stands after another word.
    const before = tokens[index - 1];
    if (before === undefined || (before.kind !== 'word' && before.kind !== 'name' && before.word !== '.' && before.word !== '::')) return;
    const start = before.word === '.' ? (tokens[index - 2]?.start ?? token.start) : token.start;
    let end = token.end;
    if (word(tokens, index + 1) === '(') end = tokens.slice(index).find((each) => each.word === ')')?.end ?? end;
    text = `${text.slice(0, start + shift)}text${text.slice(end + shift)}`;
    shift += 4 - (end - start);
  });
  return text === sql ? undefined : text;
}

/** SQLSTATEs of "it exists already": table, object, column, schema, function, and a second primary key. */
const exists = new Set(['42P07', '42710', '42701', '42P06', '42723', '42P16']);
/** File not found, input or output error, missing right: matters of the machine and its roles. */
const beyondTwin = new Set(['58P01', '58000', '58030', '42501']);

/** A key or a storage parameter that was refused: nothing that comes later misses it. */
const leavesNoGap = new Set(['0A000', '22023', '42809']);

/** A reference to columns that no key of the other table is made of. */
const noSuchKey = '42830';

/** Tables that the migration tools make for themselves before the first migration runs. */
const bookkeeping = new Set(
  `__diesel_schema_migrations _sqlx_migrations schema_migrations flyway_schema_history goose_db_version alembic_version knex_migrations
  knex_migrations_lock _prisma_migrations django_migrations ar_internal_metadata databasechangelog databasechangeloglock migrations gorp_migrations`.split(
    /\s+/,
  ),
);

function ignorable(fault: PostgresFault, sql: string, extensionsMissing: boolean): DdlRejection['ignore'] {
  if (exists.has(fault.code) && (fault.code !== '42P16' || /multiple primary keys/.test(fault.message))) return 'exists';
  if (beyondTwin.has(fault.code)) return 'unsupported';
  if (fault.code === '42704' && /^(?:role|tablespace|language|server|foreign-data wrapper|text search)/.test(fault.message))
    return 'unsupported';
  // Storage parameters of an extension (`timescaledb.compress`).
  if (/could not (?:open|access|load)|unrecognized parameter namespace/.test(fault.message)) return 'unsupported';
  // What an extension would have brought: types, functions, operator classes, access methods.
  if (extensionsMissing && (fault.code === '42704' || fault.code === '42883')) return 'unsupported';
  if (fault.code === '42P01' && bookkeeping.has(/relation "(?:.*\.)?(.+?)" does not exist/.exec(fault.message)?.[1] ?? ''))
    return 'unsupported';
  // A block of procedural code fails for reasons of its own (roles, settings, rows that are not here).
  if (/^\s*DO\b/i.test(sql)) return 'unsupported';
  return undefined;
}

/** Applies the statements in order; a rejected one does not end it. */
export async function applyDdl(run: Run, statements: readonly DdlStatement[]): Promise<DdlRejection[]> {
  const rejections: DdlRejection[] = [];
  const earlier = followOns('postgres');
  /** Tables that are there without the key that was refused. */
  const keyless = followOns('postgres');
  let extensionsMissing = false;
  for (const { key, sql, probe: asked } of statements) {
    if (asked !== undefined) {
      const fault = await probe(run, sql, asked === 'in transaction');
      // What it needs and is not there is told of the statement that should have built it.
      if (fault !== undefined && !earlier.has(sql)) rejections.push({ key, rejection: rejectionFrom(fault, sql, 0) });
      continue;
    }
    const adapted = adapt(sql);
    if (adapted === undefined) continue;
    let fault = await attempt(run, adapted);
    if (fault === undefined) {
      earlier.succeeded(sql);
      continue;
    }
    const missing = fault.code === '42704' && extensionsMissing ? /^type "(.+?)" does not exist/.exec(fault.message)?.[1] : undefined;
    const degraded = missing === undefined ? undefined : withoutType(adapted, missing);
    const second = degraded === undefined ? fault : await attempt(run, degraded);
    // Built after all, as text; the twin's own limit is no news.
    if (second === undefined) continue;
    const bare = fault.code === '0A000' && /^\s*CREATE\s+TABLE\b/i.test(sql) ? withoutKeys(adapted) : undefined;
    if (bare !== undefined && (await attempt(run, bare)) === undefined) {
      // The mistake is told, and the table is there for what stands on it.
      rejections.push({ key, rejection: rejectionFrom(fault, adapted, 0) });
      earlier.succeeded(sql);
      keyless.failed(sql);
      continue;
    }
    fault = second.code === '42704' ? fault : second;
    const rejection: EngineRejection = rejectionFrom(fault, adapted, 0);
    if (/^\s*CREATE\s+EXTENSION\b/i.test(sql)) {
      extensionsMissing = true;
      rejections.push({ key, rejection, ignore: 'unsupported' });
      continue;
    }
    const syntax = rejection.kind === 'syntax';
    const ignore = syntax
      ? undefined
      : (ignorable(fault, sql, extensionsMissing) ??
        (earlier.has(sql) || (fault.code === noSuchKey && keyless.has(sql)) ? ('follow-on' as const) : undefined));
    rejections.push({ key, rejection, ...(ignore === undefined ? {} : { ignore }) });
    if (ignore !== 'exists' && !(leavesNoGap.has(fault.code) && /^\s*ALTER\b/i.test(sql))) earlier.failed(sql);
  }
  return rejections;
}

async function attempt(run: Run, sql: string): Promise<PostgresFault | undefined> {
  try {
    await run(sql);
    return undefined;
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    // Several statements in one text: not a statement of a schema, so nothing to report about one.
    return /multiple commands/.test(fault.message) ? undefined : fault;
  }
}
