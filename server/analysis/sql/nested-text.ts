/** Pieces of a text as a text of its own, with the way back to the file, and the decoded insides of strings. */
import type { OffsetSegment } from '../document.ts';
import type { Span } from '../span.ts';
import { hostCursor, type TextRange, type Token } from './tokens.ts';

export interface TextHole extends TextRange {
  readonly hole: { readonly span: Span; readonly text: string };
}
/** A piece of text with its place in the file. */
export interface Part {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
}
/** Text put together from pieces of a part, with the way back to the file. */
export function startText(part: Part) {
  const host = hostCursor(part.segments);
  const segments: OffsetSegment[] = [];
  const holes: TextHole[] = [];
  let text = '';
  const replace = (start: number, end: number, by: string): void => {
    if (by === '') return;
    segments.push({ sqlStart: text.length, hostStart: host.start(start), hostEnd: Math.max(host.start(start), host.end(end)) });
    text += by;
  };
  return {
    replace,
    keep(start: number, end: number): void {
      if (start >= end) return;
      // A segment of the part may end inside the range.
      let at = start;
      for (const { sqlStart } of part.segments) {
        if (sqlStart <= at || sqlStart >= end) continue;
        segments.push({ sqlStart: text.length, hostStart: host.start(at), hostEnd: host.end(sqlStart) });
        text += part.text.slice(at, sqlStart);
        at = sqlStart;
      }
      segments.push({ sqlStart: text.length, hostStart: host.start(at), hostEnd: host.end(end) });
      text += part.text.slice(at, end);
    },
    /** A placeholder for what is not known before it runs. */
    hole(start: number, end: number): void {
      const at = text.length;
      replace(start, end, '?');
      const span = { start: host.start(start), end: host.end(end) };
      holes.push({ start: at, end: text.length, hole: { span, text: part.text.slice(start, end) } });
    },
    done: (): Part & { readonly holes: readonly TextHole[] } => ({ text, segments, holes }),
  };
}

export function cut(part: Part, range: TextRange): Part {
  const builder = startText(part);
  builder.keep(range.start, range.end);
  const { text, segments } = builder.done();
  return { text, segments };
}

interface Content extends TextRange {
  readonly quote: '$' | "'";
  readonly escapes: boolean;
}
/** The inside of a string as written. */
export function contentRange(text: string, token: TextRange): Content | undefined {
  const written = text.slice(token.start, token.end);
  if (written.startsWith('$')) {
    const tag = written.slice(0, written.indexOf('$', 1) + 1);
    if (tag.length < 2 || written.length < 2 * tag.length || !written.endsWith(tag)) return undefined;
    return { start: token.start + tag.length, end: token.end - tag.length, quote: '$', escapes: false };
  }
  const open = written.indexOf("'");
  if (open < 0 || open > 1 || written.length < open + 2 || !written.endsWith("'")) return undefined;
  return { start: token.start + open + 1, end: token.end - 1, quote: "'", escapes: open === 1 && /^e/i.test(written) };
}

/** The decoded inside of a string; undefined where an interpolation stands in it. */
export function content(whole: Part, token: Token): Part | undefined {
  if (token.hole >= 0 || token.broken) return undefined;
  const inner = contentRange(whole.text, token);
  if (inner === undefined) return undefined;
  const builder = startText(whole);
  let at = inner.start;
  if (inner.quote === "'") {
    for (const sign of whole.text.slice(inner.start, inner.end).matchAll(/''|\\[\\']/g)) {
      if (sign[0] !== "''" && !inner.escapes) continue;
      const start = inner.start + sign.index;
      builder.keep(at, start);
      builder.replace(start, start + 2, sign[0].slice(1));
      at = start + 2;
    }
  }
  builder.keep(at, inner.end);
  const { text, segments } = builder.done();
  return { text, segments };
}
