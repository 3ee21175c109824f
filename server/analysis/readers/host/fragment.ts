/**
 * What one item of a file holds, with offsets and indexes of its own: it is remembered by the item's text, and put in its
 * place when the document is assembled.
 */
import type { Argument, AttributeRead, Call, Comment, FunctionScope, ImportedName, Loop, OffsetSegment } from '../../document.ts';
import type { Span } from '../../span.ts';

/** An index that the item does not know: whatever stands around it. */
export const outer = -1;
/** No index, whatever stands around it: a function declared in a loop does not run in each turn. */
export const none = -2;

interface Placed {
  readonly function: number;
  readonly loop: number;
}
export type RawFunction = Omit<FunctionScope, 'parent'> & { readonly parent: number };
export type RawLoop = Omit<Loop, 'function' | 'parent'> & { readonly function: number; readonly parent: number };
export type RawCall = Omit<Call, 'function' | 'loop' | 'chain'> &
  Placed & {
    /** The call it hangs on; `none` where it does not. */
    readonly chain: number;
    /** The call it is a direct argument of. */
    readonly within: number;
  };

export type RawRead = Omit<AttributeRead, 'function'> & { readonly function: number };

/** An interpolation, with its place in the literal's text. */
export interface LiteralHole {
  readonly start: number;
  readonly end: number;
  readonly hole: { readonly span: Span; readonly text: string };
  /** The constant it may be, where the interpolated expression is a plain name. */
  readonly identifier?: string | undefined;
}

/** A string in code that holds SQL, or that may become SQL when the constants in it are known. */
export interface RawLiteral extends Placed {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
  readonly holes: readonly LiteralHole[];
  readonly span: Span;
  readonly anchor: Span;
  /** Where it is bound to a name: `QUERY`, `self.query`. */
  readonly name?: string | undefined;
  /** The class it is a member of. */
  readonly owner?: string | undefined;
  readonly call: number;
  /** In a migration written in code. */
  readonly direction?: 'down' | undefined;
  /** It is SQL only when these marks in it are taken for values put in later. */
  readonly template?: 'percent' | 'braces' | undefined;
  /** It is SQL as it stands, or with the constant it begins with. Other literals are kept because a hole may name them. */
  readonly sql: boolean;
}

/** Something said about a name that only the whole function can judge. */
export interface Note {
  /**
   * `grown`: text is appended to the variable; `gathered`: the list is awaited as a whole; `collected`: the loop fills the list
   * with work it does not wait for; `closed`: released at the end of the scope; `listed`: bound to a collection written out; `template`: values are put into the
   * text (`SQL % name`).
   */
  readonly kind: 'grown' | 'gathered' | 'collected' | 'closed' | 'listed' | 'template';
  readonly name: string;
  readonly function: number;
  readonly loop: number;
}

export interface Fragment {
  readonly functions: RawFunction[];
  readonly loops: RawLoop[];
  readonly calls: RawCall[];
  readonly literals: RawLiteral[];
  readonly imports: ImportedName[];
  readonly comments: Comment[];
  readonly notes: Note[];
  readonly reads: RawRead[];
}

export function emptyFragment(): Fragment {
  return { functions: [], loops: [], calls: [], literals: [], imports: [], comments: [], notes: [], reads: [] };
}

export function shiftSpan(span: Span, by: number): Span {
  return { start: span.start + by, end: span.end + by };
}

/** Where an item is put: what stands around it. */
export interface Place {
  readonly offset: number;
  readonly function: number;
  readonly loop: number;
  /** The class whose direct member the item is. */
  readonly owner: string | undefined;
}

/** Adds an item's fragment to a larger one: offsets are shifted, indexes follow the lists, what it did not know is filled in. */
export function append(into: Fragment, from: Fragment, place: Place): void {
  const by = place.offset;
  const functions = into.functions.length;
  const loops = into.loops.length;
  const calls = into.calls.length;
  const functionAt = (index: number) => (index >= 0 ? index + functions : index === outer ? place.function : index);
  const loopAt = (index: number) => (index >= 0 ? index + loops : index === outer ? place.loop : index);
  const callAt = (index: number) => (index >= 0 ? index + calls : index);
  for (const one of from.functions) {
    into.functions.push({
      ...one,
      owner: one.owner ?? (one.parent === outer ? place.owner : undefined),
      span: shiftSpan(one.span, by),
      nameSpan: shiftSpan(one.nameSpan, by),
      parent: functionAt(one.parent),
    });
  }
  for (const one of from.loops) {
    into.loops.push({
      kind: one.kind,
      span: shiftSpan(one.span, by),
      header: shiftSpan(one.header, by),
      body: shiftSpan(one.body, by),
      over: one.over,
      overSpan: one.overSpan && shiftSpan(one.overSpan, by),
      variables: one.variables,
      streaming: one.streaming,
      fixed: one.fixed,
      strided: one.strided,
      concurrent: one.concurrent,
      exit: one.exit,
      function: functionAt(one.function),
      parent: loopAt(one.parent),
    });
  }
  for (const one of from.calls) {
    into.calls.push({
      callee: one.callee,
      name: one.name,
      receiver: one.receiver,
      span: shiftSpan(one.span, by),
      nameSpan: shiftSpan(one.nameSpan, by),
      arguments: by === 0 ? one.arguments : one.arguments.map((argument) => shiftArgument(argument, by)),
      awaited: one.awaited,
      result: one.result,
      scoped: one.scoped,
      function: functionAt(one.function),
      loop: loopAt(one.loop),
      chain: callAt(one.chain),
      within: callAt(one.within),
    });
  }
  for (const one of from.literals) {
    into.literals.push({
      ...one,
      segments: one.segments.map((segment) => ({
        sqlStart: segment.sqlStart,
        hostStart: segment.hostStart + by,
        hostEnd: segment.hostEnd + by,
      })),
      holes: one.holes.map((hole) => ({ ...hole, hole: { span: shiftSpan(hole.hole.span, by), text: hole.hole.text } })),
      span: shiftSpan(one.span, by),
      anchor: shiftSpan(one.anchor, by),
      owner: one.owner ?? (one.function === outer ? place.owner : undefined),
      function: functionAt(one.function),
      loop: loopAt(one.loop),
      call: callAt(one.call),
    });
  }
  for (const one of from.imports) into.imports.push({ module: one.module, names: one.names, span: shiftSpan(one.span, by) });
  for (const one of from.comments) into.comments.push({ text: one.text, span: shiftSpan(one.span, by) });
  for (const one of from.reads) {
    into.reads.push({
      receiver: one.receiver,
      name: one.name,
      span: shiftSpan(one.span, by),
      loop: loopAt(one.loop),
      function: functionAt(one.function),
    });
  }
  for (const one of from.notes) into.notes.push({ ...one, function: functionAt(one.function), loop: loopAt(one.loop) });
}

function shiftArgument(argument: Argument, by: number): Argument {
  return {
    text: argument.text,
    span: shiftSpan(argument.span, by),
    name: argument.name,
    kind: argument.kind,
    value: argument.value,
  };
}
