import { message } from '../../advisor/wording.ts';
import { nearestName } from '../../catalogues/nearest.ts';
import { newestVersion, oldestVersion, postgresSetting, postgresSettingNames, removedSettings } from '../../catalogues/postgres.ts';
import { isServerSetting } from '../../catalogues/postgres-config.ts';
import { rule } from '../../rule.ts';

export const unknownSetting = rule({
  id: 'postgres/unknown-setting',
  severity: 'error',
  on: 'setting',
  needs: [],
  wants: ['target'],
  engines: ['postgres'],
  applies: ({ setting }) =>
    isServerSetting(setting) && !setting.key.includes('.') && !directives.test(setting.key) && !Object.hasOwn(removedSettings, setting.key),
  *check({ setting }, { target }) {
    const { key, keySpan } = setting;
    const known = postgresSetting(key);
    const consequence = setting.form === 'config' ? 'the server refuses to start' : 'the server refuses the statement';
    if (known !== undefined) {
      const version = target?.postgresVersion;
      if (known.since === undefined || version === undefined || version >= known.since) return;
      yield { span: keySpan, message: `${key} came with PostgreSQL ${known.since}; version ${version} does not know it: ${consequence}` };
      return;
    }
    if (setting.form === 'set' && clauses.has(key)) return;
    const meant = nearestName(key, postgresSettingNames());
    // A fork's own setting, or a SET of another database's: without a likely meaning nothing is sure.
    if (meant === undefined && (forks.test(key) || setting.form === 'set')) return;
    yield {
      span: keySpan,
      message: message(
        meant === undefined
          ? `No setting ${key} in PostgreSQL ${oldestVersion} to ${newestVersion}: ${consequence}`
          : `No setting ${key} in PostgreSQL: ${consequence}; did you mean ${meant}?`,
      ),
      fixes:
        meant === undefined ? [] : [{ kind: 'edit', title: `Change to ${meant}`, safe: false, edits: [{ span: keySpan, text: meant }] }],
    };
  },
});

const directives = /^include(?:_dir|_if_exists)?$/;
/** SET TIME ZONE, SET NAMES, SET TRANSACTION …: words of the grammar, not settings. */
const clauses = new Set([
  'time',
  'names',
  'schema',
  'session',
  'local',
  'transaction',
  'constraints',
  'xml',
  'seed',
  'characteristics',
  'all',
  'catalog',
]);
/** Greenplum, YugabyteDB, Aurora, EDB, PolarDB, Babelfish and Azure keep their own settings without a prefix and a dot. */
const forks = /^(?:gp|yb|ysql|apg|aurora|edb|polar|px|optimizer|babelfishpg|azure|rds|cloudsql|alloydb|neon|optimize)_|^(?:gp|yb)$/;
