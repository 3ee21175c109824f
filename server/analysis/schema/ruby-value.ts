/** Expressions of Ruby as values; symbols are strings. */
import { pythonEscape } from '../readers/host/escapes.ts';
import { child, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import { unescaped } from './literal-text.ts';
import type { Entry, Value } from './value.ts';

/** The text of each here-document by where its beginning stands. */
export type Heredocs = ReadonlyMap<number, Syntax>;

export function heredocsIn(module: Syntax): Heredocs {
  const beginnings: Syntax[] = [];
  const bodies: Syntax[] = [];
  const open: Syntax[] = [module];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'heredoc_beginning') beginnings.push(node);
    if (node.kind === 'heredoc_body') bodies.push(node);
    open.push(...node.children);
  }
  const byPlace = (left: Syntax, right: Syntax): number => left.start - right.start;
  beginnings.sort(byPlace);
  bodies.sort(byPlace);
  // They follow each other in the order of their beginnings.
  return new Map(beginnings.flatMap((node, index) => (bodies[index] === undefined ? [] : [[node.start, bodies[index]] as const])));
}

const deepest = 40;

export function rubyValue(node: Syntax | undefined, source: string, heredocs: Heredocs, depth = 0): Value {
  if (node === undefined) return { kind: 'null', span: { start: 0, end: 0 } };
  const span = { start: node.start, end: node.end };
  const text = () => source.slice(node.start, node.end);
  const other = (): Value => ({ kind: 'other', text: text(), span });
  if (depth > deepest) return other();
  const inner = (one: Syntax | undefined): Value => rubyValue(one, source, heredocs, depth + 1);
  switch (node.kind) {
    case 'string':
    case 'delimited_symbol': {
      const content = contentOf(node);
      if (node.children.some(({ kind }) => kind === 'interpolation')) return other();
      const value = content === undefined ? '' : unescaped(source, content.start, content.end, pythonEscape);
      return { kind: 'string', value, span: content ?? span };
    }
    case 'heredoc_beginning': {
      const body = heredocs.get(node.start);
      const content = body === undefined ? undefined : contentOf(body);
      if (body === undefined || content === undefined || body.children.some(({ kind }) => kind === 'interpolation')) return other();
      return { kind: 'string', value: source.slice(content.start, content.end), span: content };
    }
    case 'simple_symbol':
      return { kind: 'string', value: text().slice(1), span };
    case 'bare_symbol':
    case 'bare_string':
      return { kind: 'string', value: text(), span };
    case 'integer':
    case 'float':
      return { kind: 'number', value: Number(text().replaceAll('_', '')), span };
    case 'true':
    case 'false':
      return { kind: 'boolean', value: node.kind === 'true', span };
    case 'nil':
      return { kind: 'null', span };
    case 'array':
    case 'symbol_array':
    case 'string_array':
      return { kind: 'list', items: namedChildren(node).map(inner), span };
    case 'hash':
      return { kind: 'object', entries: namedChildren(node).flatMap((pair) => entryAt(pair, source, inner) ?? []), span };
    case 'identifier':
    case 'constant':
    case 'scope_resolution':
      return { kind: 'name', path: text().replaceAll('::', '.'), span };
    case 'parenthesized_statements':
      return inner(namedChildren(node)[0]);
    case 'lambda': {
      const body = child(node, 'body');
      return body === undefined ? other() : { kind: 'function', parameters: [], body, span };
    }
    case 'call':
      return callValue(node, source, inner) ?? other();
    default:
      return other();
  }
}

/** From the first to the last of what stands between the quotes. */
function contentOf(node: Syntax): { readonly start: number; readonly end: number } | undefined {
  const parts = node.children.filter(({ kind }) => kind === 'string_content' || kind === 'heredoc_content' || kind === 'escape_sequence');
  const [first] = parts;
  const last = parts.at(-1);
  return first === undefined || last === undefined ? undefined : { start: first.start, end: last.end };
}

function entryAt(pair: Syntax, source: string, inner: (node: Syntax | undefined) => Value): Entry | undefined {
  const key = pair.kind === 'pair' ? child(pair, 'key') : undefined;
  if (key === undefined) return undefined;
  const name = source.slice(key.start, key.end).replace(/^:|^["']|["']$/g, '');
  return { key: name, keySpan: { start: key.start, end: key.end }, value: inner(child(pair, 'value')) };
}

function callValue(node: Syntax, source: string, inner: (node: Syntax | undefined) => Value): Value | undefined {
  const method = child(node, 'method');
  if (method === undefined) return undefined;
  const receiver = child(node, 'receiver');
  const list = child(node, 'arguments');
  const block = child(node, 'block');
  const args: Value[] = [];
  const named: Entry[] = [];
  for (const one of list === undefined ? [] : namedChildren(list)) {
    const entry = entryAt(one, source, inner);
    if (entry === undefined) args.push(inner(one));
    else named.push(entry);
  }
  const body = block === undefined ? undefined : (child(block, 'body') ?? block);
  const parameters = block === undefined ? undefined : child(block, 'parameters');
  const span = { start: node.start, end: node.end };
  return {
    kind: 'call',
    name: source.slice(method.start, method.end),
    ...(receiver !== undefined && { receiver: inner(receiver) }),
    args,
    named,
    ...(body !== undefined && {
      block: {
        kind: 'function',
        parameters: parameters === undefined ? [] : namedChildren(parameters).map((one) => source.slice(one.start, one.end)),
        body,
        span: { start: body.start, end: body.end },
      },
    }),
    span,
    nameSpan: { start: method.start, end: method.end },
  };
}
