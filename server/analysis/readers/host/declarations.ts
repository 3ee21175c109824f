/** The types a file of code declares: what a call through a field, an interface or a base class needs to find its target. */
import type { Node } from 'web-tree-sitter';
import type { TypeDeclaration } from '../../document.ts';
import type { GrammarId, ReadContext } from '../../reader.ts';

type Field = TypeDeclaration['fields'][number];
type Method = TypeDeclaration['methods'][number];

const declarationNodes: Readonly<Record<GrammarId, readonly string[]>> = {
  python: ['class_definition'],
  go: ['type_spec'],
  ruby: [],
  rust: ['struct_item', 'trait_item', 'impl_item'],
  javascript: ['class_declaration', 'class'],
  typescript: ['class_declaration', 'abstract_class_declaration', 'class', 'interface_declaration', 'type_alias_declaration'],
  tsx: ['class_declaration', 'abstract_class_declaration', 'class', 'interface_declaration', 'type_alias_declaration'],
};

type Remember = ReadContext['remember'];

/** What a declaration may stand in; the bodies of functions are left out, since a type in them is used in them only. */
const around = new Set(
  (
    'module program source_file block class_body declaration_list statement_block export_statement decorated_definition if_statement ' +
    'else_clause try_statement internal_module expression_statement mod_item type_declaration lexical_declaration variable_declaration ' +
    'variable_declarator ambient_declaration ERROR'
  ).split(' '),
);

/** Every type declared in the tree, in the order written. Spans are offsets in the parsed text. */
export function declaredTypes(root: Node, grammar: GrammarId, remember: Remember): TypeDeclaration[] {
  const types: TypeDeclaration[] = [];
  const wanted = declarationNodes[grammar];
  const open: Node[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const kind = node.type;
    const declares = wanted.includes(kind);
    const declaration = declares ? declarationOf(node, grammar, remember) : undefined;
    if (declaration !== undefined) types.push(declaration);
    if (!declares && !around.has(kind)) continue;
    const children = node.namedChildren;
    for (let at = children.length - 1; at >= 0; at--) {
      const child = children[at];
      if (child) open.push(child);
    }
  }
  return types;
}

function declarationOf(node: Node, grammar: GrammarId, remember: Remember): TypeDeclaration | undefined {
  if (grammar === 'python') return pythonClass(node, remember);
  if (grammar === 'go') return goType(node);
  if (grammar === 'rust') return rustType(node);
  return scriptType(node);
}

function make(
  node: Node,
  kind: TypeDeclaration['kind'],
  name: string,
  bases: readonly string[],
  fields: readonly Field[],
  methods: readonly Method[],
): TypeDeclaration {
  return { kind, name, bases, fields, methods, span: { start: node.startIndex, end: node.endIndex } };
}

const cut = (text: string): string => (text.length > 200 ? text.slice(0, 200) : text);

function named(node: Node | null): Node[] {
  return node === null ? [] : node.namedChildren.filter((child) => child !== null);
}

/** Parameter name -> declared type, of one function. */
function parameterTypes(parameters: Node | null): Map<string, string> {
  const types = new Map<string, string>();
  for (const parameter of named(parameters)) {
    const type = parameter.childForFieldName('type');
    const name = parameter.childForFieldName('pattern') ?? parameter.childForFieldName('name') ?? parameter.namedChildren[0];
    if (type && name) types.set(name.text, annotation(type));
  }
  return types;
}

/** TypeScript's grammar keeps the colon in a type annotation. */
const annotation = (type: Node): string => cut(type.text.replace(/^:\s*/, ''));

function assigned(name: string, value: Node | null, parameters: ReadonlyMap<string, string>): Field {
  if (value === null) return { name };
  const type = parameters.get(value.text);
  return type === undefined ? { name, value: cut(value.text) } : { name, type, value: cut(value.text) };
}

