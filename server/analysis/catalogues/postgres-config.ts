/** Settings of PostgreSQL wherever they are written: which of them the server itself would look at. */
import type { Document, Setting } from '../document.ts';
import { type PostgresSetting, postgresSetting, postgresVariants } from './postgres.ts';
import { type CheckedValue, checkPostgresValue } from './postgres-values.ts';

/** In a configuration file, ALTER SYSTEM or SET: not storage parameters, driver options or DSNs, whose names are others'. */
export function isServerSetting(setting: Setting): boolean {
  return setting.system === 'postgres' && (setting.form === 'config' || setting.form === 'alter system' || setting.form === 'set');
}

/** A document in the format of postgresql.conf: a file, or a fence of Markdown. */
export function isPostgresDocument(document: Document): boolean {
  return document.language === 'postgresql-conf';
}

/** What every version answers to the value, asked one after the other; the first refusal where all refuse, else undefined. */
export function refusedValue(
  setting: Setting,
): { readonly known: PostgresSetting; readonly answer: Exclude<CheckedValue, { outcome: 'taken' }> } | undefined {
  const { value } = setting;
  if (value === undefined || setting.dynamic || (setting.form !== 'config' && /^default$/i.test(value))) return undefined;
  let first: { known: PostgresSetting; answer: Exclude<CheckedValue, { outcome: 'taken' }> } | undefined;
  for (const known of postgresVariants(setting.key)) {
    const answer = checkPostgresValue(known, value);
    if (answer.outcome === 'taken') return undefined;
    first ??= { known, answer };
  }
  return first;
}

/** The number a setting of the document has, in its own unit; the last one counts, as for the server. Undefined where it is not set or not valid. */
export function numberSet(
  document: Document,
  key: string,
): { readonly setting: Setting; readonly known: PostgresSetting; readonly value: number } | undefined {
  const setting = document.settings.findLast((one) => one.key === key && one.form === 'config');
  const known = postgresSetting(key);
  if (setting?.value === undefined || known === undefined) return undefined;
  const answer = checkPostgresValue(known, setting.value);
  return answer.outcome === 'taken' && typeof answer.value === 'number' ? { setting, known, value: answer.value } : undefined;
}

/** Keeps the quotes that a value's span includes. */
export function inItsQuotes(setting: Setting, text: string): string {
  const { valueSpan, value = '' } = setting;
  return valueSpan !== undefined && valueSpan.end - valueSpan.start > value.length ? `'${text}'` : text;
}
