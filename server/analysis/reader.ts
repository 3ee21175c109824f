/**
 * Text in one format -> Document. A host language and a config format are the same concept.
 *
 * Readers are total: broken text gives a smaller Document, never an exception. They are pure:
 * the syntax tree of a host language is handed in by the host, which parses incrementally.
 */
import type { Node } from 'web-tree-sitter';
import type { Document, LanguageId } from './document.ts';
import type { Dialect } from './sql/statement.ts';

/** Grammars of `@vscode/tree-sitter-wasm` in use. */
export type GrammarId = 'python' | 'typescript' | 'tsx' | 'javascript' | 'go' | 'ruby' | 'rust';

export interface Source {
  /** Absolute, forward slashes. */
  readonly path: string;
  readonly language: LanguageId;
  readonly text: string;
}
export interface ReadContext {
  /** The dialect declared for this file by a setting or a connection; the reader otherwise tells from the content. */
  readonly dialect?: Dialect | undefined;
  /** The root of the text's syntax tree; undefined when the grammar is not loaded. `key` tells incremental parses apart (a fence has its own). */
  syntax(grammar: GrammarId, text: string, key: string): Node | undefined;
  /** The reader of another language (Markdown fences). */
  reader(language: LanguageId): Reader | undefined;
  /**
   * Remembers pure results by text, so that an edit recomputes only what it touched: returns the
   * value stored for (kind, text) or computes and stores it.
   */
  remember<T>(kind: string, text: string, compute: () => T): T;
  /**
   * What was remembered of a piece of text, with its offsets counted from `offset`: a copy. Of an open file the copy that the
   * last reading was given, moved; that reading is given up (`Placements` of sql/shift.ts).
   */
  place<T extends object>(relative: T, offset: number): T;
}
export interface Reader {
  readonly id: string;
  readonly languages: readonly LanguageId[];
  /** Glob patterns (picomatch, matched against the path) of files it reads whatever their language id. */
  readonly files: readonly string[];
  /** The grammar it needs loaded, if any. */
  readonly grammar?: (language: LanguageId) => GrammarId | undefined;
  /** A cheap test of the raw text: false means no rule can concern this file, so it is not parsed. */
  concerns(text: string): boolean;
  read(source: Source, context: ReadContext): Document;
}

/** A document with nothing in it: what a reader starts from. */
export function emptyDocument(source: Source, lineStarts: readonly number[]): Document {
  return {
    path: source.path,
    language: source.language,
    lineStarts,
    queries: [],
    settings: [],
    functions: [],
    loops: [],
    calls: [],
    connections: [],
    imports: [],
    directives: [],
    parts: [],
  };
}
