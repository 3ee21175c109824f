/** Explain the statement at the cursor, or the one a lens stands over. */
import { ProgressLocation, Uri, window } from 'vscode';
import { type ExplainParams, type ExplainResult, requests } from '../../server/protocol.ts';
import type { Server } from '../language-client.ts';
import type { PlanDocuments } from '../plan-documents.ts';

export async function explain(
  server: Server,
  plans: PlanDocuments,
  uri?: string,
  position?: { readonly line: number; readonly character: number },
): Promise<void> {
  const editor = window.activeTextEditor;
  const active = editor?.selection.active;
  const at = position ?? (active === undefined ? undefined : { line: active.line, character: active.character });
  const document = uri ?? editor?.document.uri.toString();
  if (document === undefined || at === undefined) {
    void window.showInformationMessage('Put the cursor into an SQL statement first.');
    return;
  }
  const parameters: ExplainParams = { uri: Uri.parse(document).toString(), position: at };
  const plan = await window.withProgress({ location: ProgressLocation.Window, title: 'Explaining' }, () =>
    server.request<ExplainResult>(requests.explain, parameters),
  );
  await plans.show(`${document}#${at.line}`, plan.title, plan.text);
}
