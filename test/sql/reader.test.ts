/** SQL files as people and their tools write them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document, Query } from '../../server/analysis/document.ts';
import type { ReadContext } from '../../server/analysis/reader.ts';
import { reader } from '../../server/analysis/readers/sql.ts';
import { shift } from '../../server/analysis/sql/shift.ts';
import type { Dialect } from '../../server/analysis/sql/statement.ts';
import { postgresCorpus } from './corpus-postgres.ts';

function contextOf(dialect?: Dialect): ReadContext {
  const kept = new Map<string, Map<string, unknown>>();
  return {
    dialect,
    syntax: () => undefined,
    reader: () => undefined,
    remember<T>(kind: string, text: string, compute: () => T): T {
      const of = kept.get(kind) ?? new Map<string, unknown>();
      kept.set(kind, of);
      if (!of.has(text)) of.set(text, compute());
      return of.get(text) as T;
    },
    place: shift,
  };
}
const read = (text: string, path = '/app/file.sql', context = contextOf()): Document =>
  reader.read({ path, language: 'sql', text }, context);
const textOf = (text: string, query: Query): string => text.slice(query.span.start, query.span.end);
const facts = (queries: readonly Query[]): unknown[] =>
  queries.map(({ name, direction, inTransaction }) => ({ name, direction, inTransaction }));

test('statements, each with its place', () => {
  const text = '-- head\r\nselect 1;\r\n\r\n/* b */ select 2 ; select 3';
  const { queries } = read(text);
  expect(queries.map((query) => textOf(text, query))).toEqual(['select 1', 'select 2', 'select 3']);
  expect(queries.map((query) => query.sql)).toEqual(['select 1', 'select 2', 'select 3']);
});

test('one dialect for the file, from whatever statement shows it', () => {
  const { queries } = read('create table a (id int);\nselect 1;\ncreate table b (id bigserial);');
  expect(queries.map((query) => query.dialect)).toEqual(['postgres', 'postgres', 'postgres']);
  expect(read('select 1', '/a.sql', contextOf('sqlite')).queries[0]?.dialect).toBe('sqlite');
});

test('semicolons inside bodies, strings and comments end nothing', () => {
  const text = `create trigger t after insert on a begin update b set c = ';'; delete from d; end;
create function f() returns void language plpgsql as $$ begin perform 1; perform 2; end; $$;
select ';', ";" -- ;
/* ; */ from x;`;
  const starts = read(text).queries.map((query) => textOf(text, query).split(' ').slice(0, 2).join(' '));
  expect(starts).toEqual(['create trigger', 'create function', "select ';',"]);
});

test('an unfinished statement does not swallow the next', () => {
  const text = 'select * from a where\n\ncreate index i on a (b);\nselect 2;';
  const { queries } = read(text);
  expect(queries.map((query) => query.statement.kind)).toEqual(['select', 'create index', 'select']);
  expect(queries.map((query) => query.statement.complete)).toEqual([false, true, true]);
});

describe('annotations', () => {
  test('sqlc and aiosql name their queries', () => {
    const text =
      '-- name: GetUser :one\nSELECT * FROM users WHERE id = @id;\n\n-- name: list-users\nSELECT sqlc.embed(users), users.id FROM users WHERE name = sqlc.narg(name) AND x = sqlc.arg(x);\nselect 1;';
    const { queries } = read(text, '/q.sql', contextOf('postgres'));
    expect(queries.map((query) => query.name)).toEqual(['GetUser', 'list-users', undefined]);
    expect(queries.map((query) => query.sql)).toEqual([
      'SELECT * FROM users WHERE id = $1',
      'SELECT users.*, users.id FROM users WHERE name = $1 AND x = $2',
      'select 1',
    ]);
  });

  test.each([
    ['goose', '-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;', ['up', 'down'], true],
    ['goose without', '-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;', ['up', 'down'], false],
    ['sql-migrate', '-- +migrate Up notransaction\nselect 1;\n-- +migrate Down\nselect 2;', ['up', 'down'], false],
    ['dbmate', '-- migrate:up\nselect 1;\n\n-- migrate:down\nselect 2;', ['up', 'down'], true],
    ['dbmate without', '-- migrate:up transaction:false\nselect 1;\n-- migrate:down transaction:false\nselect 2;', ['up', 'down'], false],
    ['none', 'select 1;\nselect 2;', [undefined, undefined], undefined],
  ] as const)('%s', (_, text, directions, transaction) => {
    const { queries } = read(text);
    expect(queries.map((query) => query.direction)).toEqual(directions);
    expect(queries.map((query) => query.inTransaction)).toEqual([transaction, transaction]);
  });

  test.each([
    ['/m/001_init.up.sql', 'up', undefined],
    ['/m/001_init.down.sql', 'down', undefined],
    ['/m/2026-01-01-000000_x/up.sql', 'up', undefined],
    ['/m/2026-01-01-000000_x/down.sql', 'down', undefined],
    ['/db/V1_2__add.sql', 'up', true],
    ['/db/U1_2__add.sql', 'down', true],
    ['/db/schema.sql', undefined, undefined],
    ['/db/backup.sql', undefined, undefined],
    ['/db/startup.sql', undefined, undefined],
  ] as const)('%s', (path, direction, inTransaction) => {
    expect(facts(read('select 1;', path).queries)).toEqual([{ name: undefined, direction, inTransaction }]);
  });

  test('BEGIN and COMMIT in the file', () => {
    const { queries } = read('select 0; begin; select 1; commit; select 2; start transaction; select 3; rollback; select 4;');
    expect(queries.filter((query) => query.statement.kind === 'select').map((query) => query.inTransaction)).toEqual([
      undefined,
      true,
      undefined,
      true,
      undefined,
    ]);
  });
});

