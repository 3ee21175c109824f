/** Parameters of a connection string, with their places in the host file. */
import type { Argument } from '../../document.ts';
import type { Span } from '../../span.ts';

export interface DsnParameter {
  readonly key: string;
  /** Absent where it is interpolated. */
  readonly value: string | undefined;
  readonly span: Span;
  readonly keySpan: Span;
  readonly valueSpan: Span;
}

/**
 * Reads `?key=value&…` of a URL or path, and `key=value key=value` of a libpq string. Spans are exact
 * where the literal holds no escapes, else those of the whole argument. Never fails.
 */
export function dsnParameters(argument: Argument): DsnParameter[] {
  const text = argument.value;
  if (text === undefined) return writtenParameters(argument);
  const question = text.indexOf('?');
  const pattern = question >= 0 ? /([^?&=#\s]+)=([^&#]*)/g : /([A-Za-z_]\w*)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)/g;
  if (question < 0 && /^[a-z][\w+.-]*:/i.test(text)) return [];
  const shift = literalStart(argument, text);
  const place = (start: number, end: number): Span => (shift === undefined ? argument.span : { start: shift + start, end: shift + end });
  const parameters: DsnParameter[] = [];
  pattern.lastIndex = question + 1;
  for (let match = pattern.exec(text); match !== null && parameters.length < 64; match = pattern.exec(text)) {
    const [whole, key = '', raw = ''] = match;
    const valueStart = match.index + whole.length - raw.length;
    parameters.push({
      key,
      value: question >= 0 ? decode(raw) : raw.replace(/^'([\s\S]*)'$/, '$1'),
      span: place(match.index, match.index + whole.length),
      keySpan: place(match.index, match.index + key.length),
      valueSpan: place(valueStart, match.index + whole.length),
    });
  }
  return parameters;
}

/** Arguments are kept to this many characters: what stands at the end of longer ones may be cut. */
const keptCharacters = 200;

/** The parameters in the string parts of `path + "?_pragma=…"` and of a template; interpolated values come back as `undefined`. */
function writtenParameters(argument: Argument): DsnParameter[] {
  const parameters: DsnParameter[] = [];
  for (const match of argument.text.matchAll(/(?<=[?&])([A-Za-z_]\w*)=([^&#"'`\s]*)/g)) {
    const [whole, key = '', raw = ''] = match;
    const start = argument.span.start + match.index;
    const end = match.index + whole.length;
    const cut = end >= keptCharacters || /^["'`]\s*\+/.test(argument.text.slice(end)) || /%[a-z]|[{$]/.test(raw) || raw === '';
    const valueStart = start + whole.length - raw.length;
    parameters.push({
      key,
      // Of `_pragma=cache_size(` the name is known, and that there is a value.
      value: cut ? (key === '_pragma' ? /^\w+(?=[(=])/.exec(raw)?.[0] : undefined) : decode(raw),
      span: { start, end: start + whole.length },
      keySpan: { start, end: start + key.length },
      valueSpan: { start: valueStart, end: start + whole.length },
    });
  }
  return parameters;
}

/** Where the decoded text begins in the host file; undefined when escapes make it unequal to what is written. */
export function literalStart(argument: Argument, text: string): number | undefined {
  const at = argument.text.indexOf(text);
  return at < 0 || text === '' ? undefined : argument.span.start + at;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

/** The DSN without its password: it is shown to people. */
export function withoutPassword(dsn: string): string {
  return dsn
    .replace(/^([a-z][\w+.-]*:\/\/[^:/@\s]*):[^@/\s]*@/i, '$1@')
    .replace(/\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)/gi, 'password=…');
}
