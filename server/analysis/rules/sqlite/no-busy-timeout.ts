import { isPrivate, isReadOnly, isTestPath, settingsOfConnection, withParts, writesRows } from '../../calls/connections/sqlite-use.ts';
import { type SqliteDriver, sqliteDrivers } from '../../catalogues/sqlite-drivers.ts';
import type { Call, ConnectionSite, Document, Setting } from '../../document.ts';
import type { EditFix } from '../../fix.ts';
import { type Report, rule } from '../../rule.ts';

export const noBusyTimeout = rule({
  id: 'sqlite/no-busy-timeout',
  severity: 'warning',
  on: 'document',
  needs: ['documents', 'workspaceSettings'],
  applies: ({ document }) =>
    document.connections.some((connection) => connection.engine === 'sqlite') || document.settings.some(isExplicitZero),
  *check({ document }, { documents, workspaceSettings }) {
    if (isTestPath(document.path)) return;
    let writes: boolean | undefined;
    const writers = (): boolean => {
      writes ??= writesRows(document) || [...withParts(documents)].some(writesRows);
      return writes;
    };
    for (const setting of document.settings.filter(isExplicitZero)) {
      if (!privateConnection(document, setting) && writers()) yield explicitZero(setting);
    }
    for (const [index, connection] of document.connections.entries()) {
      const driver =
        connection.engine === 'sqlite' && Object.hasOwn(sqliteDrivers, connection.driver) ? sqliteDrivers[connection.driver] : undefined;
      const call = document.calls[connection.call];
      if (driver === undefined || call === undefined || isPrivate(document, connection) || isReadOnly(document, connection)) continue;
      // What a DSN that is put together elsewhere asks for, nobody can see here.
      if (driver.dsn !== undefined && connection.target === undefined) continue;
      const own = settingsOfConnection(document, index);
      const replaced = driver.pragmasReplaceDefault === true && own.some((setting) => setting.form === 'pragma');
      if (!replaced && driver.busyTimeout >= patient) continue;
      // Somebody, somewhere, sets one: which connection it reaches is not for the text to tell.
      if (own.some(isTimeout) || document.settings.some(isTimeout) || workspaceSettings.some(({ setting }) => isTimeout(setting))) continue;
      if (!writers()) continue;
      yield {
        span: call.span,
        message: replaced
          ? `${driver.name} drops its busy timeout once pragmas are given: a second writer fails with SQLITE_BUSY at once`
          : `${driver.name} waits 0 ms for a lock: a second writer fails with SQLITE_BUSY at once`,
        evidence: { grade: 'static', source: 'text', notes: [`Set one: ${driver.remedy}`] },
        fixes: fixesFor(call, connection, driver),
      };
    }
  },
});

/** A driver that waits this many milliseconds by itself is patient enough: writers rarely hold the lock so long. */
const patient = 1000;
/** What the drivers with a default agree on. */
const usual = 5000;

function isTimeout(setting: Setting): boolean {
  if (setting.system !== 'sqlite' || setting.key !== 'busy_timeout') return false;
  return setting.dynamic || Number(setting.value) > 0;
}

function isExplicitZero(setting: Setting): boolean {
  return setting.system === 'sqlite' && setting.key === 'busy_timeout' && setting.value !== undefined && Number(setting.value) <= 0;
}

function privateConnection(document: Document, setting: Setting): boolean {
  const connection = setting.connection === undefined ? undefined : document.connections[setting.connection];
  return connection !== undefined && (isPrivate(document, connection) || isReadOnly(document, connection));
}

function explicitZero(setting: Setting): Report {
  const { valueSpan } = setting;
  // A driver's own option may count in seconds or be an expression: only the pragma's unit is certain.
  const plain = setting.form === 'pragma' && valueSpan !== undefined;
  return {
    span: valueSpan ?? setting.span,
    message: 'busy_timeout 0 waits for no lock: a second writer fails with SQLITE_BUSY at once',
    fixes: plain ? [{ kind: 'edit', title: `Wait up to ${usual} ms`, safe: false, edits: [{ span: valueSpan, text: String(usual) }] }] : [],
  };
}

function fixesFor(call: Call, connection: ConnectionSite, driver: SqliteDriver): EditFix[] {
  const title = `Wait up to ${usual} ms for a lock`;
  const last = call.arguments.at(-1);
  if (last === undefined) return [];
  if (connection.driver === 'node:sqlite') {
    const text = last.name === undefined ? `, { timeout: ${usual} }` : `, timeout: ${usual}`;
    return [{ kind: 'edit', title, safe: false, edits: [{ span: { start: last.span.end, end: last.span.end }, text }] }];
  }
  const dsn = call.arguments.find(
    (argument) => argument.kind === 'string' && argument.value !== undefined && argument.value === connection.target,
  );
  if (driver.dsn !== 'pragma' || dsn?.value === undefined) return [];
  const end = dsn.span.end - 1;
  const text = `${dsn.value.includes('?') ? '&' : '?'}_pragma=busy_timeout(${usual})`;
  return [{ kind: 'edit', title, safe: false, edits: [{ span: { start: end, end }, text }] }];
}
