/** `tunelens.toml` of a folder and of those above it, and what the editor or the command line says on top. */
import { existsSync } from 'node:fs';
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { RuleId, Severity } from '../analysis/rule.ts';
import { catalogue } from '../analysis/rules/index.ts';
import { nearest } from './nearest.ts';
import { foldersUp } from './paths.ts';
import type { Configuration, Unchecked } from './project.ts';
import { targetEntry } from './target.ts';
import { readText } from './text.ts';

export const SETTINGS_FILE = 'tunelens.toml';

export const defaults: Configuration = {
  rules: {},
  exclude: [],
  dialects: [],
  target: {},
  // SQLite itself takes a table without statistics to hold about a million rows.
  assumedRows: 1_000_000,
  // A thousand short rows are a few dozen pages: reading them all takes well under a millisecond.
  smallTable: 1_000,
};

export type Overrides = Partial<Configuration>;

export interface Settings {
  /** The configuration that holds in a folder. */
  of(folder: string): Configuration;
  /** Excluding globs with the folder they are relative to, from the top down. */
  excludes(folder: string): readonly { readonly folder: string; readonly globs: readonly string[] }[];
  /** The dialect that a settings file declares for this path. */
  dialectOf(path: string, folder: string): Configuration['dialects'][number]['dialect'] | undefined;
  /** What was wrong in the settings files that were read, one sentence each. */
  readonly problems: readonly Unchecked[];
  /** The settings files in force for a folder, nearest first. */
  filesFor(folder: string): readonly string[];
  forget(): void;
}

interface Parsed {
  readonly folder: string;
  readonly values: Overrides;
  readonly problems: readonly Unchecked[];
}

/** `overrides` win over every file. Files are read once until `forget`. `matches` tests a path against globs. */
export function createSettings(
  overrides: () => Overrides,
  matches: (globs: readonly string[], base: string | undefined, path: string) => boolean,
): Settings {
  const files = new Map<string, Parsed | undefined>();
  const merged = new Map<string, Configuration>();
  const problems: Unchecked[] = [];

  const parsedOf = (folder: string): Parsed | undefined => {
    if (files.has(folder)) return files.get(folder);
    const path = folder.endsWith('/') ? folder + SETTINGS_FILE : `${folder}/${SETTINGS_FILE}`;
    let parsed: Parsed | undefined;
    if (existsSync(path)) {
      const file = readText(path);
      parsed =
        'unchecked' in file
          ? { folder, values: {}, problems: [{ path, reason: file.unchecked }] }
          : { folder, ...parseSettings(file.text, path) };
      problems.push(...parsed.problems);
    }
    files.set(folder, parsed);
    return parsed;
  };
  /** Nearest first; the repository's root is the last that counts. */
  const layers = (folder: string): readonly Parsed[] => {
    const found: Parsed[] = [];
    for (const above of foldersUp(folder)) {
      const parsed = parsedOf(above);
      if (parsed !== undefined) found.push(parsed);
      if (existsSync(above.endsWith('/') ? `${above}.git` : `${above}/.git`)) break;
    }
    return found;
  };
  return {
    of(folder) {
      let found = merged.get(folder);
      if (found === undefined) {
        found = [...layers(folder)].reverse().reduce((outer, { values }) => merge(outer, values), defaults);
        found = merge(found, overrides());
        merged.set(folder, found);
      }
      return found;
    },
    excludes(folder) {
      const own = layers(folder)
        .filter(({ values }) => values.exclude !== undefined)
        .map(({ folder: base, values }) => ({ folder: base, globs: values.exclude ?? [] }));
      return own.reverse();
    },
    dialectOf(path, folder) {
      for (const { files: glob, dialect } of overrides().dialects ?? []) if (matches([glob], undefined, path)) return dialect;
      for (const { folder: base, values } of layers(folder)) {
        for (const { files: glob, dialect } of values.dialects ?? []) if (matches([glob], base, path)) return dialect;
      }
      return undefined;
    },
    problems,
    filesFor: (folder) => layers(folder).map(({ folder: at }) => `${at}/${SETTINGS_FILE}`),
    forget() {
      files.clear();
      merged.clear();
      problems.length = 0;
    },
  };
}

function merge(outer: Configuration, inner: Overrides): Configuration {
  return {
    rules: { ...outer.rules, ...inner.rules },
    exclude: [...outer.exclude, ...(inner.exclude ?? [])],
    dialects: [...(inner.dialects ?? []), ...outer.dialects],
    target: { ...outer.target, ...inner.target },
    assumedRows: inner.assumedRows ?? outer.assumedRows,
    smallTable: inner.smallTable ?? outer.smallTable,
  };
}

/** The rule's own id first, then its family (`sql` or `sql/*`), then `all`. Undefined: the rule's default. */
export function severityFor(configuration: Configuration, id: RuleId): Severity | 'off' | undefined {
  const said: Readonly<Record<string, Severity | 'off'>> = configuration.rules;
  const family = id.slice(0, id.indexOf('/'));
  return said[id] ?? said[`${family}/*`] ?? said[family] ?? said.all;
}

