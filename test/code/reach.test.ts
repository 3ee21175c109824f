/** Calls that reach a database, a cache or the network through the code of a small repository. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCallFacts } from '../../server/analysis/calls/reach.ts';
import type { Reach } from '../../server/analysis/facts.ts';
import { nPlusOne } from '../../server/analysis/rules/code/n-plus-one.ts';
import { callNamed, ready, repository } from './support.ts';

beforeAll(ready);

/** What the first call of `name` in the last file reaches. */
function reachOf(files: Readonly<Record<string, string>>, name: string): Reach | undefined {
  const documents = repository(files);
  const last = documents.at(-1);
  if (last === undefined) throw new Error('no file');
  return buildCallFacts(documents).reach(last, callNamed(last, name));
}

describe('through files', () => {
  test('Python: a method of a field, declared in another module', () => {
    const reach = reachOf(
      {
        'app/store.py':
          'import psycopg\nclass Store:\n    def __init__(self, url):\n        self.conn = psycopg.connect(url)\n    def find(self, key):\n        return self.conn.execute("SELECT a FROM t WHERE k = %s", (key,)).fetchone()\n',
        'app/service.py':
          'from app.store import Store\nclass Service:\n    def __init__(self, store: Store):\n        self.store = store\n    def one(self, key):\n        return self.store.find(key)\n',
      },
      'find',
    );
    expect(reach?.kind).toBe('query');
    expect(reach?.via.map((step) => step.name)).toEqual(['self.store.find', 'self.conn.execute']);
  });
  test('TypeScript: an interface with one implementation', () => {
    const reach = reachOf(
      {
        'src/users.ts':
          "import { Pool } from 'pg';\nexport interface Users { rename(id: number, name: string): Promise<void>; name(id: number): Promise<string> }\nexport class PgUsers implements Users {\n  constructor(private pool: Pool) {}\n  async name(id: number) { return (await this.pool.query('SELECT name FROM users WHERE id = $1', [id])).rows[0].name; }\n  async rename(id: number, name: string) { await this.pool.query('UPDATE users SET name = $2 WHERE id = $1', [id, name]); }\n}\n",
        'src/api.ts':
          "import type { Users } from './users';\nexport async function change(users: Users, id: number) { await users.rename(id, 'x'); }\n",
      },
      'rename',
    );
    expect(reach).toMatchObject({ kind: 'write', writes: true });
  });
  test('Go: generated queries behind a struct field', () => {
    const reach = reachOf(
      {
        'db/db.go':
          'package db\nimport (\n\t"context"\n\t"github.com/jackc/pgx/v5"\n)\ntype DBTX interface {\n\tQueryRow(context.Context, string, ...interface{}) pgx.Row\n}\ntype Queries struct {\n\tdb DBTX\n}\nconst getUser = `SELECT name FROM users WHERE id = $1`\nfunc (q *Queries) GetUser(ctx context.Context, id int64) (string, error) {\n\trow := q.db.QueryRow(ctx, getUser, id)\n\tvar name string\n\terr := row.Scan(&name)\n\treturn name, err\n}\n',
        'api/api.go':
          'package api\nimport (\n\t"context"\n\t"example.com/x/db"\n)\ntype Server struct {\n\tq *db.Queries\n}\nfunc (s *Server) show(ctx context.Context, id int64) {\n\ts.q.GetUser(ctx, id)\n}\n',
      },
      'GetUser',
    );
    expect(reach?.kind).toBe('query');
  });
  test('Rust: a method of a struct in another module', () => {
    const reach = reachOf(
      {
        'src/store.rs':
          'use rusqlite::{params, Connection};\npub struct Store { conn: Connection }\nimpl Store {\n    pub fn touch(&self, id: i64) -> rusqlite::Result<usize> {\n        self.conn.execute("UPDATE t SET n = n + 1 WHERE id = ?1", params![id])\n    }\n}\n',
        'src/main.rs':
          'mod store;\nuse crate::store::Store;\nstruct App { store: Store }\nimpl App {\n    fn go(&self, id: i64) { self.store.touch(id).ok(); }\n}\n',
      },
      'touch',
    );
    expect(reach).toMatchObject({ kind: 'write', inProcess: true });
  });
});

