/** Writes a proposed script as a migration in the repository's own style, or opens it as an untitled script. */
import { Uri, WorkspaceEdit, window, workspace } from 'vscode';
import { type MigrationParams, type MigrationResult, requests } from '../../server/protocol.ts';
import type { Server } from '../language-client.ts';

export async function createMigration(server: Server, parameters?: MigrationParams): Promise<void> {
  if (parameters === undefined) return;
  const { files, existing } = await server.request<MigrationResult>(requests.migration, parameters);
  if (existing !== undefined) {
    await window.showTextDocument(await workspace.openTextDocument(Uri.parse(existing)), { preview: false });
    void window.showInformationMessage('This migration already holds the index. Run it on the connected database.');
    return;
  }
  const edit = new WorkspaceEdit();
  for (const { uri, text, replaces } of files) {
    if (uri !== undefined)
      edit.createFile(Uri.parse(uri), { contents: new TextEncoder().encode(text), overwrite: replaces === true, ignoreIfExists: false });
  }
  if (files.some(({ uri }) => uri !== undefined) && !(await workspace.applyEdit(edit))) {
    void window.showErrorMessage('The migration could not be written: a file of that name exists, or the folder cannot be written to.');
    return;
  }
  for (const { uri, text, language, replaces } of files) {
    if (replaces === true) continue;
    const document =
      uri === undefined ? await workspace.openTextDocument({ language, content: text }) : await workspace.openTextDocument(Uri.parse(uri));
    await window.showTextDocument(document, { preview: false });
  }
}
