/** workspace/didChangeWatchedFiles: files changed by someone else than the editor. */
import { logged } from '../guard.ts';
import { pathOf } from '../paths.ts';
import type { Session } from '../session.ts';

export function onWatchedFiles(session: Session, changed: (paths: readonly string[]) => void): void {
  session.connection.onDidChangeWatchedFiles(
    logged(session.connection, 'workspace/didChangeWatchedFiles', ({ changes }) => {
      const paths = changes.map(({ uri }) => pathOf(uri));
      session.project.touched(paths);
      changed(paths);
    }),
  );
}
