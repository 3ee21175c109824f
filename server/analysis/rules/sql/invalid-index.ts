import { indexPlace, liveReport, size } from '../../advisor/live.ts';
import { message } from '../../advisor/wording.ts';
import { dropIndexSql, quoteName } from '../../ddl.ts';
import { rule } from '../../rule.ts';

export const invalidIndex = rule({
  id: 'sql/invalid-index',
  severity: 'warning',
  on: 'database',
  engines: ['postgres'],
  needs: [],
  *check(database) {
    for (const index of database.health.indexes) {
      if (index.valid) continue;
      const { name, partitioned } = index;
      // REINDEX CONCURRENTLY builds beside the old one under such a name, and swaps them at the end.
      const leftover = /_cc(?:new|old)\d*$/.test(name);
      const schema = index.schema === undefined || index.schema === 'public' ? undefined : index.schema;
      const quoted = `${schema === undefined ? '' : `${quoteName('postgres', schema)}.`}${quoteName('postgres', name)}`;
      yield liveReport(database, indexPlace(database, name), name, {
        message: message(
          partitioned
            ? `${name} is invalid: not every partition of ${index.table} has its part of it yet`
            : `${name} is invalid: no query uses it, and every write to ${index.table} still keeps it up to date`,
        ),
        notes: [
          leftover
            ? 'A REINDEX CONCURRENTLY that did not finish left it behind'
            : partitioned
              ? 'Attach an index of each partition with ALTER INDEX … ATTACH PARTITION'
              : `A CREATE INDEX CONCURRENTLY that failed left it behind (${size(index.bytes)})`,
        ],
        fixes: partitioned
          ? []
          : [
              {
                kind: 'script',
                title: leftover ? `Drop ${name}` : `Build ${name} again`,
                engine: 'postgres',
                text: leftover
                  ? dropIndexSql('postgres', name, { concurrently: true, ...(schema !== undefined && { schema }) })
                  : `REINDEX INDEX CONCURRENTLY ${quoted};`,
                down: '-- An invalid index is worth nothing: there is nothing to take back.',
                name: `${leftover ? 'drop' : 'rebuild'}_index_${name.toLowerCase().replace(/\W+/g, '_')}`,
                outsideTransaction: true,
              },
            ],
      });
    }
  },
});
