/** An advised index changes the plan on real rows as the twin said, and never the result. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepsOf } from '../../server/analysis/advisor/plans.ts';
import type { Connection } from '../../server/engines/engine.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import type { Advice } from '../../server/workspace/advice.ts';
import { createProject } from '../../server/workspace/create-project.ts';
import type { Project } from '../../server/workspace/project.ts';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';

/** Columns of a generated table: how many different values each has, and of which kind. */
interface GeneratedTable {
  readonly rows: number;
  readonly key: number;
  readonly word: number;
  readonly day: number;
  readonly rare: number;
}
interface World {
  readonly tables: readonly GeneratedTable[];
  readonly queries: readonly string[];
}

const table = fc.record({
  rows: fc.integer({ min: 4000, max: 12000 }),
  key: fc.integer({ min: 40, max: 3000 }),
  word: fc.integer({ min: 20, max: 2000 }),
  day: fc.integer({ min: 100, max: 900 }),
  rare: fc.integer({ min: 20, max: 200 }),
});
/** Every question has one right answer: rows are compared as a set, and what a LIMIT leaves is ordered by a unique key. */
const query = (count: number) =>
  fc
    .record({
      shape: fc.integer({ min: 0, max: 8 }),
      at: fc.integer({ min: 0, max: count - 1 }),
      other: fc.integer({ min: 0, max: count - 1 }),
      value: fc.integer({ min: 1, max: 35 }),
    })
    .map(({ shape, at, other, value }) => {
      const t = `t${at}`;
      switch (shape) {
        case 0:
          return `SELECT id, word FROM ${t} WHERE key = ${value}`;
        case 1:
          return `SELECT id FROM ${t} WHERE key = ${value} AND day BETWEEN 20 AND 60`;
        case 2:
          return `SELECT id, day FROM ${t} WHERE word = 'w${value}' ORDER BY day DESC, id LIMIT 5`;
        case 3:
          return `SELECT count(*), sum(day) FROM ${t} WHERE rare IS NOT NULL AND word = 'w${value}'`;
        case 4:
          return `SELECT a.id, b.id AS other FROM ${t} a JOIN t${other} b ON b.key = a.id WHERE a.word = 'w${value}'`;
        case 5:
          return `SELECT id FROM ${t} WHERE lower(word) = 'w${value}'`;
        case 6:
          return `SELECT id, key FROM ${t} ORDER BY day, id LIMIT 10`;
        case 7:
          return `SELECT id FROM ${t} WHERE key IN (${value}, ${value + 1}, ${value + 2}) AND flag = 1`;
        default:
          return `SELECT a.id FROM ${t} a WHERE a.key = ${value} AND NOT EXISTS (SELECT 1 FROM t${other} b WHERE b.key = a.day AND b.word = 'w1')`;
      }
    });
const worlds = fc
  .array(table, { minLength: 1, maxLength: 3 })
  .chain((tables) =>
    fc.record({ tables: fc.constant(tables), queries: fc.uniqueArray(query(tables.length), { minLength: 2, maxLength: 6 }) }),
  );

/** Columns as expressions on a row's number `i`; both engines take them. */
const values = ({ key, word, day, rare }: GeneratedTable): string =>
  `i, (i * 7919) % ${key}, 'w' || ((i * 104729) % ${word}), (i * 31) % ${day}, CASE WHEN i % ${rare} = 0 THEN i END, CASE WHEN i % 9 = 0 THEN 1 ELSE 0 END, 'some text that makes a row as long as rows are ' || i`;

