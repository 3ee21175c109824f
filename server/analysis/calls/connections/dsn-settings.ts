/** What the parameters of a DSN set, as the driver in question understands them. */
import { sqliteDrivers } from '../../catalogues/sqlite-drivers.ts';
import type { Call, Setting } from '../../document.ts';
import type { DsnParameter } from './dsn.ts';
import type { Opener } from './openers.ts';
import { settingOf } from './options.ts';

/** mattn/go-sqlite3's names and their short forms (its README, "Connection String"). */
export const namedParameters: Readonly<Record<string, string>> = {
  _auto_vacuum: 'auto_vacuum',
  _vacuum: 'auto_vacuum',
  _busy_timeout: 'busy_timeout',
  _timeout: 'busy_timeout',
  _cache_size: 'cache_size',
  _case_sensitive_like: 'case_sensitive_like',
  _cslike: 'case_sensitive_like',
  _defer_foreign_keys: 'defer_foreign_keys',
  _defer_fk: 'defer_foreign_keys',
  _foreign_keys: 'foreign_keys',
  _fk: 'foreign_keys',
  _ignore_check_constraints: 'ignore_check_constraints',
  _journal_mode: 'journal_mode',
  _journal: 'journal_mode',
  _locking_mode: 'locking_mode',
  _locking: 'locking_mode',
  _query_only: 'query_only',
  _recursive_triggers: 'recursive_triggers',
  _rt: 'recursive_triggers',
  _secure_delete: 'secure_delete',
  _synchronous: 'synchronous',
  _sync: 'synchronous',
  _writable_schema: 'writable_schema',
};

/**
 * A Setting with the pragma's name where the driver honours the parameter; with the parameter's own
 * name (`cache`, `mode`, `_busy_timeout` given to a driver that does not know it) otherwise.
 */
export function dsnSetting(parameter: DsnParameter, opener: Opener, call: Call, connection: number): Setting | undefined {
  if (identity.test(parameter.key) || (parameter.key === '_pragma' && parameter.value === undefined)) return undefined;
  const place = { system: opener.engine, form: 'dsn', call, span: parameter.span, keySpan: parameter.keySpan, connection } as const;
  if (opener.engine === 'postgres') return settingOf(postgresKey(parameter.key), parameter.value, parameter.valueSpan, place);
  if (opener.driver === 'python:sqlalchemy' && parameter.key === 'timeout') {
    const seconds = Number(parameter.value ?? Number.NaN);
    return settingOf('busy_timeout', Number.isFinite(seconds) ? String(seconds * 1000) : undefined, parameter.valueSpan, place);
  }
  const style = sqliteDrivers[opener.driver]?.dsn ?? (opener.driver.startsWith('go:') ? 'any' : undefined);
  const pragma = /^\s*(\w+)\s*(?:\(\s*(.*?)\s*\)|=\s*(.*?))?\s*$/.exec(parameter.key === '_pragma' ? (parameter.value ?? '') : '');
  if (pragma?.[1] !== undefined && (style === 'pragma' || style === 'any')) {
    return settingOf(pragma[1], unquoted(pragma[2] ?? pragma[3]), parameter.valueSpan, { ...place, form: 'pragma' });
  }
  const key = style === 'named' || style === 'any' ? namedParameters[parameter.key.toLowerCase()] : undefined;
  return settingOf(key ?? parameter.key, parameter.value, parameter.valueSpan, place);
}

/** Where and as whom, never how: nothing to tune, and a password is nobody's business. */
const identity =
  /^(?:host|hostaddr|port|user|username|password|passfile|sslpassword|sslkey|dbname|database|service|_auth.*|.*(?:secret|token|key))$/i;

function unquoted(value: string | undefined): string | undefined {
  return value?.replace(/^(['"])(.*)\1$/, '$2');
}

/** pgxpool's parameters under the names all pools share (pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#ParseConfig). */
function postgresKey(key: string): string {
  if (key === 'pool_max_conns') return 'pool_max_size';
  if (key === 'pool_min_conns') return 'pool_min_size';
  return key;
}
