/** Expressions of Python as values. */
import { pythonEscape } from '../readers/host/escapes.ts';
import { child, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import { unescaped } from './literal-text.ts';
import type { Entry, Value } from './value.ts';

/** Deeper than any declaration; beyond it an expression is `other`. */
const deepest = 40;

export function pythonValue(node: Syntax | undefined, source: string, depth = 0): Value {
  if (node === undefined) return { kind: 'null', span: { start: 0, end: 0 } };
  const span = { start: node.start, end: node.end };
  const text = () => source.slice(node.start, node.end);
  const other = (): Value => ({ kind: 'other', text: text(), span });
  if (depth > deepest) return other();
  const inner = (one: Syntax | undefined): Value => pythonValue(one, source, depth + 1);
  switch (node.kind) {
    case 'string': {
      const value = stringAt(node, source);
      return value === undefined ? other() : { kind: 'string', value, span };
    }
    case 'concatenated_string': {
      const parts = namedChildren(node).map((one) => stringAt(one, source));
      return parts.every((part) => part !== undefined) ? { kind: 'string', value: parts.join(''), span } : other();
    }
    case 'integer':
    case 'float':
      return { kind: 'number', value: Number(text().replaceAll('_', '')), span };
    case 'true':
    case 'false':
      return { kind: 'boolean', value: node.kind === 'true', span };
    case 'none':
      return { kind: 'null', span };
    case 'identifier':
    case 'attribute': {
      const path = text().replace(/\s+/g, '');
      return /^[\w.]+$/.test(path) ? { kind: 'name', path, span } : other();
    }
    case 'list':
    case 'tuple':
    case 'set':
      return { kind: 'list', items: namedChildren(node).map(inner), span };
    case 'parenthesized_expression':
    case 'await':
      return inner(namedChildren(node)[0]);
    case 'unary_operator': {
      const value = inner(child(node, 'argument'));
      return value.kind === 'number' && node.children[0]?.kind === '-' ? { ...value, value: -value.value, span } : other();
    }
    case 'dictionary': {
      const entries = namedChildren(node).flatMap((pair): Entry[] => {
        const key = child(pair, 'key');
        const name = key === undefined ? undefined : stringAt(key, source);
        return key === undefined || name === undefined
          ? []
          : [{ key: name, keySpan: { start: key.start, end: key.end }, value: inner(child(pair, 'value')) }];
      });
      return { kind: 'object', entries, span };
    }
    case 'call':
      return callValue(node, source, inner) ?? other();
    default:
      return other();
  }
}

function callValue(node: Syntax, source: string, inner: (node: Syntax | undefined) => Value): Value | undefined {
  const callee = child(node, 'function');
  const list = child(node, 'arguments');
  if (callee === undefined || list === undefined) return undefined;
  const last = callee.kind === 'attribute' ? child(callee, 'attribute') : callee;
  if (last === undefined || last.kind !== 'identifier') return undefined;
  const args: Value[] = [];
  const named: Entry[] = [];
  for (const one of list.kind === 'argument_list' ? namedChildren(list) : []) {
    const name = one.kind === 'keyword_argument' ? child(one, 'name') : undefined;
    if (name === undefined) args.push(inner(one));
    else
      named.push({
        key: source.slice(name.start, name.end),
        keySpan: { start: name.start, end: name.end },
        value: inner(child(one, 'value')),
      });
  }
  return {
    kind: 'call',
    name: source.slice(last.start, last.end),
    ...(callee.kind === 'attribute' && { receiver: inner(child(callee, 'object')) }),
    args,
    named,
    span: { start: node.start, end: node.end },
    nameSpan: { start: last.start, end: last.end },
  };
}

/** Undefined for strings with interpolations. */
function stringAt(node: Syntax, source: string): string | undefined {
  if (node.kind !== 'string') return undefined;
  const first = node.children[0];
  const last = node.children.at(-1);
  if (first?.kind !== 'string_start') return undefined;
  const prefix = source.slice(first.start, first.end).toLowerCase();
  if (node.children.some(({ kind }) => kind === 'interpolation')) return undefined;
  const end = last?.kind === 'string_end' ? last.start : node.end;
  return prefix.includes('r') ? source.slice(first.end, end) : unescaped(source, first.end, end, pythonEscape);
}
