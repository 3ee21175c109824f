/**
 * An expression of Python, JavaScript, TypeScript or Ruby as one kind of value, so that what reads a
 * tool's calls need not know the grammar. What cannot be told without running the code is `other`.
 */

import type { Syntax } from '../readers/host/syntax.ts';
import type { Span } from '../span.ts';

export type Value =
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  /** `models.CASCADE`, `users`, `this.x`. */
  | { readonly kind: 'name'; readonly path: string; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly span: Span }
  | { readonly kind: 'object'; readonly entries: readonly Entry[]; readonly span: Span }
  | Invocation
  /** `body` is the syntax of what it does; `result` its value where it is one expression. */
  | {
      readonly kind: 'function';
      readonly parameters: readonly string[];
      readonly body: Syntax;
      readonly result?: Value | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'other'; readonly text: string; readonly span: Span };

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: Value;
}
/** `receiver.name(args, named=…)`; in a chain the receiver is a call itself. */
export interface Invocation {
  readonly kind: 'call';
  /** The last name of what is called. */
  readonly name: string;
  readonly receiver?: Value | undefined;
  readonly args: readonly Value[];
  readonly named: readonly Entry[];
  /** A block that is handed over (Ruby). */
  readonly block?: Value | undefined;
  readonly span: Span;
  readonly nameSpan: Span;
}

export const stringOf = (value: Value | undefined): string | undefined => (value?.kind === 'string' ? value.value : undefined);
export const booleanOf = (value: Value | undefined): boolean | undefined => (value?.kind === 'boolean' ? value.value : undefined);
export const numberOf = (value: Value | undefined): number | undefined => (value?.kind === 'number' ? value.value : undefined);
export const itemsOf = (value: Value | undefined): readonly Value[] => (value?.kind === 'list' ? value.items : []);

/** The strings of a list, or one string; undefined where any of it is something else. */
export function stringsOf(value: Value | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'string') return [value.value];
  if (value.kind !== 'list') return undefined;
  const found = value.items.map(stringOf);
  return found.every((one) => one !== undefined) ? found : undefined;
}

/** A keyword argument, or the entry of an object. */
export function entryOf(value: Value | undefined, key: string): Value | undefined {
  const entries = value?.kind === 'call' ? value.named : value?.kind === 'object' ? value.entries : [];
  return entries.find((one) => one.key === key)?.value;
}

/** The calls of a chain, first to last, and what the chain begins with. */
export function chainOf(value: Value): { readonly base: Value | undefined; readonly links: readonly Invocation[] } {
  const links: Invocation[] = [];
  let at: Value | undefined = value;
  while (at?.kind === 'call') {
    links.push(at);
    at = at.receiver;
  }
  return { base: at, links: links.reverse() };
}

/** `sa.Column` of `sa.Column(…)`: the names before the brackets, where they are plain names. */
export function calleeOf(call: Invocation): string {
  return call.receiver?.kind === 'name' ? `${call.receiver.path}.${call.name}` : call.name;
}

/** The last part of a dotted name. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
