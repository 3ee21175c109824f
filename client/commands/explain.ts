/** Explain the statement at the cursor, or the one a lens stands over. */
import { ProgressLocation, window } from 'vscode';
import { type ExplainParams, type ExplainResult, requests } from '../../server/protocol.ts';
import type { Server } from '../language-client.ts';
import type { PlanDocuments } from '../plan-documents.ts';
import { type StatementPlace, statementPlace } from '../statement-place.ts';

export async function explain(server: Server, plans: PlanDocuments, uri?: string, position?: StatementPlace['position']): Promise<void> {
  const place = statementPlace(uri, position);
  if (place === undefined) return;
  const parameters: ExplainParams = place;
  const plan = await window.withProgress({ location: ProgressLocation.Window, title: 'Explaining' }, () =>
    server.request<ExplainResult>(requests.explain, parameters),
  );
  await plans.show(`${uri ?? place.uri}#${place.position.line}`, plan.title, plan.text);
}
