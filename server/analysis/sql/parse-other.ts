/** Settings (PRAGMA, SET, ALTER SYSTEM) and every statement told apart by its leading words only. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAll,
  acceptAny,
  advance,
  atEnd,
  isName,
  markHole,
  name,
  peek,
  qualifiedName,
  skipGroup,
  spanFrom,
  spanOf,
  stringValue,
  textFrom,
  wordAt,
} from './cursor.ts';
import type { Name, Other, QualifiedName, SetStatement, Statement } from './statement.ts';
import type { Token } from './tokens.ts';

function skipRest(cursor: Cursor): void {
  while (!atEnd(cursor)) {
    if (wordAt(cursor) === '(') skipGroup(cursor, 'fragment');
    else markHole(cursor, advance(cursor), 'fragment');
  }
}

/** The value of a setting up to the end of the statement (or of its bracket). */
function settingValue(cursor: Cursor): { value: string; valueSpan: { start: number; end: number } } | undefined {
  const from = cursor.at;
  const token = peek(cursor);
  while (!atEnd(cursor) && wordAt(cursor) !== ')') {
    if (wordAt(cursor) === '(') skipGroup(cursor);
    else markHole(cursor, advance(cursor), 'value');
  }
  if (cursor.at === from) return undefined;
  const single = cursor.at === from + 1;
  const value =
    single && (token.kind === 'string' || token.kind === 'name')
      ? stringValue(cursor, token)
      : textFrom(cursor, from).replace(/^([+-]) /, '$1');
  return { value, valueSpan: spanFrom(cursor, token) };
}

export function pragma(cursor: Cursor, first: Token): SetStatement {
  cursor.at++;
  const { name: key, schema } = qualifiedName(cursor);
  let given: ReturnType<typeof settingValue>;
  if (accept(cursor, '=')) {
    given = settingValue(cursor);
    if (given === undefined) cursor.complete = false;
  } else if (accept(cursor, '(')) {
    given = settingValue(cursor);
    if (!accept(cursor, ')')) cursor.complete = false;
  }
  return {
    kind: 'set',
    form: 'pragma',
    key,
    local: false,
    span: spanFrom(cursor, first),
    ...(schema !== undefined && { schema }),
    ...given,
  };
}

const scopeWords: ReadonlySet<string> = new Set(['SESSION', 'LOCAL', 'GLOBAL', 'PERSIST', 'PERSIST_ONLY']);

/** `SET x = y`, `SET LOCAL x TO y`, `RESET x`; undefined where SET begins something that is no setting. */
export function set(cursor: Cursor, first: Token, form: SetStatement['form'] = 'set'): SetStatement | Other {
  const reset = advance(cursor).word === 'RESET';
  const scope = acceptAny(cursor, scopeWords);
  const following = wordAt(cursor);
  if (
    following === 'TRANSACTION' ||
    following === 'CONSTRAINTS' ||
    following === 'CHARACTERISTICS' ||
    (following === 'ROLE' && !reset) ||
    (following === 'AUTHORIZATION' && scope === 'SESSION')
  ) {
    skipRest(cursor);
    return { kind: 'other', verb: `SET ${following}`, names: [], concurrently: false, span: spanFrom(cursor, first) };
  }
  const whole = peek(cursor);
  if (acceptAll(cursor, 'TIME', 'ZONE')) {
    const key: Name = { text: 'timezone', quoted: false, span: spanFrom(cursor, whole) };
    return { kind: 'set', form, key, local: scope === 'LOCAL', ...settingValue(cursor), span: spanFrom(cursor, first) };
  }
  const key = dotted(cursor);
  let given: ReturnType<typeof settingValue>;
  if (!reset && (accept(cursor, '=') || accept(cursor, 'TO') || accept(cursor, ':='))) {
    given = settingValue(cursor);
    if (given === undefined) cursor.complete = false;
  } else if (acceptAll(cursor, 'FROM', 'CURRENT')) given = undefined;
  else if (!reset) given = settingValue(cursor);
  return { kind: 'set', form, key, local: scope === 'LOCAL', ...given, span: spanFrom(cursor, first) };
}
/** `auto_explain.log_min_duration` is one key. */
function dotted(cursor: Cursor): Name {
  const { name: last, schema, span } = qualifiedName(cursor);
  return schema === undefined ? last : { text: `${schema.text}.${last.text}`, quoted: last.quoted, span };
}

/** ALTER SYSTEM, ALTER DATABASE x, ALTER ROLE x: what is set there. The cursor is at the word behind ALTER. */
export function alterSetting(cursor: Cursor, first: Token): SetStatement | Other {
  const word = advance(cursor).word;
  const form = word === 'SYSTEM' ? 'alter system' : word === 'DATABASE' ? 'alter database' : 'alter role';
  if (form !== 'alter system') {
    qualifiedName(cursor);
    if (acceptAll(cursor, 'IN', 'DATABASE')) qualifiedName(cursor);
  }
  if (wordAt(cursor) === 'SET' || wordAt(cursor) === 'RESET') return set(cursor, first, form);
  skipRest(cursor);
  return { kind: 'other', verb: `ALTER ${word}`, names: [], concurrently: false, span: spanFrom(cursor, first) };
}

const createWords = /^(?:OR|REPLACE|TEMP|TEMPORARY|CONSTRAINT|DEFAULT|PROCEDURAL|TRUSTED|EVENT|FOREIGN|USER|TEXT|ACCESS|SEARCH)$/;
const inner: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'VALUES', 'REPLACE', '(']);

