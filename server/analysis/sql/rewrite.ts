/** Text with some ranges replaced, and the map from the new offsets to the host file. */
import type { OffsetSegment } from '../document.ts';
import { hostCursor } from './tokens.ts';

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The part of the text from `start` to `end`, with the replacements (ascending, apart) made. */
export function rewrite(
  text: string,
  segments: readonly OffsetSegment[],
  start: number,
  end: number,
  replacements: readonly Replacement[],
): { sql: string; segments: OffsetSegment[] } {
  const host = hostCursor(segments);
  const mapped: OffsetSegment[] = [];
  let sql = '';
  let next = 0;
  const keep = (from: number, to: number): void => {
    if (from >= to) return;
    while (next > 0 && (segments[next]?.sqlStart ?? 0) > from) next--;
    while ((segments[next + 1]?.sqlStart ?? Number.POSITIVE_INFINITY) <= from) next++;
    let at = from;
    for (let index = next; at < to; index++) {
      const until = Math.min(to, segments[index + 1]?.sqlStart ?? to);
      if (until <= at) continue;
      mapped.push({ sqlStart: sql.length + (at - from), hostStart: host.start(at), hostEnd: host.end(until) });
      at = until;
      next = index;
    }
    sql += text.slice(from, to);
  };
  let at = start;
  for (const replacement of replacements) {
    if (replacement.start < at || replacement.end > end) continue;
    keep(at, replacement.start);
    if (replacement.text !== '')
      mapped.push({ sqlStart: sql.length, hostStart: host.start(replacement.start), hostEnd: host.end(replacement.end) });
    sql += replacement.text;
    at = replacement.end;
  }
  keep(at, end);
  return { sql, segments: mapped };
}
