/** Readers are total, and an edit recomputes only what it touched. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Document, hostOffset } from '../../server/analysis/document.ts';
import type { ReadContext } from '../../server/analysis/reader.ts';
import { loadGrammars, readContext } from '../support/syntax.ts';
import { grammars, hostReaders, read, spans } from './support.ts';

beforeAll(() => loadGrammars(grammars));

const samples: Readonly<Record<string, string>> = {
  python: `import sqlite3
Q = """SELECT a, 'é\\x41' FROM b WHERE c = ?"""
@app.get("/x")
async def load(db: Db, ids: list[int]):
    async with db.begin() as tx:
        for i in ids:
            row = await tx.execute(Q, (i,))
        rows = await asyncio.gather(*[tx.execute(f"SELECT {x} FROM t WHERE i = {i}") for i in ids if i])
        tx.execute("UPDATE t SET a = %s WHERE b = '%d'" % (1, 2), {"a": 1})
        tx.execute("SELECT {} FROM u".format(x) + " WHERE y = 1")
class A(B):
    q = "DELETE FROM z" "  WHERE 1"
    def f(self, n=1):
        while True:
            try: return self.db.query(self.q)
            except E: continue
`,
  typescript: `import { Pool } from 'pg';
const Q = \`SELECT a FROM b WHERE c = \${x} \\u{1F600}\`;
export class Repo<T> extends Base {
  constructor(private readonly db: Pool) { super(); }
  @Get('/x') async find(ids: string[], { a, b }: Options): Promise<T[]> {
    const { rows } = await this.db.query<Row>(Q, [ids]);
    await Promise.all(ids.map(async (id) => this.db.query('SELECT a FROM b WHERE c = $1', [id])));
    for (let i = 0; i < ids.length; i++) { if (i) break; await sql\`DELETE FROM t WHERE i = \${i}\`; }
    for await (const row of this.stream({ sql: 'SELECT 1 FROM x', o: { p: 1 } })) yield row;
    return rows.map((row) => row as T);
  }
}
`,
  go: `package main
import ( "database/sql"; pgx "github.com/jackc/pgx/v5" )
const q = \`SELECT a FROM b\` + " WHERE c = '\\x41'\\n"
func (r *Repo[T]) Get(ctx context.Context, ids ...int) (x int, err error) {
	rows, err := r.db.Query(fmt.Sprintf("SELECT %s FROM t WHERE a = %d", c, id), &Options{A: 1})
	defer rows.Close()
	for rows.Next() { if err := rows.Scan(&x); err != nil { return } }
	for _, id := range ids { g.Go(func() error { return r.exec(q, id) }) }
	for i := 0; i < len(ids); i++ { select { case <-c: break } }
	return
}
`,
  rust: `use sqlx::{PgPool, Row as R};
const Q: &str = "SELECT a \\
   FROM b WHERE c = '\\u{1F600}'";
impl Store for Db {
    #[instrument(skip(self))]
    async fn get(&self, ids: &[i64]) -> Result<Vec<X>> {
        let rows = sqlx::query_as::<_, X>(Q).bind(1).fetch_all(&self.pool).await?;
        let one = sqlx::query!(r#"SELECT "a" FROM b WHERE c = $1"#, self.id(ids[0]).await).fetch_one(&mut *tx).await?;
        for id in ids { conn.execute(&format!("DELETE FROM {} WHERE a = {id}", t), params![id])?; }
        while let Some(row) = rows.next().await { if row.ok { break; } }
        join_all(ids.iter().map(|id| async move { self.load(*id).await })).await;
        Ok(rows)
    }
}
`,
};
const pieces = [
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '`',
  '\\',
  '\n',
  '  ',
  '"""',
  '${',
  '%s',
  '{}',
  '+',
  'for',
  'SELECT a FROM b',
  '😀',
  '\uE000',
  '//',
  '#',
  'r#"',
  ';',
];

function checkPlaces(text: string, document: Document): void {
  for (const span of spans(document)) {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  const inside = (index: number | undefined, list: readonly unknown[]) => expect(index === undefined || index < list.length).toBe(true);
  for (const one of [...document.calls, ...document.queries, ...document.loops]) {
    inside(one.function, document.functions);
    if ('loop' in one) inside(one.loop, document.loops);
    if ('call' in one) inside(one.call, document.calls);
    if ('chain' in one) inside(one.chain, document.calls);
  }
  for (const query of document.queries) {
    for (let at = 0; at <= query.sql.length; at++) {
      const host = hostOffset(query.segments, at);
      expect(host >= 0 && host <= text.length).toBe(true);
    }
  }
}

describe.each(Object.keys(samples))('%s', (language) => {
  const sample = samples[language] ?? '';

  test('no broken text throws, and every span stays inside', () => {
    const edit = fc.record({ at: fc.nat(sample.length), cut: fc.nat(30), put: fc.constantFrom(...pieces, '') });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = sample;
        for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        checkPlaces(text, read(language, text));
      }),
      { numRuns: 120, seed: 7 },
    );
  });

  test('cut off anywhere', () => {
    for (let end = 0; end <= sample.length; end += 7) checkPlaces(sample.slice(0, end), read(language, sample.slice(0, end)));
  });

  test('an edit gives what a fresh read gives', () => {
    const context = readContext();
    const reader = hostReaders[language];
    for (const at of [0, 30, sample.length >> 1, sample.length - 2]) {
      const text = `${sample.slice(0, at)} ${sample.slice(at)}`;
      reader?.read({ path: '/w/a', language, text: sample }, context);
      expect(reader?.read({ path: `/w/file.${language}`, language, text }, context)).toEqual(read(language, text));
    }
  });
});

test.each([
  ['python', (n: number) => `x = ${'('.repeat(n)}"SELECT a FROM b"${')'.repeat(n)}\n`],
  ['python', (n: number) => `db.execute(${'"a" + '.repeat(n)}"b")\n`],
  ['javascript', (n: number) => `${'f('.repeat(n)}${')'.repeat(n)}`],
  ['javascript', (n: number) => `a${'.b()'.repeat(n)}`],
  ['javascript', (n: number) => `${'{'.repeat(n)}${'}'.repeat(n)}`],
  ['javascript', (n: number) => `f(${'{a:'.repeat(n)}1${'}'.repeat(n)})`],
  ['typescript', (n: number) => `${'for (const a of b) {'.repeat(n)}${'}'.repeat(n)}`],
  ['go', (n: number) => `package p\nfunc f() { ${'func() { '.repeat(n)}${'}()'.repeat(n)} }`],
  ['rust', (n: number) => `fn f() { m!(${'('.repeat(n)}${')'.repeat(n)}); }`],
  ['rust', (n: number) => `fn f() { a${'.b()'.repeat(n)}; }`],
])('%s nested 10,000 deep', (language, text) => {
  const source = text(10_000);
  checkPlaces(source, read(language, source));
});

test('an edit recomputes one function, not the file', () => {
  const method = (n: number) =>
    `    def m${n}(self, db):\n        for i in self.ids:\n            db.execute("SELECT a FROM b WHERE c = ${n}", (i,))\n        return ${n}\n\n`;
  const text = `class A:\n${Array.from({ length: 300 }, (_, n) => method(n)).join('')}`;
  const inner = readContext();
  let computed = 0;
  const context: ReadContext = {
    ...inner,
    remember: (kind, key, compute) =>
      inner.remember(kind, key, () => {
        computed++;
        return compute();
      }),
  };
  const reader = hostReaders.python;
  reader?.read({ path: '/w/a.py', language: 'python', text }, context);
  computed = 0;
  const document = reader?.read({ path: '/w/a.py', language: 'python', text: text.replace('return 150', 'return 9150') }, context);
  expect(document?.queries).toHaveLength(300);
  // The class, its declared type, the method.
  expect(computed).toBeLessThanOrEqual(3);
});
