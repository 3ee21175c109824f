import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Server, startEmbedded } from '../engines/postgres-server.ts';
import { checkJson, type Folder, folder, tunelens } from './support.ts';

let server: Server;
let place: Folder;
let rows = '';
beforeAll(async () => {
  place = folder();
  place.put('package.json', '{}');
  place.put('db/1_item.sql', 'CREATE TABLE item (id bigserial PRIMARY KEY, owner bigint NOT NULL, state text);\n');
  place.put(
    'src/read.ts',
    "import pg from 'pg';\n\nconst pool = new pg.Pool();\n\nexport const of = (owner: number) => pool.query('SELECT id FROM item WHERE owner = $1', [owner]);\n",
  );
  server = await startEmbedded();
  const admin = await server.admin();
  await admin.query('CREATE TABLE item (id bigserial PRIMARY KEY, owner bigint NOT NULL, state text)');
  await admin.query("INSERT INTO item (owner, state) SELECT i % 5000, 'x' FROM generate_series(1, 60000) AS i");
  await admin.query('ANALYZE item');
  rows = JSON.stringify((await admin.query('SELECT relname FROM pg_class ORDER BY relname')).rows);
  await admin.end();
});
afterAll(async () => {
  await server?.stop();
  place.remove();
});

const secret = () => decodeURIComponent(new URL(server.url).password);
const leaks = (text: string) => text.includes(secret()) || text.includes(new URL(server.url).password);

describe('a connected PostgreSQL', () => {
  test('the plan and the row count are its own, nothing is created in it, the password stays secret', async () => {
    const { findings, code, err, ...rest } = await checkJson(['.', '--connect', server.url], { cwd: place.path });
    const found = findings.find(({ rule }) => rule === 'sql/missing-index');
    expect(found).toMatchObject({ file: 'src/read.ts', evidence: { grade: 'live', source: expect.stringContaining(String(server.port)) } });
    expect(JSON.stringify(found)).toContain('60,000');
    expect(found?.evidence.after).toBeDefined();
    expect({ code, unchecked: rest.unchecked }).toEqual({ code: 0, unchecked: [] });
    expect(leaks(JSON.stringify({ findings, rest, err }))).toBe(false);
    const admin = await server.admin();
    expect(JSON.stringify((await admin.query('SELECT relname FROM pg_class ORDER BY relname')).rows)).toBe(rows);
    await admin.end();
  });

  test('a wrong password: exit code 3, one sentence, and not a word of the password', async () => {
    const url = server.url.replace(/:[^:@]*@/, ':wr0ng-s3cret@');
    for (const args of [
      ['check', '--connect', url, '.'],
      ['check', '--format', 'json', '--connect', url, '.'],
      ['explain', 'SELECT 1', '--connect', url],
    ]) {
      const { code, out, err } = await tunelens(args, { cwd: place.path });
      expect(code).toBe(3);
      expect(out + err).toMatch(/password/i);
      expect(out + err).not.toContain('wr0ng-s3cret');
    }
  });

  test('explain by the server', async () => {
    const { code, out } = await tunelens(['explain', 'src/read.ts', '--connect', server.url, '--format', 'json'], { cwd: place.path });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ statements: [{ source: 'live', totalCost: expect.any(Number), plan: expect.anything() }] });
  });
});
