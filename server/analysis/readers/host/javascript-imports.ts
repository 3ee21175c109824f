/** Imports of JavaScript and TypeScript: import, export … from, require. */
import type { ImportedName } from '../../document.ts';
import { text } from './language.ts';
import { child, childOfKind, namedChildren, type Syntax } from './syntax.ts';

function moduleOf(node: Syntax | undefined, source: string): string | undefined {
  return node?.kind === 'string' ? source.slice(node.start + 1, Math.max(node.start + 1, node.end - 1)) : undefined;
}

export function importsOf(node: Syntax, source: string): ImportedName[] {
  const module = moduleOf(child(node, 'source'), source) ?? moduleOf(sourceOfRequire(node), source);
  if (module === undefined) return [];
  const names: [string, string][] = [];
  const clause = childOfKind(node, 'import_clause') ?? node;
  for (const one of clause.children) {
    if (one.kind === 'identifier') names.push(['default', source.slice(one.start, one.end)]);
    else if (one.kind === 'namespace_import') {
      const local = text(namedChildren(one)[0], source);
      if (local !== undefined) names.push(['*', local]);
    } else if (one.kind === 'named_imports' || one.kind === 'export_clause') {
      for (const part of namedChildren(one)) {
        const name = text(child(part, 'name'), source);
        if (name !== undefined) names.push([name, text(child(part, 'alias'), source) ?? name]);
      }
    }
  }
  return [{ module, names, span: { start: node.start, end: node.end } }];
}

/** The old form that TypeScript has for CommonJS modules, with an equals sign. */
function sourceOfRequire(node: Syntax): Syntax | undefined {
  const clause = childOfKind(node, 'import_require_clause');
  return clause && child(clause, 'source');
}

/** Modules bound by a declaration: `require`, a member of it, and the dynamic import that is awaited. */
export function requireOf(node: Syntax, source: string): ImportedName[] {
  let value = child(node, 'value');
  if (value?.kind === 'await_expression') value = namedChildren(value)[0];
  let member: string | undefined;
  if (value?.kind === 'member_expression') {
    member = text(child(value, 'property'), source);
    value = child(value, 'object');
  }
  const called = value?.kind === 'call_expression' ? child(value, 'function') : undefined;
  if (value === undefined || called === undefined || !/^(?:require|import)$/.test(text(called, source) ?? '')) return [];
  const list = child(value, 'arguments');
  const module = moduleOf(list && namedChildren(list)[0], source);
  const target = child(node, 'name');
  if (module === undefined || target === undefined) return [];
  const names: [string, string][] = [];
  if (target.kind === 'identifier') names.push([member ?? '*', source.slice(target.start, target.end)]);
  for (const one of target.kind === 'object_pattern' ? namedChildren(target) : []) {
    const name = one.kind === 'pair_pattern' ? text(child(one, 'key'), source) : text(one, source);
    const local = one.kind === 'pair_pattern' ? text(child(one, 'value'), source) : name;
    if (name !== undefined && local !== undefined) names.push([name, local]);
  }
  return [{ module, names, span: { start: node.start, end: node.end } }];
}
