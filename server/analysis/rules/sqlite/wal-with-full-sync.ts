import { isTestPath } from '../../calls/connections/sqlite-use.ts';
import type { Document, Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const walWithFullSync = rule({
  id: 'sqlite/wal-with-full-sync',
  severity: 'hint',
  on: 'setting',
  needs: ['workspaceSettings'],
  engines: ['sqlite'],
  applies: ({ setting }) => setting.key === 'journal_mode' && setting.value?.toLowerCase() === 'wal',
  *check({ document, setting }, { workspaceSettings }) {
    if (isTestPath(document.path)) return;
    const levels = document.settings.filter((other) => other.system === 'sqlite' && other.key === 'synchronous');
    const own = levels.filter((other) => sameConnection(setting, other));
    const full = own.find((other) => /^(?:2|3|full|extra)$/i.test(other.value ?? ''));
    if (full?.valueSpan !== undefined && own.length === 1) {
      const bare = full.valueSpan.end - full.valueSpan.start === full.value?.length;
      yield {
        span: full.valueSpan,
        message: `WAL with synchronous ${full.value} waits for the disk at every commit; NORMAL cannot corrupt the file either`,
        related: [{ path: document.path, span: setting.span, message: 'WAL mode is set here' }],
        fixes: bare
          ? [
              {
                kind: 'edit',
                title: 'Change to NORMAL (a power cut may lose the last commits)',
                safe: false,
                edits: [{ span: full.valueSpan, text: 'NORMAL' }],
              },
            ]
          : [],
      };
      return;
    }
    if (levels.length > 0 || workspaceSettings.some((other) => other.setting.system === 'sqlite' && other.setting.key === 'synchronous'))
      return;
    if (!defaultsToFull(document)) return;
    yield {
      span: setting.span,
      message: 'WAL with the default synchronous FULL waits for the disk at every commit; NORMAL cannot corrupt the file either',
      evidence: {
        grade: 'static',
        source: 'text',
        notes: ['PRAGMA synchronous = NORMAL is set per connection; a power cut may then lose the last commits'],
      },
    };
  },
});

/**
 * Python's drivers run the system's SQLite, whose default is FULL. better-sqlite3 and mattn/go-sqlite3
 * are compiled with SQLITE_DEFAULT_WAL_SYNCHRONOUS=1; of the others nobody can say from the text.
 */
function defaultsToFull(document: Document): boolean {
  const sqlite = document.connections.filter((connection) => connection.engine === 'sqlite');
  return sqlite.length > 0 && sqlite.every((connection) => /^python:(?:sqlite3|aiosqlite|sqlalchemy)$/.test(connection.driver));
}

function sameConnection(left: Setting, right: Setting): boolean {
  if (left.connection !== undefined && right.connection !== undefined) return left.connection === right.connection;
  return left.function === right.function;
}