const severities = ['error', 'warning', 'info', 'hint', 'off'] as const;
const topKeys = ['exclude', 'assumed-rows', 'small-table', 'rules', 'dialects', 'target'];

/** Total: what is wrong is told with its line, and the default stands in its place. */
export function parseSettings(text: string, path: string): { readonly values: Overrides; readonly problems: readonly Unchecked[] } {
  const problems: Unchecked[] = [];
  const complain = (line: number, sentence: string) => problems.push({ path, reason: `line ${line}: ${sentence}` });
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch (error) {
    const line = error instanceof ParseError ? error.lineNumber : 1;
    complain(
      line,
      `is not valid TOML (${error instanceof Error ? error.message : String(error)}); the file was ignored until it is corrected`,
    );
    return { values: {}, problems };
  }
  const values: { -readonly [Key in keyof Overrides]: Overrides[Key] } = {};
  for (const entry of entriesOf(program)) {
    const [top, key, ...rest] = entry.keys;
    const { line, value } = entry;
    if (top === undefined) continue;
    if (!topKeys.includes(top)) {
      complain(line, `unknown key ${quoted(top)}${nearest(top, topKeys)}; known are ${topKeys.join(', ')}`);
    } else if (top === 'exclude' || top === 'assumed-rows' || top === 'small-table') {
      if (top === 'exclude') {
        if (Array.isArray(value) && value.every((item) => typeof item === 'string')) values.exclude = value as string[];
        else complain(line, 'exclude must be a list of globs, as in exclude = ["generated/**"]; nothing was excluded');
      } else if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
        values[top === 'assumed-rows' ? 'assumedRows' : 'smallTable'] = value;
      } else {
        const standard = top === 'assumed-rows' ? defaults.assumedRows : defaults.smallTable;
        complain(line, `${top} must be a whole number of rows; ${standard} is used`);
      }
    } else if (key === undefined || rest.length > 0) {
      complain(line, `${quoted(top)} must be a table: write [${top}] and its keys below it`);
    } else if (top === 'rules') {
      const severity = severities.find((word) => word === value);
      const problem = ruleProblem(key);
      if (problem !== undefined) complain(line, problem);
      else if (severity === undefined)
        complain(line, `${quoted(key)} must be one of ${severities.join(', ')}; the rule's own severity is used`);
      else values.rules = { ...values.rules, [key]: severity };
    } else if (top === 'dialects') {
      if (value === 'sqlite' || value === 'postgres' || value === 'mysql') {
        values.dialects = [...(values.dialects ?? []), { files: key, dialect: value }];
      } else complain(line, `the dialect of ${quoted(key)} must be sqlite, postgres or mysql; it is told from the files instead`);
    } else {
      const entryOf = typeof value === 'string' || typeof value === 'number' ? targetEntry(key, String(value)) : undefined;
      if (entryOf === undefined) complain(line, `${quoted(key)} must be a number or a text; it was ignored`);
      else if ('error' in entryOf) complain(line, `${(entryOf as { error: string }).error}; it was ignored`);
      else values.target = { ...values.target, ...entryOf };
    }
  }
  return { values, problems };
}

function ruleProblem(key: string): string | undefined {
  const ids = catalogue.map(({ rule }) => rule.id as string);
  const families = [...new Set(ids.map((id) => id.slice(0, id.indexOf('/'))))];
  const known = new Set([...ids, ...families, ...families.map((family) => `${family}/*`), 'all']);
  if (known.has(key)) return undefined;
  return `there is no rule ${quoted(key)}${nearest(key, [...known])}; \`tunelens rules\` lists them`;
}

interface Entry {
  readonly keys: readonly string[];
  readonly value: unknown;
  readonly line: number;
}

/** Every key with its full path; an inline table is spread, so that `[rules]` and `rules = { … }` are one. */
function* entriesOf(program: AST.TOMLProgram): Generator<Entry> {
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') yield* pairOf(node, []);
    else {
      const above = node.resolvedKey.map(String);
      // `[[rules]]` has a number in its path, which no known key has: it is told as not being a table.
      if (node.kind === 'array') yield { keys: above.slice(0, 1), value: [], line: node.loc.start.line };
      else for (const pair of node.body) yield* pairOf(pair, above);
    }
  }
}

function* pairOf(node: AST.TOMLKeyValue, above: readonly string[]): Generator<Entry> {
  const keys = [...above, ...node.key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
  if (node.value.type === 'TOMLInlineTable') for (const inner of node.value.body) yield* pairOf(inner, keys);
  else yield { keys, value: plain(node.value), line: node.loc.start.line };
}

function plain(node: AST.TOMLContentNode): unknown {
  if (node.type === 'TOMLArray') return node.elements.map(plain);
  if (node.type === 'TOMLInlineTable') return {};
  return node.value;
}

const quoted = (text: string): string => JSON.stringify(text);
