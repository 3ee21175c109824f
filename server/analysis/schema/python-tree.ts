/** What the readers of Python's tools look for in a module. */
import { child, childOfKind, descendants, namedChildren, type Syntax } from '../readers/host/syntax.ts';
import { pythonValue } from './python-value.ts';
import type { Value } from './value.ts';

/** The statements of a module or of a block. */
export function statementsOf(node: Syntax): readonly Syntax[] {
  return namedChildren(node).flatMap((one) => (one.kind === 'decorated_definition' ? (child(one, 'definition') ?? one) : one));
}

/** `name = value` and `name: type = value` of a block, the last one of each name. */
export function assignmentsOf(block: Syntax, source: string): ReadonlyMap<string, Syntax> {
  const found = new Map<string, Syntax>();
  for (const statement of statementsOf(block)) {
    const assignment = statement.kind === 'expression_statement' ? childOfKind(statement, 'assignment') : undefined;
    const left = assignment === undefined ? undefined : child(assignment, 'left');
    const right = assignment === undefined ? undefined : child(assignment, 'right');
    if (left?.kind === 'identifier' && right !== undefined) found.set(source.slice(left.start, left.end), right);
  }
  return found;
}

export function functionNamed(module: Syntax, name: string, source: string): Syntax | undefined {
  return statementsOf(module).find((one) => {
    const named = one.kind === 'function_definition' ? child(one, 'name') : undefined;
    return named !== undefined && source.slice(named.start, named.end) === name;
  });
}

export interface PythonClass {
  readonly name: string;
  readonly nameNode: Syntax;
  readonly bases: readonly Value[];
  readonly body: Syntax;
}
export function classesOf(module: Syntax, source: string): readonly PythonClass[] {
  return statementsOf(module).flatMap((one): PythonClass[] => {
    const nameNode = one.kind === 'class_definition' ? child(one, 'name') : undefined;
    const body = child(one, 'body');
    if (nameNode === undefined || body === undefined) return [];
    const list = child(one, 'superclasses');
    const bases = list === undefined ? [] : namedChildren(list).map((base) => pythonValue(base, source));
    return [{ name: source.slice(nameNode.start, nameNode.end), nameNode, bases, body }];
  });
}

/** Every call beneath, outer ones first, in the order they are written; without those that are arguments of another given one. */
export function* callsIn(
  node: Syntax,
  source: string,
  isWanted: (call: Extract<Value, { kind: 'call' }>) => boolean,
): Generator<Extract<Value, { kind: 'call' }>> {
  let behind = -1;
  for (const one of descendants(node)) {
    if (one.kind !== 'call' || one.start < behind) continue;
    const value = pythonValue(one, source);
    if (value.kind !== 'call' || !isWanted(value)) continue;
    behind = one.end;
    yield value;
  }
}
