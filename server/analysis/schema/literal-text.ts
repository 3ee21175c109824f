/** The text of a string literal between two offsets of a source, its escapes decoded. */
import type { EscapeReader } from '../readers/host/literal.ts';

export function unescaped(source: string, start: number, end: number, read: EscapeReader): string {
  let text = '';
  let from = start;
  for (let at = source.indexOf('\\', from); at >= 0 && at < end; at = source.indexOf('\\', from)) {
    const found = read(source, at, end);
    text += source.slice(from, at) + found.value;
    from = Math.min(end, at + Math.max(1, found.length));
  }
  return text + source.slice(from, Math.max(from, end));
}
