/** The one state that the editor's status item shows: health, a sentence, the connections. */
import type { Connection as LspConnection } from 'vscode-languageserver/node';
import type { ConnectionState, ServerStatus } from '../protocol.ts';
import { notifications } from '../protocol.ts';

export interface Status {
  /** Says that work has begun; call what it returns when the work is over. */
  busy(what: string): () => void;
  /** A sentence about something that is wrong, until it is cleared under the same key. */
  problem(key: string, message: string | undefined): void;
  connection(state: ConnectionState): void;
  forget(id: string): void;
  readonly connections: readonly ConnectionState[];
}

export function createStatus(lsp: LspConnection): Status {
  const work = new Map<symbol, string>();
  const problems = new Map<string, string>();
  const connections = new Map<string, ConnectionState>();
  let last = '';
  let scheduled: NodeJS.Timeout | undefined;

  const current = (): ServerStatus => {
    const states = [...connections.values()];
    const broken = states.find((state) => state.state === 'lost' || state.state === 'failed');
    const problem = [...problems.values()].at(-1);
    const doing = [...work.values()].at(-1);
    const connected = states.filter((state) => state.state === 'connected').map((state) => state.label);
    if (doing !== undefined) return { health: 'busy', message: doing, connections: states };
    if (broken !== undefined)
      return { health: 'warning', message: broken.message ?? `${broken.label} is not connected.`, connections: states };
    if (problem !== undefined) return { health: 'warning', message: problem, connections: states };
    const message =
      connected.length === 0
        ? 'No database is connected: plans come from the schema found in the folder.'
        : `Plans come from ${connected.join(', ')}.`;
    return { health: 'ok', message, connections: states };
  };
  const send = (): void => {
    // Short work would only make the item flicker, so what changes within a tick is told once.
    if (scheduled !== undefined) return;
    scheduled = setTimeout(() => {
      scheduled = undefined;
      const status = current();
      const text = JSON.stringify(status);
      if (text === last) return;
      last = text;
      lsp.sendNotification(notifications.status, status).catch(() => {});
    }, 50);
    scheduled.unref();
  };
  return {
    busy(what) {
      const key = Symbol(what);
      work.set(key, what);
      send();
      return () => {
        work.delete(key);
        send();
      };
    },
    problem(key, message) {
      if (message === undefined) problems.delete(key);
      else problems.set(key, message);
      send();
    },
    connection(state) {
      connections.set(state.id, state);
      send();
    },
    forget(id) {
      connections.delete(id);
      send();
    },
    get connections() {
      return [...connections.values()];
    },
  };
}
