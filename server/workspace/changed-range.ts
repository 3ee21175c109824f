/** What a change of a text touched. */

/** From `start` on, up to `oldEnd` in the text before and `newEnd` in the text after; outside both texts are the same. */
export interface ChangedRange {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** Compared in pieces of this length first, which the engine does many times faster than character by character. */
const PIECE = 1024;

/** What stands between the common start and the common end of two texts. A surrogate pair is never cut. */
export function changedRange(before: string, after: string): ChangedRange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start + PIECE <= shorter && before.slice(start, start + PIECE) === after.slice(start, start + PIECE)) start += PIECE;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start--;
  const [from, to] = [before.length, after.length];
  let tail = 0;
  while (tail + PIECE <= shorter - start && before.slice(from - tail - PIECE, from - tail) === after.slice(to - tail - PIECE, to - tail))
    tail += PIECE;
  while (tail < shorter - start && before.charCodeAt(from - 1 - tail) === after.charCodeAt(to - 1 - tail)) tail++;
  if (tail > 0 && isLowSurrogate(before.charCodeAt(from - tail))) tail--;
  return { start, oldEnd: from - tail, newEnd: to - tail };
}

const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;
