/** A rewritten statement gives what the one before gave: on both real engines, with data that nobody chose. */
import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../../server/analysis/advisor/blocks.ts';
import { eithersOf, unionOfArms } from '../../server/analysis/advisor/either-form.ts';
import { asksExistence, countAsExists } from '../../server/analysis/advisor/existence-form.ts';
import { groupedForm } from '../../server/analysis/advisor/grouped-form.ts';
import { keysetForm } from '../../server/analysis/advisor/keyset-form.ts';
import { sargableForm } from '../../server/analysis/advisor/sargable-form.ts';
import { hiddenSemiJoin, semiJoinForm } from '../../server/analysis/advisor/semi-join-form.ts';
import { correlatedSubqueries } from '../../server/analysis/advisor/subqueries.ts';
import { idleUnions, unionAllForm } from '../../server/analysis/advisor/union-form.ts';
import { wrappedIn } from '../../server/analysis/advisor/wrapped.ts';
import type { Query } from '../../server/analysis/document.ts';
import type { PlanStep } from '../../server/analysis/facts.ts';
import type { Fix } from '../../server/analysis/fix.ts';
import { reader as javascript } from '../../server/analysis/readers/javascript.ts';
import { reader } from '../../server/analysis/readers/sql.ts';
import type { AnyRule } from '../../server/analysis/rule.ts';
import { giantInList } from '../../server/analysis/rules/sql/giant-in-list.ts';
import { implicitCast } from '../../server/analysis/rules/sql/implicit-cast.ts';
import { notInNullable } from '../../server/analysis/rules/sql/not-in-nullable.ts';
import { orderByExpression } from '../../server/analysis/rules/sql/order-by-expression.ts';
import { singleRowInserts } from '../../server/analysis/rules/sql/single-row-inserts.ts';
import { buildSchema } from '../../server/analysis/sql/build-schema.ts';
import { findTable, type Schema } from '../../server/analysis/sql/schema.ts';
import type { EngineId } from '../../server/analysis/sql/statement.ts';
import { expressionsIn } from '../../server/analysis/sql/walk.ts';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import { loadGrammars, readContext, readText } from '../support/syntax.ts';

const engines = ['sqlite', 'postgres'] as const;
const ddl: Readonly<Record<EngineId, string>> = {
  sqlite: `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, state TEXT NOT NULL, total INTEGER NOT NULL, at TEXT NOT NULL);`,
  postgres: `CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, state text NOT NULL, total bigint NOT NULL, at timestamp NOT NULL);`,
};

interface Data {
  readonly customers: readonly { readonly name: string; readonly country: string }[];
  readonly orders: readonly { readonly customer: number | null; readonly state: string; readonly total: number; readonly at: string }[];
}
/** Moments on and beside the borders of days, months and years. */
const moments = [
  '2023-12-31 23:59:59',
  '2024-01-01 00:00:00',
  '2024-02-28 12:00:00',
  '2024-02-29 00:00:00',
  '2024-02-29 23:59:59',
  '2024-03-01 00:00:00',
  '2024-12-31 23:59:59',
  '2025-01-01 00:00:00',
];
const data: fc.Arbitrary<Data> = fc.record({
  customers: fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), country: fc.constantFrom('NO', 'SE') }), { maxLength: 6 }),
  orders: fc.array(
    fc.record({
      customer: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 6 }),
      state: fc.constantFrom('open', 'paid'),
      total: fc.integer({ min: -2, max: 6 }),
      at: fc.constantFrom(...moments),
    }),
    { maxLength: 12 },
  ),
});

const sqlite = new Database(':memory:');
let server: Server;
let client: Client;
const schemas = new Map<EngineId, Schema>();
beforeAll(async () => {
  server = await startEmbedded();
  client = await server.admin();
  await client.query(`SET TimeZone = 'UTC'; ${ddl.postgres}`);
  sqlite.exec(ddl.sqlite);
  for (const engine of engines) {
    const queries = read(engine, ddl[engine]);
    schemas.set(
      engine,
      buildSchema(
        engine,
        queries.map((query) => ({ path: '/schema.sql', query })),
      ),
    );
  }
});
afterAll(async () => {
  sqlite.close();
  await client?.end();
  await server?.stop();
});

