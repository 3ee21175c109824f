/** What a candidate index is called while it is tried: the name it would have if it were made, so that plans read as they will. */
import type { CandidateIndex } from '../analysis/facts.ts';

/** PostgreSQL cuts names at 63 bytes. */
const longest = 63;

/** A name that is not among `taken` (lower case). */
export function candidateName(candidate: CandidateIndex, taken: ReadonlySet<string>): string {
  const keys = candidate.keys.map((key) => key.column ?? key.expression ?? '');
  const words = ['idx', candidate.table.split('.').at(-1) ?? candidate.table, ...keys].join('_').toLowerCase();
  const base = words
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/_+/g, '_')
    .replace(/_$/, '')
    .slice(0, longest);
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `_${number}`;
    const name = base.slice(0, longest - suffix.length) + suffix;
    if (!taken.has(name)) return name;
  }
}
