/** The walls of the house, each held by a test. See server/README.md. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../server/analysis/rules/index.ts';

const root = resolve(import.meta.dirname, '../..');

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Module specifiers, relative ones resolved to paths from the root. */
  readonly imports: readonly string[];
}

/** Statements at the start of a line (text inside templates is not an import), and dynamic imports anywhere. */
const importing = /^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*'([^'$\n]+)'|\bimport\(\s*'([^'\n]+)'/gm;

function sources(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
      .map((entry) => {
        const full = join(entry.parentPath, entry.name);
        const text = readFileSync(full, 'utf8');
        const specifiers = [...text.matchAll(importing)].map((match) => match[1] ?? match[2] ?? '');
        return {
          path: relative(root, full).replaceAll('\\', '/'),
          text,
          imports: specifiers.map((name) =>
            name.startsWith('.') ? relative(root, resolve(dirname(full), name)).replaceAll('\\', '/') : name,
          ),
        };
      }),
  );
}

const files = sources('server', 'client');
const inside = (file: SourceFile, ...folders: string[]) => folders.some((folder) => file.path.startsWith(folder));
/** `importer: imported` for every import that breaks a wall. */
const offenders = (breaks: (file: SourceFile, name: string) => boolean) =>
  files.flatMap((file) => file.imports.filter((name) => breaks(file, name)).map((name) => `${file.path}: ${name}`));

describe('walls', () => {
  test('imports are seen at all', () => {
    expect(files.length).toBeGreaterThan(200);
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(800);
  });

  test('only the client knows vscode', () => {
    expect(offenders((file, name) => name === 'vscode' && !inside(file, 'client/'))).toEqual([]);
  });

  test('only lsp/ knows the language-server library, and only the client its counterpart', () => {
    expect(offenders((file, name) => /^vscode-languageserver(?!-textdocument)/.test(name) && !inside(file, 'server/lsp/'))).toEqual([]);
    expect(offenders((file, name) => name.startsWith('vscode-languageclient') && !inside(file, 'client/'))).toEqual([]);
  });

  test('a database driver is known only to its engine and the twin', () => {
    expect(offenders((file, name) => /^better-sqlite3/.test(name) && !inside(file, 'server/engines/sqlite/', 'server/twin/'))).toEqual([]);
    expect(offenders((file, name) => name === 'pg' && !inside(file, 'server/engines/postgres/'))).toEqual([]);
    expect(offenders((file, name) => name.startsWith('@electric-sql/pglite') && !inside(file, 'server/twin/'))).toEqual([]);
  });

  test('analysis imports neither Node nor any room outside it', () => {
    const libraries = new Set(['web-tree-sitter']);
    expect(
      offenders((file, name) => inside(file, 'server/analysis/') && !name.startsWith('server/analysis/') && !libraries.has(name)),
    ).toEqual([]);
  });

  test('rules never import each other', () => {
    const rulePath = /^server\/analysis\/rules\/[a-z]+\//;
    expect(offenders((file, name) => rulePath.test(file.path) && rulePath.test(name) && name.endsWith('.ts'))).toEqual([]);
  });

  test('the client takes only the protocol and analysis types from the server', () => {
    expect(offenders((file, name) => inside(file, 'client/') && name.startsWith('server/') && name !== 'server/protocol.ts')).toEqual([]);
  });

  test('workspace/ and engines/ know neither the editor nor the terminal', () => {
    expect(
      offenders((file, name) => inside(file, 'server/workspace/', 'server/engines/', 'server/twin/') && /^server\/(lsp|cli)\//.test(name)),
    ).toEqual([]);
    expect(offenders((file, name) => inside(file, 'server/engines/', 'server/twin/') && name.startsWith('server/workspace/'))).toEqual([]);
  });

  test('there are no import cycles, type imports included', () => {
    const imports = new Map(files.map((file) => [file.path, file.imports.filter((name) => name.endsWith('.ts'))]));
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      state.set(path, 'open');
      for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
      state.set(path, 'done');
    };
    for (const file of files) visit(file.path, []);
    expect(cycles).toEqual([]);
  });

  test('no room is called utils, and the only barrels are generated', () => {
    const names = files.map((file) => posix.basename(file.path));
    expect(names.filter((name) => /^(utils?|helpers?|common|misc)\.ts$/.test(name))).toEqual([]);
    expect(
      files.filter((file) => file.path.endsWith('/index.ts') && !file.text.startsWith('// Generated by')).map((file) => file.path),
    ).toEqual([]);
  });

  test('files are named in kebab-case', () => {
    expect(files.map((file) => posix.basename(file.path, '.ts')).filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?$/.test(name))).toEqual(
      [],
    );
  });
});

describe('generated files', () => {
  test('are fresh', () => {
    expect(() => execFileSync(process.execPath, ['server/generate.mjs', '--check'], { cwd: root })).not.toThrow();
  });

  test('every rule has its page, and every page its rule', () => {
    const folder = join(root, 'server/analysis/rules');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.includes('/') && /\.(ts|md)$/.test(name),
    );
    const ids = new Set(names.map((name) => name.replace(/\.(ts|md)$/, '')));
    expect([...ids].sort()).toEqual(catalogue.map(({ rule }) => rule.id).sort());
    expect(names.length).toBe(2 * ids.size);
  });

  test('a rule is called like its file and its page', () => {
    for (const { rule, page } of catalogue) {
      expect(page.split('\n')[0]).toBe(`# ${rule.id}`);
      expect(rule.id).toMatch(/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/);
    }
    expect(new Set(catalogue.map(({ rule }) => rule.id)).size).toBe(catalogue.length);
  });

  test('the lockfile names no registry', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
