/**
 * postgresql.conf, by the server's own grammar (src/backend/utils/misc/guc-file.l): `name = value` or
 * `name value`, `#` comments, quoted strings with '' and \ escapes, include directives. A line the
 * server would refuse is kept as far as it can be told what was meant, and stands in `refused`.
 */
import { nearestName } from '../catalogues/nearest.ts';
import { postgresSetting, postgresSettingNames, removedSettings } from '../catalogues/postgres.ts';
import type { Document, RefusedText, Setting } from '../document.ts';
import { emptyDocument, type Reader, type Source } from '../reader.ts';
import { lineStarts, type Span } from '../span.ts';

export const reader: Reader = {
  id: 'postgresql-conf',
  languages: ['postgresql-conf'],
  files: [
    '**/postgresql*.conf',
    '**/*.postgresql.conf',
    '**/postgresql*.conf.sample',
    '**/postgres.conf',
    '**/{postgres,postgresql,pg}/**/conf.d/*.conf',
    '**/{postgres,postgresql}.conf.d/*.conf',
  ],
  concerns: (text) => /\w/.test(text),
  read: readPostgresConf,
};

/** The tokens of guc-file.l. Bytes above 127 count as letters there. */
const letter = 'A-Za-z_\\u0080-\\uffff';
const nameToken = new RegExp(`[${letter}][${letter}0-9]*(?:\\.[${letter}][${letter}0-9]*)?`, 'y');
const valueTokens = [
  /'(?:[^'\\\n]|\\.|'')*'/y,
  /[-+]?\d*\.\d*(?:[Ee][-+]?\d+)?/y,
  /[-+]?(?:0x[\dA-Fa-f]+|\d+)[A-Za-z]*/y,
  new RegExp(`[${letter}][${letter}0-9._:/-]*`, 'y'),
];
const otherSign = /--|\/\/|\/\*|;/y;

export function readPostgresConf(source: Source): Document {
  const { text } = source;
  const starts = lineStarts(text);
  const settings: Setting[] = [];
  const refused: RefusedText[] = [];
  const directives: { text: string; span: Span }[] = [];
  let above: Setting['comment'];
  for (const [index, start] of starts.entries()) {
    const line = readLine(text, start, lineEnd(text, start, starts[index + 1] ?? text.length));
    if (line.comment?.text.includes('tunelens')) directives.push(line.comment);
    refused.push(...line.refused);
    if (line.setting === undefined) {
      above = line.comment;
      continue;
    }
    const comment = line.comment ?? above;
    settings.push(comment === undefined ? line.setting : { ...line.setting, comment });
    above = undefined;
  }
  if (isAnotherFormat(text, settings, refused)) return emptyDocument(source, starts);
  const document = { ...emptyDocument(source, starts), settings, directives };
  return refused.length === 0 ? document : { ...document, refused };
}

/**
 * logrotate, supervisor, fail2ban and tmpfiles keep files of that name too: sections, braces, or no line at
 * all with a name that PostgreSQL has, or nearly has, make it somebody else's.
 */
