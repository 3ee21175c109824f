/** What only the text of a program tells about its settings: the comment beside one, and SQLite options in configuration objects. */
import type { Setting } from '../document.ts';
import type { Source } from '../reader.ts';
import type { Span } from '../span.ts';

/**
 * The settings with the comments that stand beside them or on the line just above, and for JavaScript
 * and TypeScript those that stand in an object of options without being an argument of any call.
 */
export function completeSettings(source: Source, settings: readonly Setting[]): Setting[] {
  const { text, language } = source;
  const sign = language === 'python' ? '#' : '//';
  const objects = /^(?:java|type)script/.test(language) ? configObjectSettings(text) : [];
  const all =
    objects.length === 0
      ? settings
      : [...settings, ...objects.filter((object) => !settings.some((known) => touches(known.span, object.span)))];
  return all.map((setting) => {
    if (setting.comment !== undefined) return setting;
    const comment = commentOf(text, setting, sign);
    return comment === undefined ? setting : { ...setting, comment };
  });
}

function touches(left: Span, right: Span): boolean {
  return left.start < right.end && right.start < left.end;
}

function commentOf(text: string, setting: Setting, sign: string): Setting['comment'] {
  const found = beside(text, setting.span.end, setting.anchor.end, sign);
  if (found !== undefined) return found;
  const { end } = setting.anchor;
  // Past a literal of several statements a comment speaks of the call.
  const oneLine = end >= setting.span.end && !text.slice(setting.span.end, end).includes('\n');
  return (oneLine ? beside(text, end, end, sign) : undefined) ?? above(text, setting, sign);
}

/** What may stand between a setting and the comment beside it: the ends of its literal and of its call. */
const closing = /[\s"'`);,\]}?]*/y;

/** A comment on the line that holds `from`, in the host's sign, or in SQL's while the literal still goes on. */
function beside(text: string, from: number, anchorEnd: number, sign: string): Setting['comment'] {
  const end = lineEnd(text, from);
  closing.lastIndex = from;
  const start = Math.min(end, from + (closing.exec(text)?.[0].length ?? 0));
  const rest = text.slice(start, end);
  const own = rest.startsWith(sign) ? sign : rest.startsWith('/*') && sign === '//' ? '/*' : undefined;
  const found = own ?? (rest.startsWith('--') && start < anchorEnd ? '--' : undefined);
  if (found === undefined) return undefined;
  return { text: words(rest, found), span: { start, end: start + rest.trimEnd().length } };
}

/** The comment lines just above the statement or the setting; the block of them is one comment. */
function above(text: string, setting: Setting, sign: string): Setting['comment'] {
  for (const from of [setting.span.start, setting.anchor.start]) {
    const lines: string[] = [];
    let start = lineStart(text, from);
    const last = start - 1;
    let first = last;
    while (start > 0 && lines.length < 4) {
      const previous = lineStart(text, start - 1);
      const line = text.slice(previous, start).trim();
      const found = line.startsWith(sign) ? sign : line.startsWith('--') && previous > setting.anchor.start ? '--' : undefined;
      if (found === undefined) break;
      lines.unshift(words(line, found));
      first = previous + text.slice(previous, start).search(/\S/);
      start = previous;
    }
    if (lines.length > 0) return { text: lines.join(' '), span: { start: first, end: text.slice(0, last).trimEnd().length } };
  }
  return undefined;
}

function words(comment: string, sign: string): string {
  return comment
    .slice(sign.length)
    .replace(/\*\/.*$/, '')
    .replace(/^[#/]+/, '')
    .trim();
}

function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  const stop = end < 0 ? text.length : end;
  return text[stop - 1] === '\r' && stop - 1 >= at ? stop - 1 : stop;
}

/** Names that only a SQLite connection has; one of them, or the word in the code around, makes the object SQLite's. */
const pragmaOptions: Readonly<Record<string, string>> = {
  journalmode: 'journal_mode',
  cachesize: 'cache_size',
  mmapsize: 'mmap_size',
  busytimeout: 'busy_timeout',
  tempstore: 'temp_store',
  synchronous: 'synchronous',
  pagesize: 'page_size',
  walautocheckpoint: 'wal_autocheckpoint',
  lockingmode: 'locking_mode',
  autovacuum: 'auto_vacuum',
  foreignkeys: 'foreign_keys',
};
const entry =
  /(?<=[{,\s])(["']?)(journal_?mode|cache_?size|mmap_?size|busy_?timeout|temp_?store|synchronous|page_?size|wal_?auto_?checkpoint|locking_?mode|auto_?vacuum|foreign_?keys)\1\s*:\s*("[^"\n]*"|'[^'\n]*'|-?\d[\d_]*(?:\s*\*\s*\d[\d_]*)*|true|false)(?=\s*[,}\n/])/gi;
/** Characters around the object in which `sqlite` must be named. */
const reach = 600;

/**
 * `{ journalMode: 'WAL', cacheSize: 20000 }` near the word sqlite, with at least two such names: a cache's
 * own `cacheSize` is no pragma. Found in the text, because a constant object is no call's argument.
 */
export function configObjectSettings(text: string): Setting[] {
  if (!/sqlite/i.test(text) || !/mmap_?size|journal_?mode|busy_?timeout|cache_?size|temp_?store/i.test(text)) return [];
  const found: { readonly setting: Setting; readonly brace: number }[] = [];
  for (const match of text.matchAll(entry)) {
    const [whole, quote = '', name = '', written = ''] = match;
    const key = pragmaOptions[name.replaceAll('_', '').toLowerCase()];
    const brace = openBrace(text, match.index);
    if (key === undefined || brace === undefined || inComment(text, match.index)) continue;
    const valueStart = match.index + whole.length - written.length;
    const span = { start: match.index, end: match.index + whole.length };
    found.push({
      brace,
      setting: {
        system: 'sqlite',
        key,
        value: writtenValue(written),
        dynamic: false,
        form: 'driver option',
        span,
        keySpan: { start: match.index, end: match.index + name.length + 2 * quote.length },
        valueSpan: { start: valueStart, end: span.end },
        anchor: span,
      },
    });
  }
  return found
    .filter(({ brace }) => {
      const beside = found.filter((other) => other.brace === brace);
      return beside.length >= 2 && beside.some(({ setting }) => telling.has(setting.key)) && namesSqlite(text, brace);
    })
    .map(({ setting }) => setting);
}

/** What nothing but SQLite has: pages and caches have sizes everywhere. */
const telling = new Set(['journal_mode', 'mmap_size', 'busy_timeout', 'temp_store', 'synchronous']);

function namesSqlite(text: string, brace: number): boolean {
  return /sqlite/i.test(text.slice(Math.max(0, brace - reach), brace + reach));
}

/** The brace that opens the object; none within reach for a key that stands in no object. */
function openBrace(text: string, at: number): number | undefined {
  let depth = 0;
  for (let index = at - 1; index >= Math.max(0, at - 4000); index--) {
    const character = text[index];
    if (character === '}') depth++;
    else if (character === '{' && depth-- === 0) return index;
  }
  return undefined;
}

function inComment(text: string, at: number): boolean {
  return /^\s*(?:\/\/|\*)|\/\/(?!.*["'`])/.test(text.slice(lineStart(text, at), at));
}

function writtenValue(written: string): string {
  if (/^["']/.test(written)) return written.slice(1, -1);
  if (!written.includes('*')) return written.replaceAll('_', '');
  return String(written.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '').trim()), 1));
}
