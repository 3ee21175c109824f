/** The number a new migration gets: the next one, or the time, in the manner of those that exist. */

export interface NumberedName {
  readonly number: string;
  /** Between number and name: `_`, `-`, `__`. */
  readonly separator: string;
  readonly rest: string;
}

const numbered = /^(\d{4}-\d{2}-\d{2}-\d{6}|\d{8}_\d{6}(?!\d)|\d+)(__|[_.-])(.+)$/;

export function parseNumbered(name: string): NumberedName | undefined {
  const match = numbered.exec(name);
  const [, number, separator, rest] = match ?? [];
  return number !== undefined && separator !== undefined && rest !== undefined ? { number, separator, rest } : undefined;
}

/**
 * The number that follows the existing ones. A timestamp (14, 12 or 8 digits, with or without
 * marks between, or seconds since 1970) is answered with `now` in the same form, a counter with the next
 * one in the same width. Never one that exists: two migrations made within a second differ by one.
 */
export function nextNumber(existing: readonly string[], now: Date): string {
  const sorted = [...existing].sort((left, right) => compareDigits(digits(left), digits(right)));
  const last = sorted.at(-1);
  if (last === undefined) return '0001';
  const stamp = timestampLike(last, now);
  if (stamp !== undefined) {
    let time = now;
    let candidate = stamp;
    // A repository's newest migration may lie in the future of this clock: then follow it.
    while (compareDigits(digits(candidate), digits(last)) <= 0) {
      time = new Date(Math.max(time.getTime(), timeOf(last) ?? 0) + stepOf(last));
      const later = timestampLike(last, time) ?? candidate;
      if (later === candidate) return String(BigInt(digits(last)) + 1n).padStart(last.length, '0');
      candidate = later;
    }
    return candidate;
  }
  const step = sorted.length > 1 && sorted.every((number) => Number(number) % 10 === 0) ? 10n : 1n;
  return String(BigInt(last) + step).padStart(last.length, '0');
}

const digits = (number: string): string => number.replace(/\D/g, '');
const compareDigits = (left: string, right: string): number => {
  const [first, second] = [BigInt(left || '0'), BigInt(right || '0')];
  return first < second ? -1 : first > second ? 1 : 0;
};

function timestampLike(sample: string, now: Date): string | undefined {
  if (/^1[4-9]\d{8}$/.test(sample)) return String(Math.floor(now.getTime() / 1000));
  const plain = digits(sample);
  if (!/^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/.test(plain) || ![8, 12, 14].includes(plain.length)) return undefined;
  const full = now.toISOString().replace(/\D/g, '').slice(0, plain.length);
  let at = 0;
  return sample.replace(/\d/g, () => full[at++] ?? '0');
}

/** Milliseconds between two timestamps of this form. */
function stepOf(sample: string): number {
  const length = digits(sample).length;
  return length === 8 ? 86_400_000 : length === 12 ? 60_000 : 1000;
}

function timeOf(number: string): number | undefined {
  const plain = digits(number);
  if (plain.length === 10) return Number(plain) * 1000;
  const padded = plain.padEnd(14, '0');
  const time = Date.parse(
    `${padded.slice(0, 4)}-${padded.slice(4, 6)}-${padded.slice(6, 8)}T${padded.slice(8, 10)}:${padded.slice(10, 12)}:${padded.slice(12, 14)}Z`,
  );
  return Number.isNaN(time) ? undefined : time;
}

/** The name in the manner of the others: `add-index-x` where they use hyphens. */
export function nameLike(name: string, others: readonly string[]): string {
  const count = (sign: string) => others.filter((other) => other.includes(sign)).length;
  return count('-') > count('_') ? name.replaceAll('_', '-') : name;
}
