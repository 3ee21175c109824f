/** Functions, types and values of all documents by name, so that a call can find what it calls. */
import type { Document, FunctionScope, TypeDeclaration } from '../document.ts';
import { type Driver, type Ecosystem, importsModule } from './drivers/driver.ts';
import { driversOf, ecosystemOf } from './drivers.ts';
import { isTestPath, lastName, typeName } from './paths.ts';
import type { Summary } from './summary.ts';

/** A function with a name. What else is known of it is in the document, which may have to be unpacked for it. */
export interface FunctionReference {
  readonly document: Document;
  readonly ecosystem: Ecosystem;
  readonly index: number;
  readonly name: string;
  readonly owner?: string | undefined;
}

/** Undefined where the document has no such function any more. */
export function scopeOf({ document, index }: FunctionReference): FunctionScope | undefined {
  return document.functions[index];
}

export interface WorkspaceIndex {
  /** Those in a language with calls. */
  readonly documents: readonly Document[];
  /** Whether a document holds tests, by its path beneath the folder that all documents share. */
  isTest(document: Document): boolean;
  /** Functions of an ecosystem by name; those of tests are left out. */
  functions(ecosystem: Ecosystem, name: string): readonly FunctionReference[];
  /** Methods of a class, with those of its pieces but not of its bases. */
  methods(ecosystem: Ecosystem, owner: string): readonly FunctionReference[];
  types(ecosystem: Ecosystem, name: string): readonly TypeDeclaration[];
  /** Names of the types that extend or implement a type directly. */
  derived(ecosystem: Ecosystem, base: string): readonly string[];
  /** Libraries imported anywhere. */
  drivers(ecosystem: Ecosystem): readonly Driver[];
  /** Documents an import of `module` written in `from` may mean. */
  modules(from: Summary, module: string): readonly Document[];
}

interface Part {
  readonly functions: Map<string, FunctionReference[]>;
  readonly methods: Map<string, FunctionReference[]>;
  readonly types: Map<string, TypeDeclaration[]>;
  readonly derived: Map<string, string[]>;
  readonly modules: Set<string>;
  /** By the last part of the path without its extension; the folder's name too, for packages. */
  readonly files: Map<string, Document[]>;
}

const nothing: readonly never[] = [];

export function buildIndex(documents: readonly Document[]): WorkspaceIndex {
  const known: Document[] = [];
  const parts = new Map<Ecosystem, Part>();
  const root = sharedFolder(documents).length;
  const isTest = (document: Document): boolean => isTestPath(document.path.slice(root));
  for (const document of flattened(documents)) {
    const ecosystem = ecosystemOf(document.language);
    if (ecosystem === undefined) continue;
    known.push(document);
    let part = parts.get(ecosystem);
    if (part === undefined) {
      part = { functions: new Map(), methods: new Map(), types: new Map(), derived: new Map(), modules: new Set(), files: new Map() };
      parts.set(ecosystem, part);
    }
    add(part, document, ecosystem, isTest(document));
  }
  const drivers = new Map<Ecosystem, readonly Driver[]>();
  return {
    documents: known,
    isTest,
    functions: (ecosystem, name) => parts.get(ecosystem)?.functions.get(name) ?? nothing,
    methods: (ecosystem, owner) => parts.get(ecosystem)?.methods.get(owner) ?? nothing,
    types: (ecosystem, name) => parts.get(ecosystem)?.types.get(name) ?? nothing,
    derived: (ecosystem, base) => parts.get(ecosystem)?.derived.get(base) ?? nothing,
    drivers(ecosystem) {
      let known = drivers.get(ecosystem);
      if (known === undefined) {
        const modules = [...(parts.get(ecosystem)?.modules ?? [])];
        known = driversOf[ecosystem].filter((driver) => driver.modules.length === 0 || imported(driver, modules));
        drivers.set(ecosystem, known);
      }
      return known;
    },
    modules: (from, module) => modulesOf(parts.get(from.ecosystem), from, module),
  };
}

