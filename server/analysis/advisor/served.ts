/** Whether an existing index or key already does what a candidate would. */
import type { CandidateIndex } from '../facts.ts';
import { normalExpression } from '../sql/normal-expression.ts';
import type { Index, Schema } from '../sql/schema.ts';
import { findTable, indexesOf } from '../sql/schema.ts';
import type { EngineId } from '../sql/statement.ts';
import type { Key } from './predicates.ts';

type CandidateKey = CandidateIndex['keys'][number];

/** What the conditions of a statement fix. */
export interface Given {
  /** Keys compared for equality, by `idOf`: their order and direction in an index do not matter. */
  readonly equal: ReadonlySet<string>;
  /** Conditions that are the same for every call, as they are printed. */
  readonly constants: ReadonlySet<string>;
  /** The equality among them on each key. */
  readonly fixed: ReadonlyMap<string, string>;
}

export const idOf = (key: Key): string => {
  const text = key.column?.toLowerCase() ?? `(${(key.expression ?? '').replace(/\s+/g, ' ')})`;
  return key.collation === undefined ? text : `${text} COLLATE ${key.collation.toLowerCase()}`;
};

/** The index that serves in the candidate's place: a partial one only where the statement always says what it says. `primary key` for the table's own. */
export function servedBy(candidate: CandidateIndex, schema: Schema, given: Given): Index | 'primary key' | undefined {
  const primary = findTable(schema, candidate.table)?.primaryKey ?? [];
  const plain = primary.map((column) => ({ column, descending: false }));
  const bare = candidate.where === undefined && candidate.include.length === 0 && (candidate.method ?? 'btree') === 'btree';
  if (bare && plain.length > 0 && begins(plain, candidate.keys, given)) return 'primary key';
  return indexesOf(schema, candidate.table).find((index) => {
    if (index.method !== (candidate.method ?? 'btree')) return false;
    const { keys, where } = normal(index, schema.engine);
    const said = where?.split(' AND ') ?? [];
    const implied = where !== undefined && said.every((part) => given.constants.has(part));
    if (where !== undefined && !implied && where !== candidate.where) return false;
    if (!candidate.include.every((column) => carries(index, column))) return false;
    const wanted = implied ? candidate.keys.filter((key) => !said.includes(given.fixed.get(idOf(key)) ?? '')) : candidate.keys;
    return begins(keys, wanted, given);
  });
}

const carries = (index: Index, column: string): boolean =>
  [...index.include, ...index.keys.map((key) => key.column)].some((each) => each?.toLowerCase() === column.toLowerCase());

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
  const equal = wanted.filter((key) => given.equal.has(idOf(key)));
  const rest = wanted.filter((key) => !given.equal.has(idOf(key)));
  const head = existing.slice(0, equal.length);
  if (!equal.every((key) => head.some((other) => matches(other, key)))) return false;
  const tail = existing.slice(equal.length, wanted.length);
  const turned = rest[0]?.descending !== tail[0]?.descending;
  return rest.every((key, at) => {
    const other = tail[at];
    return other !== undefined && matches(other, key) && (key.descending !== other.descending) === turned && key.nulls === other.nulls;
  });
}

/** The same column or expression, by the same rules. An index without a word about its collation has its column's, which a statement may ask for by name. */
function matches(existing: CandidateKey, wanted: CandidateKey): boolean {
  const same = (left: string | undefined, right: string | undefined) => left?.toLowerCase() === right?.toLowerCase();
  return (
    same(existing.column, wanted.column) &&
    (existing.column !== undefined || idOf({ expression: existing.expression }) === idOf({ expression: wanted.expression })) &&
    (wanted.collation === undefined
      ? existing.collation === undefined || existing.column !== undefined
      : same(existing.collation, wanted.collation)) &&
    same(existing.operatorClass, wanted.operatorClass)
  );
}
