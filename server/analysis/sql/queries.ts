/** SQL text with its interpolations -> Querys an engine can be asked about, and the settings among them. */
import type { Hole, OffsetSegment, Query, QuerySource, Setting } from '../document.ts';
import type { Span } from '../span.ts';
import type { HolePosition } from './cursor.ts';
import { nestedIn } from './nested.ts';
import { parametersOf } from './parameters.ts';
import type { Script } from './parse.ts';
import { parseScript } from './parse.ts';
import { rewrite } from './rewrite.ts';
import { settingsOf } from './settings.ts';
import type { Dialect, Statement } from './statement.ts';
import type { TextRange, Token } from './tokens.ts';

export { looksLikeSql } from './looks-like-sql.ts';

export interface SqlHole {
  /** In the text. */
  readonly start: number;
  readonly end: number;
  readonly hole: { readonly span: Span; readonly text: string };
}
export interface SqlInput {
  readonly text: string;
  readonly segments: readonly OffsetSegment[];
  /** Where interpolations stand in the text (a placeholder of any length), ascending. */
  readonly holes: readonly SqlHole[];
  readonly dialect: Dialect;
  readonly from: 'file' | 'literal';
  /** The host expression that holds a statement, or how to find it from the statement's span. */
  readonly anchor: Span | ((span: Span) => Span);
  readonly name?: string | undefined;
  readonly function?: number | undefined;
  readonly loop?: number | undefined;
  readonly call?: number | undefined;
  /** `%s`, `%(name)s` and `%%` are the driver's. */
  readonly percentParameters: boolean;
  /** Every hole is one value, wherever it stands: a variable of the function around the statement. */
  readonly valueHoles?: boolean | undefined;
  /** How many queries the document has already, for `Setting.query`; that is left out where this is. */
  readonly queryOffset?: number | undefined;
}

/** How deep statements may stand in one another: a function that a DO block makes by EXECUTE is the third. */
const deepest = 3;

/** Never throws; text that is no SQL gives queries whose statement is not complete. A statement comes before those inside it. */
export function sqlQueries(input: SqlInput, depth = 0): { queries: Query[]; settings: Setting[] } {
  const comments: TextRange[] = [];
  const { text, segments, dialect, holes, percentParameters } = input;
  const script = parseScript(text, segments, dialect, { holes, percentParameters, comments });
  const queries: Query[] = [];
  const settings: Setting[] = [];
  for (const index of script.statements.keys()) {
    const query = queryOf(input, script, index);
    if (query === undefined) continue;
    const place = input.queryOffset === undefined ? undefined : input.queryOffset + queries.length;
    settings.push(...settingsOf(query, { script, index, text, comments, place }));
    queries.push(query);
    for (const inner of depth < deepest ? nestedIn(text, segments, script, index, dialect) : []) {
      const found = sqlQueries(
        {
          ...input,
          text: inner.text,
          segments: inner.segments,
          holes: inner.holes,
          valueHoles: inner.valueHoles,
          percentParameters: false,
          name: undefined,
          ...(input.queryOffset !== undefined && { queryOffset: input.queryOffset + queries.length }),
        },
        depth + 1,
      );
      for (const each of found.queries) {
        const plannable = each.plannable && inner.certain;
        queries.push({ ...each, plannable, within: each.within ?? inner.within });
      }
      settings.push(...found.settings);
    }
  }
  return { queries, settings };
}

function queryOf(input: SqlInput, script: Script, index: number): Query | undefined {
  const found = script.statements[index];
  if (found === undefined) return undefined;
  const { text, segments, dialect } = input;
  const { statement, start, end } = found;
  const tokens = script.tokens.slice(found.first, found.last);
  const places = positions(input.holes, script, tokens, input.valueHoles === true);
  const { replacements, names } = parametersOf({
    text,
    dialect,
    tokens,
    macros: script.macros,
    holes: input.holes,
    position: (hole) => places.get(hole) ?? 'fragment',
    percent: input.percentParameters,
  });
  const written = rewrite(text, segments, start, end, replacements);
  const holes: Hole[] = [...places].map(([hole, position]) => {
    const { span, text: shown } = input.holes[hole]?.hole ?? { span: statement.span, text: '' };
    return { span, text: shown, position };
  });
  return {
    sql: written.sql,
    segments: written.segments,
    dialect,
    statement,
    span: statement.span,
    anchor: typeof input.anchor === 'function' ? input.anchor(statement.span) : input.anchor,
    holes,
    plannable: holes.length === 0 || (bindable(statement) && holes.every((hole) => hole.position === 'value')),
    parameters: names,
    from: input.from,
    ...(dialect === 'unknown' && { source: sourceOf(input, start, end) }),
    ...(input.name !== undefined && { name: input.name }),
    ...(input.function !== undefined && { function: input.function }),
    ...(input.loop !== undefined && { loop: input.loop }),
    ...(input.call !== undefined && { call: input.call }),
  };
}

/** Statements that take bind parameters at all: DDL and settings do not. */
function bindable(statement: Statement): boolean {
  if (statement.kind === 'other') return statement.inner !== undefined && bindable(statement.inner);
  return statement.kind === 'select' || statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete';
}

/** What each interpolation in the tokens stands for; those that share a token share its part. */
function positions(holes: readonly TextRange[], script: Script, tokens: readonly Token[], values: boolean): Map<number, HolePosition> {
  const places = new Map<number, HolePosition>();
  for (const token of tokens) {
    for (
      let hole = token.hole;
      hole >= 0 && hole < holes.length && (holes[hole]?.start ?? 0) < Math.max(token.end, token.start + 1);
      hole++
    ) {
      places.set(
        hole,
        values ? 'value' : hole === token.hole || token.kind !== 'hole' ? (script.holes[token.hole] ?? 'fragment') : 'fragment',
      );
      // Two interpolations side by side are no single value.
      if (!values && hole > token.hole && token.kind === 'hole') places.set(token.hole, 'fragment');
    }
  }
  return places;
}

function sourceOf(input: SqlInput, start: number, end: number): QuerySource {
  const { sql, segments } = rewrite(input.text, input.segments, start, end, []);
  const holes = input.holes
    .filter((hole) => hole.start >= start && hole.end <= end)
    .map((hole) => ({ at: hole.start - start, length: hole.end - hole.start, hole: hole.hole }));
  return {
    text: sql,
    segments,
    holes,
    percentParameters: input.percentParameters,
    ...(input.valueHoles === true && { valueHoles: true }),
  };
}

/** The same statement for the dialect that was decided: parsed by its rules, its parameters in its form. */
export function withDialect(query: Query, dialect: Dialect): Query {
  if (query.dialect === dialect || query.source === undefined) return query.dialect === dialect ? query : { ...query, dialect };
  const { text, segments, percentParameters, valueHoles } = query.source;
  const { from, anchor } = query;
  const holes = query.source.holes.map(({ at, length, hole }): SqlHole => ({ start: at, end: at + length, hole }));
  const [again] = sqlQueries({ text, segments, holes, dialect, from, anchor, percentParameters, valueHoles }).queries;
  if (again === undefined) return { ...query, dialect };
  return { ...query, ...again, source: query.source };
}
