/** Migrations of Rails, TypeORM and Drizzle: what is written, read back as part of the repository, builds the index in a real engine. */
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import type { ScriptFix } from '../../server/analysis/fix.ts';
import { mayBeMigration, recogniseMigrations, writeMigration } from '../../server/analysis/migrations.ts';
import { build } from '../schema/support.ts';

const now = '2026-11-20T21:30:05.000Z';
const concurrent: ScriptFix = {
  kind: 'script',
  title: 'Create the index',
  engine: 'postgres',
  text: "CREATE INDEX CONCURRENTLY idx_orders ON orders (customer_id, placed_at DESC) WHERE state = 'open';",
  down: 'DROP INDEX CONCURRENTLY IF EXISTS idx_orders;',
  name: 'add_index_orders_customer_id',
  outsideTransaction: true,
};
const plain: ScriptFix = {
  ...concurrent,
  engine: 'sqlite',
  text: 'CREATE INDEX idx_orders ON orders (customer_id);',
  down: 'DROP INDEX IF EXISTS idx_orders;',
  outsideTransaction: false,
};
const at = (files: Readonly<Record<string, string>>) => Object.entries(files).map(([path, text]) => ({ path: `/repo/${path}`, text }));

function written(files: Readonly<Record<string, string>>, script: ScriptFix) {
  const [style, ...others] = recogniseMigrations(at(files).filter(({ path }) => mayBeMigration(path)));
  expect(others).toEqual([]);
  if (style === undefined) throw new Error('not recognised');
  expect(style.tables).toContain('orders');
  const files_ = writeMigration(style, script, now);
  return {
    tool: style.tool,
    files: Object.fromEntries(files_.map(({ path, text }) => [path.replace('/repo/', ''), text])),
    replaced: files_.filter(({ replaces }) => replaces),
  };
}

const rails = {
  'db/migrate/20260102030405_create_orders.rb': `class CreateOrders < ActiveRecord::Migration[7.1]
  def change
    create_table :orders do |t|
      t.bigint :customer_id
      t.string :state
      t.jsonb :data
      t.timestamptz :placed_at
    end
  end
end
`,
};

test('Rails', async () => {
  const { tool, files } = written(rails, concurrent);
  expect(tool).toBe('rails');
  expect(files).toEqual({
    'db/migrate/20261120213005_add_index_orders_customer_id.rb': `class AddIndexOrdersCustomerId < ActiveRecord::Migration[7.1]
  # CONCURRENTLY refuses to work in a transaction.
  disable_ddl_transaction!

  def change
    add_index :orders, [:customer_id, :placed_at], name: "idx_orders", order: { placed_at: :desc }, where: "state = 'open'", algorithm: :concurrently
  end
end
`,
  });
  const built = await build('postgres', { ...rails, ...files });
  expect(built.refused).toEqual([]);
  expect(built.indexes.idx_orders).toMatch(/^orders\(customer_id, placed_at desc\) where state.* = 'open'/);
});

test('Rails: an expression is one text, and what is no index is SQL', async () => {
  const expression = { ...concurrent, text: "CREATE INDEX CONCURRENTLY idx_orders ON orders USING gin ((data -> 'a'));" };
  const first = written(rails, expression);
  const built = await build('postgres', { ...rails, ...first.files });
  expect(built.refused).toEqual([]);
  expect(Object.keys(built.indexes)).toContain('idx_orders');
  const other = written(rails, {
    ...plain,
    engine: 'postgres',
    text: 'ALTER TABLE orders ADD COLUMN note text;',
    down: 'ALTER TABLE orders DROP COLUMN note;',
  });
  expect((await build('postgres', { ...rails, ...other.files })).tables.orders).toContain('note text');
});

