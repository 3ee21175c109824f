/** What a host language tells the walker: which of its nodes are functions, loops, calls, names and strings. */
import type { Argument, ImportedName, LanguageId, Loop } from '../../document.ts';
import type { GrammarId } from '../../reader.ts';
import type { LiteralBuilder } from './literal.ts';
import type { Grammar, Syntax } from './syntax.ts';

export interface FunctionShape {
  readonly what: 'function';
  /** `<anonymous>` where it has none. */
  readonly name: string;
  readonly nameNode: Syntax;
  readonly owner?: string | undefined;
  readonly async: boolean;
  readonly parameters: readonly { readonly name: string; readonly type?: string | undefined }[];
  readonly decorators: readonly string[];
  /** The declared result type, as written. */
  readonly returns?: string | undefined;
  /** Declared or bound to a name: it does not run where it stands, so loops around it are not its loops. */
  readonly declared: boolean;
}
/** A class or an impl: its functions and constants are members. */
export interface OwnerShape {
  readonly what: 'owner';
  readonly name: string;
  readonly body: Syntax;
}
export interface LoopShape {
  readonly what: 'loop';
  readonly kind: Loop['kind'];
  readonly body: Syntax;
  readonly over?: Syntax | undefined;
  readonly variables: readonly string[];
  readonly streaming: boolean;
  readonly strided?: boolean | undefined;
  /** Parts evaluated once, before the first turn or after the last. */
  readonly once: readonly Syntax[];
}
/** One `for` of a comprehension, and what is evaluated in its turns beside the body: its conditions. */
export interface Clause {
  readonly node: Syntax;
  readonly over: Syntax;
  readonly variables: readonly string[];
  readonly streaming: boolean;
}
export interface ComprehensionShape {
  readonly what: 'comprehension';
  readonly clauses: readonly Clause[];
  readonly body: Syntax;
}
export interface CallShape {
  readonly what: 'call';
  readonly callee: Syntax;
  readonly arguments: readonly Syntax[];
  /** A template's tag (sql`…`): the template is its only argument. */
  readonly tagged?: boolean | undefined;
  /** The macro sign and the like, added to the callee's text. */
  readonly suffix?: string | undefined;
  /** Calls in token trees have no nodes of their own. */
  readonly awaited?: boolean | undefined;
}
export interface ImportShape {
  readonly what: 'import';
  readonly imports: readonly ImportedName[];
}
export interface CommentShape {
  readonly what: 'comment';
}
export type Shape = FunctionShape | OwnerShape | LoopShape | ComprehensionShape | CallShape | ImportShape | CommentShape;

/** A template with the values put into it: `"…" % x`, `"…".format(x)`, Sprintf, format!. */
export interface Formatted {
  readonly template: Syntax;
  readonly style: 'percent' | 'braces';
  argument(which: number | string): Syntax | undefined;
}

/** What an expression is bound to. */
export interface Binding {
  /** `conn`, `self.conn`; undefined where it is taken apart. */
  readonly name?: string | undefined;
  /** `with`, `using`. */
  readonly scoped: boolean;
  /** `async with` waits for it. */
  readonly awaited?: boolean | undefined;
}

export interface HostLanguage extends Grammar {
  readonly id: string;
  readonly languages: readonly LanguageId[];
  grammarOf(language: LanguageId): GrammarId;
  /** Modules that the text uses without importing them (`rusqlite::Connection`). */
  modules(imports: readonly ImportedName[], text: string): readonly string[];
  /** Whether `%s` is a placeholder of the drivers in use. */
  percentParameters(modules: readonly string[]): boolean;
  shape(node: Syntax, source: string): Shape | undefined;

  /** Member access: kind -> the fields of the object and of the name, and the sign between. */
  readonly members: ReadonlyMap<string, readonly [object: string, name: string, sign: string]>;
  /** Wrappers without a meaning of their own here: parentheses, await, casts, `?`. Their first named child (or field) counts. */
  readonly transparent: ReadonlyMap<string, string>;
  readonly awaits: ReadonlySet<string>;
  /** The kinds of calls, so that a chain can be followed. */
  readonly callKinds: ReadonlySet<string>;
  readonly argumentKinds: ReadonlyMap<string, Argument['kind']>;
  /** Methods that hand on the result of the call they hang on: `unwrap`. */
  readonly passing: ReadonlySet<string>;

  /** A named argument or an entry of a record: its key and value. */
  entry(node: Syntax, source: string): { readonly key: string; readonly value: Syntax } | undefined;
  /** The entries of an object, dictionary or struct written out as an argument; undefined where it is none. */
  record(node: Syntax): readonly Syntax[] | undefined;

  /** Kinds of nodes a literal can begin at, beside strings: concatenations, formatting calls. */
  readonly strings: ReadonlySet<string>;
  /** The parts of a concatenation, implicit or with a plus sign, one level deep. */
  concatenation(node: Syntax): readonly Syntax[] | undefined;
  /** Adds a string's decoded text and holes. Only for the kinds of `strings`. */
  string(node: Syntax, source: string, into: LiteralBuilder): void;
  formatted(node: Syntax, source: string): Formatted | undefined;

  /** What the value standing in this node is bound to, looking one step up; undefined where it is not bound. */
  binding(node: Syntax, parent: Syntax, source: string): Binding | undefined;
  /** Kinds of lists of arguments, whose parent is a call. */
  readonly argumentLists: ReadonlySet<string>;
  /** Kinds of array, list and tuple literals. */
  readonly collections: ReadonlySet<string>;
  /** Whether the node is a collection written out, with at least one element. */
  listed(node: Syntax, source: string): boolean;
  /** Whether reading an attribute may load a relation, so that reads in loops are of interest. */
  readonly lazyAttributes: boolean;
  /** Kinds that return their child: return, yield. */
  readonly returns: ReadonlySet<string>;
  readonly breaks: ReadonlySet<string>;
  /** Kinds under which a statement runs only sometimes. */
  readonly conditions: ReadonlySet<string>;
  /** Kinds that a `break` leaves instead of the loop. */
  readonly breakable: ReadonlySet<string>;
  /** Kinds of functions and closures: what is left inside them does not leave the loop. */
  readonly functions: ReadonlySet<string>;
  /** Kinds of conditional expressions: a string in an arm of one is still passed on. */
  readonly choices: ReadonlySet<string>;

  /** A call that runs its function argument for each element: which argument, and what is iterated. */
  callback(call: CallShape, name: string, receiver: Syntax | undefined, source: string): Callback | undefined;
  /** Whether the calls made in the node's arguments are started together. */
  gathers(name: string, callee: string): boolean;
  /** Whether a call or statement in a loop's body starts work without waiting for it. */
  spawns(node: Syntax, name: string, callee: string): boolean;
  /** `s += x`, `s.push_str(x)`: the variable that text is appended to. */
  grows(node: Syntax, source: string): string | undefined;
  /** `QUERY % values`: the name of the template. */
  template(node: Syntax, source: string): string | undefined;
  /** `defer x.Close()`: what is released at the end of the scope. */
  closes(node: Syntax, source: string): string | undefined;
}
export interface Callback {
  readonly function: Syntax;
  readonly over: Syntax | undefined;
  readonly concurrent?: boolean | undefined;
  readonly streaming?: boolean | undefined;
}

/** A set of kinds, written with spaces between. */
export function set(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

/** The source of a node. */
export function text(node: Syntax | undefined, source: string): string | undefined {
  return node && source.slice(node.start, node.end);
}
