/**
 * A script becomes a migration in the repository's own style: which folders hold migrations, of
 * which tool, and what a new one looks like there. Pure: the host reads the files and writes the answer.
 */
import type { ScriptFix } from './fix.ts';
import { alembic } from './migrations/alembic.ts';
import { django } from './migrations/django.ts';
import { drizzle, journalName } from './migrations/drizzle.ts';
import { knex } from './migrations/knex.ts';
import { rails } from './migrations/rails.ts';
import { dbmate, flyway, golangMigrate, goose, numbered, sqlMigrate, sqlx } from './migrations/sql-files.ts';
import { diesel, prisma } from './migrations/sql-folders.ts';
import type { Folder, MigrationFile, MigrationStyle, MigrationTool, SourceFile } from './migrations/style.ts';
import { typeorm } from './migrations/typeorm.ts';
import type { EngineId } from './sql/statement.ts';

export type { MigrationFile, MigrationStyle } from './migrations/style.ts';

/** In the order they are asked: those with a sign of their own first, numbered files of nobody last. */
const tools: readonly MigrationTool[] = [
  drizzle,
  prisma,
  diesel,
  alembic,
  django,
  rails,
  knex,
  typeorm,
  dbmate,
  goose,
  sqlMigrate,
  flyway,
  sqlx,
  golangMigrate,
  numbered,
];

/** Whether the text of a file can matter to `recogniseMigrations`; of all others it needs only the path. */
export function mayBeMigration(path: string): boolean {
  if (path.endsWith('.sql') || path.endsWith(`/meta/${journalName}`)) return true;
  if (/migrate\/\d{14}_[^/]+\.rb$/.test(path)) return true;
  return /\/(migrations?|versions|alembic)\/[^/]+\.(py|js|ts|mjs|cjs)$/.test(path) || /\/\d{13,14}[-_][^/]+\.(js|ts|mjs|cjs)$/.test(path);
}

/** Every folder of migrations among these files. */
export function recogniseMigrations(files: readonly SourceFile[]): readonly MigrationStyle[] {
  const styles: MigrationStyle[] = [];
  for (const folder of foldersOf(files)) {
    // Drizzle keeps a journal of its numbered files: one more beside them would never run.
    const journal = folder.nested.some((entry) => entry.name === journalName);
    for (const tool of journal ? [drizzle] : tools) {
      const detail = tool.recognise(folder);
      if (detail === undefined) continue;
      const texts = [...folder.files, ...folder.nested].map((file) => file.text);
      styles.push({ tool: tool.id, folder: folder.path, engine: engineOf(texts), tables: tablesOf(texts), detail });
      break;
    }
  }
  return styles;
}

/**
 * The folder a script for this engine belongs to: one that creates the script's table before one that
 * does not, then the one nearest to the finding's file. Undefined where all are written for another engine.
 */
export function nearestStyle(styles: readonly MigrationStyle[], path: string, script: ScriptFix): MigrationStyle | undefined {
  const table = /\b(?:ON|TABLE|UPDATE|FROM)\s+"?([\w$]+)"?/i.exec(script.text)?.[1]?.toLowerCase();
  const creates = (style: MigrationStyle) => (table !== undefined && style.tables.includes(table) ? 0 : 1);
  return styles
    .filter((style) => style.engine === undefined || style.engine === script.engine)
    .sort((left, right) => creates(left) - creates(right) || distance(path, left.folder) - distance(path, right.folder))[0];
}

/** The files of a new migration; `now` is an ISO 8601 time, for tools that number by the clock. Paths are absolute. */
export function writeMigration(style: MigrationStyle, script: ScriptFix, now: string): readonly MigrationFile[] {
  const tool = tools.find((candidate) => candidate.id === style.tool);
  if (tool === undefined) return [];
  // What may not run in a transaction must also stand alone: several statements sent at once are one transaction.
  const statements = script.outsideTransaction ? splitStatements(script.text) : [];
  if (statements.length < 2) return tool.write(style, script, new Date(now));
  const downs = splitStatements(script.down);
  const files: MigrationFile[] = [];
  let current = style;
  for (const [index, text] of statements.entries()) {
    const part = { ...script, text, down: downs[statements.length - 1 - index] ?? nothingToTakeBack, name: `${script.name}_${index + 1}` };
    const written = tool.write(current, part, new Date(now));
    files.push(...written);
    current = withMigration(current, written);
  }
  // A journal is written once, with everything in it.
  return files.filter((file, index) => !files.some((later, place) => place > index && later.path === file.path));
}

