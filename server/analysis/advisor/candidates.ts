/**
 * Indexes that might help a statement. Over-generated with measure: the planner refuses the useless
 * ones, so a wrong guess costs one EXPLAIN and a missing one costs the finding.
 */
import type { CandidateIndex } from '../facts.ts';
import type { Schema, Table } from '../sql/schema.ts';
import { findTable, indexesOf } from '../sql/schema.ts';
import type { Scope, ScopeTable } from '../sql/scopes.ts';
import { scopesOf } from '../sql/scopes.ts';
import type { Statement } from '../sql/statement.ts';
import { type About, type Predicate, predicatesOn } from './predicates.ts';
import { type Given, idOf, servedBy } from './served.ts';
import { patternClass, specialIndexes } from './special-indexes.ts';
import { type CandidateKey, extremes, groupKeys, orderKeys, usedColumns } from './wanted.ts';

export interface Breadth {
  /** Candidates of one statement. */
  readonly most: number;
  /** Keys of one candidate. */
  readonly widest: number;
  /** Columns that an index carries so that the table need not be read. */
  readonly carried: number;
}
/** What a planner answers within the patience of somebody who types: two to four milliseconds each on PostgreSQL, less than one on SQLite. */
export const atTheCursor: Breadth = { most: 24, widest: 4, carried: 4 };
/** For a workload, where a search weighs their sizes against what they save. */
export const forWorkload: Breadth = { most: 60, widest: 8, carried: 10 };

/** Best guess first. Leaves out what an existing index or key already serves; empty when every table is reached by a unique key. */
export function candidateIndexes(statement: Statement, schema: Schema, breadth: Breadth = atTheCursor): readonly CandidateIndex[] {
  const ranked: { readonly candidate: CandidateIndex; readonly rank: number; readonly given: Given }[] = [];
  for (const scope of scopesOf(statement)) {
    for (const table of scope.tables) {
      const known = table.name === undefined || table.common !== undefined ? undefined : findTable(schema, table.name);
      if (known === undefined || known.kind === 'view' || known.kind === 'virtual') continue;
      const { candidates, given } = forTable(scope, table, known, schema, breadth);
      for (const [rank, candidate] of candidates.entries()) ranked.push({ candidate, rank, given });
    }
  }
  const found = new Map<string, CandidateIndex>();
  for (const { candidate, given } of ranked.sort((left, right) => left.rank - right.rank)) {
    const text = JSON.stringify(candidate);
    if (candidate.keys.length > 0 && !found.has(text) && servedBy(candidate, schema, given) === undefined) found.set(text, candidate);
    if (found.size >= breadth.most) break;
  }
  return [...found.values()];
}

/** What the conditions of this level fix of the table, for `servedBy`. */
export function givenBy(predicates: readonly Predicate[]): Given {
  const equal = predicates.filter((predicate) => predicate.kind === 'equal');
  return {
    equal: new Set(equal.map(({ key }) => idOf(key))),
    constants: new Set(predicates.flatMap(({ constant }) => constant ?? [])),
    fixed: new Map(equal.flatMap(({ key, constant }) => (constant === undefined ? [] : [[idOf(key), constant] as const]))),
  };
}

function forTable(
  scope: Scope,
  table: ScopeTable,
  known: Table,
  schema: Schema,
  breadth: Breadth,
): { candidates: CandidateIndex[]; given: Given } {
  const about = { scope, table, known, schema };
  const { predicates, contained, arms } = predicatesOn(scope, table, known, schema);
  // A join through a unique key needs no more than that key's own index.
  const isKey = (predicate: Predicate): boolean => predicate.join && isPointLookup([{ ...predicate, join: false }], known, schema);
  const searched = predicates.filter((predicate) => !(predicate.kind === 'equal' && isKey(predicate)));
  const given = givenBy(searched);
  const equal = unique(searched.filter((predicate) => predicate.kind === 'equal'));
  if (isPointLookup(equal, known, schema)) return { candidates: [], given };
  const lists = keyLists(searched, about, breadth)
    .map((keys) => withoutRowid(distinct(keys).slice(0, breadth.widest), known, schema))
    .filter((keys) => keys.length > 0);
  const plain = lists.map((keys): CandidateIndex => ({ table: known.name, keys, include: [] }));
  const [best] = lists;
  const candidates = [
    ...plain.slice(0, 1),
    ...partial(predicates, lists, known),
    ...(schema.engine === 'postgres' ? specialIndexes(contained, predicates, known) : []),
    ...armIndexes(arms, equal, about, breadth),
    ...plain.slice(1, 3),
    ...covering(best === undefined ? [] : lists.slice(0, 2), about, breadth),
    ...plain.slice(3),
  ];
  return { candidates, given };
}

