/** Tools that give each migration a folder of its own. */
import type { ScriptFix } from '../fix.ts';
import { readCreateIndex } from './create-index.ts';
import { nextNumber, parseNumbered } from './numbering.ts';
import { type Detail, type Folder, lines, type MigrationStyle, type MigrationTool } from './style.ts';

function nestedDetail(folder: Folder, file: string, number: RegExp): Detail | undefined {
  const names = folder.nested
    .filter((entry) => entry.name === file && number.test(parseNumbered(entry.folder)?.number ?? ''))
    .map((entry) => entry.folder);
  return names.length === 0 ? undefined : { names: [...new Set(names)].sort() };
}

function nextFolder(style: MigrationStyle, script: ScriptFix, now: Date): string {
  const numbers = style.detail.names.flatMap((name) => parseNumbered(name)?.number ?? []);
  return `${style.folder}/${nextNumber(numbers, now)}_${script.name}`;
}

export const prisma: MigrationTool = {
  id: 'prisma',
  recognise: (folder) => nestedDetail(folder, 'migration.sql', /^\d{14}$/),
  write: (style, script, now) => [
    { path: `${nextFolder(style, script, now)}/migration.sql`, text: `${prismaNote(script)}${lines(script.text)}` },
  ],
};

/** Prisma compares the database with schema.prisma: an index only one of them knows is reported as drift. */
function prismaNote(script: ScriptFix): string {
  const index = readCreateIndex(script.text);
  if (index === undefined) return '';
  if (index.where !== undefined || index.terms.some((term) => term.column === undefined))
    return '-- schema.prisma cannot say a partial or an expression index: Prisma keeps this one as it is.\n';
  const terms = index.terms.map((term) => (term.descending ? `${term.column}(sort: Desc)` : term.column)).join(', ');
  return `-- Write @@index([${terms}], map: "${index.name}") into the model as well, with the fields' names there, or Prisma reports drift.\n`;
}

export const diesel: MigrationTool = {
  id: 'diesel',
  recognise: (folder) => nestedDetail(folder, 'up.sql', /^[\d-]+$/),
  write(style, script, now) {
    const path = nextFolder(style, script, now);
    const files = [
      { path: `${path}/up.sql`, text: lines(script.text) },
      { path: `${path}/down.sql`, text: lines(script.down) },
    ];
    return script.outsideTransaction ? [...files, { path: `${path}/metadata.toml`, text: 'run_in_transaction = false\n' }] : files;
  },
};
