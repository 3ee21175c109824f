/** tunelens/databases: SQLite files in the opened folders, for the list a person picks from. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { type DatabaseFile, type DatabasesResult, requests } from '../../protocol.ts';
import { guarded } from '../guard.ts';
import type { Session } from '../session.ts';

/** Databases are mostly git-ignored, so ignore rules do not count here; these folders hold other people's files. */
const skipped: ReadonlySet<string> = new Set(['node_modules', '.git', '.venv', 'venv', 'target', 'dist', '__pycache__', '.tox']);
const extensions = /\.(?:db|db3|sqlite|sqlite3|s3db)$/i;
const magic = 'SQLite format 3\0';
/** Enough for any repository; a home folder opened by mistake must not be walked to its end. */
const mostFolders = 5_000;

export function onDatabases(session: Session): void {
  session.connection.onRequest(
    requests.databases,
    guarded(session.connection, requests.databases, (): DatabasesResult => {
      const files = session.folders.flatMap(({ path }) => databasesUnder(path));
      // Other people's copies and backups tend to lie deep; what the application uses lies near the top.
      files.sort((left, right) => depth(left) - depth(right) || (left.label < right.label ? -1 : 1));
      return { files };
    }),
  );
}

function databasesUnder(root: string): DatabaseFile[] {
  const found: DatabaseFile[] = [];
  const queue = [root];
  for (let seen = 0; seen < queue.length && seen < mostFolders; seen++) {
    const folder = queue[seen] ?? root;
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch {
      // A folder we may not read holds no database we could open.
      continue;
    }
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) queue.push(path);
      else if (entry.isFile() && extensions.test(entry.name) && isDatabase(path))
        found.push({ path, label: path.slice(root.length + 1), bytes: statSync(path).size });
    }
  }
  return found;
}

function isDatabase(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(magic.length);
      return readSync(file, head, 0, head.length, 0) === head.length && head.toString('latin1') === magic;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

function depth(file: DatabaseFile): number {
  return file.label.split('/').length;
}
