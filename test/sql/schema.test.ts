/** The schema folded from DDL, held against what the engines themselves make of the same statements. */
import { PGlite } from '@electric-sql/pglite';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidateIndexes } from '../../server/analysis/advisor/candidates.ts';
import { createIndexSql, createTableSql, dropIndexSql, indexName } from '../../server/analysis/ddl.ts';
import { buildSchema } from '../../server/analysis/sql/build-schema.ts';
import { inferTables } from '../../server/analysis/sql/infer-tables.ts';
import { normalExpression } from '../../server/analysis/sql/normal-expression.ts';
import type { Schema } from '../../server/analysis/sql/schema.ts';
import { findTable } from '../../server/analysis/sql/schema.ts';
import type { EngineId } from '../../server/analysis/sql/statement.ts';
import { queriesIn } from './support.ts';

const schemaOf = (engine: EngineId, ddl: string): Schema =>
  buildSchema(
    engine,
    queriesIn(ddl, engine).map((query) => ({ path: '/app/schema.sql', query })),
  );
const empty = (engine: EngineId): Schema => ({ engine, tables: [], indexes: [] });

let postgres: PGlite;
beforeAll(async () => {
  postgres = await PGlite.create();
});
afterAll(() => postgres.close());

const sqliteDdl = `
create table users (id integer primary key autoincrement, email text not null unique, name text collate nocase, org integer references orgs (id));
create table orgs (id integer primary key, name text);
create table tags (user_id int, tag text, primary key (user_id, tag)) without rowid;
create table logs (a, b, unique (a, b));
create index users_name on users (name, email desc);
create unique index if not exists users_name on users (id);
create index logs_b on logs (lower(b)) where a is not null;
alter table logs add column c text default 'x';
alter table logs rename column a to aa;
alter table orgs rename to organisations;
create table gone (x); create index gone_x on gone (x); drop table gone;
create index dropped on users (org); drop index dropped;
create view v as select id, name as label from users;
create table if not exists users (other text);
alter table users drop column org;`;

test('SQLite has the same tables and indexes after the same DDL', () => {
  const database = new Database(':memory:');
  database.exec(sqliteDdl);
  const schema = schemaOf('sqlite', sqliteDdl);
  const names = database
    .prepare("select name, type from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' order by name")
    .all() as { name: string; type: string }[];
  expect(
    schema.tables.map((table) => ({ name: table.name, type: table.kind })).sort((left, right) => (left.name < right.name ? -1 : 1)),
  ).toEqual(names);
  for (const { name, type } of names) {
    const columns = database
      .prepare('select name, lower(type) as type, "notnull" as required, pk from pragma_table_xinfo(?)')
      .all(name) as {
      name: string;
      type: string;
      notNull: number;
      pk: number;
    }[];
    const table = findTable(schema, name);
    expect(
      table?.columns.map((column) => column.name),
      name,
    ).toEqual(columns.map((column) => column.name));
    if (type === 'view') continue;
    expect(
      table?.columns.map((column) => column.type),
      name,
    ).toEqual(columns.map((column) => column.type));
    expect(table?.primaryKey, name).toEqual(
      columns
        .filter((column) => column.pk > 0)
        .sort((left, right) => left.pk - right.pk)
        .map((column) => column.name),
    );
    const indexes = database.prepare(`select name, "unique" from pragma_index_list(?) where origin <> 'pk' order by name`).all(name) as {
      name: string;
      unique: number;
    }[];
    const ours = schema.indexes
      .filter((index) => index.table === name && index.constraint !== 'primary key')
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    expect(
      ours.map((index) => ({ name: index.name, unique: Number(index.unique) })),
      name,
    ).toEqual(indexes);
    for (const index of ours) {
      const keys = database.prepare('select name, desc from pragma_index_xinfo(?) where key').all(index.name) as {
        name: string | null;
        desc: number;
      }[];
      expect(index.keys.map((key) => ({ name: key.column ?? null, desc: Number(key.descending) }))).toEqual(keys);
    }
  }
  database.close();
});

