import { createRequire } from 'node:module';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EditFix } from '../../server/analysis/fix.ts';
import type { Finding } from '../../server/analysis/rule.ts';
import { compatibleEdits, edited } from '../../server/cli/fix.ts';
import { formatGithub } from '../../server/cli/formats/github.ts';
import type { Report } from '../../server/cli/formats/report.ts';
import { sourceText } from '../../server/cli/formats/report.ts';
import { formatSarif } from '../../server/cli/formats/sarif.ts';
import { formatText } from '../../server/cli/formats/text.ts';
import { redact } from '../../server/cli/run.ts';
import { type Folder, folder, tunelens } from './support.ts';

const text = 'x = 1\nq = "SELECT * FROM größe, 漢字"\t# a\n';
const step = (kind: 'scan' | 'index', detail: string) => ({ kind, detail, children: [] }) as const;
const finding: Finding = {
  rule: 'sql/missing-index',
  severity: 'warning',
  path: '/w/sub dir/a,b.py',
  span: { start: text.indexOf('SELECT'), end: text.indexOf('"\t') },
  anchor: { start: 6, end: 20 },
  message: 'Reads 100% of größe: every row',
  evidence: {
    grade: 'planned',
    source: 'SQLite 3.54 (embedded)',
    before: { engine: 'sqlite', steps: [step('scan', 'SCAN größe')], totalCost: 1_200_000, raw: [] },
    after: { engine: 'sqlite', steps: [step('index', 'SEARCH größe USING INDEX i (a=?)')], totalCost: 9.125, raw: [] },
    notes: ['größe: 1,000,000 rows assumed'],
  },
  related: [{ path: '/elsewhere/s.sql', span: { start: 0, end: 1 }, message: 'größe is created here' }],
  fixes: [
    {
      kind: 'script',
      title: 'Create an index',
      engine: 'sqlite',
      text: 'CREATE INDEX i ON größe (a);',
      down: 'DROP INDEX i;',
      name: 'i',
      outsideTransaction: false,
    },
    { kind: 'edit', title: 'Name the columns', safe: true, edits: [{ span: { start: 17, end: 18 }, text: 'id' }] },
  ],
  tags: [],
};
const report: Report = {
  version: '0.1.0',
  findings: [finding],
  unchecked: [{ path: '/w/big.sql', reason: 'is 3.0 MB, more than the 2 MB TuneLens reads; split it' }],
  files: 3,
  milliseconds: 12,
  display: (path) => (path.startsWith('/w/') ? path.slice(3) : path),
  source: () => sourceText(text),
  done: [],
};
const descriptions = [{ id: 'sql/missing-index', severity: 'warning' as const, page: '# sql/missing-index\n\nReads all.\n\n## A\n' }];

const require = createRequire(import.meta.url);
const validate = () => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<string, unknown>;
  // Draft 4 calls its name `id`; nothing refers to it.
  const { id, ...body } = schema;
  return ajv.compile({ ...body, $id: String(id), $schema: 'http://json-schema.org/draft-07/schema#' });
};

