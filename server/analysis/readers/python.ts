/** Python source: functions, loops, calls, and the SQL in its strings. */
import type { ImportedName } from '../document.ts';
import { type Binding, type Clause, type HostLanguage, type Shape, set, text } from './host/language.ts';
import { forShape, names, whileShape } from './host/python-loops.ts';
import { entry, formatted, string } from './host/python-strings.ts';
import { hostReader } from './host/read.ts';
import { child, childOfKind, namedChildren, type Syntax } from './host/syntax.ts';

const comprehensions = set('list_comprehension set_comprehension dictionary_comprehension generator_expression');
/** Drivers whose placeholder is a percent sign, and those for whom it is a character like any other. */
const percentDrivers = /^(?:psycopg|MySQLdb|pymysql|mysql|aiomysql|asyncmy|django|pymssql|aiopg|pg8000)/;
const plainDrivers = /^(?:sqlite3|aiosqlite|asyncpg|apsw|duckdb|libsql)/;

const python: HostLanguage = {
  id: 'python',
  languages: ['python'],
  grammarOf: () => 'python',
  modules: () => [],
  percentParameters: (modules) => modules.some((name) => percentDrivers.test(name)) || !modules.some((name) => plainDrivers.test(name)),
  blocks: set('module block'),
  attributes: set(''),
  whole: set('for_statement while_statement'),
  shape,
  members: new Map([['attribute', ['object', 'attribute', '.']]]),
  transparent: new Map([
    ['parenthesized_expression', ''],
    ['await', ''],
  ]),
  awaits: set('await'),
  callKinds: set('call'),
  argumentKinds: new Map([
    ['string', 'string'],
    ['concatenated_string', 'other'],
    ['integer', 'number'],
    ['float', 'number'],
    ['true', 'boolean'],
    ['false', 'boolean'],
    ['identifier', 'identifier'],
    ['attribute', 'identifier'],
    ['call', 'call'],
    ['lambda', 'function'],
  ]),
  passing: set('__aenter__ __enter__'),
  entry,
  record: (node) =>
    node.kind === 'dictionary' && node.parent?.kind === 'keyword_argument' ? node.children.filter((one) => one.kind === 'pair') : undefined,
  strings: set('string concatenated_string binary_operator call'),
  concatenation: (node) =>
    node.kind === 'concatenated_string'
      ? namedChildren(node)
      : node.kind === 'binary_operator' && node.children[1]?.kind === '+'
        ? node.children.filter((one) => one.named)
        : undefined,
  string,
  formatted,
  binding,
  argumentLists: set('argument_list'),
  collections: set('list tuple set list_splat'),
  listed: (node) => /^(?:list|tuple|set|dictionary)$/.test(node.kind) && node.children.some((one) => one.named),
  lazyAttributes: true,
  returns: set('return_statement'),
  breaks: set('break_statement'),
  conditions: set('if_statement match_statement except_clause except_group_clause conditional_expression boolean_operator'),
  breakable: set('for_statement while_statement'),
  functions: set('function_definition lambda class_definition'),
  choices: set('conditional_expression boolean_operator'),
  callback: (call, name, receiver) => {
    const [first, ...rest] = call.arguments;
    if (first === undefined || rest[0] === undefined) return undefined;
    const builtin = receiver === undefined && (name === 'map' || name === 'filter');
    if (builtin) return { function: first, over: rest[0] };
    if (receiver !== undefined && (name === 'map' || name === 'imap' || name === 'imap_unordered' || name === 'starmap'))
      return { function: first, over: rest[0], concurrent: true };
    return undefined;
  },
  gathers: (name, callee) =>
    name === 'gather' || name === 'as_completed' || callee === 'asyncio.wait' || name === 'wait_all' || name === 'gather_with_concurrency',
  spawns: (_, name) => /^(?:create_task|ensure_future|start_soon|spawn|run_coroutine_threadsafe|submit|apply_async)$/.test(name),
  grows: (node, source) => {
    if (node.kind === 'augmented_assignment') return text(child(node, 'left'), source);
    // sql = sql + "…"
    const left = node.kind === 'assignment' ? child(node, 'left') : undefined;
    const right = left === undefined ? undefined : child(node, 'right');
    return right !== undefined && left?.kind === 'identifier' && right.kind !== 'string' && begins(right, text(left, source) ?? '', source)
      ? text(left, source)
      : undefined;
  },
  template: (node, source) => {
    const [left, sign] = node.kind === 'binary_operator' ? node.children : [];
    return sign?.kind === '%' && left !== undefined && /^(?:identifier|attribute)$/.test(left.kind) ? text(left, source) : undefined;
  },
  closes: () => undefined,
};

export const reader = hostReader(python);

/** Whether an expression is a concatenation that begins with the name. */
function begins(node: Syntax, name: string, source: string): boolean {
  let at: Syntax | undefined = node;
  if (node.kind !== 'binary_operator') return false;
  while (at?.kind === 'binary_operator') at = child(at, 'left');
  return at !== undefined && text(at, source) === name;
}

