/**
 * The findings that an old repository starts with, so that only new ones count. A finding is known
 * again by its rule, its file and what its line says, not by the line's number.
 */
import { createHash } from 'node:crypto';
import type { Finding } from '../analysis/rule.ts';
import { positionAt } from '../analysis/span.ts';

export interface BaselineEntry {
  readonly rule: string;
  /** Relative to the baseline file's folder, with forward slashes. */
  readonly file: string;
  readonly fingerprint: string;
  readonly count: number;
}

/** How a finding's text is looked up: the file's text with the offsets of its lines. */
export interface BaselineContext {
  readonly display: (path: string) => string;
  readonly source: (path: string) => { readonly text: string; readonly starts: readonly number[] };
}

export function fingerprint(finding: Finding, context: BaselineContext): string {
  const { text, starts } = context.source(finding.path);
  const first = positionAt(starts, finding.span.start).line;
  const last = positionAt(starts, Math.max(finding.span.start, finding.span.end - 1)).line;
  const lines = text
    .slice(starts[first] ?? 0, starts[last + 1] ?? text.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // What is said of a database stands in no line.
  const parts = [
    finding.rule,
    context.display(finding.path),
    ...(lines.length === 0 && finding.object !== undefined ? [finding.object] : lines),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

export function writeBaseline(findings: readonly Finding[], context: BaselineContext): string {
  const entries = new Map<string, BaselineEntry>();
  for (const finding of findings) {
    const print = fingerprint(finding, context);
    const known = entries.get(print);
    entries.set(print, { rule: finding.rule, file: context.display(finding.path), fingerprint: print, count: (known?.count ?? 0) + 1 });
  }
  const sorted = [...entries.values()].sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
  return `${JSON.stringify({ tool: 'tunelens', baseline: 1, findings: sorted }, undefined, 2)}\n`;
}

const sortKey = (entry: BaselineEntry): string => `${entry.file}\u0000${entry.rule}\u0000${entry.fingerprint}`;

/** The entries of a baseline file; a sentence where the text is none. */
export function readBaseline(text: string): readonly BaselineEntry[] | { readonly error: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: `is not JSON (${error instanceof Error ? error.message : String(error)}); write it anew with --write-baseline` };
  }
  const findings = (value as { baseline?: unknown; findings?: unknown } | null)?.findings;
  const version = (value as { baseline?: unknown } | null)?.baseline;
  if (version !== 1 || !Array.isArray(findings) || !findings.every(isEntry)) {
    return { error: 'is not a baseline of TuneLens; write it anew with --write-baseline' };
  }
  return findings;
}

function isEntry(value: unknown): value is BaselineEntry {
  const entry = value as Partial<Record<keyof BaselineEntry, unknown>> | null;
  return (
    typeof entry?.rule === 'string' &&
    typeof entry.file === 'string' &&
    typeof entry.fingerprint === 'string' &&
    typeof entry.count === 'number'
  );
}

/** The findings that the baseline does not hold: of two alike where it knows one, one is new. */
export function withoutBaseline(
  findings: readonly Finding[],
  baseline: readonly BaselineEntry[],
  context: BaselineContext,
): readonly Finding[] {
  const left = new Map<string, number>();
  for (const { fingerprint: print, count } of baseline) left.set(print, (left.get(print) ?? 0) + count);
  return findings.filter((finding) => {
    const print = fingerprint(finding, context);
    const remaining = left.get(print) ?? 0;
    if (remaining === 0) return true;
    left.set(print, remaining - 1);
    return false;
  });
}
