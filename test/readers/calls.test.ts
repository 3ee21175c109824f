/** Functions, calls and imports. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates
import { beforeAll, describe, expect, test } from 'vitest';
import { loadGrammars } from '../support/syntax.ts';
import { grammars, read, slice } from './support.ts';

beforeAll(() => loadGrammars(grammars));

const go = (body: string) => `package p\nfunc f() {\n${body}\n}`;
const rust = (body: string) => `async fn f() {\n${body}\n}`;

describe('functions', () => {
  test.each([
    [
      'python',
      '@app.get("/x")\nasync def f(a, b: int = 1, *c, d: Repo = None, **e) -> X:\n    pass',
      {
        name: 'f',
        async: true,
        decorators: ['app.get("/x")'],
        returns: 'X',
        parameters: [{ name: 'a' }, { name: 'b', type: 'int' }, { name: 'c' }, { name: 'd', type: 'Repo' }, { name: 'e' }],
      },
    ],
    ['python', 'class A:\n    def f(self): pass', { name: 'f', owner: 'A' }],
    ['python', 'f = lambda x: x', { name: 'f' }],
    [
      'typescript',
      'export async function f(a: A, b?: B, ...c: C[]): Promise<X> {}',
      {
        name: 'f',
        async: true,
        returns: 'Promise<X>',
        parameters: [
          { name: 'a', type: 'A' },
          { name: 'b', type: 'B' },
          { name: 'c', type: 'C[]' },
        ],
      },
    ],
    ['typescript', 'class A { @Get("/x") private async f(a: A) {} }', { name: 'f', owner: 'A', async: true, decorators: ['Get("/x")'] }],
    [
      'typescript',
      'class A { constructor(private readonly db: Db) {} }',
      { name: 'constructor', owner: 'A', parameters: [{ name: 'db', type: 'Db' }] },
    ],
    ['typescript', 'class A { f = async (x) => x }', { name: 'f', owner: 'A', async: true, parameters: [{ name: 'x' }] }],
    ['typescript', 'const repo = { async f() {} };', { name: 'f', owner: 'repo' }],
    ['typescript', 'export const f = (a) => a;', { name: 'f' }],
    ['javascript', 'exports.f = async function () {}', { name: 'f', async: true }],
    [
      'go',
      'package p\nfunc (r *Repo[T]) Get(ctx context.Context, a, b int) error { return nil }',
      {
        name: 'Get',
        owner: 'Repo',
        returns: 'error',
        parameters: [
          { name: 'r', type: '*Repo[T]' },
          { name: 'ctx', type: 'context.Context' },
          { name: 'a', type: 'int' },
          { name: 'b', type: 'int' },
        ],
      },
    ],
    [
      'rust',
      'impl<T> Repo for Store<T> {\n    #[instrument]\n    pub async fn get(&self, id: i64) -> X {}\n}',
      { name: 'get', owner: 'Store', async: true, decorators: ['instrument'], returns: 'X', parameters: [{ name: 'id', type: 'i64' }] },
    ],
  ])('%s: %s', (language, source, expected) => {
    expect(read(language, source).functions[0]).toMatchObject(expected);
  });

  test('closures know the function around them', () => {
    const document = read('typescript', 'function f() { g(() => h()); }');
    expect(document.functions.map((one) => [one.name, one.parent])).toEqual([
      ['f', undefined],
      ['<anonymous>', 0],
    ]);
    expect(document.calls.find((one) => one.callee === 'h')?.function).toBe(1);
  });

  test('a decorator is not called inside the function', () => {
    expect(read('python', '@cache(1)\ndef f():\n    pass').calls[0]?.function).toBeUndefined();
  });
});

describe('calls', () => {
  test.each([
    [
      'python',
      'row = await self.db.execute(q)',
      { callee: 'self.db.execute', name: 'execute', receiver: 'self.db', awaited: true, result: 'row' },
    ],
    ['python', 'self.conn = connect()', { callee: 'connect', result: 'self.conn' }],
    ['python', 'with connect() as c:\n    pass', { result: 'c', scoped: true }],
    ['python', 'async with pool.acquire() as c:\n    pass', { callee: 'pool.acquire', result: 'c', scoped: true, awaited: true }],
    ['typescript', 'const r = await this.db!.query<Row>(q);', { callee: 'this.db.query', receiver: 'this.db', awaited: true, result: 'r' }],
    ['typescript', 'db?.query(q);', { callee: 'db.query', awaited: false }],
    ['typescript', "this.db = new Database('x');", { callee: 'Database', result: 'this.db' }],
    ['typescript', 'class A { db = open(); }', { callee: 'open', result: 'db' }],
    ['typescript', 'using c = open();', { callee: 'open', scoped: true }],
    ['typescript', '(await db()).query(q);', { callee: 'db.query' }],
    ['go', go('rows, err := r.db.Query(q)'), { callee: 'r.db.Query', result: 'rows' }],
    ['go', go('_, err = db.Exec(q)'), { callee: 'db.Exec', result: undefined }],
    ['go', go('db, err := sql.Open("a", "b")\ndefer db.Close()'), { callee: 'sql.Open', result: 'db', scoped: true }],
    ['go', go('x.(T).Foo()'), { callee: 'x.Foo' }],
    ['rust', rust('let c = Connection::open(p).unwrap();'), { callee: 'Connection::open.unwrap', name: 'unwrap', result: 'c' }],
    ['rust', rust('let c = Connection::open(p)?;'), { callee: 'Connection::open', receiver: 'Connection', result: 'c' }],
    ['rust', rust('sqlx::query_as::<_, X>(q)'), { callee: 'sqlx::query_as', name: 'query_as' }],
    ['rust', rust('sqlx::query!("x", a)'), { callee: 'sqlx::query!', name: 'query' }],
  ])('%s: %s', (language, source, expected) => {
    expect(read(language, source).calls[0]).toMatchObject(expected);
  });

  test('chains', () => {
    const document = read('rust', rust('sqlx::query(q).bind(1).fetch_all(&p).await?;'));
    expect(document.calls.map((call) => [call.callee, call.chain, call.awaited])).toEqual([
      ['sqlx::query.bind.fetch_all', 1, true],
      ['sqlx::query.bind', 2, false],
      ['sqlx::query', undefined, false],
    ]);
  });

  test('in the tokens of a macro', () => {
    const source = rust('tokio::try_join!(self.db.load(id), count().await)?;');
    const document = read('rust', source);
    expect(document.calls.map((call) => [call.callee, call.awaited, slice(source, call.nameSpan)])).toEqual([
      ['tokio::try_join!', false, 'try_join'],
      ['self.db.load', false, 'load'],
      ['count', true, 'count'],
    ]);
  });

  test.each([
    [
      'python',
      'f("a", 1, True, x.y, g(), lambda: 1, k=5, *z)',
      [
        ['string', undefined, 'a'],
        ['number', undefined, '1'],
        ['boolean', undefined, 'true'],
        ['identifier'],
        ['call'],
        ['function'],
        ['number', 'k', '5'],
        ['other'],
      ],
    ],
    ['python', 'f(f"{x}", connect_args={"timeout": 5})', [['template'], ['number', 'connect_args.timeout', '5']]],
    [
      'typescript',
      "f('a', `b`, `${c}`, { timeout: 5, pool: { max: 1 }, x, ...y })",
      [
        ['string', undefined, 'a'],
        ['string', undefined, 'b'],
        ['template'],
        ['number', 'timeout', '5'],
        ['number', 'pool.max', '1'],
        ['identifier', 'x'],
        ['other'],
      ],
    ],
    [
      'go',
      go('f(&redis.Options{Addr: "x", Pool: P{Size: 1}}, true)'),
      [
        ['string', 'Addr', 'x'],
        ['number', 'Pool.Size', '1'],
        ['boolean', undefined, 'true'],
      ],
    ],
    [
      'rust',
      rust('f(Config { path: "x", n: 1, m }, |x| x)'),
      [['string', 'path', 'x'], ['number', 'n', '1'], ['identifier', 'm'], ['function']],
    ],
  ])('%s arguments: %s', (language, source, expected) => {
    const call = read(language, source).calls.find((one) => one.callee === 'f');
    expect(call?.arguments.map((one) => [one.kind, one.name, one.value])).toEqual(
      expected.map(([kind, name, value]) => [kind, name, value]),
    );
    for (const one of call?.arguments ?? []) expect(slice(source, one.span).slice(0, 200)).toBe(one.text);
  });
});

test.each([
  [
    'python',
    'import a.b as c, d',
    [
      ['a.b', [['*', 'c']]],
      ['d', [['*', 'd']]],
    ],
  ],
  [
    'python',
    'from ..a import (b as c, d)',
    [
      [
        '..a',
        [
          ['b', 'c'],
          ['d', 'd'],
        ],
      ],
    ],
  ],
  ['python', 'from a import *', [['a', [['*', '*']]]]],
  [
    'typescript',
    "import a, { b as c, type D } from './x';",
    [
      [
        './x',
        [
          ['default', 'a'],
          ['b', 'c'],
          ['D', 'D'],
        ],
      ],
    ],
  ],
  ['typescript', "import * as n from 'y';", [['y', [['*', 'n']]]]],
  ['typescript', "export { a } from './z';", [['./z', [['a', 'a']]]]],
  [
    'javascript',
    "const { a: b, c } = require('d');",
    [
      [
        'd',
        [
          ['a', 'b'],
          ['c', 'c'],
        ],
      ],
    ],
  ],
  ['javascript', "const D = require('d').default;", [['d', [['default', 'D']]]]],
  [
    'go',
    'package p\nimport (\n\t"a/b"\n\tc "d/e/v5"\n\t_ "f"\n)',
    [
      ['a/b', [['*', 'b']]],
      ['d/e/v5', [['*', 'c']]],
      ['f', []],
    ],
  ],
  [
    'rust',
    'use a::{self, b as c, d::*};',
    [
      [
        'a',
        [
          ['*', 'a'],
          ['b', 'c'],
        ],
      ],
      ['a::d', [['*', '*']]],
    ],
  ],
])('%s imports: %s', (language, source, expected) => {
  const imports = read(language, source).imports.map((one) => [one.module, one.names]);
  expect(imports).toEqual(expect.arrayContaining(expected));
});

test('comments that speak to TuneLens, and no others', () => {
  const source = '# a\n# tunelens: ignore\nx = 1\n\ndef f():\n    # tunelens-ignore sql/select-star -- why\n    pass\n';
  expect(read('python', source).directives.map((one) => [one.text, slice(source, one.span)])).toEqual([
    ['# tunelens: ignore', '# tunelens: ignore'],
    ['# tunelens-ignore sql/select-star -- why', '# tunelens-ignore sql/select-star -- why'],
  ]);
});

test('attributes of loop variables, but not their methods', () => {
  const source = 'for o in orders:\n    print(o.customer.name, o.save(), x.y)\n';
  expect(read('python', source).reads?.map((one) => [one.receiver, one.name, one.loop])).toEqual([
    ['o.customer', 'name', 0],
    ['o', 'customer', 0],
  ]);
});
