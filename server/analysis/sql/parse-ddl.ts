/** CREATE INDEX, CREATE VIEW, ALTER TABLE and DROP. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAll,
  acceptAny,
  advance,
  atEnd,
  atStop,
  close,
  expect,
  isName,
  list,
  name,
  nameList,
  peek,
  qualifiedName,
  raw,
  skipGroup,
  skipItem,
  spanFrom,
  spanOf,
  stringValue,
  textFrom,
  wordAt,
} from './cursor.ts';
import { tableConstraint } from './parse-constraint.ts';
import { direction } from './parse-order.ts';
import { condition } from './parse-select.ts';
import { columnDefinition } from './parse-table.ts';
import { typeUntil } from './parse-type.ts';
import type { AlterAction, AlterTable, CreateIndex, CreateView, Drop, IndexTerm, Name, QualifiedName, Select } from './statement.ts';
import type { Token } from './tokens.ts';

/** The cursor is behind INDEX. */
export function createIndex(cursor: Cursor, first: Token, unique: boolean): CreateIndex {
  const index = cursor.tokens[cursor.at - 1] ?? first;
  const concurrentlyToken = peek(cursor);
  const concurrently = accept(cursor, 'CONCURRENTLY');
  const concurrentlySpan = concurrently ? spanOf(concurrentlyToken) : { start: index.hostEnd, end: index.hostEnd };
  const ifNotExists = acceptAll(cursor, 'IF', 'NOT', 'EXISTS');
  const indexName = wordAt(cursor) === 'ON' ? undefined : qualifiedName(cursor);
  let method = accept(cursor, 'USING') ? name(cursor).text : 'btree';
  expect(cursor, 'ON');
  accept(cursor, 'ONLY');
  const table = qualifiedName(cursor);
  if (accept(cursor, 'USING')) method = name(cursor).text.toLowerCase();
  let terms: IndexTerm[] = [];
  if (expect(cursor, '(')) {
    if (!atStop(peek(cursor))) terms = list(cursor, indexTerm);
    if (terms.length === 0) cursor.complete = false;
    close(cursor);
  }
  let include: readonly Name[] = [];
  let where: CreateIndex['where'];
  for (;;) {
    if (wordAt(cursor) === 'INCLUDE' && wordAt(cursor, 1) === '(') {
      cursor.at++;
      include = nameList(cursor);
    } else if (wordAt(cursor) === 'NULLS') {
      cursor.at++;
      accept(cursor, 'NOT');
      expect(cursor, 'DISTINCT');
    } else if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === '(') {
      cursor.at++;
      skipGroup(cursor);
    } else if (accept(cursor, 'TABLESPACE')) name(cursor);
    else if (wordAt(cursor) === 'WHERE') where = condition(cursor, 'WHERE');
    else break;
  }
  return {
    kind: 'create index',
    table,
    unique,
    concurrently,
    concurrentlySpan,
    ifNotExists,
    method,
    terms,
    include,
    span: spanFrom(cursor, first),
    ...(indexName !== undefined && { name: indexName }),
    ...(where !== undefined && { where }),
  };
}

function indexTerm(cursor: Cursor): IndexTerm {
  const first = peek(cursor);
  const expression = cursor.grammar.expression(cursor);
  const collation = expression.kind === 'collate' ? expression.collation : undefined;
  let operatorClass: string | undefined;
  if (isName(peek(cursor)) && !['ASC', 'DESC', 'NULLS'].includes(wordAt(cursor))) {
    operatorClass = qualifiedName(cursor).name.text;
    if (wordAt(cursor) === '(') skipGroup(cursor);
  }
  const order = direction(cursor);
  return {
    expression: expression.kind === 'collate' ? expression.operand : expression,
    ...order,
    span: spanFrom(cursor, first),
    ...(collation !== undefined && { collation }),
    ...(operatorClass !== undefined && { operatorClass }),
  };
}

export function createView(cursor: Cursor, first: Token, temporary: boolean, materialized: boolean): CreateView {
  acceptAll(cursor, 'IF', 'NOT', 'EXISTS');
  const viewName = qualifiedName(cursor);
  const columns = nameList(cursor);
  if (accept(cursor, 'USING')) name(cursor);
  if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    skipGroup(cursor);
  }
  if (accept(cursor, 'TABLESPACE')) name(cursor);
  let query: Select | undefined;
  if (expect(cursor, 'AS')) query = cursor.grammar.select(cursor);
  if (accept(cursor, 'WITH')) while (['NO', 'DATA', 'CASCADED', 'LOCAL', 'CHECK', 'OPTION'].includes(wordAt(cursor))) cursor.at++;
  return {
    kind: 'create view',
    name: viewName,
    materialized,
    temporary,
    columns,
    span: spanFrom(cursor, first),
    ...(query !== undefined && { query }),
  };
}

/** The cursor is behind ALTER TABLE. */
export function alterTable(cursor: Cursor, first: Token): AlterTable {
  acceptAll(cursor, 'IF', 'EXISTS');
  accept(cursor, 'ONLY');
  const table = qualifiedName(cursor);
  accept(cursor, '*');
  const actions: AlterAction[] = [];
  if (atEnd(cursor)) cursor.complete = false;
  else {
    do {
      actions.push(action(cursor));
      if (!atEnd(cursor) && wordAt(cursor) !== ',') {
        cursor.complete = false;
        skipItem(cursor);
      }
    } while (accept(cursor, ','));
  }
  return { kind: 'alter table', table, actions, span: spanFrom(cursor, first) };
}

