/**
 * The fenced code blocks of a Markdown text, by CommonMark's block structure (spec.commonmark.org
 * 0.31, "Phase 1: block structure"): containers, lazy continuation, HTML blocks and tabs decide what is a
 * fence and which prefix of each line is not code. One pass over the lines, because it runs on
 * every keystroke; a full Markdown parser gives the same fences (a test holds that) twenty times slower.
 */
import type { Span } from '../../span.ts';

export interface FenceLine {
  /** Where the code of the line begins in the file, and where the line ends, its line end included. */
  readonly start: number;
  readonly end: number;
  /** Columns of a tab that the container took only in part: they are code, but no characters of the file. */
  readonly pad: number;
}
export interface Fence {
  readonly info: string;
  /** The opening line's info string. */
  readonly infoSpan: Span;
  readonly lines: readonly FenceLine[];
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
}

interface Container {
  readonly kind: 'quote' | 'item';
  /** Columns that the lines of a list item are indented by. */
  readonly indent: number;
  empty: boolean;
}
interface OpenFence {
  readonly character: string;
  readonly length: number;
  readonly indent: number;
  readonly fence: Fence & { readonly lines: FenceLine[] };
}

export function findFences(text: string, starts: readonly number[]): Fence[] {
  const fences: Fence[] = [];
  const headings: string[] = [];
  let stack: Container[] = [];
  let open: OpenFence | undefined;
  let html: RegExp | undefined;
  let paragraph = false;
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1] ?? text.length;
    const line = new LineCursor(text, start, contentEnd(text, start, next));
    const matched = matchContainers(stack, line);
    const all = matched === stack.length;
    if (!all) {
      open = undefined;
      html = undefined;
    }
    if (open !== undefined) {
      if (closes(open, line)) open = undefined;
      else open.fence.lines.push(line.code(open.indent, next));
      continue;
    }
    if (html !== undefined) {
      const ended = html;
      if (ended.test(line.rest())) html = undefined;
      continue;
    }
    const state = { paragraph, all };
    const opened = openBlocks(stack.slice(0, matched), line, state, headings);
    if (opened.lazy) continue;
    stack = opened.stack;
    paragraph = opened.paragraph;
    html = opened.html;
    if (opened.fence !== undefined) {
      open = opened.fence;
      fences.push(open.fence);
    }
  }
  return fences;
}

/** How many of the open containers the line goes on with. */
function matchContainers(stack: readonly Container[], line: LineCursor): number {
  let matched = 0;
  for (const container of stack) {
    const indent = line.indent();
    if (container.kind === 'quote') {
      if (indent > 3 || line.character() !== '>') break;
      line.consume(indent + 1);
      line.consumeOneSpace();
    } else if (line.blank()) {
      if (container.empty) break;
      line.consume(Math.min(indent, container.indent));
    } else {
      if (indent < container.indent) break;
      line.consume(container.indent);
      container.empty = false;
    }
    matched++;
  }
  return matched;
}

function closes(open: OpenFence, line: LineCursor): boolean {
  if (line.indent() > 3) return false;
  const rest = line.rest().trimStart();
  let length = 0;
  while (rest[length] === open.character) length++;
  return length >= open.length && /^[ \t]*$/.test(rest.slice(length));
}

interface Opened {
  readonly stack: Container[];
  readonly paragraph: boolean;
  /** The line only goes on with a paragraph of a container whose prefix it left out. */
  readonly lazy: boolean;
  readonly fence?: OpenFence | undefined;
  readonly html?: RegExp | undefined;
}

