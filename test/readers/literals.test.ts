/** SQL in strings: what is found, what is decoded, and where it stands. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates
import { beforeAll, describe, expect, test } from 'vitest';
import { hostOffset } from '../../server/analysis/document.ts';
import { loadGrammars } from '../support/syntax.ts';
import { grammars, queryCall, read, slice, written } from './support.ts';

beforeAll(() => loadGrammars(grammars));

/** Language, source, the statement as sent to an engine, the statement as written. */
const found: readonly (readonly [name: string, language: string, source: string, sql: string, text: string])[] = [
  ['plain', 'python', 'db.execute("SELECT a FROM b")', 'SELECT a FROM b', 'SELECT a FROM b'],
  ['after an accent and an emoji', 'python', 'x = "é😀"; db.execute("SELECT a FROM b")', 'SELECT a FROM b', 'SELECT a FROM b'],
  ['triple quotes', 'python', 'db.execute("""\n  SELECT a\n  FROM b\n""")', 'SELECT a\n  FROM b', 'SELECT a\n  FROM b'],
  ['raw', 'python', String.raw`db.execute(r"SELECT '\d' FROM b")`, String.raw`SELECT '\d' FROM b`, String.raw`SELECT '\d' FROM b`],
  [
    'escapes',
    'python',
    String.raw`db.execute('SELECT \'\x41\n\U0001F600\' FROM b')`,
    "SELECT 'A\n😀' FROM b",
    String.raw`SELECT \'\x41\n\U0001F600\' FROM b`,
  ],
  ['implicit concatenation', 'python', 'db.execute("SELECT a "\n  "FROM b")', 'SELECT a FROM b', 'SELECT a "\n  "FROM b'],
  ['plus', 'python', 'db.execute("SELECT a " + "FROM b")', 'SELECT a FROM b', 'SELECT a " + "FROM b'],
  ['line continuation', 'python', 'db.execute("SELECT a \\\nFROM b")', 'SELECT a FROM b', 'SELECT a \\\nFROM b'],
  [
    'f-string',
    'python',
    'db.execute(f"SELECT a FROM b WHERE c = {x.y} LIMIT 5")',
    'SELECT a FROM b WHERE c = ? LIMIT 5',
    'SELECT a FROM b WHERE c = {x.y} LIMIT 5',
  ],
  [
    'braces of an f-string',
    'python',
    `db.execute(f"SELECT '{{}}' FROM b WHERE c = {x}")`,
    "SELECT '{}' FROM b WHERE c = ?",
    "SELECT '{{}}' FROM b WHERE c = {x}",
  ],
  [
    'percent',
    'python',
    `db.execute("SELECT a FROM b WHERE c = %d AND d LIKE 'x%%'" % c)`,
    "SELECT a FROM b WHERE c = ? AND d LIKE 'x%'",
    "SELECT a FROM b WHERE c = %d AND d LIKE 'x%%'",
  ],
  [
    'format',
    'python',
    'db.execute("SELECT a FROM b WHERE c = {}".format(c))',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = {}',
  ],
  ['wrapped in text()', 'python', 'session.execute(text("SELECT a FROM b"))', 'SELECT a FROM b', 'SELECT a FROM b'],
  ['dedent', 'python', 'db.execute(textwrap.dedent("""\n SELECT a FROM b"""))', 'SELECT a FROM b', 'SELECT a FROM b'],
  [
    'dedent, strip and format',
    'python',
    'db.execute(textwrap.dedent("SELECT a FROM b WHERE c = {c}").strip().format(c=1))',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = {c}',
  ],
  [
    'composed',
    'python',
    'cur.execute(sql.SQL("SELECT a FROM b WHERE c = {}").format(sql.Literal(1)))',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = {}',
  ],
  ['template', 'typescript', 'db.query(`SELECT a FROM b WHERE c = ${x}`)', 'SELECT a FROM b WHERE c = ?', 'SELECT a FROM b WHERE c = ${x}'],
  ['tagged', 'typescript', 'await sql`SELECT a FROM b WHERE c = ${x}`', 'SELECT a FROM b WHERE c = ?', 'SELECT a FROM b WHERE c = ${x}'],
  ['tagged with types', 'typescript', 'const [r] = await tx.$queryRaw<Row[]>`SELECT a FROM b`', 'SELECT a FROM b', 'SELECT a FROM b'],
  ['option object', 'typescript', 'db.query({ text: "SELECT a FROM b", values: [] })', 'SELECT a FROM b', 'SELECT a FROM b'],
  [
    'escapes',
    'typescript',
    String.raw`db.query('SELECT \'\x41\u{1F600}\u0042\' FROM b')`,
    "SELECT 'A😀B' FROM b",
    String.raw`SELECT \'\x41\u{1F600}\u0042\' FROM b`,
  ],
  ['concatenation', 'javascript', "db.query('SELECT a ' +\n  'FROM b')", 'SELECT a FROM b', "SELECT a ' +\n  'FROM b"],
  ['JSX file', 'typescriptreact', 'const x = <p>{db.query("SELECT a FROM b")}</p>', 'SELECT a FROM b', 'SELECT a FROM b'],
  ['raw string', 'go', 'package p\nfunc f() { db.Query(`SELECT a\nFROM b`) }', 'SELECT a\nFROM b', 'SELECT a\nFROM b'],
  [
    'escapes',
    'go',
    `package p\nfunc f() { db.Query("SELECT '\\x41\\u00e9\\101' FROM b") }`,
    "SELECT 'AéA' FROM b",
    "SELECT '\\x41\\u00e9\\101' FROM b",
  ],
  [
    'Sprintf',
    'go',
    'package p\nfunc f() { db.Query(fmt.Sprintf("SELECT a FROM b WHERE c = %d", id)) }',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = %d',
  ],
  ['concatenation', 'go', 'package p\nfunc f() { db.Query("SELECT a "+\n\t`FROM b`) }', 'SELECT a FROM b', 'SELECT a "+\n\t`FROM b'],
  [
    'dbx placeholder',
    'go',
    'package p\nfunc f() { db.NewQuery("SELECT a FROM b WHERE c = {:id}") }',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = {:id}',
  ],
  ['raw string', 'rust', 'fn f() { db.query(r#"SELECT "a" FROM b"#); }', 'SELECT "a" FROM b', 'SELECT "a" FROM b'],
  [
    'macro',
    'rust',
    'fn f() { sqlx::query!("SELECT a FROM b WHERE c = $1", id); }',
    'SELECT a FROM b WHERE c = $1',
    'SELECT a FROM b WHERE c = $1',
  ],
  [
    'escapes',
    'rust',
    String.raw`fn f() { db.query("SELECT \"\x41\u{1F600}\" FROM b"); }`,
    'SELECT "A😀" FROM b',
    String.raw`SELECT \"\x41\u{1F600}\" FROM b`,
  ],
  ['line continuation', 'rust', 'fn f() { db.query("SELECT a \\\n      FROM b"); }', 'SELECT a FROM b', 'SELECT a \\\n      FROM b'],
  [
    'format',
    'rust',
    'fn f() { db.query(&format!("SELECT a FROM b WHERE c = {id}")); }',
    'SELECT a FROM b WHERE c = ?',
    'SELECT a FROM b WHERE c = {id}',
  ],
  ['concat', 'rust', 'fn f() { db.query(concat!("SELECT a ", "FROM b")); }', 'SELECT a FROM b', 'SELECT a ", "FROM b'],
];

