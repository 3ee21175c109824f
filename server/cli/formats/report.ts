/** What every format prints: findings with their lines, and what could not be checked. */
import type { Finding, Severity } from '../../analysis/rule.ts';
import { lineStarts, type Position, positionAt, type Span } from '../../analysis/span.ts';

/** A file's text and where its lines begin; the empty text where it can no longer be read. */
export interface SourceText {
  readonly text: string;
  readonly starts: readonly number[];
}
export interface Report {
  readonly version: string;
  readonly findings: readonly Finding[];
  readonly unchecked: readonly { readonly path: string; readonly reason: string }[];
  readonly files: number;
  readonly milliseconds: number;
  /** How a path is shown: relative to the working directory. */
  readonly display: (path: string) => string;
  readonly source: (path: string) => SourceText;
  /** What `--fix` did, one sentence each. */
  readonly done: readonly string[];
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export function rangeOf(source: SourceText, span: Span): Range {
  return { start: positionAt(source.starts, span.start), end: positionAt(source.starts, span.end) };
}

/** What is said of a connected database and stands in no file: its path is the connection's label. */
export function isOfDatabase(finding: Finding, report: Report): boolean {
  return finding.object !== undefined && report.source(finding.path).text === '';
}

export function sourceText(text: string): SourceText {
  return { text, starts: lineStarts(text) };
}

/** A line without its end. */
export function lineOf({ text, starts }: SourceText, line: number): string {
  return text.slice(starts[line] ?? text.length, starts[line + 1] ?? text.length).replace(/[\r\n]+$/, '');
}

export const severityRank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2, hint: 3 };
