/**
 * workspace/diagnostic: the findings of the files that are not open. A client that takes partial
 * results keeps one request open and is told as files become stale; another asks again and again
 * and gets each time what is new.
 */
import {
  DocumentDiagnosticReportKind,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver/node';
import { guarded } from '../guard.ts';
import { pathOf } from '../paths.ts';
import type { Session } from '../session.ts';
import { documentUri } from '../to-lsp.ts';
import type { WorkspaceReports } from '../workspace-reports.ts';

export function onWorkspaceDiagnostic(session: Session, reports: WorkspaceReports): void {
  session.connection.languages.diagnostics.onWorkspace(
    guarded(session.connection, 'workspace/diagnostic', async (params, token, _progress, partial): Promise<WorkspaceDiagnosticReport> => {
      reports.reconcile(new Map(params.previousResultIds.map(({ uri, value }) => [pathOf(uri), value])));
      const items = (): WorkspaceDocumentDiagnosticReport[] =>
        reports.take().map(([path, report]) => ({
          kind: DocumentDiagnosticReportKind.Full,
          uri: documentUri(session, path),
          version: null,
          resultId: report.resultId,
          items: [...report.items],
        }));
      const first = items();
      if (first.length > 0 && partial === undefined) return { items: first };
      if (first.length > 0) partial?.report({ items: first });
      return new Promise<WorkspaceDiagnosticReport>((resolve) => {
        const end = (answer: readonly WorkspaceDocumentDiagnosticReport[]): void => {
          stop();
          resolve({ items: [...answer] });
        };
        const stop = reports.onReports(() => {
          const next = items();
          if (next.length === 0) return;
          if (partial === undefined) end(next);
          else partial.report({ items: next });
        });
        if (token.isCancellationRequested) end([]);
        else token.onCancellationRequested(() => end([]));
      });
    }) as Parameters<typeof session.connection.languages.diagnostics.onWorkspace>[0],
  );
}