function pythonClass(node: Node, remember: Remember): TypeDeclaration | undefined {
  const name = node.childForFieldName('name')?.text;
  if (name === undefined) return undefined;
  const bases = named(node.childForFieldName('superclasses'))
    .filter((base) => base.type === 'identifier' || base.type === 'attribute' || base.type === 'subscript')
    .map((base) => base.text);
  const fields: Field[] = [];
  for (const member of named(node.childForFieldName('body'))) {
    const inner = member.type === 'decorated_definition' ? member.childForFieldName('definition') : member;
    if (inner?.type === 'expression_statement') {
      const assignment = inner.namedChildren[0];
      if (assignment?.type !== 'assignment') continue;
      const left = assignment.childForFieldName('left');
      const type = assignment.childForFieldName('type')?.text;
      if (left?.type !== 'identifier') continue;
      const value = assignment.childForFieldName('right');
      fields.push({
        name: left.text,
        ...(type === undefined ? {} : { type: cut(type) }),
        ...(value === null ? {} : { value: cut(value.text) }),
      });
    } else if (inner?.type === 'function_definition') {
      // A class of a thousand lines is asked anew after each keystroke in it; its methods are not.
      const { text } = inner;
      if (text.includes('self.')) fields.push(...remember('python fields of self', `\n${text}`.slice(1), () => pythonSelfFields(inner)));
    }
  }
  return make(node, 'class', name, bases, fields, []);
}

/** `self.db = db` in any method. */
function pythonSelfFields(method: Node): Field[] {
  const fields: Field[] = [];
  const parameters = parameterTypes(method.childForFieldName('parameters'));
  for (const assignment of method.descendantsOfType('assignment')) {
    const left = assignment?.childForFieldName('left');
    if (!assignment || left?.type !== 'attribute' || left.childForFieldName('object')?.text !== 'self') continue;
    const name = left.childForFieldName('attribute')?.text;
    if (name === undefined) continue;
    const type = assignment.childForFieldName('type')?.text;
    const field = assigned(name, assignment.childForFieldName('right'), parameters);
    fields.push(type === undefined ? field : { ...field, type: cut(type) });
  }
  return fields;
}

function goType(node: Node): TypeDeclaration | undefined {
  const name = node.childForFieldName('name')?.text;
  const body = node.childForFieldName('type');
  if (name === undefined || body === null) return undefined;
  if (body.type === 'struct_type') {
    const fields: Field[] = [];
    const bases: string[] = [];
    for (const field of named(body.namedChildren[0] ?? null)) {
      const type = field.childForFieldName('type')?.text;
      if (type === undefined) continue;
      const names = field.childrenForFieldName('name');
      if (names.length === 0) bases.push(type);
      for (const each of names) if (each) fields.push({ name: each.text, type: cut(type) });
    }
    return make(node, 'class', name, bases, fields, []);
  }
  if (body.type === 'interface_type') {
    const methods: Method[] = [];
    const bases: string[] = [];
    for (const element of named(body)) {
      if (element.type === 'comment') continue;
      const method = element.childForFieldName('name')?.text;
      if (method === undefined) {
        bases.push(element.text);
        continue;
      }
      methods.push({
        name: method,
        parameters: goParameters(element.childForFieldName('parameters')),
        returns: element.childForFieldName('result')?.text,
      });
    }
    return make(node, 'interface', name, bases, [], methods);
  }
  // `type Queries = db.Queries`, `type IDs []string`: the name stands for what is on the right.
  return make(node, 'class', name, [body.text], [], []);
}

/** `(a, b int)` are two parameters. */
function goParameters(list: Node | null): number {
  let count = 0;
  for (const parameter of named(list)) count += Math.max(1, parameter.childrenForFieldName('name').length);
  return count;
}

function rustType(node: Node): TypeDeclaration | undefined {
  if (node.type === 'impl_item') {
    const trait = node.childForFieldName('trait')?.text;
    const type = node.childForFieldName('type')?.text;
    return trait === undefined || type === undefined ? undefined : make(node, 'class', type, [trait], [], []);
  }
  const name = node.childForFieldName('name')?.text;
  if (name === undefined) return undefined;
  const body = node.childForFieldName('body');
  if (node.type === 'struct_item') {
    const fields: Field[] = [];
    for (const [index, field] of named(body).entries()) {
      const type = field.type === 'field_declaration' ? field.childForFieldName('type')?.text : field.text;
      const fieldName =
        field.childForFieldName('name')?.text ?? (body?.type === 'ordered_field_declaration_list' ? String(index) : undefined);
      if (type !== undefined && fieldName !== undefined) fields.push({ name: fieldName, type: cut(type) });
    }
    return make(node, 'class', name, [], fields, []);
  }
  const methods: Method[] = [];
  for (const item of named(body)) {
    const method = item.childForFieldName('name')?.text;
    if (method === undefined || !item.type.startsWith('function')) continue;
    const parameters = named(item.childForFieldName('parameters')).filter((parameter) => parameter.type === 'parameter').length;
    methods.push({ name: method, parameters, returns: item.childForFieldName('return_type')?.text });
  }
  return make(node, 'interface', name, [], [], methods);
}

