/** JavaScript and TypeScript libraries. */
import { type Driver, of } from './driver.ts';
import { redisMethods } from './redis-commands.ts';

const handles =
  /^(db|conn|connection|client|pool|tx|trx|database|sql|pg|pgPool|pgClient|dbClient|mysql|DB)$|(Db|DB|Conn|Connection|Pool|Database)$/;

export const scriptDrivers: readonly Driver[] = [
  {
    id: 'node:pg',
    modules: ['pg', 'pg-promise', '@neondatabase/serverless', '@vercel/postgres', 'slonik', 'pg-pool', '@databases/pg'],
    types: /^(pg\.)?(Pool|Client|PoolClient|ClientBase|IDatabase|DatabasePool|CommonQueryMethods)$/,
    makers: /^(new )?(pg\.)?(Pool|Client)$|\.connect$/,
    receivers: handles,
    methods: of('query', 'query one oneOrNone many manyOrNone any none maybeOne oneFirst maybeOneFirst result'),
  },
  {
    id: 'node:postgres.js',
    modules: ['postgres'],
    types: /^(postgres\.)?(Sql|TransactionSql)$/,
    makers: /^postgres$/,
    receivers: /^(sql|tx)$/,
    methods: of('query', 'unsafe'),
  },
  {
    id: 'node:sqlite',
    modules: ['better-sqlite3', 'node:sqlite', 'sqlite3', 'sqlite', 'bun:sqlite', '@libsql/client', 'libsql', 'sql.js'],
    inProcess: true,
    types: /^(\w+\.)*(Database|DatabaseSync|BetterSqlite3|Statement|StatementSync)$/,
    makers: /^(new )?(sqlite3\.|sqlite\.)?(Database|DatabaseSync|BetterSqlite3|open)$|\.prepare$/,
    receivers:
      /^(db|database|conn|stmt|statement|sqlite|store)$|(Db|DB|Database|Stmt|Statement)$|^(insert|select|update|delete|get|find|upsert)[A-Z]?\w*$/,
    methods: of('query', 'get all iterate each', 'write', 'run', 'query', 'execute'),
  },
  {
    id: 'cloudflare:d1',
    modules: ['@cloudflare/workers-types'],
    types: /^(D1Database|D1PreparedStatement|D1DatabaseSession)$/,
    makers: /(^|\.)(env|bindings)\.[A-Z_]*DB[A-Z_]*\.prepare(\.bind)?$/,
    methods: of('query', 'all first raw', 'write', 'run'),
  },
  {
    id: 'node:mysql',
    modules: ['mysql2', 'mysql', 'mariadb'],
    types: /^(mysql\.)?(Pool|Connection|PoolConnection)$/,
    makers: /^mysql\.(createPool|createConnection)$/,
    receivers: handles,
    methods: of('query', 'query execute'),
  },
  {
    id: 'node:knex',
    modules: ['knex', 'objection'],
    types: /^(Knex|Knex\.Transaction)$/,
    makers: /^(knex|trx|db)$|^(this\.)?(knex|trx|db)(\.(select|from|table|with|where|insert|update|join|queryBuilder))*$/,
    receivers: /^(knex|trx)$/i,
    methods: of('query', 'first raw pluck count', 'write', 'insert update del delete increment decrement'),
  },
  {
    id: 'node:kysely',
    modules: ['kysely'],
    types: /^(Kysely|Transaction)$/,
    makers: /\.(selectFrom|insertInto|updateTable|deleteFrom)$/,
    methods: of('query', 'executeTakeFirst executeTakeFirstOrThrow execute'),
    distinctive: of('query', 'executeTakeFirst executeTakeFirstOrThrow'),
  },
  {
    id: 'node:drizzle',
    modules: ['drizzle-orm'],
    types: /^(\w*(Database|DrizzleD1Database|PgTransaction|Drizzle\w*)|BaseSQLiteDatabase)$/,
    makers: /(^|\.)drizzle$|(^|\.)get(Db|DB|Database|Drizzle)$/,
    receivers: /^(db|tx|trx|database|drizzle)$|(Db|DB)$/,
    methods: of('query', 'select selectDistinct findFirst findMany $count', 'write', 'insert update delete'),
  },
  {
    id: 'node:prisma',
    modules: ['@prisma/client', 'prisma', '@prisma/extension-accelerate', '@/generated/prisma'],
    types: /^(PrismaClient|Prisma\.TransactionClient|PrismaService|PrismaTransaction\w*)$/,
    makers: /^(new )?PrismaClient$/,
    receivers: /^$/,
    methods: of(),
    distinctive: of(
      'query',
      'findUnique findUniqueOrThrow findFirst findFirstOrThrow $queryRaw $queryRawUnsafe findMany',
      'write',
      '$executeRaw $executeRawUnsafe',
    ),
  },
  {
    id: 'node:typeorm',
    modules: ['typeorm', '@nestjs/typeorm', '@mikro-orm/core'],
    types: /^(Repository|EntityManager|DataSource|QueryRunner|SelectQueryBuilder|EntityRepository)$/,
    makers: /(^|\.)(getRepository|getManager|getConnection|createQueryBuilder)$/,
    receivers: /(Repo|Repository|Manager|DataSource|queryRunner)$|^(repo|repository|manager|em|dataSource)$/,
    methods: of(
      'query',
      'find findOne findOneBy findOneByOrFail findOneOrFail findBy findAndCount count countBy exists exist query getOne getMany getRawOne getRawMany getCount getManyAndCount',
      'write',
      'save remove softDelete softRemove upsert increment decrement insert update delete',
    ),
  },
  {
    id: 'node:sequelize',
    modules: ['sequelize', 'sequelize-typescript'],
    types: /^Sequelize$/,
    receivers: /^(sequelize|[A-Z]\w*)$/,
    methods: of(
      'query',
      'findByPk findOne findAll findOrCreate findAndCountAll query count',
      'write',
      'create upsert update destroy increment',
    ),
    distinctive: of('query', 'findByPk findAndCountAll findOrCreate'),
  },
  {
    id: 'node:mongoose',
    modules: ['mongoose', 'mongodb', '@typegoose/typegoose'],
    receivers: /^[A-Z]\w*$|[cC]ollection$|Model$/,
    methods: of(
      'query',
      'findOne findById countDocuments estimatedDocumentCount distinct aggregate',
      'write',
      'findByIdAndUpdate findByIdAndDelete findOneAndUpdate findOneAndDelete updateOne deleteOne insertOne replaceOne create',
    ),
    distinctive: of('query', 'countDocuments', 'write', 'findByIdAndUpdate findByIdAndDelete findOneAndUpdate findOneAndDelete'),
  },
  {
    id: 'node:redis',
    modules: ['ioredis', 'redis', '@redis/client', '@upstash/redis', 'iovalkey'],
    types: /^(\w+\.)?(Redis|Cluster|RedisClientType|RedisClient|RedisClusterType|Valkey)$/,
    makers: /^(new )?(Redis|IORedis|Valkey|Redis\.Cluster)$/,
    receivers: /^(redis|client|redisClient|kv|rdb|cache|publisher|subscriber|pub|sub)$|(redis|Redis|RedisClient)$/,
    methods: redisMethods,
    queues: /\.(pipeline|multi|batch)$/,
    fold: true,
  },
  {
    id: 'web:fetch',
    modules: [],
    methods: of(),
    functions: of('network', 'fetch window.fetch globalThis.fetch'),
  },
  {
    id: 'node:axios',
    modules: ['axios', 'got', 'ky', 'node-fetch', 'superagent', 'undici', 'needle', 'ofetch'],
    types: /^(AxiosInstance|AxiosStatic|Got|KyInstance)$/,
    makers: /^(axios\.create|got\.extend|ky\.create)$/,
    receivers: /^(axios|http|got|ky|superagent)$|(Axios|HttpClient)$/,
    methods: of('network', 'get post put patch delete head request'),
    functions: of(
      'network',
      'axios got ky axios.get axios.post axios.put axios.patch axios.delete axios.request got.get got.post ky.get ky.post $fetch ofetch undici.request',
    ),
  },
];
