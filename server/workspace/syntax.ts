/** Syntax trees of host languages: grammars loaded when first needed, open files parsed incrementally. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Edit, Language, type Node, Parser, type Point, type Tree } from 'web-tree-sitter';
import type { GrammarId } from '../analysis/reader.ts';
import { changedRange } from './changed-range.ts';

/** Trees of one file, by key: the file itself and each fence in it. */
export interface TreeKeeper {
  /** The root for this text; parses what changed since the last text under this key. Undefined when the grammar is not loaded. */
  syntax(grammar: GrammarId, text: string, key: string): Node | undefined;
  /** Frees the trees that the last read no longer asked for. Called after each read. */
  sweep(): void;
  /** Frees everything: WebAssembly memory is not garbage-collected. */
  delete(): void;
}

interface Kept {
  readonly grammar: GrammarId;
  text: string;
  tree: Tree;
  used: boolean;
}

const loaded = new Map<GrammarId, Language>();
const loading = new Map<GrammarId, Promise<void>>();
let starting: Promise<void> | undefined;
let parser: Parser | undefined;

/** Beside the bundle in dist/, or in node_modules when run from source. */
function assetPath(name: string, module: string): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (existsSync(beside)) return beside;
  return fileURLToPath(new URL(`../../node_modules/${module}/${name}`, import.meta.url));
}

export function isGrammarLoaded(grammar: GrammarId): boolean {
  return loaded.has(grammar);
}

/** Throws where the grammar's file is missing or broken: an installation fault, not the user's. */
export function loadGrammar(grammar: GrammarId): Promise<void> {
  let promise = loading.get(grammar);
  if (promise === undefined) {
    promise = (async () => {
      starting ??= Parser.init({ locateFile: () => assetPath('web-tree-sitter.wasm', 'web-tree-sitter') });
      await starting;
      const wasm = await readFile(assetPath(`tree-sitter-${grammar}.wasm`, '@vscode/tree-sitter-wasm/wasm'));
      loaded.set(grammar, await Language.load(wasm));
    })();
    loading.set(grammar, promise);
  }
  return promise;
}

export function createTreeKeeper(): TreeKeeper {
  const trees = new Map<string, Kept>();
  return {
    syntax(grammar, text, key) {
      const language = loaded.get(grammar);
      if (language === undefined) return undefined;
      parser ??= new Parser();
      parser.setLanguage(language);
      const old = trees.get(key);
      if (old !== undefined && old.grammar === grammar) {
        old.used = true;
        if (old.text === text) return old.tree.rootNode;
        old.tree.edit(editBetween(old.text, text));
        const tree = parser.parse(text, old.tree);
        if (tree === null) return undefined;
        old.tree.delete();
        old.tree = tree;
        old.text = text;
        return tree.rootNode;
      }
      const tree = parser.parse(text);
      if (tree === null) return undefined;
      old?.tree.delete();
      trees.set(key, { grammar, text, tree, used: true });
      return tree.rootNode;
    },
    sweep() {
      for (const [key, kept] of trees) {
        if (kept.used) kept.used = false;
        else {
          kept.tree.delete();
          trees.delete(key);
        }
      }
    },
    delete() {
      for (const kept of trees.values()) kept.tree.delete();
      trees.clear();
    },
  };
}

/** The one edit that turns `before` into `after`: what stands between their common start and their common end. */
export function editBetween(before: string, after: string): Edit {
  const { start, oldEnd, newEnd } = changedRange(before, after);
  const startPosition = pointAt(before, start, { row: 0, column: 0 }, 0);
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition,
    oldEndPosition: pointAt(before, oldEnd, startPosition, start),
    newEndPosition: pointAt(after, newEnd, startPosition, start),
  });
}

function pointAt(text: string, offset: number, from: Point, fromOffset: number): Point {
  let row = from.row;
  let lineStart = fromOffset - from.column;
  for (let at = text.indexOf('\n', fromOffset); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
