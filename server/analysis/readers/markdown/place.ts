/** Moves a Document that was read from a fence's code to where that code stands in the file. */

import type { Document } from '../../document.ts';
import { positionAt } from '../../span.ts';
import type { Fence } from './fences.ts';

export interface FenceBody {
  readonly text: string;
  /** Offset in the file of an offset in `text`. */
  readonly place: (offset: number) => number;
  /** The same for all: where the code is one piece of the file. */
  readonly shift?: number | undefined;
}

/** The code of a fence, and where each part of it stands. A fence in a list or a quotation has a prefix left out of every line. */
export function fenceBody(file: string, fence: Fence): FenceBody {
  const first = fence.lines[0];
  const last = fence.lines.at(-1);
  if (first === undefined || last === undefined) {
    const shift = fence.infoSpan.end;
    return { text: '', place: () => shift, shift };
  }
  const contiguous = fence.lines.every((line, index) => line.pad === 0 && (index === 0 || fence.lines[index - 1]?.end === line.start));
  if (contiguous) {
    const shift = first.start;
    return { text: file.slice(first.start, last.end), place: (offset) => offset + shift, shift };
  }
  const starts: number[] = [];
  let text = '';
  for (const line of fence.lines) {
    starts.push(text.length);
    text += ' '.repeat(line.pad) + file.slice(line.start, line.end);
  }
  const place = (offset: number): number => {
    const at = positionAt(starts, offset);
    const line = fence.lines[at.line] ?? first;
    const within = at.character - line.pad;
    return Math.min(line.end, line.start + Math.max(0, within));
  };
  return { text, place };
}

/**
 * A copy of the document with every offset mapped. It walks the value by shape (`start` and `end`,
 * `hostStart` and `hostEnd`), not by field names, so that whatever the vocabulary adds is moved too.
 */
export function placeDocument(document: Document, body: FenceBody, lineStarts: readonly number[]): Document {
  const { queries, settings, functions, loops, calls, connections, imports, directives, parts, ...rest } = document;
  return {
    ...(moved(rest, body) as typeof rest),
    path: document.path,
    language: document.language,
    lineStarts,
    queries: moved(queries, body) as typeof queries,
    settings: moved(settings, body) as typeof settings,
    functions: moved(functions, body) as typeof functions,
    loops: moved(loops, body) as typeof loops,
    calls: moved(calls, body) as typeof calls,
    connections,
    imports: moved(imports, body) as typeof imports,
    directives: moved(directives, body) as typeof directives,
    parts: parts.map((part) => placeDocument(part, body, lineStarts)),
  };
}

function moved(value: unknown, body: FenceBody): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => moved(entry, body));
  const copy: Record<string, unknown> = {};
  const source = value as Record<string, unknown>;
  for (const key in source) {
    const field = source[key];
    if (typeof field === 'number') copy[key] = field;
    else copy[key] = key === 'lineStarts' ? field : moved(field, body);
  }
  offsets(copy, 'start', 'end', body);
  offsets(copy, 'hostStart', 'hostEnd', body);
  return copy;
}

/** An end is placed after the character before it: the next line's code may begin elsewhere. */
function offsets(copy: Record<string, unknown>, startKey: string, endKey: string, body: FenceBody): void {
  const start = copy[startKey];
  const end = copy[endKey];
  if (typeof start !== 'number' || typeof end !== 'number') return;
  copy[startKey] = body.place(start);
  copy[endKey] = end > start ? body.place(end - 1) + 1 : body.place(end);
}
