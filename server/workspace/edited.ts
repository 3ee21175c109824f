/**
 * After a keystroke only what stands around it is asked about again; what was found elsewhere in the file is carried over.
 * That is an answer for the moment: an edit may matter far from where it was made, which the check of the whole file shows
 * once the keys rest.
 */
import type { Document } from '../analysis/document.ts';
import type { Fix } from '../analysis/fix.ts';
import type { Finding } from '../analysis/rule.ts';
import { overlaps, type Span } from '../analysis/span.ts';
import { type ChangedRange, changedRange } from './changed-range.ts';
import { withParts } from './relations.ts';

/** What the engines last said of an open file, and of which text. */
export interface Answer {
  readonly text: string;
  /** All of the workspace, as it was then. */
  readonly documents: readonly Document[];
  readonly findings: readonly Finding[];
  /** It was about the whole file. */
  readonly complete: boolean;
}
export interface Answers {
  /** Undefined where another document changed since: what was found may rest on it. */
  of(path: string, documents: readonly Document[]): Answer | undefined;
  keep(path: string, answer: Answer): void;
  forget(paths: readonly string[] | 'all'): void;
}

export function createAnswers(): Answers {
  const answers = new Map<string, Answer>();
  return {
    of(path, documents) {
      const answer = answers.get(path);
      const before = answer?.documents;
      const same =
        before === documents ||
        (before?.length === documents.length && before.every((one, at) => one === documents[at] || one.path === path));
      return same ? answer : undefined;
    },
    keep: (path, answer) => void answers.set(path, answer),
    forget(paths) {
      if (paths === 'all') answers.clear();
      else for (const path of paths) answers.delete(path);
    },
  };
}

/** What was typed since an answer, and the part of the file whose findings it may have changed (offsets of the text after it). */
export interface EditSince extends ChangedRange {
  readonly region: Span;
}

export function editSince(before: string, after: string, document: Document): EditSince {
  const range = changedRange(before, after);
  return { ...range, region: isNothing(range) ? nowhere : aroundEdit(document, range) };
}
/** No subject stands there. */
const nowhere: Span = { start: -2, end: -1 };
export const isNothing = ({ start, oldEnd, newEnd }: ChangedRange): boolean => start === oldEnd && start === newEnd;

/** The outermost functions around the edit, else the statements, settings, calls and loops it touches. */
function aroundEdit(document: Document, { start, newEnd }: ChangedRange): Span {
  const edit: Span = { start, end: newEnd };
  let from = edit.start;
  let to = edit.end;
  const take = (span: Span): void => {
    if (span.start > edit.end || edit.start > span.end) return;
    from = Math.min(from, span.start);
    to = Math.max(to, span.end);
  };
  for (const part of withParts(document)) {
    for (const { span } of part.functions) take(span);
    for (const { anchor } of part.queries) take(anchor);
    for (const { anchor } of part.settings) take(anchor);
    for (const { span } of part.loops) take(span);
    for (const { span } of part.calls) take(span);
  }
  return { start: from, end: to };
}

/**
 * The findings before an edit that stand outside of its region, with their offsets after it. Fixes that would edit inside of
 * it are left out. While an engine has still to be asked, what engines said of the region stays too: else it would go with each
 * key and come back a moment later.
 */
export function carriedOver(findings: readonly Finding[], change: EditSince, waiting: boolean): Finding[] {
  if (isNothing(change)) return [...findings];
  const { region } = change;
  const by = change.newEnd - change.oldEnd;
  const old: Span = { start: region.start, end: Math.max(region.start, region.end - by) };
  const touches = (span: Span): boolean => overlaps(span, old) || span.start === old.end || span.end === old.start;
  const offset = (at: number): number => (at >= change.oldEnd ? at + by : Math.min(at, change.start));
  const moved = (span: Span): Span => (span.end <= change.start ? span : { start: offset(span.start), end: offset(span.end) });
  const fixesOf = (fixes: readonly Fix[]): readonly Fix[] =>
    fixes.flatMap((fix): Fix[] => {
      if (fix.kind !== 'edit') return [fix];
      if (fix.edits.some(({ span }) => touches(span))) return [];
      return [{ ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: moved(edit.span) })) }];
    });
  return findings
    .filter(({ span, anchor, evidence }) => (waiting && evidence.grade !== 'static') || (!touches(span) && !touches(anchor)))
    .map((finding) => ({
      ...finding,
      span: moved(finding.span),
      anchor: moved(finding.anchor),
      related: finding.related.map((place) => (place.path === finding.path ? { ...place, span: moved(place.span) } : place)),
      fixes: fixesOf(finding.fixes),
    }));
}

/** Both, in the order of the file; what both say is said once. */
export function merged(carried: readonly Finding[], fresh: readonly Finding[]): Finding[] {
  const keyOf = ({ rule, span, message }: Finding): string => `${rule} ${span.start} ${span.end} ${message}`;
  const said = new Set(fresh.map(keyOf));
  return [...carried.filter((finding) => !said.has(keyOf(finding))), ...fresh].sort(
    (left, right) => left.span.start - right.span.start || left.span.end - right.span.end || (left.rule < right.rule ? -1 : 1),
  );
}
