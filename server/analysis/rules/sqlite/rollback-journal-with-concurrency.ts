import { type Concurrency, concurrencyOf, isPrivate, isTestPath, withParts, writesRows } from '../../calls/connections/sqlite-use.ts';
import type { Document, Setting } from '../../document.ts';
import { type Report, rule } from '../../rule.ts';

export const rollbackJournalWithConcurrency = rule({
  id: 'sqlite/rollback-journal-with-concurrency',
  severity: 'warning',
  on: 'document',
  needs: ['documents', 'workspaceSettings'],
  wants: ['liveSettings'],
  applies: ({ document }) =>
    document.settings.some(isRollback) || document.connections.some((connection) => connection.engine === 'sqlite'),
  *check({ document }, { documents, workspaceSettings, liveSettings }) {
    if (isTestPath(document.path)) return;
    const chosen = document.settings.filter((setting) => isRollback(setting) && !reason.test(setting.comment?.text ?? ''));
    if (chosen.length > 0) {
      const found = concurrencyIn(document, documents);
      if (found === undefined) return;
      for (const setting of chosen) {
        const connection = setting.connection === undefined ? undefined : document.connections[setting.connection];
        if (connection === undefined || !isPrivate(document, connection)) yield explicitReport(setting, found);
      }
      return;
    }
    // A journal mode lasts in the file: one WAL anywhere, in code, in a script or in the database itself, settles it.
    if (workspaceSettings.some(({ setting }) => setting.system === 'sqlite' && setting.key === 'journal_mode')) return;
    if (liveSettings?.engine === 'sqlite' && liveSettings.get('journal_mode')?.value.toLowerCase() === 'wal') return;
    const found = concurrencyOf(document);
    const connection = found === undefined ? undefined : document.connections[found.connection];
    const call = connection === undefined ? undefined : document.calls[connection.call];
    // The sqlx command line makes new databases in WAL mode (docs.rs/sqlx, SqliteConnectOptions::journal_mode).
    if (found === undefined || connection?.driver === 'rust:sqlx' || call === undefined) return;
    // What a DSN that is put together elsewhere asks for, nobody can see here.
    if (connection?.driver.startsWith('go:') === true && connection.target === undefined) return;
    if (!writesRows(document) && ![...withParts(documents)].some(writesRows)) return;
    yield {
      span: call.span,
      severity: 'info',
      message: `No WAL anywhere, but ${found.words}: with the rollback journal every reader waits for the writer`,
      evidence: { grade: 'static', source: 'text', notes: ['PRAGMA journal_mode = WAL lasts in the file: set it once'] },
    };
  },
});

/** A comment that speaks of the choice was written by somebody who made it. */
const reason = /\b(?:wal|journal|delete|truncate|persist|nfs|network)\b/i;

function isRollback(setting: Setting): boolean {
  return setting.system === 'sqlite' && setting.key === 'journal_mode' && /^(?:delete|truncate|persist)$/i.test(setting.value ?? '');
}

interface Found extends Concurrency {
  readonly document: Document;
}

function concurrencyIn(document: Document, documents: readonly Document[]): Found | undefined {
  const here = concurrencyOf(document);
  if (here !== undefined) return { ...here, document };
  // The pool may be opened in another file, as long as there is no doubt which database is meant.
  const sites = [...withParts(documents)].filter((other) => other.connections.some((connection) => connection.engine === 'sqlite'));
  const [only] = sites;
  const elsewhere = sites.length === 1 && only !== undefined ? concurrencyOf(only) : undefined;
  return elsewhere === undefined || only === undefined ? undefined : { ...elsewhere, document: only };
}

function explicitReport(setting: Setting, found: Found): Report {
  const { valueSpan } = setting;
  const call = found.document.calls[found.document.connections[found.connection]?.call ?? -1];
  const quoted = valueSpan !== undefined && valueSpan.end - valueSpan.start === (setting.value?.length ?? 0) + 2;
  // `SqliteJournalMode::Delete` is no word of SQL.
  const replaceable = valueSpan !== undefined && (quoted || valueSpan.end - valueSpan.start === setting.value?.length);
  return {
    span: valueSpan ?? setting.span,
    message: `journal_mode ${setting.value} with ${found.words}: every reader waits for the writer; WAL lets them read on`,
    related: call === undefined ? [] : [{ path: found.document.path, span: call.span, message: 'Connections are opened here' }],
    fixes: replaceable
      ? [{ kind: 'edit', title: 'Change to WAL', safe: false, edits: [{ span: valueSpan, text: quoted ? "'WAL'" : 'WAL' }] }]
      : [],
  };
}
