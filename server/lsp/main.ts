/** The language server: puts the parts together for one connection. */
import {
  CodeLensRefreshRequest,
  createConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type Connection as LspConnection,
  ProposedFeatures,
} from 'vscode-languageserver/node';
import manifest from '../../package.json' with { type: 'json' };
import { createProject } from '../workspace/create-project.ts';
import { createChecks } from './checks.ts';
import { createContext } from './context.ts';
import { describe, guarded, logged } from './guard.ts';
import { onAdvise } from './handlers/advise.ts';
import { onBenchmark } from './handlers/benchmark.ts';
import { onCheckWorkspace } from './handlers/check-workspace.ts';
import { onCodeAction } from './handlers/code-action.ts';
import { onCodeLens } from './handlers/code-lens.ts';
import { onConfiguration } from './handlers/configuration.ts';
import { onConnect } from './handlers/connect.ts';
import { onDatabases } from './handlers/databases.ts';
import { onDiagnostic } from './handlers/diagnostic.ts';
import { onExplain } from './handlers/explain.ts';
import { onHover } from './handlers/hover.ts';
import { onInitialize } from './handlers/initialize.ts';
import { onMigration } from './handlers/migration.ts';
import { createPublisher } from './handlers/publish-diagnostics.ts';
import { onTextDocumentContent } from './handlers/text-document-content.ts';
import { onTextSync } from './handlers/text-sync.ts';
import { onTrust } from './handlers/trust.ts';
import { onWatchedFiles } from './handlers/watched-files.ts';
import { onWorkspaceDiagnostic } from './handlers/workspace-diagnostic.ts';
import { onWorkspaceFolders } from './handlers/workspace-folders.ts';
import { growSlowly } from './memory.ts';
import { plainClient, type Session } from './session.ts';
import { createStatus } from './status.ts';
import { createWorkspaceReports } from './workspace-reports.ts';

/**
 * Serves until the client says `exit` or goes away; the process ends with it, with code 0 after a
 * `shutdown` and 1 without. `ipc` is Node's own channel to a parent that forked this process.
 */
export function startServer(transport: 'stdio' | 'ipc'): void {
  growSlowly();
  const connection = connect(transport);
  if (transport === 'stdio') protectStdout(connection);
  // The last line of defence: what nobody awaited is logged, and the person keeps their editor's help.
  process.on('unhandledRejection', (error) => connection.console.error(`unhandled: ${describe(error)}`));
  process.on('uncaughtException', (error) => connection.console.error(`uncaught: ${describe(error)}`));
  serve(connection);
  connection.listen();
}

function serve(connection: LspConnection): void {
  const session: Session = {
    connection,
    project: createProject({ roots: [], trusted: false, log: (line) => connection.console.warn(line) }),
    documents: new Map(),
    status: createStatus(connection),
    folders: [],
    client: plainClient,
    settings: { codeLens: true, scope: 'workspace' },
  };
  const reports = createWorkspaceReports(session);
  const refresh = createRefresh(session);
  const checks = createChecks(session, refresh);
  const publisher = createPublisher(session, reports);
  const recheckOpen = (): void => {
    checks.stale();
    if (session.client.pullDiagnostics) refresh();
    else for (const path of session.documents.keys()) publisher.check(path);
  };

  const refreshLenses = (): void => {
    if (session.client.refreshCodeLens) logged(connection, 'refresh', () => connection.sendRequest(CodeLensRefreshRequest.type))();
  };
  const context = createContext(session, () => {
    reports.stale('all');
    recheckOpen();
  });

  session.project.onStale((paths) => {
    reports.stale(paths);
    if (paths === 'all' || paths.some((path) => session.documents.has(path))) recheckOpen();
  });
  const configuration = onConfiguration(session, (scopeChanged) => {
    if (scopeChanged) reports.scopeChanged();
    refreshLenses();
  });
  onInitialize(session, manifest.version, async () => {
    onWorkspaceFolders(session);
    await configuration.pull();
    reports.stale('all');
  });
  onTextSync(session, {
    opened(path) {
      context.opened(path);
      if (!session.client.pullDiagnostics) publisher.check(path);
    },
    changed(path) {
      checks.drop(path);
      context.edited(path);
      if (!session.client.pullDiagnostics) publisher.check(path);
    },
    closed(path) {
      checks.drop(path);
      context.edited(path);
      publisher.close(path);
      reports.closed(path);
    },
  });
  onWatchedFiles(session, (paths) => {
    reports.stale(paths);
    context.saved(paths);
  });
  onTrust(session);
  onDiagnostic(session, checks);
  onWorkspaceDiagnostic(session, reports);
  onCodeAction(session, checks);
  onHover(session, checks);
  onCodeLens(session);
  onTextDocumentContent(session);
  onConnect(session, recheckOpen);
  onDatabases(session);
  onExplain(session);
  onBenchmark(session);
  onMigration(session);
  onCheckWorkspace(session, reports);
  onAdvise(session);
  connection.onShutdown(
    guarded(connection, 'shutdown', async () => {
      context.dispose();
      reports.dispose();
      publisher.dispose();
      await session.project.dispose();
    }),
  );
}

/** Asks the client to ask again, once for what changes within 50 ms. */
function createRefresh(session: Session): () => void {
  let scheduled: NodeJS.Timeout | undefined;
  return () => {
    if (!session.client.refreshDiagnostics) return;
    if (scheduled !== undefined) return;
    scheduled = setTimeout(() => {
      scheduled = undefined;
      logged(session.connection, 'refresh', () => session.connection.languages.diagnostics.refresh())();
    }, 50);
  };
}

function connect(transport: 'stdio' | 'ipc'): LspConnection {
  // Over streams the library ends the process with its input; Node's own channel has to be watched.
  if (transport === 'stdio') return createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  process.once('disconnect', () => process.exit(1));
  return createConnection(ProposedFeatures.all, new IPCMessageReader(process), new IPCMessageWriter(process));
}

/** A library that prints would break the protocol on standard output; its words belong into the log. */
function protectStdout(connection: LspConnection): void {
  const log = (...values: readonly unknown[]): void => connection.console.log(values.map(String).join(' '));
  console.log = log;
  console.info = log;
  console.debug = log;
}
