/** What ANALYZE would keep in `sqlite_stat4` of an index that is not there: SQLite tells by it a range that finds a tenth from one that finds all. */
import type { CandidateIndex } from '../analysis/facts.ts';
import type { ColumnSample } from '../engines/sqlite/column-samples.ts';

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
 * Of the first key alone is anything known; in the others a sample stands before every value that shares its first one. `stat` is the candidate's line of
 * `sqlite_stat1`: rows, then rows for each value of the first key, of the first two …
 */
export function sampleRows(candidate: CandidateIndex, stat: string, samples: readonly ColumnSample[]): readonly SampleRow[] {
  // Kept in the order of the index, which a descending key turns round.
  if (candidate.keys[0]?.descending === true) return [];
  const [rows = 0, ...shared] = stat.split(' ').map(Number);
  const distinct = rows / Math.max(1, shared[0] ?? 1);
  const others = shared.length;
  return samples.map(([value, equal, less, lessDistinct], at) => {
    const same = Math.max(1, Math.round(equal === 0 ? (shared[0] ?? 1) : equal * rows));
    const before = Math.round(less * rows);
    const each = (first: number, rest: number): string => [first, ...Array.from({ length: others }, () => rest)].join(' ');
    return {
      neq: each(same, 1),
      nlt: each(before, before),
      ndlt: each(Math.round(lessDistinct * distinct), before),
      sample: record([value, ...Array.from({ length: others - 1 }, () => null), at + 1]),
    };
  });
}