function read(engine: EngineId, text: string): readonly Query[] {
  return document(engine, text).queries;
}
function document(engine: EngineId, text: string) {
  return reader.read({ path: '/data/query.sql', language: 'sql', text }, readContext(engine));
}

async function fill(engine: EngineId, { customers, orders }: Data): Promise<void> {
  const text = [
    'DELETE FROM orders; DELETE FROM customers;',
    ...customers.map(({ name, country }, index) => `INSERT INTO customers VALUES (${index + 1}, '${name}', '${country}');`),
    ...orders.map(
      ({ customer, state, total, at }, index) =>
        `INSERT INTO orders VALUES (${index + 1}, ${customer ?? 'NULL'}, '${state}', ${total}, '${at}');`,
    ),
  ].join('\n');
  await run(engine, text);
}
async function run(engine: EngineId, text: string): Promise<void> {
  if (engine === 'sqlite') sqlite.exec(text);
  else await client.query(text);
}
/** The rows as texts; `values` are bound to `$1`, `$2` … on PostgreSQL and to the names on SQLite. */
async function rows(engine: EngineId, sql: string, values: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
  if (engine === 'sqlite')
    return sqlite
      .prepare(sql)
      .all(values)
      .map((row) => JSON.stringify(Object.values(row)));
  let text = sql;
  for (const [index, name] of Object.keys(values).entries()) text = text.replaceAll(`:${name}`, `$${index + 1}`);
  const answer = await client.query({ text, values: Object.values(values), rowMode: 'array' });
  return answer.rows.map((row) => JSON.stringify(row));
}

/** The text after a fix: edits made, or what a script says to write. */
function applied(text: string, fix: Fix): string {
  if (fix.kind === 'script') return fix.text.slice(fix.text.indexOf('-- write\n') + '-- write\n'.length).replace(/;$/, '');
  let result = text;
  for (const { span, text: replacement } of [...fix.edits].reverse())
    result = result.slice(0, span.start) + replacement + result.slice(span.end);
  return result;
}

type Rewrite = (query: Query, schema: Schema) => Fix | undefined;
const sorted = (list: string[]): string[] => list.sort();

/** Statement after statement, each with data of its own. `all`: every one of them must be rewritten; else those that are must stay the same. */
async function holds(engine: EngineId, statement: fc.Arbitrary<string>, rewrite: Rewrite, all = true, order = sorted): Promise<void> {
  const schema = schemas.get(engine) as Schema;
  let rewritten = 0;
  await fc.assert(
    fc.asyncProperty(statement, data, async (sql, filled) => {
      const [query] = read(engine, sql);
      const fix = query && rewrite(query, schema);
      if (fix === undefined && !all) return;
      if (fix === undefined) throw new Error(`not rewritten: ${sql}`);
      rewritten++;
      const after = applied(sql, fix);
      expect(after).not.toBe(sql);
      expect(read(engine, after)[0]?.statement.complete, after).not.toBe(false);
      await fill(engine, filled);
      expect(order(await rows(engine, after)), after).toEqual(order(await rows(engine, sql)));
    }),
    { numRuns: all ? 60 : 400 },
  );
  // A property that concerns none of its runs proves nothing.
  expect(rewritten).toBeGreaterThan(0);
}

const number = fc.integer({ min: -1, max: 5 });
const state = fc.constantFrom('open', 'paid');
const country = fc.constantFrom('NO', 'SE');

