import { message } from '../../advisor/wording.ts';
import { nearestName } from '../../catalogues/nearest.ts';
import { isVendorPragma, pragmaNames } from '../../catalogues/sqlite-pragmas.ts';
import { rule } from '../../rule.ts';

export const pragmaUnknown = rule({
  id: 'sqlite/pragma-unknown',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['sqlite'],
  applies: ({ setting }) =>
    setting.form === 'pragma' && /^\w+$/.test(setting.key) && !pragmaNames.has(setting.key) && !isVendorPragma(setting.key),
  *check({ setting }) {
    const { key, keySpan } = setting;
    // Extensions bring pragmas of their own: only what is nearly a name that SQLite has is surely a slip.
    const meant = Object.hasOwn(misremembered, key) ? misremembered[key] : nearestName(key, pragmaNames);
    if (meant === undefined) return;
    yield {
      span: keySpan,
      message: message(`SQLite has no pragma ${key} and ignores it without an error; did you mean ${meant}?`),
      fixes: [{ kind: 'edit', title: `Change to ${meant}`, safe: false, edits: [{ span: keySpan, text: meant }] }],
    };
  },
});

/** Names that people take from drivers, from other databases, or from what the pragma does. */
const misremembered: Readonly<Record<string, string>> = {
  timeout: 'busy_timeout',
  lock_timeout: 'busy_timeout',
  journal: 'journal_mode',
  wal_mode: 'journal_mode',
  sync: 'synchronous',
  sync_mode: 'synchronous',
  cache: 'cache_size',
  mmap: 'mmap_size',
  tmp_store: 'temp_store',
  vacuum: 'auto_vacuum',
  foreign_key: 'foreign_keys',
  checkpoint: 'wal_checkpoint',
  autocheckpoint: 'wal_autocheckpoint',
};
