/**
 * What each SQLite driver does with a locked database when the program says nothing, in
 * milliseconds. SQLite itself waits 0 ms (sqlite.org/c3ref/busy_timeout.html), so a driver that sets
 * nothing has 0. A driver that is not in the table is not known: rules stay silent about it.
 */
export interface SqliteDriver {
  readonly name: string;
  /** Milliseconds a new connection waits for a lock. */
  readonly busyTimeout: number;
  /** The pragmas are then the program's own: the driver's default does not apply any more. */
  readonly pragmasReplaceDefault?: boolean | undefined;
  /** How `?key=value` of the DSN is understood: `named`: `_busy_timeout=…`; `pragma`: `_pragma=busy_timeout(…)`. */
  readonly dsn?: 'named' | 'pragma' | undefined;
  /** How a person sets the timeout with this driver: for messages. */
  readonly remedy: string;
}

export const sqliteDrivers: Readonly<Record<string, SqliteDriver>> = {
  // docs.python.org, sqlite3.connect: timeout, default 5.0 seconds.
  'python:sqlite3': { name: "Python's sqlite3", busyTimeout: 5000, remedy: 'timeout=5.0' },
  // aiosqlite hands its arguments to sqlite3.connect.
  'python:aiosqlite': { name: 'aiosqlite', busyTimeout: 5000, remedy: 'timeout=5.0' },
  // SQLAlchemy's pysqlite and aiosqlite dialects connect through the two above.
  'python:sqlalchemy': { name: 'SQLAlchemy', busyTimeout: 5000, remedy: 'connect_args={"timeout": 5.0}' },
  // APSW adds no busy handler to sqlite3_open_v2 (rogerbinns.github.io/apsw/connection.html).
  'python:apsw': { name: 'APSW', busyTimeout: 0, remedy: 'connection.set_busy_timeout(5000)' },
  // better-sqlite3 docs/api.md: options.timeout, default 5000.
  'node:better-sqlite3': { name: 'better-sqlite3', busyTimeout: 5000, remedy: '{ timeout: 5000 }' },
  // nodejs.org/api/sqlite.html, DatabaseSync: timeout, default 0.
  'node:sqlite': { name: 'node:sqlite', busyTimeout: 0, remedy: '{ timeout: 5000 }' },
  // bun:sqlite sets nothing; oven-sh/bun issue 5621 gives the pragma as the way.
  'bun:sqlite': { name: 'bun:sqlite', busyTimeout: 0, remedy: 'PRAGMA busy_timeout = 5000' },
  // node-sqlite3 src/database.cc calls sqlite3_busy_timeout(handle, 1000) after opening; its `sqlite` wrapper uses it.
  'node:sqlite3': { name: 'sqlite3', busyTimeout: 1000, remedy: "db.configure('busyTimeout', 5000)" },
  // mattn/go-sqlite3 sqlite3.go: busyTimeout := 5000.
  'go:mattn/go-sqlite3': { name: 'mattn/go-sqlite3', busyTimeout: 5000, dsn: 'named', remedy: '?_busy_timeout=5000' },
  // modernc.org/sqlite sets none; glebarez/go-sqlite, its fork, added 5000 "like mattn does" (commit 5314c3c).
  'go:modernc.org/sqlite': { name: 'modernc.org/sqlite', busyTimeout: 0, dsn: 'pragma', remedy: '?_pragma=busy_timeout(5000)' },
  'go:glebarez/go-sqlite': { name: 'glebarez/go-sqlite', busyTimeout: 5000, dsn: 'pragma', remedy: '?_pragma=busy_timeout(5000)' },
  // ncruces/go-sqlite3 driver: one minute, but only "if no PRAGMAs are specified".
  'go:ncruces/go-sqlite3': {
    name: 'ncruces/go-sqlite3',
    busyTimeout: 60_000,
    pragmasReplaceDefault: true,
    dsn: 'pragma',
    remedy: '?_pragma=busy_timeout(5000)',
  },
  // zombiezen.com/go/sqlite Conn: SetBusyTimeout(10 s) when it opens.
  'go:zombiezen.com/go/sqlite': { name: 'zombiezen.com/go/sqlite', busyTimeout: 10_000, remedy: 'conn.SetBusyTimeout(5 * time.Second)' },
  // docs.rs/rusqlite, Connection::busy_timeout: "currently have a default busy timeout of 5000ms".
  'rust:rusqlite': { name: 'rusqlite', busyTimeout: 5000, remedy: 'conn.busy_timeout(Duration::from_secs(5))' },
  'rust:r2d2_sqlite': { name: 'r2d2_sqlite', busyTimeout: 5000, remedy: 'conn.busy_timeout(Duration::from_secs(5))' },
  // sqlx-sqlite options/mod.rs: busy_timeout: Duration::from_secs(5).
  'rust:sqlx': { name: 'sqlx', busyTimeout: 5000, remedy: '.busy_timeout(Duration::from_secs(5))' },
  // Diesel's SqliteConnection::establish sets none (docs.rs/diesel recommends PRAGMA busy_timeout).
  'rust:diesel': { name: 'Diesel', busyTimeout: 0, remedy: 'PRAGMA busy_timeout = 5000' },
};
