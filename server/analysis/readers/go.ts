/** Go source: functions, loops, calls, and the SQL in its strings. */
import type { ImportedName } from '../document.ts';
import { goEscape } from './host/escapes.ts';
import { type Binding, type Callback, type CallShape, type Formatted, type HostLanguage, type Shape, set, text } from './host/language.ts';
import type { LiteralBuilder } from './host/literal.ts';
import { hostReader } from './host/read.ts';
import { child, childOfKind, namedChildren, type Syntax } from './host/syntax.ts';

const formatting = set('Sprintf Errorf Appendf Fprintf');
const iterating = set('Map ForEach Filter FilterMap FlatMap Each MapErr Reduce Range ParallelMap Parallel');

const go: HostLanguage = {
  id: 'go',
  languages: ['go'],
  grammarOf: () => 'go',
  modules: () => [],
  percentParameters: () => false,
  blocks: set('source_file statement_list'),
  attributes: set(''),
  whole: set('for_statement'),
  shape,
  members: new Map([['selector_expression', ['operand', 'field', '.']]]),
  transparent: new Map([
    ['parenthesized_expression', ''],
    ['type_assertion_expression', 'operand'],
    ['expression_list', ''],
    ['literal_element', ''],
  ]),
  awaits: set(''),
  callKinds: set('call_expression'),
  argumentKinds: new Map([
    ['interpreted_string_literal', 'string'],
    ['raw_string_literal', 'string'],
    ['int_literal', 'number'],
    ['float_literal', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['identifier', 'identifier'],
    ['selector_expression', 'identifier'],
    ['call_expression', 'call'],
    ['func_literal', 'function'],
  ]),
  passing: set('Must'),
  entry,
  record: (node) => {
    const literal = node.kind === 'unary_expression' ? childOfKind(node, 'composite_literal') : node;
    const body = literal?.kind === 'composite_literal' ? child(literal, 'body') : undefined;
    const entries = body === undefined ? [] : body.children.filter((one) => one.kind === 'keyed_element');
    return entries.length === 0 ? undefined : entries;
  },
  strings: set('interpreted_string_literal raw_string_literal binary_expression call_expression'),
  concatenation: (node) =>
    node.kind === 'binary_expression' && node.children.some((one) => one.kind === '+')
      ? node.children.filter((one) => one.named)
      : undefined,
  string,
  formatted,
  binding,
  argumentLists: set('argument_list'),
  collections: set('composite_literal literal_value'),
  listed: (node) => {
    const body = node.kind === 'composite_literal' ? child(node, 'body') : undefined;
    return (
      /^(?:slice|array|implicit_length_array|map)_type$/.test(child(node, 'type')?.kind ?? '') &&
      body?.children.some((one) => one.named) === true
    );
  },
  lazyAttributes: false,
  returns: set('return_statement'),
  breaks: set('break_statement'),
  conditions: set('if_statement expression_switch_statement type_switch_statement select_statement'),
  breakable: set('for_statement expression_switch_statement type_switch_statement select_statement'),
  functions: set('func_literal function_declaration method_declaration'),
  choices: set(''),
  callback,
  gathers: () => false,
  spawns: (node, name) => node.kind === 'go_statement' || name === 'Go' || name === 'TryGo' || name === 'Submit',
  grows: (node, source) => {
    if (node.kind !== 'assignment_statement') return undefined;
    const left = text(child(node, 'left'), source);
    const right = child(node, 'right');
    if (left === undefined || right === undefined) return undefined;
    if (childOfKind(node, '+=') !== undefined) return left;
    let at = namedChildren(right)[0];
    // s = fmt.Sprintf("%s …", s) grows it as well.
    if (at?.kind === 'call_expression' && formatted(at, source) !== undefined)
      return new RegExp(`\\b${left.replace(/[^\w]/g, '\\$&')}\\b`).test(source.slice(at.start, at.end)) ? left : undefined;
    if (at?.kind !== 'binary_expression') return undefined;
    while (at?.kind === 'binary_expression') at = child(at, 'left');
    return text(at, source) === left ? left : undefined;
  },
  template: () => undefined,
  closes: (node, source) => {
    const call = node.kind === 'defer_statement' ? childOfKind(node, 'call_expression') : undefined;
    const callee = call && child(call, 'function');
    if (callee?.kind === 'func_literal') {
      // defer func() { _ = rows.Close() }()
      return /\b(\w+)\.(?:Close|Release|Stop)\(/.exec(source.slice(callee.start, callee.end))?.[1];
    }
    return callee?.kind === 'selector_expression' && /^(?:Close|Release|Stop|Rollback)$/.test(text(child(callee, 'field'), source) ?? '')
      ? text(child(callee, 'operand'), source)
      : undefined;
  },
};

export const reader = hostReader(go);

function shape(node: Syntax, source: string): Shape | undefined {
  switch (node.kind) {
    case 'comment':
      return { what: 'comment' };
    case 'call_expression': {
      const callee = child(node, 'function');
      const list = child(node, 'arguments');
      return callee === undefined ? undefined : { what: 'call', callee, arguments: list === undefined ? [] : namedChildren(list) };
    }
    case 'function_declaration':
    case 'method_declaration':
    case 'func_literal':
      return functionShape(node, source);
    case 'for_statement':
      return loopShape(node, source);
    case 'import_spec':
      return { what: 'import', imports: importOf(node, source) };
  }
  return undefined;
}

function functionShape(node: Syntax, source: string): Shape {
  const nameNode = child(node, 'name');
  const receiver = child(node, 'receiver');
  const list = child(node, 'parameters');
  const receivers = receiver === undefined ? [] : parameters(receiver, source);
  const bound = nameNode === undefined ? boundName(node, source) : undefined;
  return {
    what: 'function',
    name: text(nameNode, source) ?? bound ?? '<anonymous>',
    nameNode: nameNode ?? node.children[0] ?? node,
    owner: receiver && receiverType(receiver, source),
    async: false,
    // The receiver is a parameter as well: calls on it are calls on its type.
    parameters: [...receivers, ...(list === undefined ? [] : parameters(list, source))],
    decorators: [],
    returns: text(child(node, 'result'), source),
    declared: nameNode !== undefined || bound !== undefined,
  };
}

function boundName(node: Syntax, source: string): string | undefined {
  const { parent } = node;
  return parent === undefined ? undefined : binding(node, parent, source)?.name;
}

/** `Repo` of `(r *Repo[T])`. */
function receiverType(receiver: Syntax, source: string): string | undefined {
  const type = text(namedChildren(receiver)[0] && child(namedChildren(receiver)[0] as Syntax, 'type'), source);
  return type?.replace(/^\*\s*/, '').replace(/\[[\s\S]*$/, '');
}

function parameters(list: Syntax, source: string) {
  return namedChildren(list).flatMap((node) => {
    const type = text(child(node, 'type'), source);
    return node.children.filter((one) => one.field === 'name').map((one) => ({ name: source.slice(one.start, one.end), type }));
  });
}

function loopShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  if (body === undefined) return undefined;
  const head = namedChildren(node).find((one) => one !== body);
  if (head === undefined) return { what: 'loop', kind: 'endless', body, variables: [], streaming: false, once: [] };
  if (head.kind === 'range_clause') {
    const over = child(head, 'right');
    const left = child(head, 'left');
    const variables = left === undefined ? [] : namedChildren(left).map((one) => source.slice(one.start, one.end));
    const kind = over?.kind === 'int_literal' ? 'counted' : 'each';
    return {
      what: 'loop',
      kind,
      body,
      over,
      variables: variables.filter((name) => name !== '_'),
      streaming: false,
      once: over === undefined ? [] : [over],
    };
  }
  if (head.kind === 'for_clause') {
    const initializer = child(head, 'initializer');
    const condition = child(head, 'condition');
    const left = initializer && child(initializer, 'left');
    const variables = left === undefined ? [] : namedChildren(left).map((one) => source.slice(one.start, one.end));
    const once = initializer === undefined ? [] : [initializer];
    if (condition === undefined) return { what: 'loop', kind: 'endless', body, variables, streaming: false, once };
    const collection = lengthOf(condition, source);
    return {
      what: 'loop',
      kind: collection === undefined ? 'counted' : 'each',
      body,
      over: collection ?? condition,
      variables,
      streaming: false,
      strided: /\+=\s*(?!1\b)/.test(text(child(head, 'update'), source) ?? '') || undefined,
      once,
    };
  }
  const words = source.slice(head.start, head.end);
  const endless = words === 'true';
  return {
    what: 'loop',
    kind: endless ? 'endless' : 'while',
    body,
    over: endless ? undefined : head,
    variables: [],
    streaming: /\.(?:Next|Scan|NextRow|NextResultSet)\(/.test(words),
    once: [],
  };
}

/** `xs` of `i < len(xs)`. */
function lengthOf(condition: Syntax, source: string): Syntax | undefined {
  for (const side of condition.kind === 'binary_expression' ? namedChildren(condition) : []) {
    const list = side.kind === 'call_expression' && text(child(side, 'function'), source) === 'len' ? child(side, 'arguments') : undefined;
    if (list !== undefined) return namedChildren(list)[0];
  }
  return undefined;
}

function callback(call: CallShape, name: string, receiver: Syntax | undefined): Callback | undefined {
  if (receiver === undefined || !iterating.has(name)) return undefined;
  const at = call.arguments.findIndex((one) => one.kind === 'func_literal');
  const run = call.arguments[at];
  if (run === undefined || at > 1) return undefined;
  return { function: run, over: at === 0 ? receiver : call.arguments[0], concurrent: name.startsWith('Parallel') };
}

function entry(node: Syntax, source: string) {
  if (node.kind !== 'keyed_element') return undefined;
  const key = text(child(node, 'key'), source)?.replace(/^["`]|["`]$/g, '');
  const element = child(node, 'value');
  const value = element?.kind === 'literal_element' ? namedChildren(element)[0] : element;
  return key === undefined || value === undefined ? undefined : { key, value };
}

function string(node: Syntax, source: string, into: LiteralBuilder): void {
  const quote = node.kind === 'raw_string_literal' ? '`' : '"';
  const end = node.end - node.start > 1 && source[node.end - 1] === quote ? node.end - 1 : node.end;
  if (quote === '`') into.plain(source, node.start + 1, end);
  else into.escaped(source, node.start + 1, end, goEscape);
}

function formatted(node: Syntax, source: string): Formatted | undefined {
  if (node.kind !== 'call_expression') return undefined;
  const callee = child(node, 'function');
  if (callee?.kind !== 'selector_expression' || !formatting.has(text(child(callee, 'field'), source) ?? '')) return undefined;
  const list = child(node, 'arguments');
  const values = list === undefined ? [] : namedChildren(list);
  const at = text(child(callee, 'field'), source) === 'Sprintf' || text(child(callee, 'field'), source) === 'Errorf' ? 0 : 1;
  const template = values[at];
  if (template === undefined || !/string_literal|binary_expression|identifier/.test(template.kind)) return undefined;
  return { template, style: 'percent', argument: (which) => (typeof which === 'number' ? values[at + 1 + which] : undefined) };
}

const specifications = set('const_spec var_spec');
const assignments = set('short_var_declaration assignment_statement');

function binding(node: Syntax, parent: Syntax, source: string): Binding | undefined {
  if (parent.kind === 'expression_list') return parent.parent && binding(parent, parent.parent, source);
  if (specifications.has(parent.kind) && node.field === 'value') {
    const targets = parent.children.filter((one) => one.field === 'name');
    return { name: targetName(targets, source), scoped: false };
  }
  if (assignments.has(parent.kind) && node.field === 'right') {
    if (childOfKind(parent, '+=') !== undefined) return undefined;
    const left = child(parent, 'left');
    return { name: left && targetName(namedChildren(left), source), scoped: false };
  }
  return undefined;
}

/** The first name that is neither `_` nor the error. */
function targetName(targets: readonly Syntax[], source: string): string | undefined {
  const names = targets.map((one) => source.slice(one.start, one.end));
  return names.find((name) => name !== '_' && !/^(?:err|ok)\d?$/.test(name) && /^[\w.]+$/.test(name));
}

function importOf(node: Syntax, source: string): ImportedName[] {
  const path = text(child(node, 'path'), source)?.slice(1, -1);
  if (path === undefined) return [];
  const alias = text(child(node, 'name'), source);
  // The package's own name is the last part of its path that is not a version.
  const last = path.split('/').findLast((part) => !/^v\d+$/.test(part)) ?? path;
  const local = alias ?? last.replace(/^go-|\.v\d+$|-go$/g, '').replaceAll('-', '');
  return [{ module: path, names: alias === '_' ? [] : [['*', local]], span: { start: node.start, end: node.end } }];
}
