/** What ANALYZE would keep in `sqlite_stat4` of an index that is not there: SQLite tells by it a range that finds a tenth from one that finds all. */
import type { CandidateIndex } from '../analysis/facts.ts';
import { type ColumnSample, mostSamples } from '../engines/sqlite/column-samples.ts';

export interface SampleRow {
  readonly neq: string;
  readonly nlt: string;
  readonly ndlt: string;
  readonly sample: Buffer;
}

/** A number of SQLite's record format: seven bits a byte, the highest first. */
function variable(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** Serial type and bytes of one value. */
function stored(value: number | string | null): readonly [type: number, bytes: Buffer] {
  if (value === null) return [0, Buffer.alloc(0)];
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return [13 + 2 * bytes.length, bytes];
  }
  if (value === 0 || value === 1) return [8 + value, Buffer.alloc(0)];
  const bytes = Buffer.alloc(8);
  if (!Number.isSafeInteger(value)) {
    bytes.writeDoubleBE(value);
    return [7, bytes];
  }
  bytes.writeBigInt64BE(BigInt(value));
  return [6, bytes];
}

/** A record: the length of its header, the type of each value, the values. */
export function record(values: readonly (number | string | null)[]): Buffer {
  const parts = values.map(stored);
  const types = parts.flatMap(([type]) => variable(type));
  return Buffer.concat([Buffer.from([...variable(types.length + 1), ...types]), ...parts.map(([, bytes]) => bytes)]);
}

/**
 * One row for each value of the first key's samples, which is what is known best; the other keys' values are taken in turn from theirs, as if the columns
 * were independent. `stat` is the candidate's line of `sqlite_stat1`: rows, then rows for each value of the first key, of the first two …
 */
export function sampleRows(
  candidate: CandidateIndex,
  stat: string,
  keys: readonly (readonly ColumnSample[] | undefined)[],
): readonly SampleRow[] {
  const [first = [], ...others] = keys;
  // Kept in the order of the index, which a descending key turns round.
  if (candidate.keys[0]?.descending === true) return [];
  const [rows = 0, ...shared] = stat.split(' ').map(Number);
  // A frequent value stands there several times, each time with another second one.
  const places = first.flatMap((sample, at) => {
    const times = others.length === 0 ? 1 : Math.max(1, Math.round(sample[1] * (mostSamples - first.length)));
    return Array.from({ length: times }, (_, turn) => ({ sample, at, share: times === 1 ? undefined : (turn + 0.5) / times }));
  });
  return places.map(({ sample: [value, equal, less, lessDistinct], at, share }, place) => {
    let same = Math.max(1, Math.round(equal === 0 ? (shared[0] ?? 1) : equal * rows));
    let before = Math.round(less * rows);
    const values = [value];
    const neq = [same];
    const nlt = [before];
    const ndlt = [Math.round((lessDistinct * rows) / Math.max(1, shared[0] ?? 1))];
    others.forEach((samples = [], index) => {
      const other =
        index === 0 && share !== undefined ? samples[Math.floor(share * samples.length)] : samples[(at * stride) % samples.length];
      before += Math.round(same * (other?.[2] ?? 0));
      same = Math.max(1, Math.round((same * (shared[index + 1] ?? 1)) / Math.max(1, shared[index] ?? 1)));
      values.push(other?.[0] ?? null);
      neq.push(same);
      nlt.push(before);
      ndlt.push(Math.round(before / Math.max(1, shared[index + 1] ?? 1)));
    });
    // The last column of every index is the rowid.
    return {
      neq: [...neq, 1].join(' '),
      nlt: [...nlt, before].join(' '),
      ndlt: [...ndlt, before].join(' '),
      sample: record([...values, place + 1]),
    };
  });
}
/** Has no divisor in common with two dozen, so that every sample of another key has its turn. */
const stride = 7;