describe('finds', () => {
  test.each(found)('%s in %s', (_, language, source, sql, text) => {
    const document = read(language, source);
    expect(document.queries.map((query) => query.sql)).toEqual([sql]);
    expect(written(source, document)).toEqual([text]);
  });
});

/** Language, source: nothing in it is a query. */
const silent: readonly (readonly [name: string, language: string, source: string])[] = [
  ['docstring', 'python', 'def f():\n    """SELECT a FROM b"""\n'],
  ['module docstring', 'python', '"""SELECT a FROM b"""\n'],
  ['comment', 'python', '# SELECT a FROM b\n'],
  ['log', 'python', 'logger.info("SELECT a FROM b WHERE c = %s", c)'],
  ['exception', 'python', 'raise ValueError("DELETE FROM b WHERE a = 1")'],
  ['comparison', 'python', 'if sql == "SELECT a FROM b":\n    pass'],
  ['search', 'python', 'sql.startswith("SELECT a FROM b")'],
  ['help', 'python', 'parser.add_argument("--x", help="SELECT a FROM b")'],
  ['values of a statement', 'python', 'db.execute(query, ("SELECT a FROM b",))'],
  ['prose', 'python', 'x = "Select a file from the list"'],
  ['expression of a mapper', 'python', 'qs.annotate(n=RawSQL("SELECT count(*) FROM a WHERE a.b = c.id", ()))'],
  ['console', 'typescript', "console.log('SELECT a FROM b')"],
  ['test name', 'typescript', "it('SELECT a FROM b', () => {})"],
  ['type', 'typescript', "type X = 'SELECT a FROM b'"],
  ['assertion', 'typescript', "expect(sql).toBe('SELECT a FROM b')"],
  ['error', 'typescript', "throw new Error('SELECT a FROM b')"],
  ['case', 'javascript', "switch (x) { case 'SELECT a FROM b': break; }"],
  ['log', 'go', 'package p\nfunc f() { log.Printf("SELECT a FROM b") }'],
  ['subtest', 'go', 'package p\nfunc f() { t.Run("SELECT a FROM b", nil) }'],
  ['error', 'go', 'package p\nfunc f() error { return errors.New("SELECT a FROM b") }'],
  [
    'part of a joined list',
    'python',
    'parts = []\nparts.append("SELECT a FROM b")\nparts.extend(["SELECT c FROM d"])\nsql = "\\n".join(parts)',
  ],
  ['part of a joined list', 'typescript', "const parts = ['SELECT a FROM b', 'WHERE c = 1'];\ndb.query(parts.join(' '));"],
  ['SPARQL', 'go', 'package p\nvar q = `SELECT ?a WHERE { ?a b ?c }`'],
  ['tracing', 'rust', 'fn f() { tracing::info!("SELECT a FROM b"); }'],
  ['assertion', 'rust', 'fn f() { assert_eq!(sql, "SELECT a FROM b"); }'],
  ['doc comment', 'rust', '/// SELECT a FROM b\nfn f() {}'],
];
test.each(silent)('is silent on a %s in %s', (_, language, source) => {
  expect(read(language, source).queries).toEqual([]);
});