const postgresDdl = `
create table customers (id bigserial primary key, email varchar(100) not null unique, name text, deleted_at timestamp with time zone);
create table public.orders (id int generated always as identity primary key, customer_id bigint not null references customers, status text not null default 'new', total numeric(10,2), constraint one_open unique (customer_id, status));
create index on orders (status);
create index orders_open on orders using btree (customer_id desc, lower(status)) include (total) where status = 'new';
create index orders_status on orders using hash (status);
alter table orders add column created_at timestamptz not null default now(), add column data jsonb, drop column total;
alter table customers add constraint name_key unique (name);
alter table orders alter column status type varchar(20), alter column customer_id drop not null;
create index orders_data on orders using gin (data);
create table events (id bigint, at timestamptz not null, kind int2, primary key (id, at)) partition by range (at);
create index events_at on events (at);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create table old (a int); alter table old rename to renamed; alter table renamed rename column a to b;
create materialized view totals as select customer_id, count(*) as n from orders group by 1;
create table temp_one (a int); drop table if exists temp_one, temp_two cascade;`;

test('PostgreSQL has the same tables and indexes after the same DDL', async () => {
  await postgres.exec(`create schema s; set search_path = s; ${postgresDdl.replaceAll('public.', '')}`);
  const schema = schemaOf('postgres', postgresDdl);
  const { rows: columns } = await postgres.query<{ t: string; name: string; not_null: boolean }>(
    `select c.relname as t, a.attname as name, a.attnotnull as not_null from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 's'::regnamespace and c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum`,
  );
  const tables = new Set(columns.map((column) => column.t));
  expect(new Set(schema.tables.map((table) => table.name))).toEqual(tables);
  for (const name of tables) {
    const table = findTable(schema, name);
    const theirs = columns.filter((column) => column.t === name);
    expect(
      table?.columns.map((column) => column.name),
      name,
    ).toEqual(theirs.map((column) => column.name));
    if (table?.kind !== 'materialized view')
      expect(
        table?.columns.map((column) => column.notNull),
        name,
      ).toEqual(theirs.map((column) => column.not_null));
  }
  const { rows: indexes } = await postgres.query<{ t: string; name: string; unique: boolean; method: string; n: number; partial: boolean }>(
    `select t.relname as t, i.relname as name, x.indisunique as unique, am.amname as method, x.indnkeyatts::int as n, x.indpred is not null as partial
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid join pg_am am on am.oid = i.relam
     where i.relnamespace = 's'::regnamespace order by t.relname, i.relname`,
  );
  const ours = schema.indexes
    .map((index) => ({
      t: index.table,
      name: index.name,
      unique: index.unique,
      method: index.method,
      n: index.keys.length,
      partial: index.where !== undefined,
    }))
    .sort((left, right) => (left.t + left.name < right.t + right.name ? -1 : 1));
  // The names that partitions' own indexes get are PostgreSQL's business.
  const comparable = (list: typeof indexes): unknown[] =>
    list.filter((index) => index.t !== 'events_2026').sort((left, right) => (left.t + left.name < right.t + right.name ? -1 : 1));
  expect(comparable(ours)).toEqual(comparable(indexes));
  expect(ours.filter((index) => index.t === 'events_2026')).toHaveLength(indexes.filter((index) => index.t === 'events_2026').length);
});

test('what only runs on the way down builds nothing', () => {
  const [query] = queriesIn('drop table a', 'sqlite');
  const ddl = queriesIn('create table a (b)', 'sqlite');
  if (query === undefined) throw new Error('no query');
  const schema = buildSchema(
    'sqlite',
    [...ddl, { ...query, direction: 'down' as const }].map((entry) => ({ path: '/m.sql', query: entry })),
  );
  expect(schema.tables.map((table) => table.name)).toEqual(['a']);
});

