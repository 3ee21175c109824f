/** Which calls open a connection, a pool or a client: one row a way of opening, by language. */
import type { Argument, Call } from '../../document.ts';
import type { Option } from './options.ts';

export interface Opener {
  readonly engine: 'sqlite' | 'postgres';
  /** See `catalogues/sqlite-drivers.ts` for the ids of SQLite drivers. */
  readonly driver: string;
  readonly pool: boolean;
  /** Where the file or DSN stands: a position, or the names it can have. */
  readonly target: number | readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** Options by position, where the driver allows that. */
  readonly positional?: Readonly<Record<number, string>> | undefined;
}

const seconds = (key: string): Option => ({ key, unit: 's' });
const milliseconds = (key: string): Option => ({ key, unit: 'ms' });
const plain = (key: string): Option => ({ key, unit: 'none' });

const pySqlite: Omit<Opener, 'driver'> = {
  engine: 'sqlite',
  pool: false,
  target: 0,
  options: {
    timeout: seconds('busy_timeout'),
    check_same_thread: plain('check_same_thread'),
    isolation_level: plain('isolation_level'),
    autocommit: plain('autocommit'),
    cached_statements: plain('cached_statements'),
  },
};
const pyPool = {
  min_size: plain('pool_min_size'),
  max_size: plain('pool_max_size'),
  minsize: plain('pool_min_size'),
  maxsize: plain('pool_max_size'),
  minconn: plain('pool_min_size'),
  maxconn: plain('pool_max_size'),
  max_lifetime: seconds('pool_max_lifetime'),
  max_idle: seconds('pool_idle_timeout'),
  max_inactive_connection_lifetime: seconds('pool_idle_timeout'),
  command_timeout: seconds('command_timeout'),
  statement_cache_size: plain('statement_cache_size'),
  timeout: seconds('pool_acquire_timeout'),
};
const pyPostgres = (driver: string, pool: boolean, positional?: Readonly<Record<number, string>>): Opener => ({
  engine: 'postgres',
  driver: `python:${driver}`,
  pool,
  target: positional === undefined ? 0 : ['dsn', 'conninfo'],
  options: pool ? pyPool : { connect_timeout: seconds('connect_timeout'), command_timeout: seconds('command_timeout') },
  positional,
});

/** By the name its module gave it (`names.ts`). */
const python: Readonly<Record<string, Opener>> = {
  'sqlite3.connect': { ...pySqlite, driver: 'python:sqlite3', positional: { 1: 'timeout' } },
  'sqlite3.dbapi2.connect': { ...pySqlite, driver: 'python:sqlite3', positional: { 1: 'timeout' } },
  'aiosqlite.connect': { ...pySqlite, driver: 'python:aiosqlite' },
  'apsw.Connection': { ...pySqlite, driver: 'python:apsw', options: {} },
  'psycopg2.connect': pyPostgres('psycopg2', false),
  'psycopg.connect': pyPostgres('psycopg', false),
  'psycopg.Connection.connect': pyPostgres('psycopg', false),
  'psycopg.AsyncConnection.connect': pyPostgres('psycopg', false),
  'psycopg2.pool.SimpleConnectionPool': pyPostgres('psycopg2', true, { 0: 'minconn', 1: 'maxconn' }),
  'psycopg2.pool.ThreadedConnectionPool': pyPostgres('psycopg2', true, { 0: 'minconn', 1: 'maxconn' }),
  'psycopg_pool.ConnectionPool': pyPostgres('psycopg', true),
  'psycopg_pool.AsyncConnectionPool': pyPostgres('psycopg', true),
  'asyncpg.connect': pyPostgres('asyncpg', false),
  'asyncpg.create_pool': pyPostgres('asyncpg', true),
};

