/** A snapshot of SQLite that went through a file: plans as they are, analysed or not, and as they would be with an index. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../server/analysis/facts.ts';
import type { Connection, Explained } from '../../server/engines/engine.ts';
import { columnSamples } from '../../server/engines/sqlite/column-samples.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import { record } from '../../server/twin/sqlite-samples.ts';
import { asItIs, blueprintOf } from '../../server/workspace/planners.ts';
import { formatSnapshot, parseSnapshot } from '../../server/workspace/snapshots.ts';

const flat = (steps: readonly PlanStep[]): string[] => steps.flatMap((step) => [step.detail, ...flat(step.children)]);
function planned(explained: Explained | undefined): Plan {
  if (explained?.outcome !== 'planned') throw new Error(JSON.stringify(explained));
  return explained.plan;
}
const twin = createTwin('sqlite', { idleMilliseconds: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'tunelens-snapshot-'));
const path = join(folder, 'shop.db');
let database: InstanceType<typeof Database>;
let connection: Connection;

beforeAll(async () => {
  database = new Database(path);
  database.exec(
    `CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, state TEXT, placed TEXT, total REAL, note TEXT);
    CREATE INDEX orders_customer ON orders (customer_id);
    CREATE TABLE tag (order_id INTEGER, word TEXT, PRIMARY KEY (order_id, word)) WITHOUT ROWID;
    INSERT INTO customer SELECT value, 'n' || value % 300, 'c' || value % 7 FROM generate_series(1, 2000);
    INSERT INTO orders SELECT value, 1 + (value * value) % 1999, CASE WHEN value % 40 = 0 THEN 'open' ELSE 'done' END, date('2025-01-01', '+' || (value / 50) || ' days'), value % 1000 / 10.0, 'x' FROM generate_series(1, 30000);
    INSERT INTO tag SELECT 1 + value % 9000, 'w' || value % 11 FROM generate_series(1, 20000) WHERE true ON CONFLICT DO NOTHING;`.replaceAll(
      /generate_series\((\d+), (\d+)\)/g,
      '(WITH RECURSIVE n(value) AS (SELECT $1 UNION ALL SELECT value + 1 FROM n WHERE value < $2) SELECT value FROM n)',
    ),
  );
  connection = await sqlite.connect(path, {});
});
afterAll(async () => {
  await connection.close();
  await twin.close();
  database.close();
  rmSync(folder, { recursive: true });
});
const throughFile = async () =>
  parseSnapshot(
    formatSnapshot(await connection.snapshot(undefined, { thorough: true }), { values: true, database: 'shop.db' }),
    'stats.json',
  );

const statements = [
  'SELECT * FROM orders WHERE customer_id = ?',
  "SELECT * FROM orders WHERE state = 'open'",
  "SELECT * FROM orders WHERE state = 'done'",
  "SELECT * FROM orders WHERE placed > '2026-08-01'",
  "SELECT * FROM orders WHERE placed > '2025-01-10'",
  "SELECT * FROM orders WHERE placed > '2025-01-10' ORDER BY placed LIMIT 5",
  'SELECT c.name, count(*) FROM customer c JOIN orders o ON o.customer_id = c.id WHERE c.country = ? GROUP BY c.name',
  "SELECT o.* FROM orders o JOIN customer c ON c.id = o.customer_id WHERE c.name = 'n5' AND o.state = 'open'",
  "SELECT * FROM tag t JOIN orders o ON o.id = t.order_id WHERE t.word = 'w3'",
];

describe('a snapshot of SQLite', () => {
  it('plans as the file does, before ANALYZE and after', async () => {
    for (const analyse of [false, true]) {
      if (analyse) database.exec('ANALYZE');
      const blueprint = asItIs(blueprintOf(await throughFile(), 1_000_000));
      for (const sql of statements) {
        const real = planned(await connection.explain(sql));
        const like = planned(await twin.explain(blueprint, sql));
        expect([analyse, sql, flat(like.steps), like.totalCost]).toEqual([analyse, sql, flat(real.steps), real.totalCost]);
      }
    }
  });

  it('tells what an index would really do: a range that finds nearly all rows is still a scan', async () => {
    database.exec('ANALYZE');
    const blueprint = blueprintOf(await throughFile(), 1_000_000);
    for (const [column, about] of [
      ['state', [1, 2]],
      ['placed', [3, 4, 5]],
    ] as const) {
      const candidate = { table: 'orders', keys: [{ column, descending: false }], include: [] };
      const foreseen = [];
      for (const at of about) foreseen.push((await twin.whatIf(blueprint, statements[at] ?? '', [candidate]))[0]);
      database.exec(`CREATE INDEX idx_orders_${column} ON orders (${column}); ANALYZE`);
      for (const [place, at] of about.entries()) {
        const real = planned(await connection.explain(statements[at] ?? ''));
        expect([statements[at], flat(foreseen[place]?.plan.steps ?? [])]).toEqual([statements[at], flat(real.steps)]);
      }
      database.exec(`DROP INDEX idx_orders_${column}`);
    }
  });
});

describe('what ANALYZE would keep', () => {
  it('is a record as SQLite writes it', () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ maxLength: 80 }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const bytes = record(values);
        // The length of the header, which is followed by exactly what it announces.
        let at = 0;
        const variable = (): number => {
          let result = 0;
          for (;;) {
            const byte = bytes[at++] ?? 0;
            result = result * 128 + (byte & 0x7f);
            if (byte < 128) return result;
          }
        };
        const header = variable();
        const types: number[] = [];
        while (at < header) types.push(variable());
        expect(types).toHaveLength(values.length);
        const size = (type: number): number => (type >= 13 ? (type - 13) / 2 : type === 6 || type === 7 ? 8 : 0);
        expect(bytes.length).toBe(header + types.reduce((sum, type) => sum + size(type), 0));
      }),
    );
  });

  it('is at most two dozen values, in order, with shares of the whole', () => {
    const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.string({ maxLength: 3 }), fc.constant(null));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), (values) => {
        const counts = new Map<unknown, number>();
        for (const each of values) counts.set(each, (counts.get(each) ?? 0) + 1);
        const samples = columnSamples(counts) ?? [];
        expect(samples.length).toBeGreaterThan(0);
        expect(samples.length).toBeLessThanOrEqual(24);
        samples.forEach(([, equal, less, distinct], at) => {
          expect(equal + less).toBeLessThanOrEqual(1.0002);
          expect(less).toBeGreaterThanOrEqual(samples[at - 1]?.[2] ?? 0);
          expect(distinct).toBeGreaterThanOrEqual(samples[at - 1]?.[3] ?? 0);
        });
      }),
    );
    expect(columnSamples(new Map([[new Uint8Array(2), 1]]))).toBeUndefined();
  });
});
