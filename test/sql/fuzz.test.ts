/** Whatever is typed: no exception, spans inside the text, time bounded by its size. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OffsetSegment } from '../../server/analysis/document.ts';
import { parseStatements } from '../../server/analysis/sql/parse.ts';
import { looksLikeSql, sqlQueries } from '../../server/analysis/sql/queries.ts';
import { splitScript } from '../../server/analysis/sql/split.ts';
import type { Dialect } from '../../server/analysis/sql/statement.ts';
import { tokenize } from '../../server/analysis/sql/tokens.ts';
import { postgresCorpus } from './corpus-postgres.ts';
import { whole } from './support.ts';

const dialects = fc.constantFrom<Dialect>('sqlite', 'postgres', 'mysql', 'unknown');
const pieces =
  `select from where and or not in is null like between case when then else end group by order limit offset union all join left on using with recursive as
  insert into values update set delete returning create table index view if exists primary key references default check unique on conflict do nothing
  alter add column drop pragma interval cast array row over partition filter within ( ) [ ] , . ; :: -> ->> || = < > <> + - * / % ? ?1 :a @b $1 $d %s $$ $x$ '
  'a' "b" \` [c] 1 .5 1e E' x'ff' -- /* */ a b t.c é 🙂 \n begin atomic trigger function conflict any exists only lateral`.split(/\s+/);
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((words) => words.join(' '));
const glued = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((words) => words.join(''));
const truncated = fc.tuple(fc.constantFrom(...postgresCorpus), fc.nat(200)).map(([sql, length]) => sql.slice(0, length));
const spliced = fc
  .tuple(fc.constantFrom(...postgresCorpus), fc.constantFrom(...postgresCorpus), fc.nat(120), fc.nat(120))
  .map(([left, right, at, from]) => left.slice(0, at) + right.slice(from));
const text = fc.oneof(soup, glued, truncated, spliced, fc.string({ unit: 'binary', maxLength: 80 }));

/** Every span anywhere in a value lies inside the bounds and is not turned round. */
function checkSpans(value: unknown, size: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) checkSpans(item, size);
    return;
  }
  if ('start' in value && 'end' in value && typeof value.start === 'number' && typeof value.end === 'number') {
    if (!(value.start >= 0 && value.start <= value.end && value.end <= size))
      throw new Error(`span ${value.start}..${value.end} of ${size}`);
  }
  for (const inner of Object.values(value)) checkSpans(inner, size);
}

describe('any text', () => {
  test('parses without an exception, spans inside', () => {
    fc.assert(
      fc.property(text, dialects, (sql, dialect) => {
        checkSpans(parseStatements(sql, whole(sql), dialect), sql.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('tokens ascend, lie in the text, and leave out only white space and comments', () => {
    fc.assert(
      fc.property(text, dialects, (sql, dialect) => {
        const comments: { start: number; end: number }[] = [];
        const tokens = tokenize(sql, whole(sql), dialect, { comments });
        let at = 0;
        const ranges = [...tokens, ...comments].sort((left, right) => left.start - right.start || left.end - right.end);
        for (const range of ranges) {
          expect(range.start).toBeGreaterThanOrEqual(at);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters count as white space
          expect(sql.slice(at, range.start)).toMatch(/^[\s\u0000-\u001f\u00a0\ufeff]*$/);
          at = range.end;
        }
        for (const token of tokens) expect([token.hostStart, token.hostEnd]).toEqual([token.start, token.end]);
      }),
      { numRuns: 1500 },
    );
  });

  test('becomes queries with any interpolations, spans inside the host', () => {
    fc.assert(
      fc.property(text, dialects, fc.array(fc.nat(80), { maxLength: 5 }), fc.boolean(), (sql, dialect, places, percentParameters) => {
        const holes = [...new Set(places)]
          .sort((left, right) => left - right)
          .filter((at) => at < sql.length)
          .map((at) => ({ start: at, end: at + 1, hole: { span: { start: at, end: at + 1 }, text: 'x' } }));
        const { queries, settings } = sqlQueries({
          text: sql,
          segments: whole(sql),
          holes,
          dialect,
          from: 'literal',
          anchor: { start: 0, end: sql.length },
          percentParameters,
        });
        for (const { sql: written, segments, statement, span } of queries) {
          checkSpans([statement, span], sql.length);
          let last = -1;
          for (const segment of segments) {
            expect(segment.sqlStart).toBeGreaterThan(last);
            expect(segment.sqlStart).toBeLessThanOrEqual(written.length);
            expect(segment.hostStart).toBeLessThanOrEqual(segment.hostEnd);
            last = segment.sqlStart;
          }
        }
        checkSpans(settings, sql.length);
        looksLikeSql(sql);
      }),
      { numRuns: 1500 },
    );
  });

  test('is cut into pieces without gaps', () => {
    fc.assert(
      fc.property(text, dialects, (sql, dialect) => {
        let at = 0;
        for (const piece of splitScript(sql, dialect)) {
          expect(piece.start).toBe(at);
          expect(piece.end).toBeGreaterThan(piece.start);
          at = piece.end;
        }
        expect(at).toBe(sql.length);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('large and deep text', () => {
  const deep = 10_000;
  const cases: readonly (readonly [string, string])[] = [
    ['brackets', `select ${'('.repeat(deep)}1${')'.repeat(deep)}`],
    ['open brackets', `select ${'('.repeat(deep)}`],
    ['closing brackets', `select 1${')'.repeat(deep)}`],
    ['subqueries', `select * from ${'(select * from '.repeat(deep)}t${') x'.repeat(deep)}`],
    ['bracketed unions', `${'('.repeat(deep)}select 1${') union select 2'.repeat(deep)}`],
    ['NOT', `select ${'not '.repeat(deep)}1`],
    ['minus', `select ${'- '.repeat(deep)}1`],
    ['CASE', `select ${'case when '.repeat(deep)}1`],
    ['calls', `select ${'f('.repeat(deep)}1`],
    ['arrays', `select ${'array['.repeat(deep)}1`],
    ['subscripts', `select a${'[1]'.repeat(deep)}`],
    ['casts', `select a${'::text'.repeat(deep)}`],
    ['OR', `select * from t where ${Array.from({ length: deep }, (_, index) => `id = ${index}`).join(' or ')}`],
    ['plus', `select ${Array.from({ length: deep }, (_, index) => index).join(' + ')}`],
    ['IN', `select * from t where id in (${Array.from({ length: deep }, (_, index) => index).join(', ')})`],
    ['joins', `select * from t0 ${Array.from({ length: deep }, (_, index) => `join t${index} on true`).join(' ')}`],
    ['bracketed joins', `select * from ${'('.repeat(deep)}t${' join u on true)'.repeat(deep)}`],
    ['unions', Array.from({ length: deep }, () => 'select 1').join(' union all ')],
    ['common tables', `with ${Array.from({ length: deep }, (_, index) => `a${index} as (select 1)`).join(', ')} select 1`],
    ['nested common tables', `${'with a as ('.repeat(deep)}select 1`],
    ['quotes', "'".repeat(deep + 1)],
    ['comments', `${'/*'.repeat(deep)} select 1`],
    ['EXPLAIN', `${'explain '.repeat(deep)} select 1`],
    ['dollars', '$a$ '.repeat(deep)],
    ['semicolons', ';'.repeat(deep)],
    ['rows', `insert into t (a, b) values ${Array.from({ length: deep }, (_, index) => `(${index}, 'x')`).join(', ')}`],
    ['triggers', 'create trigger a after insert on t begin select 1; '.repeat(300)],
    ['columns', `create table t (${Array.from({ length: deep }, (_, index) => `c${index} int not null default 0`).join(', ')})`],
  ];
  test.each(cases)('%s', (_, sql) => {
    for (const dialect of ['sqlite', 'postgres', 'unknown'] as const) {
      const started = performance.now();
      const statements = parseStatements(sql, whole(sql), dialect);
      // A tree that others walk by recursion must stay shallow.
      expect(() => JSON.stringify(statements)).not.toThrow();
      // Two orders of magnitude above what it takes, so that only a wrong complexity fails.
      expect(performance.now() - started).toBeLessThan(10_000);
    }
  });

  test('a long INSERT is counted and complete', () => {
    const sql = `insert into t (a) values ${Array.from({ length: 5000 }, (_, index) => `(${index})`).join(', ')}`;
    const [found] = parseStatements(sql, whole(sql), 'sqlite');
    expect(found?.statement).toMatchObject({ kind: 'insert', rows: 5000, complete: true });
  });
});

describe('spans in a host file', () => {
  test('every name stands where its span says, through escapes and multi-byte text', () => {
    // Each character of the host is one of the SQL, but for escapes, which are two for one.
    const sqlText = fc.array(fc.constantFrom('select', 'é🙂', 'from', 'where', 'a', '=', '\n', '"quoted"', ',', 'b.c'), { maxLength: 30 });
    fc.assert(
      fc.property(sqlText, fc.nat(50), (words, offset) => {
        let sql = '';
        let host = ' '.repeat(offset);
        const segments: OffsetSegment[] = [];
        for (const word of words) {
          const written = word === '\n' ? '\\n' : word === '"quoted"' ? '"quoted"' : `${word} `;
          const meant = word === '\n' ? '\n' : word === '"quoted"' ? '"quoted"' : `${word} `;
          segments.push({ sqlStart: sql.length, hostStart: host.length, hostEnd: host.length + written.length });
          sql += meant;
          host += written;
        }
        for (const token of tokenize(sql, segments, 'unknown')) {
          const meant = sql.slice(token.start, token.end);
          if (!meant.includes('\n')) expect(host.slice(token.hostStart, token.hostEnd)).toBe(meant);
        }
      }),
    );
  });
});
