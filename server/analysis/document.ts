/** What a reader found in one file. Plain data: it crosses threads and is cached by content. */
import type { Declarations } from './schema/declaration.ts';
import type { Span } from './span.ts';
import type { Dialect, Statement } from './sql/statement.ts';

/**
 * Maps offsets of the SQL an engine is sent to offsets in the host file: ascending, each entry
 * says "from this SQL offset on, host = hostStart + (offset - sqlStart), at most hostEnd".
 * An escape or an interpolation is an entry of its own (`hostEnd - hostStart` differs from its length in the SQL).
 */
export interface OffsetSegment {
  readonly sqlStart: number;
  readonly hostStart: number;
  readonly hostEnd: number;
}

/** A host-language interpolation. `position` is where it stands; only `value` can become a bind parameter. */
export interface Hole {
  readonly span: Span;
  readonly position: 'value' | 'identifier' | 'fragment';
  /** The interpolated expression as written. */
  readonly text: string;
}

/** One SQL statement, wherever it was written. */
export interface Query {
  /**
   * The statement an engine can be asked about: literals decoded, holes in value position and
   * driver placeholders (`%s`, `?`, `:name`) rewritten to the engine's own parameters.
   */
  readonly sql: string;
  readonly segments: readonly OffsetSegment[];
  readonly dialect: Dialect;
  readonly statement: Statement;
  /** From the first to the last character of the statement in the host file. */
  readonly span: Span;
  /** The host expression or line that holds it (the call with its arguments, else the literal): comments above it apply to it. */
  readonly anchor: Span;
  readonly holes: readonly Hole[];
  /** False when an identifier or a fragment is interpolated, so that no engine can be asked. */
  readonly plannable: boolean;
  /** Placeholders in the order of their numbers, as written: `['%s', ':name']`. */
  readonly parameters: readonly string[];
  /** `file`: a `.sql` file or fence; `literal`: a string in code. */
  readonly from: 'file' | 'literal';
  /** Kept while the dialect is unknown: `withDialect` of sql/queries.ts makes the query anew for the one that is decided. */
  readonly source?: QuerySource | undefined;
  /** The name given by an annotation (`-- name: GetUser :one`) or by the constant that holds it. */
  readonly name?: string | undefined;
  /** In a migration, whether it runs on the way up or down. Only `up` builds the schema. */
  readonly direction?: 'up' | 'down' | undefined;
  /** In a `.sql` file: the statement stands in an explicit transaction, or its migration runs in one. */
  readonly inTransaction?: boolean | undefined;
  /**
   * It stands inside another statement, which comes before it in the document: the query of a view, a statement of a function or
   * procedure, of a DO block, of a trigger's body, of a rule; `wrapped`: what EXPLAIN, PREPARE, DECLARE or COPY names.
   */
  readonly within?: 'view' | 'routine' | 'block' | 'trigger' | 'rule' | 'wrapped' | undefined;
  /** Indexes into the document's lists. */
  readonly function?: number | undefined;
  readonly loop?: number | undefined;
  readonly call?: number | undefined;
}

/** A statement as written, before anything was rewritten for an engine. */
export interface QuerySource {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
  /** The interpolations: `at` and `length` are in the text, the span in the host file. */
  readonly holes: readonly {
    readonly at: number;
    readonly length: number;
    readonly hole: { readonly span: Span; readonly text: string };
  }[];
  /** `%s`, `%(name)s` and `%%` in it are the driver's. */
  readonly percentParameters: boolean;
  /** Its holes are variables of the function around it. */
  readonly valueHoles?: boolean | undefined;
}

/** A key and a value that tune a system: a PRAGMA, a SET, a config line, a driver option, a DSN parameter. */
export interface Setting {
  /** Which system it tunes. */
  readonly system: 'sqlite' | 'postgres' | 'redis' | 'linux' | 'nginx' | 'compose' | 'prometheus';
  /** Canonical: lower case, without schema (`cache_size`, `shared_buffers`). */
  readonly key: string;
  /** Without quotes; absent for a read such as `PRAGMA cache_size`. */
  readonly value?: string | undefined;
  /** True when the value is interpolated or computed: then its value is not known. */
  readonly dynamic: boolean;
  readonly form: 'pragma' | 'config' | 'set' | 'alter system' | 'alter table' | 'driver option' | 'dsn';
  readonly span: Span;
  readonly keySpan: Span;
  readonly valueSpan?: Span | undefined;
  readonly anchor: Span;
  /** A comment beside or just above it, without its sign. */
  readonly comment?: { readonly text: string; readonly span: Span } | undefined;
  readonly function?: number | undefined;
  readonly query?: number | undefined;
  /** The connection it is applied to, where that can be told. */
  readonly connection?: number | undefined;
}

