/** Every kind of candidate is proposed where it helps, and the real planner takes it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateIndexes, forWorkload } from '../../server/analysis/advisor/candidates.ts';
import { createIndexSql } from '../../server/analysis/ddl.ts';
import type { WhatIf } from '../../server/analysis/facts.ts';
import { parseStatements } from '../../server/analysis/sql/parse.ts';
import type { EngineId } from '../../server/analysis/sql/statement.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import type { Blueprint, Loaded } from '../../server/twin/twin.ts';

/** The statement, and what follows the table's name in an index that must be tried and taken; undefined: none may be. */
type Case = readonly [sql: string, index: string | undefined];

function planned(engine: EngineId, blueprint: Blueprint, cases: readonly Case[]): void {
  describe(`candidate indexes on ${engine}`, () => {
    const twin = createTwin(engine, { idleMilliseconds: 60_000 });
    let loaded: Loaded;
    beforeAll(async () => {
      loaded = await twin.load(blueprint);
      expect(loaded.rejections).toEqual([]);
    });
    afterAll(() => twin.close());
    it.each(cases.map(([sql, index]) => ({ sql, index })))('$sql', async ({ sql, index }) => {
      const statement = parseStatements(sql, [], engine)[0]?.statement;
      if (statement === undefined) throw new Error(sql);
      const candidates = candidateIndexes(statement, loaded.schema, forWorkload);
      const text = ({ candidate }: Pick<WhatIf, 'candidate'>): string =>
        createIndexSql(engine, candidate, { name: 'x', concurrently: false }).replace(/^CREATE INDEX x ON (.*);$/, '$1');
      if (index === undefined) {
        expect(candidates.map((candidate) => text({ candidate }))).toEqual([]);
        return;
      }
      expect(candidates.map((candidate) => text({ candidate }))).toContain(index);
      const tried = await twin.whatIf(blueprint, sql, candidates);
      const taken = tried
        .filter(({ used }) => used)
        .flatMap((each) => [each.candidate, ...(each.also ?? [])].map((candidate) => text({ candidate })));
      expect(taken).toContain(index);
    });
  });
}

planned(
  'postgres',
  {
    engine: 'postgres',
    hash: 'candidates',
    assumedRows: 1_000_000,
    ddl: [
      'CREATE EXTENSION pg_trgm',
      'CREATE TABLE users(id bigint PRIMARY KEY, email text NOT NULL, name varchar(80), team_id int, deleted_at timestamptz, active boolean NOT NULL)',
      'CREATE TABLE orders(id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users(id), status text NOT NULL, placed timestamptz NOT NULL, total int NOT NULL, code text COLLATE "C", payload jsonb, tags text[], words tsvector, during tstzrange)',
      'CREATE TABLE lines(id bigint PRIMARY KEY, order_id bigint NOT NULL, sku text NOT NULL, amount int NOT NULL)',
    ].map((sql, key) => ({ key: String(key), sql })),
  },
  [
    ['SELECT * FROM orders WHERE user_id = $1', 'orders (user_id)'],
    ['SELECT * FROM orders WHERE id = $1', undefined],
    ['SELECT * FROM orders WHERE user_id IN ($1, $2)', 'orders (user_id)'],
    ['SELECT * FROM orders WHERE user_id = ANY ($1)', 'orders (user_id)'],
    ['SELECT * FROM orders WHERE user_id = $1 AND placed > $2', 'orders (user_id, placed)'],
    ['SELECT * FROM orders WHERE (user_id, placed) = ($1, $2)', 'orders (user_id, placed)'],
    ["SELECT * FROM orders WHERE status LIKE 'ab%'", 'orders (status text_pattern_ops)'],
    ["SELECT * FROM users WHERE name LIKE 'ab%'", 'users (name varchar_pattern_ops)'],
    ["SELECT * FROM orders WHERE code LIKE 'ab%'", 'orders (code)'],
    ["SELECT * FROM users WHERE name ILIKE '%abcd%'", 'users USING gin (name gin_trgm_ops)'],
    ['SELECT id FROM orders WHERE user_id = $1 ORDER BY placed DESC, id LIMIT 5', 'orders (user_id, placed DESC, id)'],
    ['SELECT id FROM orders ORDER BY placed DESC NULLS LAST LIMIT 5', 'orders (placed DESC NULLS LAST)'],
    ['SELECT placed AS at FROM orders ORDER BY at LIMIT 5', 'orders (placed)'],
    ['SELECT total, id FROM orders ORDER BY 1 LIMIT 5', 'orders (total)'],
    ['SELECT user_id, count(*) FROM orders WHERE status = $1 GROUP BY user_id', 'orders (status, user_id)'],
    ['SELECT DISTINCT user_id FROM orders WHERE status = $1', 'orders (status, user_id)'],
    ['SELECT max(placed) FROM orders WHERE user_id = $1', 'orders (user_id, placed)'],
    ['SELECT * FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = $1', 'orders (user_id)'],
    [
      'SELECT * FROM users u WHERE u.team_id = $1 AND EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.status = $2)',
      'orders (user_id, status)',
    ],
    ['SELECT u.id, (SELECT sum(total) FROM orders o WHERE o.user_id = u.id) FROM users u WHERE u.email = $1', 'orders (user_id)'],
    ['SELECT * FROM users WHERE id = $1 AND id IN (SELECT user_id FROM orders WHERE status = $2)', 'orders (user_id, status)'],
    ['WITH o AS (SELECT * FROM orders WHERE user_id = $1) SELECT count(*) FROM o', 'orders (user_id)'],
    ['SELECT * FROM (SELECT user_id AS who, total FROM orders) o WHERE o.who = $1', 'orders (user_id)'],
    ['SELECT id FROM users WHERE email = $1 UNION ALL SELECT id FROM orders WHERE status = $2', 'orders (status)'],
    ['UPDATE orders SET total = 0 WHERE user_id = $1', 'orders (user_id)'],
    ['DELETE FROM lines WHERE order_id = $1', 'lines (order_id)'],
    ['DELETE FROM lines USING orders WHERE lines.order_id = orders.id AND orders.status = $1', 'orders (status)'],
    ['SELECT amount FROM lines WHERE order_id = $1', 'lines (order_id) INCLUDE (amount)'],
    ['SELECT id FROM users WHERE email = $1 AND deleted_at IS NULL', 'users (email) WHERE deleted_at IS NULL'],
    ["SELECT id FROM orders WHERE status = 'open' ORDER BY placed LIMIT 5", "orders (placed) WHERE status = 'open'"],
    ['SELECT id FROM users WHERE team_id = $1 AND active', 'users (team_id) WHERE active'],
    [
      "SELECT id FROM orders WHERE user_id = $1 AND status NOT IN ('done', 'failed')",
      "orders (user_id) WHERE status NOT IN ('done', 'failed')",
    ],
    ['SELECT id FROM users WHERE lower(email) = $1', 'users (lower(email))'],
    ["SELECT id FROM orders WHERE payload ->> 'kind' = $1", "orders ((payload ->> 'kind'))"],
    ['SELECT id FROM orders WHERE payload @> \'{"a": 1}\'', 'orders USING gin (payload jsonb_path_ops)'],
    ["SELECT id FROM orders WHERE payload ? 'a'", 'orders USING gin (payload)'],
    ["SELECT id FROM orders WHERE tags @> ARRAY['a']", 'orders USING gin (tags)'],
    ["SELECT id FROM orders WHERE words @@ to_tsquery('a')", 'orders USING gin (words)'],
    ["SELECT id FROM orders WHERE during && '[2026-01-01, 2026-01-02]'::tstzrange", 'orders USING gist (during)'],
    ['SELECT id FROM users WHERE email = $1 OR name = $2', 'users (name)'],
  ],
);

