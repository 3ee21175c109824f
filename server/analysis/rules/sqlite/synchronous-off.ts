import { isPrivate, isTestPath } from '../../calls/connections/sqlite-use.ts';
import type { Document, Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const synchronousOff = rule({
  id: 'sqlite/synchronous-off',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) => setting.key === 'synchronous' && isOff(setting),
  *check({ document, setting }) {
    const { valueSpan, value = '' } = setting;
    if (valueSpan === undefined || isTestPath(document.path) || madeAnew.test(document.path) || isScratch(document, setting)) return;
    // Off for a bulk load and on again afterwards: the function says so itself.
    if (document.settings.some((other) => other.key === 'synchronous' && !isOff(other) && other.function === setting.function)) return;
    const replaceable = valueSpan.end - valueSpan.start === value.length;
    yield {
      span: valueSpan,
      message: 'synchronous OFF never waits for the disk: a power cut can corrupt the database; NORMAL in WAL mode is nearly as fast',
      fixes: replaceable ? [{ kind: 'edit', title: 'Change to NORMAL', safe: false, edits: [{ span: valueSpan, text: 'NORMAL' }] }] : [],
    };
  },
});

/** Scripts that fill a database from what is kept elsewhere. */
const madeAnew = /(?:^|[/._-])(?:seed|seeds|seeding|import|importer|populate|generate|convert|bulk)(?:[/._-]|$)/i;

function isOff({ value }: Setting): boolean {
  return /^(?:off|0|false|no)$/i.test(value ?? '');
}

/** A database that is made anew when it is lost: in memory, or of a connection to one. */
function isScratch(document: Document, setting: Setting): boolean {
  const own = setting.connection === undefined ? undefined : document.connections[setting.connection];
  if (own !== undefined) return isPrivate(document, own);
  const around = document.connections.filter(
    (connection) => connection.engine === 'sqlite' && document.calls[connection.call]?.function === setting.function,
  );
  return around.length > 0 && around.every((connection) => isPrivate(document, connection));
}
