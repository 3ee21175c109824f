/** PostgreSQL's own settings: which there are, in which versions, and which values they take. */
import { latestSettings, settingsOf15 } from './postgres-settings.ts';

export interface PostgresSetting {
  readonly name: string;
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  /** What a bare number counts: `kB`, `8kB` (pages), `MB`, `B`, `ms`, `s`, `min`. */
  readonly unit?: string | undefined;
  /** In `unit`. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The value a server starts with when nothing is set; in `unit`, without it. */
  readonly boot: string;
  /** Who may change it and when: `postmaster` needs a restart, `internal` cannot be set. */
  readonly context: string;
  readonly values: readonly string[];
  /** Values it takes besides, without listing them: `true` for `on`. */
  readonly aliases: readonly string[];
  /** First major version that has it; absent when 15 had it. */
  readonly since?: number | undefined;
  /** First major version that has it no more. */
  readonly until?: number | undefined;
  readonly description: string;
}

/** The versions the catalogue speaks for. */
export const oldestVersion = 15;
export const newestVersion = 18;

let latest: ReadonlyMap<string, PostgresSetting> | undefined;
let oldest: ReadonlyMap<string, PostgresSetting> | undefined;

/** The setting as the newest version knows it (or the last one that did), whatever the case of its letters; undefined for names no version since 15 has. */
export function postgresSetting(name: string): PostgresSetting | undefined {
  latest ??= parseTable(latestSettings);
  const folded = name.toLowerCase();
  return latest.get(folded) ?? renamedSetting(folded, latest);
}

/** Every way a setting is known to versions 15 to 18: one where they agree, two where 15 differs. */
export function postgresVariants(name: string): readonly PostgresSetting[] {
  const now = postgresSetting(name);
  if (now === undefined) return [];
  oldest ??= parseTable(settingsOf15);
  const then = oldest.get(now.name.toLowerCase());
  return then === undefined ? [now] : [now, then];
}

export function postgresSettingNames(): readonly string[] {
  latest ??= parseTable(latestSettings);
  return [...latest.keys()];
}

/** Old names that every server still takes (guc.c, map_old_guc_names). */
const stillAccepted: Readonly<Record<string, string>> = { sort_mem: 'work_mem', vacuum_mem: 'maintenance_work_mem' };

function renamedSetting(name: string, table: ReadonlyMap<string, PostgresSetting>): PostgresSetting | undefined {
  const now = Object.hasOwn(stillAccepted, name) ? stillAccepted[name] : undefined;
  return now === undefined ? undefined : table.get(now);
}

/** Settings that went away: with which version, and what does their work now. From the release notes. */
export const removedSettings: Readonly<Record<string, { readonly version: string; readonly instead?: string; readonly note?: string }>> = {
  force_parallel_mode: { version: '16', instead: 'debug_parallel_query' },
  promote_trigger_file: { version: '16', note: 'pg_ctl promote or pg_promote() promotes a standby' },
  vacuum_defer_cleanup_age: { version: '16', note: 'hot_standby_feedback or a replication slot holds rows for standbys' },
  lc_collate: { version: '16', note: 'it could never be set here; it belongs to each database' },
  lc_ctype: { version: '16', note: 'it could never be set here; it belongs to each database' },
  db_user_namespace: { version: '17' },
  old_snapshot_threshold: { version: '17', note: 'transaction_timeout bounds long snapshots' },
  trace_recovery_messages: { version: '17' },
  ssl_ecdh_curve: { version: '18', instead: 'ssl_groups' },
  stats_temp_directory: { version: '15', note: 'statistics live in shared memory' },
  operator_precedence_warning: { version: '14' },
  vacuum_cleanup_index_scale_factor: { version: '14' },
  wal_keep_segments: { version: '13', note: 'wal_keep_size counts megabytes, 16 a segment' },
  standby_mode: { version: '12', note: 'a standby.signal file makes a standby' },
  trigger_file: { version: '12', note: 'pg_ctl promote or pg_promote() promotes a standby' },
  replacement_sort_tuples: { version: '11' },
  min_parallel_relation_size: { version: '10', instead: 'min_parallel_table_scan_size' },
  sql_inheritance: { version: '10' },
  checkpoint_segments: { version: '9.5', note: 'max_wal_size bounds the log now, 48 MB for each segment plus 16 MB' },
  unix_socket_directory: { version: '9.3', instead: 'unix_socket_directories' },
  replication_timeout: { version: '9.3', instead: 'wal_sender_timeout' },
  custom_variable_classes: { version: '9.2' },
  silent_mode: { version: '9.2' },
  wal_sender_delay: { version: '9.2' },
  add_missing_from: { version: '9.0' },
  regex_flavor: { version: '9.0' },
  max_fsm_pages: { version: '8.4', note: 'the free space map sizes itself' },
  max_fsm_relations: { version: '8.4', note: 'the free space map sizes itself' },
};

function parseTable(table: string): ReadonlyMap<string, PostgresSetting> {
  const settings = new Map<string, PostgresSetting>();
  for (const line of table.split('\n')) {
    if (line === '') continue;
    const [name = '', type, unit, min, max, boot = '', context = '', values = '', since, until, description = ''] = line.split('\t');
    const all = values === '' ? [] : values.split(',');
    settings.set(name.toLowerCase(), {
      name,
      type: type as PostgresSetting['type'],
      unit: unit === '' ? undefined : unit,
      min: numberOf(min),
      max: numberOf(max),
      boot,
      context,
      values: all.filter((value) => !value.startsWith('~')),
      aliases: all.filter((value) => value.startsWith('~')).map((value) => value.slice(1)),
      since: numberOf(since),
      until: numberOf(until),
      description,
    });
  }
  return settings;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
