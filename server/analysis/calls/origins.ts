/**
 * Where a value comes from: a library's handle (a connection, a session, a query being built), a type of the repository, or
 * nothing that is known. It is read off declared types, constructors, fields and imports; never off a name alone.
 */
import type { Document } from '../document.ts';
import { createRecent } from '../recent.ts';
import type { Driver } from './drivers/driver.ts';
import { driversOf } from './drivers.ts';
import { lastName, namePath, segments, typeName } from './paths.ts';
import { ownerOf, type Summary, scopesFrom, summaryOf } from './summary.ts';
import { type FunctionReference, imported, scopeOf, type WorkspaceIndex } from './workspace-index.ts';

export type Origin =
  | { readonly kind: 'driver'; readonly driver: Driver }
  /** Collects calls and sends them together. */
  | { readonly kind: 'queue' }
  | { readonly kind: 'type'; readonly name: string; readonly written?: string }
  /** Rows and other plain values that a library answered with. */
  | { readonly kind: 'plain' };

const plain: Origin = { kind: 'plain' };
const queue: Origin = { kind: 'queue' };
const deepest = 8;

export interface Origins {
  /** Of what a call's method is called on. */
  receiver(summary: Summary, call: number): Origin | undefined;
  /** Of a call's result. */
  result(summary: Summary, call: number): Origin | undefined;
  /** Of an expression written in a function, as it is before an offset. */
  expression(summary: Summary, text: string, scope: number | undefined, before: number): Origin | undefined;
  /** Libraries a document imports itself. */
  local(summary: Summary): readonly Driver[];
}

