/** The pragmas of a SQLite database as they are. */
import type { LiveSetting } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';

/**
 * Only what the file itself remembers. Everything else (cache_size, synchronous, busy_timeout …) belongs to each connection, and this
 * connection is ours, so its values would say nothing about the application's.
 */
const persistent = [
  'journal_mode',
  'page_size',
  'page_count',
  'freelist_count',
  'auto_vacuum',
  'encoding',
  'user_version',
  'application_id',
];

const vacuumModes = ['none', 'full', 'incremental'];

/** `journalMode`: the file's own, which a private copy of it has lost. */
export function readSettings(database: SqliteDatabase, journalMode: string | undefined): Map<string, LiveSetting> {
  const settings = new Map<string, LiveSetting>();
  for (const key of persistent) {
    const value = database.pragma(key, { simple: true });
    const text = key === 'auto_vacuum' ? (vacuumModes[Number(value)] ?? String(value)) : String(value);
    settings.set(key, { value: key === 'journal_mode' ? (journalMode ?? text) : text, ...(key === 'page_size' ? { unit: 'B' } : {}) });
  }
  return settings;
}
