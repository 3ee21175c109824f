import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Folder, folder, tunelens } from './support.ts';

let place: Folder;
beforeAll(() => {
  place = folder();
  place.put('pyproject.toml');
  place.put('schema.sql', 'PRAGMA foreign_keys = ON;\nCREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER);\n');
  place.put(
    'read.py',
    'import sqlite3\n\ndef one(conn: sqlite3.Connection, key):\n    conn.execute("SELECT id FROM item WHERE owner = ?", (key,))\n    conn.execute("SELECT id FROM item WHERE id = ?", (key,))\n',
  );
  const database = new Database(`${place.path}/live.db`);
  database.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER); CREATE INDEX by_owner ON item (owner);');
  database.close();
});
afterAll(() => place.remove());

interface Statements {
  readonly statements: readonly { sql: string; source: string; totalCost?: number; plan?: unknown; advice?: string; error?: string }[];
}
async function explain(...args: string[]): Promise<Statements & { code: number }> {
  const { code, out, err } = await tunelens(['explain', '--format', 'json', ...args], { cwd: place.path });
  if (!out.startsWith('{')) throw new Error(`exit ${code}: ${err}`);
  return { ...(JSON.parse(out) as Statements), code };
}

describe('explain', () => {
  test("a file's statements in their order, by an embedded engine with the repository's schema", async () => {
    const { statements, code } = await explain('read.py');
    expect(code).toBe(0);
    expect(statements.map(({ sql, source }) => ({ sql, source }))).toEqual([
      { sql: 'SELECT id FROM item WHERE owner = ?', source: 'embedded' },
      { sql: 'SELECT id FROM item WHERE id = ?', source: 'embedded' },
    ]);
    expect(JSON.stringify(statements[0]?.plan)).toContain('SCAN item');
    expect(JSON.stringify(statements[1]?.plan)).toContain('SEARCH item');
    for (const { totalCost } of statements) expect(totalCost).toEqual(expect.any(Number));
    // The index that helps, and why there is none.
    expect(statements[0]?.advice).toMatch(/\nCREATE INDEX \S+ ON item \(owner\);$/);
    expect(statements[1]?.advice).toBe('No new index: the primary key of item already leads to the rows of item.');
  });

  test('a statement, by a connection', async () => {
    const { statements, code } = await explain('SELECT id FROM item WHERE owner = 3', '--connect', 'live.db');
    expect(code).toBe(0);
    expect(statements).toMatchObject([{ source: 'live', plan: expect.anything() }]);
    expect(JSON.stringify(statements)).toContain('by_owner');
    const { out } = await tunelens(['explain', 'SELECT id FROM item WHERE owner = 3', '--connect', 'live.db'], { cwd: place.path });
    expect(out).toMatch(/planned by live\.db.*\nSEARCH item USING (?:COVERING )?INDEX by_owner/);
  });

  test('what the engine refuses, and what is not explained', async () => {
    const refused = await explain('SELECT nothing FROM item', '--connect', 'live.db');
    expect(refused).toMatchObject({ code: 1, statements: [{ source: 'live', error: expect.stringContaining('nothing') }] });
    const writing = await explain('DROP TABLE item', '--connect', 'live.db');
    expect(writing.statements[0]?.error).toEqual(expect.any(String));
    const database = new Database(`${place.path}/live.db`, { readonly: true });
    expect(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()).toEqual({ n: 2 });
    database.close();
  });

  test('--analyze runs the statement', async () => {
    const { statements, code } = await explain('SELECT id FROM item', '--connect', 'live.db', '--analyze');
    expect({ code, error: statements[0]?.error }).toEqual({ code: 0, error: undefined });
  });

  test('a database that is not there', async () => {
    const { code, out, err } = await tunelens(['explain', 'SELECT 1', '--connect', 'gone.db'], { cwd: place.path });
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^tunelens: .*gone\.db.*\n$/);
  });
});
