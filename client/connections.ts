/** Which databases are connected, remembered for the folder; passwords live in the editor's secret storage and nowhere else. */
import { commands, type Disposable, type ExtensionContext, type LogOutputChannel, workspace } from 'vscode';
import {
  type ConnectionState,
  type ConnectParams,
  type ConnectResult,
  type DisconnectParams,
  requests,
  type ServerStatus,
} from '../server/protocol.ts';
import type { Server } from './language-client.ts';

const memory = 'connections';
/** Tries after a loss, in milliseconds since the one before: a server that restarts is back within the first two. */
const retries = [2_000, 8_000, 30_000];

export interface Connections extends Disposable {
  readonly states: readonly ConnectionState[];
  /** Undefined when it worked, else one sentence. `password` is stored when it worked. */
  connect(url: string, password?: string): Promise<string | undefined>;
  disconnect(id: string): Promise<void>;
  /** Those that were lost; undefined when all are back, else the first one's sentence. */
  reconnect(): Promise<string | undefined>;
  knowsPassword(url: string): Promise<boolean>;
}

export function createConnections(context: ExtensionContext, server: Server, output: LogOutputChannel): Connections {
  const urls = new Map<string, string>();
  let states: readonly ConnectionState[] = [];
  let timer: NodeJS.Timeout | undefined;
  const remembered = (): string[] => context.workspaceState.get<string[]>(memory, []);
  const secretOf = (url: string): string => `tunelens:${url}`;

  const open = async (url: string, password: string | undefined): Promise<string | undefined> => {
    const stored = password ?? (await context.secrets.get(secretOf(url)));
    const parameters: ConnectParams = stored === undefined ? { url } : { url, password: stored };
    const result = await server.request<ConnectResult>(requests.connect, parameters);
    if (result.connection === undefined) return result.error ?? 'The database did not answer.';
    urls.set(result.connection.id, url);
    if (password !== undefined && password !== '') await context.secrets.store(secretOf(url), password);
    if (!remembered().includes(url)) await context.workspaceState.update(memory, [...remembered(), url]);
    return undefined;
  };
  const lost = (): readonly ConnectionState[] => states.filter(({ state }) => state === 'lost' || state === 'failed');
  const reopen = async (): Promise<string | undefined> => {
    let problem: string | undefined;
    for (const { id } of lost()) {
      const url = urls.get(id);
      if (url !== undefined) problem ??= await open(url, undefined);
    }
    return problem;
  };
  const retry = (attempt: number): void => {
    const delay = retries[attempt];
    if (delay === undefined || timer !== undefined) return;
    timer = setTimeout(async () => {
      timer = undefined;
      try {
        if ((await reopen()) !== undefined) retry(attempt + 1);
      } catch (error) {
        output.warn(`Reconnecting failed: ${String(error)}`);
      }
    }, delay);
  };
  /** What the settings name and what was connected the last time; only where the folder is trusted. */
  const restore = async (): Promise<void> => {
    if (!workspace.isTrusted) return;
    const configured = workspace.getConfiguration('tunelens').get<readonly string[]>('connections', []);
    for (const url of new Set([...configured, ...remembered()])) {
      const problem = await open(url, undefined);
      if (problem !== undefined) output.warn(`${withoutPassword(url)}: ${problem}`);
    }
  };

  const listeners = [
    server.onStatus((status: ServerStatus) => {
      const before = lost().length;
      states = status.connections;
      void commands.executeCommand('setContext', 'tunelens.connected', states.length > 0);
      void commands.executeCommand('setContext', 'tunelens.lost', lost().length > 0);
      if (lost().length > before) retry(0);
    }),
    server.onState((state) => {
      if (state !== 'running') return;
      // A server that was started anew has no connections, whatever the last one had.
      states = [];
      restore().catch((error: unknown) => output.warn(`Connecting again failed: ${String(error)}`));
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      restore().catch((error: unknown) => output.warn(`Connecting failed: ${String(error)}`));
    }),
  ];
  return {
    get states() {
      return states;
    },
    connect: open,
    async disconnect(id) {
      const url = urls.get(id);
      urls.delete(id);
      if (url !== undefined) {
        await context.workspaceState.update(
          memory,
          remembered().filter((each) => each !== url),
        );
      }
      const parameters: DisconnectParams = { id };
      await server.request(requests.disconnect, parameters);
    },
    reconnect: reopen,
    async knowsPassword(url) {
      return (await context.secrets.get(secretOf(url))) !== undefined;
    },
    dispose() {
      clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
    },
  };
}

/** Splits the password off a URL, so that only the secret storage ever holds it. */
export function splitPassword(url: string): { readonly url: string; readonly password?: string } {
  const match = /^(\w+:\/\/[^:@/]*):([^@/]*)@(.*)$/.exec(url);
  if (match === null) return { url };
  return { url: `${match[1]}@${match[3]}`, password: decodeURIComponent(match[2] ?? '') };
}

function withoutPassword(url: string): string {
  return splitPassword(url).url;
}
