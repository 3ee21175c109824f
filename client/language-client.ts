/** Starts, stops and restarts the server, and carries requests to it. */
import {
  type CancellationToken,
  type Disposable,
  type Event,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  window,
  workspace,
} from 'vscode';
import type { ErrorHandler, LanguageClient } from 'vscode-languageclient/node';
import { type InitializationOptions, notifications, type ServerStatus, type TrustParams } from '../server/protocol.ts';
import { documentSelector } from './languages.ts';

export type ServerState = 'stopped' | 'starting' | 'running' | 'failed';

export interface Server extends Disposable {
  start(): Promise<void>;
  restart(): Promise<void>;
  readonly state: ServerState;
  /** Of the server's process, while it runs. */
  readonly pid: number | undefined;
  readonly onState: Event<ServerState>;
  readonly onStatus: Event<ServerStatus>;
  /** Waits for the server where it is starting; throws what the server answers as an error. */
  request<Result>(method: string, parameters: unknown, token?: CancellationToken): Promise<Result>;
}

/** Restarts after a crash: more than this many within `crashWindow` milliseconds and something is wrong that a restart does not mend. */
const mostCrashes = 5;
const crashWindow = 180_000;

export function createServer(context: ExtensionContext, output: LogOutputChannel, commands: readonly string[]): Server {
  const stateChanged = new EventEmitter<ServerState>();
  const statusChanged = new EventEmitter<ServerStatus>();
  let state: ServerState = 'stopped';
  let client: LanguageClient | undefined;
  let starting: Promise<LanguageClient> | undefined;
  const enter = (next: ServerState): void => {
    state = next;
    stateChanged.fire(next);
  };

  const launch = async (): Promise<LanguageClient> => {
    enter('starting');
    // The library is half a megabyte: loading it here keeps it out of the activation.
    const library = await import('vscode-languageclient/node');
    const { LanguageClient, RevealOutputChannelOn, State, TransportKind } = library;
    const server = { module: context.asAbsolutePath('dist/tunelens.js'), args: ['lsp'], transport: TransportKind.ipc };
    const options: InitializationOptions = { trusted: workspace.isTrusted, commands, rulePages: true };
    const created = new LanguageClient(
      'tunelens',
      'TuneLens',
      { run: server, debug: { ...server, options: { execArgv: ['--nolazy', '--inspect=6019'] } } },
      {
        documentSelector: [...documentSelector],
        // The server names the one for what is pulled; two of one name would only warn about each other.
        diagnosticCollectionName: 'tunelens-pushed',
        outputChannel: output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: () => ({ ...options, trusted: workspace.isTrusted }),
        diagnosticPullOptions: { onChange: true, onSave: false, onFocus: true },
        markdown: { isTrusted: { enabledCommands: ['tunelens.showRule'] } },
        errorHandler: backOff(library.CloseAction.Restart, library.CloseAction.DoNotRestart, library.ErrorAction.Continue, () =>
          enter('failed'),
        ),
      },
    );
    created.onDidChangeState(({ newState }) => {
      if (newState === State.Running) enter('running');
      else if (newState === State.Starting) enter('starting');
      else if (state !== 'failed') enter('stopped');
    });
    created.onNotification(notifications.status, (status: ServerStatus) => statusChanged.fire(status));
    try {
      await created.start();
    } catch (error) {
      enter('failed');
      throw error;
    }
    client = created;
    return created;
  };
  const start = (): Promise<LanguageClient> => {
    starting ??= launch().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  const stop = async (): Promise<void> => {
    const running = client;
    client = undefined;
    starting = undefined;
    // A server that does not answer is killed by the library after this many milliseconds.
    await running?.dispose(2_000);
  };
  const trust = workspace.onDidGrantWorkspaceTrust(() => {
    const parameters: TrustParams = { trusted: true };
    void client?.sendNotification(notifications.trust, parameters);
  });
  return {
    async start() {
      try {
        await start();
      } catch (error) {
        output.error(`The language server did not start: ${error instanceof Error ? error.message : String(error)}`);
        void offerRestart('The TuneLens server did not start.', output, () => this.restart());
      }
    },
    async restart() {
      await stop().catch((error: unknown) => output.warn(`The server did not stop cleanly: ${String(error)}`));
      await this.start();
    },
    get state() {
      return state;
    },
    get pid() {
      return client?.serverProcess?.pid;
    },
    onState: stateChanged.event,
    onStatus: statusChanged.event,
    async request<Result>(method: string, parameters: unknown, token?: CancellationToken): Promise<Result> {
      const running = await start();
      // An absent token handed on would be sent as a second parameter.
      return token === undefined ? running.sendRequest<Result>(method, parameters) : running.sendRequest<Result>(method, parameters, token);
    },
    dispose() {
      trust.dispose();
      stateChanged.dispose();
      statusChanged.dispose();
      return stop();
    },
  };

  /** Restarts a crashed server after 1, 2, 4 … seconds, and gives up when it crashes again and again. */
  function backOff<Restart, Stop, Continue>(restart: Restart, stopped: Stop, goOn: Continue, gaveUp: () => void): ErrorHandler {
    const crashes: number[] = [];
    const handler = {
      error: () => ({ action: goOn, handled: true }),
      async closed() {
        const now = Date.now();
        while (crashes.length > 0 && (crashes[0] ?? now) < now - crashWindow) crashes.shift();
        crashes.push(now);
        if (crashes.length > mostCrashes) {
          gaveUp();
          output.error(`The server stopped ${crashes.length} times within ${crashWindow / 60_000} minutes; it is not started again.`);
          void offerRestart('The TuneLens server keeps stopping.', output, async () => {
            crashes.length = 0;
            client = undefined;
            starting = undefined;
            await start();
          });
          return { action: stopped, handled: true };
        }
        const delay = 1_000 * 2 ** (crashes.length - 1);
        output.warn(`The server stopped unexpectedly; it is started again in ${delay / 1_000} s.`);
        await new Promise((resolve) => setTimeout(resolve, delay));
        return { action: restart, handled: true };
      },
    };
    return handler as unknown as ErrorHandler;
  }
}

async function offerRestart(message: string, output: LogOutputChannel, restart: () => Promise<unknown>): Promise<void> {
  const choice = await window.showErrorMessage(message, 'Restart Server', 'Show Log');
  if (choice === 'Restart Server') await restart();
  else if (choice === 'Show Log') output.show();
}
