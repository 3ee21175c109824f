/** What the readers of JavaScript's tools look for in a module. */
import { child, childOfKind, descendants, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import { scriptValue } from './script-value.ts';
import type { Invocation } from './value.ts';

export interface Declared {
  readonly name: string;
  readonly nameNode: Syntax;
  /** Of a variable: what it starts as. Of a function or class: itself. */
  readonly node: Syntax;
}

/** The names of a module's top level, exported or not. */
export function declaredIn(module: Syntax, source: string): readonly Declared[] {
  const found: Declared[] = [];
  const add = (nameNode: Syntax | undefined, node: Syntax | undefined) => {
    if (nameNode !== undefined && node !== undefined) found.push({ name: source.slice(nameNode.start, nameNode.end), nameNode, node });
  };
  for (const statement of namedChildren(module)) {
    const inner = statement.kind === 'export_statement' ? (child(statement, 'declaration') ?? child(statement, 'value')) : statement;
    if (inner === undefined) continue;
    if (inner.kind === 'lexical_declaration' || inner.kind === 'variable_declaration') {
      for (const one of namedChildren(inner)) if (one.kind === 'variable_declarator') add(child(one, 'name'), child(one, 'value'));
    } else if (inner.kind === 'function_declaration' || inner.kind === 'class_declaration') add(child(inner, 'name'), inner);
    else if (inner.kind === 'expression_statement') {
      // `exports.up = …`, `module.exports.up = …`.
      const assignment = childOfKind(inner, 'assignment_expression');
      const left = assignment === undefined ? undefined : child(assignment, 'left');
      add(left?.kind === 'member_expression' ? child(left, 'property') : undefined, assignment && child(assignment, 'right'));
    }
  }
  return found;
}

/** What the module gives by default: `export default …`, `module.exports = …`. */
export function defaultOf(module: Syntax, source: string): Syntax | undefined {
  for (const statement of namedChildren(module)) {
    if (statement.kind === 'export_statement' && statement.children.some(({ kind }) => kind === 'default'))
      return child(statement, 'value');
    const assignment = statement.kind === 'expression_statement' ? childOfKind(statement, 'assignment_expression') : undefined;
    const left = assignment === undefined ? undefined : child(assignment, 'left');
    if (left !== undefined && /^module\.exports$/.test(source.slice(left.start, left.end))) return child(assignment as Syntax, 'right');
  }
  return undefined;
}

/** Calls beneath, in the order they are written; of a chain the whole, and nothing within one that is given. */
export function* callsIn(node: Syntax, source: string, isWanted: (call: Invocation) => boolean): Generator<Invocation> {
  let behind = -1;
  for (const one of descendants(node)) {
    if (one.kind !== 'call_expression' || one.start < behind) continue;
    const value = scriptValue(one, source);
    if (value.kind !== 'call' || !isWanted(value)) continue;
    behind = one.end;
    yield value;
  }
}
