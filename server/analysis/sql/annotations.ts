/** What tools write in the comments and names of SQL files: query names, migration directions, transactions. */
import type { Statement } from './statement.ts';

/** A comment line a tool reads, with the offset behind it: it holds for what follows. */
export interface Annotation {
  readonly kind: 'name' | 'up' | 'down';
  readonly value: string;
  readonly end: number;
}
export interface FileNotes {
  readonly annotations: readonly Annotation[];
  /** By the file's name. */
  readonly direction?: 'up' | 'down' | undefined;
  /** Whether the tool runs each file in a transaction; undefined where no tool can be told. */
  readonly transaction?: boolean | undefined;
}

/** goose: `-- +goose Up`; sql-migrate: `-- +migrate Up notransaction`; dbmate: `-- migrate:up transaction:false`; sqlc and aiosql: `-- name: X`. */
const annotation = /^[ \t]*--[ \t]*(?:(name:)[ \t]*([\w.-]+)|\+(goose|migrate)[ \t]+(\w+)([^\r\n]*)|(migrate:)(up|down)([^\r\n]*))/gim;

export function fileNotes(path: string, text: string): FileNotes {
  const annotations: Annotation[] = [];
  let transaction: boolean | undefined;
  if (text.includes('--')) {
    for (const match of text.matchAll(annotation)) {
      const end = (match.index ?? 0) + match[0].length;
      const [, name, value, tool, word = '', rest = '', dbmate, direction = '', options = ''] = match;
      if (name !== undefined) annotations.push({ kind: 'name', value: value ?? '', end });
      else if (tool !== undefined) {
        const lower = word.toLowerCase();
        transaction ??= true;
        if (lower === 'up' || lower === 'down') annotations.push({ kind: lower, value: tool, end });
        if (/notransaction/i.test(rest) || (lower === 'no' && /^\s+transaction/i.test(rest))) transaction = false;
      } else if (dbmate !== undefined) {
        transaction ??= true;
        annotations.push({ kind: direction.toLowerCase() === 'up' ? 'up' : 'down', value: 'dbmate', end });
        if (/transaction:\s*false/i.test(options)) transaction = false;
      }
    }
    // sqlx reads it from the first line.
    if (/^--[ \t]*no-transaction\b/i.test(text)) transaction = false;
  }
  const direction = directionOfName(path);
  transaction ??= flyway.test(path) ? !/\bCONCURRENTLY\b/i.test(text) : undefined;
  return { annotations, ...(direction !== undefined && { direction }), ...(transaction !== undefined && { transaction }) };
}

/** Flyway runs a migration in a transaction unless it sees for itself that a statement cannot run in one. */
const flyway = /(?:^|\/)[VUBR][\d._]*__[^/]*\.sql$/;

/** `x.up.sql`, `x.down.sql` (golang-migrate, sqlx, node-pg-migrate), `up.sql` in a folder (Diesel), `V1__x.sql`, `U1__x.sql` (Flyway). */
function directionOfName(path: string): 'up' | 'down' | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/(?:^|[._-])down\.(?:sql|psql|pgsql)$/i.test(name) || /^U[\d._]+__/.test(name)) return 'down';
  if (/(?:^|[._-])up\.(?:sql|psql|pgsql)$/i.test(name) || /^[VR][\d._]*__/.test(name)) return 'up';
  return undefined;
}

/** Whether the statement opens or closes a transaction. */
export function transactionStep(statement: Statement): 'begin' | 'end' | undefined {
  if (statement.kind !== 'other') return undefined;
  if (statement.verb === 'BEGIN' || statement.verb === 'START') return 'begin';
  return statement.verb === 'COMMIT' || statement.verb === 'ROLLBACK' || statement.verb === 'END' || statement.verb === 'ABORT'
    ? 'end'
    : undefined;
}

/**
 * The text with what is no SQL blanked out, every offset kept: psql's `\connect`, the sqlite3 shell's
 * `.mode`, the rows of COPY … FROM stdin, MySQL's DELIMITER.
 */
export function withoutShellCommands(text: string): string {
  let clean = text;
  const blank = (part: string): string => part.replace(/[^\r\n]/g, ' ');
  if (/\bFROM\s+stdin\b/i.test(clean)) {
    clean = clean.replace(
      /(\bFROM\s+stdin\b[^;\n]*;[^\n]*\n)([\s\S]*?)(\n\\\.|$)/gi,
      (_, head: string, rows: string, end: string) => head + blank(rows) + blank(end),
    );
  }
  if (/(?:^|\n)[ \t]*[\\.](?=[a-z!?])/i.test(clean)) clean = clean.replace(/^[ \t]*[\\.][a-z!?][^\n]*/gim, blank);
  // psql's `\gset` and its kin end a statement in the middle of a line.
  if (/\s\\(?:g|crosstabview|watch|bind)/.test(clean))
    clean = clean.replace(
      /(\s)\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|bind|parse)\b[^\r\n]*/g,
      (command: string, space: string) => `${space};${blank(command.slice(2))}`,
    );
  return /(?:^|\n)DELIMITER\s/i.test(clean) ? clean.replace(/^DELIMITER\s[^\n]*/gim, blank) : clean;
}
