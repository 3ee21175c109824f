/** What ran on a server, from pg_stat_statements: read, never reset. */
import type { ServerWorkload } from '../engine.ts';
import { asFault } from './rejection.ts';
import type { Query } from './session.ts';

/** Statements that took most of the time; the ones past these are hardly ever a thousandth of it. */
const mostStatements = 2_000;

const extensionQuery = `SELECT n.nspname AS schema, pg_catalog.quote_ident(n.nspname) AS quoted,
    EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            WHERE c.relname = 'pg_stat_statements' AND c.relnamespace = n.oid AND a.attname = 'total_exec_time') AS "exec",
    pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "all"
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'`;

/** Statements of other roles are hidden from a role without pg_read_all_stats: what it may see is answered, and the rest is told as missing. */
export async function readServerWorkload(query: Query, label: string): Promise<ServerWorkload> {
  const [extension] = await query(extensionQuery);
  if (extension === undefined) {
    return {
      statements: [],
      missing: [
        `${label} counts no statements: add pg_stat_statements to shared_preload_libraries, restart it and run CREATE EXTENSION pg_stat_statements, or pass what ran with --workload`,
      ],
    };
  }
  const time = extension.exec === true ? 'total_exec_time' : 'total_time';
  const sql = `SELECT s.query AS sql, pg_catalog.sum(s.calls)::float8 AS calls, pg_catalog.sum(s.${time})::float8 AS milliseconds
    FROM ${String(extension.quoted)}.pg_stat_statements s WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    GROUP BY s.query ORDER BY 3 DESC LIMIT ${mostStatements}`;
  let rows: readonly Record<string, unknown>[];
  try {
    rows = await query(sql);
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    const denied = /permission denied/i.test(fault.message);
    const reason = denied
      ? `${label}: pg_stat_statements may not be read by this role; GRANT pg_read_all_stats TO it, or pass what ran with --workload`
      : `${label}: pg_stat_statements could not be read (${fault.message})`;
    return { statements: [], missing: [reason] };
  }
  const visible = rows.filter((row) => row.sql !== '<insufficient privilege>');
  const hidden = rows.length > visible.length || (extension.all !== true && visible.length === 0);
  return {
    statements: visible.map((row) => ({ sql: String(row.sql), calls: Number(row.calls), milliseconds: Number(row.milliseconds) })),
    missing: hidden ? [`${label}: statements of other roles are hidden from this one; GRANT pg_read_all_stats TO it to count them`] : [],
  };
}
