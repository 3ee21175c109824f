import { postgresSetting, removedSettings } from '../../catalogues/postgres.ts';
import { isServerSetting } from '../../catalogues/postgres-config.ts';
import { rule } from '../../rule.ts';

export const settingRemoved = rule({
  id: 'postgres/setting-removed',
  severity: 'error',
  on: 'setting',
  needs: [],
  wants: ['target'],
  engines: ['postgres'],
  applies: ({ setting }) => isServerSetting(setting) && Object.hasOwn(removedSettings, setting.key),
  *check({ setting }, { target }) {
    const { key, keySpan } = setting;
    const removed = removedSettings[key];
    if (removed === undefined) return;
    const since = Number(removed.version);
    const version = target?.postgresVersion;
    if (version !== undefined && version < since) return;
    const consequence = setting.form === 'config' ? 'the server refuses to start' : 'the statement fails';
    const advice = removed.instead === undefined ? '' : `; it is ${removed.instead} now`;
    // A rename keeps the value's meaning only where the newer name exists on the target too.
    const replacement = removed.instead !== undefined && postgresSetting(removed.instead) !== undefined ? removed.instead : undefined;
    yield {
      span: keySpan,
      // Without a declared version an old server that still has it is possible.
      severity: version === undefined ? 'warning' : 'error',
      message: `${key} is gone since PostgreSQL ${removed.version}: ${consequence}${advice}`,
      tags: ['deprecated'],
      ...(removed.note === undefined ? {} : { evidence: { grade: 'static', source: 'text', notes: [removed.note] } }),
      fixes:
        replacement === undefined
          ? []
          : [{ kind: 'edit', title: `Change to ${replacement}`, safe: false, edits: [{ span: keySpan, text: replacement }] }],
    };
  },
});
