// A language-server session over stdio, as an editor holds one.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import rpc from 'vscode-jsonrpc/node';

/** Starts the server on a folder and returns what a measurement needs. */
export async function startSession(cli, folder, { settings = {} } = {}) {
  const child = spawn(process.execPath, [cli, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(child.stdout), new rpc.StreamMessageWriter(child.stdin));
  const waiting = new Map();
  connection.onNotification('textDocument/publishDiagnostics', (params) => {
    waiting.get(params.uri)?.(params);
  });
  connection.onRequest('workspace/configuration', ({ items }) => items.map(() => settings));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onRequest('workspace/codeLens/refresh', () => null);
  connection.listen();
  const uri = pathToFileURL(folder).href;
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: 'bench' }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: { publishDiagnostics: { versionSupport: true } },
    },
    initializationOptions: { trusted: true },
  });
  connection.sendNotification('initialized', {});
  return {
    child,
    connection,
    /** Resolves with each publication for the document until `accept` says it is the one. */
    published(document, accept) {
      return new Promise((done, fail) => {
        const late = setTimeout(() => fail(new Error(`no such diagnostics for ${document} within 60 s`)), 60_000);
        waiting.set(document, (params) => {
          if (!accept(params)) return;
          clearTimeout(late);
          waiting.delete(document);
          done(params);
        });
      });
    },
    async stop() {
      await connection.sendRequest('shutdown');
      connection.sendNotification('exit');
      await new Promise((done) => child.once('exit', done));
      connection.dispose();
    },
  };
}

/** Resident memory of a process in MB, from the kernel. Its children are not counted. */
export async function residentMegabytes(pid) {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