describe('nothing is reached', () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    [
      'by a method of a dictionary beside an import of redis',
      { 'a.py': 'import redis\ndef f(prices: dict, sku):\n    return prices.get(sku)\n' },
      'get',
    ],
    [
      'by a cached function',
      {
        'a.py':
          'import functools, requests\n@functools.lru_cache\ndef load(x):\n    return requests.get(x)\ndef f(x):\n    return load(x)\n',
      },
      'load',
    ],
    [
      'by a pipeline',
      {
        'a.ts':
          "import Redis from 'ioredis';\nexport class C {\n  constructor(private redis: Redis) {}\n  f(k: string) { const pipe = this.redis.pipeline(); pipe.get(k); return pipe.exec(); }\n}\n",
      },
      'get',
    ],
    [
      'by a row',
      {
        'a.rs':
          'use postgres::Client;\nfn f(conn: &mut Client) { for row in conn.query("SELECT a FROM t", &[]).unwrap() { let a: i32 = row.get(0); } }\n',
      },
      'get',
    ],
    [
      'by an in-process cache of a known other type',
      {
        'a.go':
          'package a\nimport (\n\tgocache "github.com/patrickmn/go-cache"\n\t"github.com/redis/go-redis/v9"\n)\ntype S struct {\n\tc *gocache.Cache\n\trdb *redis.Client\n}\nfunc (s *S) f(k string) { s.c.Get(k) }\n',
      },
      'Get',
    ],
    ['by DDL', { 'a.py': 'import psycopg\ndef f(conn: psycopg.Connection):\n    conn.execute("CREATE TABLE t (a int)")\n' }, 'execute'],
    [
      'in tests',
      { 'src/a.ts': 'export const x = 1;\n', 'tests/a.ts': "export async function f() { await fetch('https://a'); }\n" },
      'fetch',
    ],
    [
      'by a prepared lookup that was handed its data',
      {
        'a.rs':
          'use sqlx::PgPool;\nstruct D;\nasync fn show(id: i64, known: Option<&D>, pool: &PgPool) -> i64 {\n    sqlx::query_scalar("SELECT a FROM t WHERE id = $1").bind(id).fetch_one(pool).await.unwrap()\n}\nasync fn all(d: D, pool: &PgPool) { show(1, Some(&d), pool).await; }\n',
      },
      'show',
    ],
  ])('%s', (_, files, name) => {
    const documents = repository(files);
    const last = documents.at(-1);
    if (last === undefined) throw new Error('no file');
    const facts = buildCallFacts(documents);
    const found = last.calls.flatMap((call, index) => (call.name === name ? [facts.reach(last, index)] : []));
    expect(found.length).toBeGreaterThan(0);
    expect(found.at(-1)).toBeUndefined();
  });
});

test('functions that call each other end', () => {
  const reach = reachOf(
    {
      'a.py': 'import requests\ndef a(x):\n    b(x)\ndef b(x):\n    a(x)\n    c(x)\ndef c(x):\n    requests.get(x)\ndef f(x):\n    a(x)\n',
    },
    'a',
  );
  expect(reach).toMatchObject({ kind: 'network' });
});

test('what stands above the repository does not make its files tests', () => {
  const files = { 'a.py': 'import requests\ndef f(urls):\n    for url in urls:\n        requests.get(url)\n', 'lib/b.py': 'x = 1\n' };
  const documents = repository(files, '/home/me/tests/fixtures/repo');
  const [first] = documents;
  if (first === undefined) throw new Error('no file');
  expect([...nPlusOne.check({ document: first }, { calls: buildCallFacts(documents) })]).toHaveLength(1);
});

test('a cut or scrambled program is answered with silence or findings, never with an exception', () => {
  const text =
    'import psycopg\nclass S:\n    def __init__(self, db: psycopg.Connection):\n        self.db = db\n    def one(self, k):\n        return self.db.execute("SELECT 1 FROM t WHERE k = %s", (k,))\ndef all(s: S, ks):\n    return [s.one(k) for k in ks]\n';
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 4 }), (from, to, put) => {
      const documents = repository({ 'a.py': text.slice(0, Math.min(from, to)) + put + text.slice(Math.max(from, to)) });
      const facts = buildCallFacts(documents);
      for (const document of documents) {
        if (document.loops.length > 0)
          for (const report of nPlusOne.check({ document }, { calls: facts })) expect(report.message.length).toBeLessThanOrEqual(120);
      }
    }),
    { numRuns: 60 },
  );
});
