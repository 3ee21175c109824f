/**
 * `tunelens-ignore family/mistake[, other]: reason` in a comment of the host language silences those
 * rules on its own line or, standing alone, on the next line that is not a comment;
 * `tunelens-ignore-file family/mistake: reason` silences them in the whole file.
 */
import type { Comment, Document } from '../analysis/document.ts';
import type { Finding } from '../analysis/rule.ts';
import { positionAt, type Span } from '../analysis/span.ts';

export interface Suppression {
  /** Rule ids, families (`sql`, `sql/*`) or `all`. */
  readonly rules: readonly string[];
  readonly reason: string;
  /** Lines, from 0, on which a finding or the statement it is about is silenced; undefined: the whole file. */
  readonly lines?: readonly number[] | undefined;
  readonly span: Span;
}

const directive = /tunelens-ignore(-file)?(?![\w-])[ \t]*([^:\n]*?)[ \t]*(?::[ \t]*([^\n]*))?(?:\n|$)/g;
const ruleName = /^(?:all|[a-z][a-z0-9-]*(?:\/(?:[a-z][a-z0-9-]*|\*))?)$/;
/** How a line begins that holds nothing but a comment, in any language that is read. */
const commentLine = /^\s*(?:#(?!\[)|\/\/|--|;|\/?\*|<!--|'''|""")/;

/** The suppressions of a file with those of the documents inside it; `problems` are comments that name no rule. */
export function readSuppressions(
  document: Document,
  text: string,
): { readonly suppressions: readonly Suppression[]; readonly problems: readonly string[] } {
  const suppressions: Suppression[] = [];
  const problems: string[] = [];
  const starts = document.lineStarts;
  const lineText = (line: number): string => text.slice(starts[line] ?? text.length, starts[line + 1] ?? text.length);
  for (const comment of allDirectives(document)) {
    const first = positionAt(starts, comment.span.start).line;
    const last = positionAt(starts, Math.max(comment.span.start, comment.span.end - 1)).line;
    for (const match of comment.text.matchAll(directive)) {
      const named = (match[2] ?? '').replace(/(?:\*\/|-->)\s*$/, '');
      const rules = named.split(/[\s,]+/).filter((name) => name !== '');
      if (rules.length === 0 || !rules.every((name) => ruleName.test(name))) {
        problems.push(`line ${first + 1}: tunelens-ignore names no rule; write tunelens-ignore family/mistake: reason`);
        continue;
      }
      const reason = (match[3] ?? '').replace(/(?:\*\/|-->)\s*$/, '').trim();
      if (match[1] !== undefined) {
        suppressions.push({ rules, reason, span: comment.span });
        continue;
      }
      const lines = [];
      for (let line = first; line <= last; line++) lines.push(line);
      const alone = text.slice(starts[first] ?? 0, comment.span.start).trim() === '';
      // A comment that stands alone is about what comes next, past further comments above the same statement.
      if (alone) {
        let next = last + 1;
        while (next < starts.length - 1 && commentLine.test(lineText(next))) next++;
        lines.push(next);
      }
      suppressions.push({ rules, reason, lines, span: comment.span });
    }
  }
  return { suppressions, problems };
}

/** Drops the findings that a suppression is about. A finding's line is where it or its statement begins or ends. */
export function withoutSuppressed(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  lineStarts: readonly number[],
): readonly Finding[] {
  if (suppressions.length === 0) return findings;
  return findings.filter((finding) => {
    const lines = new Set<number>();
    for (const span of [finding.span, finding.anchor]) {
      lines.add(positionAt(lineStarts, span.start).line);
      lines.add(positionAt(lineStarts, Math.max(span.start, span.end - 1)).line);
    }
    return !suppressions.some(
      (suppression) =>
        suppression.rules.some((name) => covers(name, finding.rule)) &&
        (suppression.lines === undefined || suppression.lines.some((line) => lines.has(line))),
    );
  });
}

function covers(name: string, rule: string): boolean {
  return name === rule || name === 'all' || rule.startsWith(name.endsWith('/*') ? name.slice(0, -1) : `${name}/`);
}

function* allDirectives(document: Document): Generator<Comment> {
  yield* document.directives;
  for (const part of document.parts) yield* allDirectives(part);
}
