/** The twins: DDL in, plans out, as the real engines would give them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CandidateIndex, Plan, PlanStep } from '../../server/analysis/facts.ts';
import type { Connection, Explained } from '../../server/engines/engine.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import type { Blueprint, Twin } from '../../server/twin/twin.ts';
import { type Server, startEmbedded } from './postgres-server.ts';

let number = 0;
function blueprint(engine: 'sqlite' | 'postgres', sql: readonly string[], more: Partial<Blueprint> = {}): Blueprint {
  number++;
  return {
    engine,
    hash: `${engine} ${number}`,
    ddl: sql.map((text, index) => ({ key: String(index), sql: text })),
    assumedRows: 1_000_000,
    ...more,
  };
}
const index = (table: string, ...columns: string[]): CandidateIndex => ({
  table,
  keys: columns.map((column) => ({ column, descending: false })),
  include: [],
});
function planned(explained: Explained): Plan {
  if (explained.outcome !== 'planned') throw new Error(JSON.stringify(explained));
  return explained.plan;
}
function flat(plan: Plan): string[] {
  const walk = (steps: readonly PlanStep[]): string[] => steps.flatMap((step) => [step.detail, ...walk(step.children)]);
  return walk(plan.steps);
}

describe('the twin of SQLite', () => {
  const twin = createTwin('sqlite', { idleMilliseconds: 300 });
  afterAll(() => twin.close());

  it('plans on a schema without rows, and tries indexes', async () => {
    const schema = blueprint('sqlite', ['CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INT, at TEXT)']);
    const sql = 'SELECT * FROM orders WHERE user_id = ? ORDER BY at';
    const before = planned(await twin.explain(schema, sql));
    expect(flat(before)).toEqual(['SCAN orders', 'USE TEMP B-TREE FOR ORDER BY']);
    const tried = await twin.whatIf(schema, sql, [index('orders', 'user_id', 'at'), index('orders', 'nothing'), index('orders', 'id')]);
    expect(tried.map((each) => [each.candidate.keys.length, each.used])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect(tried[0] && flat(tried[0].plan)).toEqual(['SEARCH orders USING COVERING INDEX idx_orders_user_id_at (user_id=?)']);
    expect(tried[0]?.plan.totalCost).toBeLessThan(before.totalCost / 1000);
    expect(flat(planned(await twin.explain(schema, sql)))).toEqual(flat(before));
  });

  it('goes on after a rejected statement, and says who is to blame', async () => {
    const loaded = await twin.load(
      blueprint('sqlite', [
        'CREATE TABLE a(id INTEGER PRIMARY KEY, x)',
        'CREATE TABEL b(y)',
        'CREATE TABLE a(id)',
        'CREATE INDEX ai ON a(nope)',
        'CREATE VIRTUAL TABLE v USING vec0(embedding float[3])',
        'CREATE INDEX vi ON v(embedding)',
        'PRAGMA journal_mode = WAL',
        "ATTACH 'other.db' AS other",
        'INSERT INTO nowhere VALUES (1)',
        'BEGIN',
        'CREATE VIRTUAL TABLE f USING fts5(body)',
        'CREATE TABLE c(t TEXT DEFAULT "none", CHECK (t <> "never"))',
        'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = 1; DELETE FROM a; END',
      ]),
    );
    expect(loaded.rejections.map((each) => [each.key, each.rejection.kind, each.rejection.offset, each.ignore])).toEqual([
      ['1', 'syntax', 7, undefined],
      ['2', 'other', undefined, 'exists'],
      ['3', 'unknown-column', 21, undefined],
      ['4', 'other', undefined, 'unsupported'],
      ['5', 'unknown-relation', 19, 'follow-on'],
    ]);
    expect(loaded.schema.tables.map((table) => [table.name, table.kind])).toEqual([
      ['a', 'table'],
      ['c', 'table'],
      ['f', 'virtual'],
    ]);
  });

  it('takes the statistics of a snapshot', async () => {
    const ddl = [
      'CREATE TABLE big(id INTEGER PRIMARY KEY, k INT)',
      'CREATE TABLE small(id INTEGER PRIMARY KEY, k INT)',
      'CREATE INDEX bk ON big(k)',
      'CREATE INDEX sk ON small(k)',
    ];
    const tables = [
      { table: 'big', rows: 5_000_000 },
      { table: 'small', rows: 3 },
    ];
    const snapshot = {
      engine: 'sqlite' as const,
      label: 'x',
      version: '3',
      ddl,
      tables,
      planner: { stat1: [{ tbl: 'big', idx: 'bk', stat: '5000000 1' }], stat4: [] },
    };
    const plan = planned(await twin.explain(blueprint('sqlite', [], { snapshot }), 'SELECT * FROM big JOIN small ON big.k = small.k'));
    expect(flat(plan)).toEqual([expect.stringContaining('SCAN small'), expect.stringContaining('SEARCH big USING COVERING INDEX bk')]);
  });

  it('knows from a sample of the real rows what an index would not help', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'tunelens-test-')), 'app.db');
    const database = new Database(path);
    database.exec(`CREATE TABLE orders(id INTEGER PRIMARY KEY, status TEXT, user_id INT, note TEXT);
      INSERT INTO orders(status, user_id, note) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
        SELECT CASE WHEN i % 3 = 0 THEN 'open' ELSE 'done' END, i * 7919 % 5000, 'n' || i FROM n;`);
    database.close();
    const live = await sqlite.connect(path, {});
    const snapshot = await live.snapshot();
    await live.close();
    rmSync(dirname(path), { recursive: true });
    const { columns } = snapshot.planner as { columns: { column: string; distinct: number }[] };
    expect(Object.fromEntries(columns.map((each) => [each.column, each.distinct]))).toMatchObject({ id: 30000, status: 2, note: 30000 });
    const users = columns.find((each) => each.column === 'user_id')?.distinct ?? 0;
    expect(users).toBeGreaterThan(2500);
    expect(users).toBeLessThan(10000);
    const copy = blueprint('sqlite', [], { snapshot });
    const [status] = await twin.whatIf(copy, 'SELECT * FROM orders WHERE status = ? ORDER BY note', [index('orders', 'status')]);
    const [user] = await twin.whatIf(copy, 'SELECT * FROM orders WHERE user_id = ?', [index('orders', 'user_id')]);
    expect(user?.used).toBe(true);
    const before = planned(await twin.explain(copy, 'SELECT * FROM orders WHERE status = ? ORDER BY note'));
    expect((status?.plan.totalCost ?? 0) / before.totalCost).toBeGreaterThan(0.3);
    expect(user?.plan.totalCost).toBeLessThan(200);
  });

  it('is ended when idle, and comes back with its schema', async () => {
    const schema = blueprint('sqlite', ['CREATE TABLE t(x)']);
    await twin.load(schema);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(flat(planned(await twin.explain(schema, 'SELECT * FROM t')))).toEqual(['SCAN t']);
  });

  it('serves several schemas in turn', async () => {
    const schemas = Array.from({ length: 8 }, (_, each) => blueprint('sqlite', [`CREATE TABLE t${each}(x)`]));
    const answers = await Promise.all(
      [...schemas, ...schemas].map((schema) => twin.explain(schema, `SELECT * FROM ${schema.ddl[0]?.sql.slice(13, 15)}`)),
    );
    expect(answers.every((answer) => answer.outcome === 'planned')).toBe(true);
  });
});

describe('the twin of PostgreSQL', () => {
  let twin: Twin;
  let server: Server;
  let connection: Connection;
  beforeAll(async () => {
    twin = createTwin('postgres', { idleMilliseconds: 60_000 });
    server = await startEmbedded();
    const admin = await server.admin();
    for (const statement of schema) await admin.query(statement);
    await admin.query(rows);
    await admin.query('VACUUM ANALYZE');
    await admin.end();
    connection = await postgres.connect(server.url, {});
  });
  afterAll(async () => {
    await connection?.close();
    await twin?.close();
    await server?.stop();
  });

  const schema = [
    'CREATE TABLE users(id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, country char(2) NOT NULL, created timestamptz NOT NULL)',
    'CREATE TABLE orders(id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users(id), status text NOT NULL, total numeric(10, 2) NOT NULL, created timestamptz NOT NULL, note text)',
    'CREATE INDEX orders_user ON orders(user_id)',
    "CREATE INDEX orders_open ON orders(created) WHERE status = 'open'",
    'CREATE TABLE logs(id bigint, at date NOT NULL, line text) PARTITION BY RANGE (at)',
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
    'CREATE VIEW recent AS SELECT * FROM orders WHERE total > 900',
  ];
  const rows = `
    INSERT INTO users(email, country, created) SELECT 'user' || i || '@example.org', (ARRAY['de', 'fr', 'us', 'jp'])[1 + i % 4], '2025-01-01'::timestamptz + i * interval '1 minute' FROM generate_series(1, 5000) i;
    INSERT INTO orders(user_id, status, total, created, note) SELECT 1 + (i * 7919) % 5000, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END, i % 1000, '2025-01-01'::timestamptz + i * interval '30 seconds', md5(i::text) FROM generate_series(1, 50000) i;
    INSERT INTO logs SELECT i, '2026-01-01'::date + i % 58, md5(i::text) FROM generate_series(1, 10000) i;`;
  const statements = [
    'SELECT * FROM orders WHERE note = $1',
    'SELECT * FROM orders WHERE user_id = $1',
    'SELECT * FROM orders WHERE user_id = 77',
    'SELECT * FROM orders WHERE id = 5',
    "SELECT * FROM orders WHERE status = 'open' AND created > '2025-01-10' ORDER BY created LIMIT 10",
    "SELECT * FROM orders WHERE status = 'done' AND total > 990",
    "SELECT u.email, count(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE u.country = 'de' GROUP BY u.email ORDER BY 2 DESC LIMIT 5",
    'SELECT * FROM users u JOIN orders o ON o.user_id = u.id WHERE u.email = $1',
    "SELECT * FROM logs WHERE at = '2026-01-15'",
    "SELECT * FROM orders WHERE created BETWEEN '2025-01-03' AND '2025-01-04' ORDER BY id DESC LIMIT 20",
    'SELECT max(id) FROM orders',
    'SELECT * FROM recent r JOIN users u ON u.id = r.user_id ORDER BY r.created DESC LIMIT 3',
    'UPDATE orders SET note = $1 WHERE user_id = $2',
  ];

  it('plans like the server whose statistics it has, at the same cost', async () => {
    const snapshot = await connection.snapshot();
    const copy = blueprint('postgres', [], { snapshot });
    const loaded = await twin.load(copy);
    expect(loaded.schema.tables.map((table) => table.name)).toEqual((await connection.schema()).tables.map((table) => table.name));
    expect(loaded.schema.indexes).toEqual((await connection.schema()).indexes);
    for (const sql of statements) {
      const real = planned(await connection.explain(sql));
      const like = planned(await twin.explain(copy, sql));
      expect([sql, flat(like)]).toEqual([sql, flat(real)]);
      expect(Math.abs(like.totalCost - real.totalCost) / real.totalCost, `${sql}: ${like.totalCost} for ${real.totalCost}`).toBeLessThan(
        0.01,
      );
    }
  });

  it('foresees what an index would do', async () => {
    const snapshot = await connection.snapshot();
    const copy = blueprint('postgres', [], { snapshot });
    const cases: readonly (readonly [string, CandidateIndex, string])[] = [
      ["SELECT * FROM orders WHERE note = 'x'", index('orders', 'note'), 'CREATE INDEX idx_orders_note ON orders(note)'],
      [
        'SELECT * FROM orders WHERE user_id = $1 ORDER BY created DESC LIMIT 5',
        index('orders', 'user_id', 'created'),
        'CREATE INDEX idx_orders_user_id_created ON orders(user_id, created)',
      ],
      [
        "SELECT * FROM users WHERE lower(email) = 'x'",
        { table: 'users', keys: [{ expression: 'lower(email)', descending: false }], include: [] },
        'CREATE INDEX idx_users_lower_email ON users(lower(email))',
      ],
      ["SELECT * FROM users WHERE country = 'de'", index('users', 'country'), 'CREATE INDEX idx_users_country ON users(country)'],
    ];
    const admin = await server.admin();
    for (const [sql, candidate, ddl] of cases) {
      const [tried] = await twin.whatIf(copy, sql, [candidate]);
      await admin.query(ddl);
      const real = planned(await connection.explain(sql));
      await admin.query(`DROP INDEX ${ddl.split(' ')[2]}`);
      expect([sql, tried && flat(tried.plan)]).toEqual([sql, flat(real)]);
      expect(
        Math.abs((tried?.plan.totalCost ?? 0) - real.totalCost) / real.totalCost,
        `${sql}: ${tried?.plan.totalCost} for ${real.totalCost}`,
      ).toBeLessThan(0.1);
    }
    await admin.end();
    // Trying leaves the twin as it was.
    for (const sql of statements.slice(0, 6))
      expect(flat(planned(await twin.explain(copy, sql)))).toEqual(flat(planned(await connection.explain(sql))));
  });

  it('assumes large tables where nothing is known', async () => {
    const assumed = blueprint('postgres', schema);
    const sql = 'SELECT * FROM orders WHERE note = $1';
    const before = planned(await twin.explain(assumed, sql));
    expect(flat(before)).toContain('Parallel Seq Scan on orders');
    const [tried, none] = await twin.whatIf(assumed, sql, [index('orders', 'note'), index('orders', 'total')]);
    expect(tried?.used).toBe(true);
    expect(none?.used).toBe(false);
    expect(tried?.plan.totalCost).toBeLessThan(before.totalCost * 0.7);
    const [unique] = await twin.whatIf(assumed, "SELECT * FROM logs WHERE line = 'x'", [index('logs', 'line')]);
    expect(unique?.used).toBe(true);
  });

  it('goes on after a rejected statement, and says who is to blame', async () => {
    const loaded = await twin.load(
      blueprint('postgres', [
        'CREATE EXTENSION IF NOT EXISTS pg_trgm',
        'CREATE EXTENSION postgis',
        'CREATE ROLE app LOGIN',
        'CREATE TABLE users(id bigserial PRIMARY KEY, email text, place geometry(Point, 4326))',
        'CREATE TABEL nothing(x int)',
        'CREATE TABLE users(id int)',
        'CREATE INDEX CONCURRENTLY users_email ON users USING gin (email gin_trgm_ops)',
        'CREATE INDEX users_place ON users USING gist (place)',
        "CREATE INDEX fresh ON users (email) WHERE now() > '2026-01-01'",
        "COMMENT ON TABLE users IS '€😀'; ",
        'ALTER TABLE users OWNER TO app',
        'GRANT ALL ON users TO app',
        'SET statement_timeout = 0',
        'CREATE POLICY own ON users TO app USING (true)',
        'CREATE SCHEMA shop AUTHORIZATION app',
        'CREATE TABLE shop.items(id int PRIMARY KEY, user_id bigint REFERENCES users(id)) TABLESPACE fast',
        "CREATE TYPE mood AS ENUM ('😀', 'sad')",
        "CREATE TABLE feelings(m mood DEFAULT '😀', x int, y int CHECK (z > 0))",
        'CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := now(); RETURN NEW; END $$',
        'CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()',
        'CREATE VIEW sad AS SELECT * FROM feelings',
        'INSERT INTO nowhere VALUES (1)',
        'SELECT create_hypertable(1)',
      ]),
    );
    expect(
      loaded.rejections.map((each) => [each.key, each.rejection.kind, each.rejection.code, each.rejection.offset, each.ignore]),
    ).toEqual([
      ['1', 'other', '0A000', undefined, 'unsupported'],
      ['4', 'syntax', '42601', 7, undefined],
      ['5', 'other', '42P07', undefined, 'exists'],
      ['7', 'other', '42704', undefined, 'unsupported'],
      ['8', 'other', '42P17', undefined, undefined],
      ['17', 'unknown-column', '42703', 63, undefined],
      ['20', 'unknown-relation', '42P01', 33, 'follow-on'],
    ]);
    expect(loaded.schema.tables.map((table) => `${table.schema}.${table.name}`)).toEqual(['public.users', 'shop.items']);
  });

  it('finds tables of every schema, and counts characters as the editor does', async () => {
    const shop = blueprint('postgres', ['CREATE SCHEMA shop', 'CREATE TABLE shop.items(id int)']);
    expect(flat(planned(await twin.explain(shop, 'SELECT * FROM items')))).toEqual(['Seq Scan on items']);
    expect(await twin.explain(shop, "SELECT '😀', nope FROM items")).toMatchObject({
      outcome: 'rejected',
      rejection: { kind: 'unknown-column', name: 'nope', offset: 13 },
    });
    expect(await twin.explain(shop, 'SELECT * FROM users')).toMatchObject({ outcome: 'rejected', rejection: { kind: 'unknown-relation' } });
    expect(await twin.explain(shop, 'DROP TABLE shop.items')).toMatchObject({ outcome: 'refused' });
    expect(flat(planned(await twin.explain(shop, 'SELECT * FROM items WHERE id = $1 FOR UPDATE')))).toEqual([
      'LockRows',
      'Seq Scan on items',
    ]);
  });

  it('keeps sizes beyond one file', async () => {
    const huge = blueprint('postgres', ['CREATE TABLE huge(id bigint PRIMARY KEY, payload text, kind int)'], { assumedRows: 400_000_000 });
    const plan = planned(await twin.explain(huge, 'SELECT * FROM huge'));
    expect(plan.rows).toBe(400_000_000);
    const [tried] = await twin.whatIf(huge, 'SELECT * FROM huge WHERE kind = 7 ORDER BY id LIMIT 3', [index('huge', 'kind', 'id')]);
    expect(tried?.used).toBe(true);
    expect(planned(await twin.explain(huge, 'SELECT * FROM huge')).totalCost).toBe(plan.totalCost);
  });
});
