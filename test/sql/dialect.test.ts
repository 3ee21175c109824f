/** Which engine a file speaks to, told from its text and its path. */
import { expect, test } from 'vitest';
import { dialectOfPath, dialectOfSql } from '../../server/analysis/sql/dialect.ts';

test.each([
  ['CREATE TABLE hit (id UUID, at DateTime64(3)) ENGINE = MergeTree ORDER BY (at)', 'other'],
  ['ALTER TABLE hit ADD PROJECTION by_path (SELECT * ORDER BY path)', 'other'],
  ['CREATE TABLE [dbo].[person] (id UNIQUEIDENTIFIER, name NVARCHAR(50))', 'other'],
  ['CREATE TABLE person (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE = InnoDB', 'mysql'],
  ['CREATE TABLE person (id BIGSERIAL PRIMARY KEY, tags TEXT[])', 'postgres'],
  ['CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT)', 'sqlite'],
  ['SELECT 1 FROM person', 'unknown'],
])('%s is %s', (sql, dialect) => {
  expect(dialectOfSql(sql)).toBe(dialect);
});

test.each([
  ['/code/app/db/clickhouse/migrations/01.sql', 'other'],
  ['/code/app/store/migration/mysql/0.22/00__x.sql', 'mysql'],
  ['/code/app/schema.sqlite.sql', 'sqlite'],
  ['/code/app/postgres/0001_first.sql', 'postgres'],
  // The nearest word wins, two in one place say nothing, and where a checkout stands says nothing either.
  ['/code/mysql/postgres/a.sql', 'postgres'],
  ['/code/mysql-to-sqlite/a.sql', 'unknown'],
  ['/srv/mysql/checkouts/app/db/migrations/a.sql', 'unknown'],
])('%s speaks of %s', (path, dialect) => {
  expect(dialectOfPath(path)).toBe(dialect);
});
