import { expect, test } from 'vitest';
import { build } from './support.ts';

const schema = `
ActiveRecord::Schema[7.1].define(version: 2024_05_01_000000) do
  # These are extensions that must be enabled in order to support this database
  enable_extension "plpgsql"
  enable_extension "pg_trgm"
  create_enum "state", ["open", "done"]

  create_table "users", force: :cascade do |t|
    t.string "email", limit: 120, default: "", null: false
    t.citext "nick"
    t.enum "state", enum_type: "state", null: false
    t.bigint "team_id"
    t.string "labels", default: [], array: true
    t.virtual "lower_email", type: :string, as: "lower((email)::text)", stored: true
    t.datetime "created_at", null: false
    t.index "lower((email)::text)", name: "by_lower_email", unique: true
    t.index ["email"], name: "by_trigram", opclass: :gin_trgm_ops, using: :gin
    t.index ["team_id", "created_at"], name: "index_users_on_team_id_and_created_at", order: { created_at: :desc }, where: "(nick IS NOT NULL)"
  end

  create_table "teams", id: :uuid, default: -> { "gen_random_uuid()" }, force: :cascade do |t|
    t.decimal "budget", precision: 10, scale: 2
  end

  create_table "memberships", primary_key: ["user_id", "team"], force: :cascade do |t|
    t.bigint "user_id", null: false
    t.uuid "team", null: false
    t.integer "level", limit: 2
  end

  add_foreign_key "memberships", "users", on_delete: :cascade
  add_foreign_key "memberships", "teams", column: "team"

  create_view "big_teams", materialized: true, sql_definition: <<-SQL
      SELECT teams.id, teams.budget FROM teams WHERE (teams.budget > (1000)::numeric);
  SQL
end
`;

test('a Rails schema on PostgreSQL', async () => {
  const built = await build('postgres', {
    'db/schema.rb': schema,
    'db/migrate/20240101000000_old.rb': 'class Old < ActiveRecord::Migration[7.0]\n  def change\n    create_table :gone\n  end\nend\n',
  });
  expect(built.refused).toEqual([]);
  expect(built.tables).toEqual({
    users: [
      'id bigint!',
      'email character varying(120)!',
      'nick citext',
      'state state!',
      'team_id bigint',
      'labels character varying[]',
      'lower_email character varying',
      'created_at timestamp(6) without time zone!',
    ],
    teams: ['id uuid!', 'budget numeric(10,2)'],
    memberships: ['user_id bigint!', 'team uuid!', 'level smallint'],
    big_teams: ['id uuid', 'budget numeric(10,2)'],
  });
  expect(built.indexes).toEqual({
    by_lower_email: 'users(lower(email)) unique',
    by_trigram: 'users(email gin_trgm_ops)',
    index_users_on_team_id_and_created_at: 'users(team_id, created_at desc) where nick IS NOT NULL',
  });
  expect(
    built.loaded.schema.tables
      .find(({ name }) => name === 'memberships')
      ?.foreignKeys.map(({ table }) => table)
      .sort(),
  ).toEqual(['teams', 'users']);
  expect(built.declaredAt('users', 'team_id')).toBe('t.bigint "team_id"');
});

const migrations = {
  Gemfile: 'gem "rails"\ngem "sqlite3", "~> 1.4"\n',
  'db/migrate/20240101000000_create_orders.rb': `
class CreateOrders < ActiveRecord::Migration[7.0]
  def change
    create_table :orders do |t|
      t.references :customer, null: false, foreign_key: true
      t.belongs_to :subject, polymorphic: true
      t.string :state, index: true
      t.timestamps
    end
    create_table(:customers) { |t| t.string :name, null: false }
  end
end
`,
  'db/migrate/20240201000000_change.rb': `
class Change < ActiveRecord::Migration[7.0]
  def up
    add_column :orders, :paid_at, :datetime
    add_index :orders, [:state, :paid_at], unique: true, name: 'once'
    rename_column :orders, :state, :status
    remove_index :orders, column: :status
    execute <<~SQL
      CREATE INDEX by_paid ON orders (paid_at)
    SQL
    change_table :customers do |t|
      t.remove :name
      t.integer :rank, limit: 8
    end
  end

  def down
    drop_table :orders
  end
end
`,
};

test('Rails migrations on SQLite, where no schema was written down', async () => {
  const built = await build('sqlite', migrations);
  expect(built.refused).toEqual([]);
  const names = (table: string) => built.tables[table]?.map((column) => column.split(' ')[0]);
  expect(names('orders')).toEqual(['id', 'customer_id', 'subject_type', 'subject_id', 'status', 'created_at', 'updated_at', 'paid_at']);
  expect(built.tables.customers).toEqual(['id integer!', 'rank integer']);
  expect(built.indexes).toEqual({
    index_orders_on_customer_id: 'orders(customer_id)',
    index_orders_on_subject: 'orders(subject_type, subject_id)',
    once: 'orders(status, paid_at) unique',
    by_paid: 'orders(paid_at)',
  });
});

test('structure.sql wins over migrations', async () => {
  const built = await build('sqlite', {
    ...migrations,
    'db/structure.sql': 'CREATE TABLE IF NOT EXISTS "orders" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "status" varchar);\n',
  });
  expect(built.tables).toEqual({ orders: ['id integer!', 'status varchar'] });
});
