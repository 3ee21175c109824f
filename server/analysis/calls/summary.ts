/** What the call graph needs of one document, worked out once. */
import type { Document, FunctionScope, Query, TypeDeclaration } from '../document.ts';
import { createRecent } from '../recent.ts';
import type { Ecosystem } from './drivers/driver.ts';
import { ecosystemOf } from './drivers.ts';
import { namePath } from './paths.ts';

export interface Summary {
  readonly document: Document;
  readonly ecosystem: Ecosystem;
  /** The called expression of each call as names. */
  readonly paths: readonly string[];
  /** Calls by function, those in its closures included; -1 is the top level. */
  readonly callsIn: ReadonlyMap<number, readonly number[]>;
  readonly queryOf: ReadonlyMap<number, Query>;
  /** Calls by the name their result is bound to. */
  readonly bound: ReadonlyMap<string, readonly number[]>;
  /** Loops by the names they bind anew in each turn, outer ones first. */
  readonly loopsOf: ReadonlyMap<string, readonly number[]>;
  readonly types: readonly TypeDeclaration[];
}

/** Undefined for a document in a language without calls. */
export const summaryOf: (document: Document) => Summary | undefined = createRecent(256, summarise);

function summarise(document: Document): Summary | undefined {
  const ecosystem = ecosystemOf(document.language);
  if (ecosystem === undefined) return undefined;
  const paths: string[] = [];
  const callsIn = new Map<number, number[]>();
  const bound = new Map<string, number[]>();
  for (const [index, call] of document.calls.entries()) {
    paths.push(namePath(call.callee));
    append(callsIn, runsIn(document, call.function), index);
    if (call.result !== undefined) for (const name of call.result.split(/\s*,\s*/)) append(bound, name, index);
  }
  const queryOf = new Map<number, Query>();
  for (const query of document.queries) if (query.call !== undefined && !queryOf.has(query.call)) queryOf.set(query.call, query);
  const loopsOf = new Map<string, number[]>();
  for (const [index, loop] of document.loops.entries()) for (const name of loop.variables) append(loopsOf, name, index);
  return {
    document,
    ecosystem,
    paths,
    callsIn,
    queryOf,
    bound,
    loopsOf,
    types: document.types ?? [],
  };
}

function append<K>(map: Map<K, number[]>, key: K, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** The innermost function with a name around an index; closures belong to the function they are written in. */
export function namedScope(document: Document, index: number | undefined): number {
  let at = index;
  while (at !== undefined) {
    const scope = document.functions[at];
    if (scope === undefined) return -1;
    if (scope.name !== '<anonymous>') return at;
    at = scope.parent;
  }
  return -1;
}

/** The function whose call makes this one: a request handler that a function returns or registers runs later, in none. */
function runsIn(document: Document, index: number | undefined): number {
  let at = index;
  while (at !== undefined) {
    const scope = document.functions[at];
    if (scope === undefined) return -1;
    if (scope.name !== '<anonymous>') return at;
    if (isHandler(scope)) return -2;
    at = scope.parent;
  }
  return -1;
}

function isHandler(scope: FunctionScope): boolean {
  if (
    scope.parameters.some(({ type }) =>
      /\bhttp\.(ResponseWriter|Handler)\b|\b(gin|echo|fiber|chi)\.(Context|Ctx|Handler\w*)\b|\b(Next)?(Request|Response|ApiRequest)\b/.test(
        type ?? '',
      ),
    )
  )
    return true;
  const names = scope.parameters.map((parameter) => parameter.name).join(',');
  return /^_?(req|request|ctx|c),_?(res|resp|response|reply|next)\b/.test(names);
}

/** A function and those it is written in, innermost first. */
export function* scopesFrom(document: Document, index: number | undefined): Generator<readonly [number, FunctionScope]> {
  let at = index;
  while (at !== undefined) {
    const scope = document.functions[at];
    if (scope === undefined) return;
    yield [at, scope];
    at = scope.parent;
  }
}

/** The class, impl type or receiver type around a function. */
export function ownerOf(document: Document, index: number | undefined): string | undefined {
  for (const [, scope] of scopesFrom(document, index)) if (scope.owner !== undefined) return scope.owner;
  return undefined;
}

/** The first call of the chain a call belongs to. */
export function chainRoot(document: Document, index: number): number {
  let at = index;
  for (let turn = 0; turn < 100; turn++) {
    const before = document.calls[at]?.chain;
    if (before === undefined || before === at) return at;
    at = before;
  }
  return at;
}
