/** The texts the editor holds, kept in step by incremental changes. */
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver/node';
import { lineStarts } from '../analysis/span.ts';
import { type Encoding, toOffset } from './positions.ts';

export interface OpenDocument {
  readonly uri: string;
  readonly path: string;
  readonly language: string;
  readonly version: number;
  readonly text: string;
  readonly starts: readonly number[];
}

/** The document after the changes, in their order; each change counts in the text that the one before left. */
export function changed(
  document: OpenDocument,
  changes: readonly TextDocumentContentChangeEvent[],
  version: number,
  encoding: Encoding,
): OpenDocument {
  let { text, starts } = document;
  for (const change of changes) {
    if ('range' in change && change.range !== undefined) {
      const start = toOffset({ text, starts }, change.range.start, encoding);
      const end = Math.max(start, toOffset({ text, starts }, change.range.end, encoding));
      text = text.slice(0, start) + change.text + text.slice(end);
    } else text = change.text;
    starts = lineStarts(text);
  }
  return { ...document, text, starts, version };
}
