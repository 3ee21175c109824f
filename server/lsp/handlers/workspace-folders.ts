/** Folders that come and go while the editor is open. */
import { logged } from '../guard.ts';
import { pathOf } from '../paths.ts';
import type { Session } from '../session.ts';

/** To be called once the client has said that it has folders: without them the library refuses to listen. */
export function onWorkspaceFolders(session: Session): void {
  const { connection } = session;
  if (!session.client.workspaceFolders) return;
  connection.workspace.onDidChangeWorkspaceFolders(
    logged(connection, 'workspace/didChangeWorkspaceFolders', ({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => pathOf(uri)));
      const come = added.filter(({ uri }) => uri.startsWith('file:')).map(({ uri }) => ({ uri, path: pathOf(uri) }));
      const kept = session.folders.filter(({ path }) => !gone.has(path) && !come.some((folder) => folder.path === path));
      session.folders = [...kept, ...come];
      session.project.configure({ roots: session.folders.map(({ path }) => path) });
    }),
  );
}
