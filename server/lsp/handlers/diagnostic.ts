/** textDocument/diagnostic: the findings of one open document, or "unchanged". */
import {
  type DiagnosticServerCancellationData,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver/node';
import type { Checks } from '../checks.ts';
import { guarded } from '../guard.ts';
import { pathOf } from '../paths.ts';
import { emptyReport, reportOf } from '../reports.ts';
import { type Session, signalOf } from '../session.ts';

export function onDiagnostic(session: Session, checks: Checks): void {
  session.connection.languages.diagnostics.on(
    guarded(session.connection, 'textDocument/diagnostic', async (params, token): Promise<DocumentDiagnosticReport> => {
      const path = pathOf(params.textDocument.uri);
      const result = await checks.soon(path, signalOf(token));
      const version = session.documents.get(path)?.version;
      if (result !== undefined && version !== undefined && result.version !== undefined && result.version !== version) {
        // The text went on while it was being checked: ranges of the old one would point at the wrong words.
        const data: DiagnosticServerCancellationData = { retriggerRequest: true };
        throw new ResponseError(LSPErrorCodes.ServerCancelled, 'the document changed', data);
      }
      const report = result === undefined ? emptyReport : reportOf(session, result);
      if (report.resultId === params.previousResultId) {
        return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: report.resultId };
      }
      return { kind: DocumentDiagnosticReportKind.Full, resultId: report.resultId, items: [...report.items] };
    }) as Parameters<typeof session.connection.languages.diagnostics.on>[0],
  );
}
