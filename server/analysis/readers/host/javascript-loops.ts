/** Loops of JavaScript, and the calls that are loops: map, forEach and their like. */
import { type Callback, type CallShape, type Shape, set, text } from './language.ts';
import { child, childOfKind, descendants, namedChildren, type Syntax } from './syntax.ts';

export const functionKinds = set(
  'function_declaration generator_function_declaration function_expression generator_function arrow_function method_definition class_declaration class',
);
const iterating = set(
  'map forEach flatMap filter reduce reduceRight some every find findIndex findLast each eachSeries eachLimit eachOf mapSeries mapLimit mapValues concurrentMap',
);
/** Libraries whose functions take the collection first. */
const libraries = /^(?:_|lodash|async|Bluebird|Promise|R|pMap|p)$/;

const bindingKinds = set('identifier shorthand_property_identifier_pattern');
export function names(node: Syntax | undefined, source: string): string[] {
  if (node === undefined) return [];
  if (bindingKinds.has(node.kind)) return [source.slice(node.start, node.end)];
  return [...descendants(node)].filter((one) => bindingKinds.has(one.kind)).map((one) => source.slice(one.start, one.end));
}

export function loopShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  if (body === undefined) return undefined;
  if (node.kind === 'for_in_statement') {
    const over = child(node, 'right');
    return {
      what: 'loop',
      kind: 'each',
      body,
      over,
      variables: names(child(node, 'left'), source),
      streaming: childOfKind(node, 'await') !== undefined,
      once: over === undefined ? [] : [over],
    };
  }
  const condition = node.children.find((one) => one.field === 'condition' && one.named);
  const words = condition === undefined || condition.kind === 'empty_statement' ? '' : source.slice(condition.start, condition.end);
  const streaming = /\.(?:next|read|fetch)\s*\(/.test(words);
  if (node.kind !== 'for_statement') {
    const endless = /^\(\s*(?:true|1)\s*\)$/.test(words);
    return {
      what: 'loop',
      kind: endless ? 'endless' : 'while',
      body,
      over: endless ? undefined : condition,
      variables: [],
      streaming,
      once: [],
    };
  }
  const initializer = child(node, 'initializer');
  const once = initializer === undefined ? [] : [initializer];
  const variables = names(initializer && (childOfKind(initializer, 'variable_declarator') ?? initializer), source).slice(0, 1);
  if (words === '') return { what: 'loop', kind: 'endless', body, variables, streaming: false, once };
  const collection = condition === undefined ? undefined : lengthOf(condition, source);
  return {
    what: 'loop',
    kind: collection === undefined ? 'counted' : 'each',
    body,
    over: collection ?? condition,
    variables,
    streaming,
    strided: /\+=\s*(?!1\b)/.test(text(child(node, 'increment'), source) ?? '') || undefined,
    once,
  };
}

/** `xs` of `i < xs.length`. */
function lengthOf(condition: Syntax, source: string): Syntax | undefined {
  for (const side of condition.kind === 'binary_expression' ? namedChildren(condition) : []) {
    const property = side.kind === 'member_expression' ? text(child(side, 'property'), source) : undefined;
    if (property === 'length' || property === 'size') return child(side, 'object');
  }
  return undefined;
}

export function callback(call: CallShape, name: string, receiver: Syntax | undefined, source: string): Callback | undefined {
  const words = receiver === undefined ? '' : source.slice(receiver.start, Math.min(receiver.end, receiver.start + 20));
  const [first, second, third] = call.arguments;
  if (first === undefined) return undefined;
  const run = (node: Syntax | undefined) =>
    node !== undefined && /function|identifier|member_expression/.test(node.kind) ? node : undefined;
  if (receiver === undefined ? name === 'pMap' || name === 'pEach' || name === 'mapSeries' : libraries.test(words) && iterating.has(name)) {
    const found = run(second)?.kind === 'number' ? run(third) : (run(second) ?? run(third));
    return found && { function: found, over: first, concurrent: /^(?:pMap|map)$/.test(name) && words !== '_' && words !== 'lodash' };
  }
  if (words === 'Array' && name === 'from') return second && functionKinds.has(second.kind) ? { function: second, over: first } : undefined;
  if (receiver === undefined || !iterating.has(name)) return undefined;
  const written = functionKinds.has(first.kind);
  // A name handed on is a function only where the method takes nothing else: `find(query)` is a database's.
  const byName = (name === 'map' || name === 'forEach' || name === 'flatMap') && call.arguments.length === 1 && run(first) !== undefined;
  return written || byName ? { function: first, over: receiver } : undefined;
}
