/** Python libraries. */
import { type Driver, of } from './driver.ts';
import { redisMethods } from './redis-commands.ts';

const cursor = of('query', 'execute fetchval fetchrow fetch', 'write', 'executescript callproc');
const connections = /^(self\.)?_*(db|conn|con|connection|cur|curs|cursor|c|tx|database|pool)\d*$|_(db|conn|connection|cursor|cur|pool|tx)$/;
const django = of(
  'query',
  'get first last count exists aggregate earliest latest',
  'write',
  'create update delete get_or_create update_or_create aget acreate',
);

const djangoObject: Driver = {
  id: 'python:django-object',
  modules: [],
  methods: of('write', 'save delete asave adelete', 'query', 'refresh_from_db'),
};

export const pythonDrivers: readonly Driver[] = [
  {
    id: 'python:sqlite3',
    modules: ['sqlite3', 'aiosqlite', 'apsw', 'pysqlite3', 'sqlcipher3'],
    inProcess: true,
    types: /^(sqlite3\.|aiosqlite\.|apsw\.)?(Connection|Cursor)$/,
    makers: /^(sqlite3|aiosqlite|apsw|pysqlite3)\.(connect|Connection)$/,
    receivers: connections,
    methods: of('query', 'execute execute_fetchall execute_insert'),
  },
  {
    id: 'python:postgres',
    shared: /pool(?!_?(client|conn))/i,
    modules: ['psycopg', 'psycopg2', 'psycopg_pool', 'asyncpg', 'aiopg', 'pg8000'],
    types:
      /^((psycopg2?|asyncpg|psycopg_pool)\.)?(\w+\.)*(Connection|AsyncConnection|Cursor|AsyncCursor|Pool|ConnectionPool|AsyncConnectionPool)$/,
    makers: /^(psycopg2?|asyncpg|aiopg|pg8000)\.(connect|create_pool|(Async)?Connection\.connect)$|^(Async)?ConnectionPool$/,
    receivers: connections,
    methods: cursor,
  },
  {
    id: 'python:mysql',
    modules: ['pymysql', 'MySQLdb', 'mysql.connector', 'aiomysql', 'asyncmy', 'mariadb'],
    makers: /^(pymysql|MySQLdb|mysql\.connector|aiomysql|mariadb)\.(connect|create_pool)$/,
    receivers: connections,
    methods: cursor,
  },
  {
    id: 'python:databases',
    modules: ['databases', 'duckdb', 'pyodbc', 'oracledb', 'cx_Oracle'],
    receivers: connections,
    methods: of('query', 'execute fetch_all fetch_one fetch_val'),
  },
  {
    id: 'python:sqlalchemy',
    modules: ['sqlalchemy', 'flask_sqlalchemy', 'sqlmodel', 'flask_sqlalchemy_lite'],
    signs: /(^|\.)(db|database|orm)\.session$|^SQLAlchemy$/,
    types: /^(\w+\.)*(Session|AsyncSession|scoped_session|Connection|AsyncConnection|Query)$/,
    makers:
      /^(Session|AsyncSession|SessionLocal|async_session|session_factory|sessionmaker|scoped_session)$|(^|\.)engine\.(connect|begin)$|(^|\.)(session|Session)\.query$|(^|[^.])\b[A-Z]\w*\.query(\.(filter|filter_by|join|options|order_by|outerjoin))$/,
    receivers: /(^|_)(session|sess|db_session|conn|connection)$/i,
    methods: of(
      'query',
      'execute scalar scalars get first one one_or_none all count scalar_one scalar_one_or_none exists get_or_404 first_or_404 refresh stream',
      'write',
      'merge flush',
      'commit',
      'commit',
    ),
  },
  {
    id: 'python:django',
    modules: ['django'],
    signs: /(^|\.)(objects|_base_manager|_default_manager|all_objects|get_queryset|\w+_set)$/,
    element: djangoObject,
    methods: django,
  },
  {
    id: 'python:peewee',
    modules: ['peewee', 'playhouse', 'peewee_async'],
    makers: /^[A-Z]\w*\.(select|update|insert|delete)$/,
    methods: of('query', 'get get_or_none first count scalar exists', 'write', 'execute'),
  },
  {
    id: 'python:tortoise',
    modules: ['tortoise'],
    makers: /^[A-Z]\w*\.(filter|all|exclude)$/,
    methods: of('query', 'first count exists get get_or_none', 'write', 'update delete'),
  },
  {
    id: 'python:pymongo',
    shared: true,
    modules: ['pymongo', 'motor', 'beanie', 'mongoengine'],
    makers: /^(MongoClient|AsyncIOMotorClient|AsyncMongoClient)$/,
    receivers: /(^|_)(collection|coll|col|db)$/,
    methods: of(
      'query',
      'find_one count_documents distinct aggregate',
      'write',
      'insert_one update_one replace_one delete_one find_one_and_update find_one_and_delete',
    ),
    distinctive: of('query', 'find_one', 'write', 'insert_one update_one delete_one replace_one find_one_and_update'),
  },
  {
    id: 'python:redis',
    shared: true,
    modules: ['redis', 'aioredis', 'redis_asyncio', 'coredis', 'valkey'],
    types: /^(\w+\.)*(Redis|StrictRedis|AsyncRedis|RedisCluster)$/,
    makers: /(^|\.)(Redis|StrictRedis|RedisCluster|from_url|Redis\.from_url|create_redis_pool)$/,
    receivers: /(^|_)(redis|redis_client|redis_conn|rdb|r|cache|conn|client|redis_db)$/,
    methods: redisMethods,
    queues: /\.(pipeline|multi|multi_exec)$/,
  },
  {
    id: 'python:rq',
    modules: ['rq'],
    methods: of(),
    functions: of('cache', 'Job.fetch Job.exists'),
  },
  {
    id: 'python:requests',
    shared: true,
    modules: ['requests', 'httpx', 'niquests'],
    types: /^(requests\.|httpx\.)?(Session|AsyncClient|Client)$/,
    makers: /^(requests\.Session|requests\.session|httpx\.(Async)?Client|AsyncClient)$/,
    receivers: /(^|_)(session|client|http|http_client|s)$/,
    methods: of('network', 'get post put patch delete head options request send'),
    functions: of(
      'network',
      'requests.get requests.post requests.put requests.patch requests.delete requests.head requests.request httpx.get httpx.post httpx.put httpx.patch httpx.delete httpx.head httpx.request',
    ),
  },
  {
    id: 'python:aiohttp',
    shared: true,
    modules: ['aiohttp'],
    types: /^(aiohttp\.)?ClientSession$/,
    makers: /^(aiohttp\.)?ClientSession$/,
    receivers: /(^|_)(session|http|http_session|client)$/,
    methods: of('network', 'get post put patch delete head request ws_connect'),
  },
  {
    id: 'python:urllib',
    modules: ['urllib', 'urllib.request'],
    methods: of(),
    functions: of('network', 'urllib.request.urlopen request.urlopen urlopen'),
  },
  {
    id: 'python:boto3',
    modules: ['boto3', 'aioboto3', 'botocore'],
    makers: /(^|\.)boto3\.(client|resource)$/,
    methods: of('network', 'get_object put_object delete_object head_object get_item put_item update_item delete_item send_message invoke'),
  },
];
