/** The called expression as a name: `self.db.execute`, with the call it hangs on. */
import type { Span } from '../../span.ts';
import type { CallShape, HostLanguage } from './language.ts';
import { child, namedChildren, type Syntax } from './syntax.ts';

export interface Callee {
  readonly text: string;
  readonly name: string;
  readonly nameSpan: Span;
  readonly receiver: string | undefined;
  readonly receiverNode: Syntax | undefined;
  /** The nearest call in the receiver. */
  readonly chain: Syntax | undefined;
  /** TypeScript's grammar reads `await f<T>()` as a call of `await f`. */
  readonly awaited: boolean;
}

/** Builder chains may hang thousands of calls on one another; a name longer than this tells nobody more. */
const longestChain = 40;

export function calleeOf(shape: CallShape, language: HostLanguage, source: string): Callee {
  let awaited = false;
  let node = shape.callee;
  for (let inner = unwrapped(node, language); inner !== undefined; inner = unwrapped(node, language)) {
    if (language.awaits.has(node.kind)) awaited = true;
    node = inner;
  }
  const member = language.members.get(node.kind);
  const nameNode = member === undefined ? node : (child(node, member[1]) ?? node);
  const object = member === undefined ? undefined : child(node, member[0]);
  const suffix = shape.suffix ?? '';
  const name = language.functions.has(nameNode.kind) ? '<anonymous>' : collapsed(source, nameNode);
  const nameSpan = { start: nameNode.start, end: nameNode.end };
  if (object === undefined || member === undefined)
    return { text: name + suffix, name, nameSpan, receiver: undefined, receiverNode: undefined, chain: undefined, awaited };
  const { text, chain } = receiverOf(object, language, source);
  return { text: text + member[2] + name + suffix, name, nameSpan, receiver: text, receiverNode: object, chain, awaited };
}

function receiverOf(object: Syntax, language: HostLanguage, source: string): { text: string; chain: Syntax | undefined } {
  let chain: Syntax | undefined;
  let text = '';
  let node = object;
  for (let links = 0; links < longestChain; links++) {
    const inner = unwrapped(node, language);
    if (inner !== undefined) {
      node = inner;
      continue;
    }
    const member = language.members.get(node.kind);
    const next = member === undefined ? undefined : child(node, member[0]);
    if (member !== undefined && next !== undefined) {
      const name = child(node, member[1]);
      text = member[2] + (name === undefined ? '' : collapsed(source, name)) + text;
      node = next;
      continue;
    }
    if (language.callKinds.has(node.kind)) {
      chain ??= node;
      const shape = language.shape(node, source);
      if (shape?.what !== 'call') break;
      text = (shape.suffix ?? '') + text;
      node = shape.callee;
      continue;
    }
    // A method of a literal: what the literal says is no name.
    const base = language.strings.has(node.kind) ? '""' : collapsed(source, node);
    return { text: base + text, chain };
  }
  return { text: text.replace(/^[.:]+/, ''), chain };
}

/** What a wrapper holds: brackets, await, casts; undefined where the node is none. */
export function unwrapped(node: Syntax, language: HostLanguage): Syntax | undefined {
  const field = language.transparent.get(node.kind);
  if (field === undefined) return undefined;
  return field === '' ? namedChildren(node)[0] : child(node, field);
}

/** Spaces collapsed; at most 80 characters. */
function collapsed(source: string, node: Syntax): string {
  return source
    .slice(node.start, Math.min(node.end, node.start + 80))
    .replace(/\s+/g, ' ')
    .trim();
}
