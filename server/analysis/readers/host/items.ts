/**
 * A file as items: what stands in its body and in the bodies of its classes and long functions. Each is read once and
 * remembered by its text, so that a keystroke costs one item and the putting together.
 */
import type { TypeDeclaration } from '../../document.ts';
import type { ReadContext, Source } from '../../reader.ts';
import { declaredTypes } from './declarations.ts';
import { emptyFragment, type Fragment, none, outer, shiftSpan } from './fragment.ts';
import type { HostLanguage } from './language.ts';
import { copySyntax, type ItemReader } from './syntax.ts';
import { extract } from './walker.ts';

/** Items inside items inside items: deeper nesting is copied whole, so that no text can exhaust the stack. */
const deepestItem = 16;
const nothing = emptyFragment();

/** A text without any of these words declares no type. */
const declaring = /\b(?:class|interface|type|struct|trait|impl)\b/;

/** Undefined where the grammar is not loaded. */
export function readItems(
  language: HostLanguage,
  source: Source,
  context: ReadContext,
): { readonly fragment: Fragment; readonly types: readonly TypeDeclaration[] } | undefined {
  const { text } = source;
  const grammarId = language.grammarOf(source.language);
  const root = context.syntax(grammarId, text, source.path);
  if (root === null || root === undefined) return undefined;
  const grammar = root.tree.language;
  const types: TypeDeclaration[] = [];
  const remember = remembering(context, `${language.id} ${source.path}`);
  let depth = 0;
  const readItem: ItemReader = (at, kind, start, count) => {
    const end = at.endIndex;
    if (kind.endsWith('comment') && !text.slice(start, end).includes('tunelens')) return nothing;
    // A slice keeps the whole file's text alive as long as it is remembered; joining and slicing again makes a copy.
    const own = `\n${text.slice(start, end)}`.slice(1);
    if (depth === 0 && declaring.test(own)) {
      const declared = remember(`${grammarId} types`, own, () =>
        shiftTypes(declaredTypes(at.currentNode, grammarId, context.remember), -start),
      );
      types.push(...shiftTypes(declared, start));
    }
    return remember(`${language.id} ${kind}`, own, () => {
      for (let back = 1; back < count; back++) at.gotoPreviousSibling();
      depth++;
      const item = copySyntax(at, grammar, language, start, count, depth < deepestItem ? readItem : undefined);
      depth--;
      return extract(item, own, language, outer);
    });
  };
  const cursor = root.walk();
  try {
    return { fragment: extract(copySyntax(cursor, grammar, language, 0, 1, readItem), text, language, none), types };
  } finally {
    cursor.delete();
  }
}

function shiftTypes(types: readonly TypeDeclaration[], by: number): TypeDeclaration[] {
  return types.map((type) => ({ ...type, span: shiftSpan(type.span, by) }));
}

/** A longer item is mostly made of items that are remembered by themselves. */
const longItem = 1500;
/** Characters of long items kept: the few files that are being edited. A reading takes about ten bytes a character. */
const mostLatest = 600_000;
let latestSize = 0;
const latest = new Map<string, { readonly text: string; readonly value: unknown }>();

/**
 * Short items are remembered by their text. Of a long one, a class of a thousand lines, only the latest reading is kept, by its
 * place: each keystroke in it makes a new text, and the readings of the last hundred keystrokes would fill the memory.
 */
function remembering(context: ReadContext, file: string): ReadContext['remember'] {
  const seen = new Map<string, number>();
  return (kind, text, compute) => {
    if (text.length < longItem) return context.remember(kind, text, compute);
    const head = `${file} ${kind} ${text.slice(0, 80)}`;
    const before = seen.get(head) ?? 0;
    seen.set(head, before + 1);
    const key = `${head} ${before}`;
    const known = latest.get(key);
    const value = known?.text === text ? (known.value as ReturnType<typeof compute>) : compute();
    // Anew, so that the order of the map is the order of use.
    if (latest.delete(key)) latestSize -= known?.text.length ?? 0;
    latest.set(key, { text, value });
    latestSize += text.length;
    for (const [oldest, entry] of latest) {
      if (latestSize <= mostLatest) break;
      latest.delete(oldest);
      latestSize -= entry.text.length;
    }
    return value;
  };
}