planned(
  'sqlite',
  {
    engine: 'sqlite',
    hash: 'candidates',
    assumedRows: 1_000_000,
    ddl: [
      'CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, team_id INTEGER, deleted_at TEXT)',
      'CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, status TEXT NOT NULL, placed TEXT NOT NULL, total INTEGER NOT NULL, payload TEXT)',
    ].map((sql, key) => ({ key: String(key), sql })),
  },
  [
    ['SELECT * FROM orders WHERE user_id = ?', 'orders (user_id)'],
    ['SELECT * FROM orders WHERE id = ?', undefined],
    ["SELECT * FROM users WHERE name LIKE 'ab%'", 'users (name COLLATE NOCASE)'],
    ["SELECT * FROM users WHERE name GLOB 'ab*'", 'users (name)'],
    ['SELECT * FROM users WHERE email = ? COLLATE NOCASE', 'users (email COLLATE NOCASE)'],
    ['SELECT * FROM users ORDER BY name COLLATE NOCASE LIMIT 5', 'users (name COLLATE NOCASE)'],
    ['SELECT id FROM orders WHERE user_id = ? ORDER BY placed DESC, total LIMIT 5', 'orders (user_id, placed DESC, total)'],
    ['SELECT total FROM orders WHERE user_id = ?', 'orders (user_id, total)'],
    ['SELECT id FROM users WHERE email = ? AND deleted_at IS NULL', 'users (email) WHERE deleted_at IS NULL'],
    ['SELECT id FROM orders WHERE date(placed) = ?', 'orders (date(placed))'],
    ["SELECT id FROM orders WHERE json_extract(payload, '$.kind') = ?", "orders (json_extract(payload, '$.kind'))"],
    ["SELECT id FROM orders WHERE payload ->> 'kind' = ?", "orders ((payload ->> 'kind'))"],
    ['SELECT id FROM users WHERE email = ? OR name = ?', 'users (name)'],
    ['UPDATE orders SET total = 0 WHERE user_id = ? AND status = ?', 'orders (user_id, status)'],
    ['DELETE FROM orders WHERE placed < ?', 'orders (placed)'],
  ],
);
