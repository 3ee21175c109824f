/** What the handlers share: the connection, the project, the open documents and what the client can do. */
import type { CancellationToken, Connection as LspConnection } from 'vscode-languageserver/node';
import { lineStarts } from '../analysis/span.ts';
import type { FileResult, Project } from '../workspace/project.ts';
import { readText } from '../workspace/text.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Encoding, Lines } from './positions.ts';
import type { Status } from './status.ts';

/** The client's abilities, as far as an answer depends on them. */
export interface ClientFeatures {
  readonly encoding: Encoding;
  readonly pullDiagnostics: boolean;
  readonly refreshDiagnostics: boolean;
  readonly refreshCodeLens: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly versionedEdits: boolean;
  readonly createFile: boolean;
  readonly snippetEdits: boolean;
  readonly resolveCodeAction: boolean;
  readonly configuration: boolean;
  readonly registerConfiguration: boolean;
  readonly registerWatchers: boolean;
  readonly workspaceFolders: boolean;
  readonly progress: boolean;
  readonly markdown: boolean;
  readonly commands: ReadonlySet<string>;
  readonly rulePages: boolean;
}

/** Settings that concern the editor alone. */
export interface EditorSettings {
  readonly codeLens: boolean;
  /** `workspace`: every file of the folders is reported; `openFiles`: those that are open. */
  readonly scope: 'workspace' | 'openFiles';
}

export interface Session {
  readonly connection: LspConnection;
  readonly project: Project;
  /** By path. */
  readonly documents: Map<string, OpenDocument>;
  readonly status: Status;
  /** Folders by URI, in the client's order. */
  folders: readonly { readonly uri: string; readonly path: string }[];
  client: ClientFeatures;
  settings: EditorSettings;
}

export const plainClient: ClientFeatures = {
  encoding: 'utf-16',
  pullDiagnostics: false,
  refreshDiagnostics: false,
  refreshCodeLens: false,
  relatedInformation: false,
  codeDescription: false,
  versionedEdits: false,
  createFile: false,
  snippetEdits: false,
  resolveCodeAction: false,
  configuration: false,
  registerConfiguration: false,
  registerWatchers: false,
  workspaceFolders: false,
  progress: false,
  markdown: false,
  commands: new Set(),
  rulePages: false,
};

/** An AbortSignal that follows the request's cancellation. */
export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/**
 * Lines of any file: the editor's text, else the reader's line starts, else the disk. Undefined when
 * nobody has them. The text itself is fetched only for encodings that need it.
 */
export function linesOf(session: Session, path: string, result?: FileResult): Lines | undefined {
  const open = session.documents.get(path);
  if (open !== undefined) return open;
  if (session.client.encoding === 'utf-16') {
    const starts = result?.path === path ? result.document.lineStarts : session.project.document(path)?.lineStarts;
    if (starts !== undefined) return { starts };
  }
  const file = readText(path);
  return 'text' in file ? { text: file.text, starts: lineStarts(file.text) } : undefined;
}
