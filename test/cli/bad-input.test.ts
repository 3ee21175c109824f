import { spawn } from 'node:child_process';
import { mkdirSync, openSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkJson, entry, type Folder, folder } from './support.ts';

let place: Folder;
beforeAll(() => {
  place = folder();
});
afterAll(() => place.remove());

/** One sentence on one line that names the file or the database. */
async function reasonFor(file: string, args: readonly string[] = []): Promise<string> {
  const { unchecked } = await checkJson([...args, file], { cwd: place.path });
  expect(unchecked.map((entry) => entry.file)).toEqual([file]);
  const reason = unchecked[0]?.reason ?? '';
  expect(reason).not.toContain('\n');
  return reason;
}

describe('files', () => {
  test('binary', async () => {
    place.put('binary.sql', new Uint8Array(4096));
    expect(await reasonFor('binary.sql')).toMatch(/^is binary/);
  });

  test('100 MB', async () => {
    const path = place.put('dump.sql');
    truncateSync(path, 100 * 1024 * 1024);
    expect(await reasonFor('dump.sql')).toMatch(/^is 100\.0 MB, more than the 2 MB/);
  });

  test('invalid UTF-8: findings stay, the file is told', async () => {
    const bytes = Buffer.concat([Buffer.from('-- '), Buffer.from([0xe9, 0x20]), Buffer.from('\nPRAGMA synchronus = NORMAL;\n')]);
    place.put('latin.sql', bytes);
    const { findings, unchecked } = await checkJson(['latin.sql'], { cwd: place.path });
    expect(findings).toMatchObject([{ rule: 'sqlite/pragma-unknown', range: { start: { line: 1, character: 7 } } }]);
    expect(unchecked[0]?.reason).toMatch(/not valid UTF-8 \(line 1\)/);
  });

  test('a byte order mark and CRLF move nothing', async () => {
    place.put('bom.sql', '\uFEFFPRAGMA synchronus = NORMAL;\r\nPRAGMA synchronus = OFF;\r\n');
    const { findings, unchecked } = await checkJson(['bom.sql'], { cwd: place.path });
    expect(findings.filter(({ rule }) => rule === 'sqlite/pragma-unknown').map(({ range }) => range.start)).toEqual([
      { line: 0, character: 7 },
      { line: 1, character: 7 },
    ]);
    expect(unchecked).toEqual([]);
  });

  test('a symbolic link that leads back', async () => {
    place.put('loop/a.py', 'x = 1\n');
    symlinkSync('..', join(place.path, 'loop/up'));
    const { unchecked, summary } = await checkJson(['loop'], { cwd: place.path });
    expect(summary.files).toBe(1);
    expect(unchecked).toEqual([{ file: 'loop/up', reason: expect.stringMatching(/symbolic link to a folder that contains it/) }]);
  });

  test('a settings file with wrong types', async () => {
    place.put('wrong/tunelens.toml', 'exclude = 3\n');
    place.put('wrong/a.sql', 'PRAGMA synchronus = NORMAL;\n');
    const { findings, unchecked, code } = await checkJson(['wrong'], { cwd: place.path });
    expect(findings).toHaveLength(1);
    expect(unchecked).toEqual([{ file: 'wrong/tunelens.toml', reason: expect.stringMatching(/^line 1: exclude must be a list of globs/) }]);
    expect(code).toBe(0);
  });

  test('half a statement, deep parentheses, long lists', async () => {
    place.put('odd/half.sql', 'SELECT a, FROM WHERE (');
    place.put('odd/deep.sql', `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)};\n`);
    place.put('odd/long.sql', `INSERT INTO t (a) VALUES\n${Array.from({ length: 5000 }, (_, i) => `(${i})`).join(',\n')};\n`);
    const { summary, code } = await checkJson(['odd', '--fail-on', 'never'], { cwd: place.path });
    expect({ code, files: summary.files }).toEqual({ code: 0, files: 3 });
  });

  test('a check of nothing', async () => {
    mkdirSync(join(place.path, 'empty'));
    expect(await checkJson(['empty'], { cwd: place.path })).toMatchObject({ code: 0, findings: [], unchecked: [], summary: { files: 0 } });
  });
});

describe('databases', () => {
  /** Exit code 3, one sentence, and the files were checked all the same. */
  async function failure(url: string): Promise<string> {
    place.put('shop/a.sql', 'PRAGMA synchronus = NORMAL;\n');
    const result = await checkJson(['shop', '--connect', url], { cwd: place.path });
    expect(result.code).toBe(3);
    expect(result.findings).toHaveLength(1);
    expect(result.unchecked.map(({ reason }) => reason)).toEqual([expect.any(String)]);
    return `${result.unchecked[0]?.file} ${result.unchecked[0]?.reason} ${result.err}`;
  }

  test('that are not there, are none, or are damaged', async () => {
    expect(await failure('sqlite:missing.db')).toMatch(/missing\.db/);
    place.put('text.db', 'this is no database, however long the text may be '.repeat(100));
    expect(await failure('sqlite:text.db')).toMatch(/not a (?:SQLite )?database/i);
    const path = join(place.path, 'broken.db');
    const database = new Database(path);
    database.exec('CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a);');
    database.close();
    const file = openSync(path, 'r+');
    truncateSync(path, 4096);
    expect(file).toBeGreaterThan(0);
    expect(await failure('sqlite:broken.db')).toMatch(/broken\.db/);
  });

  test('one that another program has locked', async () => {
    const path = join(place.path, 'locked.db');
    const holder = new Database(path);
    holder.exec('CREATE TABLE t (a TEXT); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1);');
    try {
      place.put('locking/a.sql', 'PRAGMA optimize;\nSELECT a FROM t WHERE a = 1;\n');
      const result = await checkJson(['locking', '--connect', `sqlite:${path}`], { cwd: place.path });
      expect(result.code).toBe(3);
      expect(result.unchecked.map(({ reason }) => reason)).toEqual([expect.stringMatching(/locked/)]);
    } finally {
      holder.close();
    }
  });

  test('a server that is down', async () => {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as { port: number };
    await new Promise((closed) => server.close(closed));
    const told = await failure(`postgres://someone:s3cret@127.0.0.1:${port}/shop`);
    expect(told).toContain(String(port));
    expect(told).not.toContain('s3cret');
  });

  test('a URL of no engine', async () => {
    expect(await failure('mongodb://someone:s3cret@h/db')).not.toContain('s3cret');
  });
});

test('interrupting leaves no process behind', async () => {
  place.put('busy/pyproject.toml', '');
  place.put('busy/schema.sql', 'CREATE TABLE t (id serial PRIMARY KEY, a jsonb);\n');
  for (let index = 0; index < 30; index++) {
    place.put(
      `busy/m${index}.py`,
      `import psycopg\n\ndef f${index}(conn):\n    return conn.execute("SELECT id FROM t WHERE a @> %s AND id > ${index}", (1,))\n`,
    );
  }
  const child = spawn(process.execPath, [entry, 'check', 'busy'], { cwd: place.path, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const children = async () => {
    const { readFileSync } = await import('node:fs');
    try {
      return readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  };
  let started: number[] = [];
  for (let turn = 0; turn < 200 && started.length === 0; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    started = await children();
  }
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  const alive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  for (let turn = 0; turn < 80 && started.some(alive); turn++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(started.filter(alive)).toEqual([]);
}, 30_000);