/** `targets` finds the functions a call may run; it is handed in because finding them needs origins in turn. */
export function buildOrigins(index: WorkspaceIndex, targets: (summary: Summary, call: number) => readonly FunctionReference[]): Origins {
  const imports = new WeakMap<Document, readonly Driver[]>();
  const results = createRecent(256, (_: Document) => new Map<number, Origin | undefined>());
  const elements = createRecent(256, (_: Document) => new Map<number, Origin | undefined>());
  let depth = 0;

  function local(summary: Summary): readonly Driver[] {
    let known = imports.get(summary.document);
    if (known === undefined) {
      const modules = summary.document.imports.map((each) => each.module);
      // `require('knex')({ … })` binds no module.
      for (const call of summary.document.calls) {
        const required = call.name.startsWith('require(') ? /^require\(\s*['"`]([^'"`]+)/.exec(call.name)?.[1] : undefined;
        if (required !== undefined) modules.push(required);
      }
      known = driversOf[summary.ecosystem].filter((driver) => driver.modules.length === 0 || imported(driver, modules));
      imports.set(summary.document, known);
    }
    return known;
  }

  function fromType(summary: Summary, text: string | undefined): Origin | undefined {
    const name = typeName(text);
    if (name === undefined) return undefined;
    for (const driver of local(summary)) if (driver.types?.test(name)) return { kind: 'driver', driver };
    if (index.types(summary.ecosystem, lastName(name)).length > 0 || index.methods(summary.ecosystem, lastName(name)).length > 0)
      return { kind: 'type', name: lastName(name) };
    if (/Pipeliner?$|^pgx\.Batch$|Pipeline$/.test(name)) return queue;
    // A type of the library that the file knows under a name imported from elsewhere.
    for (const driver of index.drivers(summary.ecosystem))
      if (driver.types?.test(name) && /[A-Z]\w{5}|[.:]/.test(name)) return { kind: 'driver', driver };
    return { kind: 'type', name: lastName(name), written: name };
  }

  function result(summary: Summary, call: number): Origin | undefined {
    const memo = results(summary.document);
    if (memo.has(call)) return memo.get(call);
    if (depth > deepest) return undefined;
    memo.set(call, undefined);
    depth++;
    const found = resultOf(summary, call);
    depth--;
    memo.set(call, found);
    return found;
  }

  function resultOf(summary: Summary, callIndex: number): Origin | undefined {
    const call = summary.document.calls[callIndex];
    const path = summary.paths[callIndex];
    if (call === undefined || path === undefined) return undefined;
    const drivers = local(summary);
    for (const driver of drivers) if (driver.queues?.test(path)) return queue;
    const on = call.receiver === undefined ? undefined : receiver(summary, callIndex);
    if (on?.kind === 'queue') return queue;
    if (on?.kind === 'driver') {
      if (on.driver.queues?.test(path)) return queue;
      if (methodKind(on.driver, call.name) !== undefined && !on.driver.makers?.test(path)) return elementOf(on.driver);
      return on;
    }
    if (on?.kind === 'plain') return plain;
    for (const driver of drivers) if (makes(driver, path)) return { kind: 'driver', driver };
    const name = lastName(path);
    if (on === undefined && (index.types(summary.ecosystem, name).length > 0 || /^[A-Z]/.test(name)) && summary.ecosystem !== 'go') {
      if (summary.ecosystem !== 'rust' && index.methods(summary.ecosystem, name).length > 0) return { kind: 'type', name };
    }
    const known = signed(summary, path);
    if (known !== undefined) return known;
    for (const target of targets(summary, callIndex)) {
      const returns = scopeOf(target)?.returns;
      if (returns !== undefined) {
        const named = typeName(returns);
        if (named === 'Self') {
          const { owner } = target;
          return owner === undefined ? undefined : { kind: 'type', name: lastName(typeName(owner) ?? owner) };
        }
        return fromType(summaryOf(target.document) ?? summary, returns);
      }
    }
    // A method that an interface promises.
    if (on?.kind === 'type') {
      for (const type of index.types(summary.ecosystem, on.name)) {
        const method = type.methods.find((each) => each.name === call.name);
        if (method?.returns !== undefined) return fromType(summary, method.returns);
      }
    }
    // Rust: `Store::open(..)` without a known target is most likely a constructor.
    const parts = segments(path);
    const owner = parts.at(-2);
    if (
      summary.ecosystem === 'rust' &&
      owner !== undefined &&
      /^(new|open|connect|default|create|from_\w+|with_\w+)$/.test(call.name) &&
      index.methods('rust', owner).length > 0
    )
      return { kind: 'type', name: owner };
    return undefined;
  }

  function receiver(summary: Summary, callIndex: number): Origin | undefined {
    const call = summary.document.calls[callIndex];
    if (call?.receiver === undefined) return undefined;
    if (call.chain !== undefined) {
      const before = summary.document.calls[call.chain];
      const path = summary.paths[callIndex] ?? '';
      const chained = summary.paths[call.chain] ?? '';
      // Fields between the two calls: `open().conn.execute()`.
      const rest = segments(path.startsWith(chained) ? path.slice(chained.length) : '').filter((name) => name !== '');
      rest.pop();
      const origin = before === undefined ? undefined : result(summary, call.chain);
      return rest.length === 0 ? origin : follow(summary, origin, rest);
    }
    const path = summary.paths[callIndex] ?? '';
    const on = path.slice(0, Math.max(0, path.length - call.name.length)).replace(/[.:]+$/, '');
    return on === '' ? undefined : expression(summary, on, call.function, call.span.start);
  }

  function expression(summary: Summary, text: string, scope: number | undefined, before: number): Origin | undefined {
    if (depth > deepest) return undefined;
    depth++;
    try {
      const names = segments(namePath(text));
      const root = names.shift();
      if (root === undefined) return undefined;
      return follow(summary, rootOrigin(summary, root, scope, before), names, root);
    } finally {
      depth--;
    }
  }

  /** Enough in any file, as long as the repository uses the library at all. */
  function signed(summary: Summary, path: string): Origin | undefined {
    for (const driver of index.drivers(summary.ecosystem)) if (driver.signs?.test(path)) return { kind: 'driver', driver };
    return undefined;
  }

  /** Fields from an origin on; a handle's attributes are handles. */
  function follow(summary: Summary, from: Origin | undefined, names: readonly string[], root = ''): Origin | undefined {
    let origin = from;
    let owner = root;
    for (const name of names) {
      const text = `${owner}.${name}`;
      if (origin?.kind === 'type') origin = signed(summary, text) ?? fieldOrigin(summary, origin.name, name, 0);
      else if (origin === undefined) {
        const driver = local(summary).find((each) => makes(each, text));
        origin = driver === undefined ? signed(summary, text) : { kind: 'driver', driver };
      }
      owner = owner === '' ? name : `${owner}.${name}`;
    }
    return origin;
  }

  function fieldOrigin(summary: Summary, type: string, name: string, turn: number): Origin | undefined {
    for (const declaration of index.types(summary.ecosystem, type)) {
      const field = declaration.fields.find((each) => each.name === name);
      const home = homeOf(declaration) ?? summary;
      if (field?.type !== undefined) return fromType(home, field.type);
      if (field?.value !== undefined) {
        const found = valueOrigin(home, field.value);
        if (found !== undefined) return found;
      }
    }
    if (turn < 4) {
      for (const declaration of index.types(summary.ecosystem, type)) {
        for (const base of declaration.bases) {
          const plainBase = typeName(base);
          if (plainBase === undefined || lastName(plainBase) === type) continue;
          // An embedded Go struct is a field under its own name, too.
          if (lastName(plainBase) === name) return fromType(summary, base);
          const found = fieldOrigin(summary, lastName(plainBase), name, turn + 1);
          if (found !== undefined) return found;
        }
      }
    }
    return undefined;
  }

  const homes = new WeakMap<object, Document>();
  let housed = false;
  function homeOf(declaration: object): Summary | undefined {
    if (!housed) {
      housed = true;
      for (const each of index.documents) for (const type of each.types ?? []) homes.set(type, each);
    }
    const home = homes.get(declaration);
    return home === undefined ? undefined : summaryOf(home);
  }

  /** `Database(path)`, `new Redis(url)`, `sqlite3.connect(path)` as the text of an initial value. */
  function valueOrigin(summary: Summary, text: string): Origin | undefined {
    const path = namePath(text.replace(/\(([\s\S]*)$/, ''));
    // `self.db = db`: what the module has under that name.
    if (!text.includes('(')) return /^[\w.]+$/.test(text) ? expression(summary, text, undefined, Number.POSITIVE_INFINITY) : undefined;
    for (const driver of local(summary)) if (makes(driver, path)) return { kind: 'driver', driver };
    const name = lastName(path);
    return index.methods(summary.ecosystem, name).length > 0 ? { kind: 'type', name } : undefined;
  }

  function rootOrigin(summary: Summary, root: string, scope: number | undefined, before: number): Origin | undefined {
    const { document } = summary;
    if (root === 'self' || root === 'this' || root === 'cls') {
      const owner = ownerOf(document, scope);
      return owner === undefined ? undefined : { kind: 'type', name: lastName(typeName(owner) ?? owner) };
    }
    for (const [, each] of scopesFrom(document, scope)) {
      const parameter = each.parameters.find((one) => one.name.replace(/^[*&]+/, '') === root);
      if (parameter === undefined) continue;
      if (parameter.type !== undefined) return fromType(summary, parameter.type === 'Self' ? (each.owner ?? '') : parameter.type);
      // A closure's parameter may be what a loop hands it.
      if (each.name !== '<anonymous>') return undefined;
      break;
    }
    const looped = loopOrigin(summary, root, scope, before);
    if (looped !== undefined) return looped;
    const around = new Set<number | undefined>([undefined]);
    for (const [at] of scopesFrom(document, scope)) around.add(at);
    let best: number | undefined;
    for (const call of summary.bound.get(root) ?? []) {
      const each = document.calls[call];
      if (each === undefined || !around.has(each.function)) continue;
      if (each.span.start < before || each.function === undefined) best = call;
    }
    if (best !== undefined) return result(summary, best);
    for (const driver of local(summary)) if (makes(driver, root)) return { kind: 'driver', driver };
    return importedValue(summary, root) ?? (index.methods(summary.ecosystem, root).length > 0 ? { kind: 'type', name: root } : undefined);
  }

  /** A loop's variable: what the collection holds. Only iterated queries of a library tell. */
  function loopOrigin(summary: Summary, root: string, scope: number | undefined, before: number): Origin | undefined {
    const { document } = summary;
    let innermost: number | undefined;
    for (const at of summary.loopsOf.get(root) ?? []) {
      const span = document.loops[at]?.span;
      if (span !== undefined && before >= span.start && before < span.end) innermost = at;
    }
    if (innermost === undefined) return undefined;
    const memo = elements(document);
    if (!memo.has(innermost)) {
      memo.set(innermost, undefined);
      memo.set(innermost, elementOrigin(summary, innermost, root, scope));
    }
    return memo.get(innermost);
  }

  function elementOrigin(summary: Summary, at: number, root: string, scope: number | undefined): Origin | undefined {
    const loop = summary.document.loops[at];
    if (loop?.over === undefined || namePath(loop.over) === root) return undefined;
    for (const call of callsWithin(summary, loop.overSpan)) {
      const origin = result(summary, call);
      if (origin !== undefined) return origin.kind === 'driver' ? elementOf(origin.driver) : origin;
    }
    const origin = expression(summary, loop.over, scope, loop.span.start);
    return origin?.kind === 'driver' ? elementOf(origin.driver) : origin;
  }

  /** The calls an expression consists of, the outermost first. */
  function callsWithin(summary: Summary, span: { readonly start: number; readonly end: number } | undefined): number[] {
    if (span === undefined) return [];
    const found: (readonly [number, number])[] = [];
    for (const [at, { span: each }] of summary.document.calls.entries()) {
      if (each.start >= span.start && each.end <= span.end) found.push([at, each.end - each.start]);
    }
    return found
      .sort((left, right) => right[1] - left[1])
      .slice(0, 6)
      .map(([at]) => at);
  }

  /** A value imported from another document of the repository: the call its module binds it to. */
  function importedValue(summary: Summary, root: string): Origin | undefined {
    for (const each of summary.document.imports) {
      for (const [original, alias] of each.names) {
        if (alias !== root || original === '*') continue;
        for (const document of index.modules(summary, each.module)) {
          const home = summaryOf(document);
          const bound = home?.bound.get(original)?.find((call) => document.calls[call]?.function === undefined);
          if (home !== undefined && bound !== undefined) return result(home, bound);
        }
      }
    }
    return undefined;
  }

  return { receiver, result, expression, local };
}

function makes(driver: Driver, path: string): boolean {
  return driver.makers?.test(path) === true || driver.signs?.test(path) === true;
}

/** A row of what the library answered with. */
function elementOf(driver: Driver): Origin {
  return driver.element === undefined ? plain : { kind: 'driver', driver: driver.element };
}

/** What a library's method of that name does; Redis commands are compared in lower case. */
export function methodKind(driver: Driver, name: string) {
  return driver.methods[driver.fold === true || driver.queues !== undefined ? name.toLowerCase() : name] ?? driver.distinctive?.[name];
}
