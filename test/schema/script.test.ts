import { expect, test } from 'vitest';
import { build } from './support.ts';

const knex = {
  'migrations/20240101000000_init.js': `
exports.up = async function (knex) {
  await knex.schema.createTable('users', (t) => {
    t.increments('id');
    t.string('email', 120).notNullable().unique();
    t.enu('kind', ['a', 'b']).index();
    t.decimal('score', 6, 3);
    t.timestamps(true, true);
  });
  if (!(await knex.schema.hasTable('orders'))) {
    await knex.schema.createTable('orders', function (table) {
      table.uuid('id').primary();
      table.integer('user_id').unsigned().references('id').inTable('users').onDelete('CASCADE');
      table.string('state').notNullable().defaultTo('open');
      table.index(['user_id', 'state'], 'by_user');
      table.unique(['user_id', 'id']);
    });
  }
};
exports.down = (knex) => knex.schema.dropTable('orders').dropTable('users');
`,
  'migrations/20240201000000_more.ts': `
import type { Knex } from 'knex';
const table = 'orders';
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable(table, (t) => {
    t.dropIndex(['user_id', 'state'], 'by_user');
    t.boolean('paid').notNullable().defaultTo(false);
    t.renameColumn('state', 'status');
  });
  await knex.schema.renameTable('users', 'people');
  await knex.raw('CREATE INDEX by_status ON orders (status)');
}
export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTable('people');
}
`,
};

test.each(['postgres', 'sqlite'] as const)('Knex on %s', async (engine) => {
  const client = engine === 'postgres' ? 'pg' : 'better-sqlite3';
  const built = await build(engine, { ...knex, 'knexfile.js': `module.exports = { client: '${client}' };\n` });
  expect(built.refused).toEqual([]);
  const names = (table: string) => built.tables[table]?.map((column) => column.split(' ')[0]);
  expect(names('people')).toEqual(['id', 'email', 'kind', 'score', 'created_at', 'updated_at']);
  expect(names('orders')).toEqual(['id', 'user_id', 'status', 'paid']);
  const indexes = Object.values(built.indexes);
  expect(indexes).toContain('people(kind)');
  expect(indexes).toContain('orders(user_id, id) unique');
  expect(built.indexes).not.toHaveProperty('by_user');
  expect(built.loaded.schema.tables.find(({ name }) => name === 'orders')?.foreignKeys[0]?.table).toBe('people');
  expect(built.declaredAt('orders', 'paid')).toMatch(/^t\.boolean\('paid'\)/);
  expect(built.documents.find(({ path }) => path.endsWith('knexfile.js'))?.declares?.engines).toEqual([engine]);
});

test('Knex: SQL of a raw call stands among the other steps', async () => {
  const built = await build('sqlite', { ...knex, 'db.js': "const Database = require('better-sqlite3');\nnew Database('x.db');\n" });
  // Its dialect is told by the project, which a reader alone cannot see.
  expect(built.refused).toEqual([]);
});

const drizzle = `
import { pgTable, serial, text, varchar, integer, timestamp, uniqueIndex, index, primaryKey, pgEnum, jsonb, boolean } from 'drizzle-orm/pg-core';
import { relations, sql } from 'drizzle-orm';

export const state = pgEnum('order_state', ['open', 'done']);
const timestamps = { createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow() };

export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  email: varchar('email', { length: 120 }).notNull().unique(),
  settings: jsonb('settings').$type<{ a: string }>(),
  ...timestamps,
}, (table) => ({ byCreated: index('by_created').on(table.createdAt.desc()) }));

export const orders = pgTable('orders', {
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  number: integer().notNull(),
  state: state('state').notNull(),
  labels: text('labels').array(),
}, (t) => [
  primaryKey({ columns: [t.userId, t.number] }),
  uniqueIndex('one_open').on(t.userId).where(sql\`state = 'open'\`),
  index().on(t.state, t.number),
  index('by_labels').using('gin', t.labels),
]);
export const ordersRelations = relations(orders, ({ one }) => ({ user: one(users) }));
`;

test('Drizzle on PostgreSQL', async () => {
  const built = await build('postgres', { 'src/schema.ts': drizzle });
  expect(built.refused).toEqual([]);
  expect(built.tables).toEqual({
    users: ['id integer!', 'email character varying(120)!', 'settings jsonb', 'created_at timestamp with time zone!'],
    orders: ['user_id integer!', 'number integer!', 'state order_state!', 'labels text[]'],
  });
  expect(built.indexes).toEqual({
    users_email_unique: 'users(email) unique',
    by_created: 'users(created_at desc)',
    orders_state_number_index: 'orders(state, number)',
    by_labels: 'orders(labels)',
  });
  expect(built.declaredAt('orders', 'user_id')).toMatch(/^userId: integer/);
});

test('Drizzle on SQLite, names made by the project', async () => {
  const built = await build('sqlite', {
    'drizzle.config.ts': "export default defineConfig({ dialect: 'sqlite', casing: 'snake_case', schema: './schema.ts' });\n",
    'schema.ts': `
import { sqliteTable, integer, text } from 'drizzle-orm/sqlite-core';
export const people = sqliteTable('people', { id: integer().primaryKey({ autoIncrement: true }), fullName: text().notNull(), bossId: integer('boss') });
`,
  });
  expect(built.tables).toEqual({ people: ['id integer!', 'full_name text!', 'boss integer'] });
});

