/** Check every file of the folders; the server shows the progress and lets it be cancelled. */
import { commands, window } from 'vscode';
import { type CheckWorkspaceResult, requests } from '../../server/protocol.ts';
import type { Server } from '../language-client.ts';

export async function checkWorkspace(server: Server): Promise<void> {
  const result = await server.request<CheckWorkspaceResult>(requests.checkWorkspace, {});
  if (result.cancelled) return;
  const findings = `${result.findings} ${result.findings === 1 ? 'finding' : 'findings'} in ${result.files} ${result.files === 1 ? 'file' : 'files'}`;
  const missed = result.unchecked.length === 0 ? '' : `; ${result.unchecked.length} could not be checked`;
  const actions = ['Show Problems', ...(result.unchecked.length === 0 ? [] : ['Show Log'])];
  const choice = await window.showInformationMessage(`TuneLens: ${findings}${missed}.`, ...actions);
  if (choice === 'Show Problems') await commands.executeCommand('workbench.actions.view.problems');
  else if (choice === 'Show Log') await commands.executeCommand('tunelens.showOutput');
}
