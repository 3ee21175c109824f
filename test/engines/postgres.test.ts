/** PostgreSQL: real servers, and nothing about them may be different afterwards. */
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../server/engines/engine.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { engineFor, redactUrl } from '../../server/engines/registry.ts';
import { debianMissing, freePort, type Server, startDebian, startEmbedded } from './postgres-server.ts';

const setUp = `
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE EXTENSION IF NOT EXISTS dblink;
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE TABLE users(id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(80), mood mood DEFAULT 'sad');
  CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users(id), total numeric(10, 2), created timestamptz DEFAULT now(), note text);
  CREATE INDEX orders_recent ON orders (created DESC NULLS LAST, lower(note) text_pattern_ops) INCLUDE (total) WHERE total > 5;
  CREATE INDEX orders_trigram ON orders USING gin (note gin_trgm_ops);
  CREATE TABLE events(id bigint, at timestamptz NOT NULL, kind int) PARTITION BY RANGE (at);
  CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE VIEW rich AS SELECT * FROM orders WHERE total > 100;
  CREATE TABLE tally(n int);
  CREATE SEQUENCE counter;
  CREATE FUNCTION innocent(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM dblink_exec(current_setting('test.self'), 'INSERT INTO tally VALUES (1)'); RETURN x; END $$;
  CREATE FUNCTION stable_one() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM dblink_exec(current_setting('test.self'), 'INSERT INTO tally VALUES (2)'); RETURN 1; END $$;
  CREATE FUNCTION volatile_one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO tally VALUES (3); RETURN 1; END $$;
  CREATE FUNCTION wrapper() RETURNS int LANGUAGE sql AS 'SELECT innocent(7)';
  CREATE FUNCTION strange(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
  CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = strange);
  CREATE TYPE wrapped AS (n int);
  CREATE FUNCTION wrap(x int) RETURNS wrapped LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ROW(innocent(x)); END $$;
  CREATE CAST (int AS wrapped) WITH FUNCTION wrap(int);
  INSERT INTO users(email, name) SELECT 'u' || i || '@example.org', 'n' || i FROM generate_series(1, 500) i;
  INSERT INTO orders(user_id, total, created, note) SELECT i % 500 + 1, i % 97, '2026-01-01'::timestamptz + i * interval '1 minute', md5(i::text) FROM generate_series(1, 20000) i;
  CREATE ROLE reader LOGIN PASSWORD 'reader';
  GRANT SELECT ON users TO reader;
  ANALYZE;
`;

/** Everything that a statement could have changed. */
async function fingerprint(admin: Client): Promise<unknown> {
  const result = await admin.query(`
    SELECT (SELECT count(*) FROM tally) AS tally, (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM orders) AS orders,
      (SELECT last_value FROM counter) AS counter, (SELECT is_called FROM counter) AS called,
      (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS relations,
      (SELECT count(*) FROM pg_largeobject_metadata) AS objects, (SELECT count(*) FROM pg_roles) AS roles,
      (SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() AND locktype = 'advisory') AS advisory,
      (SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN ('work_mem', 'log_statement')) AS settings`);
  return result.rows[0];
}

const missing = debianMissing();
const servers = [
  { name: 'PostgreSQL 18', major: '18', start: startEmbedded, skip: undefined },
  { name: 'PostgreSQL 15', major: '15', start: startDebian, skip: missing },
];

