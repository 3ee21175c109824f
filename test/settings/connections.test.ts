/** Connections and their settings, from code that is really parsed. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { findConnections } from '../../server/analysis/calls/connections.ts';
import type { Call, Document } from '../../server/analysis/document.ts';
import { reader as go } from '../../server/analysis/readers/go.ts';
import { reader as javascript } from '../../server/analysis/readers/javascript.ts';
import { reader as python } from '../../server/analysis/readers/python.ts';
import { reader as rust } from '../../server/analysis/readers/rust.ts';
import { loadGrammars, readContext } from '../support/syntax.ts';

beforeAll(() => loadGrammars(['python', 'typescript', 'go', 'rust']));
const readers = { python, typescript: javascript, go, rust };

function read(language: keyof typeof readers, text: string): Document {
  return readers[language].read({ path: '/a', language, text }, readContext());
}
function summary(language: keyof typeof readers, text: string) {
  const document = read(language, text);
  return {
    open: document.connections.map((one) => `${one.driver}${one.pool ? ' pool' : ''}${one.target === undefined ? '' : ` ${one.target}`}`),
    set: document.settings.map(
      (one) => `${one.system} ${one.key}=${one.dynamic ? '?' : one.value}${one.connection === undefined ? '' : ` @${one.connection}`}`,
    ),
  };
}

describe('Python', () => {
  it.each([
    ['import sqlite3\nc = sqlite3.connect("a.db", timeout=30.0)', ['python:sqlite3 a.db'], ['sqlite busy_timeout=30000 @0']],
    ['import sqlite3 as s\nc = s.connect("a.db", 10)', ['python:sqlite3 a.db'], ['sqlite busy_timeout=10000 @0']],
    ['from sqlite3 import connect as open_db\nc = open_db(path, timeout=T)', ['python:sqlite3'], ['sqlite busy_timeout=? @0']],
    ['import aiosqlite\nasync def f():\n  async with aiosqlite.connect("a.db") as db:\n    pass', ['python:aiosqlite a.db'], []],
    ['c = sqlite3.connect("a.db", isolation_level=None)', ['python:sqlite3 a.db'], ['sqlite isolation_level=None @0']],
    [
      'from sqlalchemy import create_engine\ne = create_engine("sqlite:///a.db?timeout=15", pool_size=20)',
      ['python:sqlalchemy pool sqlite:///a.db?timeout=15'],
      ['sqlite busy_timeout=15000 @0', 'sqlite pool_max_size=20 @0'],
    ],
    [
      'from sqlalchemy import create_engine\ne = create_engine("postgresql+psycopg://u:secret@h/d", pool_size=5, max_overflow=10)',
      ['python:sqlalchemy pool postgresql+psycopg://u@h/d'],
      ['postgres pool_max_size=5 @0', 'postgres pool_max_overflow=10 @0'],
    ],
    [
      'import asyncpg\npool = asyncpg.create_pool(dsn, min_size=2, max_size=50)',
      ['python:asyncpg pool'],
      ['postgres pool_min_size=2 @0', 'postgres pool_max_size=50 @0'],
    ],
    [
      'import psycopg2\nc = psycopg2.connect("host=db password=secret dbname=x connect_timeout=3")',
      ['python:psycopg2 host=db password=… dbname=x connect_timeout=3'],
      ['postgres connect_timeout=3 @0'],
    ],
    ['import socket\nc = socket.connect("a.db")\nd = other.create_engine(thing)', [], []],
  ])('%s', (text, open, set) => {
    expect(summary('python', text)).toEqual({ open, set });
  });
});

describe('TypeScript', () => {
  it.each([
    [
      "import Database from 'better-sqlite3';\nconst db = new Database('a.db', { timeout: 8000 });",
      ['node:better-sqlite3 a.db'],
      ['sqlite busy_timeout=8000 @0'],
    ],
    [
      "import Database from 'better-sqlite3';\nconst db = new Database('a.db');\ndb.pragma('journal_mode = WAL');",
      ['node:better-sqlite3 a.db'],
      ['sqlite journal_mode=WAL @0'],
    ],
    ["import { DatabaseSync } from 'node:sqlite';\nconst db = new DatabaseSync('a.db');", ['node:sqlite a.db'], []],
    [
      "import sqlite3 from 'sqlite3';\nconst db = new sqlite3.Database('a.db');\ndb.configure('busyTimeout', 3000);",
      ['node:sqlite3 a.db'],
      ['sqlite busy_timeout=3000 @0'],
    ],
    [
      "import { Pool } from 'pg';\nconst p = new Pool({ max: 40, connectionTimeoutMillis: 2000 });",
      ['node:pg pool'],
      ['postgres pool_max_size=40 @0', 'postgres pool_acquire_timeout=2000 @0'],
    ],
    ["import pg from 'pg';\nconst p = new pg.Pool({ connectionString: 'postgres://u:p@h/d' });", ['node:pg pool postgres://u@h/d'], []],
    [
      "import postgres from 'postgres';\nconst sql = postgres('postgres://h/d', { max: 10, idle_timeout: 20 });",
      ['node:postgres pool postgres://h/d'],
      ['postgres pool_max_size=10 @0', 'postgres pool_idle_timeout=20000 @0'],
    ],
    ["import { Pool } from './threads';\nconst p = new Pool({ max: 4 });", [], []],
  ])('%s', (text, open, set) => {
    expect(summary('typescript', text)).toEqual({ open, set });
  });
});

describe('Go', () => {
  const file = (imports: string, body: string) => `package a\n\nimport (\n\t"database/sql"\n\t${imports}\n)\n\nfunc f() {\n\t${body}\n}\n`;
  it.each([
    [
      file(
        '_ "github.com/mattn/go-sqlite3"',
        'db, err := sql.Open("sqlite3", "file:a.db?_busy_timeout=5000&_journal_mode=WAL&cache=shared")\n\tdb.SetMaxOpenConns(1)',
      ),
      ['go:mattn/go-sqlite3 pool file:a.db?_busy_timeout=5000&_journal_mode=WAL&cache=shared'],
      ['sqlite busy_timeout=5000 @0', 'sqlite journal_mode=WAL @0', 'sqlite cache=shared @0', 'sqlite pool_max_size=1 @0'],
    ],
    [
      file('_ "modernc.org/sqlite"', 'db, err := sql.Open("sqlite", "a.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")'),
      ['go:modernc.org/sqlite pool a.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)'],
      ['sqlite busy_timeout=5000 @0', 'sqlite journal_mode=WAL @0'],
    ],
    // A parameter that this driver does not know sets nothing.
    [
      file('_ "modernc.org/sqlite"', 'db, err := sql.Open("sqlite", "a.db?_busy_timeout=5000")'),
      ['go:modernc.org/sqlite pool a.db?_busy_timeout=5000'],
      ['sqlite _busy_timeout=5000 @0'],
    ],
    [
      file('_ "github.com/lib/pq"', 'db, err := sql.Open("postgres", dsn)\n\tdb.SetConnMaxLifetime(5 * time.Minute)'),
      ['go:lib/pq pool'],
      ['postgres pool_max_lifetime=300000 @0'],
    ],
    [
      file('"github.com/jackc/pgx/v5/pgxpool"', 'pool, err := pgxpool.New(ctx, "postgres://h/d?pool_max_conns=30")'),
      ['go:pgxpool pool postgres://h/d?pool_max_conns=30'],
      ['postgres pool_max_size=30 @0'],
    ],
    [
      file('_ "modernc.org/sqlite"', 'db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(9000)&_pragma=cache_size(" + size + ")")'),
      ['go:modernc.org/sqlite pool'],
      ['sqlite busy_timeout=9000 @0', 'sqlite cache_size=? @0'],
    ],
    [
      file('_ "github.com/mattn/go-sqlite3"', 'db, err := sql.Open("sqlite3", fmt.Sprintf("file:%s?_busy_timeout=%d&_fk=1", path, wait))'),
      ['go:mattn/go-sqlite3 pool'],
      ['sqlite busy_timeout=? @0', 'sqlite foreign_keys=1 @0'],
    ],
    [file('"os"', 'f, err := os.Open("sqlite3", "a.db")'), [], []],
  ])('%s', (text, open, set) => {
    expect(summary('go', text)).toEqual({ open, set });
  });
});

describe('Rust', () => {
  it.each([
    [
      'use rusqlite::Connection;\nfn f() {\n let conn = Connection::open("a.db").unwrap();\n conn.pragma_update(None, "journal_mode", "WAL").unwrap();\n conn.busy_timeout(Duration::from_secs(3)).unwrap();\n}',
      ['rust:rusqlite a.db'],
      ['sqlite journal_mode=WAL @0', 'sqlite busy_timeout=3000 @0'],
    ],
    [
      'use sqlx::sqlite::SqlitePoolOptions;\nasync fn f() {\n let pool = SqlitePoolOptions::new().max_connections(5).connect("sqlite://a.db").await.unwrap();\n}',
      ['rust:sqlx pool sqlite://a.db'],
      ['sqlite pool_max_size=5 @0'],
    ],
    [
      'use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};\nfn f() {\n let o = SqliteConnectOptions::new().filename("a.db").journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::from_millis(500)).pragma("cache_size", "-8000");\n}',
      [],
      ['sqlite journal_mode=Wal', 'sqlite busy_timeout=500', 'sqlite cache_size=-8000'],
    ],
    [
      'use sqlx::postgres::PgPoolOptions;\nasync fn f() {\n let pool = PgPoolOptions::new().max_connections(100).acquire_timeout(Duration::from_secs(3)).connect(&url).await.unwrap();\n}',
      ['rust:sqlx pool'],
      ['postgres pool_max_size=100 @0', 'postgres pool_acquire_timeout=3000 @0'],
    ],
    [
      'fn f() { let (client, connection) = tokio_postgres::connect("host=localhost", NoTls).await.unwrap(); }',
      ['rust:tokio_postgres host=localhost'],
      [],
    ],
    ['fn f() { let c = Channel::open("a.db"); }', [], []],
  ])('%s', (text, open, set) => {
    expect(summary('rust', text)).toEqual({ open, set });
  });
});

describe('places', () => {
  it.each([
    ['python', 'import sqlite3\nc = sqlite3.connect("ä.db", timeout=30.0)  # half a minute\n', 'timeout', '30.0', 'half a minute'],
    [
      'typescript',
      "import Database from 'better-sqlite3';\nconst db = new Database('é.db', { timeout: 8000 }); // eight seconds\n",
      'timeout',
      '8000',
      'eight seconds',
    ],
    [
      'typescript',
      "import Database from 'better-sqlite3';\nconst db = new Database('é.db');\ndb.pragma('cache_size = -8000'); // 8 MB\n",
      'cache_size',
      '-8000',
      '8 MB',
    ],
    [
      'go',
      'package a\n\nfunc f() {\n\t// wait\n\tdb, err := sql.Open("sqlite3", "a.db?_busy_timeout=700")\n}\n',
      '_busy_timeout',
      '700',
      'wait',
    ],
  ] as const)('of key and value in %s: %s', (language, text, key, value, comment) => {
    const [setting] = read(language, text).settings;
    expect(text.slice(setting?.keySpan.start, setting?.keySpan.end)).toBe(key);
    expect(text.slice(setting?.valueSpan?.start, setting?.valueSpan?.end)).toBe(value);
    expect(setting?.comment?.text).toBe(comment);
  });

  it('of options in an object that no call takes', () => {
    const text =
      "const config = {\n  backend: 'sqlite',\n  db: {\n    cacheSize: 20_000, // pages\n    mmapSize: 256 * 1024 * 1024,\n  },\n  cache: { cacheSize: 5, strategy: 'lru' },\n};\n";
    expect(read('typescript', text).settings.map((one) => [one.key, one.value, one.comment?.text])).toEqual([
      ['cache_size', '20000', 'pages'],
      ['mmap_size', '268435456', undefined],
    ]);
  });
});

describe('anything', () => {
  it('is read without an exception', () => {
    const word = fc.constantFrom(
      'sqlite3.connect',
      'new Database',
      'sql.Open',
      'SqlitePoolOptions::new',
      'connect',
      'pragma',
      'SetMaxOpenConns',
      '',
      '::',
      'knex',
      'create_engine',
    );
    const value = fc.option(
      fc.constantFrom('sqlite', 'a?b=c', '?', '?=&', 'journal_mode = ', '=', 'file:x?_pragma=(', '%', ':memory:', 'postgres://u:p@'),
      { nil: undefined },
    );
    const argument = fc.record({
      text: fc.string(),
      span: fc.constant({ start: 3, end: 9 }),
      name: fc.option(fc.constantFrom('timeout', 'max', 'client', '__proto__'), { nil: undefined }),
      kind: fc.constantFrom('string', 'number', 'identifier', 'other'),
      value,
    });
    const call = fc.record({
      callee: word,
      name: word,
      receiver: fc.option(word, { nil: undefined }),
      span: fc.constant({ start: 0, end: 10 }),
      nameSpan: fc.constant({ start: 0, end: 3 }),
      arguments: fc.array(argument, { maxLength: 3 }),
      awaited: fc.boolean(),
      result: fc.option(word, { nil: undefined }),
      scoped: fc.boolean(),
      chain: fc.option(fc.nat(4), { nil: undefined }),
    });
    const language = fc.constantFrom('python', 'typescript', 'javascript', 'go', 'rust', 'ruby');
    fc.assert(
      fc.property(language, fc.array(call, { maxLength: 5 }), (of, calls) => {
        const imports = [{ module: 'better-sqlite3', names: [['default', 'Database'] as const], span: { start: 0, end: 1 } }];
        findConnections({ language: of, calls: calls as readonly Call[], imports, queries: [], functions: [] });
      }),
      { seed: 7 },
    );
  });
});
