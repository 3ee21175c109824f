import { expect, test } from 'vitest';
import { build } from './support.ts';

const initial = `
from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion
import django.contrib.postgres.indexes


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("catalogue", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("state", models.SlugField()),
                ("total", models.DecimalField(max_digits=10, decimal_places=2, null=True)),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("buyer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ("product", models.ForeignKey(db_column="prod", on_delete=django.db.models.deletion.CASCADE, to="catalogue.product")),
                ("tags", models.ManyToManyField(to="shop.Tag")),
            ],
            options={
                "ordering": ["-created"],
                "indexes": [models.Index(fields=["state", "-created"], name="by_state")],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("state", "open")), fields=("buyer",), name="one_open"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[("name", models.CharField(max_length=10, primary_key=True))],
            options={"db_table": "tags"},
        ),
    ]
`;
const catalogue = `
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = []
    operations = [
        migrations.CreateModel(name="Product", fields=[("id", models.UUIDField(primary_key=True)), ("title", models.TextField())]),
    ]
`;
const second = `
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField(model_name="order", name="note", field=models.TextField(blank=True, default="")),
        migrations.RemoveField(model_name="order", name="total"),
        migrations.RenameField(model_name="order", old_name="state", new_name="status"),
        migrations.AlterField(model_name="order", name="note", field=models.CharField(max_length=200, null=True, db_index=True)),
        migrations.RenameModel(old_name="Order", new_name="Purchase"),
        migrations.RunSQL("CREATE INDEX by_upper ON shop_purchase (upper(number))", "DROP INDEX by_upper"),
        migrations.RunPython(lambda apps, schema_editor: None),
    ]
`;
const settings = `
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
`;
const django = {
  'manage.py': '',
  'shop/migrations/0001_initial.py': initial,
  'shop/migrations/0002_more.py': second,
  'catalogue/migrations/0001_initial.py': catalogue,
  'site/settings.py': settings,
};

test('Django migrations on PostgreSQL, in the order of what they depend on', async () => {
  const built = await build('postgres', django);
  expect(built.refused).toEqual([]);
  expect(built.tables).toMatchObject({
    shop_purchase: [
      'id bigint!',
      'number character varying(20)!',
      'status character varying(50)!',
      'created timestamp with time zone!',
      'buyer_id integer!',
      'prod uuid!',
      'note character varying(200)',
    ],
    tags: ['name character varying(10)!'],
    shop_purchase_tags: ['id bigint!', 'order_id bigint!', 'tag_id character varying(10)!'],
    catalogue_product: ['id uuid!', 'title text!'],
  });
  expect(built.tables.auth_user?.slice(0, 2)).toEqual(['id integer!', 'password character varying(128)!']);
  const own = Object.values(built.indexes).filter((index) => index.startsWith('shop_purchase('));
  expect(own.sort()).toEqual(
    [
      "shop_purchase(buyer_id) unique where status::text = 'open'",
      'shop_purchase(buyer_id)',
      'shop_purchase(created)',
      'shop_purchase(note varchar_pattern_ops)',
      'shop_purchase(note)',
      'shop_purchase(number varchar_pattern_ops)',
      'shop_purchase(number) unique',
      'shop_purchase(prod)',
      'shop_purchase(status varchar_pattern_ops)',
      'shop_purchase(status)',
      'shop_purchase(status, created desc)',
      'shop_purchase(upper(number))',
    ].sort(),
  );
  expect(built.declaredAt('shop_purchase')).toBe('"Order"');
  expect(built.declaredAt('shop_purchase', 'note')).toMatch(/^migrations\.AddField/);
  expect(built.declaredAt('shop_purchase', 'number')).toBe('("number", models.CharField(max_length=20, unique=True))');
});

test('Django migrations on SQLite', async () => {
  const built = await build('sqlite', { ...django, 'site/settings.py': settings.replace('postgresql', 'sqlite3') });
  expect(built.refused).toEqual([]);
  expect(built.tables.shop_purchase).toEqual([
    'id integer!',
    'number varchar(20)!',
    'status varchar(50)!',
    'created datetime!',
    'buyer_id integer!',
    'prod char(32)!',
    'note varchar(200)',
  ]);
  expect(Object.values(built.indexes)).toContain('shop_purchase(status, created desc)');
});

