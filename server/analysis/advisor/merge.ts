/** Two indexes on one table as one that serves what either serves: smaller than both, and seldom much slower. */
import type { CandidateIndex } from '../facts.ts';

type Key = CandidateIndex['keys'][number];

export interface Merged {
  readonly candidate: CandidateIndex;
  /** Of the pool: what it was made from. */
  readonly parents: readonly number[];
}

/** Indexes of one table that are paired: those that save most. Pairs grow with the square. */
const mostPaired = 6;
/** Wider than this an index costs more on every write, and in cache, than a merge saves. */
const widest = 6;

const keyId = (key: Key): string => `${key.column?.toLowerCase() ?? `(${key.expression})`}${key.descending ? ' desc' : ''}`;
const columnOf = (key: Key): string | undefined => key.column?.toLowerCase();
export const candidateId = (candidate: CandidateIndex): string => JSON.stringify(sorted(candidate));

/** The same index has the same text, however it was put together. */
function sorted(candidate: CandidateIndex): unknown {
  const plain = Object.entries({ ...candidate, table: candidate.table.toLowerCase(), method: candidate.method ?? 'btree' });
  return plain.filter(([, value]) => value !== undefined).sort(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * Candidates beyond `pool` that pairs of the useful ones make: one's keys followed by the other's (a prefix of it then serves both), and one
 * carrying the other's columns without ordering by them. Unless space is `tight`, only those that begin with the same key are worth putting together. Only plain B-trees; a condition stays where both say it.
 */
export function mergedCandidates(
  useful: readonly { readonly index: number; readonly gain: number }[],
  pool: readonly CandidateIndex[],
  include: boolean,
  tight: boolean,
): readonly Merged[] {
  const known = new Set(pool.map(candidateId));
  const made = new Map<string, Merged>();
  const add = (candidate: CandidateIndex, parents: readonly number[]): void => {
    const id = candidateId(candidate);
    const before = made.get(id);
    if (candidate.keys.length > widest || known.has(id)) return;
    made.set(id, { candidate, parents: [...new Set([...(before?.parents ?? []), ...parents])] });
  };
  const byTable = Map.groupBy(useful, ({ index }) => pool[index]?.table.toLowerCase() ?? '');
  for (const entries of byTable.values()) {
    const best = entries
      .filter(({ index }) => (pool[index]?.method ?? 'btree') === 'btree')
      .toSorted((one, other) => other.gain - one.gain)
      .slice(0, mostPaired)
      .flatMap(({ index }) => {
        const candidate = pool[index];
        return candidate === undefined ? [] : [{ index, candidate }];
      });
    for (const one of best)
      for (const other of best) {
        if (one === other || (one.candidate.where ?? '') !== (other.candidate.where ?? '')) continue;
        if (!tight && keyId(one.candidate.keys[0] as Key) !== keyId(other.candidate.keys[0] as Key)) continue;
        for (const merged of merge(one.candidate, other.candidate, include)) add(merged, [one.index, other.index]);
      }
    for (const { index, candidate } of best) {
      // Without its condition a partial index serves statements that do not say it.
      const { where, ...rest } = candidate;
      if (where !== undefined) add(rest, [index]);
      // And without what it carries it is smaller.
      if (candidate.include.length > 0) add({ ...candidate, include: [] }, [index]);
    }
  }
  return [...made.values()];
}

function merge(one: CandidateIndex, other: CandidateIndex, include: boolean): CandidateIndex[] {
  const held = new Set(one.keys.map(keyId));
  const columns = new Set(one.keys.map(columnOf));
  const rest = other.keys.filter((key) => !held.has(keyId(key)) && !(key.column !== undefined && columns.has(columnOf(key))));
  const keys = [...one.keys, ...rest];
  const names = new Set(keys.map(columnOf));
  const carried = distinct([...one.include, ...other.include]).filter((name) => !names.has(name.toLowerCase()));
  const merged: CandidateIndex[] = [];
  if (rest.length > 0 || carried.length > one.include.length) merged.push({ ...one, keys, include: carried });
  const plain = rest.flatMap((key) => (key.column === undefined ? [] : [key.column]));
  if (include && plain.length > 0 && plain.length === rest.length)
    merged.push({
      ...one,
      include: distinct([...one.include, ...plain, ...other.include]).filter((name) => !columns.has(name.toLowerCase())),
    });
  return merged;
}

const distinct = (names: readonly string[]): string[] =>
  names.filter((name, at) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at);
