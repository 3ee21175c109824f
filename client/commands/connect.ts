/** Connect to a database: what lies in the folder first, then a file, then a server. */
import { basename } from 'node:path';
import { ProgressLocation, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode';
import { type DatabasesResult, requests } from '../../server/protocol.ts';
import { type Connections, splitPassword } from '../connections.ts';
import type { Server } from '../language-client.ts';

interface Choice extends QuickPickItem {
  readonly act?: () => Promise<Target | undefined>;
}
interface Target {
  readonly url: string;
  readonly name: string;
  readonly password?: string | undefined;
}

export async function connect(server: Server, connections: Connections): Promise<void> {
  if (!workspace.isTrusted) {
    void window.showWarningMessage('TuneLens connects to databases only in a trusted folder.');
    return;
  }
  const { files } = await server.request<DatabasesResult>(requests.databases, {});
  const choices: Choice[] = [
    ...(files.length > 0 ? [{ label: 'SQLite in this folder', kind: QuickPickItemKind.Separator }] : []),
    ...files.map(({ label, path, bytes }) => ({
      label: `$(database) ${basename(label)}`,
      description: label === basename(label) ? size(bytes) : `${label} · ${size(bytes)}`,
      act: async () => ({ url: `sqlite:${path}`, name: basename(label) }),
    })),
    { label: 'Another database', kind: QuickPickItemKind.Separator },
    { label: '$(folder-opened) SQLite file…', act: pickFile },
    { label: '$(link) PostgreSQL by URL…', act: askUrl },
    { label: '$(server) PostgreSQL by host, database and user…', act: askFields },
  ];
  const choice = await window.showQuickPick(choices, {
    title: 'Connect to a database',
    placeHolder: 'TuneLens only reads: it asks for plans, sizes and settings',
    matchOnDescription: true,
  });
  const target = await choice?.act?.();
  if (target !== undefined) await open(connections, target);
}

async function open(connections: Connections, target: Target): Promise<void> {
  const problem = await window.withProgress({ location: ProgressLocation.Window, title: 'Connecting' }, () =>
    connections.connect(target.url, target.password),
  );
  if (problem === undefined) {
    void window.showInformationMessage(`Connected to ${target.name}.`);
    return;
  }
  const again = /password|authenti/i.test(problem) ? 'Enter Password' : 'Try Again';
  if ((await window.showErrorMessage(problem, again)) !== again) return;
  if (again === 'Try Again') await open(connections, target);
  else {
    const password = await askPassword(target.name);
    if (password !== undefined) await open(connections, { ...target, password });
  }
}

async function pickFile(): Promise<Target | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const [file] =
    (await window.showOpenDialog({
      title: 'Open a SQLite database',
      openLabel: 'Connect',
      ...(folder === undefined ? {} : { defaultUri: folder }),
      filters: { 'SQLite databases': ['db', 'db3', 'sqlite', 'sqlite3', 's3db'], 'All files': ['*'] },
    })) ?? [];
  return file === undefined ? undefined : { url: `sqlite:${file.fsPath}`, name: basename(file.fsPath) };
}

async function askUrl(): Promise<Target | undefined> {
  const entered = await window.showInputBox({
    title: 'PostgreSQL by URL',
    prompt: 'A password in the URL is moved to the secret storage.',
    placeHolder: 'postgres://user@localhost:5432/database',
    ignoreFocusOut: true,
    validateInput: (value) => (isPostgresUrl(value) ? undefined : 'Write a URL such as postgres://user@localhost:5432/database'),
  });
  return entered === undefined ? undefined : withPassword(splitPassword(entered.trim()));
}

async function askFields(): Promise<Target | undefined> {
  const ask = (title: string, value: string, prompt?: string) =>
    window.showInputBox({ title, value, ignoreFocusOut: true, ...(prompt === undefined ? {} : { prompt }) });
  const host = await ask('PostgreSQL (1 of 4): host', 'localhost', 'A host name, or host:port where the port is not 5432');
  if (host === undefined) return undefined;
  const database = await ask('PostgreSQL (2 of 4): database', 'postgres');
  if (database === undefined) return undefined;
  const user = await ask('PostgreSQL (3 of 4): user', 'postgres');
  if (user === undefined) return undefined;
  const url = `postgres://${encodeURIComponent(user)}@${host}/${encodeURIComponent(database)}`;
  return isPostgresUrl(url) ? withPassword({ url }, 'PostgreSQL (4 of 4): password') : undefined;
}

async function withPassword(target: { readonly url: string; readonly password?: string }, title?: string): Promise<Target | undefined> {
  const { host, pathname } = new URL(target.url);
  const name = `${host}${pathname}`;
  if (target.password !== undefined) return { ...target, name };
  const password = await askPassword(name, title);
  return password === undefined ? undefined : { url: target.url, name, password: password === '' ? undefined : password };
}

function askPassword(name: string, title = `Password for ${name}`): Thenable<string | undefined> {
  return window.showInputBox({
    title,
    password: true,
    ignoreFocusOut: true,
    prompt: 'Kept in the secret storage of the editor. Leave it empty for none, or for the one already kept.',
  });
}

function isPostgresUrl(value: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(value.trim()) && URL.canParse(value.trim()) && Uri.parse(value.trim()).authority !== '';
}

function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / (1024 * 1024)).toFixed(bytes < 100 * 1024 * 1024 ? 1 : 0)} MB`;
}
