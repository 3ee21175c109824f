/** Which functions of the repository a call may run. */
import type { Call, FunctionScope } from '../document.ts';
import type { Origins } from './origins.ts';
import { lastName, segments, typeName, wordsOf } from './paths.ts';
import { ownerOf, type Summary, scopesFrom } from './summary.ts';
import { type FunctionReference, scopeOf, type WorkspaceIndex } from './workspace-index.ts';

/**
 * `some`: which of the functions runs is known by name and type, or each of them stands for the others (an override, an
 * implementation). `all`: they merely share a name, so that only what all of them do may be said.
 */
export interface Targets {
  readonly functions: readonly FunctionReference[];
  readonly agree: 'some' | 'all';
}
const nowhere: Targets = { functions: [], agree: 'all' };
/** A name that more classes than this have says nothing. */
const mostOwners = 6;

export function targetsOf(summary: Summary, index: number, workspace: WorkspaceIndex, origins: Origins): Targets {
  const call = summary.document.calls[index];
  if (call === undefined) return nowhere;
  const name = lastName(summary.paths[index] ?? '') || call.name;
  if (workspace.functions(summary.ecosystem, name).length === 0) return nowhere;
  return call.receiver === undefined
    ? plainTargets(summary, call, name, workspace)
    : methodTargets(summary, index, call, name, workspace, origins);
}

function plainTargets(summary: Summary, call: Call, name: string, workspace: WorkspaceIndex): Targets {
  const { document, ecosystem } = summary;
  const all = workspace.functions(ecosystem, name).filter((each) => each.owner === undefined);
  if (all.length === 0) return nowhere;
  // A parameter or local closure of that name hides every function.
  for (const [, scope] of scopesFrom(document, call.function))
    if (scope.parameters.some((parameter) => parameter.name === name)) return nowhere;
  const here = all.filter((each) => each.document.path === document.path);
  if (here.length > 0) return { functions: here.slice(-1), agree: 'some' };
  const folder = document.path.slice(0, document.path.lastIndexOf('/'));
  if (ecosystem === 'go') {
    const found = all.filter((each) => each.document.path.slice(0, each.document.path.lastIndexOf('/')) === folder);
    return found.length === 0 ? nowhere : { functions: found, agree: 'some' };
  }
  for (const imports of document.imports) {
    for (const [original, local] of imports.names) {
      if (local !== name && !(original === '*' && (local === '' || local === '*'))) continue;
      const named = local === name ? workspace.functions(ecosystem, original).filter((each) => each.owner === undefined) : all;
      const homes = workspace.modules(summary, imports.module);
      const found = named.filter((each) => homes.includes(each.document));
      if (found.length > 0) return { functions: found, agree: found.length === 1 ? 'some' : 'all' };
      // Re-exported: the only function of that name is meant.
      if (local === name && named.length > 0 && named.length <= 2 && !external(summary, imports.module))
        return { functions: named, agree: 'all' };
    }
  }
  return ecosystem === 'rust' && all.length === 1 ? { functions: all, agree: 'some' } : nowhere;
}

/** Whether an import cannot lead to a file of the repository. */
function external(summary: Summary, module: string): boolean {
  if (module.startsWith('.') || module.startsWith('@/') || module.startsWith('~') || module.startsWith('#')) return false;
  if (summary.ecosystem === 'rust') return !/^(crate|super|self)\b/.test(module);
  return summary.ecosystem === 'script' ? !/^@[\w-]+\/(?!.*node_modules)/.test(module) : false;
}

