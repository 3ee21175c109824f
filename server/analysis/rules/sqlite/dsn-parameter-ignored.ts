import { message } from '../../advisor/wording.ts';
import { namedParameters } from '../../calls/connections/dsn-settings.ts';
import { sqliteDrivers } from '../../catalogues/sqlite-drivers.ts';
import type { Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const dsnParameterIgnored = rule({
  id: 'sqlite/dsn-parameter-ignored',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) => setting.form === 'dsn' && setting.connection !== undefined && setting.key.startsWith('_'),
  *check({ document, setting }) {
    const connection = setting.connection === undefined ? undefined : document.connections[setting.connection];
    const driver =
      connection !== undefined && Object.hasOwn(sqliteDrivers, connection.driver) ? sqliteDrivers[connection.driver] : undefined;
    const written = driver === undefined ? undefined : honoured(setting, driver.dsn);
    if (driver === undefined || written === undefined) return;
    yield {
      span: setting.span,
      message: message(`${driver.name} ignores ${setting.key}: the connection runs without it; write ${written}`),
      fixes: [{ kind: 'edit', title: `Write ${written}`, safe: false, edits: [{ span: setting.span, text: written }] }],
    };
  },
});

/** The same in the words of the driver; undefined where the parameter is honoured, or nobody knows what was meant. */
function honoured({ key, value }: Setting, style: 'named' | 'pragma' | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (style === 'pragma') {
    const pragma = Object.hasOwn(namedParameters, key) ? namedParameters[key] : undefined;
    return pragma === undefined ? undefined : `_pragma=${pragma}(${value})`;
  }
  const pragma = style === 'named' && key === '_pragma' ? /^(\w+)(?:\((.*)\)|=(.*))$/.exec(value) : null;
  const name = `_${pragma?.[1]?.toLowerCase() ?? ''}`;
  return pragma !== null && Object.hasOwn(namedParameters, name) ? `${name}=${pragma[2] ?? pragma[3] ?? ''}` : undefined;
}
