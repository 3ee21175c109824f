/** Loops and comprehensions on the walk through an item, and what is read of their variables. */
import { unwrapped } from './callee.ts';
import { none, type RawLoop } from './fragment.ts';
import type { ComprehensionShape, LoopShape } from './language.ts';
import { exitOf, isGathered, spawnsWork } from './loops.ts';
import { bindingOf } from './roles.ts';
import type { Syntax } from './syntax.ts';
import { type Context, type Walk, written } from './walk.ts';

export function pushLoop(walk: Walk, loop: RawLoop): number {
  walk.fragment.loops.push(loop);
  return walk.fragment.loops.length - 1;
}

/** Undefined rather than false: the name may turn out to be bound to such a collection. */
export function isListed(walk: Walk, over: Syntax | undefined): true | undefined {
  let at = over;
  for (let inner = at && unwrapped(at, walk.language); inner !== undefined; inner = unwrapped(inner, walk.language)) at = inner;
  return at !== undefined && walk.language.listed(at, walk.source) ? true : undefined;
}

/** Each loop looks through its whole body: loops nested deeper than this are no program, and would take the square of their depth. */
const deepestLoop = 20;

export function enterLoop(walk: Walk, node: Syntax, shape: LoopShape, context: Context): Context {
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

export function enterComprehension(walk: Walk, node: Syntax, shape: ComprehensionShape, context: Context): Context {
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

/** `order.customer` where `order` is bound anew in each turn. A method that is called is no attribute. */
export function readAttribute(walk: Walk, node: Syntax, context: Context): void {
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