let folder: string;
let project: Project;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tunelens-advised-'));
  project = createProject({ roots: [folder], trusted: true, log: () => {} });
});
afterAll(async () => {
  await project.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Real {
  readonly url: string;
  rows(sql: string): Promise<readonly unknown[]>;
  run(sql: string): Promise<unknown>;
  connect(): Promise<Connection>;
}
const asSet = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

/** Answers how many indexes were proposed. */
async function holds(world: World, real: Real): Promise<number> {
  const file = join(folder, 'workload.sql');
  writeFileSync(file, world.queries.map((sql) => `${sql};\n`).join(''));
  const connected = await project.connect(real.url);
  let advice: Advice;
  try {
    advice = await project.advise({ paths: [], workload: [file] });
  } finally {
    await project.disconnect(connected.label);
  }
  const results = new Map<string, string[]>();
  for (const sql of world.queries) results.set(sql, asSet(await real.rows(sql)));
  for (const { ddl } of advice.indexes) await real.run(ddl.replace('CONCURRENTLY ', ''));
  // So that expressions have statistics of their own, as they would by the next morning.
  await real.run('ANALYZE');
  const names = new Set(advice.indexes.map(({ name }) => name));
  const connection = await real.connect();
  try {
    for (const statement of advice.statements) {
      const indexes = advice.indexes.filter(({ statements }) => statements.includes(statement.id));
      const explained = await connection.explain(statement.sql);
      if (explained.outcome !== 'planned') throw new Error(`${statement.sql} has no plan`);
      const used = stepsOf(explained.plan).flatMap((step) => (step.index !== undefined && names.has(step.index) ? [step.index] : []));
      const context = `${statement.sql}\n${advice.indexes.map(({ ddl }) => ddl).join('\n')}`;
      // What the twin said it would use, the real planner uses; and it is as much cheaper.
      for (const { name } of indexes) expect(used, context).toContain(name);
      if (indexes.length > 0) expect(explained.plan.totalCost, context).toBeLessThan(statement.costBefore ?? 0);
    }
  } finally {
    await connection.close();
  }
  for (const sql of world.queries) expect(asSet(await real.rows(sql)), sql).toEqual(results.get(sql));
  return advice.indexes.length;
}

describe('an advised index changes the plan as foreseen, and never the result', () => {
  test('on SQLite files', async () => {
    let number = 0;
    let proposed = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const path = join(folder, `${number++}.db`);
        const database = new Database(path);
        for (const [at, each] of world.tables.entries()) {
          database.exec(`CREATE TABLE t${at} (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, word TEXT NOT NULL, day INTEGER NOT NULL, rare INTEGER, flag INTEGER NOT NULL, note TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${each.rows}) INSERT INTO t${at} SELECT ${values(each)} FROM n;`);
        }
        database.exec('ANALYZE');
        try {
          proposed += await holds(world, {
            url: path,
            rows: async (sql) => database.prepare(sql).all(),
            run: async (sql) => database.exec(sql),
            connect: () => sqlite.connect(path, {}),
          });
        } finally {
          database.close();
        }
      }),
      { numRuns: 8, seed: 11 },
    );
    expect(proposed).toBeGreaterThan(8);
  }, 240_000);
});

describe('the same on a real PostgreSQL', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startEmbedded();
  }, 60_000);
  afterAll(() => server?.stop());

  test('on generated tables', async () => {
    let number = 0;
    let proposed = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const name = `advised_${number++}`;
        const admin = await server.admin();
        await admin.query(`CREATE DATABASE ${name}`);
        await admin.end();
        const client: Client = await server.admin(name);
        for (const [at, each] of world.tables.entries()) {
          await client.query(
            `CREATE TABLE t${at} (id int PRIMARY KEY, key int NOT NULL, word text NOT NULL, day int NOT NULL, rare int, flag int NOT NULL, note text)`,
          );
          await client.query(`INSERT INTO t${at} SELECT ${values(each)} FROM generate_series(1, ${each.rows}) i`);
        }
        await client.query('VACUUM ANALYZE');
        const url = server.url.replace(/\/postgres$/, `/${name}`);
        try {
          proposed += await holds(world, {
            url,
            rows: async (sql) => (await client.query(sql)).rows,
            run: (sql) => client.query(sql),
            connect: () => postgres.connect(url, {}),
          });
        } finally {
          await client.end();
        }
      }),
      { numRuns: 5, seed: 12 },
    );
    expect(proposed).toBeGreaterThan(5);
  }, 240_000);
});
