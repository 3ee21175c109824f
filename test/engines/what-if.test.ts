/** Candidate indexes in the twins: as large, and as good, as they really become. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIndexSql } from '../../server/analysis/ddl.ts';
import type { CandidateIndex, Plan, PlanStep } from '../../server/analysis/facts.ts';
import type { Connection, Explained } from '../../server/engines/engine.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { candidateName } from '../../server/twin/candidate-name.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import type { Blueprint, Twin } from '../../server/twin/twin.ts';
import { type Server, startEmbedded } from './postgres-server.ts';

const on = (
  table: string,
  keys: readonly (string | CandidateIndex['keys'][number])[],
  more: Partial<CandidateIndex> = {},
): CandidateIndex => ({
  table,
  keys: keys.map((key) => (typeof key === 'string' ? { column: key, descending: false } : key)),
  include: [],
  ...more,
});
function planned(explained: Explained | undefined): Plan {
  if (explained?.outcome !== 'planned') throw new Error(JSON.stringify(explained));
  return explained.plan;
}
function flat(plan: Plan): string[] {
  const walk = (steps: readonly PlanStep[]): string[] => steps.flatMap((step) => [step.detail, ...walk(step.children)]);
  return walk(plan.steps);
}

describe('candidate indexes in the twin of PostgreSQL', () => {
  let twin: Twin;
  let server: Server;
  let connection: Connection;
  let copy: Blueprint;
  const schema = [
    'CREATE EXTENSION pg_trgm',
    'CREATE EXTENSION btree_gist',
    `CREATE TABLE events(id bigserial PRIMARY KEY, account_id int NOT NULL, kind text NOT NULL, state smallint NOT NULL, token uuid NOT NULL, email text NOT NULL,
      amount numeric(12, 2) NOT NULL, at timestamptz NOT NULL, deleted_at timestamptz, ratio double precision, payload jsonb NOT NULL, tags text[] NOT NULL, during tstzrange NOT NULL)`,
    'CREATE INDEX events_account ON events(account_id)',
    'CREATE VIEW recent AS SELECT * FROM events WHERE at > now()',
    'CREATE TABLE parts(id bigint, at date NOT NULL, code int) PARTITION BY RANGE (at)',
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
  ];
  // Random numbers that are the same each time.
  const rows = `SELECT setseed(0.5);
    INSERT INTO events(account_id, kind, state, token, email, amount, at, deleted_at, ratio, payload, tags, during)
    SELECT 1 + floor(random() * 20000), (ARRAY['view', 'click', 'purchase', 'refund'])[1 + floor(random() * random() * 4)], i % 7, gen_random_uuid(),
      left(md5(i::text), 4 + (random() * 20)::int) || '@example.org', round((random() * 1000)::numeric, 2), '2025-01-01'::timestamptz + i * interval '20 seconds',
      CASE WHEN random() < 0.95 THEN NULL ELSE now() - i * interval '1 minute' END, random(),
      jsonb_build_object('page', '/p/' || (i % 500), 'ms', (random() * 900)::int, 'ok', i % 3 = 0), ARRAY['t' || (i % 40), 'u' || (i % 13)],
      tstzrange('2025-01-01'::timestamptz + i * interval '20 seconds', '2025-01-01'::timestamptz + (i + 30) * interval '20 seconds')
    FROM generate_series(1, 120000) i;
    INSERT INTO parts SELECT i, '2026-01-01'::date + i % 58, i % 900 FROM generate_series(1, 40000) i`;

  const candidates: readonly CandidateIndex[] = [
    on('events', ['id']),
    on('events', ['account_id']),
    on('events', ['kind']),
    on('events', ['state']),
    on('events', ['token']),
    on('events', ['email']),
    on('events', ['amount']),
    on('events', ['at']),
    on('events', ['deleted_at']),
    on('events', ['ratio']),
    on('events', ['account_id', 'at']),
    on('events', ['kind', 'account_id']),
    on('events', ['state', { column: 'at', descending: true }]),
    on('events', ['account_id', 'kind', 'state']),
    on('events', ['account_id'], { include: ['amount'] }),
    on('events', [{ expression: 'lower(email)', descending: false }]),
    on('events', [{ column: 'email', descending: false, operatorClass: 'text_pattern_ops' }]),
    on('events', ['account_id'], { where: 'deleted_at IS NULL' }),
    on('events', ['at'], { where: "kind = 'refund'" }),
    on('events', ['account_id'], { where: 'deleted_at IS NOT NULL' }),
    on('parts', ['code']),
  ];
  const rough: readonly CandidateIndex[] = [
    on('events', ['at'], { method: 'brin' }),
    on('events', ['tags'], { method: 'gin' }),
    on('events', [{ column: 'payload', descending: false, operatorClass: 'jsonb_path_ops' }], { method: 'gin' }),
    on('events', [{ column: 'email', descending: false, operatorClass: 'gin_trgm_ops' }], { method: 'gin' }),
    on('events', ['during'], { method: 'gist' }),
    on('events', ['token'], { method: 'hash' }),
  ];

  beforeAll(async () => {
    twin = createTwin('postgres', { idleMilliseconds: 60_000 });
    server = await startEmbedded();
    const admin = await server.admin();
    for (const statement of schema) await admin.query(statement);
    await admin.query(rows);
    await admin.query('VACUUM ANALYZE');
    await admin.end();
    connection = await postgres.connect(server.url, {});
    copy = { engine: 'postgres', hash: 'what if', ddl: [], snapshot: await connection.snapshot(), assumedRows: 1_000_000 };
  });
  afterAll(async () => {
    await connection?.close();
    await twin?.close();
    await server?.stop();
  });

  async function really<Answer>(candidate: CandidateIndex, act: (bytes: number) => Promise<Answer>): Promise<Answer> {
    const admin = await server.admin();
    try {
      await admin.query(createIndexSql('postgres', candidate, { name: 'really', concurrently: false }));
      const { rows: sizes } = await admin.query(
        "SELECT sum(pg_relation_size(relid))::float8 AS bytes FROM (SELECT relid FROM pg_partition_tree('really') UNION SELECT 'really'::regclass) t",
      );
      return await act(Number(sizes[0].bytes));
    } finally {
      await admin.query('DROP INDEX really');
      await admin.end();
    }
  }

  it('foretells their sizes', async () => {
    const sizes = await twin.sizes(copy, candidates);
    for (const [at, candidate] of candidates.entries()) {
      const real = await really(candidate, async (bytes) => bytes);
      const ratio = (sizes[at] ?? 0) / real;
      expect.soft(Math.abs(ratio - 1), `${JSON.stringify(candidate)}: ${sizes[at]} for ${real}`).toBeLessThan(0.15);
    }
    const others = await twin.sizes(copy, rough);
    for (const [at, candidate] of rough.entries()) {
      const real = await really(candidate, async (bytes) => bytes);
      const ratio = (others[at] ?? 0) / real;
      expect.soft(ratio, `${JSON.stringify(candidate)}: ${others[at]} for ${real}`).toBeGreaterThan(0.4);
      expect.soft(ratio, `${JSON.stringify(candidate)}: ${others[at]} for ${real}`).toBeLessThan(2.5);
    }
  });

  const cases: readonly (readonly [string, CandidateIndex])[] = [
    ["SELECT * FROM events WHERE token = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", on('events', ['token'])],
    ['SELECT count(*) FROM events WHERE state = 3', on('events', ['state'])],
    ['SELECT * FROM events WHERE account_id = $1 ORDER BY at DESC LIMIT 20', on('events', ['account_id', 'at'])],
    ["SELECT * FROM events WHERE kind = 'refund' ORDER BY at LIMIT 10", on('events', ['at'], { where: "kind = 'refund'" })],
    [
      'SELECT account_id, sum(amount) FROM events WHERE account_id BETWEEN 10 AND 60 GROUP BY account_id',
      on('events', ['account_id'], { include: ['amount'] }),
    ],
    [
      'SELECT e.id FROM events e JOIN events f ON f.account_id = e.account_id AND f.state = e.state WHERE e.id = 7',
      on('events', ['account_id', 'state']),
    ],
    [
      "SELECT * FROM events WHERE email LIKE 'ab12%'",
      on('events', [{ column: 'email', descending: false, operatorClass: 'text_pattern_ops' }]),
    ],
    ['SELECT * FROM parts WHERE code = 5', on('parts', ['code'])],
    ["SELECT * FROM events WHERE at BETWEEN '2025-01-03' AND '2025-01-04'", on('events', ['at'])],
    ['SELECT kind, count(*) FROM events GROUP BY kind', on('events', ['kind'])],
  ];

  it('foretells the plans with them and their costs', async () => {
    for (const [sql, candidate] of cases) {
      const [answer] = await twin.price(copy, [sql], { build: [candidate], hide: [] });
      const like = planned(answer);
      await really(candidate, async () => {
        const real = planned(await connection.explain(sql));
        const name = candidateName(candidate);
        const steps = flat(real).map((step) => step.replace(/\breally\b/, name).replace(/\bparts_(\d)_code_idx\b/, name));
        expect.soft([sql, flat(like)]).toEqual([sql, steps]);
        // Costs are told in hundredths.
        const allowed = Math.max(0.011, real.totalCost * 0.01);
        expect.soft(Math.abs(like.totalCost - real.totalCost), `${sql}: ${like.totalCost} for ${real.totalCost}`).toBeLessThan(allowed);
      });
    }
  });

  it('shows what is asked for and nothing else', async () => {
    const sql = 'SELECT * FROM events WHERE account_id = $1';
    const other = 'SELECT * FROM recent WHERE account_id = $1 AND state = 3';
    const free = planned(await twin.explain(copy, sql));
    const set = { build: [on('events', ['account_id', 'at']), on('events', ['state'])], hide: ['events_account'] };
    const [first, second, nonsense] = await twin.price(copy, [sql, other, 'SELECT nothing FROM events'], set);
    expect(flat(planned(first)).join('\n')).toContain('idx_events_account_id_at');
    expect(planned(first).raw).toBeUndefined();
    expect(flat(planned(second)).join('\n')).not.toContain('events_account ');
    expect(nonsense).toMatchObject({ outcome: 'rejected', rejection: { name: 'nothing' } });
    expect(await twin.price(copy, [sql, other, 'SELECT nothing FROM events'], set)).toEqual([first, second, nonsense]);
    const [without] = await twin.price(copy, [sql], { build: [], hide: ['events_account'] });
    expect(flat(planned(without)).join('\n')).toContain('Seq Scan');
    const [bare] = await twin.price(copy, [sql], { build: [], hide: [] });
    expect(flat(planned(bare))).toEqual(flat(free));
    expect(planned(await twin.explain(copy, sql))).toEqual(free);
  });

  it('passes over what cannot be built', async () => {
    const impossible = [
      on('events', ['nothing']),
      on('events', [{ expression: "to_char(at, 'YYYY')", descending: false }]),
      on('nowhere', ['id']),
    ];
    expect(await twin.sizes(copy, impossible)).toEqual([Infinity, Infinity, Infinity]);
    const [answer] = await twin.price(copy, ['SELECT 1'], { build: impossible, hide: ['nothing'] });
    expect(answer?.outcome).toBe('planned');
  });
});

describe('candidate indexes in the twin of SQLite', () => {
  const twin = createTwin('sqlite', { idleMilliseconds: 60_000 });
  const path = join(mkdtempSync(join(tmpdir(), 'tunelens-test-')), 'app.db');
  let copy: Blueprint;
  beforeAll(async () => {
    const database = new Database(path);
    database.exec(`CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INT, status TEXT, email TEXT, total REAL, at TEXT);
      CREATE INDEX orders_user ON orders(user_id);
      INSERT INTO orders(user_id, status, email, total, at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
        SELECT i * 7919 % 5000, CASE WHEN i % 3 = 0 THEN 'open' ELSE 'done' END, hex(i * 7919 % 60000) || '@example.org', i / 3.0, datetime('2025-01-01', i || ' minutes') FROM n;
      ANALYZE;`);
    database.close();
    const live = await sqlite.connect(path, {});
    copy = { engine: 'sqlite', hash: 'what if', ddl: [], snapshot: await live.snapshot(), assumedRows: 1_000_000 };
    await live.close();
  });
  afterAll(async () => {
    await twin.close();
    rmSync(dirname(path), { recursive: true });
  });
  const candidates = [
    on('orders', ['user_id']),
    on('orders', ['email']),
    on('orders', ['status', 'at']),
    on('orders', ['at'], { include: ['total'] }),
  ];

  it('foretells their sizes', async () => {
    const sizes = await twin.sizes(copy, candidates);
    const database = new Database(path);
    for (const [at, candidate] of candidates.entries()) {
      database.exec(createIndexSql('sqlite', candidate, { name: 'really', concurrently: false }));
      const real = Number(database.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name = 'really'").get()?.bytes);
      database.exec('DROP INDEX really');
      expect.soft(Math.abs((sizes[at] ?? 0) / real - 1), candidateName(candidate)).toBeLessThan(0.15);
    }
    database.close();
  });

  it('shows what is asked for and nothing else', async () => {
    const sql = 'SELECT * FROM orders WHERE user_id = ? ORDER BY at';
    const free = planned(await twin.explain(copy, sql));
    const [both, hidden, bare] = [
      await twin.price(copy, [sql], { build: [on('orders', ['user_id', 'at'])], hide: ['orders_user'] }),
      await twin.price(copy, [sql], { build: [], hide: ['orders_user'] }),
      await twin.price(copy, [sql], { build: [], hide: [] }),
    ];
    expect(flat(planned(both[0]))).toEqual(['SEARCH orders USING INDEX idx_orders_user_id_at (user_id=?)']);
    expect(flat(planned(hidden[0]))).toEqual(['SCAN orders', 'USE TEMP B-TREE FOR ORDER BY']);
    expect(flat(planned(bare[0]))).toEqual(flat(free));
    expect(planned(bare[0]).totalCost).toBe(free.totalCost);
    expect(planned(await twin.explain(copy, sql))).toEqual(free);
    expect(await twin.sizes(copy, [on('orders', ['nothing']), on('orders', ['at'], { method: 'gin' })])).toEqual([Infinity, Infinity]);
  });
});
