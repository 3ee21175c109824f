/** Values of driver options as Settings: numbers in the unit the canonical key has. */
import type { Argument, Call, Setting } from '../../document.ts';
import type { Span } from '../../span.ts';

/** What a driver calls an option, and what it is. Times become milliseconds, whatever the driver counts in. */
export interface Option {
  readonly key: string;
  readonly unit: 'ms' | 's' | 'none';
}

interface Written {
  readonly system: 'sqlite' | 'postgres';
  readonly form: Setting['form'];
  readonly call: Call;
  readonly span: Span;
  readonly keySpan: Span;
  readonly connection?: number | undefined;
}

/** One Setting; `value` undefined means that it is computed, so not known. */
export function settingOf(key: string, value: string | undefined, valueSpan: Span | undefined, written: Written): Setting {
  return {
    system: written.system,
    key: key.toLowerCase(),
    value,
    dynamic: value === undefined,
    form: written.form,
    span: written.span,
    keySpan: written.keySpan,
    valueSpan,
    anchor: written.call.span,
    function: written.call.function,
    connection: written.connection,
  };
}

/** Characters of `timeout=` in `timeout=5`, of `timeout: ` in `timeout: 5`; 0 where the argument has no name. */
export function nameLength(argument: Argument): number {
  return argument.name === undefined ? 0 : (/^[\w."'[\]]+\s*[=:]\s*/.exec(argument.text)?.[0].length ?? 0);
}

/** The value of an argument in the option's canonical unit; undefined when it is computed. */
export function optionValue(argument: Argument, unit: Option['unit']): string | undefined {
  const text = argument.text.slice(nameLength(argument));
  if (unit === 'none') {
    if (argument.value !== undefined) return argument.value;
    return /^(?:None|null|nil)$/.test(text) ? text : undefined;
  }
  const duration = durationMilliseconds(text);
  if (duration !== undefined) return String(duration);
  if (argument.kind !== 'number') return undefined;
  const number = Number((argument.value ?? text).replaceAll('_', ''));
  if (!Number.isFinite(number)) return undefined;
  return String(unit === 's' ? Math.round(number * 1000) : number);
}

const rustUnits: Readonly<Record<string, number>> = {
  secs: 1000,
  millis: 1,
  micros: 0.001,
  nanos: 0.000001,
  mins: 60_000,
  secs_f64: 1000,
  secs_f32: 1000,
};
const goUnits: Readonly<Record<string, number>> = { Hour: 3_600_000, Minute: 60_000, Second: 1000, Millisecond: 1, Microsecond: 0.001 };

/** `Duration::from_secs(5)`, `5 * time.Second`, `time.Second`. */
export function durationMilliseconds(text: string): number | undefined {
  const rust = /^(?:[\w:]*::)?Duration::from_(\w+)\(\s*([\d_.]+)(?:_?[iuf]\d+)?\s*\)$/.exec(text.trim());
  if (rust !== null) return scaled(rust[2], rustUnits[rust[1] ?? '']);
  if (/^(?:[\w:]*::)?Duration::ZERO$/.test(text.trim())) return 0;
  const go = /^(?:([\d_.]+)\s*\*\s*)?time\.(\w+)(?:\s*\*\s*([\d_.]+))?$/.exec(text.trim());
  return go === null ? undefined : scaled(go[1] ?? go[3] ?? '1', goUnits[go[2] ?? '']);
}

function scaled(number: string | undefined, factor: number | undefined): number | undefined {
  const value = Number(number?.replaceAll('_', ''));
  return factor === undefined || !Number.isFinite(value) ? undefined : Math.round(value * factor);
}
