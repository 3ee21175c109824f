/** CREATE TABLE: columns, constraints and what follows the brackets. */
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
  markHole,
  name,
  peek,
  qualifiedName,
  skipGroup,
  skipItem,
  spanFrom,
  textFrom,
  wordAt,
} from './cursor.ts';
import { check, conflictClause, generatedAs, indexOptions, referenceClause, tableConstraint } from './parse-constraint.ts';
import { typeName, typeUntil } from './parse-type.ts';
import type { ColumnDefinition, CreateTable, Expression, QualifiedName, Select, TableConstraint } from './statement.ts';
import type { Token } from './tokens.ts';

/** Begin a column constraint or end a column's type. */
const afterType: ReadonlySet<string> = new Set(
  `CONSTRAINT NOT NULL DEFAULT PRIMARY UNIQUE REFERENCES CHECK COLLATE GENERATED AS AUTO_INCREMENT AUTOINCREMENT ON COMMENT STORAGE COMPRESSION
  DEFERRABLE INITIALLY WITH KEY FIRST AFTER USING INVISIBLE VISIBLE OPTIONS`.split(/\s+/),
);
const tableConstraints: ReadonlySet<string> = new Set([
  'CONSTRAINT',
  'PRIMARY',
  'UNIQUE',
  'FOREIGN',
  'CHECK',
  'EXCLUDE',
  'LIKE',
  'KEY',
  'INDEX',
  'FULLTEXT',
  'SPATIAL',
]);

export function createTable(cursor: Cursor, first: Token, temporary: boolean, virtual: boolean): CreateTable {
  const ifNotExists = acceptAll(cursor, 'IF', 'NOT', 'EXISTS');
  const tableName = qualifiedName(cursor);
  const columns: ColumnDefinition[] = [];
  const constraints: TableConstraint[] = [];
  let module: string | undefined;
  const inherits: QualifiedName[] = [];
  let partitionOf: QualifiedName | undefined;
  const bracketed = wordAt(cursor) === '(';
  if (virtual) {
    expect(cursor, 'USING');
    module = name(cursor).text.toLowerCase();
    if (wordAt(cursor) === '(') virtualColumns(cursor, module, columns);
  } else if (acceptAll(cursor, 'PARTITION', 'OF')) {
    partitionOf = qualifiedName(cursor);
    if (wordAt(cursor) === '(') elements(cursor, { columns, constraints, inherits }, true);
    if (acceptAll(cursor, 'FOR', 'VALUES'))
      while (wordAt(cursor) !== 'PARTITION' && wordAt(cursor) !== 'WITH' && !atEnd(cursor)) skipOne(cursor);
    else accept(cursor, 'DEFAULT');
  } else if (accept(cursor, 'OF')) {
    qualifiedName(cursor);
    if (wordAt(cursor) === '(') skipGroup(cursor);
    cursor.complete = false;
  } else if (accept(cursor, 'LIKE')) {
    inherits.push(qualifiedName(cursor));
  } else if (wordAt(cursor) === '(' && wordAt(cursor, 1) !== 'SELECT') elements(cursor, { columns, constraints, inherits }, false);
  const end = options(cursor, inherits);
  if (columns.length === 0 && module === undefined && partitionOf === undefined && inherits.length === 0 && end.query === undefined) {
    // PostgreSQL takes a table without columns, but not one without brackets.
    if (cursor.dialect === 'sqlite' || !bracketed) cursor.complete = false;
  }
  return {
    kind: 'create table',
    name: tableName,
    ifNotExists,
    temporary,
    columns,
    constraints,
    withoutRowid: end.withoutRowid,
    strict: end.strict,
    span: spanFrom(cursor, first),
    ...(end.query !== undefined && { query: end.query }),
    ...(end.partitionBy !== undefined && { partitionBy: end.partitionBy }),
    ...(partitionOf !== undefined && { partitionOf }),
    ...(inherits.length > 0 && { inherits }),
    ...(module !== undefined && { virtual: module }),
  };
}

function skipOne(cursor: Cursor): void {
  if (wordAt(cursor) === '(') skipGroup(cursor);
  else advance(cursor);
}

/** FTS and R*Tree tables name their columns; other modules' arguments mean what the module likes. */
function virtualColumns(cursor: Cursor, module: string, columns: ColumnDefinition[]): void {
  const plain = /^(?:fts[345]|rtree|rtree_i32|vec0|geopoly)$/.test(module);
  cursor.at++;
  while (!atStop(peek(cursor))) {
    const token = peek(cursor);
    const option = wordAt(cursor, 1) === '=';
    if (plain && !option && (isName(token) || token.kind === 'string')) {
      const column = name(cursor);
      columns.push({ name: column, type: '', notNull: false, primaryKey: false, unique: false, generated: false, span: column.span });
    }
    skipItem(cursor);
    if (!accept(cursor, ',')) break;
  }
  close(cursor);
}

