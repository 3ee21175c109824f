/**
 * Statements written anew. A change is planned on the SQL an engine is sent, where it can be read back; it becomes an edit
 * of the host file where that is certain to leave the literal around it whole, and else a script that shows both versions.
 */
import type { OffsetSegment, Query } from '../document.ts';
import type { EditFix, Fix, ScriptFix, TextEdit } from '../fix.ts';
import type { Span } from '../span.ts';
import { type Token, tokenize } from '../sql/tokens.ts';

/** Offsets are in `query.sql`. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
export interface RewriteOptions {
  readonly title: string;
  /** The meaning stays the same for certain, whatever the data. */
  readonly safe: boolean;
  /** What a person has to know or do besides, one line each: said in the script, above the new version. */
  readonly remarks?: readonly string[] | undefined;
}

/** The part of `query.sql` that stands at a span of the host file. */
export function rangeOf(query: Query, span: Span): { readonly start: number; readonly end: number } | undefined {
  const start = sqlOffset(query, span.start, false);
  const end = sqlOffset(query, span.end, true);
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

/** The SQL of a part of the statement, its parameters as the engine takes them; undefined where it is no whole expression. */
export function sqlOf(query: Query, span: Span): string | undefined {
  const range = rangeOf(query, span);
  const text = range && query.sql.slice(range.start, range.end);
  return text !== undefined && text.trim() !== '' && isBalanced(text) ? text : undefined;
}

/** A change at a span of the host file; undefined where that cannot be found in the SQL. */
export function changeAt(query: Query, span: Span, text: string): Change | undefined {
  const range = rangeOf(query, span);
  return range && { ...range, text };
}

/** The statement after the changes, which must lie apart. */
export function changed(sql: string, changes: readonly Change[]): string {
  let text = '';
  let at = 0;
  for (const change of inOrder(changes)) {
    text += sql.slice(at, change.start) + change.text;
    at = change.end;
  }
  return text + sql.slice(at);
}

/** Undefined for a dialect that is no engine's, or where a change has no place. */
export function rewriteFix(query: Query, changes: readonly (Change | undefined)[], options: RewriteOptions): Fix | undefined {
  const planned = changes.flatMap((change) => change ?? []);
  if (planned.length !== changes.length || planned.length === 0) return undefined;
  return editFix(query, planned, options) ?? scriptFix(query, changed(query.sql, planned), options);
}

/** Shows what is written and what to write instead, for changes that touch the code around the statement as well. */
export function scriptFix(query: Query, text: string, { title, remarks = [] }: RewriteOptions): ScriptFix | undefined {
  if (query.dialect !== 'sqlite' && query.dialect !== 'postgres') return undefined;
  const lines = [
    '-- Instead of',
    ...lineList(query.sql).map((line) => `--   ${line}`),
    ...remarks.map((remark) => `-- ${remark}`),
    `-- write`,
    `${lineList(text).join('\n')};`,
  ];
  return {
    kind: 'script',
    title,
    engine: query.dialect,
    text: lines.join('\n'),
    down: '',
    name: 'rewritten_statement',
    outsideTransaction: false,
    shownOnly: true,
  };
}

/** The changes as edits of the host file; undefined where one of them might break what is around it. */
export function editFix(query: Query, changes: readonly Change[], { title, safe }: RewriteOptions): EditFix | undefined {
  const edits: TextEdit[] = [];
  for (const change of inOrder(changes)) {
    const edit = keepsParameters(query, change) ? hostEdit(query, change) : undefined;
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return { kind: 'edit', title, safe, edits };
}

function lineList(sql: string): string[] {
  const lines = sql.trim().replace(/;$/, '').split(/\r?\n/);
  // Indentation that all lines after the first share belongs to the code around the literal.
  const indents = lines.slice(1).flatMap((line) => (line.trim() === '' ? [] : [line.length - line.trimStart().length]));
  const shared = Math.min(...indents, 80);
  return lines.map((line, index) => (index === 0 ? line : line.slice(Math.min(shared, line.length - line.trimStart().length))).trimEnd());
}

const inOrder = (changes: readonly Change[]): Change[] => [...changes].sort((left, right) => left.start - right.start);

/** Where a host offset stands in the SQL; exact inside text that is written as it is sent, else only at its borders. */
function sqlOffset({ sql, segments }: Query, offset: number, end: boolean): number | undefined {
  for (const [index, segment] of segments.entries()) {
    const inside = end ? offset > segment.hostStart && offset <= segment.hostEnd : offset >= segment.hostStart && offset < segment.hostEnd;
    if (!inside) continue;
    const sqlEnd = segments[index + 1]?.sqlStart ?? sql.length;
    if (isPlain(segment, sqlEnd)) return segment.sqlStart + (offset - segment.hostStart);
    if (!end && offset === segment.hostStart) return segment.sqlStart;
    return end && offset === segment.hostEnd ? sqlEnd : undefined;
  }
  return undefined;
}

/** Written in the host file as the engine gets it, character for character (or a placeholder of the same length). */
const isPlain = (segment: OffsetSegment, sqlEnd: number): boolean => segment.hostEnd - segment.hostStart === sqlEnd - segment.sqlStart;

function isBalanced(text: string): boolean {
  let open = 0;
  for (const token of tokenize(text, [], 'unknown')) {
    if (token.broken) return false;
    if (token.word === '(') open++;
    else if (token.word === ')' && --open < 0) return false;
  }
  return open === 0;
}

/** Placeholders that say their own number or name may be moved and repeated; the others count by their place in the text. */
function keepsParameters(query: Query, change: Change): boolean {
  return [query.sql.slice(change.start, change.end), change.text].every((text) =>
    tokenize(text, [], query.dialect).every((token) => token.kind !== 'parameter' || saysWhich(query, text, token)),
  );
}

function saysWhich(query: Query, text: string, token: Token): boolean {
  const shown = text.slice(token.start, token.end);
  const number = /^\$(\d+)$/.exec(shown)?.[1];
  // On PostgreSQL every placeholder is sent as `$1`: it must have been written so.
  if (query.dialect === 'postgres') return number !== undefined && query.parameters[Number(number) - 1] === shown;
  return /^(?:\?\d+|[:@$]\w+)$/.test(shown) && query.parameters.includes(shown);
}

function hostEdit(query: Query, change: Change): TextEdit | undefined {
  const { segments, sql } = query;
  const end = (index: number): number => segments[index + 1]?.sqlStart ?? sql.length;
  // What is put in between stands in the text it touches.
  const touched = segments.flatMap((segment, index) =>
    change.start === change.end
      ? segment.sqlStart <= change.start && change.start <= end(index)
        ? [index]
        : []
      : segment.sqlStart < change.end && end(index) > change.start
        ? [index]
        : [],
  );
  const used = change.start === change.end ? touched.filter((index) => isPlain(at(index), end(index))).slice(0, 1) : touched;
  const [first] = used;
  const last = used.at(-1);
  if (first === undefined || last === undefined) return undefined;
  for (const index of used.slice(1)) if (at(index).hostStart !== at(index - 1).hostEnd) return undefined;
  const start = hostAt(change.start, first);
  const stop = hostAt(change.end, last);
  if (start === undefined || stop === undefined) return undefined;
  // A quote that the host language had to escape is a piece of its own: where one stands in plain text, another may.
  const plain = used.filter((index) => isPlain(at(index), end(index)));
  if (!isSafeText(change.text, query, plain.map((index) => sql.slice(at(index).sqlStart, end(index))).join(''))) return undefined;
  return { span: { start, end: stop }, text: change.text };

  function at(index: number): OffsetSegment {
    return segments[index] as OffsetSegment;
  }
  function hostAt(offset: number, index: number): number | undefined {
    const segment = at(index);
    if (isPlain(segment, end(index))) return segment.hostStart + (offset - segment.sqlStart);
    if (offset === segment.sqlStart) return segment.hostStart;
    return offset === end(index) ? segment.hostEnd : undefined;
  }
}

/**
 * Text that means itself in every literal of every host language; a quote only where the same literal has one unescaped. A
 * SQL file takes any text.
 */
function isSafeText(text: string, query: Query, around: string): boolean {
  if (query.from === 'file') return true;
  const quotes = new Set([...text].filter((sign) => `'"`.includes(sign)));
  return /^[\w .,()=<>*+\-:'"]*(?:\$\d+[\w .,()=<>*+\-:'"]*)*$/.test(text) && [...quotes].every((sign) => around.includes(sign));
}
