/** `tunelens stats` and `--stats`: plans like a database that is not there. */
import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import { checkJson, type Folder, folder, tunelens } from './support.ts';

let place: Folder;
beforeAll(() => {
  place = folder();
  place.put('package.json', '{}');
  place.put(
    'db/1_item.sql',
    'CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, state TEXT);\nCREATE INDEX item_state ON item (state);\n',
  );
  place.put(
    'db/2_note.sql',
    'CREATE TABLE note (id INTEGER PRIMARY KEY, item_id INTEGER, body TEXT);\nCREATE INDEX note_item ON note (item_id);\nALTER TABLE item ADD COLUMN place TEXT;\nCREATE INDEX item_place ON item (place);\n',
  );
  place.put(
    'app.py',
    'import sqlite3\n\ndb = sqlite3.connect("app.db")\n\n\ndef of(owner):\n    return db.execute("SELECT id, state FROM item WHERE owner = ?", (owner,)).fetchall()\n\n\ndef notes(item):\n    return db.execute("SELECT n.body FROM note n JOIN item i ON i.id = n.item_id WHERE i.id = ?", (item,)).fetchall()\n',
  );
  const database = new Database(place.put('live/app.db'));
  // The second migration has not run there yet.
  database.exec(`CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, state TEXT); CREATE INDEX item_state ON item (state);
    INSERT INTO item (owner, state) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) SELECT i % 4000, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'secret-word' END FROM n;
    ANALYZE`);
  database.close();
});
afterAll(() => place.remove());
const run = (...args: string[]) => tunelens(args, { cwd: place.path });
const plansOf = async (...args: string[]) => {
  const { out, code, err } = await run('explain', ...args, '--format', 'json');
  if (out === '') throw new Error(err);
  return {
    code,
    statements: (JSON.parse(out) as { statements: { source: string; plan?: unknown; error?: string; totalCost?: number }[] }).statements,
  };
};