const entities = {
  'src/base.entity.ts': `
import { PrimaryGeneratedColumn, CreateDateColumn } from 'typeorm';
export abstract class Base {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @CreateDateColumn({ name: 'created_at' })
  createdAt: Date;
}
`,
  'src/user.entity.ts': `
import { Entity, Column, OneToMany, Index } from 'typeorm';
import { Base } from './base.entity';
@Entity({ name: 'users' })
@Index(['firstName', 'age'])
export class User extends Base {
  @Column({ unique: true, length: 100 })
  email: string;

  @Column({ nullable: true })
  firstName: string;

  @Column('int', { default: 0 })
  age: number;

  @OneToMany(() => Order, (order) => order.user)
  orders: Order[];
}
`,
  'src/order.entity.ts': `
import { Entity, Column, ManyToOne, JoinColumn, PrimaryGeneratedColumn, Index } from 'typeorm';
@Entity()
export class OrderLine {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => User, (user) => user.orders, { nullable: false })
  user: User;

  @Index()
  @Column({ type: 'timestamptz' })
  paidAt: Date;
}
`,
};

test.each(['postgres', 'sqlite'] as const)('TypeORM entities on %s', async (engine) => {
  const built = await build(engine, entities);
  expect(built.refused).toEqual([]);
  const names = (table: string) => built.tables[table]?.map((column) => column.split(' ')[0]);
  expect(names('users')).toEqual(['id', 'email', 'firstName', 'age', 'created_at']);
  expect(names('order_line')).toEqual(['id', 'userId', 'paidAt']);
  if (engine === 'postgres') expect(built.tables.order_line).toEqual(['id integer!', 'userId uuid!', 'paidAt timestamp with time zone!']);
  expect(Object.values(built.indexes).sort()).toEqual(['order_line(paidAt)', 'users(email) unique', 'users(firstName, age)']);
});

test('TypeORM migrations win, and a naming strategy is minded', async () => {
  const built = await build('postgres', {
    ...entities,
    'src/data-source.ts': "export default new DataSource({ type: 'postgres', namingStrategy: new SnakeNamingStrategy() });\n",
    'src/migrations/1700000000000-init.ts': `
import { MigrationInterface, QueryRunner, Table, TableIndex } from 'typeorm';
export class Init1700000000000 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`CREATE TABLE "users" ("id" uuid NOT NULL DEFAULT gen_random_uuid(), "email" character varying NOT NULL, CONSTRAINT "PK_1" PRIMARY KEY ("id"))\`);
    await queryRunner.createTable(new Table({ name: 'logs', columns: [{ name: 'id', type: 'int', isPrimary: true }, { name: 'at', type: 'timestamptz', isNullable: true }] }), true);
    await queryRunner.createIndex('logs', new TableIndex({ name: 'IDX_at', columnNames: ['at'] }));
    await queryRunner.query('ALTER TABLE "users" ADD "nick" text');
  }
  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "users"');
    await queryRunner.dropTable('logs');
  }
}
`,
  });
  expect(built.refused).toEqual([]);
  expect(built.tables.users).toEqual(['id uuid!', 'email character varying!', 'nick text']);
  expect(built.tables.logs).toEqual(['id integer!', 'at timestamp with time zone']);
  expect(built.tables.order_line?.map((column) => column.split(' ')[0])).toEqual(['id', 'user_id', 'paid_at']);
  expect(built.indexes).toMatchObject({ IDX_at: 'logs(at)' });
});

test('numbered migrations of other tools: upwards, in their order, what is renamed keeps its indexes', async () => {
  const built = await build('postgres', {
    'db/index.ts': "import pg from 'pg';\nexport const pool = new pg.Pool();\n",
    'migrations/20240101-users.js': `
exports.up = function (db, cb) {
  async.series([
    db.createTable.bind(db, 'users', { id: { type: 'int', primaryKey: true, autoIncrement: true }, name: { type: 'string', length: 20, unique: true } }),
    db.addColumn.bind(db, 'users', 'age', { type: 'int', notNull: true }),
  ], cb);
};
exports.down = (db, cb) => db.dropTable('users', cb);
`,
    'migrations/20240102-events.js': `
exports.up = function (db, cb) {
  db.runSql(\`CREATE TABLE IF NOT EXISTS events (id serial primary key, ip inet, user_id integer REFERENCES users (id));
    CREATE INDEX by_ip ON events (ip);\`, cb);
};
exports.down = function (db, cb) {
  db.runSql('DROP TABLE events', cb);
};
`,
    'migrations/20240103-rename.js': `
exports.up = function (db, cb) {
  db.runSql('ALTER TABLE events RENAME TO logins', cb);
};
exports.down = function (db, cb) {
  db.runSql('ALTER TABLE logins RENAME TO events', cb);
};
`,
  });
  expect(built.refused).toEqual([]);
  expect(built.tables).toEqual({
    users: ['id integer!', 'name character varying(20)', 'age integer!'],
    logins: ['id integer!', 'ip inet', 'user_id integer'],
  });
  expect(built.indexes).toMatchObject({ by_ip: 'logins(ip)' });
});
