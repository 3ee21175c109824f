import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCache } from '../../server/workspace/cache.ts';
import { readDump } from '../../server/workspace/dump.ts';
import { readFromDisk } from '../../server/workspace/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'tunelens-dump-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('rows are left out, and what is left stands where it stood', () => {
  const text = `CREATE TABLE a (x text);
COPY public.a (x) FROM stdin;
one
CREATE TABLE no (y int);
\\.

INSERT INTO a VALUES ('it''s; one');
INSERT INTO a VALUES ('first
second;
third'), ('x');
INSERT INTO a VALUES
  ('y'),
  ('z');
CREATE INDEX i ON a (x);
`;
  expect(readDump(put('small.sql', text), 1_000_000)?.split('\n')).toEqual([
    'CREATE TABLE a (x text);',
    'COPY public.a (x) FROM stdin;',
    '',
    '',
    '\\.',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    'CREATE INDEX i ON a (x);',
    '',
  ]);
  expect(readDump(put('large.sql', 'SELECT 1;\n'.repeat(1000)), 1000)).toBeUndefined();
});

test('a dump of 20 MB tells its schema, at the right lines', async () => {
  const rows = `${'x'.repeat(90)}\té𝒳 CREATE TABLE nothing (\n`.repeat(160_000);
  const path = put(
    'dump.sql',
    `CREATE TABLE public.users (\n    id bigint NOT NULL\n);\nCOPY public.users (id) FROM stdin;\n${rows}\\.\n\nCREATE INDEX by_id ON public.users USING btree (id);\n`,
  );
  const { document, problems } = await readFromDisk({ path }, createCache());
  expect(problems).toEqual([]);
  expect(document?.queries.map(({ statement }) => statement.kind)).toContain('create index');
  const index = document?.queries.find(({ statement }) => statement.kind === 'create index');
  const line = document?.lineStarts.findLastIndex((start) => start <= (index?.span.start ?? 0));
  expect(line).toBe(160_006);
  expect(document?.queries.filter(({ statement }) => statement.kind === 'create table')).toHaveLength(1);
});
