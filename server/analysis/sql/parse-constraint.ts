/** Constraints of columns and tables. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAll,
  advance,
  close,
  expect,
  isName,
  name,
  nameList,
  peek,
  qualifiedName,
  skipGroup,
  skipItem,
  spanFrom,
  wordAt,
} from './cursor.ts';
import type { Name, TableConstraint } from './statement.ts';

export function check(cursor: Cursor): void {
  if (expect(cursor, '(')) {
    cursor.grammar.expression(cursor);
    close(cursor);
  }
  acceptAll(cursor, 'NO', 'INHERIT');
}
export function generatedAs(cursor: Cursor, facts: { generated: boolean; notNull: boolean }): void {
  cursor.at++;
  if (accept(cursor, 'IDENTITY')) {
    facts.notNull = true;
    if (wordAt(cursor) === '(') skipGroup(cursor);
    return;
  }
  facts.generated = true;
  if (expect(cursor, '(')) {
    cursor.grammar.expression(cursor);
    close(cursor);
  }
  if (!accept(cursor, 'STORED')) accept(cursor, 'VIRTUAL');
}
/** SQLite: ON CONFLICT REPLACE after a constraint. */
export function conflictClause(cursor: Cursor): void {
  if (acceptAll(cursor, 'ON', 'CONFLICT')) advance(cursor);
}
export function indexOptions(cursor: Cursor): void {
  if (wordAt(cursor) === 'INCLUDE' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    skipGroup(cursor);
  }
  if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    skipGroup(cursor);
  }
  if (acceptAll(cursor, 'USING', 'INDEX', 'TABLESPACE') || acceptAll(cursor, 'USING', 'BTREE'))
    accept(cursor, cursor.tokens[cursor.at]?.word ?? '');
}
export function referenceClause(cursor: Cursor): { readonly table: Name; readonly columns: readonly Name[] } {
  cursor.at++;
  const { name: table } = qualifiedName(cursor);
  const columns = nameList(cursor);
  for (;;) {
    if (wordAt(cursor) === 'ON' && (wordAt(cursor, 1) === 'DELETE' || wordAt(cursor, 1) === 'UPDATE')) {
      cursor.at += 2;
      if (wordAt(cursor) === 'SET' || wordAt(cursor) === 'NO') cursor.at++;
      advance(cursor);
      if (wordAt(cursor) === '(') skipGroup(cursor);
    } else if (accept(cursor, 'MATCH')) advance(cursor);
    else if (accept(cursor, 'DEFERRABLE') || acceptAll(cursor, 'NOT', 'DEFERRABLE')) continue;
    else if (accept(cursor, 'INITIALLY')) advance(cursor);
    else return { table, columns };
  }
}

export function tableConstraint(cursor: Cursor): TableConstraint | undefined {
  const first = peek(cursor);
  const constraintName = accept(cursor, 'CONSTRAINT') ? name(cursor) : undefined;
  const done = (kind: TableConstraint['kind'], columns: readonly Name[], references?: TableConstraint['references']): TableConstraint => {
    acceptAll(cursor, 'NOT', 'VALID');
    while (accept(cursor, 'DEFERRABLE') || acceptAll(cursor, 'NOT', 'DEFERRABLE') || acceptAll(cursor, 'INITIALLY', wordAt(cursor, 1)));
    acceptAll(cursor, 'NOT', 'VALID');
    return {
      kind,
      columns,
      span: spanFrom(cursor, first),
      ...(constraintName !== undefined && { name: constraintName }),
      ...(references !== undefined && { references }),
    };
  };
  const keyed = (kind: 'primary key' | 'unique'): TableConstraint => {
    if (acceptAll(cursor, 'USING', 'INDEX')) {
      name(cursor);
      return done(kind, []);
    }
    acceptAll(cursor, 'NULLS', 'NOT', 'DISTINCT') || acceptAll(cursor, 'NULLS', 'DISTINCT');
    if (wordAt(cursor) !== '(' && isName(peek(cursor)) && wordAt(cursor, 1) === '(') name(cursor);
    if (wordAt(cursor) !== '(') cursor.complete = false;
    const columns = nameList(cursor);
    conflictClause(cursor);
    indexOptions(cursor);
    return done(kind, columns);
  };
  if (acceptAll(cursor, 'PRIMARY', 'KEY')) return keyed('primary key');
  if (accept(cursor, 'UNIQUE')) {
    if (!accept(cursor, 'KEY')) accept(cursor, 'INDEX');
    return keyed('unique');
  }
  if (acceptAll(cursor, 'FOREIGN', 'KEY')) {
    const columns = nameList(cursor);
    if (wordAt(cursor) !== 'REFERENCES') cursor.complete = false;
    return done('foreign key', columns, wordAt(cursor) === 'REFERENCES' ? referenceClause(cursor) : undefined);
  }
  if (accept(cursor, 'CHECK')) {
    check(cursor);
    conflictClause(cursor);
    return done('check', []);
  }
  if (acceptAll(cursor, 'NOT', 'NULL')) {
    name(cursor);
    return done('check', []);
  }
  if (accept(cursor, 'EXCLUDE')) {
    if (accept(cursor, 'USING')) name(cursor);
    const plain = wordAt(cursor) === '(' && isName(peek(cursor, 1)) && wordAt(cursor, 2) !== '(';
    const columns = plain ? nameList(cursor) : [];
    if (!plain) skipGroup(cursor);
    indexOptions(cursor);
    if (accept(cursor, 'WHERE')) skipGroup(cursor);
    return done('exclude', columns);
  }
  // KEY (…) is MySQL's index.
  skipItem(cursor);
  return undefined;
}
