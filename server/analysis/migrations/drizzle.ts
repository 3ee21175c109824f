/** Drizzle: numbered SQL files, and a journal that names each of them (`drizzle-kit generate --custom` writes the same two). */
import type { ScriptFix } from '../fix.ts';
import { lines, type MigrationTool } from './style.ts';

export const drizzle: MigrationTool = {
  id: 'drizzle',
  recognise(folder) {
    const journal = folder.nested.find((entry) => entry.folder === 'meta' && entry.name === journalName);
    if (journal === undefined || entriesOf(journal.text) === undefined) return undefined;
    const names = folder.files.map(({ name }) => name).filter((name) => /^\d+_.+\.sql$/.test(name));
    return { names, sample: { name: journal.name, text: journal.text } };
  },
  write(style, script, now) {
    const text = style.detail.sample?.text ?? '';
    const entries = entriesOf(text);
    const last = entries?.at(-1);
    if (entries === undefined) return [];
    const index = Math.max(-1, ...entries.map(({ idx }) => idx)) + 1;
    const width = /^(\d+)_/.exec(style.detail.names.at(-1) ?? '')?.[1]?.length ?? 4;
    const tag = `${String(index).padStart(width, '0')}_${script.name}`;
    const when = Math.max(now.getTime(), ...entries.map((entry) => entry.when + 1));
    const journal = JSON.parse(text) as { version?: string };
    const version = last?.version ?? journal.version ?? '7';
    const updated = { ...journal, entries: [...entries, { idx: index, version, when, tag, breakpoints: true }] };
    return [
      { path: `${style.folder}/${tag}.sql`, text: lines(sqlOf(script)) },
      {
        path: `${style.folder}/meta/${journalName}`,
        text: `${JSON.stringify(updated, undefined, 2)}${text.endsWith('\n') ? '\n' : ''}`,
        replaces: true,
      },
    ];
  },
};

export const journalName = '_journal.json';

interface JournalEntry {
  readonly idx: number;
  readonly when: number;
  readonly version?: string;
}

/** Undefined for a journal that cannot be read: one more file beside it would never run. */
function entriesOf(text: string): readonly JournalEntry[] | undefined {
  try {
    const { entries } = JSON.parse(text) as { entries?: unknown };
    if (!Array.isArray(entries)) return undefined;
    const known = entries as readonly Partial<JournalEntry>[];
    return known.every((entry) => typeof entry.idx === 'number' && typeof entry.when === 'number')
      ? (known as readonly JournalEntry[])
      : undefined;
  } catch {
    return undefined;
  }
}

/** Drizzle runs what is new in one transaction (`drizzle-orm/pg-core/dialect.ts`, `migrate`), in which CONCURRENTLY fails. */
function sqlOf(script: ScriptFix): string {
  const declare = /\bCREATE\s+(?:UNIQUE\s+)?INDEX\b/i.test(script.text)
    ? '-- Declare the index in the schema as well, or drizzle-kit generates it once more.\n'
    : '';
  const statements = script.text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  if (!script.outsideTransaction) return `${declare}${statements.map((statement) => `${statement};`).join('--> statement-breakpoint\n')}`;
  const inside = statements.map((statement) =>
    statement.replace(/\bINDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?/i, (found) =>
      /^DROP/i.test(statement) ? 'INDEX ' : `${found.slice(0, 5)} IF NOT EXISTS `,
    ),
  );
  const note = statements.map((statement) => `--   ${statement.replaceAll('\n', '\n--   ')};`).join('\n');
  return `${declare}-- Drizzle migrates in a transaction, where CONCURRENTLY fails. On a table that is written to, run this by hand first:\n${note}\n${inside.map((statement) => `${statement};`).join('--> statement-breakpoint\n')}`;
}
