/** SELECT, VALUES, WITH, set operations, and the FROM clause, which UPDATE and DELETE share. */
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
  markBareHole,
  markHole,
  maximumDepth,
  name,
  nameList,
  nameOf,
  peek,
  skipGroup,
  spanFrom,
  wordAt,
} from './cursor.ts';
import { notAlias } from './keywords.ts';
import { windowOf } from './parse-call.ts';
import { fromClause } from './parse-from.ts';
import { tailOf } from './parse-order.ts';
import type { CommonTable, Expression, Name, ResultColumn, Select } from './statement.ts';
import type { Token } from './tokens.ts';

type Arm = Omit<Select, 'with' | 'compound' | 'orderBy' | 'limit' | 'offset' | 'locking'>;
type Compound = Select['compound'][number];

/** A query up to the end of its own clauses. */
export function select(cursor: Cursor): Select {
  const first = peek(cursor);
  if (cursor.depth >= maximumDepth) {
    cursor.complete = false;
    if (wordAt(cursor) === '(') skipGroup(cursor);
    return { ...emptySelect, span: spanFrom(cursor, first) };
  }
  cursor.depth++;
  const tables = withClause(cursor);
  const result = body(cursor, first, tables);
  cursor.depth--;
  return result;
}
const emptySelect = {
  kind: 'select',
  with: [],
  distinct: false,
  columns: [],
  from: [],
  groupBy: [],
  compound: [],
  orderBy: [],
  locking: false,
} as const;

/** What follows WITH …; `lead` is its first arm, where that was read before it was known to be one. */
export function body(cursor: Cursor, first: Token, tables: readonly CommonTable[], lead: Select = arm(cursor)): Select {
  const compound: Compound[] = [];
  for (let operator = setOperator(cursor); operator !== undefined; operator = setOperator(cursor)) {
    const next = arm(cursor);
    compound.push({ operator, select: next });
  }
  const tail = tailOf(cursor);
  const outer = { ...lead, with: [...tables, ...lead.with], compound: [...lead.compound, ...compound] };
  return {
    ...outer,
    orderBy: tail.orderBy.length > 0 ? tail.orderBy : lead.orderBy,
    locking: tail.locking || lead.locking,
    span: spanFrom(cursor, first),
    ...((tail.limit ?? lead.limit) !== undefined && { limit: tail.limit ?? lead.limit }),
    ...((tail.offset ?? lead.offset) !== undefined && { offset: tail.offset ?? lead.offset }),
  };
}

function setOperator(cursor: Cursor): Compound['operator'] | undefined {
  const word = acceptAny(cursor, setOperators);
  if (word === undefined) return undefined;
  const all = accept(cursor, 'ALL');
  if (!all) accept(cursor, 'DISTINCT');
  if (word === 'UNION') return all ? 'UNION ALL' : 'UNION';
  return word === 'INTERSECT' ? 'INTERSECT' : 'EXCEPT';
}
const setOperators: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'MINUS']);

/** One arm: SELECT …, VALUES …, TABLE x, or a bracketed query. */
function arm(cursor: Cursor): Select {
  const first = peek(cursor);
  if (first.word === '(') {
    cursor.at++;
    const inner = select(cursor);
    close(cursor);
    return inner;
  }
  if (first.word === 'VALUES') return values(cursor, first);
  if (accept(cursor, 'TABLE')) {
    const from = fromClause(cursor);
    return { ...emptySelect, columns: [{ star: true, span: spanFrom(cursor, first) }], from, span: spanFrom(cursor, first) };
  }
  if (!accept(cursor, 'SELECT')) {
    cursor.complete = false;
    return { ...emptySelect, span: spanFrom(cursor, first) };
  }
  return selectArm(cursor, first);
}

function selectArm(cursor: Cursor, first: Token): Select {
  let distinct = false;
  for (let word = acceptAny(cursor, modifiers); word !== undefined; word = acceptAny(cursor, modifiers)) {
    if (word === 'DISTINCT' || word === 'DISTINCTROW') distinct = true;
  }
  if (distinct && accept(cursor, 'ON')) {
    if (accept(cursor, '(')) {
      list(cursor, (inner) => inner.grammar.expression(inner));
      close(cursor);
    } else cursor.complete = false;
  }
  const columns = resultColumns(cursor);
  if (accept(cursor, 'INTO')) {
    acceptAny(cursor, temporary);
    accept(cursor, 'TABLE');
    name(cursor);
    cursor.complete = false;
  }
  const from = accept(cursor, 'FROM') ? fromClause(cursor) : [];
  const where = condition(cursor, 'WHERE');
  const groupBy = groups(cursor);
  const having = condition(cursor, 'HAVING');
  const windows: Expression[] = [];
  if (accept(cursor, 'WINDOW')) {
    list(cursor, (inner) => {
      name(inner);
      if (expect(inner, 'AS') && wordAt(inner) === '(') windowOf(inner, windows);
    });
  }
  const result: Arm = {
    kind: 'select',
    distinct,
    columns,
    from,
    groupBy,
    span: spanFrom(cursor, first),
    ...(where !== undefined && { where }),
    ...(having !== undefined && { having }),
  };
  return { ...result, with: [], compound: [], orderBy: [], locking: false };
}
const modifiers: ReadonlySet<string> = new Set([
  'DISTINCT',
  'ALL',
  'DISTINCTROW',
  'STRAIGHT_JOIN',
  'SQL_CALC_FOUND_ROWS',
  'HIGH_PRIORITY',
  'SQL_NO_CACHE',
]);
const temporary: ReadonlySet<string> = new Set(['TEMP', 'TEMPORARY', 'UNLOGGED', 'OUTFILE']);

