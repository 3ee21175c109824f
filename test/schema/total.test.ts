/** No text breaks a reader of schemas: broken files give less, spans stay inside, and what is emitted is never refused as syntax. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EngineId } from '../../server/analysis/sql/statement.ts';
import { ddlOf, documentsOf } from './support.ts';

const samples: Readonly<Record<string, string>> = {
  'app/migrations/0001_a.py': `from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("app", "0000_b")]
    operations = [
        migrations.CreateModel(name="A", fields=[("id", models.AutoField(primary_key=True)), ("b", models.ForeignKey("other.B", null=True, on_delete=models.CASCADE)), ("c", models.ManyToManyField("A"))], options={"unique_together": {("b", "id")}}),
        migrations.RenameModel("A", "B"), migrations.RemoveField("b", "c"), migrations.RunSQL("CREATE INDEX x ON app_b (id)"),
    ]
`,
  'alembic/versions/a.py': `revision = "a"
down_revision = None
def upgrade():
    op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", sa.String(5), sa.ForeignKey("u.id")), sa.UniqueConstraint("x"))
    with op.batch_alter_table("t") as b:
        b.add_column(sa.Column("y", sa.Enum("a", "b", name="e")))
    op.create_index("i", "t", ["x", sa.text("y DESC")])
`,
  'db/schema.rb': `ActiveRecord::Schema[7.1].define(version: 1) do
  create_table "t", id: :uuid, force: :cascade do |t|
    t.string "a", limit: 5, null: false
    t.references :u, foreign_key: true
    t.index ["a"], name: "i", order: { a: :desc }, where: "(a IS NOT NULL)"
  end
  execute <<~SQL
    CREATE INDEX j ON t (a)
  SQL
end
`,
  'prisma/schema.prisma': `datasource db { provider = "postgresql" }
model A {
  id Int @id @default(autoincrement())
  b  B?  @relation(fields: [bId], references: [id])
  bId Int? @unique @map("b_id")
  c  String @db.VarChar(20)
  @@index([bId, c(sort: Desc)], map: "i")
  @@map("as")
}
model B { id Int @id
 as A[] }
`,
  'src/schema.ts': `import { pgTable, serial, text } from 'drizzle-orm/pg-core';
export const a = pgTable('a', { id: serial('id').primaryKey(), b: text('b').references(() => a.id), ...more }, (t) => [index('i').on(t.b.desc(), t.id)]);
`,
  'src/a.entity.ts': `import { Entity, Column, PrimaryGeneratedColumn, ManyToOne } from 'typeorm';
@Entity('a') @Index(['b'])
export class A extends Base {
  @PrimaryGeneratedColumn() id: number;
  @Column({ type: 'varchar', length: 5, nullable: true }) b: string;
  @ManyToOne(() => A) parent: A;
}
`,
  'migrations/20240101_a.js': `exports.up = async (knex) => {
  await knex.schema.createTable('t', (t) => { t.increments(); t.string('a', 5).notNullable().references('id').inTable('u'); t.index(['a'], 'i'); });
  await knex.raw('CREATE INDEX j ON t (a)');
};
`,
};

const broken = fc.record({
  name: fc.constantFrom(...Object.keys(samples)),
  edits: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.constantFrom('(', ')', '{', '}', '[', '"', "'", '`', '\\', ',', '@', '\n', ' end ', 'é𝒳', '${', '#{', '"""', '::'),
        fc.string({ maxLength: 6 }),
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

test('broken declarations', async () => {
  await fc.assert(
    fc.asyncProperty(broken, async ({ name, edits }) => {
      let text = samples[name] ?? '';
      for (const { at, remove, insert } of edits) {
        const place = Math.floor(at * text.length);
        text = text.slice(0, place) + insert + text.slice(place + remove);
      }
      const documents = await documentsOf({ [name]: text });
      for (const document of documents)
        for (const span of spansIn(document.declares))
          expect(span.start >= 0 && span.start <= span.end && span.end <= text.length, JSON.stringify(span)).toBe(true);
      for (const engine of ['postgres', 'sqlite'] satisfies EngineId[]) {
        for (const { query } of ddlOf(documents, engine)) {
          expect(query.span.start >= 0 && query.span.end <= text.length).toBe(true);
          expect(query.plannable).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('deep nesting exhausts nothing', async () => {
  const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
  await documentsOf({
    'prisma/schema.prisma': `model A {\n  id Int @default(${deep('(', ')')})\n @@index(${deep('[', ']')})\n}\n`,
    'db/schema.rb': `ActiveRecord::Schema.define do\n create_table "t" do |t|\n t.string "a", default: ${deep('[', ']')}\n end\nend\n`,
    'alembic/versions/a.py': `revision = "a"\ndown_revision = None\ndef upgrade():\n    op.create_table("t", ${deep('[', ']')})\n`,
    'src/schema.ts': `export const a = pgTable('a', { b: text('b')${'.notNull()'.repeat(5_000)} });\nimport 'drizzle-orm';\n`,
  });
});

test('circles: migrations that follow each other, tables that refer to each other', async () => {
  const revision = (id: string, down: string, body: string) =>
    `revision = "${id}"\ndown_revision = "${down}"\ndef upgrade():\n    ${body}\n`;
  const documents = await documentsOf({
    'v/a.py': revision('a', 'b', 'op.create_table("x", sa.Column("id", sa.Integer(), sa.ForeignKey("y.id"), primary_key=True))'),
    'v/b.py': revision('b', 'a', 'op.create_table("y", sa.Column("id", sa.Integer(), sa.ForeignKey("x.id"), primary_key=True))'),
    'n/migrations/0001_a.py':
      'from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [migrations.CreateModel(name="A", fields=[("b", models.OneToOneField("n.B", primary_key=True))]), migrations.CreateModel(name="B", fields=[("a", models.OneToOneField("n.A", primary_key=True))])]\n',
  });
  expect(ddlOf(documents, 'postgres').length).toBeGreaterThan(3);
});

function* spansIn(value: unknown): Generator<{ start: number; end: number }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && 'start' in value && 'end' in value) yield value as { start: number; end: number };
  for (const inner of Object.values(value)) yield* spansIn(inner);
}
