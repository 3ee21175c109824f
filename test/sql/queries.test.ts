/** What becomes of SQL text on its way to an engine. */
import Database from 'better-sqlite3';
import { loadModule, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { hostOffset } from '../../server/analysis/document.ts';
import { dialectOfImports, dialectOfSql } from '../../server/analysis/sql/dialect.ts';
import { looksLikeSql, withDialect } from '../../server/analysis/sql/queries.ts';
import { postgresCorpus } from './corpus-postgres.ts';
import { queriesIn, withHoles } from './support.ts';

beforeAll(loadModule);

describe('looksLikeSql', () => {
  test.each([
    'SELECT 1',
    'SELECT id FROM users',
    'select id, name from users where id = ?',
    'select * from users',
    '  -- a comment\n  SELECT a FROM t',
    '/* hint */ (SELECT a FROM t) UNION SELECT 1 FROM u',
    'SELECT count(*) FROM t',
    'SELECT now()',
    'select pg_advisory_lock($1)',
    'SELECT\n  a,\n  b\nFROM\n  t',
    'INSERT INTO t (a, b) VALUES (?, ?)',
    'insert into t values (1)',
    'INSERT OR REPLACE INTO t SELECT * FROM u',
    'REPLACE INTO t (a) VALUES (1)',
    'UPDATE t SET a = 1',
    'update t as x set a = %s where id = %s',
    'DELETE FROM t',
    'delete from t where id = $1',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'with recursive x(n) as (values (1)) select n from x',
    'CREATE TABLE t (id INTEGER PRIMARY KEY)',
    'create index if not exists i on t (a)',
    'CREATE VIEW v AS SELECT 1',
    'ALTER TABLE t ADD COLUMN a int',
    'DROP TABLE IF EXISTS t',
    'PRAGMA journal_mode=WAL',
    'PRAGMA optimize',
    'pragma cache_size(-2000)',
    'VACUUM',
    'ANALYZE orders',
    'EXPLAIN QUERY PLAN SELECT * FROM t',
    'BEGIN IMMEDIATE',
    "SET work_mem = '64MB'",
    'SET LOCAL statement_timeout = 5000',
    'TRUNCATE TABLE t',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY mv',
    'COPY t (a, b) FROM STDIN',
    'SELECT * FROM users WHERE ',
    'CREATE EXTENSION IF NOT EXISTS pg_trgm',
  ])('yes: %s', (text) => expect(looksLikeSql(text)).toBe(true));

  test.each([
    '',
    'hello',
    'Select a file from the list',
    'Select the best from each of them',
    'Select an option from the menu below, then press OK',
    'Select one item from cart',
    'select your plan from our offers',
    'SELECTED',
    'selection from list',
    'Update available',
    'Update your profile to set a password',
    'update the set',
    'updated_at',
    'delete from cart button',
    'Delete from the list?',
    'Delete item',
    'Insert coin',
    'Insert into the slot',
    'insert into queue',
    'Create table for two',
    'Create index on page load',
    'create a view of the world',
    'Create a table with (some) words',
    'Drop table',
    'drop index finger',
    'Alter table settings',
    'With great power comes responsibility',
    'with (a) as b',
    'pragma once',
    'Set timeout to 5',
    'set -e',
    'SET foo bar',
    'values (1)',
    'Begin',
    'BEGIN',
    'Explain to me why',
    'Grant access to the user',
    'Call me (maybe)',
    'Do it',
    'Replace into what?',
    'Merge into main',
    'Copy link to clipboard',
    'Analyze this',
    'Comment on this post',
    'Lock the door',
    'Release notes',
    'Vacuum cleaner',
    'Refresh the page',
    'attach',
  ])('no: %s', (text) => expect(looksLikeSql(text)).toBe(false));

  test('is quick on long text that begins like SQL', () => {
    const started = performance.now();
    looksLikeSql(`SELECT ${'a, '.repeat(1_000_000)}`);
    looksLikeSql(`WITH ${'('.repeat(1_000_000)}`);
    looksLikeSql(' '.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("placeholders become the engine's own", () => {
  test.each([
    ['postgres', 'select * from t where a = ? and b = ?', 'select * from t where a = $1 and b = $2', ['?', '?']],
    ['postgres', 'select * from t where a = :a and b = :b or c = :a', 'select * from t where a = $1 and b = $2 or c = $1', [':a', ':b']],
    ['postgres', 'select * from t where a = $2 and b = $1', 'select * from t where a = $2 and b = $1', ['$1', '$2']],
    ['postgres', "select data ? 'k', a::text from t where b = @id", "select data ? 'k', a::text from t where b = $1", ['@id']],
    [
      'sqlite',
      'select * from t where a = ? and b = ?2 and c = :c and d = @d and e = $e',
      'select * from t where a = ? and b = ?2 and c = :c and d = @d and e = $e',
      ['?', '?2', ':c', '@d', '$e'],
    ],
  ] as const)('%s: %s', (dialect, sql, written, parameters) => {
    const [query] = queriesIn(sql, dialect);
    expect(query?.sql).toBe(written);
    expect(query?.parameters).toEqual(parameters);
    expect(query?.plannable).toBe(true);
  });

  test.each([
    [
      'postgres',
      "select * from t where a = %s and b like 'x%%' and c = %(name)s and d %% 2 = 1",
      "select * from t where a = $1 and b like 'x%' and c = $2 and d % 2 = 1",
    ],
    [
      'sqlite',
      "select * from t where a = %s and b like 'x%%' and c = %(name)s",
      "select * from t where a = ? and b like 'x%' and c = :name",
    ],
  ] as const)('percent signs, %s', (dialect, sql, written) => {
    const [query] = withHoles(sql, dialect, true).queries;
    expect(query?.sql).toBe(written);
    expect(query?.statement.complete).toBe(true);
  });

  test('without a Python driver % is an operator', () => {
    expect(queriesIn('select a %s from t', 'sqlite')[0]?.sql).toBe('select a %s from t');
  });
});

describe('interpolations', () => {
  test.each([
    ['value', 'select * from t where a = {x}', 'select * from t where a = $1'],
    ['value', "select * from t where a = '{x}'", 'select * from t where a = $1'],
    ['value', "select * from t where a like '%{x}%'", "select * from t where a like '%1%'"],
    ['value', 'select * from t where a in ({x})', 'select * from t where a in ($1)'],
    ['value', 'select * from t limit {x}', 'select * from t limit $1'],
    ['value', 'insert into t (a, b) values ({x}, 1)', 'insert into t (a, b) values ($1, 1)'],
    ['value', 'update t set a = {x}', 'update t set a = $1'],
    ['value', "select now() - interval '{x} days'", "select now() - interval '1 days'"],
    ['value', 'select f({x}, 1) from t', 'select f($1, 1) from t'],
  ])('%s: %s', (position, template, written) => {
    const [query] = withHoles(template, 'postgres').queries;
    expect(query?.holes.map((hole) => hole.position)).toEqual([position]);
    expect(query?.plannable).toBe(true);
    expect(query?.sql).toBe(written);
    expect(() => parseSync(query?.sql ?? '')).not.toThrow();
  });

  test.each([
    ['identifier', 'select * from {x}'],
    ['identifier', 'select * from log_{x} where a = 1'],
    ['identifier', 'select * from {x}_log'],
    ['identifier', 'select * from s.{x} join u on true'],
    ['identifier', 'select {x}.a from t'],
    ['identifier', 'select * from t where {x} = 1'],
    ['identifier', 'select * from t where {x} in (?, ?)'],
    ['identifier', 'update t set {x} = 1'],
    ['identifier', 'insert into {x} (a) values (1)'],
    ['identifier', 'delete from {x}'],
    ['identifier', 'select "{x}" from t'],
    ['identifier', 'select {x}(a) from t'],
    ['fragment', 'select {x} from t'],
    ['fragment', 'select a from t where {x}'],
    ['fragment', 'select a from t where a = 1 and {x}'],
    ['fragment', 'select a from t where a = 1 {x}'],
    ['fragment', 'select a from t {x}'],
    ['fragment', 'select a from t order by {x}'],
    ['fragment', 'select a from t order by a {x}'],
    ['fragment', 'select a from t group by {x}'],
    ['fragment', 'insert into t ({x}) values (1)'],
    ['fragment', 'insert into t (a) values ({x})'],
    ['fragment', 'insert into t (a) values {x}'],
    ['fragment', 'update t set {x} where a = 1'],
    ['fragment', 'select a from t where a {x} 1'],
    ['fragment', 'select a from t where a in {x}'],
  ])('%s, so no engine can be asked: %s', (position, template) => {
    const [query] = withHoles(template, 'postgres').queries;
    expect(query?.holes.map((hole) => hole.position)).toEqual([position]);
    expect(query?.plannable).toBe(false);
  });

  test('DDL and settings take no parameters', () => {
    for (const template of ['create table t (a int default {x})', 'pragma cache_size = {x}', "set work_mem = '{x}'"])
      expect(withHoles(template, 'unknown').queries[0]?.plannable).toBe(false);
  });

  test('a comment may hold one', () => {
    const [query] = withHoles('select a /* {x} */ from t', 'postgres').queries;
    expect(query?.plannable).toBe(true);
    expect(query?.holes).toEqual([]);
  });

  test('offsets lead back to the host file', () => {
    const template = "select * from t where a = {first} and b = '{second}' and column_c = 3";
    const [query] = withHoles(template, 'postgres').queries;
    expect(query?.sql).toBe('select * from t where a = $1 and b = $2 and column_c = 3');
    const at = query?.sql.indexOf('column_c') ?? -1;
    expect(hostOffset(query?.segments ?? [], at)).toBe(template.indexOf('column_c'));
    expect(hostOffset(query?.segments ?? [], query?.sql.indexOf('$2') ?? -1)).toBe(template.indexOf("'{second}'"));
  });
});

describe('a dialect decided later', () => {
  test('gives what would have been read with it from the start', () => {
    for (const template of [
      "select data ->> 'a' || 'b' from t where a = ? and b = '{x}' and c like '{y}%'",
      'select * from t where a = :a',
      'select [a] from t',
    ]) {
      for (const dialect of ['sqlite', 'postgres'] as const) {
        const [later] = withHoles(template, 'unknown').queries;
        const [direct] = withHoles(template, dialect).queries;
        if (later === undefined) throw new Error('no query');
        const { source, ...decided } = withDialect(later, dialect);
        expect(source).toBeDefined();
        expect(decided).toEqual(direct);
      }
    }
  });
  test('keeps function, loop and call', () => {
    const [query] = queriesIn('select ?', 'unknown');
    if (query === undefined) throw new Error('no query');
    expect(withDialect({ ...query, function: 3, loop: 1, name: 'x' }, 'postgres')).toMatchObject({
      function: 3,
      loop: 1,
      name: 'x',
      sql: 'select $1',
      dialect: 'postgres',
    });
  });
});

describe('settings', () => {
  test.each([
    ['PRAGMA journal_mode = WAL', 'unknown', { system: 'sqlite', key: 'journal_mode', value: 'WAL', form: 'pragma', dynamic: false }],
    ['pragma main.Cache_Size(-2000)', 'sqlite', { system: 'sqlite', key: 'cache_size', value: '-2000' }],
    ['PRAGMA cache_size', 'sqlite', { system: 'sqlite', key: 'cache_size', dynamic: false }],
    ["SET LOCAL work_mem TO '64MB'", 'postgres', { system: 'postgres', key: 'work_mem', value: '64MB', form: 'set' }],
    [
      "ALTER SYSTEM SET shared_buffers = '8GB'",
      'unknown',
      { system: 'postgres', key: 'shared_buffers', value: '8GB', form: 'alter system' },
    ],
    ['ALTER TABLE t SET (fillfactor = 70)', 'postgres', { system: 'postgres', key: 'fillfactor', value: '70', form: 'alter table' }],
    ["SET auto_explain.log_min_duration = '1s'", 'postgres', { key: 'auto_explain.log_min_duration', value: '1s' }],
  ] as const)('%s', (sql, dialect, expected) => {
    const { settings } = withHoles(sql, dialect);
    expect(settings).toHaveLength(1);
    expect(settings[0]).toMatchObject(expected);
    const span = settings[0]?.keySpan ?? { start: 0, end: 0 };
    expect(sql.slice(span.start, span.end).toLowerCase()).toBe(expected.key);
  });
  test('an interpolated value is not known', () => {
    const [setting] = withHoles('PRAGMA cache_size = {size}', 'sqlite').settings;
    expect(setting).toMatchObject({ dynamic: true, key: 'cache_size' });
    expect(setting?.value).toBeUndefined();
  });
});

describe('dialectOfSql', () => {
  test.each([
    ['sqlite', 'create table t (id integer primary key autoincrement)'],
    ['sqlite', 'pragma journal_mode = wal'],
    ['sqlite', 'insert or replace into t values (1)'],
    ['sqlite', 'create table t (a) without rowid'],
    ['postgres', 'select a::text from t'],
    ['postgres', 'create table t (id serial)'],
    ['postgres', 'create index concurrently i on t (a)'],
    ['postgres', 'create table t (a jsonb, b timestamptz)'],
    ['postgres', 'do $$ begin end $$'],
    ['mysql', 'create table t (a int) engine=InnoDB'],
    ['mysql', 'select `a` from `t`'],
    ['unknown', 'select a from t'],
    ['unknown', '-- SERIAL in a comment\nselect a from t'],
    ['unknown', 'create table t (id integer primary key, name text not null)'],
  ])('%s: %s', (dialect, sql) => expect(dialectOfSql(sql)).toBe(dialect));

  test('never takes PostgreSQL for another', () => {
    for (const sql of postgresCorpus)
      expect(['postgres', 'unknown', ...(sql.includes('group_concat') ? ['sqlite'] : [])], sql).toContain(dialectOfSql(sql));
  });
});

describe('dialectOfImports', () => {
  test.each([
    ['sqlite', ['os', 'sqlite3']],
    ['sqlite', ['better-sqlite3']],
    ['sqlite', ['rusqlite::Connection']],
    ['sqlite', ['database/sql', 'github.com/mattn/go-sqlite3']],
    ['sqlite', ['modernc.org/sqlite']],
    ['postgres', ['psycopg2.extras']],
    ['postgres', ['asyncpg']],
    ['postgres', ['pg']],
    ['postgres', ['github.com/jackc/pgx/v5/pgxpool']],
    ['postgres', ['github.com/lib/pq']],
    ['postgres', ['tokio_postgres::Client']],
    ['mysql', ['mysql2/promise']],
    ['unknown', ['sqlite3', 'psycopg2']],
    ['unknown', ['sqlx', 'fmt']],
    ['unknown', ['./pg', './sqlite3']],
    ['unknown', []],
  ])('%s: %s', (dialect, modules) => expect(dialectOfImports(modules)).toBe(dialect));
});

test('SQLite prepares what interpolated SQL becomes', () => {
  const database = new Database(':memory:');
  database.exec('create table t (a, b, c)');
  for (const template of [
    "select * from t where a = {x} and b = '{y}' and c like '{z}%'",
    'insert into t (a, b) values ({x}, :y)',
    'update t set a = {x} where b between {y} and {z}',
    'delete from t where a in ({x}, {y})',
  ]) {
    const [query] = withHoles(template, 'sqlite').queries;
    expect(() => database.prepare(query?.sql ?? '')).not.toThrow();
  }
  database.close();
});
