import { expect, test } from 'vitest';
import { build, ddlOf, documentsOf } from './support.ts';

const models = (provider: string) => `
datasource db {
  provider = "${provider}"
  url      = env("DATABASE_URL") // a comment with { a bracket
}
generator client { provider = "prisma-client-js" }

enum Role {
  USER
  ADMIN @map("administrator")
}

/// A person.
model User {
  id        Int      @id @default(autoincrement())
  email     String   @unique
  fullName  String?  @map("full_name") ${provider === 'sqlite' ? '' : '@db.VarChar(80)'}
  role      ${provider === 'sqlite' ? 'String' : 'Role'}
  createdAt DateTime @default(now()) @map("created_at")
  posts     Post[]
  tags      Tag[]

  @@index([role, createdAt(sort: Desc)])
  @@map("users")
}

model Post {
  id       BigInt @id
  author   User   @relation(fields: [authorId], references: [id], onDelete: Cascade)
  authorId Int    @map("author_id")
  title    String
  data     Json?

  @@unique([authorId, title], map: "one_title")
}

model Tag {
  name  String
  group String
  users User[]
  @@id([name])
}
`;

test('models on PostgreSQL', async () => {
  const built = await build('postgres', { 'prisma/schema.prisma': models('postgresql') });
  expect(built.refused).toEqual([]);
  expect(built.tables).toEqual({
    users: ['id integer!', 'email text!', 'full_name character varying(80)', 'role "role"!', 'created_at timestamp(3) without time zone!'],
    Post: ['id bigint!', 'author_id integer!', 'title text!', 'data jsonb'],
    Tag: ['name text!', 'group text!'],
    _TagToUser: ['A text!', 'B integer!'],
  });
  expect(built.indexes).toEqual({
    users_email_key: 'users(email) unique',
    users_role_created_at_idx: 'users(role, created_at desc)',
    one_title: 'Post(author_id, title) unique',
    _TagToUser_B_index: '_TagToUser(B)',
  });
  expect(built.loaded.schema.tables.find(({ name }) => name === 'Post')?.foreignKeys).toEqual([
    { columns: ['author_id'], table: 'users', references: ['id'] },
  ]);
  expect(built.declaredAt('users')).toBe('User');
  expect(built.declaredAt('Post', 'author_id')).toMatch(/^authorId Int/);
});

test('models on SQLite', async () => {
  const built = await build('sqlite', { 'prisma/schema.prisma': models('sqlite') });
  expect(built.refused).toEqual([]);
  expect(built.tables.users).toEqual(['id integer!', 'email text!', 'full_name text', 'role text!', 'created_at datetime!']);
  expect(built.indexes).toMatchObject({ users_email_key: 'users(email) unique', one_title: 'Post(author_id, title) unique' });
});

test('migrations win; a model that none creates is there all the same', async () => {
  const built = await build('sqlite', {
    'prisma/schema.prisma': models('sqlite'),
    'prisma/migrations/20240101000000_init/migration.sql':
      'CREATE TABLE "users" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL);\n',
  });
  expect(built.tables.users).toEqual(['id integer!', 'email text!']);
  expect(built.indexes).not.toHaveProperty('users_email_key');
  expect(built.tables).toHaveProperty('Post');
});

test('half of a file, and a provider that no engine here is', async () => {
  for (let end = 0; end < models('postgresql').length; end += 7) {
    ddlOf(await documentsOf({ 'schema.prisma': models('postgresql').slice(0, end) }), 'postgres');
  }
  expect(ddlOf(await documentsOf({ 'schema.prisma': models('mysql') }), 'postgres')).toEqual([]);
});