/** Everything else. Its words are passed, its relations and the statement inside it kept where they can be told. */
export function other(cursor: Cursor, first: Token): Other {
  const { word } = first;
  const twoPhase = word === 'PREPARE' && wordAt(cursor, 1) === 'TRANSACTION';
  if (word === 'EXPLAIN' || (word === 'PREPARE' && !twoPhase) || word === 'DECLARE') return wrapping(cursor, first);
  cursor.at++;
  let verb = first.kind === 'word' ? word : '';
  if (verb === '') cursor.complete = false;
  if (word === 'CREATE' || word === 'ALTER') {
    while (createWords.test(wordAt(cursor))) cursor.at++;
    if (peek(cursor).kind === 'word') verb += ` ${advance(cursor).word}`;
    else cursor.complete = false;
  }
  const names: QualifiedName[] = [];
  let concurrently = false;
  if (word === 'REFRESH') {
    if (acceptAll(cursor, 'MATERIALIZED', 'VIEW')) verb = 'REFRESH MATERIALIZED VIEW';
    concurrently = accept(cursor, 'CONCURRENTLY');
    names.push(qualifiedName(cursor));
  } else if (
    word === 'ANALYZE' ||
    word === 'VACUUM' ||
    word === 'CLUSTER' ||
    word === 'TRUNCATE' ||
    word === 'REINDEX' ||
    word === 'LOCK'
  ) {
    if (wordAt(cursor) === '(') skipGroup(cursor);
    for (;;) {
      if (accept(cursor, 'CONCURRENTLY')) concurrently = true;
      else if (acceptAny(cursor, maintenance) === undefined) break;
    }
    while (isName(peek(cursor)) && wordAt(cursor) !== 'USING' && wordAt(cursor) !== 'INTO') {
      names.push(qualifiedName(cursor));
      if (wordAt(cursor) === '(') skipGroup(cursor);
      if (!accept(cursor, ',')) break;
    }
  } else if (word === 'COPY' && isName(peek(cursor))) names.push(qualifiedName(cursor));
  else if (word === 'MERGE') {
    accept(cursor, 'INTO');
    accept(cursor, 'ONLY');
    if (isName(peek(cursor))) names.push(qualifiedName(cursor));
  } else if (word === 'CREATE' && /TRIGGER|POLICY|RULE|STATISTICS/.test(verb)) onTable(cursor, names);
  const rest = word === 'COPY' && wordAt(cursor) === '(' && inner.has(wordAt(cursor, 1)) ? copied(cursor) : undefined;
  skipRest(cursor);
  return { kind: 'other', verb, names, concurrently, span: spanFrom(cursor, first), ...(rest !== undefined && { inner: rest }) };
}
const maintenance: ReadonlySet<string> = new Set([
  'FULL',
  'FREEZE',
  'VERBOSE',
  'ANALYZE',
  'TABLE',
  'INDEX',
  'ONLY',
  'SCHEMA',
  'DATABASE',
  'SYSTEM',
]);

function copied(cursor: Cursor): Statement {
  cursor.at++;
  const found = cursor.grammar.statement(cursor);
  accept(cursor, ')');
  return found;
}

/** The relation behind ON, in the head of CREATE TRIGGER, POLICY and RULE. */
function onTable(cursor: Cursor, names: QualifiedName[]): void {
  while (!atEnd(cursor) && wordAt(cursor) !== 'BEGIN' && wordAt(cursor) !== 'EXECUTE') {
    if (wordAt(cursor) === 'ON' && isName(peek(cursor, 1))) {
      cursor.at++;
      names.push(qualifiedName(cursor));
      return;
    }
    if (wordAt(cursor) === '(') skipGroup(cursor);
    else advance(cursor);
  }
}

/** EXPLAIN (…) x, PREPARE name (types) AS x, DECLARE name CURSOR FOR x */
function wrapping(cursor: Cursor, first: Token): Other {
  const { word } = advance(cursor);
  if (word === 'EXPLAIN') {
    if (wordAt(cursor) === '(' && !inner.has(wordAt(cursor, 1))) skipGroup(cursor);
    while (['ANALYZE', 'VERBOSE', 'QUERY', 'PLAN', 'FORMAT', 'EXTENDED'].includes(wordAt(cursor))) {
      if (advance(cursor).word === 'FORMAT') {
        accept(cursor, '=');
        advance(cursor);
      }
    }
  } else {
    name(cursor);
    if (wordAt(cursor) === '(') skipGroup(cursor);
    while (!atEnd(cursor) && wordAt(cursor) !== 'AS' && wordAt(cursor) !== 'FOR' && wordAt(cursor) !== 'FROM') advance(cursor);
    if (!atEnd(cursor)) cursor.at++;
  }
  const token = peek(cursor);
  if (atEnd(cursor)) {
    cursor.complete = false;
    return { kind: 'other', verb: word, names: [], concurrently: false, span: spanFrom(cursor, first) };
  }
  if (token.kind === 'string' || token.kind === 'parameter') {
    skipRest(cursor);
    return { kind: 'other', verb: word, names: [], concurrently: false, span: { start: first.hostStart, end: spanOf(token).end } };
  }
  const found = cursor.grammar.statement(cursor);
  return { kind: 'other', verb: word, names: [], inner: found, concurrently: false, span: spanFrom(cursor, first) };
}
