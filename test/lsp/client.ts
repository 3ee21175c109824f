/** A language client over stdio: what an editor does, without the editor. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type InitializeResult,
  LSPErrorCodes,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

/** A folder of its own for each test, by relative path; removed by `remove`. */
export interface Folder {
  readonly path: string;
  uri(name: string): string;
  write(name: string, text: string): void;
  remove(): void;
}
export function folder(files: Readonly<Record<string, string>>): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'tunelens-lsp-')));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    path,
    uri: (name) => pathToFileURL(join(path, name)).href,
    write,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface Options {
  readonly capabilities?: ClientCapabilities;
  readonly options?: unknown;
  /** What `workspace/configuration` answers for the section `tunelens`. */
  readonly settings?: unknown;
  readonly folders?: readonly Folder[];
}
export interface Client {
  readonly connection: ProtocolConnection;
  readonly server: ChildProcess;
  readonly initialized: InitializeResult;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  readonly log: string[];
  settings: unknown;
  /** How many times the server asked the client to ask again. */
  readonly refreshes: () => number;
  open(uri: string, languageId: string, text: string, version?: number): Promise<void>;
  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport>;
  /** Pulls until the condition holds, because an engine answers in its own time. */
  pullUntil(uri: string, condition: (items: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  /** The next published diagnostics of a document that fulfil the condition. */
  published(uri: string, condition: (items: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
  stop(): Promise<number | null>;
}

export const pulls: ClientCapabilities = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create'] },
  },
  textDocument: {
    diagnostic: { dynamicRegistration: false, relatedInformation: true, codeDescriptionSupport: true },
    publishDiagnostics: { relatedInformation: true, versionSupport: true },
    codeAction: { resolveSupport: { properties: ['edit'] }, dataSupport: true },
    hover: { contentFormat: ['markdown'] },
  },
};
export const pushes: ClientCapabilities = {
  workspace: { configuration: true, workspaceFolders: true },
  textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true } },
};

export async function connect(options: Options = {}): Promise<Client> {
  const server = spawn(process.execPath, ['dist/tunelens.js', 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => server.on('exit', resolve));
  const log: string[] = [];
  server.stderr.on('data', (data) => log.push(String(data)));
  const connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  const state = { settings: options.settings };
  let refreshes = 0;
  const waiting = new Set<{
    uri: string;
    condition: (items: readonly Diagnostic[]) => boolean;
    resolve: (items: readonly Diagnostic[]) => void;
  }>();
  const latest = new Map<string, readonly Diagnostic[]>();
  connection.onRequest('workspace/configuration', ({ items }: { items: { section?: string }[] }) =>
    items.map(({ section }) => (section === 'tunelens' ? state.settings : null)),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onRequest('workspace/diagnostic/refresh', () => {
    refreshes++;
    return null;
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    log.push(message);
  });
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: PublishDiagnosticsParams) => {
    latest.set(uri, diagnostics);
    for (const wait of [...waiting]) {
      if (wait.uri !== uri || !wait.condition(diagnostics)) continue;
      waiting.delete(wait);
      wait.resolve(diagnostics);
    }
  });
  connection.listen();
  const folders = options.folders ?? [];
  const initialized = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: options.capabilities ?? pulls,
    workspaceFolders: folders.map(({ path }) => ({ uri: pathToFileURL(path).href, name: path })),
    ...(options.options === undefined ? {} : { initializationOptions: options.options }),
  });
  await connection.sendNotification('initialized', {});
  const client: Client = {
    connection,
    server,
    initialized,
    exited,
    log,
    get settings() {
      return state.settings;
    },
    set settings(settings) {
      state.settings = settings;
    },
    refreshes: () => refreshes,
    open: (uri, languageId, text, version = 1) =>
      connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version, text } }),
    async pull(uri, previousResultId) {
      const parameters = { textDocument: { uri }, ...(previousResultId === undefined ? {} : { previousResultId }) };
      for (;;) {
        try {
          return await connection.sendRequest('textDocument/diagnostic', parameters);
        } catch (error) {
          // The server asks to be asked again when the text or its surroundings changed meanwhile.
          if ((error as { code?: number }).code !== LSPErrorCodes.ServerCancelled) throw error;
        }
      }
    },
    async pullUntil(uri, condition) {
      for (let tries = 0; ; tries++) {
        const report = await client.pull(uri);
        const items = report.kind === 'full' ? report.items : [];
        if (condition(items)) return items;
        if (tries > 200) throw new Error(`never; last: ${codes(items)}; log: ${log.map((line) => line.slice(0, 200)).join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    published(uri, condition) {
      const now = latest.get(uri);
      if (now !== undefined && condition(now)) return Promise.resolve(now);
      return new Promise((resolve) => waiting.add({ uri, condition, resolve }));
    },
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      return exited;
    },
  };
  return client;
}

export function codes(items: readonly Diagnostic[]): string[] {
  return items.map(({ code }) => String(code));
}
