/** Calls on the walk through an item, and the loops that some of them are. */
import { argumentsOf } from './arguments.ts';
import { calleeOf } from './callee.ts';
import { none, type RawCall } from './fragment.ts';
import type { CallShape, HostLanguage } from './language.ts';
import { isGathered } from './loops.ts';
import { bindingOf } from './roles.ts';
import type { Syntax } from './syntax.ts';
import { type Context, type Walk, written } from './walk.ts';
import { isListed, pushLoop } from './walk-loops.ts';

/** Calls that keep their function argument for later: a loop around them registers handlers and does not run them. */
const registering = new Set(
  'on once addEventListener addListener subscribe describe it test beforeEach afterEach HandleFunc Handle Handler use route setTimeout setInterval AfterFunc Cleanup defer register add_handler after_request before_request'.split(
    ' ',
  ),
);
/** Of routers when the first argument is a path: `app.get('/x', handler)`. */
const routing = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

export function enterCall(walk: Walk, node: Syntax, shape: CallShape, context: Context): void {
  const { language, source, fragment } = walk;
  const callee = calleeOf(shape, language, source);
  const bound = bindingOf(node, language, source);
  const index = fragment.calls.length;
  walk.calls.set(node, index);
  walk.links.push({ chain: callee.chain, within: enclosingCall(node, language) });
  const call: RawCall = {
    callee: callee.text,
    name: callee.name,
    receiver: callee.receiver,
    span: { start: node.start, end: node.end },
    nameSpan: callee.nameSpan,
    arguments: argumentsOf(shape, language, source),
    awaited: shape.awaited === true || callee.awaited || bound?.awaited === true,
    result: bound?.name,
    scoped: bound?.scoped ?? false,
    function: context.function,
    loop: context.loop,
    chain: none,
    within: none,
  };
  fragment.calls.push(call);
  noteGathering(walk, shape, call, context);
  const callback = language.callback(shape, callee.name, callee.receiverNode, source);
  if (callback !== undefined) {
    const run = callback.function;
    const name = bound?.name;
    const loop = pushLoop(walk, {
      kind: 'callback',
      span: call.span,
      header: { start: callee.nameSpan.start, end: Math.max(callee.nameSpan.start, run.start) },
      body: { start: run.start, end: run.end },
      over: callback.over && written(source, callback.over),
      overSpan: callback.over && { start: callback.over.start, end: callback.over.end },
      variables: parameterNames(run, language, source),
      streaming: callback.streaming ?? false,
      fixed: isListed(walk, callback.over),
      concurrent: callback.concurrent === true || isGathered(node, language, source),
      exit: 'none',
      function: context.function,
      parent: context.loop,
    });
    walk.contexts.set(run, { function: context.function, loop, owner: undefined });
    if (name !== undefined) fragment.notes.push({ kind: 'collected', name, function: context.function, loop });
    if (!language.functions.has(run.kind)) callByName(walk, run, { ...context, loop });
  } else if (
    registering.has(callee.name) ||
    (routing.has(callee.name) && ['string', 'template'].includes(call.arguments[0]?.kind ?? 'other'))
  ) {
    for (const argument of shape.arguments) {
      if (language.functions.has(argument.kind)) walk.contexts.set(argument, { ...context, loop: none });
    }
  }
}

/** `ids.map(load)`: the function is called in each turn, though the text holds no call. */
function callByName(walk: Walk, run: Syntax, context: Context): void {
  const { language, source, fragment } = walk;
  if (walk.language.argumentKinds.get(run.kind) !== 'identifier') return;
  const callee = calleeOf({ what: 'call', callee: run, arguments: [] }, language, source);
  fragment.calls.push({
    callee: callee.text,
    name: callee.name,
    receiver: callee.receiver,
    span: { start: run.start, end: run.end },
    nameSpan: callee.nameSpan,
    arguments: [],
    awaited: false,
    result: undefined,
    scoped: false,
    function: context.function,
    loop: context.loop,
    chain: none,
    within: none,
  });
  walk.links.push({ chain: undefined, within: undefined });
}

function parameterNames(run: Syntax, language: HostLanguage, source: string): readonly string[] {
  const shape = language.functions.has(run.kind) ? language.shape(run, source) : undefined;
  return shape?.what === 'function' ? shape.parameters.map((parameter) => parameter.name) : [];
}

const collecting = new Set(['push', 'append', 'add', 'push_back', 'insert', 'extend']);

/** Work put into a list in a loop, and lists that are awaited as a whole: the loop is concurrent when both name the same list. */
function noteGathering(walk: Walk, shape: CallShape, call: RawCall, context: Context): void {
  const { language, source, fragment } = walk;
  const place = { function: context.function, loop: context.loop };
  if (collecting.has(call.name) && call.receiver !== undefined) {
    fragment.notes.push({ kind: 'grown', name: call.receiver, ...place });
    if (context.loop !== none) fragment.notes.push({ kind: 'collected', name: call.receiver, ...place });
  }
  if (!language.gathers(call.name, call.callee)) return;
  for (const argument of shape.arguments) {
    const name = source.slice(argument.start, argument.end).replace(/^[.*&\s]+/, '');
    if (/^[\w$.]+$/.test(name)) fragment.notes.push({ kind: 'gathered', name, ...place });
  }
}

/** The call this one is written as an argument of, with nothing but brackets and wrappers between. */
function enclosingCall(node: Syntax, language: HostLanguage): Syntax | undefined {
  let at = node.parent;
  while (at !== undefined && (language.transparent.has(at.kind) || language.awaits.has(at.kind))) at = at.parent;
  return at !== undefined && language.argumentLists.has(at.kind) ? at.parent : undefined;
}