const nodePool = {
  max: plain('pool_max_size'),
  min: plain('pool_min_size'),
  idleTimeoutMillis: milliseconds('pool_idle_timeout'),
  connectionTimeoutMillis: milliseconds('pool_acquire_timeout'),
  maxUses: plain('pool_max_uses'),
  statement_timeout: milliseconds('statement_timeout'),
  query_timeout: milliseconds('query_timeout'),
  idle_in_transaction_session_timeout: milliseconds('idle_in_transaction_session_timeout'),
};
const pgTarget = ['connectionString'];
const nodeSqlite = (driver: string): Opener => ({
  engine: 'sqlite',
  driver,
  pool: false,
  target: 0,
  options: { timeout: milliseconds('busy_timeout') },
});
const javascript: Readonly<Record<string, Opener>> = {
  'better-sqlite3': nodeSqlite('node:better-sqlite3'),
  'node:sqlite.DatabaseSync': nodeSqlite('node:sqlite'),
  'sqlite.DatabaseSync': nodeSqlite('node:sqlite'),
  DatabaseSync: nodeSqlite('node:sqlite'),
  'bun:sqlite.Database': { ...nodeSqlite('bun:sqlite'), options: {} },
  'sqlite3.Database': { ...nodeSqlite('node:sqlite3'), options: {} },
  'sqlite3.cached.Database': { ...nodeSqlite('node:sqlite3'), options: {} },
  'sqlite.open': { ...nodeSqlite('node:sqlite3'), target: ['filename'], options: {} },
  libsql: { ...nodeSqlite('node:libsql'), options: {} },
  'pg.Pool': { engine: 'postgres', driver: 'node:pg', pool: true, target: pgTarget, options: nodePool },
  'pg.Client': { engine: 'postgres', driver: 'node:pg', pool: false, target: pgTarget, options: nodePool },
  'pg-pool': { engine: 'postgres', driver: 'node:pg', pool: true, target: pgTarget, options: nodePool },
  postgres: {
    engine: 'postgres',
    driver: 'node:postgres',
    pool: true,
    target: 0,
    options: {
      max: plain('pool_max_size'),
      idle_timeout: seconds('pool_idle_timeout'),
      connect_timeout: seconds('connect_timeout'),
      max_lifetime: seconds('pool_max_lifetime'),
    },
  },
};

const goSql = (engine: 'sqlite' | 'postgres', driver: string): Opener => ({
  engine,
  driver: `go:${driver}`,
  pool: true,
  target: 1,
  options: {},
});
const go: Readonly<Record<string, Opener>> = {
  'pgx.Connect': { engine: 'postgres', driver: 'go:pgx', pool: false, target: 1, options: {} },
  'pgxpool.New': { engine: 'postgres', driver: 'go:pgxpool', pool: true, target: 1, options: {} },
  'pgxpool.Connect': { engine: 'postgres', driver: 'go:pgxpool', pool: true, target: 1, options: {} },
  'pgxpool.NewWithConfig': { engine: 'postgres', driver: 'go:pgxpool', pool: true, target: [], options: {} },
  'pgxpool.ConnectConfig': { engine: 'postgres', driver: 'go:pgxpool', pool: true, target: [], options: {} },
  'sqlitex.NewPool': { engine: 'sqlite', driver: 'go:zombiezen.com/go/sqlite', pool: true, target: 0, options: {} },
  'sqlite.OpenConn': { engine: 'sqlite', driver: 'go:zombiezen.com/go/sqlite', pool: false, target: 0, options: {} },
};

const rustOf = (engine: 'sqlite' | 'postgres', driver: string, pool: boolean): Opener => ({
  engine,
  driver: `rust:${driver}`,
  pool,
  target: 0,
  options: {},
});
const rust: Readonly<Record<string, Opener>> = {
  'rusqlite.Connection.open': rustOf('sqlite', 'rusqlite', false),
  'rusqlite.Connection.open_with_flags': rustOf('sqlite', 'rusqlite', false),
  'rusqlite.Connection.open_with_flags_and_vfs': rustOf('sqlite', 'rusqlite', false),
  'tokio_rusqlite.Connection.open': rustOf('sqlite', 'rusqlite', false),
  'SqlitePool.connect': rustOf('sqlite', 'sqlx', true),
  'SqlitePool.connect_lazy': rustOf('sqlite', 'sqlx', true),
  'SqlitePool.connect_with': rustOf('sqlite', 'sqlx', true),
  'SqliteConnection.connect': rustOf('sqlite', 'sqlx', false),
  'SqliteConnection.establish': rustOf('sqlite', 'diesel', false),
  'SqliteConnectionManager.file': rustOf('sqlite', 'r2d2_sqlite', true),
  'PgPool.connect': rustOf('postgres', 'sqlx', true),
  'PgPool.connect_lazy': rustOf('postgres', 'sqlx', true),
  'PgPool.connect_with': rustOf('postgres', 'sqlx', true),
  'PgConnection.connect': rustOf('postgres', 'sqlx', false),
  'PgConnection.establish': rustOf('postgres', 'diesel', false),
  'tokio_postgres.connect': rustOf('postgres', 'tokio_postgres', false),
  'postgres.Client.connect': rustOf('postgres', 'postgres', false),
};

const goDrivers: readonly (readonly [RegExp, string])[] = [
  [/^github\.com\/ncruces\/go-sqlite3/, 'ncruces/go-sqlite3'],
  [/^github\.com\/mattn\/go-sqlite3/, 'mattn/go-sqlite3'],
  [/^modernc\.org\/sqlite/, 'modernc.org/sqlite'],
  [/^github\.com\/glebarez\/(?:go-)?sqlite/, 'glebarez/go-sqlite'],
  [/^gorm\.io\/driver\/sqlite/, 'mattn/go-sqlite3'],
];

