/** What real databases say of themselves, and what the rules make of it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze, questionsOfDatabase } from '../../server/analysis/analyze.ts';
import type { Health } from '../../server/analysis/health.ts';
import { emptyDocument } from '../../server/analysis/reader.ts';
import type { AnyRule, Finding } from '../../server/analysis/rule.ts';
import { rules } from '../../server/analysis/rules/index.ts';
import type { Connection } from '../../server/engines/engine.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { type Server, startEmbedded } from './postgres-server.ts';

const document = emptyDocument({ path: 'db', language: 'database', text: '' }, [0]);
const found = (health: Health): Finding[] => [
  ...analyze(questionsOfDatabase({ document, health, source: 'db' }, rules as readonly AnyRule[]), () => ({})).findings,
];
const said = (health: Health): string[] =>
  found(health)
    .map(({ rule, severity, object, message }) => `${severity} ${rule} ${object}: ${message}`)
    .sort();
/** The same as if that many days had passed since everything that has a time happened. */
const later = (health: Health, days: number): Health => ({
  ...health,
  readAt: new Date(Date.parse(health.readAt) + days * 86_400_000).toISOString(),
});

describe('PostgreSQL', () => {
  let server: Server;
  let admin: Client;
  let connection: Connection;
  beforeAll(async () => {
    server = await startEmbedded();
    admin = await server.admin();
    await admin.query(`
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, parent int REFERENCES parent, state text, at timestamptz DEFAULT now()) WITH (autovacuum_enabled = false);
      INSERT INTO parent SELECT generate_series(1, 100);
      INSERT INTO item (code, parent, state) SELECT 'c' || i, i % 100 + 1, repeat('x', 200) FROM generate_series(1, 120000) i;
      CREATE INDEX item_state ON item (state, code);
      CREATE INDEX item_parent ON item (parent);
      CREATE INDEX item_at ON item (at, id);
      CREATE TABLE few (id smallserial PRIMARY KEY, "Count" int DEFAULT 0);
      SELECT setval('few_id_seq', 30000);
      SELECT setval('item_id_seq', 1700000000);
      CREATE SEQUENCE ticket MAXVALUE 1000;
      SELECT setval('ticket', 100);
      CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
      CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      CREATE INDEX part_id ON ONLY part (id)`);
    // What the session counted is told before ANALYZE sets it to zero.
    await admin.query('SELECT pg_stat_force_next_flush()');
    await admin.query('ANALYZE');
    await admin.query("SELECT count(*) FROM item WHERE at > now() - interval '1 minute' AND id < 5");
    await admin.query('SET enable_seqscan = off');
    await admin.query("SELECT id FROM item WHERE at > now() + interval '1 hour'");
    await admin.query('CREATE TABLE twice (a int); INSERT INTO twice VALUES (1), (1)');
    await admin.query('CREATE UNIQUE INDEX CONCURRENTLY twice_a ON twice (a)').catch(() => {});
    await admin.query('SELECT pg_stat_force_next_flush()');
    connection = await postgres.connect(server.url, {});
  });
  afterAll(async () => {
    await connection?.close();
    await admin?.end();
    await server?.stop();
  });

  test('on the first day only what needs no time is said', async () => {
    const health = await connection.health();
    expect(health.missing).toEqual([]);
    expect(health.countedSince).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(said(health)).toEqual(
      [
        expect.stringMatching(/^error sql\/sequence-near-exhaustion few\.id: few\.id has used 91 % .* 32,767/),
        expect.stringMatching(/^warning sql\/invalid-index part_id: part_id is invalid: not every partition of part/),
        expect.stringMatching(/^warning sql\/invalid-index twice_a: twice_a is invalid: no query uses it/),
        expect.stringMatching(/^warning sql\/sequence-near-exhaustion item\.id: item\.id has used 79 % .* 2,147,483,647/),
      ].sort(),
    );
  });

  test('a month later: an index nobody searched, but none that a key or a constraint needs', async () => {
    const health = later(await connection.health(), 31);
    const unused = found(health).filter(({ rule }) => rule === 'sql/unused-index');
    expect(unused.map(({ object }) => object)).toEqual(['item_state']);
    const [fix] = unused[0]?.fixes ?? [];
    expect(fix).toMatchObject({
      text: 'DROP INDEX CONCURRENTLY IF EXISTS item_state;',
      down: 'CREATE INDEX item_state ON public.item USING btree (state, code);',
    });
    // Both ways run on the server.
    await admin.query((fix as { text: string }).text);
    await admin.query((fix as { down: string }).down);
  });

  test('dead rows and old statistics: silent on the day, said when nothing has come for days, silent once something has', async () => {
    await admin.query("UPDATE item SET state = 'y' WHERE id % 2 = 0");
    await admin.query('SELECT pg_stat_force_next_flush()');
    const fresh = await connection.health();
    const about = (health: Health) => found(health).filter(({ rule, object }) => object === 'item' && /stale|bloat/.test(rule));
    expect(about(fresh).map(({ rule }) => rule)).toEqual(['sql/table-bloat']);
    expect(about(later(fresh, 3)).map(({ rule }) => rule)).toEqual(['sql/stale-statistics', 'sql/table-bloat']);
    expect(about(later(fresh, 3))[0]?.message).toBe('The statistics of item are from 3 days ago: 60,000 rows were written since');
    for (const { fixes } of about(later(fresh, 3)))
      for (const fix of fixes) if (fix.kind === 'script') for (const sql of fix.text.split('\n')) await admin.query(sql);
    await admin.query('SELECT pg_stat_force_next_flush()');
    expect(about(later(await connection.health(), 3))).toEqual([]);
  });

  test('what may not be read is named with its grant, and the rest goes on', async () => {
    await admin.query("CREATE ROLE reader LOGIN PASSWORD 'reader'; REVOKE SELECT ON pg_stat_all_tables FROM PUBLIC");
    const url = new URL(server.url);
    url.username = 'reader';
    url.password = 'reader';
    const limited = await postgres.connect(url.href, {});
    try {
      const health = await limited.health();
      expect(health.missing).toEqual([
        expect.stringMatching(
          /^does not show its statistics of tables \(permission denied .*pg_stat_all_tables\): GRANT SELECT ON pg_stat_all_tables/,
        ),
        expect.stringMatching(/^does not show how far 3 sequences have come: GRANT SELECT ON ALL SEQUENCES IN SCHEMA public/),
      ]);
      expect(health.tables).toEqual([]);
      expect(said(later(health, 40)).every((line) => line.includes('invalid-index'))).toBe(true);
    } finally {
      await limited.close();
      await admin.query('GRANT SELECT ON pg_stat_all_tables TO PUBLIC');
    }
  });
});

