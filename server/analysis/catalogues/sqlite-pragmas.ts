/** SQLite's pragmas: their names, and the values that each understands. */

/** `PRAGMA pragma_list` of SQLite 3.54, and what builds may have besides (a test compares it with the bundled engine). */
const standard =
  'analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check checkpoint_fullfsync collation_list compile_options count_changes data_version database_list defer_foreign_keys empty_result_callbacks encoding foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names fullfsync function_list hard_heap_limit ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check journal_mode journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size module_list optimize page_count page_size pragma_list query_only quick_check read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete short_column_names shrink_memory soft_heap_limit synchronous table_info table_list table_xinfo temp_store temp_store_directory threads trusted_schema user_version wal_autocheckpoint wal_checkpoint writable_schema';
/** Compiled in only by some builds (sqlite.org/pragma.html), or gone with old versions that still run. */
const optional =
  'data_store_directory default_cache_size legacy_file_format lock_proxy_file lock_status parser_trace sql_trace stats vdbe_addoptrace vdbe_debug vdbe_eqp vdbe_listing vdbe_trace';
/** Of SQLCipher, SQLite's own encryption extension, SQLite3 Multiple Ciphers, SpatiaLite, libSQL and DuckDB. */
const vendors =
  /^(?:key|rekey|hexkey|hexrekey|textkey|textrekey|activate_extensions|kdf_iter|fast_kdf_iter|add_kdf_iter|plaintext_header_size|legacy(?:_page_size)?|mc_legacy_wal|hmac_.*|cipher.*|libsql_.*|litefs_.*|spatialite.*|memory_limit|database_size|show.*|storage_info|enable_.*|disable_.*|explain_output|default_(?:null_)?order|temp_directory|version|platform|user_agent|metadata_info|import_database|force_.*|verify_.*)$/;

export const pragmaNames: ReadonlySet<string> = new Set(`${standard} ${optional}`.split(' '));

export function isVendorPragma(name: string): boolean {
  return vendors.test(name);
}

export interface PragmaValues {
  /** Words it understands, in lower case. */
  readonly words: readonly string[];
  /** Least and greatest number it understands. */
  readonly numbers?: readonly [number, number] | undefined;
  /** What SQLite does with anything else; it never says a word. */
  readonly otherwise: string;
}

const booleans = ['on', 'off', 'true', 'false', 'yes', 'no'];
const flag: PragmaValues = { words: booleans, numbers: [0, 1], otherwise: 'turns it off' };
const count = (otherwise: string): PragmaValues => ({
  words: [],
  numbers: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  otherwise,
});

/** From sqlite.org/pragma.html and src/pragma.c; what happens otherwise was asked of the engine (test/settings). */
export const pragmaValues: Readonly<Record<string, PragmaValues>> = {
  journal_mode: { words: ['delete', 'truncate', 'persist', 'memory', 'wal', 'off'], otherwise: 'keeps the mode it had' },
  synchronous: { words: ['off', 'normal', 'full', 'extra', ...booleans], numbers: [0, 3], otherwise: 'takes NORMAL' },
  temp_store: { words: ['default', 'file', 'memory'], numbers: [0, 2], otherwise: 'takes DEFAULT' },
  auto_vacuum: { words: ['none', 'full', 'incremental'], numbers: [0, 2], otherwise: 'takes NONE' },
  locking_mode: { words: ['normal', 'exclusive'], otherwise: 'keeps the mode it had' },
  secure_delete: { words: [...booleans, 'fast'], numbers: [0, 1], otherwise: 'turns it off' },
  cache_spill: { words: booleans, numbers: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], otherwise: 'turns it off' },
  automatic_index: flag,
  case_sensitive_like: flag,
  cell_size_check: flag,
  checkpoint_fullfsync: flag,
  defer_foreign_keys: flag,
  foreign_keys: flag,
  fullfsync: flag,
  ignore_check_constraints: flag,
  query_only: flag,
  read_uncommitted: flag,
  recursive_triggers: flag,
  reverse_unordered_selects: flag,
  trusted_schema: flag,
  cache_size: count('takes the digits and drops the rest: pages'),
  mmap_size: count('takes the digits and drops the rest: bytes'),
  busy_timeout: count('takes the digits and drops the rest: milliseconds'),
  wal_autocheckpoint: { ...count('takes 0: no checkpoints'), words: ['off'] },
  journal_size_limit: count('takes the digits and drops the rest: bytes'),
  page_size: count('takes the digits and drops the rest: bytes'),
  analysis_limit: count('takes the digits and drops the rest: rows'),
  threads: count('takes the digits and drops the rest'),
};

/** The largest `mmap_size` of a build with default options: SQLITE_MAX_MMAP_SIZE, 0x7fff0000 (sqliteInt.h, sqlite.org/limits). */
export const largestMmap = 0x7fff0000;
/** Bytes of a page unless the database was made otherwise, since SQLite 3.12 (sqlite.org/pgszchng2016.html). */
export const defaultPageSize = 4096;