test('Django: what only the state knows, sums of migrations, models without migrations', async () => {
  const moved = `
from django.db import migrations, models
class Migration(migrations.Migration):
    replaces = [("a", "0001_initial"), ("a", "0002_more")]
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(name="Thing", fields=[("id", models.AutoField(primary_key=True)), ("name", models.TextField())], options={"db_table": "old_thing"}),
                migrations.DeleteModel(name="Other"),
            ],
            database_operations=[],
        ),
    ]
`;
  const models = `
from django.db import models
class Stamped(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True
class Note(Stamped):
    text = models.TextField()
    class Meta:
        indexes = [models.Index(fields=["created"], name="by_created")]
class Foreign(SomethingElse):
    text = models.TextField()
`;
  const built = await build('sqlite', {
    'a/migrations/0001_initial.py':
      'from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.CreateModel(name="Gone", fields=[("id", models.AutoField(primary_key=True))])]\n',
    'a/migrations/0001_squashed.py': moved,
    'notes/models.py': models,
  });
  expect(built.refused).toEqual([]);
  expect(Object.keys(built.tables).sort()).toEqual(['notes_note', 'old_thing']);
  expect(built.tables.notes_note).toEqual(['id integer!', 'created datetime!', 'text text!']);
  expect(built.indexes).toEqual({ by_created: 'notes_note(created)' });
});

const revision = (id: string, down: string, body: string, downgrade = 'pass') => `
"""x

Revision ID: ${id}
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "${id}"
down_revision = ${down}
branch_labels = None


def upgrade() -> None:
${body.replace(/^/gm, '    ')}


def downgrade() -> None:
    ${downgrade}
`;
const alembic = {
  'alembic/versions/zzz_first.py': revision(
    'zzz',
    'None',
    `
op.create_table(
    "users",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("email", sa.String(length=255), nullable=False),
    sa.Column("kind", sa.Enum("a", "b", name="user_kind"), nullable=False),
    sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("email", name="uq_email"),
)
op.create_index(op.f("ix_users_kind"), "users", ["kind"], unique=False)`,
    'op.drop_table("users")',
  ),
  'alembic/versions/aaa_second.py': revision(
    'aaa',
    '"zzz"',
    `
op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), index=True), sa.Column("state", sa.String()))
with op.batch_alter_table("users", schema=None) as batch_op:
    batch_op.add_column(sa.Column("name", sa.Text(), nullable=True))
    batch_op.drop_index(batch_op.f("ix_users_kind"))
    batch_op.alter_column("data", new_column_name="payload")
op.create_index("ix_open", "orders", ["state", sa.text("id DESC")], postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))`,
  ),
  'alembic/versions/bbb_branch.py': revision('bbb', '"zzz"', 'op.execute("ALTER TABLE users ADD COLUMN score REAL")'),
  'alembic/versions/ccc_merge.py': revision(
    'ccc',
    '("aaa", "bbb")',
    'op.drop_column("users", "score")\nop.execute("CREATE INDEX by_name ON users (name)")',
  ),
};

test.each(['postgres', 'sqlite'] as const)('Alembic on %s: a chain with a branch and a merge', async (engine) => {
  const built = await build(engine, {
    ...alembic,
    'app/db.py': engine === 'postgres' ? 'import psycopg2\npsycopg2.connect("")\n' : 'import sqlite3\nsqlite3.connect("x.db")\n',
  });
  expect(built.refused).toEqual([]);
  const names = (table: string) => built.tables[table]?.map((column) => column.split(' ')[0]);
  expect(names('users')?.filter((name) => name !== 'score')).toEqual(['id', 'email', 'kind', 'payload', 'name']);
  expect(names('orders')).toEqual(['id', 'user_id', 'state']);
  expect(built.indexes.ix_open).toMatch(/^orders\(state, id desc\) where state.* = 'open'/);
  expect(built.indexes).toHaveProperty('ix_orders_user_id');
  expect(built.indexes).not.toHaveProperty('ix_users_kind');
  expect(built.loaded.schema.tables.find(({ name }) => name === 'orders')?.foreignKeys[0]?.table).toBe('users');
  if (engine === 'postgres') expect(built.tables.users?.[2]).toBe('kind user_kind!');
});
