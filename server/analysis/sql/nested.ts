/**
 * Statements inside a statement: the query of a view, the body of a function, a DO block, a trigger or a rule,
 * what EXPLAIN, PREPARE, DECLARE and COPY wrap, and the text that EXECUTE runs. Each becomes text of its own with
 * the map to its place in the host file, so that it is read, judged and planned as if it stood alone.
 */
import type { OffsetSegment, Query } from '../document.ts';
import { bodyEnd } from './body.ts';
import { content, contentRange, cut, type Part, startText, type TextHole } from './nested-text.ts';
import type { Script } from './parse.ts';
import { parseStatements } from './parse.ts';
import { type DynamicFragment, type PlainFragment, readBlock } from './plpgsql.ts';
import type { Dialect, Statement } from './statement.ts';
import { hostCursor, type TextRange, type Token, tokenize } from './tokens.ts';
import { variablesIn } from './variables.ts';

export interface NestedText {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
  /** Variables and parameters of the body, and what format puts in. */
  readonly holes: readonly TextHole[];
  /** Whether every hole is one value, as a variable is: what format puts in may be anything. */
  readonly valueHoles: boolean;
  readonly within: NonNullable<Query['within']>;
  /** False where a variable may stand that was not recognised. */
  readonly certain: boolean;
}
interface Names {
  readonly variables: ReadonlySet<string>;
  /** Whose fields are values: NEW, OLD, records, and the function itself, whose parameters may be qualified by it. */
  readonly records: ReadonlySet<string>;
}
type Within = NestedText['within'];

/** The statements inside the one at `index`, in the order written; none where an interpolation stands in a body. */
export function nestedIn(text: string, segments: readonly OffsetSegment[], script: Script, index: number, dialect: Dialect): NestedText[] {
  const found = script.statements[index];
  if (found === undefined || dialect === 'mysql' || dialect === 'other') return [];
  const { statement } = found;
  if (statement.kind !== 'create view' && statement.kind !== 'other') return [];
  const tokens = script.tokens.slice(found.first, found.last);
  if (tokens.some((token) => token.hole >= 0)) return [];
  const whole: Part = { text, segments };
  if (statement.kind === 'create view') return viewQuery(whole, tokens, statement);
  if (statement.inner !== undefined) return wrapped(whole, tokens, statement.inner);
  switch (statement.verb) {
    case 'DO':
      return block(whole, tokens);
    case 'CREATE FUNCTION':
    case 'CREATE PROCEDURE':
      return routine(whole, tokens, dialect);
    case 'CREATE TRIGGER':
      return dialect === 'postgres' ? [] : trigger(whole, tokens, dialect);
    case 'CREATE RULE':
      return rewriteRule(whole, tokens);
    default:
      return [];
  }
}

const nothing: Names = { variables: new Set(), records: new Set() };
const rows: Names = { variables: new Set(), records: new Set(['new', 'old']) };

/** The tokens outside of brackets whose word is this, from `from` on. */
function outside(tokens: readonly Token[], wanted: string, from = 0): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const word = tokens[at]?.word;
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (depth === 0 && word === wanted) return at;
  }
  return -1;
}

function viewQuery(whole: Part, tokens: readonly Token[], statement: Statement): NestedText[] {
  if (statement.kind !== 'create view' || statement.query === undefined) return [];
  const as = outside(tokens, 'AS');
  const first = tokens[as + 1];
  if (as < 0 || first === undefined) return [];
  // WITH NO DATA and WITH CHECK OPTION are the view's, not the query's.
  let last = tokens.length;
  const closing = (words: readonly string[]): boolean => words.every((word, at) => tokens[last - words.length + at]?.word === word);
  for (const words of [
    ['WITH', 'NO', 'DATA'],
    ['WITH', 'DATA'],
    ['WITH', 'CHECK', 'OPTION'],
    ['WITH', 'LOCAL', 'CHECK', 'OPTION'],
    ['WITH', 'CASCADED', 'CHECK', 'OPTION'],
  ])
    if (closing(words)) last -= words.length;
  return plain(whole, { start: first.start, end: tokens[last - 1]?.end ?? first.end }, 'view', nothing);
}

function wrapped(whole: Part, tokens: readonly Token[], inner: Statement): NestedText[] {
  const first = tokens.find((token) => token.hostStart === inner.span.start);
  const last = tokens.findLast((token) => token.hostEnd === inner.span.end);
  if (first === undefined || last === undefined || last.end <= first.start) return [];
  return plain(whole, { start: first.start, end: last.end }, 'wrapped', nothing);
}

function block(whole: Part, tokens: readonly Token[]): NestedText[] {
  const body = tokens.find((token) => token.kind === 'string');
  if (body === undefined) return [];
  const language = outside(tokens, 'LANGUAGE');
  if (language >= 0 && languageOf(whole.text, tokens[language + 1]) !== 'plpgsql') return [];
  return plpgsql(whole, body, 'block', [], []);
}