describe('stats', () => {
  test('writes the same file every time, leaves nothing beside the database, and knows no row', async () => {
    const first = await run('stats', 'live/app.db');
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(first.out).toMatch(/^\{\n "format": "tunelens statistics",\n "formatVersion": 1,\n "engine": "sqlite",/);
    expect(first.out).toContain('\n  {"table":"item","rows":40000}\n');
    expect((await run('stats', 'sqlite:live/app.db')).out).toBe(first.out);
    expect((await run('stats', 'live/app.db', '--output', 'stats.json')).out).toBe('');
    expect(readFileSync(`${place.path}/stats.json`, 'utf8')).toBe(first.out);
    expect(readdirSync(`${place.path}/live`)).toEqual(['app.db']);
    expect(first.out).toContain(Buffer.from('secret-word').toString('hex').toUpperCase());
    const private_ = await run('stats', 'live/app.db', '--no-values');
    expect(private_.out).toContain('"values": false');
    expect(private_.out).toContain('"stat4": []');
    expect(private_.out).not.toContain(Buffer.from('secret-word').toString('hex').toUpperCase());
  });

  test('says what is wrong in one sentence', async () => {
    place.put('text.db', 'no database, but a text that is long enough to be one'.repeat(10));
    for (const [args, code, words] of [
      [['stats'], 2, /stats needs a database/],
      [['stats', 'a', 'b'], 2, /one database/],
      [['stats', 'live/app.db', '--rows'], 2, /unknown option --rows/],
      [['stats', 'redis://localhost'], 2, /no database TuneLens knows/],
      [['stats', 'live/none.db'], 3, /There is no file live\/none\.db/],
      [['stats', 'text.db'], 3, /not a SQLite database/],
      [['stats', 'live/app.db', '--output', 'none/there.json'], 2, /--output none\/there\.json cannot be written/],
      [['stats', 'postgres://me:s3cr3t@127.0.0.1:1/x'], 3, /127\.0\.0\.1:1/],
    ] as const) {
      const outcome = await run(...args);
      expect([args, outcome.code, outcome.out]).toEqual([args, code, '']);
      expect(outcome.err).toMatch(words);
      expect(outcome.err.trimEnd().split('\n')).toHaveLength(1);
      expect(outcome.err).not.toContain('s3cr3t');
    }
  });
});

describe('--stats', () => {
  beforeAll(async () => {
    await run('stats', 'live/app.db', '--output', 'stats.json');
  });

  test('explain plans as the database does, with what the repository adds to it', async () => {
    const sql = "SELECT owner FROM item WHERE state = 'secret-word'";
    const live = await plansOf(sql, '--connect', 'live/app.db');
    const twin = await plansOf(sql, '--stats', 'stats.json');
    expect(twin.statements[0]).toMatchObject({ source: 'twin', plan: live.statements[0]?.plan, totalCost: live.statements[0]?.totalCost });
    // ANALYZE saw that almost every row has that state; without it any index on it looks good.
    await run('stats', 'live/app.db', '--no-values', '--output', 'private.json');
    const blind = await plansOf(sql, '--stats', 'private.json');
    expect(JSON.stringify(twin.statements[0]?.plan)).toContain('SCAN item');
    expect(JSON.stringify(blind.statements[0]?.plan)).toContain('SEARCH item');
    const pending = await plansOf("SELECT id FROM item WHERE place = 'x' ORDER BY id", '--stats', 'stats.json');
    expect(JSON.stringify(pending.statements)).toContain('SEARCH item USING COVERING INDEX item_place');
    const shown = await run('explain', 'app.py', '--stats', 'stats.json');
    expect(shown.out).toMatch(/planned by SQLite 3\.\d+ \(embedded\) with stats\.json, total cost/);
    expect(shown.out).toContain('note_item');
    expect((await plansOf('SELECT * FROM nowhere', '--stats', 'stats.json')).statements[0]).toMatchObject({
      source: 'twin',
      error: expect.stringContaining('nowhere'),
    });
  });

  test('check says where its evidence is from', async () => {
    const { findings, code } = await checkJson(['.', '--stats', 'stats.json'], { cwd: place.path });
    const found = findings.find(({ rule }) => rule === 'sql/missing-index');
    expect(found).toMatchObject({
      file: 'app.py',
      evidence: { grade: 'planned', source: expect.stringMatching(/\(embedded\) with stats\.json$/) },
    });
    expect(found?.message).toContain('40,000 rows');
    expect(code).toBe(0);
  });

  test('what is no snapshot of these statements is refused with exit code 2', async () => {
    const text = readFileSync(`${place.path}/stats.json`, 'utf8');
    place.put('broken/cut.json', text.slice(0, text.length / 2));
    place.put('broken/version.json', text.replace('"formatVersion": 1', '"formatVersion": 9'));
    place.put('broken/edited.json', text.replace('"rows":40000', '"rows":"many"'));
    place.put('broken/list.json', '[1, 2]');
    place.put('broken/dump.sql', 'CREATE TABLE item (id int);');
    const postgres = {
      format: 'tunelens statistics',
      formatVersion: 1,
      engine: 'postgres',
      version: '18',
      ddl: [],
      tables: [],
      planner: { relations: [], columns: [], settings: {} },
    };
    place.put('broken/other.json', JSON.stringify(postgres));
    for (const [file, words] of [
      ['broken/none.json', /does not exist/],
      ['broken/cut.json', /ends in the middle/],
      ['broken/version.json', /is of format version 9, this TuneLens reads 1/],
      ['broken/edited.json', /no valid tables\[0\]\.rows/],
      ['broken/list.json', /is no snapshot/],
      ['broken/dump.sql', /is no JSON/],
      ['broken/other.json', /is of PostgreSQL, and the statements are of SQLite/],
      ['broken', /is a folder/],
    ] as const) {
      const { code, err, out } = await run('check', 'app.py', '--stats', file);
      expect([file, code, out]).toEqual([file, 2, '']);
      expect(err).toMatch(words);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
    }
    expect((await run('explain', 'SELECT 1', '--stats', 'broken/cut.json')).code).toBe(2);
    expect((await run('explain', 'SELECT 1', '--stats', 'stats.json', '--connect', 'live/app.db')).err).toMatch(/give one of them/);
  });
});

describe('stats of PostgreSQL', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startEmbedded();
    const admin = await server.admin();
    await admin.query('CREATE TABLE item (id bigserial PRIMARY KEY, owner bigint NOT NULL, state text)');
    await admin.query("INSERT INTO item (owner, state) SELECT i % 5000, 'x' FROM generate_series(1, 60000) AS i");
    await admin.query('ANALYZE item');
    await admin.query("CREATE ROLE looker LOGIN PASSWORD 'looker'");
    await admin.end();
  });
  afterAll(() => server?.stop());

  test('plans like it; a missing right is named, the rest is written, exit code 3', async () => {
    const whole = await run('stats', server.url, '--output', 'pg.json');
    expect(whole).toEqual({ code: 0, out: '', err: '' });
    const sql = 'SELECT * FROM item WHERE owner = $1 ORDER BY id LIMIT 3';
    const live = await plansOf(sql, '--connect', server.url);
    const twin = await plansOf(sql, '--stats', 'pg.json');
    expect(twin.statements[0]?.totalCost).toBeCloseTo(live.statements[0]?.totalCost ?? 0, 1);
    const url = server.url.replace(/\/\/.*@/, '//looker:looker@');
    const part = await run('stats', url);
    expect(part.code).toBe(3);
    expect(part.err).toMatch(
      /shows no column statistics of one table: GRANT SELECT ON public\.item TO looker, or GRANT pg_read_all_data TO looker\./,
    );
    expect(part.out).toContain('"schema":"public","name":"item","kind":"r"');
    expect(part.out + part.err + readFileSync(`${place.path}/pg.json`, 'utf8')).not.toContain(
      decodeURIComponent(new URL(server.url).password),
    );
  });
});