for (const { name, major, start, skip } of servers) {
  describe.skipIf(skip !== undefined)(skip === undefined ? name : `${name}: ${skip}`, () => {
    let server: Server;
    let admin: Client;
    let connection: Connection;
    beforeAll(async () => {
      server = await start();
      admin = await server.admin();
      await admin.query(setUp);
      // What the malicious functions would write with, from a session of their own that no READ ONLY holds back.
      await admin.query(
        `ALTER DATABASE postgres SET test.self = 'host=127.0.0.1 port=${server.port} user=postgres password=''pässwörd/#1'' dbname=postgres'`,
      );
      connection = await postgres.connect(server.url, {});
    });
    afterAll(async () => {
      await connection?.close();
      await admin?.end().catch(() => {});
      await server?.stop();
    });

    it('says what it is without the password', () => {
      expect(connection.version.startsWith(major)).toBe(true);
      expect(connection.label).toBe(`postgres@127.0.0.1:${server.port}/postgres`);
    });

    it('plans with and without parameters', async () => {
      expect(await connection.explain('SELECT * FROM orders WHERE user_id = 3 AND total + 1 = 3')).toMatchObject({
        outcome: 'planned',
        plan: { engine: 'postgres', steps: [{ kind: 'scan', relation: 'orders', detail: 'Seq Scan on orders' }] },
      });
      const generic = await connection.explain('SELECT * FROM users WHERE id = $1');
      expect(generic).toMatchObject({
        outcome: 'planned',
        plan: { steps: [{ kind: 'index', relation: 'users', index: 'users_pkey', rows: 1 }] },
      });
      // Not a plan for NULL, which finds nothing without looking.
      expect(await connection.explain('SELECT * FROM orders WHERE user_id = $1 ORDER BY created LIMIT $2;')).toMatchObject({
        outcome: 'planned',
      });
      expect(JSON.stringify(await connection.explain('SELECT * FROM orders WHERE user_id = $1'))).toContain('(user_id = $1)');
      expect(await connection.explain('UPDATE users SET name = $1 WHERE email = $2 -- done')).toMatchObject({ outcome: 'planned' });
      expect(
        await connection.explain('WITH gone AS (DELETE FROM orders WHERE id < 5 RETURNING *) SELECT count(*) FROM gone'),
      ).toMatchObject({ outcome: 'planned' });
      expect(await connection.explain('INSERT INTO users(email) SELECT $1::text ON CONFLICT DO NOTHING')).toMatchObject({
        outcome: 'planned',
      });
      expect(await connection.explain('SELECT $1')).toMatchObject({ outcome: 'planned' });
      expect(await connection.explain('SELECT $1 IS NULL')).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('$1') });
      expect(await connection.explain("SELECT similarity(note, 'abc') FROM orders WHERE note % 'abc'")).toMatchObject({
        outcome: 'planned',
      });
    });

    it.each([
      ['SELECT * FORM users', 'syntax', 9, undefined],
      ["SELECT '€😀', , FROM users", 'syntax', 14, undefined],
      ["SELECT '€😀', nmae FROM users", 'unknown-column', 14, 'nmae'],
      ["SELECT '€😀', u.nmae FROM users u WHERE id = $1", 'unknown-column', 14, 'u.nmae'],
      ['SELECT * FROM usrs WHERE id = $1', 'unknown-relation', 14, 'usrs'],
      ['SELECT levenshtien(name) FROM users', 'unknown-function', 7, 'levenshtien'],
      ["SELECT * FROM users WHERE id = 'x'", 'other', 31, undefined],
      ['SELECT id FROM users, orders', 'other', 7, undefined],
    ])('rejects %s', async (sql, kind, offset, word) => {
      expect(await connection.explain(sql)).toMatchObject({
        outcome: 'rejected',
        rejection: { kind, offset, ...(word === undefined ? {} : { name: word }) },
      });
    });

    it('reads the schema', async () => {
      const schema = await connection.schema();
      const table = (wanted: string) => schema.tables.find((each) => each.name === wanted);
      expect(schema.tables.map((each) => [each.name, each.kind])).toEqual([
        ['events', 'table'],
        ['events_2025', 'table'],
        ['orders', 'table'],
        ['rich', 'view'],
        ['tally', 'table'],
        ['users', 'table'],
      ]);
      expect(table('events')?.partitioned).toBe(true);
      expect(table('orders')).toMatchObject({
        schema: 'public',
        primaryKey: ['id'],
        foreignKeys: [{ columns: ['user_id'], table: 'users', references: ['id'] }],
      });
      expect(table('users')?.columns.map((column) => [column.name, column.type, column.notNull])).toEqual([
        ['id', 'bigint', true],
        ['email', 'text', true],
        ['name', 'character varying(80)', false],
        ['mood', 'mood', false],
      ]);
      const index = (wanted: string) => schema.indexes.find((each) => each.name === wanted);
      expect(index('orders_recent')).toMatchObject({
        table: 'orders',
        method: 'btree',
        include: ['total'],
        keys: [
          { column: 'created', descending: true, nulls: 'last' },
          { expression: 'lower(note)', descending: false, operatorClass: 'text_pattern_ops' },
        ],
      });
      expect(index('orders_trigram')).toMatchObject({ method: 'gin', keys: [{ column: 'note', operatorClass: 'gin_trgm_ops' }] });
      expect(index('users_email_key')).toMatchObject({ unique: true, constraint: 'unique' });
    });

    it('reads sizes and settings', async () => {
      const statistics = await connection.statistics();
      expect(statistics.find((each) => each.table === 'orders')).toMatchObject({
        rows: 20000,
        analyzedAt: expect.stringMatching(/^20\d\d-.*Z$/),
      });
      const settings = await connection.settings();
      expect(settings.get('shared_buffers')).toEqual({ value: '16384', unit: '8kB' });
      expect(settings.get('statement_timeout')).toEqual({ value: '0', unit: 'ms' });
    });

    it.each([
      "COPY users TO PROGRAM 'touch /tmp/tunelens-was-here'",
      "COPY (SELECT 1) TO '/tmp/tunelens-was-here'",
      "COPY tally FROM PROGRAM 'echo 1'",
      'COMMIT; INSERT INTO tally VALUES (1)',
      'commit; insert into tally values (1); select 1',
      'SELECT 1; COMMIT; INSERT INTO tally VALUES (1)',
      "SELECT E'\\'; COMMIT; INSERT INTO tally VALUES (1); --'; DROP TABLE tally",
      '/* /* */ SELECT 1 */ DROP TABLE tally',
      'SELECT 1 /* ; */ ; DROP TABLE tally',
      'ANALYZE orders',
      'ANALYZE SELECT 1',
      '(ANALYZE) INSERT INTO tally VALUES (1)',
      'EXPLAIN ANALYZE INSERT INTO tally VALUES (1)',
      'ANALYZE INSERT INTO tally VALUES (1)',
      'SELECT * INTO copied FROM users',
      'CREATE TABLE copied AS SELECT * FROM users',
      'SELECT * FROM users FOR UPDATE',
      'SELECT * FROM (SELECT * FROM users FOR SHARE) u',
      'WITH locked AS (SELECT * FROM users FOR NO KEY UPDATE SKIP LOCKED) SELECT * FROM locked',
      'SET default_transaction_read_only = off',
      'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
      'BEGIN READ WRITE',
      'DO $$ BEGIN INSERT INTO tally VALUES (1); END $$',
      'CALL something()',
      'EXECUTE something',
      'PREPARE other AS INSERT INTO tally VALUES (1)',
      'DECLARE c CURSOR FOR SELECT 1',
      'LOCK TABLE users',
      'TRUNCATE tally',
      'VACUUM',
      "ALTER SYSTEM SET work_mem = '1GB'",
      'NOTIFY somebody',
      'LISTEN somebody',
      'REFRESH MATERIALIZED VIEW nothing',
      'SELECT innocent(1)',
      'SELECT * FROM users WHERE id = innocent(1)',
      'SELECT * FROM users WHERE id = public.innocent(1)',
      'SELECT * FROM users WHERE id = "innocent"(1)',
      'SELECT * FROM users WHERE id = stable_one()',
      'SELECT wrapper()',
      'SELECT * FROM users WHERE 1 === 2',
      'SELECT * FROM users WHERE 1 OPERATOR(public.===) 2',
      'SELECT * FROM users WHERE 1 OPERATOR(public.===) ANY (SELECT 2)',
      'SELECT * FROM users WHERE ((7::int)::wrapped).n = id',
      'SELECT * FROM users WHERE (CAST(7 AS public.wrapped)).n = id',
      "SELECT database_to_xml(true, true, '')",
      'SELECT 1\0; DROP TABLE tally',
      '',
      '--',
    ])('does not send %j', async (sql) => {
      const before = await fingerprint(admin);
      const explained = await connection.explain(sql);
      expect(explained.outcome === 'planned' ? 'planned' : 'not planned').toBe('not planned');
      expect(await fingerprint(admin)).toEqual(before);
    });

    it.each([
      "SELECT nextval('counter')",
      "SELECT setval('counter', 900)",
      'SELECT volatile_one()',
      'SELECT lo_create(4711), lo_unlink(4711)',
      "SELECT set_config('work_mem', '1GB', false)",
      'SELECT pg_advisory_lock(1)',
      'SELECT pg_terminate_backend(pg_backend_pid())',
      "SELECT dblink_exec('host=127.0.0.1', 'INSERT INTO tally VALUES (1)')",
      "SELECT pg_read_file('/etc/passwd')",
      'SELECT pg_sleep(100)',
      'INSERT INTO tally VALUES (1) RETURNING n',
      '/* SELECT */ DELETE FROM tally; -- SELECT',
      'WITH w AS (INSERT INTO tally VALUES (1) RETURNING *) SELECT * FROM w',
    ])('plans %s without any effect, and never runs it', async (sql) => {
      const before = await fingerprint(admin);
      expect((await connection.explain(sql)).outcome).toMatch(/planned|refused/);
      expect(await connection.explainAnalyze(sql)).toMatchObject({ outcome: 'refused' });
      expect(await fingerprint(admin)).toEqual(before);
      expect(await connection.explain('SELECT 1')).toMatchObject({ outcome: 'planned' });
    });

    it('is needed: a READ ONLY transaction alone lets plain EXPLAIN write', async () => {
      // A new session, which has what the malicious function needs to connect.
      const victim = await server.admin();
      await victim.query('BEGIN READ ONLY');
      await victim.query('EXPLAIN SELECT * FROM users WHERE id = innocent(1)');
      await victim.query('ROLLBACK');
      await victim.end();
      const written = await admin.query('SELECT count(*)::int AS n FROM tally');
      expect(written.rows[0]?.n).toBeGreaterThan(0);
      await admin.query('TRUNCATE tally');
    });

    it('runs a statement that only reads, when asked to', async () => {
      const explained = await connection.explainAnalyze("SELECT count(*), lower('X') FROM orders WHERE total > 50");
      expect(JSON.stringify(explained)).toContain('Actual Total Time');
      expect(await connection.explainAnalyze('SELECT * FROM users WHERE id = $1')).toMatchObject({ outcome: 'refused' });
    });

    it('leaves nothing in the session', async () => {
      await connection.explain('SELECT * FROM users WHERE id = $1');
      await connection.explain('SELECT * FROM nowhere WHERE id = $1');
      const sessions = await admin.query("SELECT state FROM pg_stat_activity WHERE application_name = 'tunelens'");
      expect(sessions.rows).toEqual([{ state: 'idle' }]);
      const locks = await admin.query(
        "SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'tunelens'",
      );
      expect(locks.rows).toEqual([{ n: 0 }]);
    });

    it('stops a statement by its time and by its caller', async () => {
      const brief = await postgres.connect(server.url, { statementTimeout: 300 });
      const endless = 'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b';
      await expect(brief.explainAnalyze(endless)).rejects.toMatchObject({ kind: 'timeout' });
      expect(await brief.explain('SELECT 1')).toMatchObject({ outcome: 'planned' });
      await brief.close();
      const controller = new AbortController();
      const running = connection.explainAnalyze(endless, controller.signal);
      setTimeout(() => controller.abort(), 150);
      await expect(running).rejects.toMatchObject({ name: 'AbortError' });
      expect(await connection.explain('SELECT 1')).toMatchObject({ outcome: 'planned' });
    });

    it('plans with parameters again after one that failed half-way', async () => {
      const first = await connection.explain('SELECT * FROM users WHERE id = $1');
      const failed = await connection.explain('SELECT * FROM users WHERE id = $1 LIMIT 1 / ($2::int - $2::int)');
      expect(first.outcome).toBe('planned');
      expect(failed.outcome).toMatch(/planned|rejected/);
      expect(await connection.explain('SELECT * FROM users WHERE id = $1')).toMatchObject({ outcome: 'planned' });
      const controller = new AbortController();
      const given = connection.explain('SELECT * FROM users a, users b, orders c WHERE a.id = $1 AND b.id = c.user_id', controller.signal);
      controller.abort();
      await given.catch(() => {});
      expect(await connection.explain('SELECT * FROM users WHERE id = $1')).toMatchObject({ outcome: 'planned' });
    });

    it('does not wait long for a lock', async () => {
      await admin.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
      await expect(connection.explain('SELECT * FROM users')).rejects.toMatchObject({ kind: 'locked' });
      await admin.query('ROLLBACK');
    });

    it('survives a killed backend and comes back', async () => {
      const lost: string[] = [];
      const victim = await postgres.connect(server.url, {});
      victim.onLost((error) => lost.push(error.kind));
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tunelens'");
      await expect.poll(() => lost).toEqual(['lost']);
      expect(await victim.explain('SELECT 1')).toMatchObject({ outcome: 'planned' });
      expect(await connection.explain('SELECT 1')).toMatchObject({ outcome: 'planned' });
      await victim.close();
    });

    it('says which grant is missing', async () => {
      const reader = await postgres.connect(`postgres://reader@127.0.0.1:${server.port}/postgres`, { password: 'reader' });
      expect(await reader.explain('SELECT * FROM users')).toMatchObject({ outcome: 'planned' });
      await expect(reader.explain('SELECT * FROM orders')).rejects.toMatchObject({
        kind: 'permission',
        message: expect.stringContaining('GRANT SELECT ON orders'),
      });
      expect((await reader.schema()).tables.length).toBeGreaterThan(4);
      await reader.close();
    });

    it('says in one sentence why it cannot connect, and never the password', async () => {
      const failure = (url: string, password?: string) =>
        postgres.connect(url, { password, connectTimeout: 3000 }).then(
          () => undefined,
          (error) => error as { kind: string; message: string },
        );
      if (major === '18') {
        const refused = await failure(`postgres://postgres:wr0ng-secret@127.0.0.1:${server.port}/postgres`);
        expect(refused).toMatchObject({ name: 'EngineError', kind: 'authentication' });
        expect(refused?.message).not.toContain('wr0ng-secret');
      }
      expect(await failure(server.url.replace('/postgres?', '').replace(/postgres$/, 'nowhere'))).toMatchObject({ kind: 'missing' });
      expect(await failure(`postgres://a:b@127.0.0.1:${await freePort()}/x`)).toMatchObject({ kind: 'unreachable' });
      const malformed = await failure('postgres://user:se#cr/et@host:99999999/x');
      expect(malformed).toMatchObject({ kind: 'unsupported' });
      expect(malformed?.message).not.toContain('cr/et');
      expect(await failure(`${server.url}?sslmode=require`)).toMatchObject({ kind: 'unreachable' });
      expect(await failure(`${server.url}?sslmode=sometimes`)).toMatchObject({ kind: 'unsupported' });
    });

    it('gives a snapshot that holds the schema and the statistics', async () => {
      const snapshot = await connection.snapshot();
      expect(snapshot.ddl.some((sql) => sql.includes('CREATE TABLE public.orders'))).toBe(true);
      expect(snapshot.ddl.some((sql) => sql.includes('PARTITION OF public.events'))).toBe(true);
      const planner = snapshot.planner as { relations: { name: string; rows: number }[]; columns: { attname: string }[] };
      expect(planner.relations.find((each) => each.name === 'orders')?.rows).toBe(20000);
      expect(planner.columns.some((each) => each.attname === 'user_id')).toBe(true);
    });
  });
}

describe('URLs', () => {
  it('are recognised by their engine', () => {
    expect(engineFor('postgres://localhost/x')?.id).toBe('postgres');
    expect(engineFor('postgresql://localhost/x')?.id).toBe('postgres');
    expect(engineFor('sqlite:data/app.db')?.id).toBe('sqlite');
    expect(engineFor('data/app.db')?.id).toBe('sqlite');
    expect(engineFor('C:\\data\\app.db')?.id).toBe('sqlite');
    expect(engineFor('mysql://localhost/x')).toBeUndefined();
    expect(engineFor('redis://localhost')).toBeUndefined();
  });
  it('are shown without their password', () => {
    expect(redactUrl('postgres://me:s3cr%40et@host:1/db')).toBe('postgres://me:***@host:1/db');
    expect(redactUrl('postgres://me:p@ss/w@host/db')).toBe('postgres://me:***@host/db');
    expect(redactUrl('postgres://host/db?user=me&password=s3cret&x=1')).toBe('postgres://host/db?user=me&password=***&x=1');
    expect(redactUrl("host=h password='a b' user=me")).toBe('host=h password=*** user=me');
    expect(redactUrl('sqlite:data/app.db')).toBe('sqlite:data/app.db');
  });
});
