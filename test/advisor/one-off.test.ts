/** Which migrations have run already. */
import { expect, test } from 'vitest';
import { isNewestMigration } from '../../server/analysis/advisor/one-off.ts';
import { emptyDocument } from '../../server/analysis/reader.ts';

test.each([
  [['/r/migrations/0001_a.sql', '/r/migrations/0002_b.sql'], '/r/migrations/0001_a.sql', false],
  [['/r/migrations/0001_a.sql', '/r/migrations/0002_b.sql'], '/r/migrations/0002_b.sql', true],
  // One folder a migration, as Prisma and Diesel keep them.
  [
    ['/r/prisma/migrations/01_init/migration.sql', '/r/prisma/migrations/02_index/migration.sql'],
    '/r/prisma/migrations/01_init/migration.sql',
    false,
  ],
  [
    ['/r/prisma/migrations/01_init/migration.sql', '/r/prisma/migrations/02_index/migration.sql'],
    '/r/prisma/migrations/02_index/migration.sql',
    true,
  ],
  // Another sequence's later number says nothing about this one.
  [['/r/orders/migrations/0001_a.sql', '/r/billing/migrations/0009_z.sql'], '/r/orders/migrations/0001_a.sql', true],
  [['/r/db/schema.sql', '/r/db/0002_b.sql'], '/r/db/schema.sql', true],
])('of %j, %s is the newest: %s', (paths, path, newest) => {
  const documents = paths.map((each) => emptyDocument({ path: each, language: 'sql', text: '' }, [0]));
  const document = documents.find((each) => each.path === path);
  expect(document && isNewestMigration(document, documents)).toBe(newest);
});
