/** What a candidate index is called in the plans of a twin. */
import { indexName } from '../analysis/ddl.ts';
import type { CandidateIndex } from '../analysis/facts.ts';

/** PostgreSQL cuts names at 63 bytes. */
const longest = 63;

/**
 * The name it would have if it were made, and for one that is more than columns in ascending order a mark of what else it is, so that no two candidates
 * share a name.
 */
export function candidateName(candidate: CandidateIndex): string {
  const { keys, include, where, method } = candidate;
  const plain =
    include.length === 0 &&
    where === undefined &&
    (method ?? 'btree') === 'btree' &&
    keys.every((key) => key.column !== undefined && /^[a-z0-9_]+$/.test(key.column) && !key.descending && isBare(key));
  const name = indexName(candidate);
  return plain && /^[a-z0-9_]+$/.test(candidate.table)
    ? name
    : `${name.slice(0, longest - 7)}_${hash(JSON.stringify([candidate.table, keys, include, where, method]))}`;
}

/** The name it would have, clear of the names that exist already (lower case). */
export function freeName(candidate: CandidateIndex, taken: ReadonlySet<string>): string {
  const name = indexName(candidate);
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `_${number}`;
    const free = name.slice(0, longest - suffix.length) + suffix;
    if (!taken.has(free)) return free;
  }
}

const isBare = (key: CandidateIndex['keys'][number]): boolean =>
  key.nulls === undefined && key.collation === undefined && key.operatorClass === undefined;

/** FNV-1a, six signs of it. */
function hash(text: string): string {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16_777_619) >>> 0;
  return value.toString(36).slice(-6).padStart(6, '0');
}
