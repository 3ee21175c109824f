import { columnPlace, liveReport } from '../../advisor/live.ts';
import { count, message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';

/** Changing the type rewrites the table; past this share there may be less time left than that takes to plan. */
const nearShare = 0.7;
const urgentShare = 0.9;

export const sequenceNearExhaustion = rule({
  id: 'sql/sequence-near-exhaustion',
  severity: 'warning',
  on: 'database',
  engines: ['postgres'],
  needs: [],
  *check(database) {
    for (const { name, table, column, last, most, type } of database.health.sequences) {
      const share = last / most;
      if (!(share >= nearShare)) continue;
      const owner = table === undefined || column === undefined ? name : `${table}.${column}`;
      const place = table === undefined || column === undefined ? undefined : columnPlace(database, table, column);
      yield liveReport(database, place, owner, {
        severity: share >= urgentShare ? 'error' : 'warning',
        message: message(`${owner} has used ${Math.floor(share * 100)} % of its numbers; after ${count(most)} every INSERT fails`),
        notes: [
          `${name} stands at ${count(last)}, ${type} ends at ${count(most)}`,
          'bigint has numbers for as long as anybody will run this',
        ],
      });
    }
  },
});
