/** SQLite: real files in every state a file can be in, and nothing about them may be different afterwards. */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../server/engines/engine.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';

let folder: string;
const opened: Connection[] = [];
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunelens-test-'));
  folders.push(folder);
});
afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

async function connect(path: string, statementTimeout?: number): Promise<Connection> {
  const connection = await sqlite.connect(`sqlite:${path}`, { statementTimeout });
  opened.push(connection);
  return connection;
}

/** Names, bytes and times of everything in the folder. */
function fingerprint(): Record<string, string> {
  const entries = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    const stat = statSync(path);
    const content = stat.isFile() && !name.endsWith('-shm') ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    // A reader takes its place in the shared memory of a log, as every reader does.
    return [name, name.endsWith('-shm') ? '' : `${stat.size} ${stat.mtimeMs} ${content}`] as const;
  });
  return Object.fromEntries([...entries, ['.', String(statSync(folder).mtimeMs)]]);
}

function fill(path: string, mode = 'delete'): InstanceType<typeof Database> {
  const database = new Database(path);
  database.pragma(`journal_mode = ${mode}`);
  database.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL COLLATE NOCASE UNIQUE, name TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INT NOT NULL REFERENCES users(id), total REAL, at TEXT, twice REAL AS (total * 2));
    CREATE TABLE pair(a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
    CREATE INDEX orders_open ON orders(user_id, at DESC) WHERE total > 10;
    CREATE INDEX orders_day ON orders(date(at, 'start of month'), lower(at) COLLATE NOCASE);
    CREATE VIEW rich AS SELECT * FROM orders WHERE total > 100;
    INSERT INTO users(email, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) SELECT 'u' || i || '@example.org', 'n' || i FROM n;
    INSERT INTO orders(user_id, total, at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i % 50 + 1, i, '2026-01-01' FROM n;
  `);
  return database;
}

describe('a healthy file', () => {
  it('is planned, described and counted, and stays as it was', async () => {
    const path = join(folder, 'app.db');
    const database = fill(path);
    database.exec('ANALYZE');
    database.close();
    const before = fingerprint();
    const connection = await connect(path);
    expect(connection.version).toMatch(/^3\.\d+\.\d+$/);

    const explained = await connection.explain('SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE o.total = ? ORDER BY o.at');
    expect(explained).toMatchObject({
      outcome: 'planned',
      plan: {
        engine: 'sqlite',
        steps: [
          { kind: 'scan', detail: 'SCAN o', relation: 'orders', alias: 'o' },
          { kind: 'index', relation: 'users' },
          { kind: 'sort', detail: 'USE TEMP B-TREE FOR ORDER BY' },
        ],
      },
    });
    const schema = await connection.schema();
    expect(schema.tables.map((table) => [table.name, table.kind])).toEqual([
      ['orders', 'table'],
      ['pair', 'table'],
      ['rich', 'view'],
      ['users', 'table'],
    ]);
    expect(schema.tables.find((table) => table.name === 'pair')).toMatchObject({ withoutRowid: true, primaryKey: ['a', 'b'] });
    expect(schema.tables.find((table) => table.name === 'orders')?.columns.find((column) => column.name === 'twice')).toMatchObject({
      generated: true,
    });
    expect(schema.tables.find((table) => table.name === 'orders')?.foreignKeys).toEqual([
      { columns: ['user_id'], table: 'users', references: ['id'] },
    ]);
    expect(schema.indexes.find((index) => index.name === 'orders_open')).toMatchObject({
      table: 'orders',
      keys: [
        { column: 'user_id', descending: false },
        { column: 'at', descending: true },
      ],
      where: 'total > 10',
      unique: false,
    });
    expect(schema.indexes.find((index) => index.name === 'orders_day')?.keys).toEqual([
      { expression: "date(at, 'start of month')", descending: false },
      { expression: 'lower(at)', descending: false, collation: 'NOCASE' },
    ]);
    expect(schema.indexes.find((index) => index.constraint === 'unique')).toMatchObject({
      table: 'users',
      keys: [{ column: 'email', collation: 'NOCASE' }],
    });
    expect(await connection.statistics()).toEqual([
      { table: 'orders', rows: 2000 },
      { table: 'pair', rows: 0 },
      { table: 'users', rows: 50 },
    ]);
    expect((await connection.settings()).get('journal_mode')).toEqual({ value: 'delete' });
    const snapshot = await connection.snapshot();
    expect(snapshot.ddl).toHaveLength(6);
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });

  it('is run only when asked to, and only when that changes nothing', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const before = fingerprint();
    const connection = await connect(path);
    expect(await connection.explainAnalyze('SELECT * FROM orders')).toMatchObject({ outcome: 'planned', plan: { rows: 2000 } });
    expect(await connection.explainAnalyze('SELECT * FROM orders WHERE id = ?')).toMatchObject({ outcome: 'refused' });
    expect(await connection.explainAnalyze('DELETE FROM orders')).toMatchObject({ outcome: 'refused' });
    expect(await connection.explainAnalyze("SELECT * FROM pragma_journal_mode('wal')")).toMatchObject({ outcome: 'refused' });
    expect(fingerprint()).toEqual(before);
  });
});

describe('statements that are wrong', () => {
  it.each([
    ['SELECT * FORM users', 'syntax', 9, undefined],
    ['SELECT , FROM users , WHERE', 'syntax', 7, undefined],
    ['SELECT a.b, (1 + ) FROM (SELECT 1 + 2)', 'syntax', 17, undefined],
    ['SELECT * FROM users WHERE', 'syntax', 25, undefined],
    ['SELECT nmae FROM users', 'unknown-column', 7, 'nmae'],
    ['SELECT u.nmae FROM users u', 'unknown-column', 7, 'u.nmae'],
    ["SELECT 'nmae' FROM usrs", 'unknown-relation', 19, 'usrs'],
    ['SELECT * FROM main.usrs', 'unknown-relation', 14, 'main.usrs'],
    ['SELECT levenshtein(name, ?) FROM users', 'unknown-function', 7, 'levenshtein'],
    ['INSERT INTO users(mail) VALUES (?)', 'unknown-column', 18, 'mail'],
    ['SELECT id FROM users, orders', 'other', 7, 'id'],
    ["SELECT 'open FROM users", 'syntax', 7, undefined],
  ])('%s', async (sql, kind, offset, name) => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const connection = await connect(path);
    const explained = await connection.explain(sql);
    expect(explained).toMatchObject({
      outcome: 'rejected',
      rejection: { kind, offset, code: 'SQLITE_ERROR', ...(name === undefined ? {} : { name }) },
    });
  });

  it('takes a quoted word for a string, as other builds do', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const connection = await connect(path);
    expect(await connection.explain('SELECT * FROM users WHERE name = "bob" OR name = "eve"')).toMatchObject({ outcome: 'planned' });
  });
});

describe('what could do harm is not sent', () => {
  it.each([
    'PRAGMA journal_mode = WAL',
    'ATTACH DATABASE ? AS other',
    "ATTACH 'new.db' AS n",
    "VACUUM INTO 'copy.db'",
    'CREATE TABLE t(x)',
    'DROP TABLE users',
    'REINDEX',
    'ANALYZE',
    'BEGIN IMMEDIATE',
    'EXPLAIN SELECT 1',
    '/* SELECT */ PRAGMA user_version = 3',
    'SELECT 1; DELETE FROM users',
    'SELECT 1;\n--\nDROP TABLE users',
    "SELECT load_extension('x.so')",
    'SELECT "load_extension"(\'x.so\')',
    '',
    '-- nothing',
    'SELECT 1\0; DROP TABLE users',
  ])('%j', async (sql) => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const before = fingerprint();
    const connection = await connect(path);
    expect((await connection.explain(sql)).outcome).toBe('refused');
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });

  it('plans a change of rows without making it', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const before = fingerprint();
    const connection = await connect(path);
    expect(await connection.explain('DELETE FROM orders WHERE total = 3')).toMatchObject({
      outcome: 'planned',
      plan: { steps: [{ kind: 'scan', relation: 'orders' }] },
    });
    expect(await connection.explain('UPDATE users SET name = ? WHERE id = 1')).toMatchObject({ outcome: 'planned' });
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });
});

describe('write-ahead logs', () => {
  it('reads a database that was closed in WAL mode without creating -wal or -shm', async () => {
    const path = join(folder, 'app.db');
    fill(path, 'wal').close();
    expect(readdirSync(folder)).toEqual(['app.db']);
    const before = fingerprint();
    const connection = await connect(path);
    expect(await connection.explain('SELECT * FROM orders WHERE total = 1')).toMatchObject({ outcome: 'planned' });
    expect((await connection.settings()).get('journal_mode')).toEqual({ value: 'wal' });
    expect(fingerprint()).toEqual(before);
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });

  it('sees what a live writer commits, and does not keep the writer from tidying up', async () => {
    const path = join(folder, 'app.db');
    const writer = fill(path, 'wal');
    const connection = await connect(path);
    expect((await connection.schema()).tables).toHaveLength(4);
    const before = fingerprint();
    writer.exec('CREATE TABLE late(x)');
    expect((await connection.schema()).tables).toHaveLength(5);
    expect(Object.keys(fingerprint())).toEqual(Object.keys(before));
    writer.close();
    expect(readdirSync(folder)).toEqual(['app.db']);
    expect(await connection.explain('SELECT * FROM late')).toMatchObject({ outcome: 'planned' });
    expect(readdirSync(folder)).toEqual(['app.db']);
  });

  it.each([false, true])('reads the log that a crashed writer left, and leaves it (with -shm: %s)', async (shared) => {
    const source = join(folder, 'source.db');
    const writer = fill(source, 'wal');
    mkdirSync(join(folder, 'crashed'));
    folder = join(folder, 'crashed');
    copyFileSync(source, join(folder, 'app.db'));
    copyFileSync(`${source}-wal`, join(folder, 'app.db-wal'));
    if (shared) copyFileSync(`${source}-shm`, join(folder, 'app.db-shm'));
    writer.close();
    const before = fingerprint();
    const connection = await connect(join(folder, 'app.db'));
    expect((await connection.statistics()).find((table) => table.table === 'orders')?.rows).toBe(2000);
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });

  it('rolls back the journal that a crashed writer left only in its own copy', async () => {
    const source = join(folder, 'source.db');
    const writer = fill(source);
    writer.pragma('cache_size = 1');
    writer.pragma('cache_spill = 1');
    writer.exec("BEGIN; UPDATE orders SET at = '2030-01-01' || id; UPDATE users SET name = id;");
    mkdirSync(join(folder, 'crashed'));
    folder = join(folder, 'crashed');
    copyFileSync(source, join(folder, 'app.db'));
    copyFileSync(`${source}-journal`, join(folder, 'app.db-journal'));
    writer.exec('ROLLBACK');
    writer.close();
    const before = fingerprint();
    const connection = await connect(join(folder, 'app.db'));
    expect(await connection.explainAnalyze("SELECT * FROM orders WHERE at < '2030'")).toMatchObject({ plan: { rows: 2000 } });
    await connection.close();
    expect(fingerprint()).toEqual(before);
  });
});

describe('files that cannot be asked say why in one sentence', () => {
  const failure = async (path: string): Promise<unknown> =>
    connect(path).then(
      () => undefined,
      (error) => error,
    );

  it('missing', async () => {
    expect(await failure(join(folder, 'none.db'))).toMatchObject({ name: 'EngineError', kind: 'missing' });
    expect(readdirSync(folder)).toEqual([]);
  });
  it('a folder', async () => {
    expect(await failure(folder)).toMatchObject({ kind: 'not-a-database' });
  });
  it('not a database', async () => {
    writeFileSync(
      join(folder, 'notes.db'),
      'just words, and enough of them to fill the hundred bytes of a header, which is what is looked at first',
    );
    expect(await failure(join(folder, 'notes.db'))).toMatchObject({ kind: 'not-a-database' });
    writeFileSync(join(folder, 'short.db'), 'x');
    expect(await failure(join(folder, 'short.db'))).toMatchObject({ kind: 'not-a-database' });
  });
  it('damaged', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const bytes = readFileSync(path);
    bytes.fill(0xee, 100, 4096);
    writeFileSync(path, bytes);
    expect(await failure(path)).toMatchObject({ kind: 'corrupt' });
    truncateSync(path, 700);
    expect(await failure(path)).toMatchObject({ kind: expect.stringMatching(/corrupt|not-a-database/) });
  });
  it('locked', async () => {
    const path = join(folder, 'app.db');
    const writer = fill(path);
    writer.exec('BEGIN EXCLUSIVE');
    expect(await failure(path)).toMatchObject({ kind: 'locked' });
    writer.exec('COMMIT');
    const connection = await connect(path);
    writer.exec('BEGIN EXCLUSIVE');
    await expect(connection.schema()).rejects.toMatchObject({ kind: 'locked' });
    writer.exec('COMMIT');
    writer.close();
    expect((await connection.schema()).tables).toHaveLength(4);
  });
  it('an empty file is an empty database', async () => {
    const path = join(folder, 'empty.db');
    writeFileSync(path, '');
    const connection = await connect(path);
    expect((await connection.schema()).tables).toEqual([]);
    expect(statSync(path).size).toBe(0);
  });
  it('a folder that may not be written is read all the same', async () => {
    const path = join(folder, 'app.db');
    fill(path, 'wal').close();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    const connection = await connect(path);
    expect(await connection.explain('SELECT * FROM users')).toMatchObject({ outcome: 'planned' });
    chmodSync(folder, 0o755);
  });
  it('a file that goes away is reported once', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const connection = await connect(path);
    const lost: string[] = [];
    connection.onLost((error) => lost.push(error.kind));
    rmSync(path);
    await expect(connection.explain('SELECT 1')).rejects.toMatchObject({ kind: 'missing' });
    await expect(connection.explain('SELECT 1')).rejects.toMatchObject({ kind: 'missing' });
    expect(lost).toEqual(['missing']);
  });
});

describe('a statement that does not come back', () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

  it('is stopped by its time, and the next one is answered', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const connection = await connect(path, 400);
    const running = connection.explainAnalyze(endless);
    const queued = connection.explain('SELECT * FROM users');
    await expect(running).rejects.toMatchObject({ kind: 'timeout' });
    expect(await queued).toMatchObject({ outcome: 'planned' });
  });

  it('is stopped by its caller', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const connection = await connect(path);
    const controller = new AbortController();
    const running = connection.explainAnalyze(endless, controller.signal);
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(await connection.explain('SELECT * FROM users')).toMatchObject({ outcome: 'planned' });
  });

  it('dies with its parent, even when that is killed', async () => {
    const path = join(folder, 'app.db');
    fill(path).close();
    const script = join(folder, 'parent.mjs');
    const child = (file: string): string => JSON.stringify(join(import.meta.dirname, '../../server/engines', file));
    writeFileSync(
      script,
      `import { spawnWorker } from ${child('child.ts')};
       const worker = spawnWorker('sqlite', { prepare: { method: 'open', params: { path: ${JSON.stringify(path)}, label: 'x' } }, timeout: 60_000 });
       await worker.request('schema', undefined);
       worker.request('analyze', { sql: ${JSON.stringify(endless)} }).catch(() => {});
       setTimeout(() => process.send({ pid: worker.pid() }), 100);`,
    );
    const parent = fork(script, { execArgv: ['--experimental-strip-types', '--no-warnings'], silent: true });
    const pid = await new Promise<number>((resolve, reject) => {
      parent.once('message', (message) => resolve((message as { pid: number }).pid));
      parent.once('exit', (code) => reject(new Error(`the parent ended with ${code}`)));
    });
    const alive = (): boolean => {
      try {
        process.kill(pid, 0);
        // A process that ended and that nobody waits for is still listed.
        return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false;
      }
    };
    expect(alive()).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(alive, { timeout: 5000 }).toBe(false);
  });
});
