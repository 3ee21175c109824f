/** The index advisor over LSP, and what the editor's tree makes of its answer. */
import { afterEach, expect, test } from 'vitest';
import { type AdviceNode, adviceTree } from '../../client/advice-tree.ts';
import { type AdviseResult, requests } from '../../server/protocol.ts';
import { type Client, connect, type Folder, folder } from './client.ts';

const schema = `CREATE TABLE parcels (id INTEGER PRIMARY KEY, sender INTEGER NOT NULL, state TEXT, weight REAL);
CREATE INDEX parcels_state ON parcels (state);
CREATE INDEX parcels_state_weight ON parcels (state, weight);
`;
const code = `import sqlite3


def sent_by(db: sqlite3.Connection, sender: int):
    return db.execute("SELECT id, weight FROM parcels WHERE sender = ?", (sender,)).fetchall()


def one(db: sqlite3.Connection, key: int):
    return db.execute("SELECT state FROM parcels WHERE id = ?", (key,)).fetchone()
`;
let open: { client: Client; repository: Folder } | undefined;
afterEach(async () => {
  open?.client.connection.dispose();
  open?.client.server.kill();
  await open?.client.exited;
  open?.repository.remove();
  open = undefined;
});
async function ask(files: Readonly<Record<string, string>>): Promise<AdviseResult> {
  const repository = folder(files);
  const client = await connect({ folders: [repository] });
  open = { client, repository };
  return client.connection.sendRequest<AdviseResult>(requests.advise, {});
}
const flat = (nodes: readonly AdviceNode[]): AdviceNode[] => nodes.flatMap((node) => [node, ...flat(node.children)]);

test('what is missing, what is too much, and why nothing else', async () => {
  const advice = await ask({ 'migrations/0001_parcels.sql': schema, 'app.py': code });
  expect(advice.cancelled).toBe(false);
  expect(advice.indexes.map(({ table, columns }) => [table, columns[0]])).toEqual([['parcels', 'sender']]);
  expect(advice.indexes[0]?.statements.map(({ places }) => places.map(({ line }) => line))).toEqual([[4]]);
  expect(advice.indexes[0]?.costAfter).toBeLessThan(advice.indexes[0]?.costBefore ?? 0);
  expect(advice.redundant.map(({ name }) => name)).toEqual(['parcels_state']);
  expect(advice.refused.some(({ statement }) => statement.sql.includes('WHERE id ='))).toBe(true);

  const nodes = adviceTree(advice, {});
  const proposal = flat(nodes).find(({ kind }) => kind === 'proposal');
  expect(nodes[0]?.label).toBe('1 index to create');
  expect(proposal?.label).toMatch(/^parcels \(sender/);
  expect(proposal?.tooltip).toContain(advice.indexes[0]?.ddl);
  expect(proposal?.children[0]?.place?.uri).toMatch(/app\.py$/);
  expect(proposal?.index?.migration.name).toMatch(/^add_index_/);
  expect(new Set(flat(nodes).map(({ id }) => id)).size).toBe(flat(nodes).length);

  const aside = adviceTree(advice, { [proposal?.ddl ?? '']: 'written all day, read once a week' });
  expect(aside[0]?.label).toBe('No index is missing');
  expect(flat(aside).find(({ kind }) => kind === 'dismissed')?.description).toBe('written all day, read once a week');
});

test('a folder without a statement says so', async () => {
  const advice = await ask({ 'readme.txt': 'nothing' });
  expect(adviceTree(advice, {}).map(({ kind, label }) => [kind, label])).toEqual([
    ['note', 'No statement was found that reads or changes a table'],
  ]);
});
