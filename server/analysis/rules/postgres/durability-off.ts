import { inItsQuotes, isServerSetting } from '../../catalogues/postgres-config.ts';
import type { Setting } from '../../document.ts';
import { rule } from '../../rule.ts';

export const durabilityOff = rule({
  id: 'postgres/durability-off',
  severity: 'warning',
  on: 'setting',
  needs: [],
  engines: ['postgres'],
  applies: ({ setting }) => isServerSetting(setting) && setting.form !== 'set' && Object.hasOwn(costs, setting.key) && isOff(setting),
  *check({ document, setting }) {
    const { key, valueSpan } = setting;
    const cost = costs[key];
    // A database for tests is made anew each time.
    if (cost === undefined || valueSpan === undefined || /(?:^|[/._-])(?:tests?|ci)(?:[/._-]|$)/i.test(document.path)) return;
    yield {
      span: valueSpan,
      message: `${key} off: ${cost}`,
      fixes: [{ kind: 'edit', title: `Turn ${key} on`, safe: false, edits: [{ span: valueSpan, text: inItsQuotes(setting, 'on') }] }],
    };
  },
});

/** postgresql.org/docs/current/runtime-config-wal.html, Settings. `synchronous_commit` off loses commits but corrupts nothing. */
const costs: Readonly<Record<string, string>> = {
  fsync: 'a crash of the machine can corrupt the whole cluster; synchronous_commit = off is fast and safe for the files',
  full_page_writes: 'a page half written in a crash stays corrupt, and nothing repairs it',
};

function isOff({ value = '' }: Setting): boolean {
  return /^(?:of|off|0|f|fa|fal|fals|false|n|no)$/i.test(value);
}
