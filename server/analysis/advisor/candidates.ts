/**
 * Indexes that might help a statement. Over-generated with measure: the planner refuses the useless
 * ones, so a wrong guess costs one EXPLAIN and a missing one costs the finding.
 */
import type { CandidateIndex } from '../facts.ts';
import { normalExpression } from '../sql/normal-expression.ts';
import type { Index, Schema, Table } from '../sql/schema.ts';
import { findTable, indexesOf } from '../sql/schema.ts';
import type { Scope, ScopeTable } from '../sql/scopes.ts';
import { scopesOf } from '../sql/scopes.ts';
import type { EngineId, Expression, Statement } from '../sql/statement.ts';
import type { Key, Predicate } from './predicates.ts';
import { columnOf, predicatesOn } from './predicates.ts';

type CandidateKey = CandidateIndex['keys'][number];

/** More than a planner answers within a keystroke's patience (1 to 2 ms each). */
const mostCandidates = 12;
/** Wider indexes cost more on every write than they save. */
const widest = 4;

/** Best guess first. Leaves out what an existing index or key already serves; empty when every table is reached by a unique key. */
export function candidateIndexes(statement: Statement, schema: Schema): readonly CandidateIndex[] {
  const ranked: { readonly candidate: CandidateIndex; readonly rank: number; readonly given: Given }[] = [];
  for (const scope of scopesOf(statement)) {
    for (const table of scope.tables) {
      const known = table.name === undefined || table.common !== undefined ? undefined : findTable(schema, table.name);
      if (known === undefined || known.kind === 'view' || known.kind === 'virtual') continue;
      const { candidates, given } = forTable(scope, table, known, schema);
      for (const [rank, candidate] of candidates.entries()) ranked.push({ candidate, rank, given });
    }
  }
  const found = new Map<string, CandidateIndex>();
  for (const { candidate, given } of ranked.sort((left, right) => left.rank - right.rank)) {
    if (candidate.keys.length > 0 && !isServed(candidate, schema, given))
      found.set(JSON.stringify(candidate), found.get(JSON.stringify(candidate)) ?? candidate);
  }
  return [...found.values()].slice(0, mostCandidates);
}

/** What the conditions fix, by key. */
interface Given {
  /** Keys compared for equality: their order and direction in an index do not matter. */
  readonly equal: ReadonlySet<string>;
  /** Conditions that are the same for every call. */
  readonly constants: ReadonlyMap<string, string>;
}

