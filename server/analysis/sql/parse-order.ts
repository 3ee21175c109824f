/** ORDER BY and what may follow it. */
import type { Cursor } from './cursor.ts';
import { accept, acceptAll, acceptAny, advance, atStop, list, markBareHole, markHole, peek, spanFrom, wordAt } from './cursor.ts';
import type { Expression, OrderTerm } from './statement.ts';

export function orderTerms(cursor: Cursor): OrderTerm[] {
  if (!acceptAll(cursor, 'ORDER', 'BY')) return [];
  return list(cursor, (inner) => {
    const first = peek(inner);
    const from = inner.at;
    const expression = inner.grammar.expression(inner);
    markBareHole(inner, from, 'fragment');
    return { ...direction(inner), expression, span: spanFrom(inner, first) };
  });
}
/** ASC, DESC, USING <, NULLS FIRST and LAST, or an interpolation in their place. */
export function direction(cursor: Cursor): Omit<OrderTerm, 'expression' | 'span'> {
  let descending = false;
  if (accept(cursor, 'DESC')) descending = true;
  else if (accept(cursor, 'USING')) descending = advance(cursor).word.startsWith('>');
  else if (!accept(cursor, 'ASC') && peek(cursor).kind === 'hole') markHole(cursor, advance(cursor), 'fragment');
  if (wordAt(cursor) !== 'NULLS') return { descending };
  cursor.at++;
  return { descending, nulls: advance(cursor).word === 'FIRST' ? 'first' : 'last' };
}

export interface Tail {
  readonly orderBy: readonly OrderTerm[];
  readonly limit?: Expression | undefined;
  readonly offset?: Expression | undefined;
  readonly locking: boolean;
}
/** ORDER BY, LIMIT, OFFSET, FETCH FIRST and FOR UPDATE, which belong to the whole compound. */
export function tailOf(cursor: Cursor): Tail {
  const { expression } = cursor.grammar;
  const orderBy = orderTerms(cursor);
  let limit: Expression | undefined;
  let offset: Expression | undefined;
  let locking = false;
  for (;;) {
    if (accept(cursor, 'LIMIT')) {
      if (!accept(cursor, 'ALL')) limit = expression(cursor);
      if (limit !== undefined && accept(cursor, ',')) {
        offset = limit;
        limit = expression(cursor);
      }
    } else if (accept(cursor, 'OFFSET')) {
      offset = expression(cursor);
      acceptAny(cursor, rowWords);
    } else if (wordAt(cursor) === 'FETCH' && (wordAt(cursor, 1) === 'FIRST' || wordAt(cursor, 1) === 'NEXT')) {
      const token = advance(cursor);
      cursor.at++;
      if (rowWords.has(wordAt(cursor)))
        limit = { kind: 'literal', type: 'number', value: '1', span: { start: token.hostEnd, end: token.hostEnd } };
      else limit = expression(cursor);
      acceptAny(cursor, rowWords);
      if (!accept(cursor, 'ONLY')) acceptAll(cursor, 'WITH', 'TIES');
    } else if (wordAt(cursor) === 'FOR' && locks.has(wordAt(cursor, 1))) {
      locking = true;
      cursor.at += 2;
      while (!atStop(peek(cursor)) && !['LIMIT', 'OFFSET', 'FOR', 'FETCH', 'UNION'].includes(wordAt(cursor))) advance(cursor);
    } else if (wordAt(cursor) === 'LOCK' && wordAt(cursor, 1) === 'IN') {
      locking = true;
      cursor.at += 4;
    } else return { orderBy, locking, ...(limit !== undefined && { limit }), ...(offset !== undefined && { offset }) };
  }
}
const rowWords: ReadonlySet<string> = new Set(['ROW', 'ROWS']);
const locks: ReadonlySet<string> = new Set(['UPDATE', 'SHARE', 'NO', 'KEY']);