describe('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-health-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  test('free pages and statistics of another size', async () => {
    const path = join(folder, 'a.db');
    const database = new Database(path);
    database.exec(
      `CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT); CREATE INDEX a_t ON a (t); CREATE TABLE b (id INTEGER PRIMARY KEY, t TEXT); CREATE INDEX b_t ON b (t);
      INSERT INTO a SELECT value, hex(randomblob(4)) FROM generate_series(1, 100);
      INSERT INTO b SELECT value, hex(randomblob(200)) FROM generate_series(1, 60000);
      ANALYZE;`
        .replaceAll(
          'generate_series(1, 100)',
          '(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 100) SELECT value FROM s)',
        )
        .replaceAll(
          'generate_series(1, 60000)',
          '(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < 60000) SELECT value FROM s)',
        ),
    );
    const connection = await sqlite.connect(path, {});
    try {
      expect(said(await connection.health())).toEqual([]);
      database.exec("INSERT INTO a SELECT id + 1000, 'x' FROM b; DELETE FROM b WHERE id > 100");
      expect(said(await connection.health())).toEqual([
        expect.stringMatching(/^info sql\/table-bloat free pages: \d+(?:\.\d)? MB of the file's \d+(?:\.\d)? MB are free pages/),
        'warning sql/stale-statistics a: The statistics of a are of 100 rows; it has 60,100 now',
        'warning sql/stale-statistics b: The statistics of b are of 60,000 rows; it has 100 now',
      ]);
      database.exec('VACUUM; ANALYZE');
      expect(said(await connection.health())).toEqual([]);
    } finally {
      await connection.close();
      database.close();
    }
  });
});
