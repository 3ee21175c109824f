/** The one status item: health at a glance, connections in the tooltip, everything else behind a click. */
import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { ServerStatus } from '../server/protocol.ts';
import type { Server } from './language-client.ts';

const calm: ServerStatus = { health: 'ok', message: '', connections: [] };

export function createStatusItem(server: Server): Disposable {
  const item = window.createStatusBarItem('tunelens.status', StatusBarAlignment.Right, 90);
  item.name = 'TuneLens';
  item.command = 'tunelens.showMenu';
  let status = calm;
  const show = (): void => {
    const broken = server.state === 'failed' || server.state === 'stopped';
    const busy = server.state === 'starting' || status.health === 'busy';
    const connected = status.connections.find(({ state }) => state === 'connected');
    const icon = broken
      ? '$(error)'
      : busy
        ? '$(sync~spin)'
        : status.health === 'warning'
          ? '$(warning)'
          : connected
            ? '$(database)'
            : '$(pulse)';
    item.text = `${icon} TuneLens`;
    item.backgroundColor = broken
      ? new ThemeColor('statusBarItem.errorBackground')
      : status.health === 'warning'
        ? new ThemeColor('statusBarItem.warningBackground')
        : undefined;
    const message = broken ? 'The server is not running.' : server.state === 'starting' ? 'Starting.' : status.message;
    item.accessibilityInformation = { label: `TuneLens: ${message}` };
    item.tooltip = tooltip(message, status);
    item.show();
  };
  const listeners = [
    server.onStatus((next) => {
      status = next;
      show();
    }),
    server.onState((state) => {
      if (state !== 'running') status = calm;
      show();
    }),
  ];
  show();
  return {
    dispose() {
      item.dispose();
      for (const listener of listeners) listener.dispose();
    },
  };
}

function tooltip(message: string, { connections }: ServerStatus): MarkdownString {
  const text = new MarkdownString('', true);
  text.appendText(message === '' ? 'TuneLens is ready.' : message);
  for (const { label, state } of connections) {
    text.appendMarkdown(`\n\n${state === 'connected' ? '$(pass)' : '$(warning)'} `);
    text.appendText(state === 'connected' ? label : `${label} (${state})`);
  }
  return text;
}
