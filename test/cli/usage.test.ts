import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Folder, folder, tunelens } from './support.ts';

let place: Folder;
beforeAll(() => {
  place = folder();
  place.put('a.sql', 'SELECT 1;\n');
});
afterAll(() => place.remove());

describe('usage', () => {
  test('version and help', async () => {
    expect(await tunelens(['--version'])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    expect((await tunelens(['--help'])).out).toContain('check [PATH…]');
    for (const command of ['check', 'explain', 'rules', 'lsp']) {
      expect(await tunelens([command, '--help'])).toEqual({
        code: 0,
        out: expect.stringMatching(new RegExp(`^Usage: tunelens ${command} `)),
        err: '',
      });
    }
    expect((await tunelens([])).code).toBe(2);
  });

  test.each([
    [['chekc'], /there is no command chekc; did you mean check\?/],
    [['check', '--fromat', 'json'], /unknown option --fromat; did you mean --format\?/],
    [['check', '--format'], /--format needs a value/],
    [['check', '--format', 'xml'], /--format must be one of text, json, sarif, github, not "xml"/],
    [['check', '--fail-on', 'panic'], /--fail-on must be one of error, warning, info, never/],
    [['check', '--target', 'memory=lots'], /--target: memory must be a size such as 512MB or 32GB/],
    [['check', '--write-baseline'], /--write-baseline needs --baseline FILE/],
    [['check', '--baseline', 'missing.json', 'a.sql'], /--baseline missing\.json cannot be read/],
    [['check', '--baseline', 'a.sql', 'a.sql'], /--baseline a\.sql is not JSON/],
    [['check', 'missing'], /^tunelens: missing does not exist\n$/],
    [['check', '-'], /needs --language/],
    [['check', '--language', 'cobol', 'a.sql'], /--language cobol is no language TuneLens reads/],
    [['explain'], /explain needs a statement or a file/],
    [['explain', 'missing.sql'], /missing\.sql does not exist/],
    [['explain', 'SELECT 1', '--analyze'], /needs --connect/],
    [['rules', 'sql/select-sta'], /there is no rule sql\/select-sta; did you mean sql\/select-star\?/],
    [['lsp'], /needs a transport/],
  ])('%j is refused in one sentence', async (args, sentence) => {
    const { code, out, err } = await tunelens(args, { cwd: place.path });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('rules', () => {
  test('every rule in a line, and as JSON', async () => {
    const { code, out } = await tunelens(['rules']);
    expect(code).toBe(0);
    expect(out).toMatch(/^sql\/missing-index {2,}warning {2}\S/m);
    const { rules } = JSON.parse((await tunelens(['rules', '--format', 'json'])).out) as { rules: { id: string; summary: string }[] };
    expect(rules.length).toBe(out.trim().split('\n').length);
    for (const { summary } of rules) expect(summary).not.toBe('');
  });

  test("one rule's page", async () => {
    expect((await tunelens(['rules', 'sql/missing-index'])).out).toMatch(/^# sql\/missing-index\n/);
    const page = JSON.parse((await tunelens(['rules', 'sql/missing-index', '--format', 'json'])).out) as { id: string; page: string };
    expect(page).toMatchObject({ id: 'sql/missing-index', severity: 'warning' });
  });
});
