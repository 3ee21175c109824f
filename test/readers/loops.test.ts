/** Loops: their kind, what they go over, what runs in each turn, how they end. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Loop } from '../../server/analysis/document.ts';
import { loadGrammars } from '../support/syntax.ts';
import { grammars, loopAround, read } from './support.ts';

beforeAll(() => loadGrammars(grammars));

type Expected = Partial<Pick<Loop, 'kind' | 'over' | 'streaming' | 'concurrent' | 'exit' | 'fixed'>> & {
  readonly variables?: readonly string[];
};
const go = (body: string) => `package p\nfunc f() {\n${body}\n}`;
const rust = (body: string) => `async fn f() {\n${body}\n}`;

const loops: readonly (readonly [language: string, source: string, expected: Expected])[] = [
  ['python', 'for i, (a, b) in pairs:\n    f()', { kind: 'each', over: 'pairs', variables: ['i', 'a', 'b'], exit: 'none' }],
  ['python', 'for i in range(10):\n    f()', { kind: 'counted', over: 'range(10)' }],
  ['python', 'for i in range(len(xs)):\n    f()', { kind: 'each', over: 'xs' }],
  ['python', 'for i, x in enumerate(xs):\n    f()', { kind: 'each', over: 'xs' }],
  ['python', 'while x:\n    f()', { kind: 'while', over: 'x' }],
  ['python', 'while True:\n    f()', { kind: 'endless' }],
  ['python', 'async def g():\n    async for r in s:\n        f()', { kind: 'each', streaming: true }],
  ['python', 'while (row := cur.fetchone()) is not None:\n    f()', { kind: 'while', streaming: true }],
  ['python', 'x = [f(i) for i in ids if i]', { kind: 'comprehension', over: 'ids', variables: ['i'] }],
  ['python', 'x = {k: f(v) for k, v in d.items()}', { kind: 'comprehension', over: 'd.items()', variables: ['k', 'v'] }],
  ['python', 'any(f(i) for i in ids)', { kind: 'comprehension' }],
  ['python', 'await asyncio.gather(*[f(i) for i in ids])', { kind: 'comprehension', concurrent: true }],
  ['python', 'await asyncio.gather(*(f(i) for i in ids))', { kind: 'comprehension', concurrent: true }],
  ['python', 'ts = [f(i) for i in ids]\nawait asyncio.gather(*ts)', { concurrent: true }],
  ['python', 'def g():\n    ts = []\n    for i in ids:\n        ts.append(f(i))\n    return asyncio.gather(*ts)', { concurrent: true }],
  [
    'python',
    'async def g():\n    async with asyncio.TaskGroup() as tg:\n        for i in ids:\n            tg.create_task(f(i))',
    { concurrent: true },
  ],
  ['python', 'x = list(map(f, ids))', { kind: 'callback', over: 'ids', concurrent: false }],
  ['python', 'pool.map(f, ids)', { kind: 'callback', over: 'ids', concurrent: true }],
  ['python', 'for i in ids:\n    return i', { exit: 'always' }],
  ['python', 'for i in ids:\n    if i:\n        break', { exit: 'conditional' }],
  ['python', 'for i in range(3):\n    try:\n        return f()\n    except E:\n        pass', { kind: 'counted', exit: 'always' }],
  ['python', 'for i in ids:\n    try:\n        f()\n    except E:\n        break', { exit: 'conditional' }],
  ['python', 'for i in ids:\n    for j in i:\n        break', { exit: 'none' }],
  ['python', 'for i in ids:\n    def g():\n        return 1', { exit: 'none' }],
  ['python', 'for i in ids:\n    g(lambda: 1)', { exit: 'none' }],
  ['python', 'for t in ("a", "b"):\n    f(t)', { fixed: true }],
  ['python', 'T = ["a"]\nfor t in T:\n    f(t)', { fixed: true }],
  ['python', 'T = ["a"]\nT.append("b")\nfor t in T:\n    f(t)', { fixed: undefined }],
  ['python', 'T = ["a"]\ndef g(T):\n    for t in T:\n        f(t)', { fixed: undefined }],
  ['typescript', 'for (const [a, b] of xs) f();', { kind: 'each', over: 'xs', variables: ['a', 'b'] }],
  ['typescript', 'for (const k in o) f();', { kind: 'each', over: 'o' }],
  ['typescript', 'for (let i = 0; i < 3; i++) f();', { kind: 'counted', variables: ['i'] }],
  ['typescript', 'for (let i = 0; i < xs.length; i++) f();', { kind: 'each', over: 'xs' }],
  ['typescript', 'for (;;) f();', { kind: 'endless' }],
  ['typescript', 'while (true) f();', { kind: 'endless' }],
  ['typescript', 'do { f(); } while (x);', { kind: 'while' }],
  ['typescript', 'async function g() { for await (const r of s) f(); }', { kind: 'each', streaming: true }],
  ['typescript', 'xs.map((x) => f(x));', { kind: 'callback', over: 'xs', variables: ['x'], concurrent: false }],
  ['typescript', 'xs.forEach(f);', { kind: 'callback', over: 'xs' }],
  ['typescript', '_.map(xs, (x) => f(x));', { kind: 'callback', over: 'xs' }],
  ['typescript', 'await Promise.all(xs.map(async (x) => f(x)));', { concurrent: true }],
  ['typescript', 'await Promise.allSettled([...xs.map(async (x) => f(x))]);', { concurrent: true }],
  ['typescript', 'const ps = xs.map((x) => f(x));\nawait Promise.all(ps);', { concurrent: true }],
  ['typescript', 'const ps = [];\nfor (const x of xs) ps.push(f(x));\nawait Promise.all(ps);', { concurrent: true }],
  ['typescript', 'for (const x of xs) { if (x) break; }', { exit: 'conditional' }],
  ['typescript', 'for (const x of xs) { switch (x) { case 1: break; } }', { exit: 'none' }],
  ['typescript', 'function g() { while (true) { try { return f(); } catch { wait(); } } }', { exit: 'always' }],
  ['typescript', 'for (const x of xs) ys.push(() => { return 1; });', { exit: 'none' }],
  ['typescript', "for (const t of ['a', 'b']) f(t);", { fixed: true }],
  ['go', go('for _, x := range xs { g() }'), { kind: 'each', over: 'xs', variables: ['x'] }],
  ['go', go('for i := range 10 { g() }'), { kind: 'counted' }],
  ['go', go('for i := range items { g() }'), { kind: 'each', over: 'items' }],
  ['go', go('for i := 0; i < 3; i++ { g() }'), { kind: 'counted', variables: ['i'] }],
  ['go', go('for i := 0; i < len(xs); i++ { g() }'), { kind: 'each', over: 'xs' }],
  ['go', go('for rows.Next() { g() }'), { kind: 'while', streaming: true }],
  ['go', go('for x { g() }'), { kind: 'while', over: 'x' }],
  ['go', go('for { g() }'), { kind: 'endless' }],
  ['go', go('for _, x := range xs { go g(x) }'), { concurrent: true }],
  ['go', go('for _, x := range xs { eg.Go(func() error { return g(x) }) }'), { concurrent: true }],
  ['go', go('for { select { case <-c: break } }'), { exit: 'none' }],
  ['go', go('for _, x := range xs { if err != nil { return } }'), { exit: 'conditional' }],
  ['go', go('for _, t := range []string{"a", "b"} { g(t) }'), { fixed: true }],
  ['rust', rust('for (a, b) in pairs { g(); }'), { kind: 'each', over: 'pairs', variables: ['a', 'b'] }],
  ['rust', rust('for i in 0..10 { g(); }'), { kind: 'counted' }],
  ['rust', rust('for i in 0..xs.len() { g(); }'), { kind: 'each', over: 'xs' }],
  ['rust', rust('loop { g(); }'), { kind: 'endless' }],
  ['rust', rust('while x < 1 { g(); }'), { kind: 'while', streaming: false }],
  ['rust', rust('while let Some(row) = rows.next().await? { g(); }'), { kind: 'while', streaming: true, variables: ['row'] }],
  ['rust', rust('xs.iter().map(|x| g(x)).collect()'), { kind: 'callback', over: 'xs.iter()', variables: ['x'] }],
  ['rust', rust('join_all(xs.iter().map(|x| g(x))).await;'), { concurrent: true }],
  ['rust', rust('let all = xs.iter().map(|x| g(x)).collect();\ntry_join_all(all).await;'), { concurrent: true }],
  ['rust', rust('for x in xs { tokio::spawn(async move { g(x).await }); }'), { concurrent: true }],
  ['rust', rust('for x in xs { set.spawn(g(x)); }'), { concurrent: true }],
  ['rust', rust('for i in 0..3 { match g() { Ok(v) => return v, Err(_) => {} } }'), { exit: 'conditional' }],
  ['rust', rust("'a: for x in xs { loop { break 'a; } }"), { exit: 'conditional' }],
];

test.each(loops)('%s: %s', (language, source, expected) => {
  const loop = read(language, source).loops[0];
  expect(loop).toBeDefined();
  for (const [key, value] of Object.entries(expected)) expect({ [key]: loop?.[key as keyof Loop] }).toEqual({ [key]: value });
});

test.each([
  ['rust', rust('opt.map(|x| g(x));')],
  ['typescript', 'users.find({ id: 1 });'],
  ['typescript', 'p.then((x) => x);'],
])('no loop in %s: %s', (language, source) => {
  expect(read(language, source).loops).toEqual([]);
});

describe('what runs in each turn', () => {
  test.each([
    ['python', 'for x in load():\n    use(x)\nelse:\n    after()', { load: false, use: true, after: false }],
    ['python', 'while check():\n    use()', { check: true, use: true }],
    ['python', 'r = [use(x) for x in load() if check(x)]', { load: false, use: true, check: true }],
    ['python', 'for x in xs:\n    def g():\n        use(x)', { use: false }],
    ['python', 'for x in xs:\n    run(lambda: use(x))', { run: true, use: true }],
    ['typescript', 'for (let i = load(); check(i); step(i)) use(i);', { load: false, check: true, step: true, use: true }],
    ['typescript', 'for (const x of load()) use(x);', { load: false, use: true }],
    ['typescript', 'load().map((x) => use(x));', { load: false, use: true }],
    ['typescript', 'for (const x of xs) { const g = () => use(x); }', { use: false }],
    ['typescript', 'for (const x of xs) await run(async () => { await use(x); });', { run: true, use: true }],
    ['typescript', "for (const x of xs) app.get('/', () => use(x));", { 'app.get': true, use: false }],
    ['go', go('for _, x := range load() { use(x) }'), { load: false, use: true }],
    ['go', go('for i := load(); check(i); i++ { use(i) }'), { load: false, check: true, use: true }],
    ['go', go('for _, x := range xs { run(func() { use(x) }) }'), { run: true, use: true }],
    ['rust', rust('for x in load() { use_it(x); }'), { load: false, use_it: true }],
    ['rust', rust('while let Some(x) = next() { use_it(x); }'), { next: true, use_it: true }],
    ['rust', rust('for x in xs { println!("{}", use_it(x)); }'), { use_it: true }],
  ])('%s: %s', (language, source, expected) => {
    const document = read(language, source);
    for (const [callee, inside] of Object.entries(expected))
      expect([callee, loopAround(source, document, callee) !== undefined]).toEqual([callee, inside]);
  });

  test('inner loops know the outer', () => {
    const document = read('python', 'for a in xs:\n    for b in a:\n        f(b)\n');
    expect(document.loops.map((loop) => loop.parent)).toEqual([undefined, 0]);
    expect(document.calls[0]?.loop).toBe(1);
  });

  test('the second iterable of a comprehension runs in the turns of the first', () => {
    const document = read('python', 'r = [f(b) for a in load() for b in more(a)]');
    expect(document.calls.map((call) => [call.callee, call.loop])).toEqual([
      ['f', 1],
      ['load', undefined],
      ['more', 0],
    ]);
  });

  test('a function handed on by its name is called in each turn', () => {
    const document = read('typescript', 'await Promise.all(ids.map(load));');
    const call = document.calls.find((one) => one.callee === 'load');
    expect(document.loops[call?.loop ?? -1]).toMatchObject({ kind: 'callback', over: 'ids', concurrent: true });
  });
});
