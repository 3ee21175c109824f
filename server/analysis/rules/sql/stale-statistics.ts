import { ago, type Database, liveReport, tablePlace } from '../../advisor/live.ts';
import { count, message } from '../../advisor/wording.ts';
import { quoteName } from '../../ddl.ts';
import type { ScriptFix } from '../../fix.ts';
import { daysBetween, type TableHealth } from '../../health.ts';
import { type Report, rule } from '../../rule.ts';
import type { EngineId } from '../../sql/statement.ts';

/** Statistics of a table this small change no plan. */
const smallRows = 1_000;
/** Autovacuum looks at a table every minute or so: what it has not done for a day it will not do soon. */
const freshDays = 1;
/** The factor at which SQLite's own PRAGMA optimize collects them anew. */
const sqliteFactor = 10;

export const staleStatistics = rule({
  id: 'sql/stale-statistics',
  severity: 'warning',
  on: 'database',
  needs: [],
  *check(database) {
    for (const table of database.health.tables) {
      if (table.rows < smallRows && (table.rowsThen ?? 0) < smallRows) continue;
      const report = database.health.engine === 'sqlite' ? ofSqlite(database, table) : ofPostgres(database, table);
      if (report !== undefined) yield report;
    }
  },
});

function ofPostgres(database: Database, table: TableHealth): Report | undefined {
  const { modified, analyzeThreshold, analyzedAt, autovacuum } = table;
  const { readAt } = database.health;
  if (modified === undefined || analyzeThreshold === undefined || modified <= analyzeThreshold) return undefined;
  if (analyzedAt !== undefined && daysBetween(analyzedAt, readAt) < freshDays) return undefined;
  return liveReport(database, tablePlace(database, table.name), table.name, {
    // Rows that were loaded a minute ago will be counted in the next.
    ...(analyzedAt === undefined && autovacuum === true && { severity: 'info' as const }),
    message: message(
      analyzedAt === undefined
        ? `${table.name} has no statistics: it was never analysed, and ${count(modified)} rows were written`
        : `The statistics of ${table.name} are from ${ago(analyzedAt, readAt)}: ${count(modified)} rows were written since`,
    ),
    notes: [
      `Autovacuum collects them anew after ${count(analyzeThreshold)} rows${autovacuum === false ? ', but is turned off here' : ''}`,
      'The planner estimates rows, and so chooses indexes and joins, by what it knew then',
    ],
    fixes: [analyze('postgres', table)],
  });
}

function ofSqlite(database: Database, table: TableHealth): Report | undefined {
  const { rows, rowsThen } = table;
  if (rowsThen === undefined || rowsThen <= 0) return undefined;
  if (rows < rowsThen * sqliteFactor && rows * sqliteFactor > rowsThen) return undefined;
  return liveReport(database, tablePlace(database, table.name), table.name, {
    message: message(`The statistics of ${table.name} are of ${count(rowsThen)} rows; it has ${count(rows)} now`),
    notes: ['SQLite chooses between indexes by what ANALYZE counted then'],
    fixes: [analyze('sqlite', table)],
  });
}

function analyze(engine: EngineId, { name, schema }: TableHealth): ScriptFix {
  const qualified =
    schema === undefined || schema === 'public' ? quoteName(engine, name) : `${quoteName(engine, schema)}.${quoteName(engine, name)}`;
  return {
    kind: 'script',
    title: `Analyse ${name}`,
    engine,
    text: `ANALYZE ${qualified};`,
    down: '-- Statistics are only newer: there is nothing to take back.',
    name: `analyze_${name.toLowerCase().replace(/\W+/g, '_')}`,
    outsideTransaction: false,
  };
}
