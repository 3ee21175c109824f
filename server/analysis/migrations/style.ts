/** The words of the migration writers: a folder as it is on disk, the style recognised in it, a file to write. */
import type { ScriptFix } from '../fix.ts';
import type { EngineId } from '../sql/statement.ts';

export interface SourceFile {
  /** Absolute, forward slashes. */
  readonly path: string;
  /** Absent where nobody read it; styles that show only in the text are then not recognised. */
  readonly text?: string | undefined;
}
export interface MigrationFile {
  readonly path: string;
  readonly text: string;
  /** The file exists, and this is its whole new text. */
  readonly replaces?: boolean | undefined;
}

/** One folder of the repository with what the tools look at. */
export interface Folder {
  readonly path: string;
  /** Direct children, by name, sorted. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Files one folder below: `20240131120000_init/migration.sql`. */
  readonly nested: readonly { readonly folder: string; readonly name: string; readonly text: string }[];
  /** The nearest package manifest at or above the folder, by its file name: `Cargo.toml`, `go.mod`, `package.json`. */
  readonly manifest?: string | undefined;
}

export type ToolId =
  | 'prisma'
  | 'diesel'
  | 'alembic'
  | 'django'
  | 'drizzle'
  | 'rails'
  | 'typeorm'
  | 'knex'
  | 'dbmate'
  | 'goose'
  | 'sql-migrate'
  | 'flyway'
  | 'sqlx'
  | 'golang-migrate'
  | 'numbered';

/** How a folder's migrations are written. Plain data: it can be kept and sent. */
export interface MigrationStyle {
  readonly tool: ToolId;
  /** Absolute, without a final slash: where new migrations go. */
  readonly folder: string;
  /** The database its SQL is written for, where the text shows it. */
  readonly engine?: EngineId | undefined;
  /** Lower-case names of the tables it creates. */
  readonly tables: readonly string[];
  /** What the tool needs to know about the migrations that exist. */
  readonly detail: Detail;
}
export interface Detail {
  /** Names of the existing migrations (files, or folders where each has its own), sorted. */
  readonly names: readonly string[];
  /** Up and down are two files, told apart by this: `.up.sql` and `.down.sql`. */
  readonly pair?: { readonly up: string; readonly down: string } | undefined;
  /** Alembic: the revision to follow. Django: the last migration of the app. */
  readonly previous?: string | undefined;
  /** The file that `previous` stands in; a new file takes its manner from it. */
  readonly sample?: { readonly name: string; readonly text: string } | undefined;
}

export interface MigrationTool {
  readonly id: ToolId;
  /** What a new migration must know, or undefined when the folder is not this tool's. */
  recognise(folder: Folder): Detail | undefined;
  /** The files of one migration. `script` holds one statement when it must run outside a transaction. */
  write(style: MigrationStyle, script: ScriptFix, now: Date): readonly MigrationFile[];
}

/** The text of a script, ended by exactly one line feed. */
export function lines(text: string): string {
  return `${text.trimEnd()}\n`;
}