function openBlocks(stack: Container[], line: LineCursor, before: { paragraph: boolean; all: boolean }, headings: string[]): Opened {
  let fresh = false;
  const done = (paragraph: boolean, more: Partial<Opened> = {}): Opened => ({ stack, paragraph, lazy: false, ...more });
  for (;;) {
    const indent = line.indent();
    const inParagraph = before.paragraph && before.all && !fresh;
    const lazy = before.paragraph && !before.all && !fresh;
    if (line.blank()) return done(false);
    if (indent > 3) return lazy ? { stack, paragraph: true, lazy: true } : done(inParagraph);
    const rest = line.rest().trimStart();
    if (rest.startsWith('>')) {
      line.consume(indent + 1);
      line.consumeOneSpace();
      stack.push({ kind: 'quote', indent: 0, empty: false });
      fresh = true;
      continue;
    }
    const fence = /^(?:(`{3,})([^`]*)|(~{3,})(.*))$/.exec(rest);
    if (fence !== null) return done(false, { fence: openFence(fence, indent, line, headings) });
    const heading = /^(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/.exec(rest);
    if (heading !== null) {
      setHeading(headings, heading[1]?.length ?? 1, heading[2] ?? '');
      return done(false);
    }
    const html = htmlBlock(rest, inParagraph || lazy);
    if (html !== undefined) return done(false, html.test(rest) ? {} : { html });
    if (inParagraph && /^(?:=+|-+)[ \t]*$/.test(rest)) return done(false);
    if (/^([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(rest)) return done(false);
    const item = listItem(rest, line, indent, inParagraph);
    if (item === undefined) return lazy ? { stack, paragraph: true, lazy: true } : done(true);
    stack.push(item);
    fresh = true;
  }
}

function openFence(match: RegExpExecArray, indent: number, line: LineCursor, headings: readonly string[]): OpenFence {
  const run = match[1] ?? match[3] ?? '';
  const written = match[2] ?? match[4] ?? '';
  const info = written.trim();
  const start = line.end - written.length + (written.length - written.trimStart().length);
  return {
    character: run[0] ?? '`',
    length: run.length,
    indent,
    fence: { info, infoSpan: { start, end: start + info.length }, lines: [], headings: headings.filter((text) => text !== '') },
  };
}

function setHeading(headings: string[], level: number, text: string): void {
  while (headings.length < level - 1) headings.push('');
  headings.length = level - 1;
  headings.push(text);
}

function listItem(rest: string, line: LineCursor, indent: number, inParagraph: boolean): Container | undefined {
  const marker = /^(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)/.exec(rest);
  if (marker === null) return undefined;
  const width = marker[0].length;
  const bare = /^[ \t]*$/.test(rest.slice(width));
  if (inParagraph && (bare || (marker[1] !== undefined && Number(marker[1]) !== 1))) return undefined;
  line.consume(indent + width);
  const spaces = line.indent();
  const taken = bare || spaces > 4 ? 1 : spaces;
  if (bare) line.consume(spaces);
  else line.consume(taken);
  return { kind: 'item', indent: indent + width + taken, empty: bare };
}

const blockTags =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul';
const attribute = '\\s+[a-zA-Z_:][\\w.:-]*(?:\\s*=\\s*(?:[^\\s"\'=<>`]+|\'[^\']*\'|"[^"]*"))?';
const blankLine = /^[ \t]*$/;
/** The seven kinds of HTML block: what begins one, and what its last line holds. */
const htmlBlocks: readonly (readonly [RegExp, RegExp])[] = [
  [/^<(?:script|pre|textarea|style)(?:\s|>|$)/i, /<\/(?:script|pre|textarea|style)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![a-z]/i, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [new RegExp(`^</?(?:${blockTags})(?:\\s|/?>|$)`, 'i'), blankLine],
  [
    new RegExp(`^(?!<(?:pre|script|style|textarea)\\b)(?:<[a-z][a-z0-9-]*(?:${attribute})*\\s*/?>|</[a-z][a-z0-9-]*\\s*>)[ \\t]*$`, 'i'),
    blankLine,
  ],
];

function htmlBlock(rest: string, interrupts: boolean): RegExp | undefined {
  if (!rest.startsWith('<')) return undefined;
  const kind = htmlBlocks.findIndex(([begins]) => begins.test(rest));
  return kind < 0 || (kind === 6 && interrupts) ? undefined : htmlBlocks[kind]?.[1];
}

function contentEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

/** A place in a line, in characters and in columns: a tab reaches to the next multiple of four. */
class LineCursor {
  private readonly text: string;
  readonly end: number;
  private at: number;
  private column = 0;
  private partial = false;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.at = start;
    this.end = end;
  }
  /** Columns of white space from here. */
  indent(): number {
    let column = this.column;
    for (let at = this.at; at < this.end; at++) {
      if (this.text[at] === '\t') column += 4 - (column % 4);
      else if (this.text[at] === ' ') column++;
      else break;
    }
    return column - this.column;
  }
  blank(): boolean {
    return blankLine.test(this.text.slice(this.at, this.end));
  }
  rest(): string {
    return this.text.slice(this.at, this.end);
  }
  /** The first character that is no white space. */
  character(): string | undefined {
    for (let at = this.at; at < this.end; at++) if (this.text[at] !== ' ' && this.text[at] !== '\t') return this.text[at];
    return undefined;
  }
  consume(columns: number): void {
    let left = columns;
    while (left > 0 && this.at < this.end) {
      const width = this.text[this.at] === '\t' ? 4 - (this.column % 4) : 1;
      const taken = Math.min(width, left);
      this.column += taken;
      left -= taken;
      this.partial = taken < width;
      if (!this.partial) this.at++;
    }
  }
  consumeOneSpace(): void {
    if (this.at < this.end && (this.text[this.at] === ' ' || this.text[this.at] === '\t')) this.consume(1);
  }
  /** The code of a line in a fence whose opening stood `indent` columns in. */
  code(indent: number, next: number): FenceLine {
    this.consume(Math.min(indent, this.indent()));
    const pad = this.partial ? 4 - (this.column % 4) : 0;
    return { start: this.partial ? this.at + 1 : this.at, end: next, pad };
  }
}