export interface FunctionScope {
  /** As written; `<anonymous>` for closures and lambdas, `<module>` never appears (no index means top level). */
  readonly name: string;
  /** Class, impl type or Go receiver type. */
  readonly owner?: string | undefined;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly async: boolean;
  readonly parent?: number | undefined;
  readonly parameters: readonly { readonly name: string; readonly type?: string | undefined }[];
  /** Decorators, attributes and annotations as written: `app.get("/x")`, `lru_cache`. */
  readonly decorators: readonly string[];
  /** The declared result type, as written. */
  readonly returns?: string | undefined;
}

/**
 * A class, struct, interface or trait: how a call through a field or a result finds its target. A type that is
 * declared in pieces (a Rust struct and its `impl Trait for` blocks) has one entry for each.
 */
export interface TypeDeclaration {
  readonly kind: 'class' | 'interface';
  readonly name: string;
  /** Base classes, implemented traits and interfaces, embedded structs, as written. */
  readonly bases: readonly string[];
  /** `value` is the expression a field starts as (`relationship("Team")`), cut at 200 characters. */
  readonly fields: readonly { readonly name: string; readonly type?: string | undefined; readonly value?: string | undefined }[];
  /** Methods an interface or trait demands. */
  readonly methods: readonly { readonly name: string; readonly parameters: number; readonly returns?: string | undefined }[];
  readonly span: Span;
}

/** An attribute of a loop variable, or of what hangs on it, read inside the loop: `order.customer.name` reads `customer` and `name`. */
export interface AttributeRead {
  /** Before the last dot, as written: `order.customer`. */
  readonly receiver: string;
  readonly name: string;
  readonly span: Span;
  readonly loop: number;
  readonly function?: number | undefined;
}

export interface Loop {
  /**
   * `each`: over a collection; `counted`: three-part or range over numbers; `while`; `endless`:
   * `loop`, `while True`, `for {}`; `callback`: the function handed to map, forEach, iter().for_each …;
   * `comprehension`.
   */
  readonly kind: 'each' | 'counted' | 'while' | 'endless' | 'callback' | 'comprehension';
  readonly span: Span;
  /** From the keyword to the start of the body. */
  readonly header: Span;
  readonly body: Span;
  /** The iterated expression or the condition, as written. */
  readonly over?: string | undefined;
  readonly overSpan?: Span | undefined;
  /** Names bound anew in each turn. */
  readonly variables: readonly string[];
  /** `for await`, `async for`, `while let Some(x) = stream.next().await`: the rows of one statement, not one a turn. */
  readonly streaming: boolean;
  /** The collection is written out in the code: a literal, or a name bound to one. Its length is known and does not grow with the data. */
  readonly fixed?: boolean | undefined;
  /** Counts by more than one: each turn takes a piece of the collection. */
  readonly strided?: boolean | undefined;
  /** The iterations are started together (Promise.all, gather, join_all, goroutine, spawn). */
  readonly concurrent: boolean;
  /** The body leaves unconditionally, or after success, so that it is a retry or a search, not a pass over a collection. */
  readonly exit: 'none' | 'conditional' | 'always';
  readonly function?: number | undefined;
  readonly parent?: number | undefined;
}

