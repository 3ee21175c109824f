import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProject } from '../../server/workspace/create-project.ts';
import { normalPath } from '../../server/workspace/paths.ts';
import type { FileResult, Project } from '../../server/workspace/project.ts';

let root = '';
let project: Project | undefined;
const logged: string[] = [];
beforeEach(() => {
  root = normalPath(mkdtempSync(join(tmpdir(), 'tunelens-project-')));
  logged.length = 0;
});
afterEach(async () => {
  await project?.dispose();
  project = undefined;
  rmSync(root, { recursive: true, force: true });
});

function put(name: string, text = ''): string {
  const path = `${root}/${name}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
function open(options: { trusted?: boolean } = {}): Project {
  project = createProject({ roots: [root], trusted: options.trusted ?? true, log: (line) => logged.push(line) });
  return project;
}
const rulesOf = (result: FileResult | undefined) => result?.findings.map(({ rule }) => rule) ?? [];
const missing = (result: FileResult | undefined) => rulesOf(result).filter((rule) => rule === 'sql/missing-index').length;

const table = (name: string, extra = '') => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, owner INTEGER, state TEXT);\n${extra}`;
const reading = (name: string, column = 'owner') =>
  `import sqlite3\n\ndef rows(conn: sqlite3.Connection, key):\n    return conn.execute("SELECT id FROM ${name} WHERE ${column} = ?", (key,)).fetchall()\n`;

describe('which database a query belongs to', () => {
  test("a project's own migrations, in the order of their numbers, up only", async () => {
    put('a/package.json', '{}');
    put('a/migrations/2_index.sql', 'CREATE INDEX by_owner ON item (owner);\n');
    put('a/migrations/10_drop.down.sql', 'DROP TABLE item;\n');
    put('a/migrations/1_item.sql', table('item'));
    const path = put('a/read.py', reading('item'));
    put('b/package.json', '{}');
    put('b/migrations/1_item.sql', table('item'));
    const other = put('b/read.py', reading('item'));
    const opened = open();
    expect(missing(await opened.check(path, 'all'))).toBe(0);
    expect(missing(await opened.check(other, 'all'))).toBe(1);
  });

  test('DDL in code counts; what a test or a guide creates is no other file’s', async () => {
    put('pyproject.toml');
    put(
      'app/setup.py',
      `import sqlite3\n\ndef setup(conn):\n    conn.execute("CREATE TABLE IF NOT EXISTS item (id INTEGER PRIMARY KEY, owner INTEGER, state TEXT)")\n    conn.execute("CREATE INDEX IF NOT EXISTS by_owner ON item (owner)")\n`,
    );
    const path = put('app/read.py', reading('item'));
    put('tests/test_read.py', `import sqlite3\n\ndef test_it(conn):\n    conn.execute("CREATE INDEX by_state ON item (state)")\n`);
    put('docs/guide.md', '# Guide\n\n```sql\nCREATE INDEX by_state ON item (state);\nPRAGMA optimize;\n```\n');
    const byState = put('app/state.py', reading('item', 'state'));
    const opened = open();
    expect(missing(await opened.check(path, 'all'))).toBe(0);
    expect(missing(await opened.check(byState, 'all'))).toBe(1);
  });

  test('plain files in any order: tables before the indexes and views on them', async () => {
    put('package.json', '{}');
    put('db/a_indexes.sql', 'PRAGMA foreign_keys = ON;\nCREATE INDEX by_owner ON item (owner);\n');
    put('db/b_tables.sql', table('item'));
    const path = put('read.py', reading('item'));
    const opened = open();
    expect(missing(await opened.check(path, 'all'))).toBe(0);
    expect(rulesOf(await opened.check(`${root}/db/a_indexes.sql`, 'all'))).not.toContain('sql/engine-rejects');
  });

  test('a dialect that only the neighbours tell', async () => {
    put('package.json', '{}');
    put('app.py', reading('item'));
    put('schema.sql', table('item'));
    const path = put('queries.sql', 'SELECT id FROM item WHERE owner = 3;\n');
    const opened = open();
    await opened.check(path, 'all');
    expect(opened.document(path)?.queries.map(({ dialect }) => dialect)).toEqual(['sqlite']);
  });

  test('settings declare a dialect', async () => {
    put('tunelens.toml', '[dialects]\n"*.sql" = "postgres"\n');
    put('app.py', reading('item'));
    const path = put('queries.sql', 'SELECT id FROM item WHERE owner = 3;\n');
    const opened = open();
    await opened.check(path, 'all');
    expect(opened.document(path)?.queries[0]?.dialect).toBe('postgres');
  });

  test('SQL that every engine takes is planned though nothing tells its dialect, and refusals say nothing', async () => {
    put('schema.sql', 'CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER, state VARCHAR(20));\n');
    const path = put('queries.sql', 'SELECT id FROM item WHERE owner = 3;\nSELECT id FROM item WHERE stat = 3;\n');
    const opened = open();
    const result = await opened.check(path, 'all');
    const [finding] = result?.findings.filter(({ rule }) => rule === 'sql/missing-index') ?? [];
    expect(finding?.evidence.source).toMatch(/^SQLite .*no dialect being declared$/);
    expect(rulesOf(result)).toContain('sql/unknown-column');
    expect(rulesOf(result)).not.toContain('sql/engine-rejects');
    opened.touched([put('app.ts', "import pg from 'pg';\nexport const pool = new pg.Pool();\npool.query('SELECT 1::int');\n")]);
    await new Promise((resolve) => opened.onStale(resolve));
    await opened.check(path, 'all');
    expect(opened.document(path)?.queries[0]?.dialect).toBe('postgres');
  });

  test('a table that only queries mention is inferred, and the finding says so', async () => {
    const path = put('read.py', reading('unseen'));
    const result = await open().check(path, 'all');
    const finding = result?.findings.find(({ rule }) => rule === 'sql/missing-index');
    expect(finding?.severity).toBe('info');
    expect(finding?.evidence.notes.join('\n')).toMatch(/known from queries only/);
  });
});

describe('a connection', () => {
  function database(): string {
    const path = `${root}/live.db`;
    const live = new Database(path);
    live.exec(
      `${table('item')} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO item SELECT i, i % 900, 'x' FROM n; ANALYZE;`,
    );
    live.close();
    return path;
  }

  test('raises what is known to live, with row counts, and takes it back', async () => {
    put('schema.sql', table('item'));
    const path = put('read.py', reading('item'));
    const opened = open();
    const staled: unknown[] = [];
    opened.onStale((paths) => staled.push(paths));
    const evidence = async () => (await opened.check(path, 'all'))?.findings.find(({ rule }) => rule === 'sql/missing-index')?.evidence;
    expect((await evidence())?.grade).toBe('planned');
    const connection = await opened.connect(`sqlite:${database()}`);
    expect(staled).toEqual(['all']);
    const live = await evidence();
    expect(live).toMatchObject({ grade: 'live', source: connection.label });
    expect(live?.notes.join('\n')).toContain('5,000 rows');
    expect(await opened.explain(path, opened.document(path)?.queries[0] as never)).toMatchObject({
      outcome: 'planned',
      source: connection.label,
    });
    await opened.disconnect(connection.label);
    expect(opened.connections).toEqual([]);
    expect((await evidence())?.grade).toBe('planned');
  });

  test('without trust nothing is connected to', async () => {
    await expect(open({ trusted: false }).connect(`sqlite:${database()}`)).rejects.toThrow(/not trusted/);
  });

  test('a database whose tables are others is not asked', async () => {
    put('schema.sql', table('elsewhere'));
    const path = put('read.py', reading('elsewhere'));
    const opened = open();
    await opened.connect(`sqlite:${database()}`);
    expect((await opened.check(path, 'all'))?.findings.find(({ rule }) => rule === 'sql/missing-index')?.evidence.grade).toBe('planned');
  });
});

describe('an editor', () => {
  test('its text wins over the disk until it is closed', async () => {
    put('schema.sql', table('item'));
    const path = put('read.py', 'x = 1\n');
    const opened = open();
    opened.open(path, 'python', reading('item'), 1);
    const first = await opened.check(path, 'all');
    expect({ version: first?.version, missing: missing(first) }).toEqual({ version: 1, missing: 1 });
    opened.change(path, reading('item', 'id'), 2);
    const second = await opened.check(path, 'all');
    expect({ version: second?.version, missing: missing(second) }).toEqual({ version: 2, missing: 0 });
    opened.close(path);
    expect((await opened.check(path, 'all'))?.document.queries).toEqual([]);
  });

  test('the text alone answers at once, then what the engine said before is used', async () => {
    put('schema.sql', table('item'));
    const path = put('read.py', `import sqlite3\nconn.execute("PRAGMA synchronus = NORMAL")\n${reading('item')}`);
    const opened = open();
    opened.open(
      path,
      'python',
      `import sqlite3\nconn = sqlite3.connect("x")\nconn.execute("PRAGMA synchronus = NORMAL")\n${reading('item')}`,
      1,
    );
    const text = await opened.check(path, 'text');
    expect(rulesOf(text)).toContain('sqlite/pragma-unknown');
    expect({ complete: text?.complete, missing: missing(text) }).toEqual({ complete: false, missing: 0 });
    expect(missing(await opened.check(path, 'all'))).toBe(1);
    const again = await opened.check(path, 'text');
    expect({ complete: again?.complete, missing: missing(again) }).toEqual({ complete: true, missing: 1 });
  });

  test('typing above the schema keeps the plans and moves the places', async () => {
    const schema = put('schema.sql', `PRAGMA foreign_keys = ON;\n${table('item')}`);
    const path = put('read.py', reading('item'));
    const opened = open();
    await opened.check(path, 'all');
    opened.open(schema, 'sql', `PRAGMA foreign_keys = ON;\n\n\n${table('item')}`, 1);
    await opened.check(schema, 'all');
    const finding = (await opened.check(path, 'all'))?.findings.find(({ rule }) => rule === 'sql/missing-index');
    expect(finding?.related[0]?.span.start).toBe('PRAGMA foreign_keys = ON;\n\n\nCREATE TABLE '.length);
  });

  test('an index that a migration adds makes the finding go', async () => {
    put('migrations/1_item.sql', table('item'));
    const path = put('read.py', reading('item'));
    const opened = open();
    const staled = new Promise((resolve) => opened.onStale(resolve));
    expect(missing(await opened.check(path, 'all'))).toBe(1);
    opened.touched([put('migrations/2_index.sql', 'CREATE INDEX by_owner ON item (owner);\n')]);
    expect(await staled).toBe('all');
    expect(missing(await opened.check(path, 'all'))).toBe(0);
  });

  test('settings of the editor: off, a severity, excluded files', async () => {
    put('schema.sql', table('item'));
    const path = put('read.py', reading('item'));
    const opened = open();
    opened.configure({ overrides: { rules: { 'sql/missing-index': 'error' } } });
    expect((await opened.check(path, 'all'))?.findings.find(({ rule }) => rule === 'sql/missing-index')?.severity).toBe('error');
    opened.configure({ overrides: { rules: { 'sql/missing-index': 'off' }, exclude: ['*.py'] } });
    expect(missing(await opened.check(path, 'all'))).toBe(0);
    expect(await opened.files()).toEqual([`${root}/schema.sql`]);
  });

  test('settings files that change while it runs', async () => {
    put('app.py', reading('item'));
    put('schema.sql', table('item'));
    const path = put('queries.sql', 'SELECT id FROM item WHERE owner = 3;\n');
    const opened = open();
    await opened.check(path, 'all');
    expect(opened.document(path)?.queries[0]?.dialect).toBe('sqlite');
    opened.touched([put('tunelens.toml', 'exclude = ["app.py"]\n[dialects]\n"queries.sql" = "postgres"\n')]);
    await opened.check(path, 'all');
    expect(opened.document(path)?.queries[0]?.dialect).toBe('postgres');
    expect(opened.document(`${root}/app.py`)).toBeUndefined();
  });

  test('one folder of several is checked with the schema of the whole workspace', async () => {
    put('package.json', '{}');
    put('db/schema.sql', table('item', 'CREATE INDEX by_owner ON item (owner);\n'));
    put('app/read.py', reading('item'));
    const seen: string[] = [];
    const result = await open().checkAll([`${root}/app`], { file: ({ path }) => seen.push(path) });
    expect(result.files.map(missing)).toEqual([0]);
    expect(seen).toEqual([`${root}/app/read.py`]);
  });

  test('a check that is given up ends with the reason', async () => {
    put('schema.sql', table('item'));
    const path = put('read.py', reading('item'));
    const opened = open();
    await expect(opened.check(path, 'all', AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
    expect(missing(await opened.check(path, 'all'))).toBe(1);
  });

  test('a file nothing reads', async () => {
    expect(await open().check(put('picture.png', 'x'), 'all')).toBeUndefined();
  });
});

describe('a check of everything while the folder is still being read', () => {
  test('finds what it finds afterwards', async () => {
    // Only the services' driver tells whose dialect the migration is, so it is read a second time.
    put(
      'migrations/0001_tables.sql',
      'CREATE TABLE parcel (id INTEGER PRIMARY KEY, depot_id INTEGER NOT NULL);\nCREATE INDEX idx_parcel_depot ON parcel (depot_id);\n',
    );
    for (let n = 0; n < 80; n++) {
      put(
        `app/service_${n}.py`,
        `import sqlite3\n\ndef load(connection, depot):\n    return connection.execute("SELECT id FROM parcel WHERE depot_id = ?", (depot,)).fetchall()\n`,
      );
    }
    const opened = open();
    const first = opened.check(`${root}/app/service_3.py`, 'all');
    const all = await opened.checkAll([], {});
    await first;
    expect(all.files.flatMap(({ findings }) => findings.map(({ rule, message }) => `${rule} ${message}`))).toEqual([]);
  });
});