const typeorm = {
  'src/data-source.ts': "export default new DataSource({ type: 'postgres' });\n",
  'src/migrations/1700000000000-Orders.ts': `import { MigrationInterface, QueryRunner } from 'typeorm';
export class Orders1700000000000 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint, state text, placed_at timestamptz)');
  }
  public async down(queryRunner: QueryRunner): Promise<void> {}
}
`,
};

test('TypeORM', async () => {
  const { tool, files } = written(typeorm, concurrent);
  expect(tool).toBe('typeorm');
  const [[name, text] = ['', '']] = Object.entries(files);
  expect(name).toBe('src/migrations/1795210205000-AddIndexOrdersCustomerId.ts');
  expect(text).toContain('transaction = false;');
  const built = await build('postgres', { ...typeorm, ...files });
  expect(built.refused).toEqual([]);
  expect(built.indexes.idx_orders).toMatch(/^orders\(customer_id, placed_at desc\)/);
  // It is TypeScript, and hands the runner the statements.
  const module = { exports: {} as Record<string, new () => { up(runner: unknown): Promise<void>; name: string }> };
  new Function('exports', 'module', transformSync(text, { loader: 'ts', format: 'cjs' }).code)(module.exports, module);
  const made = module.exports.AddIndexOrdersCustomerId1795210205000;
  const asked: string[] = [];
  await new (made as NonNullable<typeof made>)().up({ query: async (sql: string) => void asked.push(sql) });
  expect(asked).toEqual([concurrent.text.slice(0, -1)]);
});

const journal = {
  version: '7',
  dialect: 'sqlite',
  entries: [{ idx: 0, version: '6', when: 1_700_000_000_000, tag: '0000_init', breakpoints: true }],
};
const drizzle = {
  'drizzle/0000_init.sql': 'CREATE TABLE `orders` (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, `customer_id` integer);\n',
  'drizzle/meta/_journal.json': JSON.stringify(journal, undefined, 2),
  'drizzle.config.ts': "export default defineConfig({ dialect: 'sqlite' });\n",
};

test('Drizzle: the journal names the file', async () => {
  const { tool, files, replaced } = written(drizzle, plain);
  expect(tool).toBe('drizzle');
  expect(replaced.map(({ path }) => path)).toEqual(['/repo/drizzle/meta/_journal.json']);
  expect(JSON.parse(files['drizzle/meta/_journal.json'] ?? '')).toEqual({
    ...journal,
    entries: [
      ...journal.entries,
      { idx: 1, version: '6', when: Date.parse(now), tag: '0001_add_index_orders_customer_id', breakpoints: true },
    ],
  });
  const built = await build('sqlite', { ...drizzle, ...files });
  expect(built.refused).toEqual([]);
  expect(built.indexes).toEqual({ idx_orders: 'orders(customer_id)' });
});

test('Drizzle: what may not run in its transaction is said, and two statements are two files and one journal', () => {
  const first = written(drizzle, concurrent).files['drizzle/0001_add_index_orders_customer_id.sql'];
  expect(first).toContain('\nCREATE INDEX IF NOT EXISTS idx_orders ON orders');
  expect(first).toContain('--   CREATE INDEX CONCURRENTLY idx_orders');
  const two = written(drizzle, { ...concurrent, text: `${concurrent.text}\nDROP INDEX CONCURRENTLY IF EXISTS old;` });
  expect(Object.keys(two.files)).toEqual([
    'drizzle/0001_add_index_orders_customer_id_1.sql',
    'drizzle/0002_add_index_orders_customer_id_2.sql',
    'drizzle/meta/_journal.json',
  ]);
  expect((JSON.parse(two.files['drizzle/meta/_journal.json'] ?? '') as typeof journal).entries.map(({ tag }) => tag)).toEqual([
    '0000_init',
    '0001_add_index_orders_customer_id_1',
    '0002_add_index_orders_customer_id_2',
  ]);
  expect(two.files['drizzle/0002_add_index_orders_customer_id_2.sql']).toContain('\nDROP INDEX IF EXISTS old;');
});
