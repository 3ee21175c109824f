/** Escape sequences of the host languages. Each reader is total: an escape it does not know is its own text. */
import type { Escape, EscapeReader } from './literal.ts';

const single: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  0: '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  $: '$',
};

function hexadecimal(source: string, at: number, digits: number, end: number): Escape | undefined {
  const text = source.slice(at + 2, Math.min(end, at + 2 + digits));
  if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) return undefined;
  return { value: character(Number.parseInt(text, 16)), length: 2 + digits };
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
}

function braced(source: string, at: number, end: number): Escape | undefined {
  const match = /^\\u\{([0-9a-fA-F_]{1,10})\}/.exec(source.slice(at, Math.min(end, at + 16)));
  if (match === null) return undefined;
  return { value: character(Number.parseInt((match[1] ?? '').replaceAll('_', ''), 16)), length: match[0].length };
}

function octal(source: string, at: number, end: number): Escape | undefined {
  const match = /^\\[0-7]{1,3}/.exec(source.slice(at, Math.min(end, at + 4)));
  if (match === null) return undefined;
  return { value: character(Number.parseInt(match[0].slice(1), 8)), length: match[0].length };
}

function lineBreak(source: string, at: number): number {
  if (source[at + 1] === '\n') return 2;
  if (source[at + 1] === '\r') return source[at + 2] === '\n' ? 3 : 2;
  return 0;
}

/** A character by its number, as Python and Go write it: \x41, \u0041, \U00000041, \101. */
const numbered: (source: string, at: number, end: number) => ReturnType<typeof octal> = (source, at, end) => {
  const digits = { x: 2, u: 4, U: 8 }[source[at + 1] ?? ''];
  return digits === undefined ? octal(source, at, end) : hexadecimal(source, at, digits, end);
};

export const pythonEscape: EscapeReader = (source, at, end) => {
  const continued = lineBreak(source, at);
  if (continued > 0) return { value: '', length: continued };
  const letter = source[at + 1] ?? '';
  const found = numbered(source, at, end);
  if (found !== undefined) return found;
  const named = letter === 'N' ? /^\\N\{[^}]{1,80}\}/.exec(source.slice(at, Math.min(end, at + 90))) : null;
  // The name of a character is not worth a table of all of them: any one character keeps the offsets right.
  if (named !== null) return { value: '\uFFFD', length: named[0].length };
  const value = '$`'.includes(letter) ? undefined : single[letter];
  return value === undefined ? { value: '\\', length: 1 } : { value, length: 2 };
};

export const javascriptEscape: EscapeReader = (source, at, end) => {
  const continued = lineBreak(source, at);
  if (continued > 0) return { value: '', length: continued };
  const letter = source[at + 1] ?? '';
  const found =
    letter === 'x'
      ? hexadecimal(source, at, 2, end)
      : letter === 'u'
        ? (braced(source, at, end) ?? hexadecimal(source, at, 4, end))
        : undefined;
  if (found !== undefined) return found;
  const value = letter === 'a' ? 'a' : (single[letter] ?? letter);
  return { value, length: 1 + letter.length };
};

export const goEscape: EscapeReader = (source, at, end) => {
  const letter = source[at + 1] ?? '';
  const found = numbered(source, at, end);
  return found ?? { value: single[letter] ?? letter, length: 1 + letter.length };
};

export const rustEscape: EscapeReader = (source, at, end) => {
  const continued = lineBreak(source, at);
  if (continued > 0) {
    // Rust also skips the white space that the next line begins with.
    let next = at + continued;
    while (next < end && /\s/.test(source[next] ?? '')) next++;
    return { value: '', length: next - at };
  }
  const letter = source[at + 1] ?? '';
  const found = letter === 'x' ? hexadecimal(source, at, 2, end) : letter === 'u' ? braced(source, at, end) : undefined;
  return found ?? { value: single[letter] ?? letter, length: 1 + letter.length };
};
