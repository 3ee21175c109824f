/** Findings and fixes -> the protocol's words. */
import {
  type CodeDescription,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { EditFix, TextEdit as SpanEdit } from '../analysis/fix.ts';
import type { Finding, RuleId, Severity } from '../analysis/rule.ts';
import type { Span } from '../analysis/span.ts';
import type { FileResult } from '../workspace/project.ts';
import type { OpenDocument } from './open-documents.ts';
import { uriOf } from './paths.ts';
import { type Encoding, type Lines, toPosition } from './positions.ts';
import { linesOf, type Session } from './session.ts';

export const source = 'tunelens';
/** Scheme of the documents that hold the rules' pages: `tunelens-rule:/sql/missing-index.md`. */
export const ruleScheme = 'tunelens-rule';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function ruleUri(rule: RuleId): string {
  return `${ruleScheme}:/${rule}.md`;
}

export function rangeOf(lines: Lines, span: Span, encoding: Encoding): Range {
  return { start: toPosition(lines, span.start, encoding), end: toPosition(lines, span.end, encoding) };
}

/** The diagnostics of one file; findings whose file can no longer be read are left out with it. */
export function diagnosticsOf(session: Session, result: FileResult): Diagnostic[] {
  const lines = linesOf(session, result.path, result);
  if (lines === undefined) return [];
  return result.findings.map((finding) => diagnosticOf(session, finding, lines));
}

export function diagnosticOf(session: Session, finding: Finding, lines: Lines): Diagnostic {
  const { client } = session;
  const related = client.relatedInformation ? relatedOf(session, finding) : [];
  const tags = finding.tags.map((tag) => (tag === 'unnecessary' ? DiagnosticTag.Unnecessary : DiagnosticTag.Deprecated));
  const description: CodeDescription | undefined = client.codeDescription && client.rulePages ? { href: ruleUri(finding.rule) } : undefined;
  return {
    range: rangeOf(lines, finding.span, client.encoding),
    severity: severities[finding.severity],
    source,
    code: finding.rule,
    message: [finding.message, ...finding.evidence.notes].join('\n'),
    ...(description === undefined ? {} : { codeDescription: description }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

function relatedOf(session: Session, finding: Finding) {
  return finding.related.flatMap((related) => {
    const lines = linesOf(session, related.path);
    if (lines === undefined) return [];
    return [
      {
        location: { uri: documentUri(session, related.path), range: rangeOf(lines, related.span, session.client.encoding) },
        message: related.message,
      },
    ];
  });
}

/** The URI as the client wrote it where the document is open, so that both mean one document. */
export function documentUri(session: Session, path: string): string {
  return session.documents.get(path)?.uri ?? uriOf(path);
}

export function textEditsOf(document: OpenDocument, edits: readonly SpanEdit[], encoding: Encoding): TextEdit[] {
  return edits.map((edit) => ({ range: rangeOf(document, edit.span, encoding), newText: edit.text }));
}

/** An edit of one document, tied to the version it was made for where the client can check that. */
export function workspaceEditOf(session: Session, document: OpenDocument, edits: readonly SpanEdit[]): WorkspaceEdit {
  const changes = textEditsOf(document, edits, session.client.encoding);
  return session.client.versionedEdits
    ? { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: changes }] }
    : { changes: { [document.uri]: changes } };
}

/** The edits of the fixes that do not touch each other, first come first served. */
export function mergeable(fixes: readonly EditFix[]): SpanEdit[] {
  const taken: SpanEdit[] = [];
  for (const fix of fixes) {
    const clashes = fix.edits.some((edit) => taken.some((other) => touches(edit.span, other.span)));
    if (!clashes) taken.push(...fix.edits);
  }
  return taken.sort((left, right) => left.span.start - right.span.start);
}

function touches(left: Span, right: Span): boolean {
  // Two insertions at one place have no order that both fixes meant.
  return left.start === right.start || (left.start < right.end && right.start < left.end);
}
