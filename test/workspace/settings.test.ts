import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globsMatcher } from '../../server/workspace/files.ts';
import { isWithin, normalPath, relativeTo } from '../../server/workspace/paths.ts';
import { createSettings, defaults, parseSettings, severityFor } from '../../server/workspace/settings.ts';
import { parseBytes, parseTarget } from '../../server/workspace/target.ts';

const problemsOf = (text: string) => parseSettings(text, '/p/tunelens.toml').problems.map(({ reason }) => reason);

describe('tunelens.toml', () => {
  test('everything that can be said', () => {
    const text = `
exclude = ["generated/**"]
assumed-rows = 500_000
small-table = 200
rules = { "sql/select-star" = "off" }
[dialects]
"db/**" = "postgres"
[target]
memory = "32GB"
cores = 8
storage = "nvme"
postgres = 17
max-connections = 200
`;
    expect(parseSettings(text, '/p/tunelens.toml')).toEqual({
      problems: [],
      values: {
        exclude: ['generated/**'],
        assumedRows: 500_000,
        smallTable: 200,
        rules: { 'sql/select-star': 'off' },
        dialects: [{ files: 'db/**', dialect: 'postgres' }],
        target: { memoryBytes: 32 * 1024 ** 3, cores: 8, storage: 'nvme', postgresVersion: 17, maxConnections: 200 },
      },
    });
  });

  test('wrong types and unknown keys: one sentence each, with the line, and the default stays', () => {
    const text = `exclude = "generated"
assumed-rows = "many"
smal-table = 3
[rules]
"sql/select-star" = "loud"
"sql/select-sta" = "off"
[dialects]
"**" = "oracle"
[target]
memory = "lots"
colour = "red"
`;
    const { values, problems } = parseSettings(text, '/p/tunelens.toml');
    expect(values).toEqual({});
    expect(problems.map(({ reason }) => reason.slice(0, 8).trim())).toEqual([
      'line 1:',
      'line 2:',
      'line 3:',
      'line 5:',
      'line 6:',
      'line 8:',
      'line 10:',
      'line 11:',
    ]);
    expect(problems[2]?.reason).toContain('did you mean "small-table"?');
    expect(problems[4]?.reason).toContain('did you mean "sql/select-star"?');
  });

  test('text that is no TOML', () => {
    expect(problemsOf('rules = [')[0]).toMatch(/^line 1: is not valid TOML/);
    expect(problemsOf('[[rules]]\na = 1\n')).toHaveLength(1);
    expect(problemsOf('rules = 3\n')[0]).toMatch(/must be a table/);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'[]{}="\'#.\n,abc1-') }), (text) => void parseSettings(text, '/p')));
  });

  test('the nearer folder wins, the command line over all, and files outside the repository do not count', () => {
    const root = normalPath(mkdtempSync(join(tmpdir(), 'tunelens-settings-')));
    try {
      mkdirSync(join(root, 'repo/.git'), { recursive: true });
      mkdirSync(join(root, 'repo/app'));
      writeFileSync(join(root, 'tunelens.toml'), 'small-table = 1\n');
      writeFileSync(
        join(root, 'repo/tunelens.toml'),
        'small-table = 2\nassumed-rows = 20\n[rules]\nsql = "off"\n"sql/select-star" = "error"\n[dialects]\n"app/**" = "postgres"\n',
      );
      writeFileSync(join(root, 'repo/app/tunelens.toml'), 'small-table = 3\n[dialects]\n"*.sql" = "sqlite"\n');
      const settings = createSettings(
        () => ({ assumedRows: 99 }),
        (globs, base, path) => base !== undefined && isWithin(base, path) && globsMatcher(globs)(relativeTo(base, path)),
      );
      const app = settings.of(`${root}/repo/app`);
      expect(app).toMatchObject({ smallTable: 3, assumedRows: 99 });
      expect(severityFor(app, 'sql/missing-index')).toBe('off');
      expect(severityFor(app, 'sql/select-star')).toBe('error');
      expect(severityFor(app, 'code/n-plus-one')).toBeUndefined();
      expect(settings.of(`${root}/repo`).smallTable).toBe(2);
      expect(settings.dialectOf(`${root}/repo/app/a.sql`, `${root}/repo/app`)).toBe('sqlite');
      expect(settings.dialectOf(`${root}/repo/app/a.py`, `${root}/repo/app`)).toBe('postgres');
      expect(settings.problems).toEqual([]);
      expect(settings.of(root)).toMatchObject({ smallTable: 1, rules: defaults.rules });
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('--target', () => {
  test('as people write it', () => {
    expect(parseTarget('memory=32GB, cores=8,storage=NVMe,postgres=17.2')).toEqual({
      target: { memoryBytes: 32 * 1024 ** 3, cores: 8, storage: 'nvme', postgresVersion: 17 },
    });
    expect(parseTarget('memory')).toEqual({ error: expect.stringContaining('has no value') });
    expect(parseTarget('cores=half')).toEqual({ error: expect.stringContaining('cores must be a whole number') });
    expect(parseTarget('disk=ssd')).toEqual({ error: expect.stringContaining('known are memory, cores, storage') });
  });

  test('sizes', () => {
    expect(['1024', '1k', '2KB', '1.5GiB', '3 T', '0', 'x', '-1'].map(parseBytes)).toEqual([
      1024,
      1024,
      2048,
      1.5 * 1024 ** 3,
      3 * 1024 ** 4,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
