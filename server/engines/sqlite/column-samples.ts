/** How the values of a column are spread, in the two dozen of them that `sqlite_stat4` would keep of an index on it. */

/** A value; the share of rows that have it (0: seen once, so nobody knows), that have a smaller one; the share of different values that are smaller. */
export type ColumnSample = readonly [value: number | string | null, equal: number, less: number, lessDistinct: number];

/** `SQLITE_STAT4_SAMPLES`; a third of them stand at even distances, the rest are the most frequent values (`analyze.c`). */
export const mostSamples = 24;
const spacedSamples = Math.floor(mostSamples / 3);

const rank = (value: unknown): number => (value === null ? 0 : typeof value === 'number' ? 1 : 2);
/** SQLite's order: NULL, numbers, texts by their bytes. */
function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return rank(left) - rank(right);
}
const round = (share: number): number => Math.round(share * 1e4) / 1e4;

/** `counts`: how often each value was seen. Undefined where a value is none that can be written to a file as it is. */
export function columnSamples(counts: ReadonlyMap<unknown, number>): readonly ColumnSample[] | undefined {
  const groups: { readonly value: number | string | null; readonly count: number; readonly less: number; readonly at: number }[] = [];
  let total = 0;
  for (const value of [...counts.keys()].sort(compare)) {
    if (value !== null && typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value))) return undefined;
    const count = counts.get(value) ?? 0;
    groups.push({ value, count, less: total, at: groups.length });
    total += count;
  }
  const spaced = Array.from({ length: spacedSamples }, (_, step) => ((step + 1) * total) / (spacedSamples + 1));
  const chosen = new Set(spaced.flatMap((place) => groups.find(({ less, count }) => less <= place && place < less + count) ?? []));
  const frequent = groups.filter(({ count }) => count > 1).sort((left, right) => right.count - left.count || left.at - right.at);
  for (const group of frequent) {
    if (chosen.size >= mostSamples) break;
    chosen.add(group);
  }
  return [...chosen]
    .sort((left, right) => left.at - right.at)
    .map(({ value, count, less, at }) => [value, count > 1 ? round(count / total) : 0, round(less / total), round(at / groups.length)]);
}
