import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Folder, folder, tunelens } from './support.ts';

interface Output {
  readonly indexes: readonly {
    readonly ddl: string;
    readonly table: string;
    readonly columns: readonly string[];
    readonly kind: string;
    readonly sizeBytes: number;
    readonly costBefore: number;
    readonly costAfter: number;
    readonly writeCost: number;
    readonly statements: readonly number[];
    readonly served: readonly { readonly id: number; readonly costBefore: number; readonly costAfter: number }[];
  }[];
  readonly redundant: readonly { readonly name: string; readonly reason: string }[];
  readonly refused: readonly { readonly statement: number; readonly reason: string; readonly code: string }[];
  readonly workload: { readonly statements: number; readonly costBefore: number; readonly costAfter: number };
  readonly statements: readonly {
    readonly id: number;
    readonly sql: string;
    readonly calls?: number;
    readonly milliseconds?: number;
    readonly weight: number;
    readonly places: readonly { readonly file: string; readonly line: number }[];
  }[];
  readonly missing: readonly string[];
}

let place: Folder;
const advise = async (...args: string[]): Promise<Output & { code: number }> => {
  const { code, out, err } = await tunelens(['advise', '--format', 'json', ...args], { cwd: place.path });
  if (!out.startsWith('{')) throw new Error(`exit ${code}: ${out}${err}`);
  return { ...(JSON.parse(out) as Output), code };
};
const said = ({ indexes }: Output) => indexes.map(({ table, columns }) => `${table}(${columns.join()})`);

beforeAll(() => {
  place = folder();
  place.put('pyproject.toml');
  place.put(
    'migrations/0001_shop.sql',
    `PRAGMA foreign_keys = ON;
CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, city TEXT, note TEXT);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), state TEXT NOT NULL, made_at TEXT NOT NULL, total REAL);
CREATE INDEX purchase_state ON purchase (state);
CREATE INDEX purchase_state_made_at ON purchase (state, made_at);
`,
  );
  place.put(
    'shop.py',
    `import sqlite3

def of_customer(conn: sqlite3.Connection, key):
    return conn.execute("SELECT id, total FROM purchase WHERE customer_id = ?", (key,)).fetchall()

def by_id(conn: sqlite3.Connection, key):
    return conn.execute("SELECT email FROM customer WHERE id = ?", (key,)).fetchone()

def anything(conn: sqlite3.Connection, table):
    return conn.execute(f"SELECT id FROM {table} WHERE id = 3").fetchall()
`,
  );
  place.put(
    'test_shop.py',
    'import sqlite3\n\ndef test_it(conn: sqlite3.Connection):\n    conn.execute("SELECT id FROM customer WHERE city = \'Bern\'")\n',
  );
  const database = new Database(`${place.path}/live.db`);
  database.exec(`CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, city TEXT, note TEXT);
    CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, state TEXT NOT NULL, made_at TEXT NOT NULL, total REAL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO purchase SELECT i, i % 2000, CASE i % 50 WHEN 0 THEN 'open' ELSE 'done' END, date('2026-01-01', '-' || (i % 900) || ' days'), i * 1.5 FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
      INSERT INTO customer SELECT i, 'p' || i || '@example.org', 'city ' || (i % 40), NULL FROM n;
    ANALYZE;`);
  database.close();
});
afterAll(() => place.remove());

describe('advise on a repository', () => {
  test('its own statements, with their places; what is served, tests, and what cannot be planned get no index', async () => {
    const advice = await advise();
    expect(advice.code).toBe(0);
    expect(said(advice)).toEqual(['purchase(customer_id)']);
    const [index] = advice.indexes;
    expect(index).toMatchObject({ kind: 'btree', ddl: 'CREATE INDEX idx_purchase_customer_id ON purchase (customer_id);' });
    expect(index?.costAfter).toBeLessThan((index?.costBefore ?? 0) / 10);
    expect(index?.sizeBytes).toBeGreaterThan(0);
    const [served] = advice.statements.filter(({ id }) => index?.statements.includes(id));
    expect(served).toMatchObject({ sql: 'SELECT id, total FROM purchase WHERE customer_id = ?', places: [{ file: 'shop.py', line: 3 }] });
    expect(advice.statements.map(({ sql }) => sql).join()).not.toContain('Bern');
    expect(advice.refused.map(({ code }) => code).toSorted()).toEqual(['dynamic', expect.any(String)]);
    expect(advice.redundant).toEqual([
      { ...advice.redundant[0], name: 'purchase_state', reason: expect.stringContaining('purchase_state_made_at') },
    ]);
    expect(advice.workload).toMatchObject({ statements: 3 });
    expect(advice.workload.costAfter).toBeLessThan(advice.workload.costBefore);
  });

  test('for people, and as a script that a database takes', async () => {
    const { out } = await tunelens(['advise'], { cwd: place.path });
    expect(out).toContain('CREATE INDEX idx_purchase_customer_id ON purchase (customer_id);');
    expect(out).toMatch(/shop\.py:4/);
    expect(out).toContain('No index for');
    expect(out).toContain('put together at run time');
    expect(out).toContain('No longer needed');
    expect(out).toContain('1,000,000 rows are assumed');
    const script = await tunelens(['advise', '--format', 'sql'], { cwd: place.path });
    const database = new Database(':memory:');
    database.exec('CREATE TABLE purchase (customer_id INTEGER)');
    database.exec(script.out);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'index'").all()).toEqual([{ name: 'idx_purchase_customer_id' }]);
    database.close();
  });
});

