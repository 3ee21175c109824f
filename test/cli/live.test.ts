/** `check --connect`: what a database says of itself stands where the repository declares it, else under the connection's name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import { checkJson, type Folder, folder, tunelens } from './support.ts';

let server: Server;
let place: Folder;
let label = '';
beforeAll(async () => {
  place = folder();
  place.put('package.json', '{}');
  place.put('db/1_item.sql', '-- items\nCREATE TABLE item (\n  id serial PRIMARY KEY,\n  owner bigint NOT NULL\n);\n');
  server = await startEmbedded();
  const admin = await server.admin();
  await admin.query('CREATE TABLE item (id serial PRIMARY KEY, owner bigint NOT NULL)');
  await admin.query("SELECT setval('item_id_seq', 2000000000)");
  await admin.query('CREATE TABLE elsewhere (id smallserial PRIMARY KEY)');
  await admin.query("SELECT setval('elsewhere_id_seq', 25000)");
  await admin.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
  await admin.query('REVOKE SELECT ON pg_stat_all_indexes FROM PUBLIC');
  await admin.end();
  label = `postgres@127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server?.stop();
  place.remove();
});
const live = <Item extends { readonly rule: string }>(findings: readonly Item[]): Item[] =>
  findings.filter(({ rule }) => rule === 'sql/sequence-near-exhaustion');

describe('a connected database', () => {
  test('json: the file where it declares it, else the connection without its password', async () => {
    const { findings, code, unchecked } = await checkJson(['.', '--connect', server.url], { cwd: place.path });
    expect(live(findings)).toMatchObject([
      { file: 'db/1_item.sql', severity: 'error', range: { start: { line: 2, character: 2 } }, evidence: { grade: 'live' } },
      { file: expect.stringContaining(label), severity: 'warning', object: 'elsewhere.id', range: { start: { line: 0, character: 0 } } },
    ]);
    expect(JSON.stringify(findings)).not.toContain(new URL(server.url).password);
    expect({ code, unchecked }).toEqual({ code: 1, unchecked: [] });
  });

  test('text, GitHub and a baseline', async () => {
    const text = await tunelens(['check', '.', '--connect', server.url], { cwd: place.path });
    expect(text.out).toMatch(/elsewhere\.id {2}warning {2}elsewhere\.id has used 76 % of its numbers/);
    const github = await tunelens(['check', '.', '--connect', server.url, '--format', 'github'], { cwd: place.path });
    const lines = github.out.split('\n').filter((line) => line.includes('sequence-near-exhaustion'));
    expect(lines[0]).toContain('file=db/1_item.sql,line=3');
    expect(lines[1]).toMatch(/^::warning title=sql\/sequence-near-exhaustion::.*elsewhere\.id/);
    await tunelens(['check', '.', '--connect', server.url, '--baseline', 'b.json', '--write-baseline'], { cwd: place.path });
    const after = await checkJson(['.', '--connect', server.url, '--baseline', 'b.json'], { cwd: place.path });
    expect(live(after.findings)).toEqual([]);
  });

  test('a rule that is turned off stays silent about the database, too', async () => {
    place.put('tunelens.toml', '[rules]\n"sql/sequence-near-exhaustion" = "off"\n');
    const { findings } = await checkJson(['.', '--connect', server.url], { cwd: place.path });
    place.put('tunelens.toml', '');
    expect(live(findings)).toEqual([]);
  });

  test('what may not be read: one sentence with the grant, the rest goes on, exit code 3', async () => {
    const url = server.url.replace(/\/\/[^@]*@/, '//reader:reader@');
    const { findings, code, unchecked } = await checkJson(['.', '--connect', url], { cwd: place.path });
    expect(live(findings)).toEqual([]);
    expect(unchecked.map(({ reason }: { reason: string }) => reason)).toEqual([
      expect.stringMatching(/statistics of indexes .*GRANT SELECT ON pg_stat_all_indexes/),
      expect.stringMatching(/2 sequences .*GRANT SELECT ON ALL SEQUENCES IN SCHEMA public/),
    ]);
    expect(code).toBe(3);
  });
});
