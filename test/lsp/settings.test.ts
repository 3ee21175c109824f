import { expect, test } from 'vitest';
import { settingsOf } from '../../server/lsp/from-lsp.ts';

test('what is said is taken, what is empty leaves the folder its own', () => {
  const section = {
    rules: { 'sql/select-star': 'off' },
    exclude: [],
    dialects: [{ files: 'db/**', dialect: 'postgres' }],
    target: { memory: '32GB', cores: 8, storage: 'nvme' },
    assumedRows: null,
    codeLens: { enabled: false },
    scope: 'openFiles',
  };
  expect(settingsOf(section)).toEqual({
    overrides: {
      rules: { 'sql/select-star': 'off' },
      dialects: [{ files: 'db/**', dialect: 'postgres' }],
      target: { memoryBytes: 32 * 1024 ** 3, cores: 8, storage: 'nvme' },
    },
    editor: { codeLens: false, scope: 'openFiles' },
    problems: [],
  });
});

test.each([
  [{ rules: ['x'] }, 'The setting tunelens.rules must be an object of rule ids and severities; the default is used.'],
  [
    { rules: { 'sql/select-star': 'loud' } },
    'The setting tunelens.rules["sql/select-star"] must be one of error, warning, info, hint, off; the default is used.',
  ],
  [{ exclude: 'dist' }, 'The setting tunelens.exclude must be a list of glob patterns; the default is used.'],
  [{ dialects: [{ files: 1 }] }, 'The setting tunelens.dialects must be a list of { files, dialect }; the default is used.'],
  [{ target: { memory: 'much' } }, 'The setting tunelens.target.memory must be a size such as "32GB"; the default is used.'],
  [{ target: { cores: '8' } }, 'The setting tunelens.target.cores must be a number; the default is used.'],
  [{ smallTable: -1 }, 'The setting tunelens.smallTable must be a number of rows; the default is used.'],
  [{ scope: 'all' }, 'The setting tunelens.scope must be "workspace" or "openFiles"; the default is used.'],
])('%j is named and not used', (section, problem) => {
  const { overrides, editor, problems } = settingsOf(section);
  expect(problems).toEqual([problem]);
  expect(overrides).toEqual({});
  expect(editor).toEqual({ codeLens: true, scope: 'workspace' });
});

test.each([[undefined], [null], [7], ['x'], [[]]])('%j as a whole is nothing', (section) => {
  expect(settingsOf(section)).toEqual({ overrides: {}, editor: { codeLens: true, scope: 'workspace' }, problems: [] });
});
