/** An open file that somebody types in: what is carried over from before, and what the whole file says in the end. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/analysis/rule.ts';
import { createProject } from '../../server/workspace/create-project.ts';
import { normalPath } from '../../server/workspace/paths.ts';
import type { Project } from '../../server/workspace/project.ts';

const schema = `CREATE TABLE parcel (id INTEGER PRIMARY KEY, sender INTEGER, state TEXT, weight INTEGER);
CREATE TABLE stop (id INTEGER PRIMARY KEY, parcel_id INTEGER REFERENCES parcel (id), place TEXT);
`;
const python = `import sqlite3

QUERY = "SELECT * FROM parcel WHERE lower(state) = ?"

def heavy(db: sqlite3.Connection, least):
    return db.execute("SELECT id FROM parcel WHERE weight > ? ORDER BY weight LIMIT 5 OFFSET 100", (least,)).fetchall()

class Depot:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("PRAGMA cache_size = 64000000")

    def stops(self, parcels):
        found = []
        for parcel in parcels:
            rows = self.db.execute("SELECT place FROM stop WHERE parcel_id = ?", (parcel,)).fetchall()
            found.extend(rows)
        return found

    def by_sender(self, sender):
        return self.db.execute("SELECT id FROM parcel WHERE sender = ?", (sender,)).fetchall()
`;
const script = `-- name: Heavy :many
SELECT id FROM parcel WHERE weight > 10 AND state NOT IN (SELECT place FROM stop);

SELECT * FROM stop WHERE place LIKE '%harbour%';
CREATE TEMP TABLE one (id INTEGER);
UPDATE parcel SET state = 'lost' WHERE sender = 7;
SELECT count(*) > 0 FROM stop WHERE place = 'x';
PRAGMA chache_size = 10;
SELECT id FROM parcel WHERE date(state) = '2026-01-01';
`;
const guide = `# Slow statements

\`\`\`sql
SELECT id FROM parcel WHERE sender = 3;
\`\`\`

Then:

\`\`\`python
import sqlite3
def read(path, keys):
    db = sqlite3.connect(path)
    return [db.execute("SELECT place FROM stop WHERE parcel_id = ?", (key,)).fetchone() for key in keys]
\`\`\`
`;
const files = { 'app/depot.py': ['python', python], 'app/report.sql': ['sql', script], 'guide.md': ['markdown', guide] } as const;

let root = '';
beforeAll(() => {
  root = normalPath(mkdtempSync(join(tmpdir(), 'tunelens-typing-')));
  mkdirSync(join(root, 'app'));
  mkdirSync(join(root, 'migrations'));
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'migrations/001_tables.sql'), schema);
  for (const [name, [, text]] of Object.entries(files)) writeFileSync(join(root, name), text);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const logged: string[] = [];
const project = (): Project => createProject({ roots: [root], trusted: true, log: (line) => logged.push(line) });
/** What a person sees of a finding. */
const shown = (findings: readonly Finding[] | undefined) =>
  findings?.map(({ rule, severity, span, anchor, message, related, fixes }) => ({ rule, severity, span, anchor, message, related, fixes }));

/** Something that one stroke of the keyboard, a paste or a deletion does. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 40 })),
  insert: fc.oneof(
    fc.constantFrom(
      'x',
      ' ',
      '\n',
      "'",
      '"',
      '"""',
      '(',
      ')',
      ';',
      '--',
      '#',
      '`',
      '```\n',
      'é',
      '😀',
      '\r\n',
      'WHERE ',
      'for k in ks:\n    ',
    ),
    fc.constantFrom(
      'SELECT id FROM parcel WHERE sender = 1;\n',
      'def more(db):\n    return db.execute("SELECT place FROM stop WHERE place = 1").fetchall()\n\n',
      '# tunelens-ignore sql/missing-index: known\n',
    ),
    fc.string({ maxLength: 6 }),
  ),
});

describe.each(Object.entries(files))('%s', (name, [language, text]) => {
  test('after any edits the whole file says what a fresh reading says', async () => {
    const [open, fresh] = [project(), project()];
    const path = `${root}/${name}`;
    let version = 1;
    try {
      await fresh.check(path, 'all');
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
          let current: string = text;
          open.open(path, language, current, ++version);
          await open.check(path, 'all');
          for (const { at, remove, insert } of edits) {
            const from = Math.floor(at * current.length);
            current = current.slice(0, from) + insert + current.slice(from + remove);
            open.change(path, current, ++version);
            for (const facts of ['text', 'all'] as const) {
              const soon = await open.check(path, facts, undefined, 'edit');
              expect(soon?.version).toBe(version);
              for (const { span, fixes } of soon?.findings ?? []) {
                expect(0 <= span.start && span.start <= span.end && span.end <= current.length).toBe(true);
                for (const fix of fixes)
                  if (fix.kind === 'edit') for (const one of fix.edits) expect(one.span.end).toBeLessThanOrEqual(current.length);
              }
            }
          }
          const whole = await open.check(path, 'all');
          expect(whole?.complete).toBe(true);
          open.close(path);
          fresh.open(path, language, current, version);
          const again = await fresh.check(path, 'all');
          fresh.close(path);
          expect(shown(whole?.findings)).toEqual(shown(again?.findings));
        }),
        { numRuns: 40 },
      );
    } finally {
      await Promise.all([open.dispose(), fresh.dispose()]);
    }
    expect(logged).toEqual([]);
  });

  test('what only moved is carried over as the whole file says it', async () => {
    const open = project();
    const path = `${root}/${name}`;
    try {
      open.open(path, language, text, 1);
      const before = await open.check(path, 'all');
      expect(before?.findings.length).toBeGreaterThan(2);
      for (const [index, at] of [...text.matchAll(/\n\n/g)].map((match) => match.index + 1).entries()) {
        const moved = `${text.slice(0, at)}\n\n${text.slice(at)}`;
        open.change(path, moved, index * 2 + 2);
        const soon = await open.check(path, 'text', undefined, 'edit');
        expect(soon?.complete).toBe(false);
        const whole = await open.check(path, 'all');
        expect(shown(soon?.findings)).toEqual(shown(whole?.findings));
        open.change(path, text, index * 2 + 3);
        // Taken back, the text is the one that was answered for.
        const back = await open.check(path, 'all');
        expect(shown(back?.findings)).toEqual(shown(before?.findings));
      }
    } finally {
      await open.dispose();
    }
  });
});
