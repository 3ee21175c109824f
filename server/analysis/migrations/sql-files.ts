/** Tools whose migrations are SQL files, told apart by their names and by the annotations in them. */
import type { ScriptFix } from '../fix.ts';
import { nameLike, nextNumber, parseNumbered } from './numbering.ts';
import { type Detail, type Folder, lines, type MigrationFile, type MigrationStyle, type MigrationTool } from './style.ts';

type SqlFile = Folder['files'][number];

const sqlFiles = (folder: Folder): readonly SqlFile[] => folder.files.filter((file) => file.name.endsWith('.sql'));
const numberedFiles = (folder: Folder): readonly SqlFile[] => sqlFiles(folder).filter((file) => parseNumbered(file.name) !== undefined);
const detail = (files: readonly SqlFile[]): Detail | undefined =>
  files.length === 0 ? undefined : { names: files.map((file) => file.name) };

/** `0007_add_index_x` after `0006_…`, without an ending. */
function nextStem(style: MigrationStyle, script: ScriptFix, now: Date): string {
  const parsed = style.detail.names.flatMap((name) => parseNumbered(name) ?? []);
  const number = nextNumber(
    parsed.map((entry) => entry.number),
    now,
  );
  const name = nameLike(
    script.name,
    parsed.map((entry) => entry.rest.replace(/\.[\w.]+$/, '')),
  );
  return `${number}${parsed.at(-1)?.separator ?? '_'}${name}`;
}

/** A tool that writes up and down into one numbered file, between annotations. */
function annotated(id: MigrationTool['id'], sign: RegExp, text: (script: ScriptFix) => string): MigrationTool {
  return {
    id,
    recognise: (folder) => detail(numberedFiles(folder).filter((file) => sign.test(file.text))),
    write: (style, script, now) => [{ path: `${style.folder}/${nextStem(style, script, now)}.sql`, text: text(script) }],
  };
}

export const dbmate = annotated('dbmate', /^\s*--\s*migrate:up\b/m, (script) => {
  const option = script.outsideTransaction ? ' transaction:false' : '';
  return `-- migrate:up${option}\n${lines(script.text)}\n-- migrate:down${option}\n${lines(script.down)}`;
});

export const goose = annotated('goose', /^\s*--\s*\+goose\s+Up\b/im, (script) => {
  const option = script.outsideTransaction ? '-- +goose NO TRANSACTION\n' : '';
  return `${option}-- +goose Up\n${lines(script.text)}\n-- +goose Down\n${lines(script.down)}`;
});

export const sqlMigrate = annotated('sql-migrate', /^\s*--\s*\+migrate\s+Up\b/im, (script) => {
  const option = script.outsideTransaction ? ' notransaction' : '';
  return `-- +migrate Up${option}\n${lines(script.text)}\n-- +migrate Down${option}\n${lines(script.down)}`;
});

const flywayName = /^([VU])([\d._]*\d)__(.+)\.sql$/;

/**
 * Flyway. It sees by itself that CREATE INDEX CONCURRENTLY cannot run in a transaction; the script
 * configuration beside the migration says so for every version that reads one.
 */
export const flyway: MigrationTool = {
  id: 'flyway',
  recognise: (folder) => detail(sqlFiles(folder).filter((file) => flywayName.test(file.name))),
  write(style, script, now) {
    const parsed = style.detail.names.flatMap((name) => {
      const [, kind, version] = flywayName.exec(name) ?? [];
      return kind !== undefined && version !== undefined ? [{ kind, parts: version.split(/([._])/) }] : [];
    });
    const newest = parsed.filter((entry) => entry.kind === 'V').sort((left, right) => compareVersions(left.parts, right.parts));
    const parts = newest.at(-1)?.parts ?? ['0'];
    const siblings = newest.filter((entry) => entry.parts.slice(0, -1).join('') === parts.slice(0, -1).join(''));
    const version = [
      ...parts.slice(0, -1),
      nextNumber(
        siblings.map((entry) => entry.parts.at(-1) ?? '0'),
        now,
      ),
    ].join('');
    const files: MigrationFile[] = [{ path: `${style.folder}/V${version}__${script.name}.sql`, text: lines(script.text) }];
    if (script.outsideTransaction)
      files.push({ path: `${style.folder}/V${version}__${script.name}.sql.conf`, text: 'executeInTransaction=false\n' });
    // Undo scripts are an edition of their own: written only where the repository has them.
    if (parsed.some((entry) => entry.kind === 'U'))
      files.push({ path: `${style.folder}/U${version}__${script.name}.sql`, text: lines(script.down) });
    return files;
  },
};

