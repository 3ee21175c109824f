/** From the syntax of one item to its fragment. One loop over an explicit stack: no depth of nesting can exhaust it. */

import { append, emptyFragment, type Fragment, none, type outer } from './fragment.ts';
import type { FunctionShape, HostLanguage } from './language.ts';
import { readLiteral } from './literals.ts';
import { bindingOf } from './roles.ts';
import type { Syntax } from './syntax.ts';
import type { Context, Walk } from './walk.ts';
import { enterCall } from './walk-calls.ts';
import { enterComprehension, enterLoop, readAttribute } from './walk-loops.ts';

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

function resolveLinks(walk: Walk): void {
  for (const [index, links] of walk.links.entries()) {
    const call = walk.fragment.calls[index];
    if (call === undefined || (links.chain === undefined && links.within === undefined)) continue;
    const chain = links.chain === undefined ? undefined : walk.calls.get(links.chain);
    const within = links.within === undefined ? undefined : walk.calls.get(links.within);
    walk.fragment.calls[index] = { ...call, chain: chain ?? call.chain, within: within ?? call.within };
  }
}
