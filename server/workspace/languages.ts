/** Path -> language id -> reader. Language ids are VS Code's. */
import picomatch from 'picomatch';
import type { LanguageId } from '../analysis/document.ts';
import type { Reader } from '../analysis/reader.ts';
import { readers } from '../analysis/readers/index.ts';
import { baseName } from './paths.ts';

const byExtension: Readonly<Record<string, LanguageId>> = {
  py: 'python',
  pyi: 'python',
  pyw: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascriptreact',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'typescriptreact',
  go: 'go',
  rs: 'rust',
  sql: 'sql',
  ddl: 'sql',
  dml: 'sql',
  pgsql: 'sql',
  psql: 'sql',
  md: 'markdown',
  markdown: 'markdown',
  conf: 'properties',
  ini: 'ini',
  toml: 'toml',
  yml: 'yaml',
  yaml: 'yaml',
  sh: 'shellscript',
  bash: 'shellscript',
  service: 'systemd-conf',
};

/** Names people give a language in a Markdown fence, on the command line and in a shebang. */
const aliases: Readonly<Record<string, LanguageId>> = {
  py: 'python',
  python3: 'python',
  js: 'javascript',
  node: 'javascript',
  jsx: 'javascriptreact',
  ts: 'typescript',
  deno: 'typescript',
  bun: 'typescript',
  tsx: 'typescriptreact',
  golang: 'go',
  rs: 'rust',
  sqlite: 'sql',
  sqlite3: 'sql',
  postgres: 'sql',
  postgresql: 'sql',
  pgsql: 'sql',
  psql: 'sql',
  plpgsql: 'sql',
  md: 'markdown',
  yml: 'yaml',
  bash: 'shellscript',
  sh: 'shellscript',
  shell: 'shellscript',
};

export function languageNamed(name: string): LanguageId {
  const folded = name.trim().toLowerCase();
  return aliases[folded] ?? folded;
}

interface Matched {
  readonly reader: Reader;
  readonly matches: (path: string) => boolean;
}
let globbed: readonly Matched[] | undefined;
let languageReaders: ReadonlyMap<LanguageId, Reader> | undefined;

/** The reader whose own file patterns take this path, whatever its language id. */
function readerByPattern(path: string): Reader | undefined {
  globbed ??= readers
    .filter((reader) => reader.files.length > 0)
    .map((reader) => ({ reader, matches: picomatch([...reader.files], { dot: true, nocase: true }) }));
  const relative = path.replace(/^(?:[A-Za-z]:)?\/+/, '');
  return globbed.find(({ matches }) => matches(relative) || matches(baseName(path)))?.reader;
}

/** The reader of a language id or of one of its other names. */
export function readerOfLanguage(language: string): Reader | undefined {
  languageReaders ??= new Map(readers.flatMap((reader) => reader.languages.map((id) => [id, reader] as const)));
  return languageReaders.get(language) ?? languageReaders.get(languageNamed(language));
}

/** Readers that were asked for by pattern read the file as their own language. */
export function readerFor(
  path: string,
  language: LanguageId | undefined,
): { readonly reader: Reader; readonly language: LanguageId } | undefined {
  const byPattern = readerByPattern(path);
  if (byPattern !== undefined) {
    const own = language !== undefined && byPattern.languages.includes(language) ? language : byPattern.languages[0];
    return { reader: byPattern, language: own ?? byPattern.id };
  }
  if (language === undefined) return undefined;
  const reader = readerOfLanguage(language);
  return reader === undefined ? undefined : { reader, language: reader.languages.includes(language) ? language : languageNamed(language) };
}

/** From the name alone; undefined where only the first line could tell. */
export function languageOfPath(path: string): LanguageId | undefined {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? undefined : byExtension[name.slice(dot + 1).toLowerCase()];
}

/** From a `#!` line: `#!/usr/bin/env -S python3 -u` is Python. */
export function languageOfShebang(firstLine: string): LanguageId | undefined {
  if (!firstLine.startsWith('#!')) return undefined;
  const words = firstLine
    .slice(2)
    .trim()
    .split(/\s+/)
    .map((word) => word.slice(word.lastIndexOf('/') + 1));
  const program = words[0] === 'env' ? words.slice(1).find((word) => !word.startsWith('-') && !word.includes('=')) : words[0];
  const language = program === undefined ? undefined : languageNamed(program.replace(/[\d.]+$/, ''));
  return language !== undefined && readerOfLanguage(language) !== undefined ? language : undefined;
}