function methodTargets(summary: Summary, index: number, call: Call, name: string, workspace: WorkspaceIndex, origins: Origins): Targets {
  const { ecosystem } = summary;
  const path = summary.paths[index] ?? '';
  const parts = segments(path);
  parts.pop();
  const root = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  // `Type::method`, `Type.method`.
  if (call.chain === undefined && /^[A-Z]/.test(last) && workspace.methods(ecosystem, last).length > 0) {
    const found = methodsOf(ecosystem, last, name, workspace, 0);
    if (found.length > 0) return { functions: found, agree: 'some' };
  }
  const own = root === 'Self' && parts.length === 1 ? ownerOf(summary.document, call.function) : undefined;
  if (own !== undefined) {
    const found = methodsOf(ecosystem, lastName(typeName(own) ?? own), name, workspace, 0);
    if (found.length > 0) return { functions: found, agree: 'some' };
  }
  if (call.chain === undefined) {
    const module = moduleTargets(summary, parts, name, workspace);
    if (module.length > 0) return { functions: module, agree: module.length === 1 ? 'some' : 'all' };
  }
  const origin = origins.receiver(summary, index);
  if (origin !== undefined && origin.kind !== 'type') return nowhere;
  if (origin?.kind === 'type') {
    const found = dispatch(summary, origin.name, name, workspace);
    if (found.length > 0) return { functions: found.filter((each) => fits(each, call, summary)), agree: 'some' };
    // Declared in the repository, and without that method: nothing is known of it.
    if (workspace.types(ecosystem, origin.name).some((type) => type.kind === 'class' && type.bases.length === 0 && type.fields.length > 0))
      return nowhere;
    if (workspace.types(ecosystem, origin.name).length === 0) return nowhere;
  }
  return byName(summary, call, name, last, workspace);
}

/** `users.load(id)` where `users` is an imported module, `store.New()` where it is a package, `module::load(id)`. */
function moduleTargets(summary: Summary, parts: readonly string[], name: string, workspace: WorkspaceIndex): readonly FunctionReference[] {
  const { document, ecosystem } = summary;
  const qualifier = parts.at(-1);
  if (qualifier === undefined || qualifier === 'self' || qualifier === 'this') return [];
  const all = workspace.functions(ecosystem, name).filter((each) => each.owner === undefined);
  if (all.length === 0) return [];
  for (const imports of document.imports) {
    const tail = imports.module.split(/::|[/.]/).at(-1);
    const alias = imports.names.find(([original, local]) => local === qualifier || (original === '*' && local === qualifier));
    if (alias === undefined && !(ecosystem === 'go' && tail === qualifier)) continue;
    const [original] = alias ?? ['*', qualifier];
    const separator = ecosystem === 'rust' ? '::' : ecosystem === 'python' ? '.' : '/';
    const modules = original === '*' ? [imports.module] : [`${imports.module}${separator}${original}`, imports.module];
    for (const module of modules) {
      const homes = workspace.modules(summary, module);
      const found = all.filter((each) => homes.includes(each.document));
      if (found.length > 0) return found;
    }
  }
  if (ecosystem === 'rust') {
    const homes = workspace.modules(summary, parts.join('::'));
    return all.filter((each) => homes.includes(each.document));
  }
  return [];
}

/** The method of a type, of its bases, of what implements or extends it. */
function dispatch(summary: Summary, type: string, name: string, workspace: WorkspaceIndex): FunctionReference[] {
  const { ecosystem } = summary;
  const own = methodsOf(ecosystem, type, name, workspace, 0);
  const derived = derivedMethods(ecosystem, type, name, workspace, 0);
  if (own.length > 0 || derived.length > 0) return [...own, ...derived];
  // Go and TypeScript: what has the methods of an interface implements it.
  const declared = workspace.types(ecosystem, type).find((each) => each.kind === 'interface');
  if (declared === undefined || !promises(summary, type, name, workspace, 0)) return [];
  const owners = new Map<string, FunctionReference>();
  for (const each of workspace.functions(ecosystem, name))
    if (each.owner !== undefined) owners.set(lastName(typeName(each.owner) ?? each.owner), each);
  const wanted = declared.methods.map((method) => method.name);
  const found: FunctionReference[] = [];
  for (const [owner, method] of owners) {
    const has = new Set(workspace.methods(ecosystem, owner).map((each) => each.name));
    const shared = wanted.filter((each) => has.has(each)).length;
    // Some of an interface's methods may come from what is embedded.
    if (wanted.length === 0 || shared * 2 > wanted.length) found.push(method);
  }
  return found;
}