/** The style as it is once these files exist, so that the next migration follows them. */
function withMigration(style: MigrationStyle, written: readonly MigrationFile[]): MigrationStyle {
  const first = written[0];
  if (first === undefined) return style;
  const name = first.path.slice(style.folder.length + 1).split('/')[0] ?? '';
  const module = name.replace(/\.py$/, '');
  const revision = /^revision.*=\s*"([^"]+)"/m.exec(first.text)?.[1];
  const names = [...style.detail.names, style.tool === 'alembic' ? (revision ?? module) : style.tool === 'django' ? module : name];
  const previous = style.tool === 'alembic' ? revision : style.tool === 'django' ? module : style.detail.previous;
  const journal = written.find(({ replaces }) => replaces === true);
  const sample =
    style.tool === 'alembic'
      ? { name, text: first.text }
      : journal !== undefined
        ? { name: journalName, text: journal.text }
        : style.detail.sample;
  return { ...style, detail: { ...style.detail, names, previous, sample } };
}

/** What was there before may stay (an extension that others may use); tools want a statement all the same. */
const nothingToTakeBack = 'SELECT 1;';

function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
    .map((statement) => `${statement};`);
}

const manifests = ['Cargo.toml', 'Gemfile', 'go.mod', 'package.json', 'pyproject.toml', 'requirements.txt'];

function foldersOf(files: readonly SourceFile[]): Folder[] {
  const byFolder = new Map<string, { name: string; text: string }[]>();
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    const list = byFolder.get(file.path.slice(0, cut)) ?? [];
    list.push({ name: file.path.slice(cut + 1), text: file.text ?? '' });
    byFolder.set(file.path.slice(0, cut), list);
  }
  const manifestAt = (path: string): string | undefined => {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const found = manifests.find((name) => byFolder.get(at)?.some((file) => file.name === name));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const nested = new Map<string, { folder: string; name: string; text: string }[]>();
  for (const [path, children] of byFolder) {
    const cut = path.lastIndexOf('/');
    const list = nested.get(path.slice(0, cut)) ?? [];
    list.push(...children.map((file) => ({ ...file, folder: path.slice(cut + 1) })));
    nested.set(path.slice(0, cut), list);
  }
  return [...new Set([...byFolder.keys(), ...nested.keys()])].sort().map((path) => ({
    path,
    files: (byFolder.get(path) ?? []).sort((left, right) => (left.name < right.name ? -1 : 1)),
    nested: nested.get(path) ?? [],
    manifest: manifestAt(path),
  }));
}

/** Words that only one of the engines has; undefined where neither or both show. */
function engineOf(texts: readonly string[]): EngineId | undefined {
  const sqlite = texts.some((text) => /\bAUTOINCREMENT\b|\bPRAGMA\s+\w|\bWITHOUT\s+ROWID\b|\busing\s+fts5\b/i.test(text));
  const postgres = texts.some((text) =>
    /\b(BIG|SMALL)?SERIAL\b|\bTIMESTAMPTZ\b|\bJSONB\b|\bBYTEA\b|\bUUID\b|\bCONCURRENTLY\b|\bLANGUAGE\s+'?plpgsql|GENERATED\s+(ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY|::\w|\bpostgresql\b/i.test(
      text,
    ),
  );
  if (sqlite === postgres) return undefined;
  return sqlite ? 'sqlite' : 'postgres';
}

function tablesOf(texts: readonly string[]): string[] {
  const names = new Set<string>();
  const create =
    /\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:["`]?\w+["`]?\.)?["`]?(\w+)|\bcreate_table[\s(]+[:"']?(\w+)|\bcreateTable\(\s*["'](\w+)/gi;
  for (const text of texts) for (const match of text.matchAll(create)) names.add((match[1] ?? match[2] ?? match[3] ?? '').toLowerCase());
  return [...names].sort();
}

/** Steps between a file's folder and another folder, up and down. */
function distance(path: string, folder: string): number {
  const from = path.split('/').slice(0, -1);
  const to = folder.split('/');
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same++;
  return from.length - same + (to.length - same);
}
