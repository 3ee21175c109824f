import { isTest } from '../../advisor/one-off.ts';
import { message } from '../../advisor/wording.ts';
import { postgresSetting } from '../../catalogues/postgres.ts';
import type { Document, Query } from '../../document.ts';
import { rule } from '../../rule.ts';
import type { SetStatement } from '../../sql/statement.ts';

export const settingChangeNeedsReload = rule({
  id: 'sql/setting-change-needs-reload',
  severity: 'warning',
  on: 'query',
  engines: ['postgres'],
  needs: ['documents'],
  applies: ({ document, query }) => query.from === 'file' && isSystemSetting(query) && !isTest(document, query),
  *check({ document, query }, { documents }) {
    const { statement } = query;
    if (statement.kind !== 'set') return;
    const file = documents.find(({ path }) => path === document.path) ?? document;
    const queries = everyQuery(file);
    const from = queries.findIndex(({ span }) => span.start === query.span.start && span.end === query.span.end);
    const later = from < 0 ? [] : queries.slice(from + 1);
    if (postgresSetting(statement.key.text)?.context === 'postmaster') {
      if (file.serverControl === 'restart') return;
      yield {
        span: statement.key.span,
        severity: 'info',
        message: message(`${statement.key.text} changes only when the server restarts; a reload passes over it`),
      };
      return;
    }
    if (file.serverControl !== undefined || later.some(({ sql }) => /\bpg_reload_conf\s*\(/i.test(sql))) return;
    // Of several changes in a row the last one speaks: one reload serves them all.
    if (later.some((other) => isSystemSetting(other) && !needsRestart(other))) return;
    yield {
      span: statement.key.span,
      message: message(`ALTER SYSTEM only writes a file: ${statement.key.text} stays as it is until pg_reload_conf() is called`),
      fixes: [
        {
          kind: 'edit',
          title: 'Call pg_reload_conf() after it',
          // A migration tool may run the file in a transaction, and the server's settings are not for everybody to load.
          safe: false,
          edits: [{ span: { start: query.span.end, end: query.span.end }, text: ';\nSELECT pg_reload_conf()' }],
        },
      ],
    };
  },
});

const isSystemSetting = ({ statement }: Query): boolean => statement.kind === 'set' && statement.form === 'alter system';
const needsRestart = ({ statement }: Query): boolean => postgresSetting((statement as SetStatement).key.text)?.context === 'postmaster';

function everyQuery(document: Document): readonly Query[] {
  return [...document.queries, ...document.parts.flatMap(everyQuery)];
}
