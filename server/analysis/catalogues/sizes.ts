/** Amounts of memory in the words of people: in comments, and in messages. */

const units: readonly (readonly [RegExp, number, string])[] = [
  [/^(?:b|bytes?)$/i, 1, 'B'],
  [/^(?:k|kb|kib|kilobytes?|kibibytes?)$/i, 1024, 'KB'],
  [/^(?:m|mb|mib|megabytes?|mebibytes?|megs?)$/i, 1024 ** 2, 'MB'],
  [/^(?:g|gb|gib|gigabytes?|gibibytes?|gigs?)$/i, 1024 ** 3, 'GB'],
  [/^(?:t|tb|tib|terabytes?|tebibytes?)$/i, 1024 ** 4, 'TB'],
];
const word = '(?:bytes?|[kmgt]i?b|(?:kilo|mega|giga|tera|kibi|mebi|gibi)bytes?|megs?|gigs?)';

export interface Amount {
  readonly bytes: number;
  /** As written: `10 MB`. */
  readonly text: string;
}

/** Amounts such as `10 MB`, `256KB`, `1.5 GiB`, in the order written. A factor of 1,024 for all: nobody who tunes a cache means 1,000. */
export function amountsIn(text: string): Amount[] {
  const found: Amount[] = [];
  for (const match of text.matchAll(new RegExp(`(?<![\\w.])(\\d+(?:[.,_]\\d+)*)\\s*-?\\s*(${word})(?!\\w)`, 'gi'))) {
    const factor = unitFactor(match[2] ?? '');
    const number = Number((match[1] ?? '').replace(/[,_](?=\d{3}(?:\D|$))/g, '').replace(',', '.'));
    if (factor !== undefined && Number.isFinite(number)) found.push({ bytes: number * factor, text: match[0].trim() });
  }
  return found;
}

/** A unit named without a number: `(in KB)`, `in megabytes`, `size in bytes`. In bytes; undefined where none or several are named. */
export function unitNamed(text: string): Amount | undefined {
  const match = [...text.matchAll(new RegExp(`(?:\\bin\\s+|\\()(?:units of\\s+)?(${word})(?=\\b|\\))`, 'gi'))];
  const factor = match.length === 1 ? unitFactor(match[0]?.[1] ?? '') : undefined;
  return factor === undefined ? undefined : { bytes: factor, text: match[0]?.[1] ?? '' };
}

function unitFactor(unit: string): number | undefined {
  return units.find(([pattern]) => pattern.test(unit))?.[1];
}

/** `4 GB`, `62.5 MB`, `512 B`. */
export function describeBytes(bytes: number): string {
  const [, factor, name] = units.findLast(([, size]) => bytes >= size) ?? [undefined, 1, 'B'];
  const amount = bytes / factor;
  return `${Number.isInteger(amount) ? amount : Number(amount.toPrecision(3))} ${name}`;
}