function shape(node: Syntax, source: string): Shape | undefined {
  switch (node.kind) {
    case 'comment':
      return { what: 'comment' };
    case 'call': {
      const callee = child(node, 'function');
      const list = child(node, 'arguments');
      if (callee === undefined || list === undefined) return undefined;
      return { what: 'call', callee, arguments: list.kind === 'generator_expression' ? [list] : namedChildren(list) };
    }
    case 'function_definition':
      return functionShape(node, source);
    case 'lambda':
      return {
        what: 'function',
        name: boundName(node, source) ?? '<anonymous>',
        nameNode: node.children[0] ?? node,
        async: false,
        parameters: parameters(child(node, 'parameters'), source),
        decorators: [],
        declared: boundName(node, source) !== undefined,
      };
    case 'class_definition': {
      const body = child(node, 'body');
      return body && { what: 'owner', name: text(child(node, 'name'), source) ?? '', body };
    }
    case 'for_statement':
      return forShape(node, source);
    case 'while_statement':
      return whileShape(node, source);
    case 'import_statement':
    case 'import_from_statement':
      return { what: 'import', imports: imports(node, source) };
  }
  return comprehensions.has(node.kind) ? comprehensionShape(node, source) : undefined;
}

function boundName(node: Syntax, source: string): string | undefined {
  return node.parent?.kind === 'assignment' && node.field === 'right' ? text(child(node.parent, 'left'), source) : undefined;
}

function functionShape(node: Syntax, source: string): Shape | undefined {
  const nameNode = child(node, 'name');
  if (nameNode === undefined) return undefined;
  const decorated = node.parent?.kind === 'decorated_definition' ? node.parent : undefined;
  return {
    what: 'function',
    name: text(nameNode, source) ?? '',
    nameNode,
    async: node.children[0]?.kind === 'async',
    parameters: parameters(child(node, 'parameters'), source),
    decorators: (decorated?.children ?? [])
      .filter((one) => one.kind === 'decorator')
      .map((one) => source.slice(one.start + 1, one.end).trim()),
    returns: text(child(node, 'return_type'), source),
    declared: true,
  };
}

function parameters(list: Syntax | undefined, source: string) {
  if (list === undefined) return [];
  const found: { name: string; type?: string | undefined }[] = [];
  for (const node of namedChildren(list)) {
    const nameNode = node.kind === 'identifier' ? node : (child(node, 'name') ?? namedChildren(node)[0]);
    const name = text(nameNode, source)?.replace(/^\*+/, '');
    if (name !== undefined && /^\w+$/.test(name)) found.push({ name, type: text(child(node, 'type'), source) });
  }
  return found;
}

function comprehensionShape(node: Syntax, source: string): Shape | undefined {
  const body = child(node, 'body');
  const clauses: Clause[] = [];
  for (const one of node.children) {
    const over = one.kind === 'for_in_clause' ? child(one, 'right') : undefined;
    if (over === undefined) continue;
    clauses.push({ node: one, over, variables: names(child(one, 'left'), source), streaming: one.children[0]?.kind === 'async' });
  }
  return body === undefined || clauses.length === 0 ? undefined : { what: 'comprehension', clauses, body };
}

function binding(node: Syntax, parent: Syntax, source: string): Binding | undefined {
  if (parent.kind === 'assignment' && node.field === 'right') {
    const left = child(parent, 'left');
    return { name: left !== undefined && /^(?:identifier|attribute)$/.test(left.kind) ? text(left, source) : undefined, scoped: false };
  }
  if (parent.kind === 'named_expression' && node.field === 'value') return { name: text(child(parent, 'name'), source), scoped: false };
  if (parent.kind === 'default_parameter' || parent.kind === 'typed_default_parameter')
    return { name: text(child(parent, 'name'), source), scoped: false };
  if (parent.kind === 'with_item') return { scoped: true, awaited: isAsync(parent) };
  if (parent.kind === 'as_pattern' && parent.parent?.kind === 'with_item') {
    const target = childOfKind(parent, 'as_pattern_target');
    const name = target && /^[\w.]+$/.test(text(target, source) ?? '') ? text(target, source) : undefined;
    return { name, scoped: true, awaited: isAsync(parent.parent) };
  }
  return undefined;
}

/** Whether a `with_item` stands in `async with`. */
function isAsync(item: Syntax): boolean {
  return item.parent?.parent?.children[0]?.kind === 'async';
}

function imports(node: Syntax, source: string): ImportedName[] {
  const span = { start: node.start, end: node.end };
  const parts = node.children
    .filter((one) => one.field === 'name')
    .map((one): [string, string | undefined] => [
      text(one.kind === 'aliased_import' ? child(one, 'name') : one, source) ?? '',
      one.kind === 'aliased_import' ? text(child(one, 'alias'), source) : undefined,
    ]);
  if (node.kind === 'import_statement')
    return parts.map(([module, alias]) => ({ module, names: [['*', alias ?? module.split('.')[0] ?? module]], span }));
  const module = text(child(node, 'module_name'), source) ?? '';
  const names: [string, string][] = parts.map(([name, alias]) => [name, alias ?? name]);
  if (childOfKind(node, 'wildcard_import') !== undefined) names.push(['*', '*']);
  return [{ module, names, span }];
}
