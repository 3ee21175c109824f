/** Small repositories of every migration tool: what is recognised, what is written, and whether it runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import Database from 'better-sqlite3';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScriptFix } from '../../server/analysis/fix.ts';
import { mayBeMigration, nearestStyle, recogniseMigrations, writeMigration } from '../../server/analysis/migrations.ts';

const now = '2026-11-20T21:30:05.000Z';
const concurrent: ScriptFix = {
  kind: 'script',
  title: 'Create the index',
  engine: 'postgres',
  text: 'CREATE INDEX CONCURRENTLY idx_orders_customer_id ON orders (customer_id);',
  down: 'DROP INDEX CONCURRENTLY idx_orders_customer_id;',
  name: 'add_index_orders_customer_id',
  outsideTransaction: true,
};
const plain: ScriptFix = {
  ...concurrent,
  engine: 'sqlite',
  text: 'CREATE INDEX idx_orders_customer_id ON orders (customer_id);',
  down: 'DROP INDEX idx_orders_customer_id;',
  outsideTransaction: false,
};
const postgresTable = 'CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL, placed_at timestamptz);\n';
const sqliteTable = 'CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL);\n';

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly script: ScriptFix;
  readonly tool: string;
  readonly written: Readonly<Record<string, string>>;
  /** The statements the tool would run from the first written file. */
  readonly sql?: (text: string) => string;
}

const between = (from: RegExp, to: RegExp) => (text: string) => text.split(from)[1]?.split(to)[0] ?? '';