function isAnotherFormat(text: string, settings: readonly Setting[], refused: readonly RefusedText[]): boolean {
  const broken = refused.filter((one) => one.kind === 'syntax');
  if (broken.length > 0 && /^[ \t]*(?:\[[\w:. -]+\]|[^#'\n]*\{|\})[ \t]*\r?$/m.test(text)) return true;
  const names = [...settings.map((setting) => setting.key), ...broken.map((one) => /^[\w.]+/.exec(one.text)?.[0].toLowerCase() ?? '')];
  if (names.length === 0) return false;
  const isKnown = (name: string): boolean =>
    name.includes('.') || postgresSetting(name) !== undefined || Object.hasOwn(removedSettings, name);
  return (
    !names.some((name) => isKnown(name) || /^include/.test(name)) &&
    !names.some((name) => nearestName(name, postgresSettingNames()) !== undefined)
  );
}

interface Line {
  readonly setting?: Setting;
  readonly comment?: { readonly text: string; readonly span: Span };
  readonly refused: readonly RefusedText[];
}

function readLine(text: string, start: number, end: number): Line {
  const whole = { start, end };
  let at = skipSpace(text, start, end);
  if (at === end) return { refused: [] };
  const early = commentAt(text, at, whole);
  if (early !== undefined) return early;
  const name = match(nameToken, text, at, end);
  if (name === undefined) return { refused: [refusal('syntax', text, { start: at, end }, whole)] };
  const keySpan = { start: at, end: at + name.length };
  at = skipSpace(text, keySpan.end, end);
  if (text[at] === '=' && at < end) at = skipSpace(text, at + 1, end);
  const value = longest(text, at, end);
  if (value === undefined) {
    const found = commentAt(text, at, whole);
    return { ...found, refused: [...(found?.refused ?? []), refusal('syntax', text, { start: keySpan.start, end }, whole)] };
  }
  const after = skipSpace(text, at + value.length, end);
  const rest = commentAt(text, after, whole);
  const surplus = after < end && rest === undefined;
  // `64 MB` and `0.5GB` are two tokens: the server refuses the line, but what was meant is plain.
  const valueEnd = surplus ? surplusEnd(text, after, end) : at + value.length;
  const tail = surplus ? commentAt(text, skipSpace(text, valueEnd, end), whole) : rest;
  const written = text.slice(at, valueEnd);
  const setting: Setting = {
    system: 'postgres',
    key: name.toLowerCase(),
    value: surplus ? written : unquote(written),
    dynamic: false,
    form: 'config',
    span: { start: keySpan.start, end: valueEnd },
    keySpan,
    valueSpan: { start: at, end: valueEnd },
    anchor: whole,
  };
  const refused = surplus ? [refusal('syntax', text, { start: after, end: valueEnd }, whole)] : [];
  return { setting, ...(tail?.comment === undefined ? {} : { comment: tail.comment }), refused: [...refused, ...(tail?.refused ?? [])] };
}

/** A comment from here to the end of the line, in `#` or in the sign of another language. */
function commentAt(text: string, at: number, line: Span): Line | undefined {
  if (at >= line.end) return undefined;
  const span = { start: at, end: line.end };
  if (text[at] === '#') return { comment: { text: text.slice(at + 1, line.end).trim(), span }, refused: [] };
  const sign = match(otherSign, text, at, line.end);
  if (sign === undefined) return undefined;
  const words = text
    .slice(at + sign.length, line.end)
    .replace(/\*\/\s*$/, '')
    .trim();
  return { comment: { text: words, span }, refused: [refusal('comment', text, span, line)] };
}

function refusal(kind: RefusedText['kind'], text: string, span: Span, line: Span): RefusedText {
  return { kind, text: text.slice(span.start, span.end), span, line };
}

/** Flex takes the longest token, the earlier rule where two are equal. */
function longest(text: string, at: number, end: number): string | undefined {
  let best: string | undefined;
  for (const token of valueTokens) {
    const found = match(token, text, at, end);
    if (found !== undefined && /[^.+-]/.test(found) && found.length > (best?.length ?? 0)) best = found;
  }
  return best;
}

function match(pattern: RegExp, text: string, at: number, end: number): string | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined || found === '' || at + found.length > end ? undefined : found;
}

/** Where surplus text ends: before a comment, without the space around it. */
function surplusEnd(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (text[at] !== '#' && match(otherSign, text, at, end) === undefined) continue;
    return trimEnd(text, start, at);
  }
  return trimEnd(text, start, end);
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function skipSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 13 || unit === 0xfeff;
}

function lineEnd(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return end;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** DeescapeQuotedString of guc-file.l; unquoted text comes back as it is. */
function unquote(written: string): string {
  if (!written.startsWith("'")) return written;
  return written.slice(1, -1).replace(/''|\\([0-7]{1,3}|.)/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return whole === "''" ? "'" : whole;
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 255);
    return escapes[escaped] ?? escaped;
  });
}
