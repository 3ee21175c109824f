/** The FROM clause: its items in the order written, each with how it is joined to what stands before. */
import type { Cursor } from './cursor.ts';
import {
  accept,
  acceptAny,
  advance,
  atStop,
  close,
  isName,
  markHole,
  maximumDepth,
  name,
  nameList,
  nameOf,
  peek,
  qualifiedName,
  skipGroup,
  spanFrom,
  wordAt,
} from './cursor.ts';
import { notAlias } from './keywords.ts';
import type { Expression, FromItem, Join, Name } from './statement.ts';

export function fromClause(cursor: Cursor): FromItem[] {
  const items: FromItem[] = [];
  item(cursor, undefined, items);
  for (;;) {
    if (accept(cursor, ',')) {
      item(cursor, { type: 'comma', natural: false }, items);
      continue;
    }
    const join = joinOf(cursor);
    if (join === undefined) return items;
    const at = items.length;
    item(cursor, join, items);
    joinCondition(cursor, items, at);
    // `a JOIN b JOIN c ON … ON …`: the second ON is that of the join left open.
    while (wordAt(cursor) === 'ON' || (wordAt(cursor) === 'USING' && wordAt(cursor, 1) === '(')) {
      const open = items.findLastIndex(isOpen);
      if (open < 0) return items;
      joinCondition(cursor, items, open);
    }
  }
}
const isOpen = ({ join }: FromItem): boolean =>
  join !== undefined &&
  !join.natural &&
  join.on === undefined &&
  join.using === undefined &&
  join.type !== 'cross' &&
  join.type !== 'comma';

const sides: ReadonlySet<string> = new Set(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS']);

function joinOf(cursor: Cursor): Join | undefined {
  let ahead = 0;
  const natural = wordAt(cursor) === 'NATURAL';
  if (natural) ahead++;
  let type: Join['type'] = 'inner';
  const side = wordAt(cursor, ahead);
  if (sides.has(side)) {
    type = side.toLowerCase() as Join['type'];
    ahead++;
    if (wordAt(cursor, ahead) === 'OUTER') ahead++;
  }
  if (wordAt(cursor, ahead) !== 'JOIN' && !(ahead === 0 && side === 'STRAIGHT_JOIN')) return undefined;
  cursor.at += ahead + 1;
  return { type, natural };
}

/** ON and USING belong to the join of the item at `at` (a bracketed join may have added several). */
function joinCondition(cursor: Cursor, items: FromItem[], at: number): void {
  const joined = items[at];
  if (joined === undefined) return;
  let condition: { on?: Expression; using?: readonly Name[] } = {};
  if (accept(cursor, 'ON')) {
    const token = peek(cursor);
    const from = cursor.at;
    condition = { on: cursor.grammar.expression(cursor) };
    if (token.kind === 'hole' && cursor.at === from + 1) markHole(cursor, token, 'fragment');
  } else if (wordAt(cursor) === 'USING' && wordAt(cursor, 1) === '(') {
    cursor.at++;
    condition = { using: nameList(cursor) };
    if (wordAt(cursor) === 'AS') {
      cursor.at++;
      name(cursor);
    }
  } else return;
  items[at] = { ...joined, join: { ...(joined.join ?? { type: 'inner', natural: false }), ...condition } };
}

function item(cursor: Cursor, join: Join | undefined, into: FromItem[]): void {
  const first = peek(cursor);
  const joined = join === undefined ? {} : { join };
  const lateral = accept(cursor, 'LATERAL');
  if (wordAt(cursor) === '(') {
    const next = wordAt(cursor, 1);
    if (next === 'SELECT' || next === 'WITH' || next === 'VALUES' || (next === '(' && opensQuery(cursor))) {
      cursor.at++;
      const query = cursor.grammar.select(cursor);
      close(cursor);
      const alias = aliasOf(cursor);
      into.push({
        kind: query.values === undefined ? 'subquery' : 'values',
        query,
        lateral,
        span: spanFrom(cursor, first),
        ...joined,
        ...alias,
      });
      return;
    }
    grouped(cursor, joined, into);
    return;
  }
  if (wordAt(cursor) === 'ROWS' && wordAt(cursor, 1) === 'FROM' && wordAt(cursor, 2) === '(') {
    cursor.at += 2;
    skipGroup(cursor);
    if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === 'ORDINALITY') cursor.at += 2;
    into.push({ kind: 'function', arguments: [], lateral, ...aliasOf(cursor), span: spanFrom(cursor, first), ...joined });
    return;
  }
  if (wordAt(cursor) === 'ONLY' && (isName(peek(cursor, 1)) || wordAt(cursor, 1) === '(')) {
    cursor.at++;
    if (accept(cursor, '(')) {
      item(cursor, join, into);
      close(cursor);
      return;
    }
  }
  const token = peek(cursor);
  if ((!isName(token) && token.kind !== 'string') || (token.kind === 'word' && notAlias.has(token.word) && wordAt(cursor, 1) !== '(')) {
    cursor.complete = false;
    return;
  }
  if (token.hole >= 0 && token.kind === 'hole' && wordAt(cursor, 1) !== '.') {
    markHole(cursor, token, 'identifier');
    cursor.at++;
    into.push({ kind: 'hole', lateral, ...aliasOf(cursor), span: spanFrom(cursor, first), ...joined });
    return;
  }
  const { name: tableName, schema } = qualifiedName(cursor);
  const named = { name: tableName, ...(schema !== undefined && { schema }) };
  if (wordAt(cursor) === '(') {
    const inside = callArguments(cursor);
    if (wordAt(cursor) === 'WITH' && wordAt(cursor, 1) === 'ORDINALITY') cursor.at += 2;
    into.push({ kind: 'function', ...named, arguments: inside, lateral, ...aliasOf(cursor), span: spanFrom(cursor, first), ...joined });
    return;
  }
  accept(cursor, '*');
  const alias = aliasOf(cursor);
  afterTable(cursor);
  into.push({ kind: token.hole >= 0 ? 'hole' : 'table', ...named, lateral, ...alias, span: spanFrom(cursor, first), ...joined });
}