const cases: readonly Case[] = [
  {
    title: 'plain numbered SQL keeps its width and separator',
    files: {
      'db/migrations/001-create.sql': sqliteTable,
      'db/migrations/002-more-columns.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;',
    },
    script: plain,
    tool: 'numbered',
    written: { 'db/migrations/003-add-index-orders-customer-id.sql': `${plain.text}\n` },
  },
  {
    title: 'plain numbered SQL for PostgreSQL says that it must run outside a transaction',
    files: { 'migrations/0009_orders.sql': postgresTable },
    script: concurrent,
    tool: 'numbered',
    written: {
      'migrations/0010_add_index_orders_customer_id.sql': `-- Run this outside a transaction: CONCURRENTLY refuses to work in one.\n${concurrent.text}\n`,
    },
  },
  {
    title: 'up and down pairs of golang-migrate',
    files: {
      'go.mod': 'module example.com/shop',
      'migrations/000006_orders.up.sql': postgresTable,
      'migrations/000006_orders.down.sql': 'DROP TABLE orders;',
    },
    script: concurrent,
    tool: 'golang-migrate',
    written: {
      'migrations/000007_add_index_orders_customer_id.up.sql': `${concurrent.text}\n`,
      'migrations/000007_add_index_orders_customer_id.down.sql': `${concurrent.down}\n`,
    },
  },
  {
    title: 'up and down pairs told apart by an underscore',
    files: { 'migrations/1_orders_up.sql': sqliteTable, 'migrations/1_orders_down.sql': 'DROP TABLE orders;' },
    script: plain,
    tool: 'golang-migrate',
    written: {
      'migrations/2_add_index_orders_customer_id_up.sql': `${plain.text}\n`,
      'migrations/2_add_index_orders_customer_id_down.sql': `${plain.down}\n`,
    },
  },
  {
    title: 'dbmate numbers by the clock and turns its transaction off',
    files: { 'db/migrations/20260102030405_orders.sql': `-- migrate:up\n${postgresTable}\n-- migrate:down\nDROP TABLE orders;\n` },
    script: concurrent,
    tool: 'dbmate',
    written: {
      'db/migrations/20261120213005_add_index_orders_customer_id.sql': `-- migrate:up transaction:false\n${concurrent.text}\n\n-- migrate:down transaction:false\n${concurrent.down}\n`,
    },
    sql: between(/-- migrate:up.*\n/, /-- migrate:down/),
  },
  {
    title: 'goose, numbered in sequence',
    files: { 'sql/schema/00004_orders.sql': `-- +goose Up\n${postgresTable}\n-- +goose Down\nDROP TABLE orders;\n` },
    script: concurrent,
    tool: 'goose',
    written: {
      'sql/schema/00005_add_index_orders_customer_id.sql': `-- +goose NO TRANSACTION\n-- +goose Up\n${concurrent.text}\n\n-- +goose Down\n${concurrent.down}\n`,
    },
    sql: between(/-- \+goose Up\n/, /-- \+goose Down/),
  },
  {
    title: 'sql-migrate',
    files: { 'migrations/20260102030405-orders.sql': `-- +migrate Up\n${sqliteTable}\n-- +migrate Down\nDROP TABLE orders;\n` },
    script: plain,
    tool: 'sql-migrate',
    written: {
      'migrations/20261120213005-add_index_orders_customer_id.sql': `-- +migrate Up\n${plain.text}\n\n-- +migrate Down\n${plain.down}\n`,
    },
    sql: between(/-- \+migrate Up\n/, /-- \+migrate Down/),
  },
  {
    title: 'Flyway counts its last component and has its configuration beside it',
    files: {
      'src/main/resources/db/migration/V1__orders.sql': postgresTable,
      'src/main/resources/db/migration/V1.9__more.sql': 'ALTER TABLE orders ADD note text;',
      'src/main/resources/db/migration/V1.10__still_more.sql': 'ALTER TABLE orders ADD tag text;',
      'src/main/resources/db/migration/R__views.sql': 'CREATE OR REPLACE VIEW v AS SELECT 1;',
    },
    script: concurrent,
    tool: 'flyway',
    written: {
      'src/main/resources/db/migration/V1.11__add_index_orders_customer_id.sql': `${concurrent.text}\n`,
      'src/main/resources/db/migration/V1.11__add_index_orders_customer_id.sql.conf': 'executeInTransaction=false\n',
    },
  },
  {
    title: 'sqlx in a Rust crate',
    files: { 'Cargo.toml': '[dependencies]\nsqlx = "0.8"\n', 'migrations/20260102030405_orders.sql': postgresTable },
    script: concurrent,
    tool: 'sqlx',
    written: { 'migrations/20261120213005_add_index_orders_customer_id.sql': `-- no-transaction\n${concurrent.text}\n` },
  },
  {
    title: 'sqlx with reversible migrations',
    files: {
      'services/ingest/Cargo.toml': '[package]',
      'services/ingest/migrations/20260102030405_orders.up.sql': sqliteTable,
      'services/ingest/migrations/20260102030405_orders.down.sql': 'DROP TABLE orders;',
    },
    script: plain,
    tool: 'sqlx',
    written: {
      'services/ingest/migrations/20261120213005_add_index_orders_customer_id.up.sql': `${plain.text}\n`,
      'services/ingest/migrations/20261120213005_add_index_orders_customer_id.down.sql': `${plain.down}\n`,
    },
  },
  {
    title: 'Diesel',
    files: {
      'migrations/2026-01-02-030405_orders/up.sql': postgresTable,
      'migrations/2026-01-02-030405_orders/down.sql': 'DROP TABLE orders;',
    },
    script: concurrent,
    tool: 'diesel',
    written: {
      'migrations/2026-11-20-213005_add_index_orders_customer_id/up.sql': `${concurrent.text}\n`,
      'migrations/2026-11-20-213005_add_index_orders_customer_id/down.sql': `${concurrent.down}\n`,
      'migrations/2026-11-20-213005_add_index_orders_customer_id/metadata.toml': 'run_in_transaction = false\n',
    },
  },
  {
    title: 'Prisma',
    files: {
      'prisma/schema.prisma': 'model Order { id Int @id }',
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
      'prisma/migrations/20260102030405_init/migration.sql': postgresTable,
    },
    script: concurrent,
    tool: 'prisma',
    written: {
      'prisma/migrations/20261120213005_add_index_orders_customer_id/migration.sql': `-- Write @@index([customer_id], map: "idx_orders_customer_id") into the model as well, with the fields' names there, or Prisma reports drift.\n${concurrent.text}\n`,
    },
  },
  {
    title: 'Knex in TypeScript',
    files: {
      'src/migrations/20260102030405_orders.ts':
        "import type { Knex } from 'knex';\nexport async function up(knex: Knex): Promise<void> {\n  await knex.schema.createTable('orders', (t) => { t.bigIncrements('id'); });\n}\nexport async function down(knex: Knex) {}\n",
    },
    script: concurrent,
    tool: 'knex',
    written: {
      'src/migrations/20261120213005_add_index_orders_customer_id.ts': `import type { Knex } from 'knex';

// CONCURRENTLY refuses to work in a transaction.
export const config = { transaction: false };

export function up(knex: Knex): Knex.Raw {
  return knex.raw(\`CREATE INDEX CONCURRENTLY idx_orders_customer_id ON orders (customer_id)\`);
}

export function down(knex: Knex): Knex.Raw {
  return knex.raw(\`DROP INDEX CONCURRENTLY idx_orders_customer_id\`);
}
`,
    },
  },
  {
    title: 'Knex in CommonJS',
    files: {
      'migrations/20260102030405_orders.js':
        "exports.up = function (knex) { return knex.schema.createTable('orders', () => {}); };\nexports.down = () => {};\n",
    },
    script: plain,
    tool: 'knex',
    written: {
      'migrations/20261120213005_add_index_orders_customer_id.js': `exports.up = function (knex) {
  return knex.raw(\`${plain.text.slice(0, -1)}\`);
};

exports.down = function (knex) {
  return knex.raw(\`${plain.down.slice(0, -1)}\`);
};
`,
    },
  },
  {
    title: 'Django follows the leaf of the app, in one that is not atomic',
    files: {
      'shop/orders/migrations/0001_initial.py':
        'from django.db import migrations\n\nclass Migration(migrations.Migration):\n    dependencies = []\n',
      'shop/orders/migrations/0002_note.py':
        'from django.db import migrations\n\nclass Migration(migrations.Migration):\n    dependencies = [("orders", "0001_initial")]\n    operations = []\n',
      'shop/orders/migrations/__init__.py': '',
    },
    script: concurrent,
    tool: 'django',
    written: {
      'shop/orders/migrations/0003_add_index_orders_customer_id.py': `from django.db import migrations


class Migration(migrations.Migration):
    # CONCURRENTLY refuses to work in a transaction.
    atomic = False

    dependencies = [
        ("orders", "0002_note"),
    ]

    operations = [
        migrations.RunSQL(
            sql="CREATE INDEX CONCURRENTLY idx_orders_customer_id ON orders (customer_id);",
            reverse_sql="DROP INDEX CONCURRENTLY idx_orders_customer_id;",
        ),
    ]
`,
    },
  },
  {
    title: 'Alembic follows the head of the chain, whatever the order of the file names',
    files: {
      'alembic/versions/ffff00001111_orders.py':
        '"""orders\n\nCreate Date: 2026-01-02 03:04:05\n"""\nfrom alembic import op\n\nrevision = "ffff00001111"\ndown_revision = None\n',
      'alembic/versions/0a0b0c0d0e0f_note.py':
        '"""note\n\nCreate Date: 2026-02-02 03:04:05\n"""\nfrom alembic import op\n\nrevision: str = "0a0b0c0d0e0f"\ndown_revision: Union[str, None] = "ffff00001111"\n\n\ndef upgrade() -> None:\n    op.execute("ALTER TABLE orders ADD note jsonb")\n',
    },
    script: concurrent,
    tool: 'alembic',
    written: {
      'alembic/versions/f319f8865ae2_add_index_orders_customer_id.py': `"""add index orders customer id

Revision ID: f319f8865ae2
Revises: 0a0b0c0d0e0f
Create Date: 2026-11-20 21:30:05.000000
"""
from alembic import op

revision: str = "f319f8865ae2"
down_revision: str = "0a0b0c0d0e0f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Declare the index on the model as well, or autogenerate will propose to drop it.
    # CONCURRENTLY refuses to work in a transaction.
    with op.get_context().autocommit_block():
        op.create_index(
            "idx_orders_customer_id",
            "orders",
            ["customer_id"],
            unique=False,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    # CONCURRENTLY refuses to work in a transaction.
    with op.get_context().autocommit_block():
        op.drop_index("idx_orders_customer_id", table_name="orders", postgresql_concurrently=True)
`,
    },
  },
];

