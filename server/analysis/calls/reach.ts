/** Which calls reach a database, a cache or the network: themselves, or through functions of the repository. */
import type { Document } from '../document.ts';
import type { CallFacts, Reach } from '../facts.ts';
import { createRecent } from '../recent.ts';
import { type Direct, directReach } from './direct.ts';
import { buildOrigins } from './origins.ts';
import { type Summary, summaryOf } from './summary.ts';
import { parametersOf, type Targets, targetsOf } from './targets.ts';
import { buildIndex, type FunctionReference, scopeOf } from './workspace-index.ts';

/** Helpers are followed this deep. Deeper than that nobody sees the loop when reading the code, and names mislead. */
const deepest = 6;

/**
 * Facts about the calls of all documents together. Cheap to build (one pass over names; what one document says of itself
 * is remembered with it); each answer is worked out when it is first asked for.
 */
export function buildCallFacts(documents: readonly Document[]): CallFacts {
  const index = buildIndex(documents);
  const targets = createRecent(256, (_: Document) => new Map<number, Targets>());
  const origins = buildOrigins(index, (summary, call) => targetsFor(summary, call).functions);
  const directs = createRecent(256, (_: Document) => new Map<number, Direct | null>());
  const reached = new Map<string, { readonly depth: number; readonly found: Reach | undefined }>();
  const numbers = new WeakMap<Document, number>();
  let numbered = 0;

  function targetsFor(summary: Summary, call: number): Targets {
    const memo = targets(summary.document);
    let found = memo.get(call);
    if (found === undefined) {
      // Finding it may ask for itself: then nothing is known.
      memo.set(call, { functions: [], agree: 'all' });
      found = targetsOf(summary, call, index, origins);
      memo.set(call, found);
    }
    return found;
  }

  function directFor(summary: Summary, call: number): Direct | undefined {
    const memo = directs(summary.document);
    let found = memo.get(call);
    if (found === undefined) {
      found = directReach(summary, call, origins, index) ?? null;
      memo.set(call, found);
    }
    return found ?? undefined;
  }

  function callReach(summary: Summary, call: number, depth: number): Reach | undefined {
    const at = summary.document.calls[call];
    if (at === undefined) return undefined;
    const here = { name: at.callee, path: summary.document.path, span: at.nameSpan };
    const direct = directFor(summary, call);
    if (direct !== undefined) {
      return {
        kind: direct.kind,
        via: [here],
        ...(direct.inProcess ? { inProcess: true } : {}),
        ...(direct.writes ? { writes: true } : {}),
        ...(direct.exclusive ? { exclusive: true } : {}),
      };
    }
    if (depth <= 0) return undefined;
    const { functions, agree } = targetsFor(summary, call);
    if (functions.length === 0 || isGivenItsData(functions, summary, call)) return undefined;
    let found: Reach | undefined;
    let missing = 0;
    for (const target of functions) {
      const reach = functionReach(target, depth - 1);
      if (reach === undefined) missing++;
      else found = merged(found, reach);
    }
    if (found === undefined || (agree === 'all' ? missing > 0 : missing * 2 > functions.length)) return undefined;
    return { ...found, via: [here, ...found.via] };
  }

  function functionReach(target: FunctionReference, depth: number): Reach | undefined {
    const summary = summaryOf(target.document);
    const scope = scopeOf(target);
    if (summary === undefined || scope === undefined) return undefined;
    if (scope.decorators.some((decorator) => /cache|memoize/i.test(decorator) && !/no_?cache|never_cache|cache_control/i.test(decorator)))
      return undefined;
    let number = numbers.get(summary.document);
    if (number === undefined) {
      number = numbered++;
      numbers.set(summary.document, number);
    }
    const key = `${number}:${target.index}`;
    const known = reached.get(key);
    // What was found looking less deep stays found; what was not found looking deeper is not there.
    if (known !== undefined && (known.found === undefined ? known.depth >= depth : known.depth <= depth)) return known.found;
    reached.set(key, { depth, found: undefined });
    let found: Reach | undefined;
    const made = summary.callsIn.get(target.index) ?? [];
    // What a cache is asked to compute is seldom computed.
    if (made.some((call) => computing.test(summary.document.calls[call]?.name ?? ''))) return undefined;
    for (const call of made) {
      const reach = callReach(summary, call, depth);
      if (reach === undefined || reach.kind === 'prepare' || reach.kind === 'commit') continue;
      found = merged(found, reach);
      if (found.writes === true && found.exclusive === true) break;
    }
    reached.set(key, { depth, found });
    return found;
  }

  return {
    reach(document, call) {
      const summary = summaryOf(document);
      return summary === undefined || index.isTest(document) ? undefined : callReach(summary, call, deepest);
    },
  };
}

const computing =
  /^(try_get_with|get_with|get_or_insert_with|get_or_try_insert_with|optionally_get_with|get_or_set|getOrSet|getOrCreate|remember|unstable_cache|memoize\w*|GetOrSet|GetOrLoad|computeIfAbsent)$/;

/** The first way to a round trip is told; what any of them does to the rest is kept. */
function merged(known: Reach | undefined, next: Reach): Reach {
  if (known === undefined) return next;
  const writes = known.writes === true || next.writes === true;
  const exclusive = known.exclusive === true || next.exclusive === true;
  if (writes === (known.writes === true) && exclusive === (known.exclusive === true)) return known;
  return { ...known, ...(writes ? { writes } : {}), ...(exclusive ? { exclusive } : {}) };
}

/**
 * Rust: `Some(&prefetched)` for a parameter `Option<&T>` hands the function what it would otherwise ask for. A parameter that
 * may be absent and is not exists to spare the work of getting it.
 */
function isGivenItsData(functions: readonly FunctionReference[], summary: Summary, call: number): boolean {
  if (summary.ecosystem !== 'rust') return false;
  const given = summary.document.calls[call]?.arguments ?? [];
  return functions.every((target) => {
    const parameters = parametersOf(target);
    return given.some(
      (argument, at) => /^Some\(\s*&/.test(argument.text) && /^Option<\s*&\s*('\w+\s+)?(?!str\b|mut\b)\w/.test(parameters[at]?.type ?? ''),
    );
  });
}
