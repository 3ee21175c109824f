import { postgresSetting } from '../../catalogues/postgres.ts';
import { inItsQuotes, isServerSetting } from '../../catalogues/postgres-config.ts';
import { bytesOf, checkPostgresValue } from '../../catalogues/postgres-values.ts';
import { rule } from '../../rule.ts';

export const walBuffersOversized = rule({
  id: 'postgres/wal-buffers-oversized',
  severity: 'info',
  on: 'setting',
  needs: [],
  engines: ['postgres'],
  applies: ({ setting }) => isServerSetting(setting) && setting.key === 'wal_buffers' && setting.value !== undefined,
  *check({ setting }) {
    const known = postgresSetting('wal_buffers');
    const { value = '', valueSpan } = setting;
    if (known === undefined || valueSpan === undefined) return;
    const answer = checkPostgresValue(known, value);
    const bytes = answer.outcome === 'taken' && typeof answer.value === 'number' ? bytesOf(known, answer.value) : undefined;
    if (bytes === undefined || bytes <= generous) return;
    yield {
      span: valueSpan,
      message: `wal_buffers ${value} stays empty: every commit writes it out, and beyond 16MB, one log segment, it rarely helps`,
      evidence: { grade: 'static', source: 'text', notes: ['The default, -1, takes 1/32 of shared_buffers up to one segment of 16MB'] },
      fixes: [
        { kind: 'edit', title: 'Set wal_buffers to 16MB', safe: false, edits: [{ span: valueSpan, text: inItsQuotes(setting, '16MB') }] },
      ],
    };
  },
});

/**
 * Four segments. The documentation of wal_buffers says that extremely large values are unlikely to give a
 * significant benefit, because the buffers are written out at every commit; the automatic value ends at one segment.
 */
const generous = 64 * 1024 ** 2;