export function imported(driver: Driver, modules: readonly string[]): boolean {
  return driver.modules.some((wanted) => modules.some((module) => importsModule(module, wanted)));
}

function* flattened(documents: readonly Document[]): Generator<Document> {
  for (const document of documents) {
    yield document;
    if (document.parts.length > 0) yield* flattened(document.parts);
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Kept with the document: the functions of a closed file are unpacked once for it, not with every keystroke elsewhere. */
const references = new WeakMap<Document, readonly FunctionReference[]>();
function referencesOf(document: Document, ecosystem: Ecosystem): readonly FunctionReference[] {
  let known = references.get(document);
  if (known === undefined) {
    const found: FunctionReference[] = [];
    for (const [index, { name, owner }] of document.functions.entries())
      if (name !== '<anonymous>') found.push({ document, ecosystem, index, name, owner });
    known = found;
    references.set(document, known);
  }
  return known;
}

function add(part: Part, document: Document, ecosystem: Ecosystem, test: boolean): void {
  for (const imports of document.imports) part.modules.add(imports.module);
  if (test) return;
  for (const reference of referencesOf(document, ecosystem)) {
    append(part.functions, reference.name, reference);
    if (reference.owner !== undefined) append(part.methods, lastName(typeName(reference.owner) ?? reference.owner), reference);
  }
  for (const type of document.types ?? []) {
    const name = lastName(typeName(type.name) ?? type.name);
    append(part.types, name, type);
    for (const base of type.bases) {
      const plain = typeName(base);
      if (plain !== undefined) append(part.derived, lastName(plain), name);
    }
  }
  const [folder, file] = pathNames(document.path);
  append(part.files, file, document);
  if (folder !== file) append(part.files, folder, document);
}

/** The folder all paths stand in, with its last slash: what is above the repository says nothing about it. */
function sharedFolder(documents: readonly Document[]): string {
  let shared: string | undefined;
  for (const { path } of documents) {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    if (shared === undefined) shared = folder;
    while (shared !== '' && !folder.startsWith(shared)) shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  }
  return shared ?? '';
}

/** The names of the folder and of the file, without the extension. */
function pathNames(path: string): readonly [string, string] {
  const pieces = path.split('/');
  const file = (pieces.pop() ?? '').replace(/\.(d\.)?\w+$/, '');
  return [pieces.pop() ?? '', file];
}

/**
 * Documents whose path ends as the module's does. `./db` and `../db` are followed from the importing file; for any other
 * module the last two names must fit (the last alone, where there is only one): `app.db.users`, `crate::store::users`, `@/lib/users`,
 * `example.com/shop/internal/store` (a folder: every file in it).
 */
function modulesOf(part: Part | undefined, from: Summary, module: string): readonly Document[] {
  if (part === undefined) return nothing;
  const names = module
    .replace(/\.(js|ts|mjs|cjs|jsx|tsx)$/, '')
    .split(/::|[/.]/)
    .filter((name) => name !== '' && name !== 'crate' && name !== 'super' && name !== 'self' && name !== '@' && name !== '~');
  const last = names.at(-1);
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  if (last === undefined)
    return (part.files.get(lastName(folderOf(from.document.path).replaceAll('/', '.'))) ?? nothing).filter(
      (each) => folderOf(each.path) === folderOf(from.document.path),
    );
  const found: Document[] = [];
  const before = names.at(-2);
  for (const each of part.files.get(last) ?? nothing) {
    const pieces = each.path.replace(/\.(d\.)?\w+$/, '').split('/');
    const at = pieces.at(-1) === last ? pieces.length - 1 : pieces.length - 2;
    if (from.ecosystem === 'go' && at !== pieces.length - 2) continue;
    // A package's own file (`__init__`, `index`, `mod`) or a file in it.
    if (
      before === undefined ||
      pieces[at - 1] === before ||
      module.startsWith('.') ||
      from.ecosystem === 'script' ||
      from.ecosystem === 'rust'
    )
      found.push(each);
  }
  return found;
}