/** The condition after a keyword; an interpolation alone may hold any number of conditions. */
export function condition(cursor: Cursor, keyword: string): Expression | undefined {
  if (!accept(cursor, keyword)) return undefined;
  const from = cursor.at;
  const found = cursor.grammar.expression(cursor);
  markBareHole(cursor, from, 'fragment');
  return found;
}

export function resultColumns(cursor: Cursor): ResultColumn[] {
  const columns: ResultColumn[] = [];
  // PostgreSQL takes `SELECT FROM t`, and a half-typed list ends in a comma.
  if (wordAt(cursor) === 'FROM' || (atEnd(cursor) && columns.length === 0)) {
    if (atEnd(cursor)) cursor.complete = false;
    return columns;
  }
  do columns.push(resultColumn(cursor));
  while (accept(cursor, ','));
  return columns;
}

function resultColumn(cursor: Cursor): ResultColumn {
  const first = peek(cursor);
  if (accept(cursor, '*')) return { star: true, span: spanFrom(cursor, first) };
  const from = cursor.at;
  let dots = 0;
  while (isName(peek(cursor, dots)) && wordAt(cursor, dots + 1) === '.') dots += 2;
  if (dots > 0 && wordAt(cursor, dots) === '*') {
    cursor.at += dots - 2;
    const table = nameOf(cursor, advance(cursor));
    cursor.at += 2;
    return { star: true, table, span: spanFrom(cursor, first) };
  }
  const macros = cursor.macros.length;
  const expression = cursor.grammar.expression(cursor);
  markBareHole(cursor, from, 'fragment');
  const embedded = cursor.macros[macros];
  if (embedded?.kind === 'embed' && expression.kind === 'unknown')
    return { star: true, table: { text: embedded.text, quoted: false, span: expression.span }, span: spanFrom(cursor, first) };
  const alias = aliasOf(cursor);
  return { star: false, expression, span: spanFrom(cursor, first), ...(alias !== undefined && { alias }) };
}

/** `AS x`, `x`, and where the dialect takes it `'x'`. */
function aliasOf(cursor: Cursor): Name | undefined {
  if (accept(cursor, 'AS')) return name(cursor);
  const token = peek(cursor);
  if (token.kind === 'hole') {
    markHole(cursor, token, 'fragment');
    advance(cursor);
    return undefined;
  }
  if (token.kind === 'name' || (token.kind === 'word' && !notAlias.has(token.word)) || token.kind === 'string')
    return nameOf(cursor, advance(cursor));
  return undefined;
}

function groups(cursor: Cursor): Expression[] {
  if (!acceptAll(cursor, 'GROUP', 'BY')) return [];
  if (wordAt(cursor) === 'ALL' || wordAt(cursor) === 'DISTINCT') advance(cursor);
  return list(cursor, (inner) => {
    const from = inner.at;
    if (acceptAll(inner, 'GROUPING', 'SETS')) {
      const first = peek(inner);
      skipGroup(inner);
      return { kind: 'unknown', parts: [], span: spanFrom(inner, first) };
    }
    const term = inner.grammar.expression(inner);
    markBareHole(inner, from, 'fragment');
    return term;
  });
}

/** Rows kept of a VALUES list; the rest is passed over. */
const keptRows = 100;

function values(cursor: Cursor, first: Token): Select {
  cursor.at++;
  const rows: Expression[][] = [];
  do {
    accept(cursor, 'ROW');
    if (wordAt(cursor) !== '(') {
      cursor.complete = false;
      break;
    }
    if (rows.length >= keptRows) {
      skipGroup(cursor);
      continue;
    }
    cursor.at++;
    rows.push(atStop(peek(cursor)) ? [] : list(cursor, (inner) => inner.grammar.expression(inner)));
    close(cursor);
  } while (accept(cursor, ','));
  return { ...emptySelect, values: rows, span: spanFrom(cursor, first) };
}

export function withClause(cursor: Cursor): CommonTable[] {
  if (!accept(cursor, 'WITH')) return [];
  const recursive = accept(cursor, 'RECURSIVE');
  const tables: CommonTable[] = [];
  do {
    const first = peek(cursor);
    const tableName = name(cursor);
    const columns = nameList(cursor);
    expect(cursor, 'AS');
    if (accept(cursor, 'NOT')) expect(cursor, 'MATERIALIZED');
    else accept(cursor, 'MATERIALIZED');
    if (!expect(cursor, '(')) break;
    const inner = cursor.grammar.statement(cursor);
    close(cursor);
    if (wordAt(cursor) === 'SEARCH' || (wordAt(cursor) === 'CYCLE' && isName(peek(cursor, 1)))) searchAndCycle(cursor);
    tables.push({ name: tableName, columns, body: inner, recursive, span: spanFrom(cursor, first) });
  } while (accept(cursor, ','));
  return tables;
}
/** `SEARCH DEPTH FIRST BY a SET b`, `CYCLE a SET b USING c`: names only. */
function searchAndCycle(cursor: Cursor): void {
  while (!atStop(peek(cursor)) && !['SELECT', 'INSERT', 'UPDATE', 'DELETE', '('].includes(wordAt(cursor))) advance(cursor);
}
