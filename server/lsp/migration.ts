/** A script fix as files in the repository's own style, or as an untitled script where it has none. */
import { existsSync } from 'node:fs';
import type { CreateFile, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import type { ScriptFix } from '../analysis/fix.ts';
import { mayBeMigration, nearestStyle, recogniseMigrations, writeMigration } from '../analysis/migrations.ts';
import type { MigrationParams, MigrationResult } from '../protocol.ts';
import { languageOfPath } from '../workspace/languages.ts';
import { folderOf, isWithin } from '../workspace/paths.ts';
import { readText } from '../workspace/text.ts';
import { pathOf, uriOf } from './paths.ts';
import type { Session } from './session.ts';
import { documentUri } from './to-lsp.ts';

/** Files that no reader wants but that tell whose migrations a folder holds. */
const manifests = ['Cargo.toml', 'go.mod', 'package.json', 'pyproject.toml', 'requirements.txt'];
const journal = 'meta/_journal.json';

export async function migrationFor(session: Session, params: MigrationParams): Promise<MigrationResult> {
  if (params.shownOnly === true) return { files: [{ text: `${params.script.trimEnd()}\n`, language: 'sql' }], style: 'script' };
  const script: ScriptFix = {
    kind: 'script',
    title: params.name,
    engine: params.engine,
    text: params.script,
    down: params.down,
    name: params.name,
    outsideTransaction: params.outsideTransaction,
  };
  const sources = await sourceFiles(session);
  const existing = holderOf(sources, params.script);
  if (existing !== undefined) return { files: [], style: 'existing', existing: documentUri(session, existing) };
  const styles = recogniseMigrations(sources);
  const style = nearestStyle(styles, pathOf(params.uri), script);
  const written = style === undefined ? [] : writeMigration(style, script, new Date().toISOString());
  if (style === undefined || written.length === 0) {
    return { files: [{ text: `${script.text.trimEnd()}\n`, language: 'sql' }], style: 'script' };
  }
  return {
    files: written.map(({ path, text, replaces }) => ({
      uri: uriOf(path),
      text,
      language: languageOfPath(path) ?? 'plaintext',
      ...(replaces === true && { replaces }),
    })),
    style: style.tool,
  };
}

/** The same as one edit that creates the files; undefined where there is no place for them. */
export async function migrationEdit(session: Session, params: MigrationParams): Promise<WorkspaceEdit | undefined> {
  const { files } = await migrationFor(session, params);
  const changes: (CreateFile | TextDocumentEdit)[] = [];
  for (const { uri, text, replaces } of files) {
    if (uri === undefined) continue;
    changes.push({ kind: 'create', uri, options: { ignoreIfExists: false, overwrite: replaces === true } });
    const start = { line: 0, character: 0 };
    changes.push({ textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: text }] });
  }
  return changes.length === 0 ? undefined : { documentChanges: changes };
}

/**
 * A connected database goes on asking for an index until the migration that creates it was run: the
 * file that creates an index of that name, so that it is not written twice.
 */
function holderOf(sources: readonly { readonly path: string; readonly text?: string }[], script: string): string | undefined {
  const name = /\bINDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?\s+ON\b/i.exec(script)?.[1];
  if (name === undefined) return undefined;
  const creates = new RegExp(`\\bINDEX\\s+(?:CONCURRENTLY\\s+)?(?:IF\\s+NOT\\s+EXISTS\\s+)?"?${name}"?\\s+ON\\b`, 'i');
  return sources.find(({ text }) => text !== undefined && creates.test(text))?.path;
}

async function sourceFiles(session: Session): Promise<{ readonly path: string; readonly text?: string }[]> {
  const paths = new Set(await session.project.files());
  const folders = new Set([...paths].map(folderOf));
  for (const folder of [...folders]) {
    // A package's manifest stands at or above the folder of its migrations, never above what is open.
    for (let at = folder; session.folders.some(({ path }) => isWithin(path, at)) && at !== folderOf(at); at = folderOf(at)) folders.add(at);
  }
  for (const folder of folders)
    for (const name of [...manifests, journal]) if (existsSync(`${folder}/${name}`)) paths.add(`${folder}/${name}`);
  return [...paths].map((path) => {
    if (!mayBeMigration(path)) return { path };
    const open = session.documents.get(path);
    if (open !== undefined) return { path, text: open.text };
    const file = readText(path);
    return 'text' in file ? { path, text: file.text } : { path };
  });
}
