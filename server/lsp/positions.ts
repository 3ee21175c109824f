/** Offsets and positions in the negotiated encoding. Offsets are UTF-16 units everywhere else in the project. */
import { Buffer } from 'node:buffer';
import { positionAt } from '../analysis/span.ts';

export type Encoding = 'utf-16' | 'utf-8' | 'utf-32';

/** A text with the offsets at which its lines begin. `text` may be absent where the encoding is UTF-16: line starts say enough. */
export interface Lines {
  readonly starts: readonly number[];
  readonly text?: string | undefined;
}
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** What the client prefers among the encodings this server speaks; every client speaks UTF-16. */
export function negotiate(offered: readonly string[] | undefined): Encoding {
  for (const encoding of offered ?? []) {
    if (encoding === 'utf-16' || encoding === 'utf-8' || encoding === 'utf-32') return encoding;
  }
  return 'utf-16';
}

export function toPosition(lines: Lines, offset: number, encoding: Encoding): Position {
  const position = positionAt(lines.starts, offset);
  if (encoding === 'utf-16' || lines.text === undefined) return position;
  const start = lines.starts[position.line] ?? 0;
  const before = lines.text.slice(start, offset);
  return { line: position.line, character: encoding === 'utf-8' ? Buffer.byteLength(before) : codePoints(before) };
}

/** The offset of a position. A character past the end of its line means the end of the line, as the protocol says. */
export function toOffset(
  lines: { readonly starts: readonly number[]; readonly text: string },
  position: Position,
  encoding: Encoding,
): number {
  const { starts, text } = lines;
  if (position.line < 0) return 0;
  const start = starts[position.line];
  if (start === undefined) return text.length;
  const end = contentEnd(text, start, starts[position.line + 1] ?? text.length);
  const character = Math.max(0, position.character);
  if (encoding === 'utf-16') return Math.min(start + character, end);
  let at = start;
  let count = 0;
  while (at < end && count < character) {
    const point = text.codePointAt(at) ?? 0;
    const units = point > 0xffff ? 2 : 1;
    count += encoding === 'utf-32' ? 1 : point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    at += units;
  }
  return at;
}

function contentEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start) {
    const unit = text.charCodeAt(end - 1);
    if (unit !== 10 && unit !== 13) break;
    end--;
  }
  return end;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