describe.each(engines)('%s', (engine) => {
  test('a count compared with none or one asks with EXISTS', async () => {
    const comparison = fc.constantFrom('> 0', '>= 1', '<> 0', '= 0', '< 1', '!= 0');
    const statement = fc
      .tuple(comparison, number, fc.constantFrom('', 'NOT '), fc.constantFrom('AND', 'OR'), country)
      .map(
        ([compared, total, not, link, place]) =>
          `SELECT id FROM customers c WHERE ${not}((SELECT count(*) FROM orders o WHERE o.customer_id = c.id AND o.total > ${total}) ${compared}) ${link} c.country = '${place}'`,
      );
    await holds(engine, statement, (query) => {
      for (const { conditions } of blocksOf(query.statement))
        for (const condition of conditions)
          for (const part of expressionsIn(condition))
            if (part.kind === 'binary' && asksExistence(part) !== undefined) return countAsExists(query, part, true);
      return undefined;
    });
  });

  test('NOT IN becomes NOT EXISTS: the same as if no row had NULL', async () => {
    const schema = schemas.get(engine) as Schema;
    const condition = fc
      .tuple(number, state)
      .map(([total, is]) => [
        ``,
        ` WHERE o.total > ${total}`,
        ` WHERE (o.state = '${is}' OR o.total > ${total})`,
        ` WHERE o.state = '${is}' OR o.total > ${total}`,
      ]);
    await fc.assert(
      fc.asyncProperty(condition, fc.nat(3), data, async (conditions, index, filled) => {
        const sql = `SELECT c.name FROM customers c WHERE c.id NOT IN (SELECT o.customer_id FROM orders o${conditions[index]})`;
        const [query] = read(engine, sql);
        if (query === undefined) throw new Error(sql);
        const known = { grade: 'static', source: 'test', schema, table: (name: string) => findTable(schema, name) } as const;
        const [report] = notInNullable.check({ document: document(engine, sql), query, index: 0 }, { schema: known });
        const fix = report?.fixes?.[0];
        if (fix === undefined) throw new Error(`not rewritten: ${sql}`);
        await fill(engine, filled);
        const before = await rows(engine, sql.replace('orders o', '(SELECT * FROM orders WHERE customer_id IS NOT NULL) o'));
        expect((await rows(engine, applied(sql, fix))).sort()).toEqual(before.sort());
      }),
      { numRuns: 60 },
    );
  });

  test('UNION becomes UNION ALL where nothing repeats', async () => {
    const statement = fc.oneof(
      fc
        .tuple(number, number)
        .map(
          ([one, other]) =>
            `SELECT 'c' AS kind, id FROM customers WHERE id > ${one} UNION SELECT 'o', id FROM orders WHERE total > ${other} ORDER BY kind, id`,
        ),
      fc
        .tuple(number, number)
        .map(
          ([one, other]) =>
            `SELECT id, total FROM orders WHERE state = 'open' AND total > ${one} UNION SELECT id, total FROM orders WHERE state = 'paid' AND total < ${other}`,
        ),
      number.map(
        (one) =>
          `SELECT 1 AS kind, state, count(*) FROM orders WHERE total > ${one} GROUP BY state UNION SELECT 2, state, count(*) FROM orders GROUP BY state`,
      ),
      number.map(
        (one) =>
          `SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE total > ${one} UNION SELECT customer_id FROM orders WHERE state = 'open')`,
      ),
    );
    await holds(engine, statement, (query, schema) => {
      const [found] = idleUnions(query.statement, schema);
      return found && unionAllForm(query, found.select);
    });
  });

  test('UNION of anything stays what it is, or gives the same', async () => {
    // The arms of one statement have the same types, or PostgreSQL refuses it.
    const numbers = fc.constantFrom('id, total', 'id, total', 'total, id', '1, total', '2, id', 'max(id), sum(total)');
    const texts = fc.constantFrom(`'x', id`, `'y', id`, `'z', total`, 'state, total', 'state, count(*)');
    const filter = fc.constantFrom(
      '',
      ` WHERE state = 'open'`,
      ` WHERE state = 'paid'`,
      ' WHERE total = 1',
      ' WHERE total = 2',
      ` WHERE state = 'paid' AND total > 1`,
    );
    const arm = (shown: fc.Arbitrary<string>) =>
      fc
        .tuple(shown, filter)
        .map(([columns, where]) => `SELECT ${columns} FROM orders${where}${columns.startsWith('state, count') ? ' GROUP BY state' : ''}`);
    const arms = (shown: fc.Arbitrary<string>) => fc.array(arm(shown), { minLength: 2, maxLength: 3 });
    const statement = fc
      .tuple(fc.oneof(arms(numbers), arms(texts)), fc.constantFrom('UNION', 'UNION ALL'))
      .map(([list, operator]) =>
        list.slice(1).reduce((sum, next, index) => `${sum} ${index === 0 ? 'UNION' : operator} ${next}`, list[0] ?? ''),
      );
    await holds(
      engine,
      statement,
      (query, schema) => {
        const [found] = idleUnions(query.statement, schema);
        return found && unionAllForm(query, found.select);
      },
      false,
    );
  });

  test('DISTINCT of anything stays what it is, or gives the same', async () => {
    const shown = fc.constantFrom('c.id', 'c.id, c.name', 'c.name', 'c.id, o.state', 'o.id', 'o.id, c.id', 'c.*');
    const join = fc.constantFrom('JOIN', 'LEFT JOIN', 'CROSS JOIN');
    const link = fc.constantFrom('o.customer_id = c.id', 'o.customer_id < c.id', 'o.id = c.id', `c.country = 'NO'`);
    const filter = fc.constantFrom(
      '',
      ` WHERE o.state = 'open'`,
      ` WHERE c.name = 'a' OR o.total > 1`,
      ` WHERE o.total > c.id AND c.name < 'c'`,
    );
    const statement = fc
      .tuple(shown, fc.constantFrom('customers c', 'orders o'), join, link, filter)
      .map(([columns, first, word, on, where]) => {
        const second = first === 'orders o' ? 'customers c' : 'orders o';
        return `SELECT DISTINCT ${columns} FROM ${first} ${word} ${second}${word === 'CROSS JOIN' ? '' : ` ON ${on}`}${where}`;
      });
    await holds(
      engine,
      statement,
      (query, schema) => {
        const [block] = blocksOf(query.statement);
        const found = block && hiddenSemiJoin(query, block, schema);
        return block && found && semiJoinForm(query, block, found, schema);
      },
      false,
    );
  });

  test('DISTINCT over a join becomes EXISTS', async () => {
    const statement = fc.oneof(
      fc
        .tuple(number, country)
        .map(
          ([total, place]) =>
            `SELECT DISTINCT c.id, c.name FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total > ${total} AND (c.country = '${place}' OR c.name = 'a')`,
        ),
      fc
        .tuple(number, state)
        .map(
          ([total, is]) =>
            `SELECT DISTINCT c.id AS number FROM orders o, customers c WHERE (o.state = '${is}' OR c.name = 'b') AND o.customer_id = c.id AND o.total < ${total} ORDER BY number`,
        ),
      number.map(
        (total) =>
          `SELECT DISTINCT c.* FROM customers c JOIN orders o ON o.customer_id = c.id JOIN orders p ON p.customer_id = o.customer_id AND p.total > ${total}`,
      ),
    );
    await holds(engine, statement, (query, schema) => {
      const [block] = blocksOf(query.statement);
      const found = block && hiddenSemiJoin(query, block, schema);
      return block && found && semiJoinForm(query, block, found, schema);
    });
  });

  test('a subquery for each row becomes one grouped query that is joined', async () => {
    const aggregate = fc.constantFrom(
      'count(*)',
      'count(o.total)',
      'sum(o.total)',
      'min(o.total)',
      'max(o.total)',
      'count(DISTINCT o.total)',
    );
    const statement = fc
      .tuple(
        aggregate,
        number,
        fc.constantFrom('', ` WHERE c.country = 'NO'`, ` WHERE (c.country = 'NO' OR c.id > 2)`),
        fc.constantFrom('', ' ORDER BY c.name'),
      )
      .map(
        ([made, total, where, order]) =>
          `SELECT c.name, (SELECT ${made} FROM orders o WHERE o.customer_id = c.id AND (o.total > ${total} OR o.state = 'open')) AS made FROM customers c${where}${order}`,
      );
    await holds(engine, statement, (query, schema) => {
      const [found] = correlatedSubqueries(query.statement, schema);
      return found && groupedForm(query, found, schema);
    });
  });

  test('OR across tables becomes one query a side', async () => {
    const statement = fc
      .tuple(number, state, country, fc.constantFrom('', ' AND o.total >= 0'), fc.constantFrom('(', ''))
      .map(([id, is, place, more, bracket]) => {
        const either = `o.customer_id = ${id} AND o.state > 'n' OR c.country = '${place}' OR o.state = '${is}'`;
        const condition = more === '' && bracket === '' ? either : `(${either})`;
        return `SELECT c.name, o.id FROM customers c JOIN orders o ON o.id >= c.id WHERE ${condition}${more}`;
      });
    await holds(engine, statement, (query, schema) => {
      const [block] = blocksOf(query.statement);
      const [either] = block ? eithersOf(block, schema) : [];
      return block && either && unionOfArms(query, block, either);
    });
  });

  test('pages that go on after the last row are those of OFFSET', async () => {
    const schema = schemas.get(engine) as Schema;
    const order = fc.constantFrom('id', 'id DESC', 'total', 'total DESC', 'state, total', 'state, total DESC', 'state DESC, id');
    const where = fc.constantFrom('', ` WHERE state = 'open'`, ` WHERE state = 'open' OR total > 2`);
    await fc.assert(
      fc.asyncProperty(order, where, fc.integer({ min: 1, max: 4 }), data, async (by, filter, size, filled) => {
        const sql = `SELECT id, state, total FROM orders${filter} ORDER BY ${by} LIMIT ${size} OFFSET :skip`;
        const [query] = read(engine, sql);
        const block = query && blocksOf(query.statement)[0];
        const fix = query && block?.node.kind === 'select' ? keysetForm(query, block, block.node, schema) : undefined;
        if (fix === undefined) throw new Error(`not rewritten: ${sql}`);
        const next = applied(sql, fix);
        await fill(engine, filled);
        const keyed = next.slice(next.indexOf('ORDER BY'), next.indexOf(' LIMIT'));
        const wanted = await rows(engine, `SELECT id, state, total FROM orders${filter} ${keyed}`);
        const found = await rows(engine, `SELECT id, state, total FROM orders${filter} ${keyed} LIMIT ${size}`);
        for (let page = found; page.length > 0; ) {
          const [id, is, total] = JSON.parse(page.at(-1) ?? '[]');
          const last = { last_id: id, last_state: is, last_total: total };
          const used = Object.fromEntries(Object.entries(last).filter(([name]) => next.includes(`:${name}`)));
          page = await rows(engine, next, used);
          found.push(...page);
          expect(found.length).toBeLessThanOrEqual(wanted.length);
        }
        expect(found).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('parts of a time become a range', async () => {
    const operator = fc.constantFrom('=', '<', '>', '<=', '>=');
    const day = fc.constantFrom('2023-12-31', '2024-01-01', '2024-02-28', '2024-02-29', '2024-03-01', '2024-12-31');
    const both = [
      fc.tuple(operator, day).map(([compared, value]) => `date(at) ${compared} '${value}'`),
      fc.tuple(operator, day).map(([compared, value]) => `'${value}' ${compared} date(at)`),
      fc.tuple(day, day).map(([low, high]) => `date(at) BETWEEN '${low}' AND '${high}'`),
    ];
    const own =
      engine === 'sqlite'
        ? [
            fc
              .tuple(operator, fc.constantFrom('2024-02', '2023-12', '2024-12'))
              .map(([compared, value]) => `strftime('%Y-%m', at) ${compared} '${value}'`),
            fc.tuple(operator, fc.constantFrom('2023', '2024')).map(([compared, value]) => `strftime('%Y', at) ${compared} '${value}'`),
          ]
        : [
            fc.tuple(operator, day).map(([compared, value]) => `at::date ${compared} '${value}'`),
            fc
              .tuple(operator, fc.constantFrom('2024-02-01', '2024-12-01'))
              .map(([compared, value]) => `date_trunc('month', at) ${compared} '${value}'`),
            operator.map((compared) => `date_trunc('year', at) ${compared} '2024-01-01'`),
            fc.tuple(operator, fc.constantFrom(2023, 2024)).map(([compared, value]) => `extract(year FROM at) ${compared} ${value}`),
            fc.tuple(operator, fc.constantFrom(2023, 2024)).map(([compared, value]) => `date_part('year', at) ${compared} ${value}`),
            fc
              .tuple(fc.constantFrom('+', '-'), operator)
              .map(([sign, compared]) => `at ${sign} interval '2 hours' ${compared} '2024-02-29 02:00:00'::timestamp`),
          ];
    const numbers = fc
      .tuple(operator, fc.constantFrom('+', '-'), number, fc.nat(3))
      .map(([compared, sign, value, moved]) => `total ${sign} ${moved} ${compared} ${Math.abs(value)}`);
    const statement = fc.oneof(...both, ...own, numbers).map((condition) => `SELECT id FROM orders WHERE ${condition} AND total < 6`);
    await holds(engine, statement, (query, schema) => {
      const [block] = blocksOf(query.statement);
      const [wrapped] = block ? wrappedIn(block) : [];
      const type = findTable(schema, 'orders')?.columns.find((column) => column.name === wrapped?.column.name.text)?.type;
      return wrapped && sargableForm(wrapped, type, query);
    });
  });

  test('rows inserted by one statement are those inserted one by one', async () => {
    const value = fc.record({
      id: fc.nat(),
      customer: fc.option(fc.nat(9)),
      state: fc.constantFrom("it''s", 'a; b', '--', ')'),
      total: fc.integer({ min: -9, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { selector: (row) => row.id, minLength: 50, maxLength: 60 }), async (list) => {
        const lines = list.map(
          ({ id, customer, state: is, total }) =>
            `INSERT INTO orders (id, customer_id, state, total, at) VALUES (${id}, ${customer ?? 'NULL'}, '${is}', ${total}, '2024-01-01');`,
        );
        const text = `BEGIN;\n${lines.join('\n')}\nCOMMIT;\n`;
        const [report] = singleRowInserts.check({ document: document(engine, text) }, {});
        const fix = report?.fixes?.[0];
        if (fix === undefined) throw new Error('not rewritten');
        const after = applied(text, fix);
        expect(after.match(/INSERT/g)).toHaveLength(1);
        const all = 'SELECT * FROM orders ORDER BY id';
        await run(engine, `DELETE FROM orders; ${text}`);
        const before = await rows(engine, all);
        await run(engine, `DELETE FROM orders; ${after}`);
        expect(await rows(engine, all)).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });

  test('an order by a part of a time is an order by the time', async () => {
    const own = engine === 'sqlite' ? ['datetime(at)', 'julianday(at)'] : ['at::date', "date_trunc('month', at)", 'extract(epoch FROM at)'];
    const statement = fc
      .tuple(fc.constantFrom('date(at)', ...own), fc.constantFrom('', ' DESC'), number)
      .map(([made, direction, total]) => `SELECT ${made} FROM orders WHERE total > ${total} ORDER BY ${made}${direction}`);
    const rewrite = (query: Query, schema: Schema) => reported(orderByExpression, query, schema, ['sort', 'scan']);
    await holds(engine, statement, rewrite, true, (list) => list);
  });

  test('a value of the column’s own type finds the same', async () => {
    if (engine === 'sqlite') return;
    const statement = fc
      .tuple(fc.constantFrom('=', '<', '>='), fc.nat(9))
      .map(([compared, value]) => `SELECT total FROM orders WHERE id ${compared} ${value}.0`);
    await holds(engine, statement, (query, schema) => reported(implicitCast, query, schema, ['scan'], '(id)::numeric'));
  });

  test('one array or one JSON array finds what a list finds', async () => {
    await loadGrammars(['typescript']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3, max: 7 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('', 'NOT '),
        data,
        async (list, not, filled) => {
          const code = `db.query(\`SELECT id FROM orders WHERE total ${not}IN (\${list.map(() => '?').join(', ')})\`, list);`;
          const found = readText(javascript, 'typescript', code, engine);
          const [query] = found.queries;
          if (query === undefined) throw new Error(code);
          const [report] = giantInList.check({ document: found, query, index: 0 }, {});
          const fix = report?.fixes?.[0];
          if (fix === undefined) throw new Error('not rewritten');
          await fill(engine, filled);
          const after = applied(query.sql, fix).replace(/\?|\$1/, ':list');
          const given = { list: engine === 'sqlite' ? JSON.stringify(list) : list };
          const before = await rows(engine, `SELECT id FROM orders WHERE total ${not}IN (${list.join(', ')})`);
          expect(sorted(await rows(engine, after, given)), after).toEqual(sorted(before));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** What a rule offers for a statement whose plan has these steps. */
function reported(rule: AnyRule, query: Query, schema: Schema, kinds: readonly PlanStep['kind'][], raw = ''): Fix | undefined {
  const source = { grade: 'static', source: 'test' } as const;
  const steps = kinds.map((kind): PlanStep => ({ kind, detail: kind, relation: 'orders', children: [] }));
  const plan = { engine: schema.engine, steps, totalCost: 1, raw };
  const facts = {
    schema: { ...source, schema, table: (name: string) => findTable(schema, name) },
    plan: { ...source, plan, assumed: [], inferred: [] },
  };
  for (const report of rule.check({ document: document(schema.engine, query.sql), query, index: 0 }, facts)) return report.fixes?.[0];
  return undefined;
}