/** Lists of keys, the most promising first. */
function keyLists(predicates: readonly Predicate[], about: About, breadth: Breadth): CandidateKey[][] {
  const { scope } = about;
  const equal = unique(predicates.filter((predicate) => predicate.kind === 'equal'));
  const ranges = unique(predicates.filter((predicate) => predicate.kind === 'range' || predicate.kind === 'pattern'));
  const order = orderKeys(scope, about);
  const groups = groupKeys(scope, about);
  const key = (predicate: Predicate): CandidateKey => keyFor(predicate, about);
  const equals = equal.map(key);
  const filters = equal.filter((predicate) => !predicate.join).map(key);
  const joins = equal.filter((predicate) => predicate.join).map(key);
  // What the caller gives narrows more than what is the same in every call.
  const range = [...ranges.filter((each) => each.constant === undefined), ...ranges.filter((each) => each.constant !== undefined)].map(key);
  const first = range.slice(0, 1);

  const lists: CandidateKey[][] = [];
  if (range.length > 0) lists.push([...equals, ...first]);
  if (order.length > 0 && scope.groupBy.length === 0) lists.push([...equals, ...order]);
  if (joins.length > 0 && filters.length > 0) lists.push([...joins, ...first], joins, [...filters, ...first], [...filters, ...order]);
  if (groups.length > 0) lists.push([...equals, ...groups]);
  for (const extreme of extremes(scope, about)) lists.push([...equals, { ...extreme, descending: false }]);
  lists.push(equals);
  for (const other of range.slice(1)) lists.push([...equals, other]);
  for (const one of equals) lists.push([one]);
  for (const one of range) lists.push([one]);
  if (order.length > 0 && range.length > 0) lists.push([...first, ...order], [...equals, ...order, ...first]);
  if (breadth.widest > atTheCursor.widest) {
    // Other orders of the same keys share an index with other statements.
    for (const one of equals) lists.push([one, ...equals, ...first], [one, ...order], [one, ...first]);
    lists.push([...equals, ...range], order);
  }
  return lists;
}

/** An index answers a pattern in the order of its bytes (PostgreSQL) or without regard to case (SQLite's LIKE). */
function keyFor({ key, kind, operator }: Predicate, { known, schema }: About): CandidateKey {
  const plain = { ...key, descending: false };
  if (kind !== 'pattern') return plain;
  if (schema.engine === 'postgres') {
    const operatorClass = patternClass(key, known);
    return operatorClass === undefined ? plain : { ...plain, operatorClass };
  }
  const column = known.columns.find((each) => each.name === key.column);
  return operator === 'LIKE' && column?.collation?.toLowerCase() !== 'nocase' ? { ...plain, collation: 'nocase' } : plain;
}

/** Every index of SQLite ends in the row's own key, so an order by it needs no key of its own. */
function withoutRowid(keys: readonly CandidateKey[], table: Table, schema: Schema): readonly CandidateKey[] {
  const [only] = table.primaryKey;
  const isRowid = schema.engine === 'sqlite' && table.withoutRowid !== true && table.primaryKey.length === 1;
  const isInteger = table.columns.some((column) => column.name === only && column.type === 'integer');
  const last = keys.at(-1);
  const uniform = keys.every((key) => key.descending === last?.descending);
  return isRowid && isInteger && uniform && last?.column === only ? keys.slice(0, -1) : keys;
}

/** Rows that are there no more, or are not yet: what most statements on a table leave out. */
const isUsual = ({ constant, key }: Predicate): boolean =>
  / IS NULL$/.test(constant ?? '') || /^NOT \w+$|^\w+$/.test(constant ?? '') || /delet|archiv/i.test(key.column ?? '');

/** What holds for every call of the statement moves from the keys into the index's own condition. */
function partial(predicates: readonly Predicate[], lists: readonly (readonly CandidateKey[])[], table: Table): CandidateIndex[] {
  const constants = predicates.filter((predicate) => predicate.constant !== undefined);
  if (constants.length === 0) return [];
  const usual = constants.filter(isUsual);
  const conditions = usual.length > 0 && usual.length < constants.length ? [constants, usual] : [constants];
  return conditions.flatMap((said) => {
    const where = [...new Set(said.map((predicate) => predicate.constant))].join(' AND ');
    const fixed = new Set(said.filter((predicate) => predicate.kind === 'equal').map((predicate) => idOf(predicate.key)));
    const rests = lists.slice(0, 2).map((keys) => distinct(keys.filter((key) => !fixed.has(idOf(key)))));
    // Where nothing else is asked the rows are found by the condition alone, and their own key is the shortest to keep.
    if (rests.every((rest) => rest.length === 0)) rests.push(table.primaryKey.slice(0, 1).map((column) => ({ column, descending: false })));
    return rests.filter((rest) => rest.length > 0).map((keys): CandidateIndex => ({ table: table.name, keys, include: [], where }));
  });
}

