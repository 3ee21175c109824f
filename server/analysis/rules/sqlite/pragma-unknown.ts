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
  applies: ({ setting }) => setting.form === 'pragma' && !pragmaNames.has(setting.key) && !isVendorPragma(setting.key),
  *check({ document, setting }) {
    const meant = Object.hasOwn(misremembered, setting.key) ? misremembered[setting.key] : nearestName(setting.key, pragmaNames);
    // Another product's pragmas stand together: one that is known makes the others plausible.
    if (meant === undefined && document.settings.some((other) => other.form === 'pragma' && isVendorPragma(other.key))) return;
    yield {
      span: setting.keySpan,
      severity: meant === undefined ? 'info' : 'warning',
      message: message(
        meant === undefined
          ? `SQLite has no pragma ${setting.key}; it ignores the statement without an error`
          : `SQLite has no pragma ${setting.key} and ignores it without an error; did you mean ${meant}?`,
      ),
      fixes:
        meant === undefined
          ? []
          : [{ kind: 'edit', title: `Change to ${meant}`, safe: false, edits: [{ span: setting.keySpan, text: meant }] }],
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