/** Versions as `['1', '.', '12']`: numbers at even places, compared as numbers. */
function compareVersions(left: readonly string[], right: readonly string[]): number {
  for (let at = 0; at < Math.max(left.length, right.length); at += 2) {
    const difference = Number(left[at] ?? 0) - Number(right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const pairEndings = [
  { up: '.up.sql', down: '.down.sql' },
  { up: '_up.sql', down: '_down.sql' },
  { up: '-up.sql', down: '-down.sql' },
] as const;

function pairs(folder: Folder): Detail | undefined {
  for (const pair of pairEndings) {
    const ups = numberedFiles(folder).filter((file) => file.name.endsWith(pair.up));
    if (ups.length > 0) return { names: ups.map((file) => file.name), pair };
  }
  return undefined;
}

function writePair(style: MigrationStyle, script: ScriptFix, now: Date, head: string): readonly MigrationFile[] {
  const pair = style.detail.pair;
  const ending = pair?.up ?? '.sql';
  const names = style.detail.names.map((name) => (name.endsWith(ending) ? name.slice(0, -ending.length) : name));
  const stem = `${style.folder}/${nextStem({ ...style, detail: { ...style.detail, names } }, script, now)}`;
  const up = { path: `${stem}${ending}`, text: `${head}${lines(script.text)}` };
  return pair === undefined ? [up] : [up, { path: `${stem}${pair.down}`, text: `${head}${lines(script.down)}` }];
}

/** sqlx: the only tool here that a Rust crate has of its own; otherwise the names are golang-migrate's or nobody's. */
export const sqlx: MigrationTool = {
  id: 'sqlx',
  recognise(folder) {
    const templates = /^-- (Add (up |down )?migration script here|no-transaction)/m;
    const files = numberedFiles(folder);
    if (!files.some((file) => templates.test(file.text)) && folder.manifest !== 'Cargo.toml') return undefined;
    return pairs(folder) ?? (plausible(folder, files) ? detail(files) : undefined);
  },
  write: (style, script, now) => writePair(style, script, now, script.outsideTransaction ? '-- no-transaction\n' : ''),
};

/**
 * golang-migrate sends a file to PostgreSQL as it is, without a transaction around it: a file with one
 * statement needs no annotation.
 */
export const golangMigrate: MigrationTool = {
  id: 'golang-migrate',
  recognise: pairs,
  write: (style, script, now) => writePair(style, script, now, ''),
};

/** Numbered SQL files of a tool we do not know, or of none. */
export const numbered: MigrationTool = {
  id: 'numbered',
  recognise(folder) {
    const files = numberedFiles(folder);
    return plausible(folder, files) ? detail(files) : undefined;
  },
  write: (style, script, now) =>
    writePair(
      style,
      script,
      now,
      script.outsideTransaction ? '-- Run this outside a transaction: CONCURRENTLY refuses to work in one.\n' : '',
    ),
};

/** Numbered SQL files can also be reports or exercises: migrations stand in a folder that says so, or change the schema. */
function plausible(folder: Folder, files: readonly SqlFile[]): boolean {
  if (files.length === 0) return false;
  if (/migrat/i.test(folder.path.split('/').slice(-2).join('/'))) return true;
  return files.some((file) => /^\s*(create|alter)\s+table\b/im.test(file.text)) && files.length > 1;
}