/** The row for a call, or undefined where it opens nothing known. `modules` are those the file imports. */
export function openerOf(
  language: string,
  name: string,
  call: Call,
  modules: readonly string[],
  root: string | undefined,
): Opener | undefined {
  switch (language) {
    case 'python':
      return own(python, name) ?? sqlalchemy(call);
    case 'go':
      return own(go, name) ?? databaseSql(call, modules);
    case 'rust':
      return rustOpener(name, call, root);
    default:
      return own(javascript, name) ?? knex(call, name);
  }
}

function own(table: Readonly<Record<string, Opener>>, name: string): Opener | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function sqlalchemy(call: Call): Opener | undefined {
  if (call.name !== 'create_engine' && call.name !== 'create_async_engine') return undefined;
  const engine = engineOfUrl(call.arguments[0]?.value ?? call.arguments[0]?.text.replace(/^[frbu]*["']+/i, ''));
  if (engine === undefined) return undefined;
  return {
    engine,
    driver: 'python:sqlalchemy',
    pool: true,
    target: 0,
    options: {
      pool_size: plain('pool_max_size'),
      max_overflow: plain('pool_max_overflow'),
      pool_timeout: seconds('pool_acquire_timeout'),
      pool_recycle: seconds('pool_max_lifetime'),
      ...(engine === 'sqlite' ? { 'connect_args.timeout': seconds('busy_timeout') } : {}),
    },
  };
}

function databaseSql(call: Call, modules: readonly string[]): Opener | undefined {
  if (!/^(?:Open|Connect|MustConnect|MustOpen|ConnectContext)$/.test(call.name)) return undefined;
  if (!/^(?:sql|sqlx|otelsql)$/.test(call.receiver ?? '')) return undefined;
  const shift = call.name === 'ConnectContext' ? 1 : 0;
  const driver = call.arguments[shift]?.value;
  const target = shift + 1;
  if (driver === 'postgres' || driver === 'pgx' || driver === 'pgx/v5')
    return { ...goSql('postgres', driver === 'postgres' ? 'lib/pq' : 'pgx'), target };
  if (driver === 'sqlite3' || driver === 'sqlite') {
    const imported = goDrivers.find(([pattern]) => modules.some((module) => pattern.test(module)));
    // The blank import may stand in another file: then only the registered name tells.
    return { ...goSql('sqlite', imported?.[1] ?? (driver === 'sqlite3' ? 'sqlite3' : 'sqlite')), target };
  }
  return undefined;
}

const rustTypes = /(?:^|\.)((?:Sqlite|Pg)(?:Pool|PoolOptions|ConnectOptions|Connection|ConnectionManager))(?=\.|$)/;

/** `root` is the callee that begins the chain: `SqlitePoolOptions::new` of `….max_connections(5).connect(url)`. */
function rustOpener(name: string, call: Call, root: string | undefined): Opener | undefined {
  const direct = own(rust, name) ?? own(rust, name.slice(Math.max(0, name.search(rustTypes))).replace(/^\./, ''));
  if (direct !== undefined) return direct;
  if (!/^connect(?:_lazy)?(?:_with)?$/.test(call.name)) return undefined;
  const type = root === undefined ? undefined : rustTypes.exec(root)?.[1];
  if (type === undefined) return undefined;
  return rustOf(type.startsWith('Pg') ? 'postgres' : 'sqlite', 'sqlx', type.endsWith('PoolOptions'));
}

function knex(call: Call, name: string): Opener | undefined {
  if (name !== 'knex' && name !== 'knex.knex') return undefined;
  const client = call.arguments.find((argument: Argument) => argument.name === 'client')?.value ?? '';
  const sqlite = /^(?:better-sqlite3|sqlite3)$/.exec(client);
  if (sqlite === null && !/^(?:pg|postgres|postgresql|pg-native)$/.test(client)) return undefined;
  return {
    engine: sqlite === null ? 'postgres' : 'sqlite',
    driver: sqlite === null ? 'node:pg' : `node:${client}`,
    pool: true,
    target: ['connection.filename', 'connection', 'connection.connectionString'],
    options: { 'pool.max': plain('pool_max_size'), 'pool.min': plain('pool_min_size') },
  };
}

export function engineOfUrl(url: string | undefined): 'sqlite' | 'postgres' | undefined {
  if (url === undefined) return undefined;
  if (/^sqlite(?:\+\w+)?:/i.test(url)) return 'sqlite';
  if (/^postgres(?:ql)?(?:\+\w+)?:/i.test(url)) return 'postgres';
  return undefined;
}
