/** What the status item offers: connections, checks, the log, a restart. */
import { commands, type QuickPickItem, QuickPickItemKind, window, workspace } from 'vscode';
import type { Connections } from '../connections.ts';

interface Entry extends QuickPickItem {
  readonly command?: string;
}

export async function showMenu(connections: Connections): Promise<void> {
  const { states } = connections;
  const lost = states.some(({ state }) => state === 'lost' || state === 'failed');
  const entries: Entry[] = [
    { label: 'Databases', kind: QuickPickItemKind.Separator },
    ...states.map(({ label, state, message }) => ({
      label: `${state === 'connected' ? '$(pass-filled)' : '$(warning)'} ${label}`,
      description: state,
      ...(message === undefined ? {} : { detail: message }),
      command: state === 'connected' ? 'tunelens.disconnect' : 'tunelens.reconnect',
    })),
    ...(workspace.isTrusted
      ? [{ label: '$(plug) Connect to a database…', command: 'tunelens.connect' }]
      : [{ label: '$(workspace-untrusted) Trust this folder to connect…', command: 'workbench.trust.manage' }]),
    ...(lost ? [{ label: '$(debug-restart) Reconnect', command: 'tunelens.reconnect' }] : []),
    ...(states.length > 0 ? [{ label: '$(debug-disconnect) Disconnect…', command: 'tunelens.disconnect' }] : []),
    { label: 'Checks', kind: QuickPickItemKind.Separator },
    { label: '$(search) Check the whole folder', command: 'tunelens.checkWorkspace' },
    { label: '$(lightbulb) Advise indexes for all SQL of the folder', command: 'tunelens.adviseIndexes' },
    { label: '$(book) Rules…', command: 'tunelens.showRule' },
    { label: 'Server', kind: QuickPickItemKind.Separator },
    { label: '$(output) Show the log', command: 'tunelens.showOutput' },
    { label: '$(refresh) Restart the server', command: 'tunelens.restartServer' },
  ];
  const chosen = await window.showQuickPick(entries, { title: 'TuneLens' });
  if (chosen?.command !== undefined) await commands.executeCommand(chosen.command);
}
