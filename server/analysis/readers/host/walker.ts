/** From the syntax of one item to its fragment. One loop over an explicit stack: no depth of nesting can exhaust it. */

import { argumentsOf } from './arguments.ts';
import { calleeOf, unwrapped } from './callee.ts';
import { append, emptyFragment, type Fragment, none, type outer, type RawCall, type RawLoop } from './fragment.ts';
import type { CallShape, ComprehensionShape, FunctionShape, HostLanguage, LoopShape } from './language.ts';
import { type LiteralWalk, readLiteral } from './literals.ts';
import { exitOf, isGathered, spawnsWork } from './loops.ts';
import { bindingOf } from './roles.ts';
import type { Syntax } from './syntax.ts';

interface Context {
  readonly function: number;
  readonly loop: number;
  readonly owner: string | undefined;
}
interface Walk extends LiteralWalk {
  readonly fragment: Fragment;
  /** Contexts of nodes that differ from their parent's. */
  readonly contexts: Map<Syntax, Context>;
  /** Per call: the nodes of the call it hangs on and of the call it is an argument of, resolved at the end. */
  readonly links: { readonly chain: Syntax | undefined; readonly within: Syntax | undefined }[];
}

/** Reads an item, or a whole file, with `none` around it. `source` is the item's own text; every span is an offset into it. */
export function extract(root: Syntax, source: string, language: HostLanguage, around: typeof outer | typeof none): Fragment {
  const walk: Walk = {
    language,
    source,
    fragment: emptyFragment(),
    contexts: new Map(),
    calls: new Map(),
    links: [],
    read: new Set(),
  };
  const open: [Syntax, Context][] = [[root, { function: around, loop: around, owner: undefined }]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node] = next;
    const context = walk.contexts.get(node) ?? next[1];
    if (node.item !== undefined) {
      append(walk.fragment, node.item, { offset: node.start, ...context });
      // Calls of the inner item have no node here, so nothing here can link to them.
      while (walk.links.length < walk.fragment.calls.length) walk.links.push({ chain: undefined, within: undefined });
      continue;
    }
    const inside = node.named ? visit(walk, node, context) : context;
    for (let at = node.children.length - 1; at >= 0; at--) {
      const one = node.children[at];
      if (one !== undefined) open.push([one, inside]);
    }
  }
  resolveLinks(walk);
  return walk.fragment;
}

/** Records what the node is; returns the context of its children. */
function visit(walk: Walk, node: Syntax, context: Context): Context {
  const { language, source, fragment } = walk;
  if (node.children.length === 0 && !language.strings.has(node.kind) && !node.kind.endsWith('comment')) return context;
  const shape = language.shape(node, source);
  let inside = context;
  switch (shape?.what) {
    case 'function':
      inside = enterFunction(walk, node, shape, context);
      break;
    case 'owner':
      if (shape.body === node) inside = { ...context, owner: shape.name };
      else walk.contexts.set(shape.body, { ...context, owner: shape.name });
      break;
    case 'loop':
      inside = enterLoop(walk, node, shape, context);
      break;
    case 'comprehension':
      inside = enterComprehension(walk, node, shape, context);
      break;
    case 'call':
      enterCall(walk, node, shape, context);
      break;
    case 'import':
      fragment.imports.push(...shape.imports);
      break;
    case 'comment': {
      const text = source.slice(node.start, node.end);
      if (text.includes('tunelens')) fragment.comments.push({ text, span: { start: node.start, end: node.end } });
      break;
    }
  }
  if (language.strings.has(node.kind)) readLiteral(walk, node, context);
  if (language.lazyAttributes && context.loop >= 0) readAttribute(walk, node, context);
  if (node.parent !== undefined && language.listed(node, source)) {
    const name = bindingOf(node, language, source)?.name;
    if (name !== undefined) fragment.notes.push({ kind: 'listed', name, function: context.function, loop: context.loop });
  }
  const grown = language.grows(node, source);
  if (grown !== undefined) fragment.notes.push({ kind: 'grown', name: grown, function: context.function, loop: context.loop });
  const template = language.template(node, source);
  if (template !== undefined) fragment.notes.push({ kind: 'template', name: template, function: context.function, loop: context.loop });
  const closed = language.closes(node, source);
  if (closed !== undefined) fragment.notes.push({ kind: 'closed', name: closed, function: context.function, loop: context.loop });
  return inside;
}

/** `order.customer` where `order` is bound anew in each turn. A method that is called is no attribute. */
function readAttribute(walk: Walk, node: Syntax, context: Context): void {
  const { language, source, fragment } = walk;
  const member = language.members.get(node.kind);
  if (member === undefined || node.field === 'left' || (node.field === 'function' && language.callKinds.has(node.parent?.kind ?? '')))
    return;
  const receiver = written(source, node.children[0] ?? node);
  const [root = ''] = receiver.split('.', 1);
  const name = node.children.at(-1);
  if (name === undefined || !/^[\w.]+$/.test(receiver)) return;
  for (let loop = context.loop; loop >= 0; loop = fragment.loops[loop]?.parent ?? none) {
    if (fragment.loops[loop]?.variables.includes(root) !== true) continue;
    const span = { start: node.start, end: node.end };
    fragment.reads.push({ receiver, name: source.slice(name.start, name.end), span, loop, function: context.function });
    return;
  }
}

