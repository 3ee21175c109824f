/** SQL migrations of every common tool, in the order that the tool runs them. */
import { describe, expect, test } from 'vitest';
import { build } from './support.ts';

const create = (name: string, more = '') => `CREATE TABLE ${name} (id bigint PRIMARY KEY, a text${more});\n`;
const steps = (names: readonly [string, string, string, string]): Record<string, string> => {
  const [first, second, third, fourth] = names;
  return {
    [fourth]: 'CREATE INDEX by_c ON t (c);\n',
    [second]: 'ALTER TABLE t RENAME COLUMN a TO b;\n',
    [first]: create('t', ', at timestamptz'),
    [third]: 'ALTER TABLE t RENAME COLUMN b TO c;\n',
  };
};

describe('order', () => {
  test.each([
    ['numbers without zeros', ['m/1_a.sql', 'm/2_b.sql', 'm/9.sql', 'm/10_c.sql']],
    ['times', ['m/20230101120000_a.sql', 'm/20230102120000_a.sql', 'm/20240101000000_x.sql', 'm/20240101000001_b.sql']],
    [
      'dates with dashes',
      ['m/2023-01-01-120000_a/up.sql', 'm/2023-01-02-120000_a/up.sql', 'm/2024-01-01-000000_x/up.sql', 'm/2024-01-01-000001_b/up.sql'],
    ],
    ['dates with dashes in the file', ['m/2023-01-09-a.sql', 'm/2023-01-10-a.sql', 'm/2023-02-01-x.sql', 'm/2023-10-01-b.sql']],
    ['Flyway versions', ['db/migration/V1__a.sql', 'db/migration/V1.2__a.sql', 'db/migration/V1_10__x.sql', 'db/migration/V2.0.1__b.sql']],
    ['Flyway with repeatable ones last', ['m/V1__a.sql', 'm/V2__b.sql', 'm/V10__c.sql', 'm/R__indexes.sql']],
    [
      'Prisma folders',
      [
        'p/migrations/20230101_a/migration.sql',
        'p/migrations/20230102_b/migration.sql',
        'p/migrations/20240101_c/migration.sql',
        'p/migrations/20240102_d/migration.sql',
      ],
    ],
    ['up and down', ['m/000001_a.up.sql', 'm/000002_b.up.sql', 'm/000003_x.up.sql', 'm/000010_y.up.sql']],
    ['letters before the number', ['m/v001.sql', 'm/v002.sql', 'm/v003.sql', 'm/v010.sql']],
  ] as const)('%s', async (_, names) => {
    const built = await build('postgres', { ...steps(names), 'm/000003_x.down.sql': 'DROP TABLE t;\n', 'm/U2__b.sql': 'DROP TABLE t;\n' });
    expect(built.refused).toEqual([]);
    expect(built.tables.t).toEqual(['id bigint!', 'c text', 'at timestamp with time zone']);
    expect(built.indexes).toEqual({ by_c: 't(c)' });
  });
});

test.each([
  ['dbmate', '-- migrate:up\n', '-- migrate:down\n'],
  ['goose', '-- +goose Up\n-- +goose StatementBegin\n', '-- +goose StatementEnd\n-- +goose Down\n'],
  ['sql-migrate', '-- +migrate Up\n', '-- +migrate Down\n'],
])('%s: what goes down is never applied', async (_, up, down) => {
  const built = await build('sqlite', {
    'm/00001_a.sql': `${up}${create('t')}${down}DROP TABLE t;\n`,
    'm/00002_b.sql': `${up}ALTER TABLE t ADD COLUMN c integer;\n${down}ALTER TABLE t DROP COLUMN c;\n`,
  });
  expect(built.tables).toEqual({ t: ['id bigint', 'a text', 'c integer'] });
});

test('partitions, inheritance, views, types, generated columns and identity', async () => {
  const built = await build('postgres', {
    'schema.sql': `
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN score AS integer CHECK (VALUE >= 0);
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, kind mood, points score, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_old (id bigint NOT NULL, at timestamptz NOT NULL, kind mood, points score);
ALTER TABLE events ATTACH PARTITION events_old DEFAULT;
CREATE INDEX by_kind ON events (kind, at);
CREATE TABLE base (id int, name text);
CREATE TABLE child (more int, name_length int GENERATED ALWAYS AS (length(name)) STORED) INHERITS (base);
CREATE VIEW recent AS SELECT id, at FROM events WHERE at > now() - interval '1 day';
CREATE MATERIALIZED VIEW counts AS SELECT kind, count(*) AS n FROM events GROUP BY kind;
CREATE UNIQUE INDEX counts_kind ON counts (kind);
`,
  });
  expect(built.refused).toEqual([]);
  const table = (name: string) => built.declared.tables.find((entry) => entry.name === name);
  expect(table('events')?.partitioned).toBe(true);
  expect(table('events_2024')?.columns.map(({ name }) => name)).toEqual(['id', 'at', 'kind', 'points']);
  expect(table('child')?.columns.map(({ name }) => name)).toEqual(['id', 'name', 'more', 'name_length']);
  expect(table('recent')?.kind).toBe('view');
  expect(table('counts')?.kind).toBe('materialized view');
  expect(built.declared.indexes.map(({ table: of, name }) => `${of} ${name}`)).toContain('counts counts_kind');
  expect(Object.keys(built.tables).sort()).toEqual(['base', 'child', 'counts', 'events', 'events_2024', 'events_old', 'recent']);
});

const dump = (rows: number) => `--
-- PostgreSQL database dump
--

\\restrict aBcD
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
\\connect app

CREATE TABLE public.users (
    id integer NOT NULL,
    name character varying(20)
);
ALTER TABLE public.users OWNER TO app;
CREATE SEQUENCE public.users_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;
ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);

COPY public.users (id, name) FROM stdin;
${Array.from({ length: rows }, (_, row) => `${row}\tCREATE TABLE "quoted'${row}; (\n`).join('')}\\.

SELECT pg_catalog.setval('public.users_id_seq', ${rows}, true);
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE INDEX by_name ON public.users USING btree (name);
\\unrestrict aBcD
`;

test('a dump of pg_dump, with its rows', async () => {
  const built = await build('postgres', { 'dump.sql': dump(50) });
  expect(built.refused).toEqual([]);
  expect(built.tables).toEqual({ users: ['id integer!', 'name character varying(20)'] });
  expect(built.indexes).toEqual({ by_name: 'users(name)' });
  expect(built.declaredAt('users', 'name')).toBe('name character varying(20)');
});

test('what the sqlite3 shell writes', async () => {
  const built = await build('sqlite', {
    'dump.sql': `PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT);
INSERT INTO notes VALUES(1,'a; CREATE TABLE x (y);');
CREATE VIRTUAL TABLE search USING fts5(text);
CREATE INDEX by_text ON notes(text);
COMMIT;
`,
  });
  expect(built.refused).toEqual([]);
  expect(Object.keys(built.tables)).toEqual(expect.arrayContaining(['notes', 'search']));
  expect(built.indexes).toMatchObject({ by_text: 'notes(text)' });
});
