/** What may be sent, and what may be shown, for any text at all. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { guard, loadGuard } from '../../server/engines/postgres/guard.ts';
import { utf16Offset } from '../../server/engines/postgres/position.ts';
import { redactUrl } from '../../server/engines/registry.ts';
import { estimateDistinct } from '../../server/engines/sqlite/columns.ts';
import { guard as sqliteGuard } from '../../server/engines/sqlite/guard.ts';
import { adapt } from '../../server/twin/postgres-ddl.ts';
import { heapPages, indexShape } from '../../server/twin/postgres-size.ts';

const words = fc.constantFrom(
  ...`SELECT INSERT INTO UPDATE DELETE FROM WHERE ; -- /* */ ' " $$ E'\\ COPY TO PROGRAM COMMIT BEGIN WITH AS ( ) , * t x 1 $1 FOR UPDATE EXPLAIN ANALYZE PRAGMA ATTACH VACUUM CREATE TABLE INDEX CONCURRENTLY ON DROP SET \\ \n 😀 é`.split(
    ' ',
  ),
);
const sql = fc.array(words, { maxLength: 25 }).map((parts) => parts.join(' '));

describe('the guards', () => {
  beforeAll(loadGuard);

  it('answer for any text, and let through only what starts as a query or a change of rows', () => {
    fc.assert(
      fc.property(fc.oneof(sql, fc.string({ unit: 'binary' })), (text) => {
        const verdict = guard(text);
        if (verdict.outcome === 'parsed')
          expect(text.replace(/\/\*[\s\S]*?\*\/|--.*|[\s(;]/g, '')).toMatch(/^(?:select|with|insert|update|delete|values|table|merge)/i);
        if (verdict.outcome === 'rejected') expect(verdict.rejection.offset ?? 0).toBeLessThanOrEqual(text.length);
        const other = sqliteGuard(text);
        if (other.allowed)
          expect(text.replace(/\/\*[\s\S]*?\*\/|--.*|[\s;]/g, '')).toMatch(/^(?:select|with|insert|update|delete|values|replace)/i);
        adapt(text);
      }),
      { numRuns: 2000, seed: 20261120 },
    );
  });

  it('never let a second statement through', () => {
    fc.assert(
      fc.property(sql, (text) => {
        const both = `SELECT 1; DROP TABLE t; ${text}`;
        expect(guard(both).outcome).not.toBe('parsed');
        expect(sqliteGuard(both).allowed).toBe(false);
      }),
      { numRuns: 500, seed: 20261120 },
    );
  });

  it('survive a statement nested deeper than any stack', () => {
    const deep = `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`;
    expect(guard(deep).outcome).toBe('refused');
    expect(guard('SELECT 2').outcome).toBe('parsed');
    expect(guard(`SELECT 1 ${'UNION ALL SELECT 1 '.repeat(500)}`).outcome).toBe('parsed');
  });

  it('see through every way to write a function and a lock', () => {
    const calls = (text: string): unknown => {
      const verdict = guard(text);
      return verdict.outcome === 'parsed' ? verdict.functions : verdict;
    };
    expect(calls('SELECT "Evil"(1)')).toEqual([{ name: 'Evil' }]);
    expect(calls('SELECT a.b.evil(1)')).toEqual([{ schema: 'b', name: 'evil' }]);
    expect(calls('SELECT * FROM evil(1)')).toEqual([{ name: 'evil' }]);
    expect(calls('SELECT 1 ORDER BY evil(2) OFFSET evil(3)')).toHaveLength(2);
    expect(calls('INSERT INTO t VALUES (evil()) ON CONFLICT (x) DO UPDATE SET y = evil() RETURNING evil()')).toHaveLength(3);
    expect(calls('SELECT sum(x) FILTER (WHERE evil()) OVER (PARTITION BY evil()) FROM t')).toHaveLength(3);
    expect(guard('SELECT * FROM t WHERE x IN (SELECT y FROM u FOR UPDATE)')).toMatchObject({ locks: true });
    expect(guard('WITH w AS (UPDATE t SET x = 1 RETURNING *) SELECT * FROM w')).toMatchObject({ writes: true });
    expect(guard('SELECT $3::int + $1')).toMatchObject({ parameters: 3 });
  });
});

describe('what people see', () => {
  it('never holds a password', () => {
    const secret = fc.stringMatching(/^[!-~]{6,20}$/);
    fc.assert(
      fc.property(secret, (password) => {
        expect(redactUrl(`postgres://user:${password}@host:5432/db`)).toBe('postgres://user:***@host:5432/db');
        expect(redactUrl(`postgres://user:${encodeURIComponent(password)}@host/db?sslmode=require`)).toBe(
          'postgres://user:***@host/db?sslmode=require',
        );
        expect(redactUrl(`postgres://host/db?password=${encodeURIComponent(password)}`)).toMatch(/password=\*\*\*$/);
      }),
      { seed: 20261120 },
    );
  });
});

describe('sizes and places', () => {
  it('counts characters as PostgreSQL does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, position) => {
        const characters = [...text];
        expect(utf16Offset(text, position + 1)).toBe(characters.slice(0, position).join('').length);
      }),
      { seed: 20261120 },
    );
  });

  it('grow with the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 1, max: 1000 }), (rows, width) => {
        expect(heapPages(rows * 2, width)).toBeGreaterThanOrEqual(heapPages(rows, width));
        const one = indexShape('btree', rows, width, undefined);
        const two = indexShape('btree', rows * 2, width, undefined);
        expect(two.pages).toBeGreaterThanOrEqual(one.pages);
        expect(two.height).toBeGreaterThanOrEqual(one.height);
        expect(one.pages).toBeGreaterThan(one.height);
        expect(indexShape('btree', rows, width, Math.max(1, rows / 100)).pages).toBeLessThanOrEqual(one.pages);
      }),
      { seed: 20261120 },
    );
  });

  it('estimates different values between what was seen and what there is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 200 }), fc.nat(10 ** 6), (counts, more) => {
        const seen = counts.reduce((sum, count) => sum + count, 0);
        const estimate = estimateDistinct(counts, seen + more);
        expect(estimate).toBeGreaterThanOrEqual(counts.length);
        expect(estimate).toBeLessThanOrEqual(seen + more);
      }),
      { seed: 20261120 },
    );
  });
});
