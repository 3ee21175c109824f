import { ago, liveReport, size, tablePlace } from '../../advisor/live.ts';
import { count, message } from '../../advisor/wording.ts';
import { quoteName } from '../../ddl.ts';
import { daysBetween } from '../../health.ts';
import { rule } from '../../rule.ts';

/** Autovacuum looks at a table every minute or so: what it has not done for a day it will not do soon. */
const freshDays = 1;
/** Less than that is read in no time. */
const smallBytes = 10 * 1024 * 1024;
/** Free pages of a SQLite file are written again; a quarter of the file is more than its next writes need. */
const freeShare = 0.25;

export const tableBloat = rule({
  id: 'sql/table-bloat',
  severity: 'warning',
  on: 'database',
  needs: [],
  *check(database) {
    const { health } = database;
    for (const table of health.tables) {
      const { dead, vacuumThreshold, vacuumedAt, rows, bytes, autovacuum, name, schema } = table;
      if (dead === undefined || vacuumThreshold === undefined || dead <= vacuumThreshold) continue;
      if (vacuumedAt !== undefined && daysBetween(vacuumedAt, health.readAt) < freshDays) continue;
      const wasted = (bytes * dead) / Math.max(1, dead + rows);
      // Autovacuum that runs and has never been here may be on its way.
      if (wasted < smallBytes || (vacuumedAt === undefined && autovacuum !== false && dead < 2 * vacuumThreshold)) continue;
      const qualified =
        schema === undefined || schema === 'public'
          ? quoteName('postgres', name)
          : `${quoteName('postgres', schema)}.${quoteName('postgres', name)}`;
      yield liveReport(database, tablePlace(database, name), name, {
        message: message(
          `${count(dead)} dead rows in ${name} (some ${size(wasted)} of ${size(bytes)}): ${vacuumedAt === undefined ? 'it was never vacuumed' : `last vacuumed ${ago(vacuumedAt, health.readAt)}`}`,
        ),
        notes: [
          `Autovacuum comes at ${count(vacuumThreshold)} dead rows${autovacuum === false ? ', but is turned off here' : '; a transaction that stays open, or a replication slot, keeps it from removing them'}`,
        ],
        fixes: [
          {
            kind: 'script',
            title: `Vacuum ${name}`,
            engine: 'postgres',
            text:
              autovacuum === false
                ? `ALTER TABLE ${qualified} RESET (autovacuum_enabled);\nVACUUM (ANALYZE) ${qualified};`
                : `VACUUM (ANALYZE) ${qualified};`,
            down: '-- Dead rows are of no use: there is nothing to take back.',
            name: `vacuum_${name.toLowerCase().replace(/\W+/g, '_')}`,
            outsideTransaction: true,
          },
        ],
      });
    }
    const { file } = health;
    if (file === undefined || file.autoVacuum || file.pages === 0) return;
    const free = file.free * file.pageSize;
    if (free < smallBytes || file.free / file.pages < freeShare) return;
    yield liveReport(database, undefined, 'free pages', {
      severity: 'info',
      message: message(`${size(free)} of the file's ${size(file.pages * file.pageSize)} are free pages, which only VACUUM gives back`),
      notes: ['The next rows are written into them; until then every copy and every backup carries them along'],
      fixes: [
        {
          kind: 'script',
          title: 'Write the file anew without them',
          engine: 'sqlite',
          text: 'VACUUM;',
          down: '-- Free pages are of no use: there is nothing to take back.',
          name: 'vacuum',
          outsideTransaction: true,
        },
      ],
    });
  },
});
