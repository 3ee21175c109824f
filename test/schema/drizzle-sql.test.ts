import { expect, test } from 'vitest';
import { build } from './support.ts';

test("Drizzle's SQLite migrations, whose quotes are MySQL's, with statements of libSQL and a renamed table", async () => {
  const built = await build('sqlite', {
    'drizzle.config.ts': "export default defineConfig({ dialect: 'turso', out: './drizzle' });\n",
    'drizzle/0000_init.sql':
      'CREATE TABLE `orders` (\n\t`id` integer PRIMARY KEY NOT NULL,\n\t`state` text\n);\n--> statement-breakpoint\nCREATE INDEX `by_state` ON `orders` (`state`);',
    'drizzle/0001_note.sql': 'ALTER TABLE `orders` ADD `note` text;',
    'drizzle/0002_type.sql': 'ALTER TABLE `orders` ALTER COLUMN "note" TO "note" text NOT NULL;',
    'drizzle/0003_checked.sql':
      'CREATE TABLE `__new_orders` (`id` integer PRIMARY KEY NOT NULL, `kind` text, CONSTRAINT "c" CHECK("__new_orders"."kind" = \'a\'));--> statement-breakpoint\nALTER TABLE `__new_orders` RENAME TO `others`;--> statement-breakpoint\nCREATE INDEX `by_kind` ON `others` (`kind`);',
  });
  expect(built.refused).toEqual([]);
  expect(built.tables.orders).toEqual(['id integer!', 'state text', 'note text']);
  expect(built.indexes).toMatchObject({ by_state: 'orders(state)', by_kind: 'others(kind)' });
});
