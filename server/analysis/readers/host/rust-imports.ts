/** `use` declarations, their trees taken apart: one entry for each path that names are taken from. */
import type { ImportedName } from '../../document.ts';
import { text } from './language.ts';
import { child, namedChildren, type Syntax } from './syntax.ts';

export function importsOf(node: Syntax, source: string): ImportedName[] {
  const found = new Map<string, [string, string][]>();
  const add = (module: string, name: string, local: string) => {
    const names = found.get(module);
    if (names === undefined) found.set(module, [[name, local]]);
    else names.push([name, local]);
  };
  const tree = child(node, 'argument');
  const open: { readonly node: Syntax; readonly path: string }[] = tree === undefined ? [] : [{ node: tree, path: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node: one, path } = next;
    const join = (part: string) => (path === '' ? part : `${path}::${part}`).replace(/\s+/g, '');
    if (one.kind === 'scoped_use_list' || one.kind === 'use_list') {
      const prefix = one.kind === 'use_list' ? undefined : text(child(one, 'path'), source);
      const list = one.kind === 'use_list' ? one : child(one, 'list');
      const inside = prefix === undefined ? path : join(prefix);
      for (const part of list === undefined ? [] : namedChildren(list).reverse()) open.push({ node: part, path: inside });
      continue;
    }
    const alias = one.kind === 'use_as_clause' ? text(child(one, 'alias'), source) : undefined;
    const target = one.kind === 'use_as_clause' ? text(child(one, 'path'), source) : text(one, source);
    const full = target === 'self' ? path : join(target ?? '');
    const at = full.lastIndexOf('::');
    // `use rusqlite;` takes the whole crate.
    if (at < 0) add(full, '*', alias ?? full);
    else add(full.slice(0, at), full.slice(at + 2), alias ?? full.slice(at + 2));
  }
  const span = { start: node.start, end: node.end };
  return [...found].map(([module, names]) => ({ module, names, span }));
}
