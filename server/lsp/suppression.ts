/** The comment that silences a finding at its place, in the host language's own syntax. */
import type { Document } from '../analysis/document.ts';
import type { TextEdit } from '../analysis/fix.ts';
import type { Finding } from '../analysis/rule.ts';
import { contains, positionAt } from '../analysis/span.ts';
import type { OpenDocument } from './open-documents.ts';

const signs: Readonly<Record<string, string>> = {
  sql: '--',
  python: '#',
  javascript: '//',
  javascriptreact: '//',
  typescript: '//',
  typescriptreact: '//',
  go: '//',
  rust: '//',
};

/** What stands where the person writes why; a comment without a reason is one nobody can judge later. */
export const reasonPlaceholder = 'why this is fine here';

/** A line above the statement or setting that the finding is about. `reason` is inserted as it is. */
export function suppressionEdit(document: OpenDocument, read: Document, finding: Finding, reason: string): TextEdit {
  const sign = signs[languageAt(read, finding)] ?? '#';
  const line = positionAt(document.starts, finding.anchor.start).line;
  const start = document.starts[line] ?? 0;
  const indent = /^[ \t]*/.exec(document.text.slice(start, start + 200))?.[0] ?? '';
  const end = document.text.includes('\r\n') ? '\r\n' : '\n';
  return { span: { start, end: start }, text: `${indent}${sign} tunelens-ignore ${finding.rule}: ${reason}${end}` };
}

/** The language at the finding: of the fence it stands in, else of the file. */
function languageAt(read: Document, finding: Finding): string {
  for (const part of read.parts) {
    const within =
      part.queries.some((query) => contains(query.span, finding.span)) ||
      part.settings.some((setting) => contains(setting.span, finding.span)) ||
      part.calls.some((call) => contains(call.span, finding.span));
    if (within) return languageAt(part, finding);
  }
  return read.language;
}
