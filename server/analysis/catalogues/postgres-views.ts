/** Columns of PostgreSQL's own views that people write and the server does not have: those that went away, and those of another view. */

export interface MissingColumn {
  /** First major version without it; absent where no version had it. */
  readonly until?: number | undefined;
  /** The column that holds it now; with its view where that is another one. */
  readonly now?: string | undefined;
}
type Columns = Readonly<Record<string, MissingColumn>>;

const gone = (until: number, now?: string): MissingColumn => ({ until, now });
const mistaken = (now: string): MissingColumn => ({ now });

const activityOfTable: Columns = { tablename: mistaken('relname'), table_name: mistaken('relname'), schema_name: mistaken('schemaname') };
const activityOfIndex: Columns = {
  ...activityOfTable,
  indexname: mistaken('indexrelname'),
  index_name: mistaken('indexrelname'),
};
const allOf = (kind: string, columns: Columns): Readonly<Record<string, Columns>> =>
  Object.fromEntries(
    ['all', 'user', 'sys'].flatMap((scope) => ['stat', 'statio'].map((prefix) => [`pg_${prefix}_${scope}_${kind}`, columns])),
  );

/** From the release notes of PostgreSQL 9.2 to 18 and of pg_stat_statements. */
const views: Readonly<Record<string, Columns>> = {
  ...allOf('tables', activityOfTable),
  ...allOf('indexes', activityOfIndex),
  pg_stat_statements: {
    total_time: gone(13, 'total_exec_time'),
    min_time: gone(13, 'min_exec_time'),
    max_time: gone(13, 'max_exec_time'),
    mean_time: gone(13, 'mean_exec_time'),
    stddev_time: gone(13, 'stddev_exec_time'),
    blk_read_time: gone(17, 'shared_blk_read_time'),
    blk_write_time: gone(17, 'shared_blk_write_time'),
    avg_exec_time: mistaken('mean_exec_time'),
    avg_time: mistaken('mean_exec_time'),
    query_text: mistaken('query'),
  },
  pg_stat_bgwriter: {
    checkpoints_timed: gone(17, 'pg_stat_checkpointer.num_timed'),
    checkpoints_req: gone(17, 'pg_stat_checkpointer.num_requested'),
    checkpoint_write_time: gone(17, 'pg_stat_checkpointer.write_time'),
    checkpoint_sync_time: gone(17, 'pg_stat_checkpointer.sync_time'),
    buffers_checkpoint: gone(17, 'pg_stat_checkpointer.buffers_written'),
    buffers_backend: gone(17, 'pg_stat_io.writes'),
    buffers_backend_fsync: gone(17, 'pg_stat_io.fsyncs'),
  },
  pg_stat_wal: {
    wal_write: gone(18, 'pg_stat_io.writes'),
    wal_sync: gone(18, 'pg_stat_io.fsyncs'),
    wal_write_time: gone(18, 'pg_stat_io.write_time'),
    wal_sync_time: gone(18, 'pg_stat_io.fsync_time'),
  },
  pg_stat_io: { op_bytes: gone(18, 'read_bytes') },
  pg_stat_progress_vacuum: { max_dead_tuples: gone(17, 'max_dead_tuple_bytes'), num_dead_tuples: gone(17, 'num_dead_item_ids') },
  pg_stat_activity: {
    procpid: gone(10, 'pid'),
    current_query: gone(10, 'query'),
    waiting: gone(10, 'wait_event'),
    duration: mistaken('query_start'),
    username: mistaken('usename'),
    database: mistaken('datname'),
  },
  pg_stat_replication: {
    procpid: gone(10, 'pid'),
    sent_location: gone(10, 'sent_lsn'),
    write_location: gone(10, 'write_lsn'),
    flush_location: gone(10, 'flush_lsn'),
    replay_location: gone(10, 'replay_lsn'),
  },
  pg_indexes: {
    relname: mistaken('tablename'),
    indexrelname: mistaken('indexname'),
    table_name: mistaken('tablename'),
    index_name: mistaken('indexname'),
  },
  pg_tables: {
    relname: mistaken('tablename'),
    table_name: mistaken('tablename'),
    schema_name: mistaken('schemaname'),
    owner: mistaken('tableowner'),
  },
  pg_stats: { relname: mistaken('tablename'), table_name: mistaken('tablename'), column_name: mistaken('attname') },
  pg_stat_database: { database: mistaken('datname') },
  pg_locks: { procpid: gone(10, 'pid') },
};

/** What is known of a column that a view does not have; undefined where nothing is. */
export function missingColumn(view: string, column: string): MissingColumn | undefined {
  const columns = views[view.toLowerCase()];
  return columns !== undefined && Object.hasOwn(columns, column.toLowerCase()) ? columns[column.toLowerCase()] : undefined;
}