/** Whether `((` opens a query, `((SELECT …) UNION …)`, and not a join, `((SELECT …) AS a JOIN b)`. */
function opensQuery(cursor: Cursor): boolean {
  let ahead = 1;
  while (wordAt(cursor, ahead) === '(' && ahead < maximumDepth) ahead++;
  if (!['SELECT', 'WITH', 'VALUES'].includes(wordAt(cursor, ahead))) return false;
  let open = 0;
  for (let index = cursor.at + 1; index < cursor.tokens.length; index++) {
    const word = cursor.tokens[index]?.word;
    if (word === '(') open++;
    else if (word === ';') return false;
    else if (word === ')' && --open === 0) return continues.has(cursor.tokens[index + 1]?.word ?? '');
  }
  return false;
}
const continues: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH', ')']);

/** `(a JOIN b ON …)`: its items stand in the list as if the brackets were not there. */
function grouped(cursor: Cursor, joined: { readonly join?: Join }, into: FromItem[]): void {
  if (cursor.depth >= maximumDepth) {
    cursor.complete = false;
    skipGroup(cursor);
    return;
  }
  cursor.depth++;
  cursor.at++;
  const inner = fromClause(cursor);
  close(cursor);
  cursor.depth--;
  const [lead, ...rest] = inner;
  if (lead !== undefined) into.push({ ...lead, ...joined }, ...rest);
  const alias = aliasOf(cursor);
  if (alias.alias !== undefined) cursor.complete = false;
}

function callArguments(cursor: Cursor): Expression[] {
  cursor.at++;
  const inside: Expression[] = [];
  while (!atStop(peek(cursor))) {
    if (wordAt(cursor, 1) === '=>' || wordAt(cursor, 1) === ':=') cursor.at += 2;
    accept(cursor, 'VARIADIC');
    inside.push(cursor.grammar.expression(cursor));
    if (!accept(cursor, ',')) break;
  }
  close(cursor);
  return inside;
}

/** `AS t`, `t`, `t(a, b)`, `AS (a int, b text)`, and an interpolation that may hold any clause. */
function aliasOf(cursor: Cursor): { readonly alias?: Name } {
  let alias: Name | undefined;
  const token = peek(cursor);
  if (accept(cursor, 'AS')) {
    if (wordAt(cursor) !== '(') alias = name(cursor);
  } else if (token.kind === 'hole') {
    markHole(cursor, token, 'fragment');
    cursor.at++;
    return {};
  } else if (token.kind === 'name' || (token.kind === 'word' && !notAlias.has(token.word) && !isHint(cursor))) {
    alias = nameOf(cursor, advance(cursor));
  } else return {};
  if (wordAt(cursor) === '(') skipGroup(cursor, 'identifier');
  return alias === undefined ? {} : { alias };
}
const hints: ReadonlySet<string> = new Set(['USE', 'FORCE', 'IGNORE']);
const isHint = (cursor: Cursor): boolean => hints.has(wordAt(cursor)) && wordAt(cursor, 1) === 'INDEX';

function afterTable(cursor: Cursor): void {
  if (wordAt(cursor) === 'TABLESAMPLE') {
    cursor.at += 2;
    if (wordAt(cursor) === '(') skipGroup(cursor);
    if (accept(cursor, 'REPEATABLE')) skipGroup(cursor);
  } else if (wordAt(cursor) === 'INDEXED') {
    cursor.at += 2;
    name(cursor);
  } else if (wordAt(cursor) === 'NOT' && wordAt(cursor, 1) === 'INDEXED') cursor.at += 2;
  else if (acceptAny(cursor, hints) !== undefined) {
    accept(cursor, 'INDEX');
    if (wordAt(cursor) === '(') skipGroup(cursor, 'identifier');
  }
}
