/** A ReadContext for tests of readers: real grammars, incremental parsing, results remembered by text. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Edit, Language, type Node, Parser, type Tree } from 'web-tree-sitter';
import type { Document } from '../../server/analysis/document.ts';
import type { GrammarId, ReadContext, Reader } from '../../server/analysis/reader.ts';
import { shift } from '../../server/analysis/sql/shift.ts';
import type { Dialect } from '../../server/analysis/sql/statement.ts';

const require = createRequire(import.meta.url);
const languages = new Map<GrammarId, Language>();

/** Loads the grammars once; more calls cost nothing. */
export async function loadGrammars(grammars: readonly GrammarId[]): Promise<void> {
  await Parser.init();
  for (const grammar of grammars) {
    if (languages.has(grammar)) continue;
    const file = require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`);
    languages.set(grammar, await Language.load(readFileSync(file)));
  }
}

/** Where two texts differ: the parse of the second reuses what is outside. */
function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const point = (text: string, at: number) => {
    const lines = text.slice(0, at).split('\n');
    return { row: lines.length - 1, column: lines.at(-1)?.length ?? 0 };
  };
  return new Edit({
    startIndex: start,
    oldEndIndex: before.length - tail,
    newEndIndex: after.length - tail,
    startPosition: point(before, start),
    oldEndPosition: point(before, before.length - tail),
    newEndPosition: point(after, after.length - tail),
  });
}

export interface TestContext extends ReadContext {
  /** Milliseconds spent in parsing so far. */
  readonly parsing: number;
}

/** Grammars must have been loaded. */
export function readContext(dialect?: Dialect): TestContext {
  const remembered = new Map<string, Map<string, unknown>>();
  const trees = new Map<string, { text: string; tree: Tree }>();
  const context = {
    dialect,
    parsing: 0,
    reader: () => undefined,
    syntax(grammar: GrammarId, text: string, key: string): Node | undefined {
      const language = languages.get(grammar);
      if (language === undefined) return undefined;
      const started = performance.now();
      const parser = new Parser();
      parser.setLanguage(language);
      const last = trees.get(`${grammar} ${key}`);
      if (last !== undefined && last.text !== text) last.tree.edit(editBetween(last.text, text));
      const tree = last?.text === text ? last.tree : parser.parse(text, last?.tree ?? null);
      parser.delete();
      if (tree === null) return undefined;
      if (last !== undefined && last.tree !== tree) last.tree.delete();
      trees.set(`${grammar} ${key}`, { text, tree });
      context.parsing += performance.now() - started;
      return tree.rootNode;
    },
    remember<T>(kind: string, text: string, compute: () => T): T {
      const known = remembered.get(kind) ?? new Map<string, unknown>();
      remembered.set(kind, known);
      if (!known.has(text)) known.set(text, compute());
      return known.get(text) as T;
    },
    place: shift,
  };
  return context;
}

/** Reads a text with a reader of its own context. */
export function readText(reader: Reader, language: string, text: string, dialect?: Dialect): Document {
  return reader.read({ path: `/w/file.${language}`, language, text }, readContext(dialect));
}