function scriptType(node: Node): TypeDeclaration | undefined {
  const name = node.childForFieldName('name')?.text ?? assignedName(node);
  if (name === undefined) return undefined;
  if (node.type === 'interface_declaration' || node.type === 'type_alias_declaration') {
    const body = node.childForFieldName('body') ?? node.childForFieldName('value');
    if (body?.type !== 'interface_body' && body?.type !== 'object_type') return undefined;
    const bases = node.namedChildren
      .filter((child) => child?.type === 'extends_type_clause')
      .flatMap((clause) => named(clause).map((type) => type.text));
    return { ...signatures(node, name, body), bases };
  }
  const heritage = node.namedChildren.find((child) => child?.type === 'class_heritage');
  const bases = named(heritage ?? null).flatMap((clause) =>
    clause.type === 'identifier' || clause.type === 'member_expression' ? [clause.text] : named(clause).map((type) => type.text),
  );
  const fields: Field[] = [];
  for (const member of named(node.childForFieldName('body'))) {
    const field = member.childForFieldName('name') ?? member.childForFieldName('property');
    if (member.type === 'public_field_definition' || member.type === 'field_definition') {
      const type = member.childForFieldName('type');
      const value = member.childForFieldName('value');
      if (field)
        fields.push({
          name: field.text.replace(/^#/, ''),
          ...(type === null ? {} : { type: annotation(type) }),
          ...(value === null ? {} : { value: cut(value.text) }),
        });
    } else if (member.type === 'method_definition' && field?.text === 'constructor') {
      fields.push(...constructorFields(member));
    }
  }
  return make(node, 'class', name, bases, fields, []);
}

/** `const Store = class { … }`. */
function assignedName(node: Node): string | undefined {
  return node.parent?.type === 'variable_declarator' ? node.parent.childForFieldName('name')?.text : undefined;
}

function signatures(node: Node, name: string, body: Node): TypeDeclaration {
  const fields: Field[] = [];
  const methods: Method[] = [];
  for (const member of named(body)) {
    const memberName = member.childForFieldName('name')?.text;
    if (memberName === undefined) continue;
    if (member.type === 'method_signature') {
      const returns = member.childForFieldName('return_type');
      methods.push({
        name: memberName,
        parameters: named(member.childForFieldName('parameters')).length,
        returns: returns === null ? undefined : annotation(returns),
      });
    } else if (member.type === 'property_signature') {
      const type = member.childForFieldName('type');
      const callable = type?.namedChildren[0];
      if (callable?.type === 'function_type') {
        const returns = callable.childForFieldName('return_type')?.text;
        methods.push({ name: memberName, parameters: named(callable.childForFieldName('parameters')).length, returns });
      } else fields.push(type === null ? { name: memberName } : { name: memberName, type: annotation(type) });
    }
  }
  return make(node, 'interface', name, [], fields, methods);
}

/** `constructor(private db: Pool)` declares a field, and so does `this.db = db` in it. */
function constructorFields(method: Node): Field[] {
  const fields: Field[] = [];
  const list = method.childForFieldName('parameters');
  for (const parameter of named(list)) {
    if (!parameter.namedChildren.some((child) => child?.type === 'accessibility_modifier') && !/^\s*readonly\b/.test(parameter.text))
      continue;
    const type = parameter.childForFieldName('type');
    const name = parameter.childForFieldName('pattern')?.text;
    if (name !== undefined && type !== null) fields.push({ name, type: annotation(type) });
  }
  const parameters = parameterTypes(list);
  for (const assignment of method.descendantsOfType('assignment_expression')) {
    const left = assignment?.childForFieldName('left');
    if (!assignment || left?.type !== 'member_expression' || left.childForFieldName('object')?.type !== 'this') continue;
    const name = left.childForFieldName('property')?.text;
    if (name !== undefined) fields.push(assigned(name.replace(/^#/, ''), assignment.childForFieldName('right'), parameters));
  }
  return fields;
}