function promises(summary: Summary, type: string, name: string, workspace: WorkspaceIndex, turn: number): boolean {
  if (turn > 3) return false;
  return workspace.types(summary.ecosystem, type).some(
    (each) =>
      each.methods.some((method) => method.name === name) ||
      each.bases.some((base) => {
        const plain = typeName(base);
        return plain !== undefined && promises(summary, lastName(plain), name, workspace, turn + 1);
      }),
  );
}

function methodsOf(
  ecosystem: Summary['ecosystem'],
  type: string,
  name: string,
  workspace: WorkspaceIndex,
  turn: number,
): FunctionReference[] {
  const own = workspace.methods(ecosystem, type).filter((each) => each.name === name);
  if (own.length > 0 || turn > 4) return own;
  for (const declaration of workspace.types(ecosystem, type)) {
    for (const base of declaration.bases) {
      const plain = typeName(base);
      if (plain === undefined || lastName(plain) === type) continue;
      const found = methodsOf(ecosystem, lastName(plain), name, workspace, turn + 1);
      if (found.length > 0) return found;
    }
  }
  return own;
}

function derivedMethods(
  ecosystem: Summary['ecosystem'],
  type: string,
  name: string,
  workspace: WorkspaceIndex,
  turn: number,
): FunctionReference[] {
  if (turn > 3) return [];
  return workspace
    .derived(ecosystem, type)
    .flatMap((derived) => [
      ...workspace.methods(ecosystem, derived).filter((each) => each.name === name),
      ...derivedMethods(ecosystem, derived, name, workspace, turn + 1),
    ])
    .slice(0, 20);
}

/**
 * The receiver is unknown: methods of that name whose class the receiver is named after, or, for a name of two words or more
 * that few classes have, all of them.
 */
function byName(summary: Summary, call: Call, name: string, receiver: string, workspace: WorkspaceIndex): Targets {
  const all = workspace.functions(summary.ecosystem, name).filter((each) => each.owner !== undefined && fits(each, call, summary));
  if (all.length === 0) return nowhere;
  const words = wordsOf(receiver);
  const named = all.filter((each) => {
    const owner = wordsOf(lastName(typeName(each.owner) ?? ''));
    return words.length > 0 && words.every((word) => owner.some((one) => one === word || one === `${word}s` || `${one}s` === word));
  });
  if (named.length > 0 && wordsOf(receiver).join('').length >= 3 && new Set(named.map((each) => each.owner)).size <= 2)
    return { functions: named, agree: 'all' };
  const owners = new Set(all.map((each) => each.owner));
  return wordsOf(name).length >= 2 && name.length >= 8 && owners.size <= mostOwners ? { functions: all, agree: 'all' } : nowhere;
}

/** Go and Rust call with exactly as many arguments as there are parameters; elsewhere with no more of them. */
function fits(target: FunctionReference, call: Call, summary: Summary): boolean {
  const parameters = parametersOf(target);
  if (parameters.some((parameter) => parameter.type?.startsWith('...') === true || /^(\*|\.\.\.)/.test(parameter.name))) return true;
  if (summary.ecosystem !== 'go' && summary.ecosystem !== 'rust') {
    // An object literal is one argument with an entry for each key.
    const positional = call.arguments.filter((argument) => argument.name === undefined).length;
    return positional <= parameters.length;
  }
  if (call.arguments.some((argument) => argument.name !== undefined)) return true;
  return parameters.length === call.arguments.length;
}

/** Without the receiver. */
export function parametersOf(target: FunctionReference): FunctionScope['parameters'] {
  const { ecosystem, owner } = target;
  const parameters = scopeOf(target)?.parameters ?? [];
  if (ecosystem === 'go' && owner !== undefined) return parameters.slice(1);
  return parameters.filter((parameter) => !/^(&\s*)?('\w+\s+)?(mut\s+)?(self|cls|this)$/.test(parameter.name));
}
