/** Bodies that a later statement made anew or dropped are not judged; the last ones are. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { missingIndex } from '../../server/analysis/rules/sql/missing-index.ts';
import { updateWithoutWhere } from '../../server/analysis/rules/sql/update-without-where.ts';
import { createProject } from '../../server/workspace/create-project.ts';

test('the last definition of a function and of a view counts', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tunelens-superseded-')));
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const body = (column: string) =>
    `CREATE OR REPLACE FUNCTION of_owner(who bigint) RETURNS SETOF bigint LANGUAGE sql AS $$ UPDATE item SET state = 'x'; SELECT id FROM item WHERE ${column} = who $$;\n`;
  put('package.json', '{}');
  put('db/1_item.sql', `CREATE TABLE item (id bigserial PRIMARY KEY, owner bigint, author bigint, state text);\n${body('owner')}`);
  put(
    'db/2_author.sql',
    `${body('author')}CREATE VIEW odd AS SELECT id FROM item WHERE state = 'odd';\nCREATE VIEW even AS SELECT id FROM item WHERE state = 'even';\n`,
  );
  put('db/3_views.sql', 'DROP VIEW odd, even;\n');
  const project = createProject({
    roots: [root],
    trusted: false,
    log: () => {},
    rules: [missingIndex, updateWithoutWhere],
    overrides: { dialects: [{ files: '**', dialect: 'postgres' }] },
  });
  try {
    const { files } = await project.checkAll([], {});
    const found = files.flatMap(({ findings, path }) => findings.map(({ message }) => `${path.slice(root.length + 1)} ${message}`));
    expect(found).toEqual([
      expect.stringMatching(/^db\/2_author\.sql Without WHERE/),
      expect.stringMatching(/^db\/2_author\.sql .*author/),
    ]);
  } finally {
    await project.dispose();
    rmSync(root, { recursive: true, force: true });
  }
});