export interface Argument {
  /** As written, cut at 200 characters. */
  readonly text: string;
  readonly span: Span;
  /** Keyword or object key, for `f(timeout=5)` and `f({ timeout: 5 })` (then one entry for each key, `path` joined by dots). */
  readonly name?: string | undefined;
  readonly kind: 'string' | 'number' | 'boolean' | 'identifier' | 'call' | 'function' | 'template' | 'other';
  /** Decoded, where `kind` is `string`, `number` or `boolean`. */
  readonly value?: string | undefined;
}
export interface Call {
  /**
   * The called expression as written without arguments and type arguments, spaces collapsed: `self.db.execute`, `sqlx::query`.
   * In a chain the earlier calls lose their brackets, and `await`, `?` and `!` are left out: `sqlx::query.bind.fetch_all`.
   */
  readonly callee: string;
  /** Its last name: `execute`. */
  readonly name: string;
  /** What stands before the last name: `self.db`; absent for a plain function. */
  readonly receiver?: string | undefined;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly arguments: readonly Argument[];
  readonly awaited: boolean;
  /** The name the result is bound to: `conn = sqlite3.connect(…)`, `with connect() as conn`. */
  readonly result?: string | undefined;
  /** The result is bound by `with`, `using`, `defer`: released at the end of the scope. */
  readonly scoped: boolean;
  /** Runs in a chain on the result of another call of this document: `sqlx::query(..).bind(..).fetch_all(..)`. */
  readonly chain?: number | undefined;
  readonly function?: number | undefined;
  readonly loop?: number | undefined;
}

/** A place that opens a connection, a pool or a client. */
export interface ConnectionSite {
  readonly engine: 'sqlite' | 'postgres' | 'redis' | 'unknown';
  /** `python:sqlite3`, `python:aiosqlite`, `node:better-sqlite3`, `go:mattn/go-sqlite3`, `rust:rusqlite` … */
  readonly driver: string;
  readonly pool: boolean;
  readonly call: number;
  /** The file or DSN, where it is a literal. */
  readonly target?: string | undefined;
}

export interface ImportedName {
  /** As written: `sqlite3`, `./db`, `github.com/jackc/pgx/v5`, `crate::store::Repo`. */
  readonly module: string;
  /** Imported names with their local names: `[['connect', 'open_db']]`; `['*', 'np']` for a whole module. */
  readonly names: readonly (readonly [string, string])[];
  readonly span: Span;
}

export interface Comment {
  readonly text: string;
  readonly span: Span;
}

/** Text that the format's own grammar does not take: the program that reads the file refuses it or passes over it. */
export interface RefusedText {
  /** `comment`: a comment in another language's sign; `syntax`: anything else. */
  readonly kind: 'comment' | 'syntax';
  readonly text: string;
  readonly span: Span;
  /** The line it stands in, without its end. */
  readonly line: Span;
}

export type LanguageId = string;

export interface Document {
  /** Absolute, forward slashes. */
  readonly path: string;
  readonly language: LanguageId;
  readonly lineStarts: readonly number[];
  readonly queries: readonly Query[];
  readonly settings: readonly Setting[];
  readonly functions: readonly FunctionScope[];
  readonly loops: readonly Loop[];
  readonly calls: readonly Call[];
  readonly connections: readonly ConnectionSite[];
  readonly imports: readonly ImportedName[];
  /** Absent where the reader does not look for them. */
  readonly types?: readonly TypeDeclaration[] | undefined;
  /** Python: where an object-relational mapper may load a relation. Absent where the reader does not look for them. */
  readonly reads?: readonly AttributeRead[] | undefined;
  /** What a file of models or migrations says of the schema, in another way than SQL. */
  readonly declares?: Declarations | undefined;
  /** Only comments that hold the word `tunelens`. */
  readonly directives: readonly Comment[];
  readonly refused?: readonly RefusedText[] | undefined;
  /** A text that people follow: it tells to reload or to restart the database server. */
  readonly serverControl?: 'reload' | 'restart' | undefined;
  /** Documents inside this one (Markdown fences), their spans already in this file's offsets. */
  readonly parts: readonly Document[];
}

/** Where an SQL offset stands in the host file. */
export function hostOffset(segments: readonly OffsetSegment[], sqlOffset: number): number {
  let found: OffsetSegment | undefined;
  for (const segment of segments) {
    if (segment.sqlStart > sqlOffset) break;
    found = segment;
  }
  if (found === undefined) return segments[0]?.hostStart ?? 0;
  return Math.min(found.hostEnd, found.hostStart + (sqlOffset - found.sqlStart));
}
