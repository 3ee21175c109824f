/** The settings that PostgreSQL's planner looks at, whatever the version: their values are part of a snapshot, and the twin takes these and no others. */
export const plannerSettings: readonly string[] = `
  constraint_exclusion cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction effective_cache_size
  enable_async_append enable_bitmapscan enable_distinct_reordering enable_gathermerge enable_group_by_reordering enable_hashagg enable_hashjoin
  enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop
  enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join
  enable_presorted_aggregate enable_self_join_elimination enable_seqscan enable_sort enable_tidscan from_collapse_limit geqo geqo_effort
  geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold hash_mem_multiplier jit jit_above_cost
  jit_inline_above_cost jit_optimize_above_cost join_collapse_limit max_parallel_workers_per_gather min_parallel_index_scan_size
  min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost parallel_tuple_cost plan_cache_mode random_page_cost
  recursive_worktable_factor seq_page_cost work_mem`
  .trim()
  .split(/\s+/);

/**
 * What a newer planner does that an older one cannot: off where the snapshot is of a server that does not know the setting. Before 13 hashing had
 * work_mem alone. (Release notes of 13, 16, 17 and 18.)
 */
export const withoutSetting: Readonly<Record<string, string>> = {
  enable_incremental_sort: 'off',
  enable_memoize: 'off',
  enable_presorted_aggregate: 'off',
  enable_group_by_reordering: 'off',
  enable_distinct_reordering: 'off',
  enable_self_join_elimination: 'off',
  hash_mem_multiplier: '1',
};
