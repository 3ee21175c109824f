/** What is known of one database, cache or network library: how to tell that a call goes through it. */
import type { Reach } from '../../facts.ts';

export type ReachKind = Reach['kind'];
/** Languages that share their libraries. */
export type Ecosystem = 'python' | 'script' | 'go' | 'rust';

export interface Driver {
  readonly id: string;
  /** Import paths that bring it in: the whole path, or a prefix of it followed by `/`, `.` or `::`. */
  readonly modules: readonly string[];
  /** The database runs in the process (SQLite). */
  readonly inProcess?: true;
  /** Declared types of a value one calls it on, generics and paths left out. */
  readonly types?: RegExp;
  /** Called expressions whose result is such a value. */
  readonly makers?: RegExp;
  /** Called expressions and attributes that are enough anywhere in a repository that uses the library: `User.objects`, `db.session`. */
  readonly signs?: RegExp;
  /** What one gets by iterating a query or asking it for one row: objects that are saved and deleted one at a time. */
  readonly element?: Driver;
  /**
   * Last name of a receiver that is such a value by convention. Only evidence beside an import of the library
   * in the same file.
   */
  readonly receivers?: RegExp;
  /** Methods that make one round trip. */
  readonly methods: Readonly<Record<string, ReachKind>>;
  /** Methods so particular to it that an import anywhere in the repository is evidence enough. */
  readonly distinctive?: Readonly<Record<string, ReachKind>>;
  /** Whole called expressions that make one: `requests.get`, `fetch`. */
  readonly functions?: Readonly<Record<string, ReachKind>>;
  /** Called expressions whose result only collects calls, to send them together: a pipeline, a batch. */
  readonly queues?: RegExp;
  /** The methods are called on a query that is being built, and are given the connection: how that argument is written. */
  readonly given?: RegExp;
  /**
   * Whether one handle serves several calls at once: always, or where it is written like this (a pool). Absent: it does
   * one thing at a time.
   */
  readonly shared?: true | RegExp;
  /** Method names are compared in lower case. */
  readonly fold?: true;
}

/** `of('query', 'get first', 'write', 'save')` -> `{ get: 'query', first: 'query', save: 'write' }`. */
export function of(...pairs: readonly string[]): Record<string, ReachKind> {
  const methods: Record<string, ReachKind> = Object.create(null);
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    for (const name of (pairs[at + 1] ?? '').split(/\s+/)) if (name !== '') methods[name] = pairs[at] as ReachKind;
  }
  return methods;
}

/** Whether an import path brings a module in. */
export function importsModule(path: string, module: string): boolean {
  if (path === module) return true;
  if (!path.startsWith(module)) return false;
  const next = path.charCodeAt(module.length);
  return next === 47 || next === 46 || next === 58; // `/`, `.`, `:`
}
