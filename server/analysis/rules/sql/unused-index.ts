import { ago, indexPlace, liveReport, size } from '../../advisor/live.ts';
import { message } from '../../advisor/wording.ts';
import { dropIndexSql } from '../../ddl.ts';
import { daysBetween } from '../../health.ts';
import { rule } from '../../rule.ts';

/** What runs once a month has had its turn. */
const longEnoughDays = 30;
/** Below it an index costs next to nothing, and a small table is not searched by index anyway. */
const smallBytes = 1024 * 1024;

export const unusedIndex = rule({
  id: 'sql/unused-index',
  severity: 'warning',
  on: 'database',
  engines: ['postgres'],
  needs: [],
  *check(database) {
    const { health } = database;
    const { countedSince, readAt } = health;
    if (countedSince === undefined || daysBetween(countedSince, readAt) < longEnoughDays) return;
    for (const index of health.indexes) {
      if (!index.valid || index.unique || index.needed || index.scans > 0 || index.bytes < smallBytes) continue;
      // A table that nobody reads at all tells nothing of its indexes.
      const tables = health.tables.filter(({ name, schema }) => name === index.table && schema === index.schema);
      if (!index.partitioned && !tables.some(({ reads }) => (reads ?? 0) > 0)) continue;
      yield liveReport(database, indexPlace(database, index.name), index.name, {
        message: message(`No query has searched ${index.name} (${size(index.bytes)}) since at least ${ago(countedSince, readAt)}`),
        notes: [
          'Every write to the table keeps it up to date, and it takes its share of the cache',
          'A replica counts its own searches: look there as well before you drop it',
        ],
        fixes: [
          {
            kind: 'script',
            title: `Drop ${index.name}`,
            engine: 'postgres',
            text: dropIndexSql('postgres', index.name, {
              concurrently: !index.partitioned,
              ...(index.schema !== undefined && index.schema !== 'public' && { schema: index.schema }),
            }),
            down: `${index.definition};`,
            name: `drop_index_${index.name.toLowerCase().replace(/\W+/g, '_')}`,
            outsideTransaction: !index.partitioned,
          },
        ],
      });
    }
  },
});