describe('SARIF', () => {
  test('is valid against the official schema', () => {
    const log: unknown = JSON.parse(formatSarif(report, descriptions, 'file:///w/'));
    const valid = validate();
    expect(valid(log) ? [] : valid.errors).toEqual([]);
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { rules: [{ id: 'sql/missing-index', shortDescription: { text: 'Reads all.' } }] } },
          results: [
            {
              ruleId: 'sql/missing-index',
              level: 'warning',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'sub%20dir/a%2Cb.py', uriBaseId: 'SRCROOT' },
                    region: { startLine: 2, startColumn: 6 },
                  },
                },
              ],
              relatedLocations: [{ physicalLocation: { artifactLocation: { uri: 'file:///elsewhere/s.sql' } } }],
            },
          ],
        },
      ],
    });
  });

  test('the schema refuses what is wrong, so the test above means something', () => {
    const valid = validate();
    expect(valid({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });
});

describe('GitHub', () => {
  test('commands are escaped', () => {
    const [first, second] = formatGithub(report).split('\n');
    expect(first).toBe(
      '::warning file=sub dir/a%2Cb.py,line=2,endLine=2,col=6,endColumn=29,title=sql/missing-index::Reads 100%25 of größe: every row%0Agröße: 1,000,000 rows assumed%0Afix: Create an index%0Afix: Name the columns',
    );
    expect(second).toMatch(/^::warning file=big\.sql,title=not checked::big\.sql is 3\.0 MB/);
  });
});

describe('text', () => {
  const lines = formatText(report, false).split('\n');

  test('says what, where, how it is known and what to do', () => {
    expect(lines).toEqual([
      'sub dir/a,b.py',
      '  2:6  warning  Reads 100% of größe: every row  sql/missing-index',
      '    2 | q = "SELECT * FROM größe, 漢字"\t# a',
      '      |      ^^^^^^^^^^^^^^^^^^^^^^^^^',
      '      plan   SCAN größe (cost 1.2 M)',
      '      then   SEARCH größe USING INDEX i (a=?) (cost 9.13)',
      '      planned: SQLite 3.54 (embedded)',
      '      größe: 1,000,000 rows assumed',
      '      see /elsewhere/s.sql:1:1  größe is created here',
      '      fix    Create an index',
      '             CREATE INDEX i ON größe (a);',
      '      fix    Name the columns  (--fix applies it)',
      '',
      'Not checked',
      '  big.sql is 3.0 MB, more than the 2 MB TuneLens reads; split it',
      '',
      '1 warning in 3 files, 1 not checked (12 ms)',
      '',
    ]);
  });

  test('no file can send control sequences to the terminal', () => {
    const evil = 'x = "\u001b[2J"';
    const shown = formatText({ ...report, findings: [{ ...finding, span: { start: 0, end: 3 } }], source: () => sourceText(evil) }, false);
    expect(shown).not.toContain('\u001b');
  });

  test('a line of thousands of characters is cut around the finding', () => {
    const long = `${'a'.repeat(5000)}SELECT${'b'.repeat(5000)}`;
    const shown = formatText(
      { ...report, findings: [{ ...finding, span: { start: 5000, end: 5006 } }], source: () => sourceText(long) },
      false,
    ).split('\n');
    const [line = '', carets = ''] = shown.slice(2, 4);
    expect(line.length).toBeLessThan(200);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('SELECT');
  });
});

describe('colour', () => {
  let place: Folder;
  beforeAll(() => {
    place = folder();
    place.put('a.sql', 'PRAGMA synchronus = NORMAL;\n');
  });
  afterAll(() => place.remove());

  test('only when forced or on a terminal, never with NO_COLOR', async () => {
    const run = async (env: Record<string, string>) =>
      (await tunelens(['check', 'a.sql'], { cwd: place.path, env })).out.includes('\u001b[');
    expect(await run({})).toBe(false);
    expect(await run({ FORCE_COLOR: '1' })).toBe(true);
    expect(await run({ FORCE_COLOR: '0' })).toBe(false);
    expect(await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });
});

describe('fixes', () => {
  const edit = (start: number, end: number, replacement: string, safe = true): Finding => {
    const fix: EditFix = { kind: 'edit', title: 'x', safe, edits: [{ span: { start, end }, text: replacement }] };
    return { ...finding, fixes: [fix] };
  };

  test('those that touch are taken one at a time, unsafe ones never', () => {
    const { edits, findings } = compatibleEdits([edit(8, 10, 'Z'), edit(0, 2, 'A'), edit(1, 3, 'B'), edit(5, 6, 'C', false)]);
    expect(findings).toBe(2);
    expect(edited('0123456789', edits)).toBe('A234567Z');
  });
});

describe('passwords', () => {
  test.each([
    ['postgres://user:s3cret@host/db', 'postgres://user:***@host/db'],
    ['postgres://user:a:b@c@host/db', 'postgres://user:***@host/db'],
    ['host=h password=s3cret user=u', 'host=h password=*** user=u'],
    ["host=h password='s3 cret' user=u", 'host=h password=*** user=u'],
    ['postgres://h/db?password=s3cret&x=1', 'postgres://h/db?password=***&x=1'],
  ])('%s', (given, shown) => {
    expect(redact(given)).toBe(shown);
  });
});
