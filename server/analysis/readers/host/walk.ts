/** What the parts of the walk through an item share. */
import type { Fragment } from './fragment.ts';
import type { LiteralWalk } from './literals.ts';
import type { Syntax } from './syntax.ts';

export interface Context {
  readonly function: number;
  readonly loop: number;
  readonly owner: string | undefined;
}
export interface Walk extends LiteralWalk {
  readonly fragment: Fragment;
  /** Contexts of nodes that differ from their parent's. */
  readonly contexts: Map<Syntax, Context>;
  /** Per call: the nodes of the call it hangs on and of the call it is an argument of, resolved at the end. */
  readonly links: { readonly chain: Syntax | undefined; readonly within: Syntax | undefined }[];
}

/** The source of a node, cut where it is longer than a person would read. */
export function written(source: string, node: Syntax): string {
  return source.slice(node.start, Math.min(node.end, node.start + 200));
}
