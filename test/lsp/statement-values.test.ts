import { expect, test } from 'vitest';
import type { Query } from '../../server/analysis/document.ts';
import { withValues } from '../../server/lsp/statement-values.ts';

const query = (sql: string, dialect: Query['dialect']) => ({ sql, dialect }) as Query;

test('values stand where the parameters stood', () => {
  expect(withValues(query('SELECT a FROM t WHERE b = ? AND c = ?', 'sqlite'), ['7', 'x'])).toBe("SELECT a FROM t WHERE b = 7 AND c = 'x'");
  expect(withValues(query('SELECT a FROM t WHERE b = $2 AND c = $1 OR d = $2', 'postgres'), ['1', '2'])).toBe(
    'SELECT a FROM t WHERE b = 2 AND c = 1 OR d = 2',
  );
});

test('what only looks like a parameter stays, and a quote cannot leave its string', () => {
  expect(withValues(query("SELECT '?' FROM t WHERE b = ? -- ?", 'sqlite'), ["O'Brien"])).toBe(
    "SELECT '?' FROM t WHERE b = 'O''Brien' -- ?",
  );
  expect(withValues(query('SELECT a FROM t WHERE b = ?', 'sqlite'), ["'007'"])).toBe("SELECT a FROM t WHERE b = '007'");
  expect(withValues(query('SELECT a FROM t WHERE b = ?', 'sqlite'), ["'a' OR 'b'"])).toBe("SELECT a FROM t WHERE b = 'a'' OR ''b'");
  expect(withValues(query('SELECT a FROM t WHERE b IS ?', 'sqlite'), ['NULL'])).toBe('SELECT a FROM t WHERE b IS NULL');
});

test('too few values make no statement', () => {
  expect(withValues(query('SELECT a FROM t WHERE b = ? AND c = ?', 'sqlite'), ['7'])).toBeUndefined();
});