/** Types whose values are too long to be carried along. */
const longType = /^(?:text$|json|bytea|blob|xml|tsvector|clob)|\[\]$/;

/** The same keys with the rest of what the statement reads, so that the table itself is not. */
function covering(lists: readonly (readonly CandidateKey[])[], about: About, breadth: Breadth): CandidateIndex[] {
  const used = usedColumns(about);
  const { known, schema } = about;
  if (used === undefined || used.length >= known.columns.length) return [];
  const long = (name: string): boolean => longType.test(known.columns.find((column) => column.name === name)?.type ?? '');
  return lists.flatMap((keys): CandidateIndex[] => {
    const have = new Set(keys.map((key) => key.column));
    const rest = used.filter((name) => !have.has(name) && !(schema.engine === 'sqlite' && isRowidColumn(name, known)));
    if (rest.length === 0 || rest.length > breadth.carried || (schema.engine === 'postgres' && rest.some(long))) return [];
    // In declaration order, so that two statements that carry the same columns want the same index.
    const include = known.columns.map((column) => column.name).filter((name) => rest.includes(name));
    return [{ table: known.name, keys, include }];
  });
}
const isRowidColumn = (name: string, table: Table): boolean =>
  table.primaryKey.length === 1 &&
  table.primaryKey[0] === name &&
  table.withoutRowid !== true &&
  table.columns.some((column) => column.name === name && column.type === 'integer');

/** One for each arm of an OR: together they serve it, alone none does. */
function armIndexes(
  arms: readonly (readonly Predicate[])[][],
  equal: readonly Predicate[],
  about: About,
  breadth: Breadth,
): CandidateIndex[] {
  return arms.flatMap((list) =>
    list.map((arm): CandidateIndex => {
      const own = unique(arm.filter((predicate) => predicate.kind === 'equal'));
      const range = arm.filter((predicate) => predicate.kind !== 'equal').slice(0, 1);
      const keys = [...own, ...range, ...equal].map((predicate) => keyFor(predicate, about));
      return { table: about.known.name, keys: distinct(keys).slice(0, breadth.widest), include: [] };
    }),
  );
}

function distinct(keys: readonly CandidateKey[]): CandidateKey[] {
  const seen = new Set<string>();
  return keys.filter((key) => !seen.has(idOf(key)) && seen.add(idOf(key)));
}
/** No index has more keys than this, and what a generated statement of thousands of conditions wants is anybody's guess. */
const mostKeys = 16;
/** Each key once; keys that find few rows first: identifiers, then what is given by the caller, then flags and constants. */
function unique(predicates: readonly Predicate[]): Predicate[] {
  const seen = new Set<string>();
  const once = predicates.filter(({ key }) => !seen.has(idOf(key)) && seen.add(idOf(key)));
  const weight = (predicate: Predicate): number =>
    predicate.constant !== undefined ? 2 : /(^|_)(id|uuid|key|email|slug|hash|token)$/i.test(predicate.key.column ?? '') ? 0 : 1;
  return once.sort((left, right) => weight(left) - weight(right)).slice(0, mostKeys);
}

/** The equalities give every column of a unique key: at most one row, and the engine finds it already. */
export function isPointLookup(equal: readonly Predicate[], table: Table, schema: Schema): boolean {
  const given = new Set(
    equal
      .filter((predicate) => !predicate.join && predicate.key.collation === undefined)
      .map((predicate) => predicate.key.column?.toLowerCase())
      .filter((column) => column !== undefined),
  );
  const covers = (columns: readonly (string | undefined)[]): boolean =>
    columns.length > 0 && columns.every((column) => column !== undefined && given.has(column.toLowerCase()));
  if (covers(table.primaryKey)) return true;
  if (schema.engine === 'sqlite' && given.has('rowid')) return true;
  return indexesOf(schema, table.name).some(
    (index) => index.unique && index.where === undefined && covers(index.keys.map((key) => key.column)),
  );
}
