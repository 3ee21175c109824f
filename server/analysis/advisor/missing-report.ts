/** How the rules about missing indexes tell what `decide.ts` found. */

import type { CandidateIndex } from '../facts.ts';
import type { Report } from '../rule.ts';
import type { Span } from '../span.ts';
import { printExpression } from '../sql/print.ts';
import { findTable } from '../sql/schema.ts';
import type { Expression } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';
import type { Known, Missing } from './decide.ts';
import { whatIfEvidence } from './evidence.ts';
import { indexScripts } from './index-script.ts';
import { includesName, message, sizeNotes } from './wording.ts';
import { unqualified } from './wrapped.ts';

export interface Said {
  readonly message: string;
  readonly notes?: readonly string[] | undefined;
  readonly span?: Span | undefined;
  /** Never more than information, whatever was counted. */
  readonly mild?: boolean | undefined;
}

/** Information where sizes or columns are guessed, or where few rows are only hoped for. */
export function missingReport(missing: Missing, { whatIf, schema, statistics }: Known, said: Said): Report {
  const { table, best, item } = missing;
  const inferred = includesName(whatIf.inferred, table);
  const declared = schema && findTable(schema.schema, table)?.declared;
  return {
    span: said.span ?? item.name?.span ?? item.span,
    message: message(said.message),
    ...(inferred || missing.doubtful || said.mild === true ? { severity: 'info' as const } : {}),
    evidence: whatIfEvidence(whatIf, best, [...sizeNotes(table, statistics, whatIf), ...bytesNotes(missing), ...(said.notes ?? [])]),
    related: declared === undefined ? [] : [{ ...declared, message: `${table} is created here` }],
    fixes: [best, ...(missing.instead === undefined ? [] : [missing.instead])].map(({ candidate, also }) =>
      indexScripts([candidate, ...(also ?? [])], whatIf.before.engine, schema?.schema),
    ),
  };
}

/** Only where rows were counted: the size of what was assumed says nothing. */
function bytesNotes({ best, counted, instead }: Missing): string[] {
  if (!counted || best.bytes === undefined) return [];
  const other = instead?.bytes === undefined ? '' : `; a B-tree, which finds single rows too, ${bytesText(instead.bytes)}`;
  return [`The index would take about ${bytesText(best.bytes)}${other}`];
}

/** `857 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  const megabytes = bytes / (1024 * 1024);
  return megabytes < 1024 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}

/** `user_id, created_at DESC`. */
export function keysText({ best }: Missing): string {
  const one = (key: CandidateIndex['keys'][number]): string =>
    `${key.column ?? key.expression}${key.descending ? ' DESC' : ''}${key.nulls === undefined ? '' : ` NULLS ${key.nulls.toUpperCase()}`}`;
  const text = ({ keys }: CandidateIndex): string => keys.map(one).join(', ');
  return [best.candidate, ...(best.also ?? [])].map(text).join(') and (');
}

/** Where the candidate's own expression is written in the statement; undefined where only its columns are. */
export function expressionSpan(missing: Missing, known: Known): Span | undefined {
  const texts = new Set(missing.best.candidate.keys.map((key) => key.expression));
  const { block } = missing;
  const { node } = block;
  const places: Expression[] = [...block.conditions, ...block.outerConditions];
  if (node.kind === 'select') places.push(...node.orderBy.map((term) => term.expression), ...node.groupBy);
  for (const place of places)
    for (const part of expressionsIn(place))
      if (part.kind !== 'column' && texts.has(printExpression(unqualified(part), known.whatIf.before.engine))) return part.span;
  return undefined;
}