interface Elements {
  readonly columns: ColumnDefinition[];
  readonly constraints: TableConstraint[];
  readonly inherits: QualifiedName[];
}
function elements(cursor: Cursor, { columns, constraints, inherits }: Elements, partition: boolean): void {
  cursor.at++;
  while (!atStop(peek(cursor))) {
    const before = cursor.at;
    const { word } = peek(cursor);
    const constraint = tableConstraints.has(word) && opensConstraint(cursor, word);
    if (constraint && word === 'LIKE') {
      cursor.at++;
      inherits.push(qualifiedName(cursor));
      while (wordAt(cursor) === 'INCLUDING' || wordAt(cursor) === 'EXCLUDING') cursor.at += 2;
    } else if (constraint) {
      const found = tableConstraint(cursor);
      if (found !== undefined) constraints.push(found);
    } else if (isName(peek(cursor)) || peek(cursor).kind === 'string') columns.push(columnDefinition(cursor, partition));
    else cursor.complete = false;
    if (!atStop(peek(cursor))) {
      cursor.complete = false;
      skipItem(cursor);
    }
    // SQLite takes table constraints without commas between them.
    if (!accept(cursor, ',') && cursor.at === before) break;
    else if (cursor.tokens[cursor.at - 1]?.word === ',' && wordAt(cursor) === ')') cursor.complete = false;
    if (cursor.tokens[cursor.at - 1]?.word !== ',') break;
  }
  close(cursor);
}
/** `key`, `like` and `index` also name columns: `key TEXT`. */
function opensConstraint(cursor: Cursor, word: string): boolean {
  if (word === 'KEY' || word === 'INDEX')
    return wordAt(cursor, 1) === '(' || wordAt(cursor, 2) === '(' ? cursor.dialect === 'mysql' || cursor.dialect === 'unknown' : false;
  if (word === 'LIKE') return wordAt(cursor, 1) !== ',' && wordAt(cursor, 1) !== ')' && wordAt(cursor, 1) !== 'TEXT';
  return word !== 'FULLTEXT' && word !== 'SPATIAL' ? true : wordAt(cursor, 1) === 'KEY' || wordAt(cursor, 1) === 'INDEX';
}

export function columnDefinition(cursor: Cursor, typeless = false): ColumnDefinition {
  const first = peek(cursor);
  const column = name(cursor);
  if (typeless) acceptAll(cursor, 'WITH', 'OPTIONS');
  // PostgreSQL's types are known words; the others take any that do not begin a constraint.
  const bare = atStop(peek(cursor)) || afterType.has(wordAt(cursor));
  const type = bare ? '' : cursor.dialect === 'postgres' ? typeName(cursor) : typeUntil(cursor, afterType);
  const facts: { -readonly [Key in 'notNull' | 'primaryKey' | 'unique' | 'generated']: boolean } = {
    notNull: false,
    primaryKey: false,
    unique: false,
    generated: false,
  };
  let references: ColumnDefinition['references'];
  let collation: string | undefined;
  let defaultText: string | undefined;
  while (!atStop(peek(cursor))) {
    const before = cursor.at;
    if (accept(cursor, 'CONSTRAINT')) name(cursor);
    else if (acceptAll(cursor, 'NOT', 'NULL')) {
      facts.notNull = true;
      acceptAll(cursor, 'NO', 'INHERIT');
      conflictClause(cursor);
    } else if (acceptAll(cursor, 'NOT', 'VALID') || acceptAll(cursor, 'NOT', 'ENFORCED') || accept(cursor, 'ENFORCED')) continue;
    else if (accept(cursor, 'NULL')) continue;
    else if (accept(cursor, 'DEFAULT')) {
      const from = cursor.at;
      cursor.grammar.expression(cursor, 6);
      defaultText = textFrom(cursor, from);
    } else if (acceptAll(cursor, 'PRIMARY', 'KEY')) {
      facts.primaryKey = true;
      acceptAny(cursor, directions);
      conflictClause(cursor);
      accept(cursor, 'AUTOINCREMENT');
      indexOptions(cursor);
    } else if (accept(cursor, 'UNIQUE')) {
      facts.unique = true;
      accept(cursor, 'KEY');
      acceptAll(cursor, 'NULLS', 'NOT', 'DISTINCT') || acceptAll(cursor, 'NULLS', 'DISTINCT');
      conflictClause(cursor);
      indexOptions(cursor);
    } else if (wordAt(cursor) === 'REFERENCES') references = referenceClause(cursor);
    else if (accept(cursor, 'CHECK')) {
      check(cursor);
    } else if (accept(cursor, 'COLLATE')) collation = qualifiedName(cursor).name.text;
    else if (accept(cursor, 'GENERATED')) {
      accept(cursor, 'ALWAYS') || acceptAll(cursor, 'BY', 'DEFAULT');
      if (wordAt(cursor) === 'AS') generatedAs(cursor, facts);
    } else if (wordAt(cursor) === 'AS' && wordAt(cursor, 1) === '(') generatedAs(cursor, facts);
    else if (accept(cursor, 'DEFERRABLE') || acceptAll(cursor, 'NOT', 'DEFERRABLE')) continue;
    else if (accept(cursor, 'INITIALLY')) advance(cursor);
    else if (accept(cursor, 'AUTO_INCREMENT') || accept(cursor, 'AUTOINCREMENT')) continue;
    else if (accept(cursor, 'COMMENT') || accept(cursor, 'STORAGE') || accept(cursor, 'COMPRESSION')) advance(cursor);
    else if (acceptAll(cursor, 'ON', 'UPDATE')) cursor.grammar.expression(cursor, 6);
    else if (acceptAll(cursor, 'OPTIONS') && wordAt(cursor) === '(') skipGroup(cursor);
    if (cursor.at === before) break;
  }
  return {
    name: column,
    type,
    ...facts,
    span: spanFrom(cursor, first),
    ...(references !== undefined && { references }),
    ...(collation !== undefined && { collation }),
    ...(defaultText !== undefined && { defaultText }),
  };
}
const directions: ReadonlySet<string> = new Set(['ASC', 'DESC']);