describe('places', () => {
  test.each([
    ['python', '\uFEFFdb.execute("""\r\n  SELECT a\r\n  FROM b\r\n""")\r\n'],
    ['typescript', '\uFEFFdb.query(`\r\n  SELECT a\r\n  FROM b\r\n`);\r\n'],
    ['go', '\uFEFFpackage p\r\n\r\nfunc f() {\r\n\tdb.Query(`\r\n  SELECT a\r\n  FROM b\r\n`)\r\n}\r\n'],
    ['rust', '\uFEFFfn f() {\r\n  db.query("\r\n  SELECT a\r\n  FROM b\r\n");\r\n}\r\n'],
  ])('with a byte order mark and carriage returns in %s', (language, source) => {
    expect(written(source, read(language, source))).toEqual(['SELECT a\r\n  FROM b']);
  });

  test('a table name behind an escape', () => {
    const source = String.raw`db.execute("SELECT 'é\n\t\x41' FROM users WHERE id = 1")`;
    const [query] = read('python', source).queries;
    const at = query?.sql.indexOf('users') ?? -1;
    const start = hostOffset(query?.segments ?? [], at);
    expect(slice(source, { start, end: start + 5 })).toBe('users');
  });

  test('a hole', () => {
    const source = 'db.query(`SELECT a FROM ${table} WHERE b = ${b.c} AND d = 1`)';
    const [query] = read('typescript', source).queries;
    expect(query?.holes.map((hole) => [hole.position, hole.text, slice(source, hole.span)])).toEqual([
      ['identifier', 'table', '${table}'],
      ['value', 'b.c', '${b.c}'],
    ]);
    expect(query?.plannable).toBe(false);
  });

  test('the call with its arguments is the anchor', () => {
    const source = 'const r = await db.query("SELECT a FROM b", [1]);';
    const [query] = read('typescript', source).queries;
    expect(query && slice(source, query.anchor)).toBe('db.query("SELECT a FROM b", [1])');
  });
});

