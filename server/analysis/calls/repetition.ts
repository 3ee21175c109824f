/** Whether a call is made once for each element of a collection that grows with the data. */
import type { Call, Document, Loop } from '../document.ts';
import { createRecent } from '../recent.ts';
import { contains } from '../span.ts';
import { namePath } from './paths.ts';

/** Calls that cut a collection into pieces to send each at once, and names of what they give. */
const cutting =
  /(?:\b|_)(?:chunks?|chunked|chunkBy|chunk_by|chunks_exact|chunkArray|toChunks|into_chunks|iter_?chunks|CollectChunks|Chunks?|batch|batched|batchify|in_?batches|make_batches|split_?every|grouper|islice|array_split|windows|tuples|paginat\w*|getPages|iter_?pages)\s*\(|(?:^|\.|_|[a-z](?=[CBPS]))(?:chunks|batches|slices|pages)(?:\.(?:iter|values|entries|map|forEach|into_iter|keys)\b.*)?$/i;
/** A name for one such piece. */
const piece = /(^|_)(chunk|batch|slice)(s|es)?($|_)|(Chunk|Batch|Slice)(es|s)?$/;
const slicing = /^(slice|subarray|islice|splice|chunk|substring)$/;
const arriving =
  /\bstdin\b|\btime\.Tick\b|[tT]icker\b|\binterval\(|\bincoming\(|\blisten(er)?\b|\baccept\(|\bsubscri\w+|\bconsumer\b|\bpubsub\b|\brx\b|\brecv\w*\(|\breceiver\b|\bwebsocket\b|\bws\b|\b(ch|chan)\b|[a-z](Ch|Chan|Channel|Queue)$|(^|\.)(channel|queue|messages|notifications|events)(\(\))?$|(_channel|_queue|_rx)$/;

/** Constant-size repetition: up to this many turns no batch pays. */
const fewTurns = 10;

/** The innermost loop that multiplies a call; undefined where none does, or where it is one a person wants. */
export function repeatingLoop(document: Document, call: Call): Loop | undefined {
  let at = call.loop;
  while (at !== undefined) {
    const loop = document.loops[at];
    if (loop === undefined) return undefined;
    const inBody = call.span.start >= loop.body.start && call.span.end <= loop.body.end;
    if (inBody) {
      const verdict = judge(loop, at, call, document);
      if (verdict === 'repeats') return runsInTurn(document, loop, call) ? loop : undefined;
      if (verdict === 'stop') return undefined;
    }
    at = loop.parent;
  }
  return undefined;
}

/** A closure made in a turn runs in it only when it is called there, or handed to a call; `onClick={() => …}` runs when somebody clicks. */
function runsInTurn(document: Document, loop: Loop, call: Call): boolean {
  for (let at = call.function; at !== undefined; at = document.functions[at]?.parent) {
    const scope = document.functions[at];
    if (scope === undefined || !contains(loop.body, scope.span)) return true;
    // The function that the loop itself calls in each turn.
    if (loop.kind === 'callback' && scope.parent === loop.function) return true;
    const { span } = scope;
    const run = document.calls.some(
      (each) =>
        contains(each.span, span) &&
        contains(loop.body, each.span) &&
        !/^(push|append|add|set|unshift|useCallback|useMemo|useEffect)$/.test(each.name) &&
        each.arguments.every(
          (argument) => !contains(argument.span, span) || (argument.name === undefined && contains(span, argument.span)),
        ),
    );
    if (!run) return false;
  }
  return true;
}

/**
 * `repeats`: once for each element. `once`: this loop does not multiply the call by the data (a retry, two known tables), one
 * around it may. `stop`: the loop is how the work is meant to be done (pages, chunks, polling), whatever is around it.
 */
function judge(loop: Loop, index: number, call: Call, document: Document): 'repeats' | 'once' | 'stop' {
  const { throttled, sliced } = turnsOf(document);
  if (throttled.has(index) || sliced.has(index)) return 'stop';
  let verdict = verdicts.get(loop);
  if (verdict === undefined) {
    verdict = judgeAlone(loop, document);
    verdicts.set(loop, verdict);
  }
  if (verdict === 'once' || verdict === 'stop') return verdict;
  if (call.arguments.some((argument) => argument.name === undefined && piece.test(argument.text) && piece.test(namePath(argument.text))))
    return 'stop';
  if (verdict === 'counts') return usesVariable(loop, call, document) ? 'repeats' : 'once';
  return verdict;
}

const verdicts = new WeakMap<Loop, ReturnType<typeof judgeAlone>>();

/** What the loop's head says, whatever is called in it. `counts`: over numbers, which may be the places of a collection. */
function judgeAlone(loop: Loop, document: Document): 'repeats' | 'once' | 'stop' | 'counts' {
  const over = loop.over?.replace(/\s+/g, ' ').trim() ?? '';
  if (loop.exit === 'always') return 'once';
  if (loop.kind === 'endless') return 'stop';
  if (loop.kind === 'while' && !loop.streaming && !/\.(next|Next|hasNext|advance)\s*\(/.test(over)) return 'stop';
  if (loop.strided === true || cutting.test(over) || loop.variables.some((name) => piece.test(name))) return 'stop';
  // Work as it comes in, for as long as the process runs.
  if (arriving.test(over)) return 'stop';
  // What the code declares, not what the data holds: fields of a model, migrations to run, tables.
  if (/\b_meta\b|\bsorted_tables\b|\bmetadata\.tables\b|\bmigrations?\b|\b(schema_?)?version\b/i.test(over)) return 'stop';
  if (loop.variables.some((name) => /^(table|tbl)(_?name)?$/i.test(name))) return 'stop';
  if (loop.fixed === true || isShortLiteral(over)) return 'once';
  // The same thing again and again, whatever the element: load is made, nothing is looked up.
  if (loop.variables.length > 0 && loop.variables.every((name) => name === '_')) return 'once';
  if (loop.kind === 'counted') {
    // The first free name, the first that answers: it leaves as soon as it has one.
    if (loop.exit === 'conditional' && /^\d|[<>]=?\s*\d+$|^range\(.*\d+\)$/.test(over)) return 'once';
    return isFewTurns(loop) ? 'once' : 'counts';
  }
  if (loop.kind === 'callback' && document.language === 'rust' && !isRustIterator(over)) return 'once';
  return 'repeats';
}

interface Turns {
  /** It sleeps in its turns: it polls, or keeps to somebody's rate limit. */
  readonly throttled: ReadonlySet<number>;
  /** `items.slice(i, i + size)`: it goes from piece to piece. */
  readonly sliced: ReadonlySet<number>;
}
/** What is done in the turns of each loop, found in one pass over the calls. */
const turnsOf = createRecent(64, (document: Document): Turns => {
  const throttled = new Set<number>();
  const sliced = new Set<number>();
  for (const call of document.calls) {
    const sleeps = /^(sleep|delay|wait|setTimeout|usleep|sleep_until|backoff|throttle)$/i.test(call.name);
    const slices = !sleeps && slicing.test(call.name) && call.arguments.length === 2;
    if (!sleeps && !slices) continue;
    for (let at = call.loop; at !== undefined; at = document.loops[at]?.parent) {
      const loop = document.loops[at];
      if (loop === undefined || !contains(loop.body, call.span)) continue;
      if (sleeps) throttled.add(at);
      else if (call.arguments.some((argument) => argument.text === loop.variables[0])) sliced.add(at);
    }
  }
  return { throttled, sliced };
});

/** A list, tuple or array written out, or constant by its capitals. */
function isShortLiteral(over: string | undefined): boolean {
  const text = over?.trim() ?? '';
  if (
    /^(&|&mut\s+)?\[[^\]]*$|^(&\s*)?\[[\s\S]*\](\s+as\s+const|\.(iter|into_iter|map|forEach|entries|values)\b.*)?$/.test(text) &&
    !/\.\.\.|\bfor\b|^\[\]$/.test(text)
  )
    return true;
  if (/^\([^()]*,[^()]*\)$/.test(text)) return true;
  if (/^(\[\]|\[\d+\]|\[\.\.\.\])[\w.]+\{/.test(text)) return true;
  if (/(^|\.|::)(consts?|constants|defaults)(\.|::)\w+$|(^|\.|::)Default[A-Z]\w*$/.test(text)) return true;
  return /^(&|self\.|this\.|Self::|\w+\.|\w+::)*[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(\.(iter|values|items|keys|entries)\(\))?$/.test(text);
}

/** `range(3)`, `0..2`, `i < 5`. */
function isFewTurns(loop: Loop): boolean {
  const limit = /^(?:range\(\s*(?:\d+\s*,\s*)?|\d+\s*\.\.=?\s*|\w+\s*<=?\s*)(\d+)\s*\)?$/.exec(loop.over?.trim() ?? '')?.[1];
  return limit !== undefined && Number(limit) <= fewTurns;
}

/** A counted loop passes over a collection when the call is told which turn it is. */
function usesVariable(loop: Loop, call: Call, document: Document): boolean {
  if (loop.variables.length === 0) return false;
  const word = new RegExp(`\\b(${loop.variables.map((name) => name.replace(/[^\w]/g, '')).join('|')})\\b`);
  if (/attempt|retr(y|ies)|tries|try_?count/i.test(`${loop.variables.join(' ')} ${loop.over ?? ''}`)) return false;
  if (/page|offset|cursor/i.test(loop.variables.join(' '))) return false;
  const told = (text: string): boolean => word.test(text);
  if (call.arguments.some((argument) => told(argument.text)) || told(call.receiver ?? '')) return true;
  // Through another call of the turn: `id := ids[i]` has none, `const user = users.at(i)` has.
  return document.calls.some(
    (each) =>
      each.result !== undefined &&
      each.span.start >= loop.body.start &&
      each.span.end <= loop.body.end &&
      each.span.end <= call.span.start &&
      each.arguments.some((argument) => told(argument.text)) &&
      call.arguments.some((argument) => new RegExp(`\\b${(each.result ?? '').replace(/[^\w]/g, '')}\\b`).test(argument.text)),
  );
}

/** `map` and `and_then` are methods of Option and Result, too; only an iterator or a stream has many elements. */
function isRustIterator(over: string): boolean {
  return /\b(iter|into_iter|iter_mut|par_iter|into_par_iter|drain|keys|values|lines|split\w*|chars|bytes|zip|enumerate|filter|filter_map|flat_map|rev|skip|take|stream::iter|iter::\w+|once|chain|cloned|copied|windows|buffer_unordered|FuturesUnordered)\b|\.\./.test(
    over,
  );
}
