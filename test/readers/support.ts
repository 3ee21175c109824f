/** What the tests of the host readers ask of a Document, in the words of the source. */
import type { Document, Query } from '../../server/analysis/document.ts';
import type { GrammarId, Reader } from '../../server/analysis/reader.ts';
import { reader as go } from '../../server/analysis/readers/go.ts';
import { reader as javascript } from '../../server/analysis/readers/javascript.ts';
import { reader as python } from '../../server/analysis/readers/python.ts';
import { reader as rust } from '../../server/analysis/readers/rust.ts';
import type { Span } from '../../server/analysis/span.ts';
import { readText } from '../support/syntax.ts';

export const grammars: readonly GrammarId[] = ['python', 'typescript', 'tsx', 'javascript', 'go', 'rust'];
export const hostReaders: Readonly<Record<string, Reader>> = {
  python,
  typescript: javascript,
  typescriptreact: javascript,
  javascript,
  go,
  rust,
};

export function read(language: string, text: string): Document {
  const reader = hostReaders[language];
  if (reader === undefined) throw new Error(`no reader for ${language}`);
  return readText(reader, language, text);
}

export function slice(text: string, span: Span): string {
  return text.slice(span.start, span.end);
}

/** The source text of each query's statement. */
export function written(text: string, document: Document): string[] {
  return document.queries.map((query) => slice(text, query.span));
}

/** `loop` of a call by its callee: the words of the loop's header, or undefined. */
export function loopAround(text: string, document: Document, callee: string): string | undefined {
  const call = document.calls.find((one) => one.callee === callee);
  if (call === undefined) throw new Error(`no call of ${callee}`);
  const loop = call.loop === undefined ? undefined : document.loops[call.loop];
  return loop && slice(text, loop.header).trim();
}

export function queryCall(document: Document, query: Query | undefined): string | undefined {
  return query?.call === undefined ? undefined : document.calls[query.call]?.callee;
}

/** Every span of a document, however deep. */
export function* spans(value: unknown): Generator<Span> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) yield* spans(one);
    return;
  }
  const record = value as Record<string, unknown>;
  const { start, end } = record;
  if (typeof start === 'number' && typeof end === 'number' && !('hole' in record)) yield { start, end };
  for (const key of Object.keys(record)) if (key !== 'source') yield* spans(record[key]);
}