test('shell commands and COPY data are no SQL', () => {
  const text =
    '\\connect app\n.mode box\nselect 1;\nCOPY t (a, b) FROM stdin;\n1\t; drop table x;\n2\t\\N\n\\.\n\nselect 2;\n\\d+ t\nselect 3;';
  const { queries } = read(text, '/d.sql', contextOf('postgres'));
  expect(queries.map((query) => textOf(text, query))).toEqual(['select 1', 'COPY t (a, b) FROM stdin', 'select 2', 'select 3']);
});

test('settings carry the comment beside or above them and lead to their query', () => {
  const text =
    'select 1;\nPRAGMA cache_size = -64000; -- 64 MB\n-- for readers\nPRAGMA journal_mode = WAL;\n\nPRAGMA synchronous = NORMAL;';
  const { settings, queries } = read(text);
  expect(settings.map((setting) => setting.comment?.text)).toEqual(['64 MB', 'for readers', undefined]);
  for (const setting of settings) {
    expect(queries[setting.query ?? -1]?.span).toEqual(setting.span);
    if (setting.comment !== undefined)
      expect(text.slice(setting.comment.span.start, setting.comment.span.end)).toBe(`-- ${setting.comment.text}`);
    expect(text.slice(setting.valueSpan?.start, setting.valueSpan?.end)).toBe(setting.value);
  }
});

test('directives are the comments that speak to us', () => {
  const text =
    "select 1; -- nothing\n-- tunelens-ignore sql/select-star: small\nselect * from t;\n/* tunelens-ignore x/y: z */ select 'tunelens';";
  const { directives } = read(text);
  expect(directives.map((directive) => directive.text)).toEqual(['tunelens-ignore sql/select-star: small', 'tunelens-ignore x/y: z']);
  for (const { span, text: said } of directives) expect(text.slice(span.start, span.end)).toContain(said);
});

test('a file read again after edits is what a fresh read gives', () => {
  const statement = fc.constantFrom(
    ...postgresCorpus.filter((sql) => !sql.includes('--') && !/atomic/.test(sql)),
    'PRAGMA x = 1',
    '-- tunelens-ignore a/b: c\nselect 1',
    '-- name: N :one\nselect 1',
    '-- migrate:up\nselect 2',
    'begin',
    '',
  );
  const script = fc.array(statement, { maxLength: 12 }).map((list) => list.join(';\n'));
  const edit = fc.record({
    at: fc.nat(400),
    removed: fc.nat(5),
    added: fc.constantFrom(' ', ';', "'", '--', '/*', '$$', '(', 'x', '\n', ''),
  });
  fc.assert(
    fc.property(script, fc.array(edit, { maxLength: 6 }), (first, edits) => {
      const kept = contextOf();
      let text = first;
      read(text, '/a.sql', kept);
      for (const { at, removed, added } of edits) {
        text = text.slice(0, at) + added + text.slice(at + removed);
        expect(read(text, '/a.sql', kept)).toEqual(read(text, '/a.sql'));
      }
    }),
    { numRuns: 150 },
  );
});

test('a file of broken text is read without an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const { queries } = read(text);
      for (const query of queries) expect(query.span.end).toBeLessThanOrEqual(text.length);
    }),
  );
});
