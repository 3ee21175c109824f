/** Reconnect what was lost. */
import { window } from 'vscode';
import type { Connections } from '../connections.ts';

export async function reconnect(connections: Connections): Promise<void> {
  const problem = await connections.reconnect();
  if (problem === undefined) return;
  if ((await window.showErrorMessage(problem, 'Try Again')) === 'Try Again') await reconnect(connections);
}
