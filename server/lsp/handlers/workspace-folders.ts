/** Folders that come and go while the editor is open. */
import { logged } from '../guard.ts';
import { pathOf } from '../paths.ts';
import type { Session } from '../session.ts';

export function onWorkspaceFolders(session: Session): void {
  const { connection } = session;
  connection.onNotification(
    'workspace/didChangeWorkspaceFolders',
    logged(
      connection,
      'workspace/didChangeWorkspaceFolders',
      ({ event }: { event: { added: { uri: string }[]; removed: { uri: string }[] } }) => {
        const gone = new Set(event.removed.map(({ uri }) => pathOf(uri)));
        const come = event.added.filter(({ uri }) => uri.startsWith('file:')).map(({ uri }) => ({ uri, path: pathOf(uri) }));
        const kept = session.folders.filter(({ path }) => !gone.has(path) && !come.some((folder) => folder.path === path));
        session.folders = [...kept, ...come];
        session.project.configure({ roots: session.folders.map(({ path }) => path) });
      },
    ),
  );
}