const behavior: ReadonlySet<string> = new Set(['CASCADE', 'RESTRICT']);
const constraintWords: ReadonlySet<string> = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK', 'EXCLUDE']);

function action(cursor: Cursor): AlterAction {
  if (accept(cursor, 'ADD')) {
    if (constraintWords.has(wordAt(cursor))) {
      const constraint = tableConstraint(cursor);
      return constraint === undefined ? { kind: 'other' } : { kind: 'add constraint', constraint };
    }
    if ((wordAt(cursor) === 'KEY' || wordAt(cursor) === 'INDEX') && cursor.dialect !== 'postgres' && cursor.dialect !== 'sqlite')
      return other(cursor);
    accept(cursor, 'COLUMN');
    acceptAll(cursor, 'IF', 'NOT', 'EXISTS');
    return { kind: 'add column', column: columnDefinition(cursor) };
  }
  if (accept(cursor, 'DROP')) {
    const constraint = accept(cursor, 'CONSTRAINT');
    if (!constraint && ['PRIMARY', 'FOREIGN', 'INDEX', 'KEY'].includes(wordAt(cursor)) && wordAt(cursor, 1) !== '') return other(cursor);
    if (!constraint) accept(cursor, 'COLUMN');
    acceptAll(cursor, 'IF', 'EXISTS');
    const dropped = name(cursor);
    acceptAny(cursor, behavior);
    return constraint ? { kind: 'drop constraint', name: dropped } : { kind: 'drop column', column: dropped };
  }
  if (accept(cursor, 'RENAME')) {
    if (accept(cursor, 'TO')) return { kind: 'rename table', to: qualifiedName(cursor).name };
    if (wordAt(cursor) === 'CONSTRAINT') return other(cursor);
    accept(cursor, 'COLUMN');
    const from = name(cursor);
    expect(cursor, 'TO');
    return { kind: 'rename column', from, to: name(cursor) };
  }
  if (accept(cursor, 'ALTER')) {
    if (wordAt(cursor) === 'CONSTRAINT') return other(cursor);
    accept(cursor, 'COLUMN');
    return alterColumn(cursor, name(cursor));
  }
  if (wordAt(cursor) === 'SET' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    return { kind: 'set', options: storage(cursor) };
  }
  return other(cursor);
}

function other(cursor: Cursor): AlterAction {
  skipItem(cursor);
  return { kind: 'other' };
}

const typeEnd: ReadonlySet<string> = new Set(['USING', 'COLLATE']);

function alterColumn(cursor: Cursor, column: Name): AlterAction {
  if (acceptAll(cursor, 'SET', 'DATA', 'TYPE') || accept(cursor, 'TYPE')) {
    const type = typeUntil(cursor, typeEnd);
    if (accept(cursor, 'COLLATE')) qualifiedName(cursor);
    if (accept(cursor, 'USING')) cursor.grammar.expression(cursor);
    return { kind: 'alter column', column, type };
  }
  if (acceptAll(cursor, 'SET', 'NOT', 'NULL')) return { kind: 'alter column', column, notNull: true };
  if (acceptAll(cursor, 'DROP', 'NOT', 'NULL')) return { kind: 'alter column', column, notNull: false };
  skipItem(cursor);
  return { kind: 'alter column', column };
}

/** `(fillfactor = 70, autovacuum_enabled = off)` */
function storage(cursor: Cursor): { key: Name; value: string; valueSpan: { start: number; end: number } }[] {
  const options: { key: Name; value: string; valueSpan: { start: number; end: number } }[] = [];
  cursor.at++;
  while (!atStop(peek(cursor))) {
    const key = qualifiedName(cursor).name;
    let value = '';
    let valueSpan = { start: key.span.end, end: key.span.end };
    if (accept(cursor, '=')) {
      const from = cursor.at;
      const token = peek(cursor);
      accept(cursor, '-');
      if (!atStop(peek(cursor))) advance(cursor);
      value = token.kind === 'string' ? stringValue(cursor, token) : textFrom(cursor, from).replace(/\s/g, '');
      valueSpan = spanFrom(cursor, token);
    }
    options.push({ key, value, valueSpan });
    if (!accept(cursor, ',')) break;
  }
  close(cursor);
  return options;
}

/** The cursor is behind DROP. */
export function drop(cursor: Cursor, first: Token): Drop {
  const materialized = accept(cursor, 'MATERIALIZED');
  const word = raw(cursor, advance(cursor)).toLowerCase();
  const object =
    word === 'view' && materialized
      ? 'materialized view'
      : word === 'table' || word === 'index' || word === 'view' || word === 'schema'
        ? word
        : 'other';
  const concurrently = accept(cursor, 'CONCURRENTLY');
  const ifExists = acceptAll(cursor, 'IF', 'EXISTS');
  const names: QualifiedName[] = [];
  if (object === 'other') {
    while (!atEnd(cursor)) {
      if (wordAt(cursor) === '(') skipGroup(cursor);
      else advance(cursor);
    }
  } else {
    names.push(...list(cursor, qualifiedName));
    if (object === 'index' && cursor.dialect !== 'postgres' && cursor.dialect !== 'sqlite' && accept(cursor, 'ON')) qualifiedName(cursor);
    acceptAny(cursor, behavior);
  }
  return { kind: 'drop', object, names, ifExists, concurrently, span: spanFrom(cursor, first) };
}
