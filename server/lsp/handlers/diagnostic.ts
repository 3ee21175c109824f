/** textDocument/diagnostic: the findings of one open document, or "unchanged". */
import {
  type DiagnosticServerCancellationData,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver/node';
import type { Checks } from '../checks.ts';
import { guarded, isAbort } from '../guard.ts';
import { sweepSoon } from '../memory.ts';
import { pathOf } from '../paths.ts';
import { emptyReport, reportOf } from '../reports.ts';
import { type Session, signalOf } from '../session.ts';

export function onDiagnostic(session: Session, checks: Checks): void {
  session.connection.languages.diagnostics.on(
    guarded(session.connection, 'textDocument/diagnostic', async (params, token): Promise<DocumentDiagnosticReport> => {
      const path = pathOf(params.textDocument.uri);
      const result = await checks.soon(path, signalOf(token)).catch((error: unknown) => {
        // Not the client but a change ended it: the client should ask for the new text.
        throw isAbort(error) && !token.isCancellationRequested ? again('what was asked about changed') : error;
      });
      const version = session.documents.get(path)?.version;
      if (result !== undefined && version !== undefined && result.version !== undefined && result.version !== version) {
        // The text went on while it was being checked: ranges of the old one would point at the wrong words.
        throw again('the document changed');
      }
      sweepSoon();
      const report = result === undefined ? emptyReport : reportOf(session, result);
      if (report.resultId === params.previousResultId) {
        return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: report.resultId };
      }
      return { kind: DocumentDiagnosticReportKind.Full, resultId: report.resultId, items: [...report.items] };
    }) as Parameters<typeof session.connection.languages.diagnostics.on>[0],
  );
}

function again(why: string): ResponseError<DiagnosticServerCancellationData> {
  return new ResponseError(LSPErrorCodes.ServerCancelled, why, { retriggerRequest: true });
}