function enterFunction(walk: Walk, node: Syntax, shape: FunctionShape, context: Context): Context {
  const index = walk.fragment.functions.length;
  walk.fragment.functions.push({
    name: shape.name,
    owner: shape.owner ?? context.owner,
    span: { start: node.start, end: node.end },
    nameSpan: { start: shape.nameNode.start, end: shape.nameNode.end },
    async: shape.async,
    parent: context.function,
    parameters: shape.parameters,
    decorators: shape.decorators,
    returns: shape.returns,
  });
  return { function: index, loop: shape.declared ? none : context.loop, owner: undefined };
}

/** Undefined rather than false: the name may turn out to be bound to such a collection. */
function isListed(walk: Walk, over: Syntax | undefined): true | undefined {
  let at = over;
  for (let inner = at && unwrapped(at, walk.language); inner !== undefined; inner = unwrapped(inner, walk.language)) at = inner;
  return at !== undefined && walk.language.listed(at, walk.source) ? true : undefined;
}

function pushLoop(walk: Walk, loop: RawLoop): number {
  walk.fragment.loops.push(loop);
  return walk.fragment.loops.length - 1;
}

/** Each loop looks through its whole body: loops nested deeper than this are no program, and would take the square of their depth. */
const deepestLoop = 20;

function enterLoop(walk: Walk, node: Syntax, shape: LoopShape, context: Context): Context {
  const { language, source } = walk;
  let depth = 0;
  for (let at = context.loop; at >= 0 && depth <= deepestLoop; at = walk.fragment.loops[at]?.parent ?? none) depth++;
  const judged = depth <= deepestLoop;
  const index = pushLoop(walk, {
    kind: shape.kind,
    span: { start: node.start, end: node.end },
    header: { start: node.start, end: Math.max(node.start, shape.body.start) },
    body: { start: shape.body.start, end: shape.body.end },
    over: shape.over && written(source, shape.over),
    overSpan: shape.over && { start: shape.over.start, end: shape.over.end },
    variables: shape.variables,
    streaming: shape.streaming,
    fixed: isListed(walk, shape.over),
    strided: shape.strided,
    concurrent: judged && spawnsWork(shape.body, language, source),
    exit: judged ? exitOf(shape.body, language) : 'none',
    function: context.function,
    parent: context.loop,
  });
  for (const once of shape.once) walk.contexts.set(once, context);
  return { function: context.function, loop: index, owner: undefined };
}

function enterComprehension(walk: Walk, node: Syntax, shape: ComprehensionShape, context: Context): Context {
  const { language, source, fragment } = walk;
  const concurrent = isGathered(node, language, source);
  let inside = context;
  for (const clause of shape.clauses) {
    const index = pushLoop(walk, {
      kind: 'comprehension',
      span: { start: node.start, end: node.end },
      header: { start: clause.node.start, end: clause.node.end },
      body: { start: shape.body.start, end: shape.body.end },
      over: written(source, clause.over),
      overSpan: { start: clause.over.start, end: clause.over.end },
      variables: clause.variables,
      streaming: clause.streaming,
      fixed: isListed(walk, clause.over),
      concurrent,
      exit: 'none',
      function: context.function,
      parent: inside.loop,
    });
    const collected = bindingOf(node, language, source)?.name;
    if (collected !== undefined) fragment.notes.push({ kind: 'collected', name: collected, function: context.function, loop: index });
    // The first iterable is evaluated once; that of an inner clause in each turn of the one before.
    walk.contexts.set(clause.over, inside);
    inside = { function: context.function, loop: index, owner: undefined };
  }
  return inside;
}

/** Calls that keep their function argument for later: a loop around them registers handlers and does not run them. */
const registering = new Set(
  'on once addEventListener addListener subscribe describe it test beforeEach afterEach HandleFunc Handle Handler use route setTimeout setInterval AfterFunc Cleanup defer register add_handler after_request before_request'.split(
    ' ',
  ),
);
/** Of routers when the first argument is a path: `app.get('/x', handler)`. */
const routing = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

function enterCall(walk: Walk, node: Syntax, shape: CallShape, context: Context): void {
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

function resolveLinks(walk: Walk): void {
  for (const [index, links] of walk.links.entries()) {
    const call = walk.fragment.calls[index];
    if (call === undefined || (links.chain === undefined && links.within === undefined)) continue;
    const chain = links.chain === undefined ? undefined : walk.calls.get(links.chain);
    const within = links.within === undefined ? undefined : walk.calls.get(links.within);
    walk.fragment.calls[index] = { ...call, chain: chain ?? call.chain, within: within ?? call.within };
  }
}

/** The source of a node, cut where it is longer than a person would read. */
export function written(source: string, node: Syntax): string {
  return source.slice(node.start, Math.min(node.end, node.start + 200));
}
