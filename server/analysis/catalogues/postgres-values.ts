/** Whether PostgreSQL takes a value for a setting, by the rules of its own guc.c. */
import type { PostgresSetting } from './postgres.ts';

export type CheckedValue =
  /** `value` in the setting's own unit for numbers. */
  | { readonly outcome: 'taken'; readonly value: number | boolean | string }
  | { readonly outcome: 'not a number' | 'not a boolean' }
  | { readonly outcome: 'not listed'; readonly values: readonly string[] }
  /** A unit it does not know, or one of the wrong kind; `units` are those it takes. */
  | { readonly outcome: 'bad unit'; readonly number: string; readonly unit: string; readonly units: readonly string[] }
  /** The number as it was understood, in the setting's unit, and the bounds. */
  | { readonly outcome: 'out of range'; readonly value: number; readonly min: number; readonly max: number };

/** Units in bytes and in microseconds. Their case matters: `MB`, never `mb` (guc.c, memory_unit_conversion_table). */
const memoryUnits: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const timeUnits: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1e6, min: 60e6, h: 3600e6, d: 86400e6 };

/** Checks a value as it stands in the file, without quotes. Strings are always taken: the server checks many of them only when it runs. */
export function checkPostgresValue(setting: PostgresSetting, text: string): CheckedValue {
  switch (setting.type) {
    case 'bool':
      return booleanOf(text);
    case 'integer':
    case 'real':
      return numberIn(setting, text);
    case 'enum': {
      const wanted = text.toLowerCase();
      const known = [...setting.values, ...setting.aliases].find((value) => value.toLowerCase() === wanted);
      return known === undefined ? { outcome: 'not listed', values: setting.values } : { outcome: 'taken', value: known };
    }
    default:
      return { outcome: 'taken', value: text };
  }
}

/** Any unambiguous beginning of true, false, yes, no, on, off, and 1 and 0 (bool.c, parse_bool). */
function booleanOf(text: string): CheckedValue {
  const word = text.toLowerCase();
  if (word === '1' || (word.length > 0 && ('true'.startsWith(word) || 'yes'.startsWith(word))) || word === 'on')
    return { outcome: 'taken', value: true };
  if (word === '0' || (word.length > 0 && ('false'.startsWith(word) || 'no'.startsWith(word))) || word === 'of' || word === 'off') {
    return { outcome: 'taken', value: false };
  }
  return { outcome: 'not a boolean' };
}

function numberIn(setting: PostgresSetting, text: string): CheckedValue {
  const match = /^\s*([+-]?(?:0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))\s*(.*?)\s*$/is.exec(text);
  if (match === null) return { outcome: 'not a number' };
  const number = integerOrReal(match[1] ?? '');
  const written = match[2] ?? '';
  const base = unitOf(setting.unit);
  if (written !== '') {
    const units = base === undefined ? [] : Object.keys(base.table);
    const factor = base !== undefined && Object.hasOwn(base.table, written) ? base.table[written] : undefined;
    if (base === undefined || factor === undefined) return { outcome: 'bad unit', number: match[1] ?? '', unit: written, units };
    return inRange(setting, (number * factor) / base.size);
  }
  return inRange(setting, number);
}

/** C's strtol takes hexadecimal and octal; guc.c falls back to strtod when it sees a point or an exponent. */
function integerOrReal(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '');
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8);
  return sign * Number(digits);
}

function inRange(setting: PostgresSetting, number: number): CheckedValue {
  const value = setting.type === 'integer' ? roundHalfEven(number) : number;
  const min = setting.min ?? Number.NEGATIVE_INFINITY;
  const max = setting.max ?? Number.POSITIVE_INFINITY;
  return value < min || value > max ? { outcome: 'out of range', value, min, max } : { outcome: 'taken', value };
}

function roundHalfEven(number: number): number {
  const floor = Math.floor(number);
  if (number - floor !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `8kB` is 8 × 1024 bytes. */
function unitOf(unit: string | undefined): { readonly table: Readonly<Record<string, number>>; readonly size: number } | undefined {
  const match = /^(\d*)(\w+)$/.exec(unit ?? '');
  if (match === null) return undefined;
  const name = match[2] ?? '';
  const count = match[1] === '' ? 1 : Number(match[1]);
  if (Object.hasOwn(memoryUnits, name)) return { table: memoryUnits, size: count * (memoryUnits[name] ?? 1) };
  if (Object.hasOwn(timeUnits, name)) return { table: timeUnits, size: count * (timeUnits[name] ?? 1) };
  return undefined;
}

/** Bytes that a number in the setting's unit stands for; undefined for settings that are no size. */
export function bytesOf(setting: PostgresSetting, value: number): number | undefined {
  const unit = unitOf(setting.unit);
  return unit === undefined || unit.table !== memoryUnits ? undefined : value * unit.size;
}

/** A number of the setting's unit as a person writes it: `2147483647 kB` is `2 TB`; exact, or with `≈`-free rounding to three digits. */
export function describeNumber(setting: PostgresSetting, value: number): string {
  const unit = unitOf(setting.unit);
  if (unit === undefined || value <= 0) return String(value);
  const entries = Object.entries(unit.table).reverse();
  const base = value * unit.size;
  const [name, size] = entries.find(([, factor]) => base >= factor) ?? entries.at(-1) ?? ['', 1];
  const amount = base / size;
  return `${Number.isInteger(amount) ? amount : Number(amount.toPrecision(4))} ${name}`;
}
