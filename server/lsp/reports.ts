/** A file's findings as a report with an id that is the same as long as the diagnostics are. */
import { createHash } from 'node:crypto';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { FileResult } from '../workspace/project.ts';
import type { Session } from './session.ts';
import { diagnosticsOf } from './to-lsp.ts';

export interface Report {
  readonly items: readonly Diagnostic[];
  /** From the content, so that the server need not remember what it said; `none` for no findings. */
  readonly resultId: string;
}
export const emptyReport: Report = { items: [], resultId: 'none' };

export function reportOf(session: Session, result: FileResult): Report {
  const items = diagnosticsOf(session, result);
  if (items.length === 0) return emptyReport;
  return { items, resultId: createHash('sha1').update(JSON.stringify(items)).digest('base64url').slice(0, 16) };
}
