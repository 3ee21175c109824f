/** "Why no index?", asked of real planners. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidateIndexes } from '../../server/analysis/advisor/candidates.ts';
import { refusalFor } from '../../server/analysis/advisor/refusals.ts';
import { parseStatements } from '../../server/analysis/sql/parse.ts';
import type { EngineId } from '../../server/analysis/sql/statement.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import type { Blueprint, Loaded } from '../../server/twin/twin.ts';

type Case = readonly [sql: string, code: string | undefined, words?: string];

function asked(engine: EngineId, make: () => Blueprint, cases: readonly Case[]): void {
  describe(`why no index, on ${engine}`, () => {
    const twin = createTwin(engine, { idleMilliseconds: 60_000 });
    let blueprint: Blueprint;
    let loaded: Loaded;
    beforeAll(async () => {
      blueprint = make();
      loaded = await twin.load(blueprint);
    });
    afterAll(() => twin.close());
    it.each(cases.map(([sql, code, words]) => ({ sql, code, words })))('$sql', async ({ sql, code, words }) => {
      const statement = parseStatements(sql, [], engine)[0]?.statement;
      if (statement === undefined) throw new Error(sql);
      const explained = await twin.explain(blueprint, sql);
      const rows = new Map((blueprint.snapshot?.tables ?? []).map((table) => [table.table, table.rows]));
      const candidates = candidateIndexes(statement, loaded.schema);
      const refusal = refusalFor({
        statement,
        schema: loaded.schema,
        plan: explained.outcome === 'planned' ? explained.plan : undefined,
        tried: await twin.whatIf(blueprint, sql, candidates),
        rows: (table) => rows.get(table),
        smallTable: 1000,
        worthwhile: 0.2,
      });
      expect(refusal?.code, refusal?.reason).toBe(code);
      if (words !== undefined) expect(refusal?.reason).toContain(words);
    });
  });
}

const postgresDdl = [
  'CREATE TABLE orders(id bigint PRIMARY KEY, user_id bigint NOT NULL, status text NOT NULL, placed timestamptz NOT NULL, note text, tags text[], active boolean NOT NULL, code integer NOT NULL)',
  'CREATE INDEX orders_user ON orders(user_id)',
  'CREATE INDEX orders_status ON orders(status)',
  'CREATE INDEX orders_placed ON orders(placed)',
  'CREATE INDEX orders_note ON orders(note)',
  'CREATE TABLE countries(id int PRIMARY KEY, code text NOT NULL)',
  'CREATE VIEW recent AS SELECT * FROM orders',
];
const column = (attname: string, more: object): object => ({
  schemaname: 'public',
  tablename: 'orders',
  attname,
  inherited: false,
  null_frac: 0,
  avg_width: 8,
  n_distinct: -1,
  correlation: 0,
  ...more,
});
asked(
  'postgres',
  () => ({
    engine: 'postgres',
    hash: 'refusals',
    ddl: [],
    assumedRows: 1_000_000,
    snapshot: {
      engine: 'postgres',
      label: 'x',
      version: '18',
      ddl: postgresDdl,
      tables: [
        { table: 'orders', rows: 2_000_000 },
        { table: 'countries', rows: 249 },
      ],
      planner: {
        relations: [],
        settings: {},
        byteOrder: false,
        columns: [
          column('id', {}),
          column('user_id', { n_distinct: 50_000 }),
          column('status', { n_distinct: 3, most_common_vals: '{done,open,failed}', most_common_freqs: '{0.62,0.3799,0.0001}' }),
          column('placed', { correlation: 0.1 }),
          column('note', { avg_width: 60 }),
          column('active', { n_distinct: 2, most_common_vals: '{t,f}', most_common_freqs: '{0.9,0.1}' }),
          column('code', { n_distinct: 9 }),
          column('tags', { avg_width: 40 }),
        ],
      },
    },
  }),
  [
    ['SELECT * FROM countries WHERE code = $1', 'too-few-rows', 'countries has 249 rows'],
    ["SELECT * FROM orders WHERE status = 'done'", 'not-selective', 'it finds 62 % of orders, so orders_status is not used'],
    ['SELECT note FROM orders WHERE active', 'not-selective', '90 %'],
    ['SELECT * FROM orders WHERE user_id = $1', 'index-exists', 'orders_user already leads'],
    ['SELECT * FROM orders WHERE id = $1', 'index-exists', 'primary key of orders'],
    [
      "SELECT * FROM orders WHERE placed::date = '2026-01-01'",
      'not-sargable',
      'orders_placed cannot be searched for it: compare placed with the beginning',
    ],
    ['SELECT * FROM orders WHERE note = $1', 'index-exists'],
    ["SELECT * FROM orders WHERE note LIKE 'abc%'", undefined],
    ["SELECT * FROM orders WHERE note ILIKE '%abc%'", 'needs-extension', 'CREATE EXTENSION pg_trgm'],
    ['SELECT note FROM orders', 'no-condition'],
    ['SELECT count(*) FROM orders GROUP BY note || status', 'no-condition'],
    ["SELECT note FROM orders WHERE status <> 'failed'", 'negation', "status <> 'failed' leaves nearly all"],
    ['SELECT note FROM orders WHERE $1 = ANY (tags)', 'array-element', 'tags @> ARRAY'],
    ['INSERT INTO orders(id) VALUES (1)', 'writes-only'],
    ['SELECT 1', 'no-table'],
    ['SELECT * FROM recent', 'not-a-table'],
    ['SELECT * FROM nowhere WHERE x = 1', 'not-planned'],
    ["SELECT note FROM orders WHERE code = $1 OR note <> 'x'", 'or-arms'],
  ],
);

asked(
  'sqlite',
  () => ({
    engine: 'sqlite',
    hash: 'refusals',
    assumedRows: 1_000_000,
    ddl: [
      'CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, is_active INTEGER NOT NULL, at TEXT)',
      'CREATE INDEX users_name ON users(name)',
      'CREATE INDEX users_email ON users(email)',
      'CREATE INDEX users_at ON users(at)',
    ].map((sql, key) => ({ key: String(key), sql })),
  }),
  [
    ['SELECT * FROM users WHERE name = ?', 'index-exists', 'users_name'],
    ["SELECT is_active FROM users WHERE name LIKE 'ab%'", undefined],
    ['SELECT is_active FROM users WHERE email = ? COLLATE NOCASE', undefined],
    ["SELECT is_active FROM users WHERE date(at) = '2026-01-01'", undefined],
    ["SELECT is_active FROM users WHERE name LIKE '%ab%'", 'leading-wildcard', 'FTS5'],
    ['SELECT * FROM users', 'no-condition'],
  ],
);
