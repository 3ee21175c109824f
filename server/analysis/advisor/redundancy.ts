/** Which index of a table does nothing that another one does not do as well. */

import { type Index, type IndexKey, indexesOf, type Schema, type Table } from '../sql/schema.ts';

export interface Redundancy {
  /** What serves in its place: another index, or the table's own key. */
  readonly other: Index | undefined;
  readonly kind: 'same' | 'prefix' | 'primary key';
}

/**
 * Undefined when the index earns its place: a partial one serves fewer rows cheaply, a unique one
 * guards its columns, one with another method, order, collation or operator class answers other questions.
 * Of two that are the same, the one declared later is redundant, and one that guards a constraint never is.
 */
export function redundancyOf(index: Index, schema: Schema, table: Table | undefined): Redundancy | undefined {
  if (index.constraint !== undefined) return undefined;
  if (index.method !== 'btree') return copyOf(index, indexesOf(schema, index.table));
  if (schema.engine === 'sqlite' && table !== undefined && isRowid(index, table)) return { other: undefined, kind: 'primary key' };
  const siblings = indexesOf(schema, index.table);
  const position = siblings.indexOf(index);
  let found: Redundancy | undefined;
  for (const [at, other] of siblings.entries()) {
    if (other === index || other.method !== 'btree') continue;
    if ((other.where ?? '') !== (index.where ?? '')) continue;
    const same = covers(index.keys, other.keys) && index.keys.length === other.keys.length;
    const carried = index.include.every((column) => other.include.includes(column) || other.keys.some((key) => key.column === column));
    if (!carried || !covers(index.keys, other.keys)) continue;
    if (index.unique && !(same && other.unique)) continue;
    if (same) {
      const weaker = !index.unique && (other.unique || other.constraint !== undefined);
      const equal = index.unique === other.unique && other.include.length === index.include.length;
      if (weaker || other.constraint !== undefined || !equal || at < position) return { other, kind: 'same' };
    } else found ??= { other, kind: 'prefix' };
  }
  return found;
}

/** An index of another kind repeats only one that is the same in every word; the later of the two is redundant. */
function copyOf(index: Index, siblings: readonly Index[]): Redundancy | undefined {
  const words = (of: Index): string => JSON.stringify([of.method, of.keys, of.include, of.where, of.unique]).toLowerCase();
  const other = siblings.slice(0, siblings.indexOf(index)).find((each) => words(each) === words(index));
  return other === undefined ? undefined : { other, kind: 'same' };
}

/** Whether the keys are the first of the other index's, all in its order or all against it: a B-tree is read both ways. */
function covers(keys: readonly IndexKey[], other: readonly IndexKey[]): boolean {
  if (keys.length > other.length) return false;
  const pairs = keys.map((key, at) => [key, other[at]] as const);
  const alike = pairs.every(
    ([left, right]) =>
      right !== undefined &&
      left.column?.toLowerCase() === right.column?.toLowerCase() &&
      left.expression === right.expression &&
      (left.collation ?? '').toLowerCase() === (right.collation ?? '').toLowerCase() &&
      (left.operatorClass ?? '') === (right.operatorClass ?? ''),
  );
  if (!alike) return false;
  const forward = pairs.every(([left, right]) => left.descending === right?.descending && left.nulls === right?.nulls);
  const backward = pairs.every(
    ([left, right]) => left.descending !== right?.descending && left.nulls === undefined && right?.nulls === undefined,
  );
  return forward || backward;
}

/** SQLite keeps an INTEGER PRIMARY KEY table in that key's order: an index that begins and ends with it is a copy. */
function isRowid(index: Index, table: Table): boolean {
  const [key] = index.keys;
  if (index.where !== undefined || index.keys.length !== 1 || key?.column === undefined || table.withoutRowid === true) return false;
  const [primary] = table.primaryKey;
  if (table.primaryKey.length !== 1 || primary?.toLowerCase() !== key.column.toLowerCase()) return false;
  return table.columns.some((column) => column.name.toLowerCase() === key.column?.toLowerCase() && column.type.toLowerCase() === 'integer');
}
