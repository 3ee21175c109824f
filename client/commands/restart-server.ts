/** Restart the language server. */
import { ProgressLocation, window } from 'vscode';
import type { Server } from '../language-client.ts';

export async function restartServer(server: Server): Promise<void> {
  await window.withProgress({ location: ProgressLocation.Window, title: 'Restarting TuneLens' }, () => server.restart());
}
