/** A connected PostgreSQL's own counts as the workload, with the permissions that people have. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import { type Folder, folder, tunelens } from './support.ts';

let server: Server;
let place: Folder;
beforeAll(async () => {
  place = folder();
  server = await startEmbedded(['-c', 'shared_preload_libraries=pg_stat_statements']);
  const client = await server.admin();
  for (const sql of [
    'CREATE EXTENSION pg_stat_statements',
    'CREATE TABLE visit (id serial PRIMARY KEY, page_id int NOT NULL, made_at timestamptz NOT NULL, note text)',
    "INSERT INTO visit (page_id, made_at, note) SELECT i % 5000, now() - i * interval '1 minute', md5(i::text) FROM generate_series(1, 30000) i",
    'VACUUM ANALYZE visit',
    "CREATE ROLE plain LOGIN PASSWORD 'plain'",
    'GRANT SELECT ON visit TO plain',
    'SELECT pg_stat_statements_reset()',
  ])
    await client.query(sql);
  for (let page = 0; page < 20; page++) await client.query('SELECT note FROM visit WHERE page_id = $1', [page]);
  await client.query("SELECT count(*) FROM visit WHERE made_at > now() - interval '1 hour'");
  await client.end();
}, 60_000);
afterAll(async () => {
  place?.remove();
  await server?.stop();
});

test('what the server counted is advised on, and nothing of it is reset', async () => {
  const { code, out, err } = await tunelens(['advise', '--connect', server.url, '--format', 'json'], { cwd: place.path });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const advice = JSON.parse(out) as {
    indexes: { table: string; columns: string[] }[];
    statements: { sql: string; calls: number; milliseconds: number }[];
  };
  expect(advice.indexes.map(({ table, columns }) => `${table}(${columns[0]})`)).toContain('visit(page_id)');
  const counted = advice.statements.find(({ sql }) => sql.includes('page_id = $1'));
  expect(counted).toMatchObject({ calls: 20, milliseconds: expect.any(Number) });
  const client = await server.admin();
  const { rows } = await client.query("SELECT calls::int FROM pg_stat_statements WHERE query LIKE 'SELECT note FROM visit%'");
  expect(rows).toEqual([{ calls: 20 }]);
  await client.end();
}, 60_000);

test('a role that may not see the statements of others is told which grant is missing', async () => {
  const url = server.url.replace(/\/\/postgres:[^@]*@/, '//plain:plain@');
  const { code, out, err } = await tunelens(['advise', '--connect', url], { cwd: place.path });
  expect(code).toBe(3);
  expect(out + err).toContain('GRANT pg_read_all_stats');
  expect(out + err).not.toContain('plain:plain');
}, 60_000);