describe('constants', () => {
  test('are linked to their only use', () => {
    const source = 'Q = "SELECT a FROM b"\ndef f(db, ids):\n    for i in ids:\n        db.execute(Q, (i,))\n';
    const document = read('python', source);
    const [query] = document.queries;
    expect(query?.name).toBe('Q');
    expect(queryCall(document, query)).toBe('db.execute');
    expect(query?.loop).toBe(0);
    expect(document.functions[query?.function ?? -1]?.name).toBe('f');
  });

  test('used twice belong to neither use', () => {
    const [query] = read('python', 'Q = "SELECT a FROM b"\ndef f(db):\n    db.execute(Q)\n    db.execute(Q)\n').queries;
    expect([query?.call, query?.function, query?.loop]).toEqual([undefined, undefined, undefined]);
  });

  test.each([
    ['python', 'class A:\n    Q = "SELECT a FROM b"\n    def f(self):\n        self.db.execute(self.Q)\n', 'self.db.execute'],
    ['typescript', "class A { static Q = 'SELECT a FROM b'; f() { return this.db.query(A.Q); } }", 'this.db.query'],
    ['typescript', "const SQL = { one: 'SELECT a FROM b' };\nexport const f = () => db.query(SQL.one);", 'db.query'],
    ['typescript', "const q = 'SELECT a FROM b';\nclient.query({ text: q, values: [] });", 'client.query'],
    ['typescript', "enum Q { A = 'SELECT a FROM b' }\ndb.query(Q.A);", 'db.query'],
    ['go', 'package p\nconst q = "SELECT a FROM b"\nfunc f() { db.QueryRow(ctx, q) }', 'db.QueryRow'],
    ['rust', 'const Q: &str = "SELECT a FROM b";\nfn f() { sqlx::query(Q).fetch_all(&p); }', 'sqlx::query'],
    ['rust', 'struct S;\nimpl S { const Q: &str = "SELECT a FROM b"; fn f() { c.execute(&Self::Q, []); } }', 'c.execute'],
    ['python', 'Q = text("SELECT a FROM b")\ndef f(s):\n    s.execute(Q)\n', 's.execute'],
    ['python', 'Q = "SELECT a FROM b"\ndef f(s):\n    s.execute(text(Q))\n', 's.execute'],
  ])('%s members and wrappers: %s', (language, source, callee) => {
    const document = read(language, source);
    expect(document.queries).toHaveLength(1);
    expect(queryCall(document, document.queries[0])).toBe(callee);
  });

  test('a member is not the variable of the same name', () => {
    const source = "class A { q = 'SELECT a FROM b'; f(q) { return db.query(q); } }";
    expect(read('typescript', source).queries.map((query) => query.call)).toEqual([undefined]);
  });

  test('a parameter hides the constant of its name', () => {
    const [query] = read('python', 'q = "SELECT a FROM b"\ndef f(db, q):\n    db.execute(q)\n').queries;
    expect(query?.call).toBeUndefined();
  });

  test('are put into the statements that name them', () => {
    const source =
      'COLUMNS = "id, name"\nBASE = "SELECT id FROM t"\ndb.execute(f"SELECT {COLUMNS} FROM u")\ndb.execute(BASE + " WHERE id = 1")\n';
    expect(read('python', source).queries.map((query) => [query.sql, query.plannable])).toEqual([
      ['SELECT id, name FROM u', true],
      ['SELECT id FROM t WHERE id = 1', true],
    ]);
  });

  test.each([
    ['python', 'def f(db):\n    sql = "SELECT a FROM b WHERE 1 = 1"\n    if x:\n        sql += " AND c = 1"\n    db.execute(sql)\n'],
    ['javascript', "let sql = 'SELECT a FROM b';\nif (x) sql += ' WHERE c = 1';\ndb.query(sql);"],
    ['go', 'package p\nfunc f() {\n\tq := "SELECT a FROM b"\n\tif x {\n\t\tq = q + " WHERE c = 1"\n\t}\n\tdb.Query(q)\n}'],
    ['rust', 'fn f() { let mut q = String::from("SELECT a FROM b"); q.push_str(" WHERE c = 1"); c.execute(&q); }'],
  ])('that grow cannot be planned: %s', (language, source) => {
    const [query] = read(language, source).queries;
    expect(query?.plannable).toBe(false);
    expect(query?.sql).toContain('FROM b');
  });

  test('that are templates have holes', () => {
    const source = 'Q = "SELECT a FROM {table} WHERE b = 1"\ndef f(db):\n    db.execute(Q.format(table="t"))\n';
    const document = read('python', source);
    expect(document.queries.map((query) => query.holes.length)).toEqual([1]);
    expect(queryCall(document, document.queries[0])).toBe('db.execute');
  });

  test('of an inner function hide those of the file', () => {
    const source = 'Q = "SELECT a FROM b"\ndef f(db):\n    Q = "SELECT c FROM d"\n    db.execute(Q)\ndef g(db):\n    db.fetch(Q)\n';
    const document = read('python', source);
    expect(document.queries.map((query) => [query.sql, queryCall(document, query)])).toEqual([
      ['SELECT a FROM b', 'db.fetch'],
      ['SELECT c FROM d', 'db.execute'],
    ]);
  });
});

