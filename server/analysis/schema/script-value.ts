/** Expressions of JavaScript and TypeScript as values. */
import { javascriptEscape } from '../readers/host/escapes.ts';
import { child, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import { unescaped } from './literal-text.ts';
import type { Entry, Value } from './value.ts';

/** Deeper than any declaration; beyond it an expression is `other`. A chain of calls is as deep as it is long. */
const deepest = 60;

export function scriptValue(node: Syntax | undefined, source: string, depth = 0): Value {
  if (node === undefined) return { kind: 'null', span: { start: 0, end: 0 } };
  const span = { start: node.start, end: node.end };
  const text = () => source.slice(node.start, node.end);
  const other = (): Value => ({ kind: 'other', text: text(), span });
  if (depth > deepest) return other();
  const inner = (one: Syntax | undefined): Value => scriptValue(one, source, depth + 1);
  switch (node.kind) {
    case 'string':
    case 'template_string':
      if (node.children.some(({ kind }) => kind === 'template_substitution')) return other();
      return { kind: 'string', value: unescaped(source, node.start + 1, Math.max(node.start + 1, node.end - 1), javascriptEscape), span };
    case 'number': {
      const value = Number(text().replaceAll('_', ''));
      return Number.isNaN(value) ? other() : { kind: 'number', value, span };
    }
    case 'true':
    case 'false':
      return { kind: 'boolean', value: node.kind === 'true', span };
    case 'null':
    case 'undefined':
      return { kind: 'null', span };
    case 'identifier':
    case 'this':
    case 'member_expression': {
      const path = text().replace(/\s+/g, '');
      return /^[\w$.]+$/.test(path) ? { kind: 'name', path, span } : other();
    }
    case 'array':
      return { kind: 'list', items: namedChildren(node).map(inner), span };
    case 'object':
      return { kind: 'object', entries: namedChildren(node).flatMap((one) => entryAt(one, source, inner) ?? []), span };
    case 'parenthesized_expression':
    case 'await_expression':
    case 'as_expression':
    case 'satisfies_expression':
    case 'non_null_expression':
      return inner(namedChildren(node)[0]);
    case 'unary_expression': {
      const value = inner(child(node, 'argument'));
      return value.kind === 'number' && node.children[0]?.kind === '-' ? { ...value, value: -value.value, span } : other();
    }
    case 'arrow_function':
    case 'function_expression':
    case 'function_declaration':
    case 'method_definition': {
      const body = child(node, 'body');
      if (body === undefined) return other();
      const result = body.kind === 'statement_block' ? returnedBy(body) : body;
      return {
        kind: 'function',
        parameters: parametersOf(node, source),
        body,
        ...(result !== undefined && { result: inner(result) }),
        span,
      };
    }
    case 'call_expression':
    case 'new_expression':
      return callValue(node, source, inner) ?? other();
    default:
      return other();
  }
}

/** What the only `return` at the end of a block gives back. */
function returnedBy(block: Syntax): Syntax | undefined {
  const last = namedChildren(block).at(-1);
  return last?.kind === 'return_statement' ? namedChildren(last)[0] : undefined;
}

function parametersOf(node: Syntax, source: string): string[] {
  const single = child(node, 'parameter');
  const list = single === undefined ? child(node, 'parameters') : undefined;
  const nodes = single === undefined ? (list === undefined ? [] : namedChildren(list)) : [single];
  return nodes.map((one) => {
    const pattern = child(one, 'pattern') ?? one;
    return /^\w+/.exec(source.slice(pattern.start, pattern.end))?.[0] ?? '';
  });
}

function entryAt(node: Syntax, source: string, inner: (node: Syntax | undefined) => Value): Entry | undefined {
  if (node.kind === 'shorthand_property_identifier') {
    const span = { start: node.start, end: node.end };
    const key = source.slice(node.start, node.end);
    return { key, keySpan: span, value: { kind: 'name', path: key, span } };
  }
  const key = node.kind === 'pair' ? child(node, 'key') : node.kind === 'method_definition' ? child(node, 'name') : undefined;
  if (key === undefined) return undefined;
  const name = key.kind === 'string' ? source.slice(key.start + 1, key.end - 1) : source.slice(key.start, key.end);
  return { key: name, keySpan: { start: key.start, end: key.end }, value: inner(node.kind === 'pair' ? child(node, 'value') : node) };
}

function callValue(node: Syntax, source: string, inner: (node: Syntax | undefined) => Value): Value | undefined {
  const callee = child(node, node.kind === 'new_expression' ? 'constructor' : 'function');
  const list = child(node, 'arguments');
  if (callee === undefined) return undefined;
  const last = callee.kind === 'member_expression' ? child(callee, 'property') : callee;
  if (last === undefined || !/identifier$/.test(last.kind)) return undefined;
  const span = { start: node.start, end: node.end };
  // A tagged template is a call with the template as its argument.
  const args = list === undefined ? [] : list.kind === 'template_string' ? [inner(list)] : namedChildren(list).map(inner);
  return {
    kind: 'call',
    name: source.slice(last.start, last.end),
    ...(callee.kind === 'member_expression' && { receiver: inner(child(callee, 'object')) }),
    args,
    named: [],
    span,
    nameSpan: { start: last.start, end: last.end },
  };
}