test('places lead to the declaration', () => {
  const ddl = 'create table first (a int);\ncreate table users (id int primary key,\n  email text unique);';
  const schema = schemaOf('postgres', ddl);
  const text = (span: { start: number; end: number } | undefined): string => ddl.slice(span?.start, span?.end);
  const table = findTable(schema, 'users');
  expect(text(table?.declared?.span)).toBe('users');
  expect(text(table?.columns[1]?.declared?.span)).toBe('email text unique');
  expect(table?.declared?.path).toBe('/app/schema.sql');
  expect(text(schema.indexes.find((index) => index.name === 'users_email_key')?.declared?.span)).toBe('email text unique');
});

const undeclared = `
select o.id, o.status, c.name, total from orders o join customers c on c.id = o.customer_id where o.created_at > now() - interval '7 days' and c.email like 'a%' order by o.created_at desc;
select count(*) as n, date_trunc('day', occurred) as day from events where kind in ('a', 'b') and amount > 10.5 group by day having count(*) > 1 order by n;
select sum(price * quantity) from items where not hidden and order_id = 5;
select * from sessions where expires_at < current_timestamp and data ->> 'x' = 'y' and tags && array['a'] and $1 = any (labels);
select name from people p where exists (select 1 from pets where owner_id = p.id and weight + 1 > 5) and p.active;
update accounts set balance = balance - 5, touched_at = now() where id = $1 and is_open;
delete from tokens where issued + interval '1 day' < now() returning id;
insert into audit (who, what, at) select who, 'x', now() from sources where score between 1 and 2;
with recent as (select * from posts where author_id = $1) select title from recent join votes on votes.post_id = recent.id;
select extract(epoch from (finished - started)) from jobs where finished is not null and attempts >= 3;
select coalesce(nick, 'none'), lower(city), length(zip), round(score, 1) from members where joined::date = '2026-01-01';
select a.x, b.x from pairs a join pairs b using (k) where a.flag is true and b.note || 'x' = 'y';
select id from docs where body @@ to_tsquery('x') and meta @> '{}';
select row_number() over (partition by team order by points desc) from scores where team = (select max(team) from teams);
select e.* from employees e left join departments d on d.code = e.department_code where d.code is null;`;

describe('tables that only queries mention', () => {
  test('what an engine brings itself is not inferred', () => {
    const queries = queriesIn('SELECT schema, name FROM pragma_table_list WHERE type = ?; SELECT value FROM json_each', 'sqlite');
    expect(inferTables(queries, empty('sqlite'))).toEqual([]);
  });

  test('PostgreSQL plans every query on them', async () => {
    const queries = queriesIn(undeclared, 'postgres');
    const tables = inferTables(queries, empty('postgres'));
    expect(tables.every((table) => table.inferred)).toBe(true);
    await postgres.exec(
      `create schema inferred; set search_path = inferred; ${tables.map((table) => createTableSql('postgres', table)).join(' ')}`,
    );
    for (const { sql } of queries) {
      const asked = /\$1/.test(sql) ? sql.replaceAll('$1', 'null') : sql;
      await expect(
        postgres.query(`explain ${asked}`).then(() => 'planned'),
        sql,
      ).resolves.toBe('planned');
    }
  });

  test('SQLite plans every query on them', () => {
    const text = `select o.id, total from orders o join customers c on c.id = o.customer_id where c.email like 'a%' order by o.created_at desc;
      select count(*) as n, kind as k from events where amount > 10 group by k order by n; insert into audit (who, at) values (?, ?);
      update accounts set balance = balance - 5 where id = ?; delete from tokens where issued < datetime('now') and rowid > 5;
      select 1 from sqlite_master where name = 'x'; select * from empty; select value from json_each(?) join known on known.a = value;`;
    const queries = queriesIn(text, 'sqlite');
    const known = schemaOf('sqlite', 'create table known (a, b)');
    const tables = inferTables(queries, known);
    expect(tables.map((table) => table.name)).toEqual(['accounts', 'audit', 'customers', 'empty', 'events', 'orders', 'tokens']);
    const database = new Database(':memory:');
    database.exec('create table known (a, b)');
    for (const table of tables) database.exec(createTableSql('sqlite', table));
    for (const { sql } of queries) expect(() => database.prepare(sql), sql).not.toThrow();
    database.close();
  });

  test('a column of a known table is not given to an unknown one', () => {
    const known = schemaOf('postgres', 'create table users (id bigint, name text)');
    const tables = inferTables(queriesIn('select name, title from users join posts on posts.user_id = users.id', 'postgres'), known);
    expect(tables.map((table) => [table.name, table.columns.map((column) => [column.name, column.type])])).toEqual([
      [
        'posts',
        [
          ['title', 'text'],
          ['user_id', 'bigint'],
        ].sort(),
      ],
    ]);
  });
});

