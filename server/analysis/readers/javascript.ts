/** JavaScript and TypeScript, with and without JSX: functions, loops, calls, and the SQL in their strings. */
import { javascriptEscape } from './host/escapes.ts';
import { importsOf, requireOf } from './host/javascript-imports.ts';
import { callback, functionKinds, loopShape, names } from './host/javascript-loops.ts';
import { type Binding, type CallShape, type FunctionShape, type HostLanguage, type Shape, set, text } from './host/language.ts';
import type { LiteralBuilder } from './host/literal.ts';
import { hostReader } from './host/read.ts';
import { child, childOfKind, namedChildren, type Syntax } from './host/syntax.ts';

const javascript: HostLanguage = {
  id: 'javascript',
  languages: ['javascript', 'javascriptreact', 'typescript', 'typescriptreact'],
  grammarOf: (language) => (language === 'typescript' ? 'typescript' : language === 'typescriptreact' ? 'tsx' : 'javascript'),
  modules: () => [],
  percentParameters: () => false,
  blocks: set('program statement_block class_body'),
  attributes: set('decorator'),
  whole: set('for_statement for_in_statement while_statement do_statement'),
  shape,
  members: new Map([['member_expression', ['object', 'property', '.']]]),
  transparent: new Map([
    ['parenthesized_expression', ''],
    ['await_expression', ''],
    ['non_null_expression', ''],
    ['as_expression', ''],
    ['satisfies_expression', ''],
    ['instantiation_expression', ''],
  ]),
  awaits: set('await_expression'),
  callKinds: set('call_expression new_expression'),
  argumentKinds: new Map([
    ['string', 'string'],
    ['template_string', 'template'],
    ['number', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['identifier', 'identifier'],
    ['member_expression', 'identifier'],
    ['shorthand_property_identifier', 'identifier'],
    ['call_expression', 'call'],
    ['new_expression', 'call'],
    ['arrow_function', 'function'],
    ['function_expression', 'function'],
    ['generator_function', 'function'],
    ['method_definition', 'function'],
  ]),
  passing: set('then catch finally'),
  entry,
  record: (node) => (node.kind === 'object' ? namedChildren(node) : undefined),
  strings: set('string template_string binary_expression'),
  concatenation: (node) =>
    node.kind === 'binary_expression' && node.children.some((one) => one.kind === '+')
      ? node.children.filter((one) => one.named)
      : undefined,
  string,
  formatted: () => undefined,
  binding,
  argumentLists: set('arguments'),
  collections: set('array spread_element'),
  listed: (node) =>
    (node.kind === 'array' || node.kind === 'object') &&
    node.children.some((one) => one.named) &&
    !node.children.some((one) => one.kind === 'spread_element'),
  lazyAttributes: false,
  returns: set('return_statement'),
  breaks: set('break_statement'),
  conditions: set('if_statement switch_statement catch_clause ternary_expression else_clause'),
  breakable: set('for_statement for_in_statement while_statement do_statement switch_statement'),
  functions: functionKinds,
  choices: set('ternary_expression binary_expression'),
  callback,
  gathers: (name, callee) =>
    /^(?:Promise|Bluebird|P|p|bluebird)\.(?:all|allSettled|any|race)$/.test(callee) || /^(?:pAll|pSettle|allSettled|forkJoin)$/.test(name),
  spawns: (_, name) => /^(?:enqueue|submit)$/.test(name),
  grows: (node, source) => {
    if (node.kind === 'augmented_assignment_expression' && node.children.some((one) => one.kind === '+='))
      return text(child(node, 'left'), source);
    const left = node.kind === 'assignment_expression' ? child(node, 'left') : undefined;
    let at = left === undefined ? undefined : child(node, 'right');
    if (left?.kind !== 'identifier' || at?.kind !== 'binary_expression') return undefined;
    while (at?.kind === 'binary_expression') at = child(at, 'left');
    return text(at, source) === text(left, source) ? text(left, source) : undefined;
  },
  template: () => undefined,
  closes: () => undefined,
};

export const reader = hostReader(javascript);

function shape(node: Syntax, source: string): Shape | undefined {
  switch (node.kind) {
    case 'comment':
      return { what: 'comment' };
    case 'call_expression':
    case 'new_expression':
      return callShape(node, source);
    case 'for_in_statement':
    case 'for_statement':
    case 'while_statement':
    case 'do_statement':
      return loopShape(node, source);
    case 'class_declaration':
    case 'class':
    case 'abstract_class_declaration': {
      const body = child(node, 'body');
      return body && { what: 'owner', name: text(child(node, 'name'), source) ?? variableOf(node, source) ?? '<anonymous>', body };
    }
    case 'enum_declaration': {
      const body = child(node, 'body');
      return body && { what: 'owner', name: text(child(node, 'name'), source) ?? '', body };
    }
    case 'object': {
      const name = variableOf(node, source);
      return name === undefined ? undefined : { what: 'owner', name, body: node };
    }
    case 'import_statement':
    case 'export_statement': {
      const imports = importsOf(node, source);
      return imports.length === 0 ? undefined : { what: 'import', imports };
    }
    case 'variable_declarator': {
      const imports = requireOf(node, source);
      return imports.length === 0 ? undefined : { what: 'import', imports };
    }
  }
  return functionKinds.has(node.kind) ? functionShape(node, source) : undefined;
}

function callShape(node: Syntax, source: string): CallShape | undefined {
  const callee = child(node, 'function') ?? child(node, 'constructor');
  if (callee === undefined || /^(?:import|super)$/.test(callee.kind)) return undefined;
  const list = child(node, 'arguments');
  if (list?.kind === 'template_string') return { what: 'call', callee, arguments: [list], tagged: true };
  if (callee.kind === 'identifier' && text(callee, source) === 'require') return undefined;
  return { what: 'call', callee, arguments: list === undefined ? [] : namedChildren(list) };
}

/** The variable or field a value is assigned to. */
function variableOf(node: Syntax, source: string): string | undefined {
  const { parent } = node;
  if (parent === undefined) return undefined;
  if (parent.kind === 'as_expression' || parent.kind === 'satisfies_expression') return variableOf(parent, source);
  const target =
    parent.kind === 'variable_declarator' || parent.kind === 'public_field_definition' || parent.kind === 'field_definition'
      ? (child(parent, 'name') ?? child(parent, 'property'))
      : parent.kind === 'assignment_expression' && node.field === 'right'
        ? child(parent, 'left')
        : parent.kind === 'pair' && node.field === 'value'
          ? child(parent, 'key')
          : undefined;
  const name = target && text(target.kind === 'member_expression' ? child(target, 'property') : target, source);
  return name !== undefined && /^#?[\w$]+$/.test(name) ? name : undefined;
}

function functionShape(node: Syntax, source: string): FunctionShape {
  const own = child(node, 'name');
  const name = own === undefined ? variableOf(node, source) : text(own, source);
  const single = child(node, 'parameter');
  const list = child(node, 'parameters');
  const decorators: string[] = [];
  const siblings = node.kind === 'method_definition' ? (node.parent?.children ?? []) : [];
  for (let at = siblings.indexOf(node) - 1; at >= 0 && siblings[at]?.kind === 'decorator'; at--) {
    const decorator = siblings[at];
    if (decorator !== undefined) decorators.unshift(source.slice(decorator.start + 1, decorator.end).trim());
  }
  return {
    what: 'function',
    name: name ?? '<anonymous>',
    nameNode: own ?? node.children[0] ?? node,
    async: childOfKind(node, 'async') !== undefined,
    parameters:
      single !== undefined ? [{ name: source.slice(single.start, single.end) }] : list === undefined ? [] : parameters(list, source),
    decorators,
    returns: text(child(node, 'return_type'), source)?.replace(/^:\s*/, ''),
    declared: name !== undefined && (own !== undefined ? node.kind !== 'function_expression' || node.parent?.kind !== 'arguments' : true),
  };
}

function parameters(list: Syntax, source: string) {
  return namedChildren(list).flatMap((node) => {
    const pattern = child(node, 'pattern') ?? child(node, 'left') ?? node;
    const name = pattern.kind === 'rest_pattern' ? text(namedChildren(pattern)[0], source) : text(pattern, source);
    if (name === undefined || pattern.kind === 'this') return [];
    const type = text(child(node, 'type'), source)?.replace(/^:\s*/, '');
    if (/^[\w$]+$/.test(name)) return [{ name, type }];
    // A pattern binds several names, none of which has the type written.
    return names(pattern, source).map((one) => ({ name: one }));
  });
}

function entry(node: Syntax, source: string) {
  if (node.kind === 'pair') {
    const key = text(child(node, 'key'), source)?.replace(/^["'`[]+|["'`\]]+$/g, '');
    const value = child(node, 'value');
    return key === undefined || value === undefined ? undefined : { key, value };
  }
  if (node.kind === 'shorthand_property_identifier') return { key: source.slice(node.start, node.end), value: node };
  if (node.kind === 'method_definition') return { key: text(child(node, 'name'), source) ?? '', value: node };
  return undefined;
}

function string(node: Syntax, source: string, into: LiteralBuilder): void {
  const quote = source[node.end - 1];
  const closed = node.end - node.start > 1 && (quote === '"' || quote === "'" || quote === '`');
  const end = closed ? node.end - 1 : node.end;
  let from = node.start + 1;
  for (const one of node.children) {
    if (one.kind !== 'template_substitution') continue;
    into.escaped(source, from, one.start, javascriptEscape);
    const expression = namedChildren(one)[0];
    const name =
      expression !== undefined && /^(?:identifier|member_expression)$/.test(expression.kind) ? text(expression, source) : undefined;
    into.hole({ start: one.start, end: one.end }, text(expression, source) ?? '', name);
    from = one.end;
  }
  into.escaped(source, from, end, javascriptEscape);
}

function binding(node: Syntax, parent: Syntax, source: string): Binding | undefined {
  if (parent.kind === 'variable_declarator' && node.field === 'value') {
    const target = child(parent, 'name');
    const scoped = parent.parent?.children.some((one) => one.kind === 'using') ?? false;
    return { name: target?.kind === 'identifier' ? text(target, source) : undefined, scoped };
  }
  if (parent.kind === 'assignment_expression' && node.field === 'right') {
    const target = child(parent, 'left');
    const name = target?.kind === 'identifier' || target?.kind === 'member_expression' ? text(target, source) : undefined;
    return { name, scoped: childOfKind(parent, 'using') !== undefined };
  }
  if ((parent.kind === 'public_field_definition' || parent.kind === 'field_definition') && node.field === 'value')
    return { name: text(child(parent, 'name') ?? child(parent, 'property'), source), scoped: false };
  if (
    (parent.kind === 'required_parameter' || parent.kind === 'assignment_pattern' || parent.kind === 'optional_parameter') &&
    node.field !== 'pattern'
  )
    return { name: text(child(parent, 'pattern') ?? child(parent, 'left'), source), scoped: false };
  if (parent.kind === 'enum_assignment') return { name: text(child(parent, 'name'), source), scoped: false };
  return undefined;
}