test.each([
  ['python', 'def downgrade():\n    op.execute("DROP TABLE a")\n', 'down'],
  ['python', 'def upgrade():\n    op.execute("CREATE TABLE a (id int)")\n', 'up'],
  ['python', 'x = migrations.RunSQL(sql=None, reverse_sql="DROP TABLE a")', 'down'],
  ['javascript', "exports.down = (knex) => knex.raw('DROP TABLE a');", 'down'],
  ['go', 'package p\nfunc downAddUsers(tx *sql.Tx) error { _, err := tx.Exec("DROP TABLE a"); return err }', 'down'],
])('%s migrations say their direction: %s', (language, source, direction) => {
  expect(read(language, source).queries.map((query) => query.direction)).toEqual([direction]);
});

test('statements inside a function that a literal creates have their places in the file', () => {
  const text = `import psycopg

def up(conn):
    conn.execute("""
        CREATE FUNCTION close_all(p_owner bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE orders SET state = 'closed' WHERE owner_id = p_owner;
        END $$
    """)
`;
  const inner = read('python', text).queries.filter((query) => query.within === 'routine');
  expect(inner.map((query) => [query.sql, slice(text, query.span)])).toEqual([
    ["UPDATE orders SET state = 'closed' WHERE owner_id = $1", "UPDATE orders SET state = 'closed' WHERE owner_id = p_owner"],
  ]);
  expect(inner.flatMap(({ holes }) => holes.map(({ span }) => slice(text, span)))).toEqual(['p_owner']);
});