const shop = `
create table users (id bigserial primary key, email text not null unique, name text, org_id bigint, deleted_at timestamptz, active boolean not null);
create table orders (id bigserial primary key, user_id bigint not null, status text, created_at timestamptz, total numeric, data jsonb);
create index orders_user on orders (user_id, created_at desc);
create index users_lower_name on users (lower(name)) where deleted_at is null;`;

describe('candidate indexes', () => {
  const schema = schemaOf('postgres', shop);
  const keysFor = (sql: string): string[] => {
    const [query] = queriesIn(sql, 'postgres');
    if (query === undefined) throw new Error('no query');
    return candidateIndexes(query.statement, schema).map((candidate) =>
      createIndexSql('postgres', candidate, { name: 'i', concurrently: false }).replace('CREATE INDEX i ON ', '').replace(/;$/, ''),
    );
  };
  test.each([
    ['select * from orders where status = $1', 'orders (status)'],
    ['select * from orders where status = $1 and created_at > $2', 'orders (status, created_at)'],
    ['select * from orders where created_at > $2 and status in ($1, $2)', 'orders (status, created_at)'],
    ['select * from orders where status = $1 order by total desc limit 5', 'orders (status, total)'],
    ['select * from orders order by total desc, created_at limit 5', 'orders (total DESC, created_at)'],
    ["select * from users where name like 'a%'", 'users (name text_pattern_ops)'],
    // Buildable only where pg_trgm is: the planner's copy of the schema knows.
    ["select * from users where name like '%a'", 'users USING gin (name gin_trgm_ops)'],
    ['select * from users where name like $1', 'users USING gin (name gin_trgm_ops)'],
    ['select * from users where lower(email) = $1', 'users (lower(email))'],
    ["select * from orders where data ->> 'k' = $1", "orders ((data ->> 'k'))"],
    ['select * from orders where data @> $1', 'orders USING gin (data jsonb_path_ops)'],
    ['select * from users where org_id = $1 and deleted_at is null', 'users (org_id, deleted_at)'],
    ['select * from users where org_id = $1 and active', 'users (org_id, active)'],
    ['update orders set total = 1 where status = $1', 'orders (status)'],
    ['delete from orders where created_at < now()', 'orders (created_at)'],
    ['select status, count(*) from orders group by status', 'orders (status)'],
    ['select * from users u join orders o on o.id = u.org_id', 'users (org_id)'],
    ['select * from users u where exists (select 1 from orders o where o.total = u.org_id)', 'orders (total)'],
    ['with x as (select * from orders where status = $1) select * from x', 'orders (status)'],
    ['select 1 union all select id from orders where status = $1', 'orders (status)'],
  ])('%s: first %s', (sql, expected) => expect(keysFor(sql)[0]).toBe(expected));

  test.each([
    'select * from users where id = $1',
    'select * from users where email = $1 and active',
    'select * from orders where user_id = $1',
    'select * from orders where user_id = $1 order by created_at',
    'select * from users where lower(name) = $1 and deleted_at is null',
    'select * from orders',
    'select * from orders where random() < 0.5',
    'select * from orders where total <> 5',
    'select * from nobody_knows where a = 1',
    'insert into orders (user_id) values (1)',
    'select * from users order by id limit 5',
  ])('none: %s', (sql) => expect(keysFor(sql)).toEqual([]));

  test('a partial one for what the statement always says', () => {
    expect(keysFor('select * from users where org_id = $1 and deleted_at is null')).toContain('users (org_id) WHERE deleted_at IS NULL');
    expect(keysFor("select * from orders where status = 'open' order by created_at")).toContain(
      "orders (created_at) WHERE status = 'open'",
    );
  });

  test('never more than a planner answers at once, each buildable on PostgreSQL', async () => {
    await postgres.exec(`create schema shop; set search_path = shop; ${shop}`);
    const statements = [
      "select * from users u join orders o on o.user_id = u.id left join orders p on p.total = o.total where u.name = $1 and u.org_id = $2 and o.status = 'x' and o.created_at between $3 and $4 and lower(u.email) like 'a%' and u.active and o.data @> $5 and o.data ->> 'k' = $6 and u.deleted_at is null order by o.created_at desc, o.id limit 10",
      'select date_trunc($1, created_at at time zone $2), count(*) from orders where total * 2 > 5 and created_at::date = $1 group by status, total',
    ];
    for (const sql of statements) {
      const [query] = queriesIn(sql, 'postgres');
      if (query === undefined) throw new Error('no query');
      const candidates = candidateIndexes(query.statement, schema);
      expect(candidates.length).toBeLessThanOrEqual(24);
      expect(new Set(candidates.map((candidate) => JSON.stringify(candidate))).size).toBe(candidates.length);
      for (const candidate of candidates) {
        // An expression that is not immutable is refused by the engine, and only that.
        await postgres
          .exec(createIndexSql('postgres', candidate, { name: indexName(candidate), concurrently: false }))
          .catch((error: unknown) => {
            expect(String(error)).toMatch(/must be marked IMMUTABLE|already exists|operator class "gin_trgm_ops" does not exist/);
          });
        await postgres.exec(dropIndexSql('postgres', indexName(candidate)));
      }
    }
  });
});

