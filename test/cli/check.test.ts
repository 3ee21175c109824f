import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkJson, type Folder, folder, tunelens } from './support.ts';

let place: Folder;
const schema = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, state TEXT, note TEXT);\n';
const python = `import sqlite3

def orders_of(conn: sqlite3.Connection, customer):
    return conn.execute("SELECT id, state FROM orders WHERE customer_id = ?", (customer,)).fetchall()
`;
beforeAll(() => {
  place = folder();
  place.put('shop/pyproject.toml', '');
  place.put('shop/migrations/0001_orders.sql', schema);
  place.put('shop/app/orders.py', python);
  place.put('fine/pyproject.toml', '');
  place.put('fine/migrations/0001_orders.sql', `${schema}CREATE INDEX by_customer ON orders (customer_id);\n`);
  place.put('fine/app/orders.py', python);
});
afterAll(() => place.remove());

describe('check', () => {
  test('a query that no index of the migrations serves, with the plans before and after', async () => {
    const { findings, unchecked, summary, code } = await checkJson(['shop'], { cwd: place.path });
    expect(unchecked).toEqual([]);
    const found = findings.find(({ rule }) => rule === 'sql/missing-index');
    expect(found).toMatchObject({
      file: 'shop/app/orders.py',
      range: { start: { line: 3, character: python.split('\n')[3]?.indexOf('orders WHERE') } },
      evidence: { grade: 'planned', source: expect.stringContaining('SQLite') },
      related: [{ file: 'shop/migrations/0001_orders.sql', range: { start: { line: 0 } } }],
      fixes: [{ kind: 'script', text: expect.stringMatching(/^CREATE INDEX \w+ ON orders \(customer_id\);$/) }],
    });
    expect(found?.evidence.before).not.toEqual(found?.evidence.after);
    expect(summary).toMatchObject({ files: 2, findings: findings.length });
    expect(code).toBe(0);
  });

  test('is silent where the index exists', async () => {
    const { findings } = await checkJson(['fine'], { cwd: place.path });
    expect(findings.filter(({ rule }) => rule === 'sql/missing-index')).toEqual([]);
  });

  test('one file is checked with the schema of its project', async () => {
    const { findings } = await checkJson(['fine/app/orders.py'], { cwd: place.path });
    expect(findings.filter(({ rule }) => rule === 'sql/missing-index')).toEqual([]);
    const alone = await checkJson(['shop/app'], { cwd: place.path });
    expect(alone.findings.find(({ rule }) => rule === 'sql/missing-index')?.related).toMatchObject([
      { file: 'shop/migrations/0001_orders.sql' },
    ]);
    expect(alone.summary.files).toBe(1);
  });

  test('exit codes', async () => {
    const run = async (...args: string[]) => (await tunelens(['check', ...args], { cwd: place.path })).code;
    expect(await run('shop', '--fail-on', 'warning')).toBe(1);
    expect(await run('shop', '--fail-on', 'never')).toBe(0);
    expect(await run('shop')).toBe(0);
    expect(await run('shop', '--connect', 'sqlite:missing.db')).toBe(3);
  });

  test('standard input', async () => {
    const { findings, summary } = await checkJson(['-', '--language', 'python'], { cwd: join(place.path, 'shop'), input: python });
    expect(findings.find(({ rule }) => rule === 'sql/missing-index')).toMatchObject({ file: '<stdin>' });
    expect(summary.files).toBe(1);
  });

  test('--language reads a file of any name', async () => {
    place.put('odd/query.txt', 'SELECT * FROM users;\n');
    expect((await checkJson(['odd/query.txt'], { cwd: place.path })).summary.files).toBe(0);
    expect((await checkJson(['odd/query.txt', '--language', 'sql'], { cwd: place.path })).summary.files).toBe(1);
  });

  test('a suppression with a reason, and rules turned off in tunelens.toml', async () => {
    place.put('quiet/pyproject.toml', '');
    place.put('quiet/a.sql', schema);
    place.put('quiet/b.py', python.replace('    return', '    # tunelens-ignore sql/missing-index: forty rows\n    return'));
    expect((await checkJson(['quiet'], { cwd: place.path })).findings.filter(({ rule }) => rule === 'sql/missing-index')).toEqual([]);
    place.put('off/pyproject.toml', '');
    place.put('off/a.sql', schema);
    place.put('off/b.py', python);
    place.put('off/tunelens.toml', '[rules]\nsql = "off"\n');
    expect((await checkJson(['off'], { cwd: place.path })).findings).toEqual([]);
  });

  test('a baseline leaves out what it holds, and only that', async () => {
    place.put('old/pyproject.toml', '');
    place.put('old/a.sql', schema);
    place.put('old/b.py', python);
    const baseline = join(place.path, 'old/baseline.json');
    const written = await tunelens(['check', 'old', '--baseline', baseline, '--write-baseline'], { cwd: place.path });
    expect(written).toMatchObject({ code: 0, out: expect.stringMatching(/written; they no longer count/) });
    place.put('old/b.py', `\n\n${python}`);
    expect((await checkJson(['old', '--baseline', baseline], { cwd: place.path })).findings).toEqual([]);
    place.put('old/b.py', python.replace('customer_id = ?', 'state = ?'));
    expect((await checkJson(['old', '--baseline', baseline], { cwd: place.path })).findings.length).toBeGreaterThan(0);
  });

  test('--fix applies safe edits, keeps the mark and the line ends, and looks again', async () => {
    const path = place.put('repair/a.sql', '\uFEFFPRAGMA mmap_size = 8589934592;\r\nSELECT 1;\r\n');
    const before = await checkJson(['repair'], { cwd: place.path });
    expect(before.findings.map(({ rule }) => rule)).toContain('sqlite/mmap-above-limit');
    const { out } = await tunelens(['check', 'repair', '--fix'], { cwd: place.path });
    expect(out).toMatch(/repair\/a\.sql: fixed 1 finding\n/);
    expect(out).not.toContain('mmap-above-limit');
    expect(readFileSync(path, 'utf8')).toBe('\uFEFFPRAGMA mmap_size = 2147418112;\r\nSELECT 1;\r\n');
  });
});
