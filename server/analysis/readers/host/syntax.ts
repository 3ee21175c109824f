/**
 * A syntax tree as plain objects. Reading a field of a web-tree-sitter node costs a call into
 * WebAssembly, so an item is copied once with a cursor and everything after works on the copy.
 */
import type { Language, TreeCursor } from 'web-tree-sitter';
import type { Fragment } from './fragment.ts';

export interface Syntax {
  readonly kind: string;
  /** The field it fills in its parent; empty where it fills none. */
  readonly field: string;
  readonly named: boolean;
  /** Offsets into the text of the item it belongs to. */
  readonly start: number;
  readonly end: number;
  readonly children: Syntax[];
  readonly parent: Syntax | undefined;
  /** What the node holds, where it is an item of its own and its children are left out here. */
  readonly item?: Fragment | undefined;
}

/** What the copy must know of a language's grammar. */
export interface Grammar {
  /** Kinds whose children are remembered one by one: bodies of classes and functions, the whole file. */
  readonly blocks: ReadonlySet<string>;
  /** Kinds that stand before the node they describe, as a sibling: attributes, decorators. */
  readonly attributes: ReadonlySet<string>;
  /** Kinds that are judged as a whole, so that no block inside is split: loops. */
  readonly whole: ReadonlySet<string>;
}

/** A body shorter than this is copied with its owner: remembering costs about as much as copying 40 nodes. */
const smallBlock = 600;

interface Tables {
  readonly kinds: readonly string[];
  readonly named: readonly boolean[];
  readonly fields: readonly string[];
}
const tables = new WeakMap<Language, Tables>();

function tablesOf(language: Language): Tables {
  let found = tables.get(language);
  if (found === undefined) {
    const count = language.nodeTypeCount;
    found = {
      kinds: language.types.map((kind) => kind ?? 'ERROR'),
      named: Array.from({ length: count }, (_, id) => language.nodeTypeIsNamed(id)),
      fields: language.fields.map((field) => field ?? ''),
    };
    tables.set(language, found);
  }
  return found;
}

/**
 * Reads the item whose last node the cursor stands on: `count` siblings, of which all but the last are attributes,
 * with text from `start` on. It leaves the cursor where it was.
 */
export type ItemReader = (cursor: TreeCursor, kind: string, start: number, count: number) => Fragment;

/**
 * Copies `count` siblings from the cursor on, beneath a node of kind `item`, and leaves the cursor on the last of them.
 * Large blocks inside are not copied: their children are handed to `readItem`, where there is one. Offsets are relative
 * to `base`. The depth of the tree costs memory only.
 */
export function copySyntax(
  cursor: TreeCursor,
  language: Language,
  grammar: Grammar,
  base: number,
  count: number,
  readItem: ItemReader | undefined,
): Syntax {
  const { kinds, named, fields } = tablesOf(language);
  const root: Syntax = { kind: 'item', field: '', named: true, start: 0, end: cursor.endIndex - base, children: [], parent: undefined };
  let parent = root;
  let left = count;
  let whole: Syntax | undefined;
  for (;;) {
    const id = cursor.nodeTypeId;
    const kind = kinds[id] ?? 'ERROR';
    const node: Syntax = {
      kind,
      field: fields[cursor.currentFieldId] ?? '',
      named: named[id] ?? true,
      start: cursor.startIndex - base,
      end: cursor.endIndex - base,
      children: [],
      parent,
    };
    parent.children.push(node);
    if (cursor.gotoFirstChild()) {
      if (
        readItem === undefined ||
        whole !== undefined ||
        (node.end - node.start <= smallBlock && parent !== root) ||
        !grammar.blocks.has(kind)
      ) {
        if (whole === undefined && grammar.whole.has(kind)) whole = node;
        parent = node;
        continue;
      }
      splitBlock(cursor, { kinds, named, fields }, grammar, base, node, readItem);
      cursor.gotoParent();
    }
    for (;;) {
      if (parent === root && --left <= 0) return root;
      if (cursor.gotoNextSibling()) break;
      if (parent === root || parent.parent === undefined || !cursor.gotoParent()) return root;
      if (parent === whole) whole = undefined;
      parent = parent.parent;
    }
  }
}

/** From the first child of a block to the last: each becomes a leaf that carries its item. */
function splitBlock(cursor: TreeCursor, of: Tables, grammar: Grammar, base: number, parent: Syntax, readItem: ItemReader): void {
  let start = -1;
  let count = 0;
  do {
    const id = cursor.nodeTypeId;
    const kind = of.kinds[id] ?? 'ERROR';
    if (start < 0) start = cursor.startIndex;
    count++;
    if (grammar.attributes.has(kind)) continue;
    const named = of.named[id] ?? true;
    parent.children.push({
      kind,
      field: of.fields[cursor.currentFieldId] ?? '',
      named,
      start: start - base,
      end: cursor.endIndex - base,
      children: [],
      parent,
      item: named ? readItem(cursor, kind, start, count) : undefined,
    });
    start = -1;
    count = 0;
  } while (cursor.gotoNextSibling());
}

/** The child that fills a field. */
export function child(node: Syntax, field: string): Syntax | undefined {
  for (const one of node.children) if (one.field === field) return one;
  return undefined;
}

export function childOfKind(node: Syntax, kind: string): Syntax | undefined {
  for (const one of node.children) if (one.kind === kind) return one;
  return undefined;
}

export function namedChildren(node: Syntax): Syntax[] {
  return node.children.filter((one) => one.named && !one.kind.endsWith('comment'));
}

/** Every node beneath, parents first, without those under nodes that `enter` refuses. The node itself is not given. */
export function* descendants(node: Syntax, enter: (node: Syntax) => boolean = () => true): Generator<Syntax> {
  const open: Syntax[] = [...node.children].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    if (!enter(next)) continue;
    for (let at = next.children.length - 1; at >= 0; at--) {
      const one = next.children[at];
      if (one !== undefined) open.push(one);
    }
  }
}
