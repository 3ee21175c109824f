/** initialize and initialized: what both sides can do, then folders, settings and watchers. */
import {
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { featuresOf, optionsOf } from '../from-lsp.ts';
import { guarded, logged } from '../guard.ts';
import { pathOf, uriOf } from '../paths.ts';
import type { Session } from '../session.ts';
import { ruleScheme } from '../to-lsp.ts';
import { fixAllKind } from './code-action.ts';

/** Whatever a reader may want, and what changes how files are read; directories come and go by their files. */
const watched =
  '**/{*.{sql,ddl,dml,pgsql,psql,py,pyi,js,mjs,cjs,jsx,ts,mts,cts,tsx,go,rs,rb,prisma,md,markdown,conf},database.yml,Gemfile,tunelens.toml,.gitignore}';

export function onInitialize(session: Session, version: string, ready: () => Promise<void>): void {
  const { connection } = session;
  connection.onInitialize(
    guarded(connection, 'initialize', (params: InitializeParams): InitializeResult => {
      const options = optionsOf(params);
      session.client = featuresOf(params, options);
      session.folders = foldersOf(params);
      session.project.configure({ roots: session.folders.map(({ path }) => path), trusted: options.trusted !== false });
      return { capabilities: capabilitiesOf(session), serverInfo: { name: 'TuneLens', version } };
    }) as Parameters<Connection['onInitialize']>[0],
  );
  connection.onInitialized(
    logged(connection, 'initialized', async () => {
      await register(session);
      await ready();
    }),
  );
}

function foldersOf(params: InitializeParams): Session['folders'] {
  const folders = params.workspaceFolders?.map(({ uri }) => uri) ?? [];
  // Clients older than multi-root name one root, by URI or by path.
  const root = params.rootUri ?? (typeof params.rootPath === 'string' ? uriOf(params.rootPath) : undefined);
  const uris = folders.length > 0 ? folders : root === undefined ? [] : [root];
  return uris.filter((uri) => uri.startsWith('file:')).map((uri) => ({ uri, path: pathOf(uri) }));
}

function capabilitiesOf(session: Session): InitializeResult['capabilities'] {
  const { client } = session;
  return {
    positionEncoding: client.encoding,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    hoverProvider: true,
    codeLensProvider: { resolveProvider: false },
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind], resolveProvider: client.resolveCodeAction },
    ...(client.pullDiagnostics
      ? { diagnosticProvider: { identifier: 'tunelens', interFileDependencies: true, workspaceDiagnostics: true } }
      : {}),
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      ...(client.rulePages ? { textDocumentContent: { schemes: [ruleScheme] } } : {}),
    },
  };
}

/** What a client lets be registered only after the start; one that refuses loses that convenience alone. */
async function register(session: Session): Promise<void> {
  const { client, connection } = session;
  if (client.registerConfiguration) await connection.client.register(DidChangeConfigurationNotification.type, { section: 'tunelens' });
  if (client.registerWatchers)
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: watched }] });
}