test('expressions read from a catalogue are known again', async () => {
  await postgres.exec(`create schema catalogue; set search_path = catalogue; create table t (id bigint, email varchar(50), data jsonb, at timestamptz, gone timestamptz, n int);
    create index a on t (lower(email)); create index b on t ((data ->> 'k')); create index c on t ((n + 1)); create index d on t (coalesce(email, 'x')) where gone is null and n = 5;`);
  const { rows } = await postgres.query<{ name: string; expression: string; predicate: string | null }>(
    `select i.relname as name, pg_get_expr(x.indexprs, x.indrelid) as expression, pg_get_expr(x.indpred, x.indrelid) as predicate
     from pg_index x join pg_class i on i.oid = x.indexrelid where i.relnamespace = 'catalogue'::regnamespace order by 1`,
  );
  expect(rows.map((row) => normalExpression(row.expression, 'postgres'))).toEqual([
    'lower(email)',
    "data ->> 'k'",
    'n + 1',
    "coalesce(email, 'x')",
  ]);
  expect(rows.map((row) => (row.predicate === null ? null : normalExpression(row.predicate, 'postgres')))).toEqual([
    null,
    null,
    null,
    'gone IS NULL AND n = 5',
  ]);
});

test("SQLite's own row key is no key of an index", () => {
  const schema = schemaOf('sqlite', 'create table orders (id integer primary key, status text)');
  const [query] = queriesIn('select * from orders where status = ? order by id desc limit 5', 'sqlite');
  const candidates = query === undefined ? [] : candidateIndexes(query.statement, schema);
  expect(candidates.map((candidate) => candidate.keys.map((key) => key.column))).toEqual([['status']]);
});

