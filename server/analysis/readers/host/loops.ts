/** What can be told of a loop from its body: whether it leaves early, and whether its turns run side by side. */
import type { Loop } from '../../document.ts';
import { calleeOf } from './callee.ts';
import type { HostLanguage } from './language.ts';
import { descendants, type Syntax } from './syntax.ts';

/**
 * `always` where a statement that runs in every turn, or on success (in a `try`), leaves; `conditional` where one under a
 * condition does. What a closure returns does not leave the loop, nor does a `break` of an inner loop or a switch.
 */
export function exitOf(body: Syntax, language: HostLanguage): Loop['exit'] {
  let exit: Loop['exit'] = 'none';
  const open: { readonly node: Syntax; readonly sure: boolean; readonly breaks: boolean }[] = [{ node: body, sure: true, breaks: true }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    if (language.functions.has(node.kind)) continue;
    const labelled =
      language.breaks.has(node.kind) && node.children.some((one) => one.named && /label|statement_identifier/.test(one.kind));
    if (language.returns.has(node.kind) || (language.breaks.has(node.kind) && (next.breaks || labelled))) {
      if (next.sure) return 'always';
      exit = 'conditional';
      continue;
    }
    const inner = node !== body && language.breakable.has(node.kind);
    const sure = next.sure && !inner && !(node !== body && language.conditions.has(node.kind));
    for (const one of node.children) {
      if (one.named && one.children.length + Number(language.breaks.has(one.kind) || language.returns.has(one.kind)) > 0)
        open.push({ node: one, sure, breaks: next.breaks && !inner });
    }
  }
  return exit;
}

/** Whether the body starts work that it does not wait for: a goroutine, a task. */
export function spawnsWork(body: Syntax, language: HostLanguage, source: string): boolean {
  for (const node of descendants(body)) {
    if (!node.named || node.children.length === 0) continue;
    if (language.callKinds.has(node.kind)) {
      const shape = language.shape(node, source);
      if (shape?.what !== 'call') continue;
      const callee = calleeOf(shape, language, source);
      if (language.spawns(node, callee.name, callee.text)) return true;
    } else if (language.spawns(node, '', '')) return true;
  }
  return false;
}

/** Brackets, spreads and chained calls between a loop in an expression and the call that starts its turns together. */
const longestWay = 12;

/** Whether the expression is handed to a call that starts everything in it together: Promise.all, gather, join_all. */
export function isGathered(node: Syntax, language: HostLanguage, source: string): boolean {
  let at = node;
  for (let steps = 0; steps < longestWay; steps++) {
    const parent = at.parent;
    if (parent === undefined) return false;
    if (language.callKinds.has(parent.kind)) {
      const shape = language.shape(parent, source);
      if (shape?.what !== 'call') return false;
      const callee = calleeOf(shape, language, source);
      if (language.gathers(callee.name, callee.text)) return true;
      // Out of the arguments of any other call the value is used up; along a chain it goes on.
      if (language.argumentLists.has(at.kind) && !/^(list|tuple|set|iter|stream)$/.test(callee.name)) return false;
    } else if (
      !language.argumentLists.has(parent.kind) &&
      !language.collections.has(parent.kind) &&
      !language.transparent.has(parent.kind) &&
      !language.members.has(parent.kind) &&
      !/splat|spread|reference_expression|unary/.test(parent.kind)
    )
      return false;
    at = parent;
  }
  return false;
}
