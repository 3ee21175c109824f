/** Disconnect one database. */
import { window } from 'vscode';
import type { Connections } from '../connections.ts';

export async function disconnect(connections: Connections): Promise<void> {
  const { states } = connections;
  if (states.length === 0) {
    void window.showInformationMessage('No database is connected.');
    return;
  }
  const [only] = states;
  const chosen =
    states.length === 1 && only !== undefined
      ? { id: only.id }
      : await window.showQuickPick(
          states.map(({ id, label, state }) => ({ label: `$(database) ${label}`, description: state, id })),
          { title: 'Disconnect' },
        );
  if (chosen !== undefined) await connections.disconnect(chosen.id);
}