test('names are quoted where they must be and no longer than PostgreSQL keeps', () => {
  const candidate = {
    table: 'Order',
    keys: [
      { column: 'user', descending: true },
      { column: 'createdAt', descending: false },
    ],
    include: ['x'],
    where: 'a IS NULL',
  };
  expect(createIndexSql('postgres', candidate, { name: 'i', concurrently: true })).toBe(
    'CREATE INDEX CONCURRENTLY i ON "Order" ("user" DESC, "createdAt") INCLUDE (x) WHERE a IS NULL;',
  );
  expect(createIndexSql('sqlite', candidate, { name: 'i', concurrently: true })).toBe(
    // What should be at hand without a look at the table is a key at the end: SQLite has no INCLUDE.
    'CREATE INDEX i ON "Order" (user DESC, createdAt, x) WHERE a IS NULL;',
  );
  expect(
    indexName({
      table: 'orders',
      keys: [
        { column: 'customer_id', descending: false },
        { column: 'created_at', descending: true },
      ],
      include: [],
    }),
  ).toBe('idx_orders_customer_id_created_at');
  const long = indexName({ table: 'a'.repeat(40), keys: [{ column: 'b'.repeat(40), descending: false }], include: [] });
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63);
  expect(long).not.toBe(indexName({ table: 'a'.repeat(40), keys: [{ column: `${'b'.repeat(39)}c`, descending: false }], include: [] }));
});

describe('SQLite searches through the first candidates', () => {
  const ddl = `create table users (id integer primary key, email text, name text, org_id integer, deleted_at text, active integer);
    create table orders (id integer primary key, user_id integer, status text, created_at text, total real, data text);`;
  test.each([
    'select * from orders where status = ?',
    'select * from orders where status = ? and created_at > ?',
    'select * from orders where user_id in (?, ?) and total between ? and ?',
    'select * from orders where date(created_at) = ?',
    "select * from orders where json_extract(data, '$.k') = ?",
    "select * from orders where data ->> 'k' = ?",
    'select * from orders where lower(status) = ? order by created_at',
    'select * from orders where status = ? order by created_at desc limit 10',
    'select * from orders order by created_at desc limit 10',
    'select * from orders where created_at >= ? order by created_at',
    "select * from orders where status glob 'a*'",
    'select u.name, o.total from users u join orders o on o.user_id = u.id where u.org_id = ?',
    'select * from users u left join orders o on o.user_id = u.id and o.status = ? where u.email = ?',
    'select * from users where deleted_at is null and email = ?',
    'select count(*) from orders where user_id = ? group by status',
    'update orders set total = 0 where user_id = ? and status = ?',
    'delete from orders where created_at < ?',
    'select * from users where exists (select 1 from orders where orders.user_id = users.id and total > ?)',
    'with recent as (select * from orders where created_at > ?) select * from recent',
  ])('%s', (sql) => {
    const database = new Database(':memory:');
    database.exec(ddl);
    const [query] = queriesIn(sql, 'sqlite');
    const candidates = query === undefined ? [] : candidateIndexes(query.statement, schemaOf('sqlite', ddl));
    const values = (sql.match(/\?/g) ?? []).map(() => 'x');
    const plan = (): string =>
      (database.prepare(`explain query plan ${sql}`).all(...values) as { detail: string }[]).map((row) => row.detail).join('\n');
    const used = candidates.slice(0, 3).filter((candidate, at) => {
      database.exec(createIndexSql('sqlite', candidate, { name: `candidate_${at}`, concurrently: false }));
      const chosen = plan().includes(`candidate_${at}`);
      database.exec(dropIndexSql('sqlite', `candidate_${at}`));
      return chosen;
    });
    expect(used.length).toBeGreaterThan(0);
    database.close();
  });
});
