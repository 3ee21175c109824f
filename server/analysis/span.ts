/**
 * Positions. Every offset in the project is a UTF-16 code-unit offset into the text of one host
 * file, counted from 0; a span is half open. Only `lsp/` and `cli/` speak of lines and columns.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span in a file of the workspace. `path` is absolute, with forward slashes. */
export interface Place {
  readonly path: string;
  readonly span: Span;
}

/** A line and a UTF-16 column, both from 0 (as LSP counts them). */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** The offsets at which lines begin; `\n`, `\r\n` and a lone `\r` each end a line. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  // Looked for by the engine's own search: this runs over the whole file with each keystroke.
  const loneReturns = text.includes('\r') && /\r(?!\n)/.test(text);
  if (loneReturns) {
    for (const { index } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + (text.startsWith('\r\n', index) ? 2 : 1));
  } else {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  }
  return starts;
}

/** Line and column of an offset, by binary search; offsets outside the text are clamped to it. */
export function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: Math.max(0, offset - (starts[low] ?? 0)) };
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export function overlaps(left: Span, right: Span): boolean {
  return left.start < right.end && right.start < left.end;
}