function routine(whole: Part, tokens: readonly Token[], dialect: Dialect): NestedText[] {
  const open = tokens.findIndex((token) => token.word === '(');
  if (open < 0) return [];
  const close = closingOf(tokens, open);
  const name = tokens[open - 1];
  const records = name === undefined ? [] : [nameText(whole.text, name)];
  const parameters = parametersIn(whole.text, tokens, open, close);
  const table = outside(tokens, 'TABLE', close + 1);
  const columns =
    table > 0 && tokens[table - 1]?.word === 'RETURNS' ? parametersIn(whole.text, tokens, table + 1, closingOf(tokens, table + 1)) : [];
  const language = languageOf(whole.text, tokens[outside(tokens, 'LANGUAGE', close + 1) + 1]);
  const begin = outside(tokens, 'BEGIN', close + 1);
  if (begin > 0 && tokens[begin + 1]?.word === 'ATOMIC') {
    const end = tokens.findLastIndex((token) => token.word === 'END');
    const body = { start: tokens[begin + 1]?.end ?? 0, end: tokens[end]?.start ?? 0 };
    return end <= begin
      ? []
      : statementsOf(cut(whole, body), 'routine', { variables: new Set(parameters), records: new Set(records) }, dialect);
  }
  const as = outside(tokens, 'AS', close + 1);
  const body = tokens[as + 1];
  if (as < 0 || body?.kind !== 'string') return [];
  if (language === 'plpgsql') return plpgsql(whole, body, 'routine', [...parameters, ...columns], records);
  if (language !== 'sql') return [];
  const part = content(whole, body);
  return part === undefined ? [] : statementsOf(part, 'routine', { variables: new Set(parameters), records: new Set(records) }, 'postgres');
}

function trigger(whole: Part, tokens: readonly Token[], dialect: Dialect): NestedText[] {
  const semicolon = tokens.findIndex((token) => token.word === ';');
  const begin = outside(tokens, 'BEGIN');
  if (semicolon < 0 || begin < 0 || begin > semicolon) return [];
  const end = bodyEnd(tokens, 0, semicolon, dialect);
  const last = end === undefined || end < 0 ? undefined : tokens[end - 1];
  if (last === undefined) return [];
  return statementsOf(cut(whole, { start: tokens[begin]?.end ?? 0, end: last.start }), 'trigger', rows, dialect);
}

/** `… DO ALSO command` and `… DO INSTEAD (command; command)`. */
function rewriteRule(whole: Part, tokens: readonly Token[]): NestedText[] {
  let first = outside(tokens, 'DO') + 1;
  if (first === 0) return [];
  if (tokens[first]?.word === 'ALSO' || tokens[first]?.word === 'INSTEAD') first++;
  if (tokens[first]?.word === 'NOTHING') return [];
  const group = tokens[first]?.word === '(' ? closingOf(tokens, first) : -1;
  const start = tokens[group > 0 ? first + 1 : first]?.start;
  const end = tokens[group > 0 ? group - 1 : tokens.length - 1]?.end;
  if (start === undefined || end === undefined || end <= start) return [];
  return statementsOf(cut(whole, { start, end }), 'rule', rows, 'postgres');
}

function plpgsql(whole: Part, body: Token, within: Within, parameters: readonly string[], records: readonly string[]): NestedText[] {
  const part = content(whole, body);
  if (part === undefined) return [];
  const read = readBlock(part.text, tokenize(part.text, [], 'postgres'), parameters);
  // A name that is a column as well means the column then, and nothing here knows the columns.
  const ambiguous = /#variable_conflict\s+use_column/i.test(part.text);
  const names: Names = { variables: read.variables, records: new Set([...read.variables, ...records]) };
  const made = read.fragments.flatMap((fragment): NestedText[] => {
    if (fragment.kind === 'dynamic') return dynamicText(part, fragment, within);
    return plain(part, fragment, within, names, fragment);
  });
  const temporary = madeInside(made);
  return made.map((one) =>
    ambiguous && one.holes.length > 0 ? { ...one, certain: false } : mentions(one.text, temporary) ? { ...one, certain: false } : one,
  );
}

/** Temporary tables that the body makes for itself: what it does with them cannot be asked without them. */
function madeInside(texts: readonly NestedText[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { text } of texts) {
    const made = /^\s*CREATE\s+(?:GLOBAL\s+|LOCAL\s+)?TEMP(?:ORARY)?\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)/i.exec(text)?.[1];
    if (made !== undefined) names.add(made.toLowerCase());
  }
  return names;
}
function mentions(text: string, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  return (text.match(/\w+/g) ?? []).some((word) => names.has(word.toLowerCase()));
}

