/** An edit inside a string of a host language leaves the string whole: read again, it holds the statement that was planned. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { blocksOf } from '../../server/analysis/advisor/blocks.ts';
import { type Change, changed, editFix, rewriteFix } from '../../server/analysis/advisor/rewriting.ts';
import { sargableForm } from '../../server/analysis/advisor/sargable-form.ts';
import { wrappedIn } from '../../server/analysis/advisor/wrapped.ts';
import type { Query } from '../../server/analysis/document.ts';
import type { EditFix } from '../../server/analysis/fix.ts';
import { grammars, read } from '../readers/support.ts';
import { loadGrammars } from '../support/syntax.ts';

beforeAll(() => loadGrammars(grammars));

const same = (sql: string): string => sql;
const double = (sql: string): string => sql.replaceAll('"', '\\"');
const single = (sql: string): string => sql.replaceAll("'", "\\'");
/** How a host language writes a statement: the source with `@` where it goes, its quotes as the literal demands them, and what stands in another literal before. */
const hosts: readonly (readonly [language: string, source: string, quote: (sql: string) => string, before: string])[] = [
  ['python', 'db.execute("@")', double, ''],
  ['python', "db.execute('@')", single, ''],
  ['python', 'db.execute("""\n    @\n""")', same, ''],
  ['python', "db.execute(f'@')", single, ''],
  ['python', 'db.execute("SELECT 1 AS one, " "@")', double, 'SELECT 1 AS one, '],
  ['typescript', 'db.query("@")', double, ''],
  ['typescript', "db.query('@')", single, ''],
  ['typescript', 'db.query(`@`)', same, ''],
  ['typescript', "db.query('SELECT 1 AS one, ' +\n  '@')", single, 'SELECT 1 AS one, '],
  ['go', 'package a\nfunc f() { db.Query("@") }', double, ''],
  ['go', 'package a\nfunc f() { db.Query(`@`) }', same, ''],
  ['rust', 'fn f() { sqlx::query("@"); }', double, ''],
  ['rust', 'fn f() { sqlx::query(r#"@"#); }', same, ''],
];
const statements = [
  `SELECT a FROM t WHERE b = 'x' AND c > 1`,
  `SELECT "A", 'it' FROM t WHERE d = 'y' ORDER BY a`,
  `SELECT a FROM t WHERE b = $1 AND c = 'z'`,
  `SELECT a FROM t WHERE e IN (1, 2)`,
];
const texts = [
  `'2026-01-31'`,
  '"Name"',
  'c = 2',
  ' ALL',
  `it''s`,
  '\\',
  '`',
  '${x}',
  '{x}',
  'a\nb',
  '%s',
  '$1',
  '$2',
  '?',
  '-- x',
  '',
  'NOT EXISTS (',
  ' #',
  '"#',
];

test('whatever is changed, the literal holds the new statement or the change is refused', () => {
  let edited = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...hosts),
      fc.constantFrom(...statements),
      fc.array(fc.record({ at: fc.nat(60), length: fc.nat(12), text: fc.constantFrom(...texts) }), { minLength: 1, maxLength: 2 }),
      ([language, source, quote, before], sql, places) => {
        const own = before === '' ? sql : sql.slice('SELECT '.length);
        const written = (text: string): string => source.replace('@', () => quote(text));
        const [query] = read(language, written(own)).queries;
        // Where placeholders were made the engine's own, the text differs from the start.
        if (query?.sql !== before + own) return;
        // At the seam of two literals either may take what is put in.
        const changes = apart(query, places).filter(({ start }) => before === '' || start > before.length);
        const fix = changes.length === 0 ? undefined : editFix(query, changes, { title: 'test', safe: false });
        if (fix === undefined) return;
        edited++;
        expect(apply(written(own), fix)).toBe(written(changed(query.sql, changes).slice(before.length)));
      },
    ),
    { numRuns: 4000 },
  );
  expect(edited).toBeGreaterThan(500);
});

/** Changes that begin and end inside the statement and do not touch each other. */
function apart(query: Query, places: readonly { at: number; length: number; text: string }[]): Change[] {
  const size = query.sql.length;
  const [first, second] = places.map(
    ({ at, length, text }): Change => ({ start: Math.min(at, size), end: Math.min(at + length, size), text }),
  );
  if (first === undefined) return [];
  if (second === undefined) return [first];
  const [left, right] = first.start <= second.start ? [first, second] : [second, first];
  return left.end < right.start ? [left, right] : [left];
}

function apply(text: string, fix: EditFix): string {
  return [...fix.edits].reverse().reduce((sum, { span, text: put }) => sum.slice(0, span.start) + put + sum.slice(span.end), text);
}

test('a range of days is written with the quotes that the literal takes', () => {
  const sql = `SELECT id FROM orders WHERE placed_at::date = '2026-01-31'`;
  for (const [language, source, quote, before] of hosts) {
    const host = source.replace('@', () => quote(before === '' ? sql : sql.slice('SELECT '.length)));
    const [query] = read(language, host).queries;
    if (query === undefined) throw new Error(host);
    const postgres: Query = { ...query, dialect: 'postgres' };
    const [block] = blocksOf(postgres.statement);
    const [wrapped] = block ? wrappedIn(block) : [];
    const fix = wrapped && sargableForm(wrapped, 'timestamp', postgres);
    // Where the quotes of the statement are escaped ones, the new version is shown and not written.
    const escaped = host.includes("\\'");
    expect(fix?.kind, host).toBe(escaped ? 'script' : 'edit');
    if (fix?.kind === 'edit') expect(apply(host, fix)).toContain(`placed_at >= '2026-01-31' AND placed_at < '2026-02-01'`);
  }
});

test('a parameter that counts by its place is neither moved nor repeated in an edit', () => {
  const cases = [
    ['python', 'db.execute("SELECT a FROM t WHERE b = ?", (b,))', 'script'],
    ['python', 'db.execute("SELECT a FROM t WHERE b = %s", (b,))', 'script'],
    ['python', 'db.execute("SELECT a FROM t WHERE b = :b", {"b": b})', 'edit'],
    ['typescript', "db.query('SELECT a FROM t WHERE b = ?', [b])", 'script'],
  ] as const;
  for (const [language, host, kind] of cases) {
    const [query] = read(language, host).queries;
    if (query === undefined) throw new Error(host);
    const sqlite: Query = { ...query, dialect: 'sqlite' };
    const at = query.sql.indexOf('b = ');
    const value = query.sql.slice(at + 4);
    const fix = rewriteFix(sqlite, [{ start: at, end: query.sql.length, text: `b >= ${value} AND b < ${value} + 1` }], {
      title: 'test',
      safe: true,
    });
    expect(fix?.kind, host).toBe(kind);
  }
});