interface Options {
  withoutRowid: boolean;
  strict: boolean;
  query?: Select;
  partitionBy?: { readonly method: string; readonly columns: readonly Expression[] };
}
/** What follows the brackets: PARTITION BY, INHERITS, WITH, TABLESPACE, WITHOUT ROWID, ENGINE=…, AS SELECT. */
function options(cursor: Cursor, inherits: QualifiedName[]): Options {
  const found: Options = { withoutRowid: false, strict: false };
  while (!atEnd(cursor)) {
    if (accept(cursor, ',')) continue;
    if (acceptAll(cursor, 'WITHOUT', 'ROWID')) found.withoutRowid = true;
    else if (accept(cursor, 'STRICT')) found.strict = true;
    else if (acceptAll(cursor, 'PARTITION', 'BY')) {
      const method = advance(cursor).word.toLowerCase();
      const columns = accept(cursor, '(') ? list(cursor, partitionKey) : [];
      close(cursor);
      found.partitionBy = { method, columns };
    } else if (wordAt(cursor) === 'INHERITS' && wordAt(cursor, 1) === '(') {
      cursor.at += 2;
      inherits.push(...list(cursor, qualifiedName));
      close(cursor);
    } else if (wordAt(cursor) === 'AS' || wordAt(cursor) === 'SELECT' || wordAt(cursor) === '(') {
      accept(cursor, 'AS');
      if (accept(cursor, 'EXECUTE')) {
        cursor.complete = false;
        while (!atEnd(cursor)) skipOne(cursor);
        continue;
      }
      const before = cursor.at;
      found.query = cursor.grammar.select(cursor);
      if (cursor.at === before) return found;
      if (accept(cursor, 'WITH')) {
        accept(cursor, 'NO');
        accept(cursor, 'DATA');
      }
    } else if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === '(') {
      cursor.at++;
      skipGroup(cursor);
    } else if (accept(cursor, 'TABLESPACE') || accept(cursor, 'USING')) name(cursor);
    else if (acceptAll(cursor, 'ON', 'COMMIT')) {
      while (!atEnd(cursor) && ['PRESERVE', 'DELETE', 'ROWS', 'DROP'].includes(wordAt(cursor))) cursor.at++;
    } else if (acceptAll(cursor, 'WITHOUT', 'OIDS')) continue;
    else if (cursor.dialect !== 'postgres' && cursor.dialect !== 'sqlite' && peek(cursor).kind === 'word' && isMysqlOption(cursor))
      mysqlOption(cursor);
    else if (peek(cursor).kind === 'hole') markHole(cursor, advance(cursor), 'fragment');
    else return found;
  }
  return found;
}
function partitionKey(cursor: Cursor): Expression {
  const key = cursor.grammar.expression(cursor);
  // A collation was read as part of the expression; an operator class may follow.
  if (peek(cursor).kind === 'word') advance(cursor);
  return key;
}
const mysqlOptions =
  /^(?:ENGINE|DEFAULT|CHARSET|CHARACTER|COLLATE|COMMENT|ROW_FORMAT|AUTO_INCREMENT|KEY_BLOCK_SIZE|AVG_ROW_LENGTH|MAX_ROWS|CHECKSUM|PACK_KEYS)$/;
const isMysqlOption = (cursor: Cursor): boolean => mysqlOptions.test(wordAt(cursor));
function mysqlOption(cursor: Cursor): void {
  accept(cursor, 'DEFAULT');
  advance(cursor);
  if (wordAt(cursor) === 'SET') cursor.at++;
  accept(cursor, '=');
  if (!atEnd(cursor)) advance(cursor);
}
