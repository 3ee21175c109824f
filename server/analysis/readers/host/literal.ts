/** Builds the decoded text of a literal with the map back to the host file. */
import type { OffsetSegment } from '../../document.ts';
import type { Span } from '../../span.ts';
import type { LiteralHole } from './fragment.ts';

/** Stands for an interpolation in the decoded text: a private-use character that no SQL holds. */
export const placeholder = '\uE000';

export interface DecodedText {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
  readonly holes: readonly LiteralHole[];
}

/** An escape sequence: what it stands for, and how many characters it takes in the source. */
export interface Escape {
  readonly value: string;
  readonly length: number;
}
/** Reads the escape that begins with the backslash at `at`. */
export type EscapeReader = (source: string, at: number, end: number) => Escape;

export class LiteralBuilder {
  #text = '';
  readonly #segments: OffsetSegment[] = [];
  readonly #holes: LiteralHole[] = [];

  /** Characters that stand in the host file as they are. */
  plain(source: string, start: number, end: number): void {
    if (end <= start) return;
    const last = this.#segments.at(-1);
    const at = this.#text.length;
    if (last !== undefined && last.hostEnd === start && last.hostEnd - last.hostStart === at - last.sqlStart && !this.#endsInHole())
      this.#segments[this.#segments.length - 1] = { sqlStart: last.sqlStart, hostStart: last.hostStart, hostEnd: end };
    else this.#segments.push({ sqlStart: at, hostStart: start, hostEnd: end });
    this.#text += source.slice(start, end);
  }

  /** Characters that stand for something else, such as `\n`. */
  replaced(value: string, start: number, end: number): void {
    if (value === '') return;
    this.#segments.push({ sqlStart: this.#text.length, hostStart: start, hostEnd: end });
    this.#text += value;
  }

  hole(span: Span, text: string, identifier: string | undefined): void {
    const start = this.#text.length;
    this.#segments.push({ sqlStart: start, hostStart: span.start, hostEnd: span.end });
    this.#text += placeholder;
    this.#holes.push({ start, end: start + placeholder.length, hole: { span, text }, identifier });
  }

  /** The source between two offsets, its escapes decoded. */
  escaped(source: string, start: number, end: number, read: EscapeReader): void {
    let from = start;
    for (;;) {
      const at = source.indexOf('\\', from);
      if (at < 0 || at >= end) break;
      this.plain(source, from, at);
      const found = read(source, at, end);
      const next = Math.min(end, at + Math.max(1, found.length));
      this.replaced(found.value, at, next);
      from = next;
    }
    this.plain(source, from, end);
  }

  /** Another literal's text, after what is there. */
  append(other: DecodedText): void {
    const by = this.#text.length;
    for (const segment of other.segments) this.#segments.push({ ...segment, sqlStart: segment.sqlStart + by });
    for (const hole of other.holes) this.#holes.push({ ...hole, start: hole.start + by, end: hole.end + by });
    this.#text += other.text;
  }

  finish(): DecodedText {
    return { text: this.#text, segments: this.#segments, holes: this.#holes };
  }

  #endsInHole(): boolean {
    return this.#holes.at(-1)?.end === this.#text.length;
  }
}

/** What a formatting function makes of a part of its template: nothing special, other characters, or an argument. */
export type Verb = { readonly length: number; readonly text: string } | { readonly length: number; readonly argument: number | string };
export type VerbReader = (text: string, at: number, next: number) => Verb | undefined;

/** The interpolated expression of a verb, as written. */
export interface Interpolated {
  readonly text: string;
  readonly identifier?: string | undefined;
}

/**
 * A template after its formatting function: verbs become holes. `marks` are the characters a verb can begin with; `argument`
 * finds the expression by index or name.
 */
export function formatted(
  template: DecodedText,
  marks: RegExp,
  read: VerbReader,
  argument: (which: number | string) => Interpolated | undefined,
): DecodedText {
  const holes: LiteralHole[] = [];
  const segments: OffsetSegment[] = [];
  let text = '';
  let next = 0;
  let from = 0;
  const keep = (to: number) => {
    if (to <= from) return;
    for (const [index, segment] of template.segments.entries()) {
      const until = template.segments[index + 1]?.sqlStart ?? template.text.length;
      const start = Math.max(from, segment.sqlStart);
      if (start >= Math.min(to, until)) continue;
      const identity = segment.hostEnd - segment.hostStart === until - segment.sqlStart;
      const sqlStart = text.length + (start - from);
      if (identity)
        segments.push({
          sqlStart,
          hostStart: segment.hostStart + (start - segment.sqlStart),
          hostEnd: segment.hostStart + (Math.min(to, until) - segment.sqlStart),
        });
      else segments.push({ sqlStart, hostStart: segment.hostStart, hostEnd: segment.hostEnd });
    }
    for (const hole of template.holes) {
      if (hole.start >= from && hole.end <= to)
        holes.push({ ...hole, start: hole.start - from + text.length, end: hole.end - from + text.length });
    }
    text += template.text.slice(from, to);
  };
  marks.lastIndex = 0;
  for (let found = marks.exec(template.text); found !== null; found = marks.exec(template.text)) {
    const at = found.index;
    const verb = read(template.text, at, next);
    if (verb === undefined) continue;
    keep(at);
    const span = hostSpan(template, at, at + verb.length);
    segments.push({ sqlStart: text.length, hostStart: span.start, hostEnd: span.end });
    if ('text' in verb) text += verb.text;
    else {
      if (typeof verb.argument === 'number') next = verb.argument + 1;
      const interpolated = argument(verb.argument);
      holes.push({
        start: text.length,
        end: text.length + placeholder.length,
        hole: { span, text: interpolated?.text ?? template.text.slice(at, at + verb.length) },
        identifier: interpolated?.identifier,
      });
      text += placeholder;
    }
    from = at + verb.length;
    marks.lastIndex = from;
  }
  keep(template.text.length);
  return { text, segments, holes };
}

/** Where a piece of decoded text stands in the host file: from its first character's start to its last character's end. */
export function hostSpan(decoded: Pick<DecodedText, 'text' | 'segments'>, start: number, end: number): Span {
  const at = (offset: number): OffsetSegment | undefined => {
    let found: OffsetSegment | undefined;
    for (const segment of decoded.segments) {
      if (segment.sqlStart > offset) break;
      found = segment;
    }
    return found;
  };
  const first = at(start);
  const last = at(end - 1);
  if (first === undefined || last === undefined) return { start: 0, end: 0 };
  const until = decoded.segments[decoded.segments.indexOf(last) + 1]?.sqlStart ?? decoded.text.length;
  const identity = last.hostEnd - last.hostStart === until - last.sqlStart;
  return {
    start: Math.min(first.hostEnd, first.hostStart + (start - first.sqlStart)),
    end: identity ? last.hostStart + (end - last.sqlStart) : last.hostEnd,
  };
}

/** `%s`, `%-5.2f`, `%(name)s`, `%[1]d`; `%%` is a percent sign. */
export const percentVerbs: VerbReader = (text, at, next) => {
  if (text[at + 1] === '%') return { length: 2, text: '%' };
  const match = /^%(?:\((\w+)\))?[-+ #0]*(?:\[(\d+)\])?(?:\d+|\*)?(?:\.(?:\d+|\*))?[a-zA-Z]/.exec(text.slice(at, at + 80));
  if (match === null) return undefined;
  const [whole, name, position] = match;
  return { length: whole.length, argument: name ?? (position === undefined ? next : Number(position) - 1) };
};
/** `{}`, `{0}`, `{name!r:>10}`; `{{` and `}}` are braces. */
export const braceVerbs: VerbReader = (text, at, next) => {
  if (text[at + 1] === text[at]) return { length: 2, text: text[at] ?? '' };
  if (text[at] !== '{') return undefined;
  const match = /^\{(\w*)[^{}]*\}/.exec(text.slice(at, at + 200));
  if (match === null) return undefined;
  const name = match[1] ?? '';
  return { length: match[0].length, argument: name === '' ? next : /^\d+$/.test(name) ? Number(name) : name };
};
