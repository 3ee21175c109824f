/** `for` and `while` of Python: what they go over, and whether that is a collection or a count. */
import { type Shape, text } from './language.ts';
import { child, childOfKind, descendants, namedChildren, type Syntax } from './syntax.ts';

/** The names in a target: `i, (j, k)`. */
export function names(node: Syntax | undefined, source: string): string[] {
  if (node === undefined) return [];
  if (node.kind === 'identifier') return [source.slice(node.start, node.end)];
  return [...descendants(node)].filter((one) => one.kind === 'identifier').map((one) => source.slice(one.start, one.end));
}

export function forShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  const right = child(node, 'right');
  if (body === undefined || right === undefined) return undefined;
  const { kind, over, strided } = counted(right, source);
  return {
    what: 'loop',
    kind,
    body,
    over,
    variables: names(child(node, 'left'), source),
    streaming: node.children[0]?.kind === 'async',
    strided,
    once: [right, ...node.children.filter((one) => one.field === 'alternative')],
  };
}

/** `range(10)` counts; `range(len(xs))` and `enumerate(xs)` go over xs. */
function counted(right: Syntax, source: string): { kind: 'each' | 'counted'; over: Syntax; strided?: true } {
  const call = callNamed(right, source);
  if (call?.name === 'enumerate' && call.first !== undefined) return { kind: 'each', over: call.first };
  if (call?.name !== 'range') return { kind: 'each', over: right };
  const step = namedChildren(child(right, 'arguments') ?? right)[2];
  if (step !== undefined && !/^-?1$/.test(source.slice(step.start, step.end))) return { kind: 'counted', over: right, strided: true };
  for (const one of descendants(right)) {
    const inner = callNamed(one, source);
    if (inner?.name === 'len' && inner.first !== undefined) return { kind: 'each', over: inner.first };
  }
  return { kind: 'counted', over: right };
}

function callNamed(node: Syntax, source: string): { name: string; first: Syntax | undefined } | undefined {
  if (node.kind !== 'call') return undefined;
  const list = child(node, 'arguments');
  return { name: text(child(node, 'function'), source) ?? '', first: list && namedChildren(list)[0] };
}

export function whileShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  const condition = child(node, 'condition');
  if (body === undefined || condition === undefined) return undefined;
  const words = source.slice(condition.start, condition.end);
  const endless = /^\(?(?:True|1)\)?$/.test(words);
  return {
    what: 'loop',
    kind: endless ? 'endless' : 'while',
    body,
    over: endless ? undefined : condition,
    variables: childOfKind(condition, 'named_expression') === undefined ? [] : names(child(condition, 'name'), source),
    streaming: /\.(?:fetchone|fetchmany|fetch_one|fetchrow|__anext__|next)\s*\(/.test(words),
    once: node.children.filter((one) => one.field === 'alternative'),
  };
}