describe('advise on a database', () => {
  test('what ran decides what the budget is spent on', async () => {
    place.put(
      'slow.log',
      `slow (4.0 ms): SELECT id FROM customer WHERE email = 'p7@example.org'
slow (900.0 ms): SELECT total FROM purchase WHERE customer_id = 3
slow (2.0 ms): SELECT total FROM purchase WHERE customer_id = 5
slow (1.0 ms): SELECT nothing FROM elsewhere WHERE a = 1
`,
    );
    const all = await advise('--connect', 'live.db', '--workload', 'slow.log');
    expect(said(all).toSorted()).toEqual(['customer(email)', 'purchase(customer_id)']);
    expect(all.statements.find(({ sql }) => sql.includes('purchase'))).toMatchObject({
      calls: 2,
      milliseconds: 902,
      places: [{ file: 'slow.log', line: 1 }],
    });
    expect(all.refused.find(({ code }) => code === 'unknown-table')?.reason).toContain('elsewhere');
    const sizes = all.indexes.map(({ sizeBytes }) => sizeBytes);
    const small = await advise('--connect', 'live.db', '--workload', 'slow.log', '--budget', String(Math.max(...sizes)));
    expect(said(small)).toEqual(['purchase(customer_id)']);
    expect(small.refused.find(({ code }) => code === 'budget')).toBeDefined();
    // Nothing was written there.
    const database = new Database(`${place.path}/live.db`, { readonly: true });
    expect(database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'index'").get()).toEqual({ n: 0 });
    database.close();
  });

  test('with a snapshot in its place, and code for a workload', async () => {
    const { code } = await tunelens(['stats', 'live.db', '--output', 'live.json'], { cwd: place.path });
    if (code !== 0) {
      const { out } = await tunelens(['stats', 'live.db'], { cwd: place.path });
      place.put('live.json', out);
    }
    const advice = await advise('shop.py', '--stats', 'live.json');
    expect(said(advice)).toEqual(['purchase(customer_id)']);
    expect(advice.statements[0]?.places[0]?.file).toBe('shop.py');
  });

  test('a schema in a file', async () => {
    place.put(
      'only.sql',
      'CREATE TABLE thing (id BIGSERIAL PRIMARY KEY, owner_id BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL, body JSONB);',
    );
    place.put(
      'ran.csv',
      'query,calls,total_exec_time\n"SELECT id FROM thing WHERE owner_id = $1 AND made_at > now() - interval $2",100,5000\nBEGIN,5,1\nSELECT 1,3,1\n',
    );
    const advice = await advise('--schema', 'only.sql', '--workload', 'ran.csv');
    expect(advice.code).toBe(0);
    expect(said(advice)[0]).toMatch(/^thing\(owner_id/);
    expect(advice.indexes[0]?.ddl).toMatch(/^CREATE INDEX CONCURRENTLY /);
    // What has no table is no part of a workload.
    expect(advice.workload.statements).toBe(1);
    expect(advice.statements[0]).toMatchObject({ calls: 100, milliseconds: 5000 });
  });
});

describe('bad input', () => {
  const fails = async (args: string[], words: RegExp, expected = 2) => {
    const { code, out, err } = await tunelens(['advise', ...args], { cwd: place.path });
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toMatch(words);
    expect(err.trim().split('\n')).toHaveLength(1);
  };
  test('is told in one sentence', async () => {
    place.put('empty.csv', 'query,calls\n');
    place.put('broken.json', '{ "format": ');
    await fails(['nowhere'], /nowhere does not exist/);
    await fails(['--budget', 'plenty'], /--budget must be a size/);
    await fails(['--workload', 'gone.csv'], /gone\.csv does not exist/);
    await fails(['--workload', 'empty.csv'], /empty\.csv holds no statement/);
    await fails(['--workload', '.'], /is no file/);
    await fails(['--stats', 'broken.json'], /broken\.json/);
    await fails(['--schema', 'gone.sql'], /gone\.sql does not exist/);
    await fails(['--connect', 'live.db', '--stats', 'x.json'], /--connect brings its own/);
    await fails(['--connect', 'sqlite:gone.db'], /gone\.db/, 3);
    await fails(['--format', 'yaml'], /--format must be one of text, json, sql/);
  });
});
