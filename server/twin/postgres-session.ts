/** The one session of PostgreSQL's twin: its settings, and how it forgets a schema for the next. */
import { plannerSettings, withoutSetting } from '../engines/postgres/planner-settings.ts';
import type { PostgresPlanner } from '../engines/postgres/planner-snapshot.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import type { Query } from './postgres-size.ts';

/** A server plans with these; PGlite has them off because it could not carry such a plan out. */
export const serverDefaults = [
  'SET max_parallel_workers_per_gather = 2',
  'SET max_parallel_workers = 8',
  // The sizes of the relations are not their own, so neither are the checksums of the pages that tell them.
  'SET ignore_checksum_failure = on',
  'SET check_function_bodies = off',
  "SET client_min_messages = 'error'",
  // Nothing here outlives the process.
  'SET synchronous_commit = off',
];

const dropEverything = `DO $$
  DECLARE item record;
  BEGIN
    FOR item IN SELECT extname AS name FROM pg_catalog.pg_extension WHERE extname NOT IN ('plpgsql', 'pg_buffercache') LOOP
      EXECUTE pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', item.name);
    END LOOP;
    FOR item IN SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', item.name);
    END LOOP;
    CREATE SCHEMA public;
  END $$`;
/** Whatever a dropped schema does not take with it: casts, foreign servers, what was made in pg_catalog. */
const leftovers = `SELECT (SELECT count(*) FROM pg_catalog.pg_class c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'i')))
  + (SELECT count(*) FROM pg_catalog.pg_foreign_data_wrapper) + (SELECT count(*) FROM pg_catalog.pg_cast WHERE oid >= 16384)
  + (SELECT count(*) FROM pg_catalog.pg_event_trigger)`;

/** False where something is left that only another start takes away. */
export async function emptied(query: Query): Promise<boolean> {
  try {
    await query('RESET ALL');
    for (const setting of serverDefaults) await query(setting);
    await query(dropEverything);
    return Number(Object.values((await query(leftovers))[0] ?? {})[0]) === 0;
  } catch (error) {
    if (asFault(error) === undefined) throw error;
    return false;
  }
}

/** A load leaves no trace in the next one's settings. What the snapshot's server does not know, the twin does without. */
export async function applySettings(query: Query, { settings }: PostgresPlanner): Promise<void> {
  for (const name of plannerSettings) {
    const value = settings[name] ?? (Object.keys(settings).length === 0 ? undefined : withoutSetting[name]);
    if (value === undefined) continue;
    await query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]).catch((error) => {
      if (asFault(error) === undefined) throw error;
    });
  }
}

export async function setSearchPath(query: Query, planner: PostgresPlanner | undefined): Promise<void> {
  const given = planner?.searchPath;
  const schemas = (
    await query(
      "SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') ORDER BY nspname",
    )
  ).map((row) => `"${String(row.name).replaceAll('"', '""')}"`);
  // Which schema an unqualified name means is set where the application connects; every schema of the repository is a fair guess.
  const set = (path: string) => query("SELECT pg_catalog.set_config('search_path', $1, false)", [path]);
  const all = ['public', ...schemas].join(', ');
  await set(given ?? all).catch((error) => {
    if (asFault(error) === undefined) throw error;
    return set(all);
  });
}