const root = '/repository';
const absolute = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => ({ path: `${root}/${path}`, text }));
const folder = mkdtempSync(join(tmpdir(), 'tunelens-migrations-'));
let postgres: Promise<PGlite> | undefined;
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await (await postgres)?.close();
});

describe('migrations', () => {
  test.each(cases)('$title', ({ files, script, tool, written }) => {
    const styles = recogniseMigrations(absolute(files));
    expect(styles.map((style) => style.tool)).toEqual([tool]);
    const style = nearestStyle(styles, `${root}/src/app.py`, script);
    if (style === undefined) throw new Error('no style for this engine');
    expect(writeMigration(style, script, now)).toEqual(absolute(written));
  });

  test.each(cases.filter((entry) => Object.keys(entry.written)[0]?.endsWith('.sql')))('$title: runs on the real engine', async (entry) => {
    const text = Object.values(entry.written)[0] ?? '';
    const sql = entry.sql?.(text) ?? text;
    if (entry.script.engine === 'sqlite') {
      const database = new Database(':memory:');
      database.exec(sqliteTable);
      database.exec(sql);
      expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'idx_orders_customer_id'").all()).toHaveLength(1);
      database.close();
      return;
    }
    postgres ??= PGlite.create();
    const database = await postgres;
    await database.exec(`DROP TABLE IF EXISTS orders; ${postgresTable}`);
    await database.query(sql);
    expect((await database.query("SELECT 1 FROM pg_indexes WHERE indexname = 'idx_orders_customer_id'")).rows).toHaveLength(1);
  });

  test('the Python that is written is Python', (context) => {
    const texts = cases.flatMap((entry) => Object.entries(entry.written)).filter(([path]) => path.endsWith('.py'));
    const awkward: ScriptFix = {
      ...concurrent,
      text: 'CREATE INDEX CONCURRENTLY idx ON orders USING gin ((data -> \'a"b\') DESC, "Odd") INCLUDE (note) WHERE note <> \'it\'\'s \\ """\';',
    };
    for (const entry of cases.filter((candidate) => candidate.tool === 'alembic' || candidate.tool === 'django')) {
      for (const script of [awkward, { ...awkward, text: 'UPDATE orders\nSET note = \'"""\\\';\n' }]) {
        const [style] = recogniseMigrations(absolute(entry.files));
        if (style) for (const file of writeMigration(style, script, now)) texts.push([file.path, file.text]);
      }
    }
    expect(texts.length).toBeGreaterThan(5);
    const names = texts.map(([, text], index) => {
      const path = join(folder, `migration_${index}.py`);
      writeFileSync(path, text);
      return path;
    });
    const checked = spawnSync('python3', ['-c', 'import ast, sys\nfor p in sys.argv[1:]: ast.parse(open(p).read(), p)', ...names], {
      encoding: 'utf8',
    });
    if (checked.error) context.skip();
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
  });

  test('the JavaScript that is written hands Knex the statement', async () => {
    const awkward: ScriptFix = {
      ...concurrent,
      text: "CREATE INDEX idx ON orders ((data ? 'a'), (`x`))\n  WHERE note <> '$".concat("{\\n}';"),
    };
    for (const entry of cases.filter((candidate) => candidate.tool === 'knex')) {
      for (const script of [entry.script, awkward]) {
        const [style] = recogniseMigrations(absolute(entry.files));
        const [file] = style ? writeMigration(style, script, now) : [];
        if (file === undefined) throw new Error('nothing written');
        const { code } = transformSync(file.text, { loader: file.path.endsWith('.ts') ? 'ts' : 'js', format: 'cjs' });
        const module = { exports: {} as { up?: (knex: unknown) => string } };
        new Function('exports', 'module', code)(module.exports, module);
        // As Knex's own `positionBindings` reads it: an escaped question mark is a question mark.
        const sql = module.exports.up?.({ raw: (text: string) => text.replaceAll('\\?', '?') });
        expect(sql?.trim().replace(/\s+/g, ' ')).toBe(script.text.slice(0, -1).replace(/\s+/g, ' '));
      }
    }
  });

  test('several statements that may not share a transaction become several migrations', () => {
    const [style] = recogniseMigrations(
      absolute({ 'db/migrations/20260102030405_orders.sql': `-- migrate:up\n${postgresTable}-- migrate:down\n` }),
    );
    if (style === undefined) throw new Error('not recognised');
    const two = {
      ...concurrent,
      text: 'CREATE INDEX CONCURRENTLY a ON orders (customer_id);\nDROP INDEX CONCURRENTLY b;',
      down: 'CREATE INDEX CONCURRENTLY b ON orders (id);\nDROP INDEX CONCURRENTLY a;',
    };
    const written = writeMigration(style, two, now);
    expect(written.map((file) => file.path.split('/').at(-1))).toEqual([
      '20261120213005_add_index_orders_customer_id_1.sql',
      '20261120213006_add_index_orders_customer_id_2.sql',
    ]);
    expect(written[0]?.text).toContain('DROP INDEX CONCURRENTLY a;');
    expect(written[1]?.text).toContain('CREATE INDEX CONCURRENTLY b');
  });

  test('an extension is not taken back with the index that needed it', () => {
    const [style] = recogniseMigrations(
      absolute({ 'migrations/000001_orders.up.sql': postgresTable, 'migrations/000001_orders.down.sql': '' }),
    );
    if (style === undefined) throw new Error('not recognised');
    const trigram = {
      ...concurrent,
      text: 'CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY a ON orders USING gin (note gin_trgm_ops);',
      down: 'DROP INDEX CONCURRENTLY IF EXISTS a;',
    };
    const downs = writeMigration(style, trigram, now).filter((file) => file.path.endsWith('.down.sql'));
    expect(downs.map((file) => file.text)).toEqual(['SELECT 1;\n', 'DROP INDEX CONCURRENTLY IF EXISTS a;\n']);
  });

  test('the folder that creates the table wins over the nearer one, and the engine must fit', () => {
    const styles = recogniseMigrations(
      absolute({
        'api/migrations/0001_orders.sql': postgresTable,
        'api/jobs/migrations/0001_jobs.sql': 'CREATE TABLE jobs (id bigserial PRIMARY KEY);',
        'edge/migrations/001_orders.sql': sqliteTable,
      }),
    );
    const folderFor = (path: string, script: ScriptFix) => nearestStyle(styles, `${root}/${path}`, script)?.folder;
    expect(folderFor('api/jobs/run.ts', concurrent)).toBe(`${root}/api/migrations`);
    expect(folderFor('api/src/app.ts', plain)).toBe(`${root}/edge/migrations`);
    expect(nearestStyle(styles.slice(0, 2), `${root}/a.ts`, plain)).toBeUndefined();
  });

  test('numbers: steps of ten, a clock behind the newest migration, seconds since 1970', () => {
    const next = (...names: string[]) => {
      const [style] = recogniseMigrations(absolute(Object.fromEntries(names.map((name) => [`migrations/${name}`, sqliteTable]))));
      return style && writeMigration(style, plain, now)[0]?.path.split('/').at(-1)?.split('_')[0];
    };
    expect(next('010_a.sql', '020_b.sql')).toBe('030');
    expect(next('9_a.sql')).toBe('10');
    expect(next('20991231235959_a.sql')).toBe('21000101000000');
    expect(next('1760000000_a.up.sql')).toBe('1795210205');
    expect(next('20260101_a.sql')).toBe('20261120');
    expect(next('0001_a.sql', '0002_b.sql')).toBe('0003');
  });

  test('what is not a folder of migrations is left alone', () => {
    const none = (files: Readonly<Record<string, string>>) => expect(recogniseMigrations(absolute(files))).toEqual([]);
    none({ 'reports/01_sales.sql': 'SELECT 1;', 'reports/02_stock.sql': 'SELECT 2;' });
    none({ 'schema.sql': sqliteTable, 'queries/orders.sql': 'SELECT * FROM orders;' });
    none({
      'drizzle/0000_init.sql': sqliteTable,
      'drizzle/meta/_journal.json': '{}',
      'drizzle/0001_more.sql': 'ALTER TABLE orders ADD note;',
    });
    none({ 'src/20260102030405_backup.js': 'console.log("knex is not here")' });
    none({});
    expect(mayBeMigration('/repository/src/app.py')).toBe(false);
    expect(mayBeMigration('/repository/alembic/versions/abc_x.py')).toBe(true);
  });
});
