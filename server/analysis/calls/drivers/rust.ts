/** Rust crates. */
import { type Driver, of } from './driver.ts';
import { redisMethods } from './redis-commands.ts';

const handles =
  /^(db|conn|connection|tx|transaction|client|pool|stmt|statement|c|t|cur|trans|sp)$|_(db|conn|connection|tx|client|pool|stmt)$/;

export const rustDrivers: readonly Driver[] = [
  {
    id: 'rust:rusqlite',
    modules: ['rusqlite', 'tokio_rusqlite', 'async_sqlite'],
    inProcess: true,
    types: /^(rusqlite::)?(Connection|Transaction|Savepoint|Statement|CachedStatement)$/,
    makers:
      /(^|::)Connection::(open|open_in_memory|open_with_flags)$|\.(prepare|prepare_cached|transaction|unchecked_transaction|savepoint)$/,
    receivers: handles,
    methods: of(
      'query',
      'query_row query_map query_and_then query query_row_and_then query_one exists',
      'write',
      'execute insert execute_batch',
    ),
    distinctive: of('query', 'query_row query_map query_and_then query_row_and_then'),
  },
  {
    id: 'rust:sqlx',
    shared: /pool(?!_?(client|conn))/i,
    modules: ['sqlx'],
    types: /^(sqlx::)?(\w+::)*(PgPool|SqlitePool|MySqlPool|AnyPool|Pool|PgConnection|SqliteConnection|Transaction|PoolConnection)$/,
    makers:
      /^(sqlx::)?(query|query_as|query_scalar|query!|query_as!|query_scalar!|QueryBuilder::new)(!)?(\.\w+)*$|\.(bind|build|build_query_as)$/,
    methods: of('query', 'fetch_one fetch_all fetch_optional fetch', 'write', 'execute'),
    distinctive: of('query', 'fetch_one fetch_all fetch_optional'),
  },
  {
    id: 'rust:postgres',
    modules: ['postgres', 'tokio_postgres', 'deadpool_postgres', 'r2d2_postgres', 'bb8_postgres'],
    types: /^(\w+::)*(Client|Transaction|GenericClient|PooledConnection|Pool|Object|PoolClient)$/,
    makers: /(^|::)Client::connect$|(^|::)connect$|\.(transaction|build_transaction)$/,
    receivers: handles,
    methods: of('query', 'query query_one query_opt query_raw', 'write', 'execute batch_execute simple_query'),
    distinctive: of('query', 'query_opt'),
  },
  {
    id: 'rust:diesel',
    modules: ['diesel', 'diesel_async'],
    types: /^(\w+::)*(PgConnection|SqliteConnection|MysqlConnection|AsyncPgConnection)$/,
    given: /^(&\s*)?(mut\s+)?\**(self\.)?(\w+\.)*\w*(conn|connection|db|tx|c)(\.\w+(\(\))?)*\??$/,
    methods: of('query', 'load first get_result get_results load_iter', 'write', 'execute'),
  },
  {
    id: 'rust:sea-orm',
    shared: /^(?!.*(tx|txn|conn))/i,
    modules: ['sea_orm', 'sea_orm_migration'],
    types: /^(\w+::)*(DatabaseConnection|DatabaseTransaction)$/,
    makers: /(^|::)(Entity|\w+)::(find|find_by_id|insert|update|delete|delete_by_id|update_many|delete_many|find_related)$/,
    methods: of('query', 'one all count', 'write', 'exec save insert update delete'),
  },
  {
    id: 'rust:mongodb',
    shared: true,
    modules: ['mongodb'],
    types: /^(\w+::)*Collection$/,
    makers: /\.collection$/,
    receivers: /(coll|collection)$/,
    methods: of('query', 'find_one count_documents', 'write', 'insert_one update_one replace_one delete_one find_one_and_update'),
  },
  {
    id: 'rust:redis',
    shared: /manager|multiplexed/i,
    modules: ['redis', 'deadpool_redis', 'bb8_redis', 'fred'],
    types: /^(\w+::)*(Connection|MultiplexedConnection|ConnectionManager|RedisClient|RedisPool|Commands|AsyncCommands)$/,
    makers:
      /\.(get_connection|get_async_connection|get_multiplexed_async_connection|get_multiplexed_tokio_connection)$|^redis::cmd(\.arg)*$/,
    receivers: /^(redis|con|conn|connection|rdb|cache|client)$|_(redis|con|conn)$|^redis_\w+$/,
    methods: { ...redisMethods, ...of('cache', 'query query_async') },
    queues: /^redis::pipe(\.\w+)*$|\.pipeline$/,
  },
  {
    id: 'rust:reqwest',
    shared: true,
    modules: ['reqwest', 'ureq', 'hyper', 'surf'],
    types: /^(reqwest::)?(blocking::)?Client$/,
    makers:
      /^reqwest::(Client|blocking::Client)::(new|builder)$|\.(get|post|put|patch|delete|head|request|header|headers|bearer_auth|json|query|body|timeout|form)$/,
    methods: of('network', 'send'),
    functions: of('network', 'reqwest::get reqwest::blocking::get'),
  },
];
