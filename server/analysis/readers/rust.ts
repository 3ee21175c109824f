/** Rust source: functions, loops, calls, and the SQL in its strings. Macros are read from their tokens. */
import { rustEscape } from './host/escapes.ts';
import { type Binding, type Formatted, type HostLanguage, type Shape, set, text } from './host/language.ts';
import type { LiteralBuilder } from './host/literal.ts';
import { hostReader } from './host/read.ts';
import { importsOf } from './host/rust-imports.ts';
import { callback, loopShape, names } from './host/rust-loops.ts';
import { macroArguments, tokenCall } from './host/rust-macros.ts';
import { child, childOfKind, namedChildren, type Syntax } from './host/syntax.ts';

const formatMacros = set('format format_args formatdoc write writeln');

const rust: HostLanguage = {
  id: 'rust',
  languages: ['rust'],
  grammarOf: () => 'rust',
  modules: (imports, source) => [
    ...imports.flatMap((entry) => entry.names.map(([name]) => `${entry.module}::${name}`)),
    ...new Set(
      source.match(/\b(?:rusqlite|tokio_postgres|tokio_rusqlite|sqlx|diesel|deadpool_postgres|bb8_postgres|r2d2_sqlite)::\w+/g) ?? [],
    ),
  ],
  percentParameters: () => false,
  blocks: set('source_file block declaration_list'),
  attributes: set('attribute_item'),
  whole: set('for_expression while_expression loop_expression'),
  shape,
  members: new Map([
    ['field_expression', ['value', 'field', '.']],
    ['scoped_identifier', ['path', 'name', '::']],
  ]),
  transparent: new Map([
    ['parenthesized_expression', ''],
    ['await_expression', ''],
    ['try_expression', ''],
    ['reference_expression', 'value'],
    ['generic_function', 'function'],
    ['type_cast_expression', 'value'],
    ['unary_expression', ''],
  ]),
  awaits: set('await_expression'),
  callKinds: set('call_expression macro_invocation'),
  argumentKinds: new Map([
    ['string_literal', 'string'],
    ['raw_string_literal', 'string'],
    ['integer_literal', 'number'],
    ['float_literal', 'number'],
    ['boolean_literal', 'boolean'],
    ['identifier', 'identifier'],
    ['scoped_identifier', 'identifier'],
    ['field_expression', 'identifier'],
    ['call_expression', 'call'],
    ['macro_invocation', 'call'],
    ['closure_expression', 'function'],
  ]),
  passing: set('unwrap expect unwrap_or_default unwrap_or unwrap_or_else context with_context map_err ok_or ok clone boxed collect'),
  entry,
  record: (node) => {
    const inner = node.kind === 'reference_expression' ? child(node, 'value') : node;
    const body = inner?.kind === 'struct_expression' ? child(inner, 'body') : undefined;
    return body && namedChildren(body);
  },
  strings: set('string_literal raw_string_literal binary_expression macro_invocation'),
  concatenation: (node) => {
    if (node.kind === 'binary_expression' && node.children.some((one) => one.kind === '+')) return node.children.filter((one) => one.named);
    // concat!("a", "b")
    const name = node.kind === 'macro_invocation' ? node.children[0] : undefined;
    const tokens = name?.end !== undefined && name.end - name.start === 6 ? childOfKind(node, 'token_tree') : undefined;
    return tokens && macroArguments(tokens).length > 1 && tokens.children.every((one) => !one.named || /literal/.test(one.kind))
      ? tokens.children.filter((one) => one.named)
      : undefined;
  },
  string,
  formatted,
  binding,
  argumentLists: set('arguments token_tree'),
  collections: set('array_expression tuple_expression'),
  listed: (node, source) =>
    (node.kind === 'array_expression' && node.children.some((one) => one.named)) ||
    (node.kind === 'macro_invocation' &&
      /^vec!\s*[[(]\s*[^\])\s]/.test(source.slice(node.start, node.start + 40)) &&
      !source.slice(node.start, node.end).includes(';')),
  lazyAttributes: false,
  returns: set('return_expression'),
  breaks: set('break_expression'),
  conditions: set('if_expression match_expression else_clause'),
  breakable: set('for_expression while_expression loop_expression'),
  functions: set('function_item closure_expression async_block'),
  choices: set('if_expression match_expression match_arm match_block'),
  callback,
  gathers: (name) =>
    /^(?:join_all|try_join_all|join|try_join|select_all|FuturesUnordered|FuturesOrdered|buffer_unordered|buffered|try_buffered|try_buffer_unordered|for_each_concurrent|try_for_each_concurrent|par_iter|spawn)$/.test(
      name,
    ),
  spawns: (_, name) => /^(?:spawn|spawn_blocking|spawn_local|spawn_on|spawn_unchecked)$/.test(name),
  grows: (node, source) => {
    if (node.kind === 'compound_assignment_expr') return text(child(node, 'left'), source);
    const callee = node.kind === 'call_expression' ? child(node, 'function') : undefined;
    if (
      callee?.kind === 'field_expression' &&
      /^(?:push_str|push|insert_str|push_sql|push_values|push_bind|push_tuples|separated)$/.test(text(child(callee, 'field'), source) ?? '')
    )
      return text(child(callee, 'value'), source);
    if (node.kind === 'macro_invocation' && /^write/.test(source.slice(node.start, node.start + 8)))
      return /^\w+!\s*\(\s*&?(?:mut\s+)?(\w+)/.exec(source.slice(node.start, node.start + 80))?.[1];
    return undefined;
  },
  template: () => undefined,
  closes: () => undefined,
};

export const reader = hostReader(rust);

function shape(node: Syntax, source: string): Shape | undefined {
  switch (node.kind) {
    case 'line_comment':
    case 'block_comment':
      return { what: 'comment' };
    case 'call_expression': {
      const callee = child(node, 'function');
      const list = child(node, 'arguments');
      return callee === undefined ? undefined : { what: 'call', callee, arguments: list === undefined ? [] : namedChildren(list) };
    }
    case 'macro_invocation': {
      const callee = child(node, 'macro');
      const tokens = childOfKind(node, 'token_tree');
      return callee === undefined
        ? undefined
        : { what: 'call', callee, arguments: tokens === undefined ? [] : macroArguments(tokens), suffix: '!' };
    }
    case 'token_tree':
      return tokenCall(node, source);
    case 'function_item':
    case 'closure_expression':
      return functionShape(node, source);
    case 'impl_item':
    case 'trait_item': {
      const body = child(node, 'body');
      const name = text(child(node, node.kind === 'impl_item' ? 'type' : 'name'), source)?.replace(/<[\s\S]*$/, '');
      return body === undefined ? undefined : { what: 'owner', name: name ?? '', body };
    }
    case 'for_expression':
    case 'while_expression':
    case 'loop_expression':
      return loopShape(node, source);
    case 'use_declaration':
      return { what: 'import', imports: importsOf(node, source) };
  }
  return undefined;
}

function functionShape(node: Syntax, source: string): Shape {
  const nameNode = child(node, 'name');
  const list = child(node, 'parameters');
  const bound = nameNode === undefined && node.parent !== undefined ? binding(node, node.parent, source)?.name : undefined;
  const decorators: string[] = [];
  const siblings = node.kind === 'function_item' ? (node.parent?.children ?? []) : [];
  for (let at = siblings.indexOf(node) - 1; at >= 0; at--) {
    const sibling = siblings[at];
    if (sibling?.kind === 'attribute_item')
      decorators.unshift(
        source
          .slice(sibling.start, sibling.end)
          .replace(/^#\[|\]$/g, '')
          .trim(),
      );
    else if (sibling === undefined || !sibling.kind.endsWith('comment')) break;
  }
  const modifiers = childOfKind(node, 'function_modifiers');
  const body = child(node, 'body');
  return {
    what: 'function',
    name: text(nameNode, source) ?? bound ?? '<anonymous>',
    nameNode: nameNode ?? node.children[0] ?? node,
    async:
      (modifiers !== undefined && /\basync\b/.test(source.slice(modifiers.start, modifiers.end))) ||
      node.children.some((one) => one.kind === 'async') ||
      body?.kind === 'async_block',
    parameters: list === undefined ? [] : parameters(list, source),
    decorators,
    returns: text(child(node, 'return_type'), source),
    declared: nameNode !== undefined || bound !== undefined,
  };
}

function parameters(list: Syntax, source: string) {
  return namedChildren(list).flatMap((node) => {
    if (node.kind === 'self_parameter') return [];
    if (node.kind === 'identifier') return [{ name: source.slice(node.start, node.end) }];
    const pattern = child(node, 'pattern') ?? node;
    const type = text(child(node, 'type'), source);
    return names(pattern, source).map((name) => ({ name, type }));
  });
}

function entry(node: Syntax, source: string) {
  if (node.kind === 'field_initializer') {
    const key = text(child(node, 'field') ?? node.children[0], source);
    const value = child(node, 'value');
    return key === undefined || value === undefined ? undefined : { key, value };
  }
  if (node.kind === 'shorthand_field_initializer') {
    const value = namedChildren(node)[0];
    return value && { key: source.slice(value.start, value.end), value };
  }
  return undefined;
}

function string(node: Syntax, source: string, into: LiteralBuilder): void {
  const written = source.slice(node.start, node.end);
  const raw = /^[bc]?r(#*)"/.exec(written);
  if (raw !== null) {
    const hashes = raw[1] ?? '';
    const closed = written.endsWith(`"${hashes}`) && written.length > raw[0].length + hashes.length;
    into.plain(source, node.start + raw[0].length, closed ? node.end - hashes.length - 1 : node.end);
    return;
  }
  const start = node.start + written.indexOf('"') + 1;
  into.escaped(source, start, source[node.end - 1] === '"' && node.end - 1 >= start ? node.end - 1 : node.end, rustEscape);
}

function formatted(node: Syntax, source: string): Formatted | undefined {
  if (node.kind !== 'macro_invocation') return undefined;
  const name = text(child(node, 'macro'), source)?.replace(/^.*::/, '') ?? '';
  const tokens = formatMacros.has(name) ? childOfKind(node, 'token_tree') : undefined;
  if (tokens === undefined) return undefined;
  const values = macroArguments(tokens);
  const at = name.startsWith('write') ? 1 : 0;
  const template = values[at];
  if (template === undefined || !/string_literal/.test(template.kind)) return undefined;
  return {
    template,
    style: 'braces',
    argument: (which) => {
      if (typeof which === 'number') return values[at + 1 + which];
      // format!("{name}", name = value)
      const named = values.find(
        (one) => source.slice(one.start, one.end).startsWith(`${which} =`) || source.slice(one.start, one.end).startsWith(`${which}=`),
      );
      return named?.children.at(-1);
    },
  };
}

function binding(node: Syntax, parent: Syntax, source: string): Binding | undefined {
  if (parent.kind === 'let_declaration' && node.field === 'value') {
    const pattern = child(parent, 'pattern');
    return { name: pattern?.kind === 'identifier' ? text(pattern, source) : undefined, scoped: false };
  }
  if ((parent.kind === 'const_item' || parent.kind === 'static_item') && node.field === 'value')
    return { name: text(child(parent, 'name'), source), scoped: false };
  if (parent.kind === 'assignment_expression' && node.field === 'right')
    return { name: text(child(parent, 'left'), source), scoped: false };
  if (parent.kind === 'let_condition' && node.field === 'value') {
    const bound = names(child(parent, 'pattern'), source);
    return { name: bound.length === 1 ? bound[0] : undefined, scoped: false };
  }
  return undefined;
}
