/** The settings a PostgreSQL server runs with now. */
import type { LiveSetting } from '../engine.ts';
import type { Query } from './session.ts';

/** Values are in the setting's own unit (`8kB`, `ms`), as `pg_settings` has them. A session's own values (ours) are not the server's: those are reset. */
export async function readSettings(query: Query): Promise<ReadonlyMap<string, LiveSetting>> {
  const rows = await query(
    "SELECT name, CASE WHEN source IN ('session', 'client') THEN reset_val ELSE setting END AS value, unit FROM pg_catalog.pg_settings WHERE name NOT IN ('transaction_read_only', 'transaction_isolation', 'transaction_deferrable')",
  );
  return new Map(
    rows.map((row) => [
      String(row.name),
      { value: String(row.value ?? ''), ...(typeof row.unit === 'string' && row.unit !== '' ? { unit: row.unit } : {}) },
    ]),
  );
}