/** A range of a part as a statement of its own. */
function plain(part: Part, range: TextRange, within: Within, names: Names, how?: PlainFragment): NestedText[] {
  const builder = startText(part);
  let at = range.start;
  let prefix = how?.prefix ?? '';
  for (const gone of how?.cut ?? []) {
    builder.keep(at, gone.start);
    // PERFORM becomes SELECT where it stood; an expression's SELECT stands before it.
    builder.replace(gone.start, gone.end, prefix);
    prefix = '';
    at = gone.end;
  }
  if (prefix !== '' && how?.cut.length === 0) builder.replace(range.start, range.start, prefix);
  builder.keep(at, range.end);
  const made = builder.done();
  return [{ ...made, ...holesIn(made, names, 'postgres'), within }];
}

/** Every statement of a body that is nothing but SQL. */
function statementsOf(part: Part, within: Within, names: Names, dialect: Dialect): NestedText[] {
  return parseStatements(part.text, [], dialect).flatMap(({ start, end }) => {
    const one = cut(part, { start, end });
    // RAISE is known inside of triggers only, so that nothing can be asked about a statement with it.
    if (within === 'trigger' && /\bRAISE\s*\(/i.test(one.text)) return [];
    return [{ ...one, ...holesIn(one, names, dialect), within }];
  });
}

function holesIn(part: Part, names: Names, dialect: Dialect): Pick<NestedText, 'holes' | 'certain' | 'valueHoles'> {
  if (names.variables.size === 0 && names.records.size === 0) return { holes: [], certain: true, valueHoles: true };
  const { ranges, certain } = variablesIn(part.text, names, dialect);
  const host = hostCursor(part.segments);
  const holes = ranges.map(({ start, end }) => ({
    start,
    end,
    hole: { span: { start: host.start(start), end: host.end(end) }, text: part.text.slice(start, end) },
  }));
  return { holes, certain, valueHoles: true };
}

const startsStatement =
  /^\s*(?:\(\s*)*(?:SELECT|WITH|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|REFRESH|TRUNCATE|REINDEX|ANALYZE|VACUUM|MERGE|SET)\b/i;

/** What EXECUTE runs, where it is written out; what is put into it are interpolations. */
function dynamicText(part: Part, fragment: DynamicFragment, within: Within): NestedText[] {
  const builder = startText(part);
  for (const piece of fragment.pieces) {
    const inner = piece.string ? contentRange(part.text, piece) : undefined;
    if (inner === undefined) {
      builder.hole(piece.start, piece.end);
      continue;
    }
    let at = inner.start;
    for (const sign of part.text.slice(inner.start, inner.end).matchAll(/''|\\\\|\\'|%%|%(?:\d+\$)?-?\d*[IsL]/g)) {
      const start = inner.start + sign.index;
      const end = start + sign[0].length;
      const own = sign[0];
      if (own === "''" ? inner.quote !== "'" : own.startsWith('\\') ? !inner.escapes : !fragment.format) continue;
      builder.keep(at, start);
      if (own === "''" || own === "\\'") builder.replace(start, end, "'");
      else if (own === '\\\\') builder.replace(start, end, '\\');
      else if (own === '%%') builder.replace(start, end, '%');
      else builder.hole(start, end);
      at = end;
    }
    builder.keep(at, inner.end);
  }
  const made = builder.done();
  return startsStatement.test(made.text) ? [{ ...made, within, certain: true, valueHoles: false }] : [];
}

function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.word === '(') depth++;
    else if (tokens[at]?.word === ')' && --depth === 0) return at;
  }
  return tokens.length;
}

function nameText(text: string, token: Token): string {
  return token.kind === 'name' ? text.slice(token.start + 1, token.end - 1) : text.slice(token.start, token.end).toLowerCase();
}
/** `LANGUAGE plpgsql`, `LANGUAGE 'sql'`. */
function languageOf(text: string, token: Token | undefined): string {
  return token === undefined
    ? ''
    : text
        .slice(token.start, token.end)
        .replace(/^[eE]?['"]|['"]$/g, '')
        .toLowerCase();
}

const modes = new Set(['IN', 'OUT', 'INOUT', 'VARIADIC']);
/** First words of types that are made of several. */
const longTypes = new Set(['DOUBLE', 'CHARACTER', 'CHAR', 'BIT', 'TIMESTAMP', 'TIME', 'NATIONAL', 'SETOF', 'INTERVAL']);

/** Names of parameters; one that has a type only is used by its number. */
function parametersIn(text: string, tokens: readonly Token[], open: number, close: number): string[] {
  const names: string[] = [];
  let depth = 0;
  let fresh = true;
  for (let at = open + 1; at < close; at++) {
    const token = tokens[at];
    const word = token?.word ?? '';
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (word === ',' && depth === 0) fresh = true;
    else if (fresh && depth === 0 && token !== undefined && !modes.has(word)) {
      fresh = false;
      const next = tokens[at + 1];
      const typed = next?.kind === 'word' || next?.kind === 'name';
      if (typed && next?.word !== 'DEFAULT' && !longTypes.has(word) && (token.kind === 'word' || token.kind === 'name'))
        names.push(nameText(text, token));
    }
  }
  return names;
}