function forTable(scope: Scope, table: ScopeTable, known: Table, schema: Schema): { candidates: CandidateIndex[]; given: Given } {
  const { predicates, contained } = predicatesOn(scope, table, known, schema);
  const constants = new Map(predicates.flatMap(({ key, constant }) => (constant === undefined ? [] : [[idOf(key), constant] as const])));
  // A join through a unique key needs no more than that key's own index.
  const isKey = (predicate: Predicate): boolean => predicate.join && isPointLookup([{ ...predicate, join: false }], known, schema);
  const equal = unique(predicates.filter((predicate) => predicate.kind === 'equal' && !isKey(predicate)));
  const given: Given = { equal: new Set(equal.map(({ key }) => idOf(key))), constants };
  if (isPointLookup(equal, known, schema)) return { candidates: [], given };
  const ranges = unique(predicates.filter((predicate) => predicate.kind === 'range' && predicate.constant === undefined));
  const order = orderKeys(scope, { scope, table, known, schema });
  const groups = keysOf(scope.groupBy, { scope, table, known, schema });
  const equals = equal.map(keyOf);
  const filters = equal.filter((predicate) => !predicate.join).map(keyOf);
  const joins = equal.filter((predicate) => predicate.join).map(keyOf);
  const range = ranges.map(keyOf);
  const first = range.slice(0, 1);

  const lists: CandidateKey[][] = [];
  if (range.length > 0) lists.push([...equals, ...first]);
  if (order.length > 0 && scope.groupBy.length === 0) lists.push([...equals, ...order]);
  if (joins.length > 0 && filters.length > 0) lists.push([...joins, ...first], joins, [...filters, ...first], [...filters, ...order]);
  if (groups.length > 0) lists.push([...equals, ...groups]);
  lists.push(equals);
  for (const other of range.slice(1)) lists.push([...equals, other]);
  for (const key of equals) lists.push([key]);
  for (const key of range) lists.push([key]);
  if (order.length > 0 && range.length > 0) lists.push([...first, ...order]);

  const plain = lists.map(
    (keys): CandidateIndex => ({ table: known.name, keys: withoutRowid(distinct(keys).slice(0, widest), known, schema), include: [] }),
  );
  const result = [...plain.slice(0, 1), ...partial(predicates, lists[0] ?? [], known.name), ...plain.slice(1)];
  if (schema.engine === 'postgres')
    for (const key of contained) result.push({ table: known.name, keys: [{ ...key, descending: false }], include: [], method: 'gin' });
  return { candidates: result, given };
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

/** What holds for every call of the statement moves from the keys into the index's own condition. */
function partial(predicates: readonly Predicate[], keys: readonly CandidateKey[], table: string): CandidateIndex[] {
  const constants = predicates.filter((predicate) => predicate.constant !== undefined);
  if (constants.length === 0) return [];
  const where = [...new Set(constants.map((predicate) => predicate.constant))].join(' AND ');
  const fixed = new Set(constants.map((predicate) => idOf(predicate.key)));
  const rest = distinct(keys.filter((key) => !fixed.has(idOf(key))));
  return rest.length === 0 ? [] : [{ table, keys: rest.slice(0, widest), include: [], where }];
}

const idOf = (key: Key): string => key.column?.toLowerCase() ?? `(${(key.expression ?? '').replace(/\s+/g, ' ')})`;
const keyOf = ({ key }: Predicate): CandidateKey => ({ ...key, descending: false });
function distinct(keys: readonly CandidateKey[]): CandidateKey[] {
  return keys.filter((key, index) => keys.findIndex((other) => idOf(other) === idOf(key)) === index);
}
/** Each key once; keys that find few rows first: identifiers, then what is given by the caller, then flags and constants. */
function unique(predicates: readonly Predicate[]): Predicate[] {
  const seen = predicates.filter((predicate, index) => predicates.findIndex((other) => idOf(other.key) === idOf(predicate.key)) === index);
  const weight = (predicate: Predicate): number =>
    predicate.constant !== undefined ? 2 : /(^|_)(id|uuid|key|email|slug|hash|token)$/i.test(predicate.key.column ?? '') ? 0 : 1;
  return seen.sort((left, right) => weight(left) - weight(right));
}

/** The equalities give every column of a unique key: at most one row, and the engine finds it already. */
function isPointLookup(equal: readonly Predicate[], table: Table, schema: Schema): boolean {
  const given = new Set(
    equal
      .filter((predicate) => !predicate.join)
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

type About = Parameters<typeof columnOf>[1];

/** ORDER BY as keys, while its terms are columns of this table. One direction throughout is read from either end, so it is written ascending. */
function orderKeys(scope: Scope, about: About): CandidateKey[] {
  const keys: CandidateKey[] = [];
  for (const { expression, descending, nulls } of scope.orderBy) {
    const column = columnOf(expression, about);
    // Where NULLs stand is part of an index's order on PostgreSQL; SQLite sorts them first in ascending order.
    const usual = nulls === undefined || (nulls === 'first') === (descending === (about.schema.engine === 'postgres'));
    if (column === undefined || !usual) break;
    keys.push({ column, descending });
  }
  if (keys.length < scope.orderBy.length && keys.length === 0) return [];
  return keys.every((key) => key.descending) ? keys.map((key) => ({ ...key, descending: false })) : keys;
}
function keysOf(expressions: readonly Expression[], about: About): CandidateKey[] {
  const columns = expressions.map((expression) => columnOf(expression, about));
  return columns.every((column) => column !== undefined) ? columns.map((column) => ({ column, descending: false })) : [];
}

/** An existing index or key already does what the candidate would; a partial one where the statement always says what it says. */
function isServed(candidate: CandidateIndex, schema: Schema, given: Given): boolean {
  const primary = findTable(schema, candidate.table)?.primaryKey ?? [];
  const plain = primary.map((column) => ({ column, descending: false }));
  if (candidate.where === undefined && plain.length > 0 && begins(plain, candidate.keys, given)) return true;
  return indexesOf(schema, candidate.table).some((index) => {
    if (index.method !== (candidate.method ?? 'btree')) return false;
    const { keys, where } = normal(index, schema.engine);
    const said = where?.split(' AND ') ?? [];
    const implied = where !== undefined && said.every((part) => [...given.constants.values()].includes(part));
    if (where !== undefined && !implied && where !== candidate.where) return false;
    const wanted = implied ? candidate.keys.filter((key) => !said.includes(given.constants.get(idOf(key)) ?? '')) : candidate.keys;
    return begins(keys, wanted, given);
  });
}

/** A catalogue prints expressions in its own way: they are compared in ours. */
const normals = new WeakMap<Index, { readonly keys: readonly CandidateKey[]; readonly where: string | undefined }>();
function normal(index: Index, engine: EngineId): { readonly keys: readonly CandidateKey[]; readonly where: string | undefined } {
  const known = normals.get(index);
  if (known !== undefined) return known;
  const keys = index.keys.map((key) =>
    key.expression === undefined ? key : { ...key, expression: normalExpression(key.expression, engine) },
  );
  const result = { keys, where: index.where === undefined ? undefined : normalExpression(index.where, engine) };
  normals.set(index, result);
  return result;
}

/** Equal keys first, in any order; then the rest in order, all in the same direction or all in the other. */
function begins(existing: readonly CandidateKey[], wanted: readonly CandidateKey[], given: Given): boolean {
  if (existing.length < wanted.length) return false;
  const equal = wanted.filter((key) => given.equal.has(idOf(key))).map(idOf);
  const rest = wanted.filter((key) => !given.equal.has(idOf(key)));
  const head = new Set(existing.slice(0, equal.length).map(idOf));
  if (!equal.every((key) => head.has(key))) return false;
  const tail = existing.slice(equal.length, wanted.length);
  const turned = rest[0]?.descending !== tail[0]?.descending;
  return rest.every((key, at) => idOf(key) === idOf(tail[at] ?? {}) && (key.descending !== tail[at]?.descending) === turned);
}
