/** Which engine a text or a program speaks to, by what only one of them has. */
import type { Dialect } from './statement.ts';

type Known = Exclude<Dialect, 'unknown'>;

/** Content that one engine takes and the others refuse. Each pattern is anchored on fixed words, so none can backtrack far. */
const evidence: readonly (readonly [Known, RegExp])[] = [
  ['sqlite', /\bAUTOINCREMENT\b/i],
  ['sqlite', /\bPRAGMA\s+\w/i],
  ['sqlite', /\bWITHOUT\s+ROWID\b/i],
  ['sqlite', /\bINSERT\s+OR\s+(?:REPLACE|IGNORE|ABORT|FAIL|ROLLBACK)\b/i],
  ['sqlite', /\bCREATE\s+VIRTUAL\s+TABLE\b/i],
  ['sqlite', /\bsqlite_(?:master|schema|sequence|stat1)\b/i],
  ['sqlite', /\)\s*STRICT\s*(?:;|$|,)/i],
  ['sqlite', /\b(?:strftime|julianday|unixepoch|json_each|group_concat|randomblob|last_insert_rowid|datetime)\s*\(/i],
  ['sqlite', /\bINDEXED\s+BY\b/i],
  ['sqlite', /\bGLOB\s+'/i],
  ['postgres', /\w\s*::\s*(?:[a-z]\w*)|'::[a-z]/i],
  ['postgres', /\b(?:BIG|SMALL)?SERIAL\b(?!\s*(?:=|\.))/i],
  ['postgres', /\bCONCURRENTLY\b/i],
  ['postgres', /\b(?:JSONB|TIMESTAMPTZ|BYTEA|TSVECTOR|CITEXT|TIMETZ|REGCLASS|INT8RANGE|TSTZRANGE)\b/i],
  ['postgres', /\bTIMESTAMP\s+WITH(?:OUT)?\s+TIME\s+ZONE\b/i],
  ['postgres', /\$(?:[a-z_]\w*)?\$[\s\S]/i],
  ['postgres', /\bILIKE\b/i],
  ['postgres', /\bGENERATED\s+(?:ALWAYS|BY\s+DEFAULT)\s+AS\s+IDENTITY\b/i],
  ['postgres', /\bUSING\s+(?:GIN|GIST|BRIN|SPGIST|HNSW|IVFFLAT|BTREE\s*\()\b/i],
  ['postgres', /\bCREATE\s+(?:EXTENSION|MATERIALIZED\s+VIEW|TYPE|DOMAIN|SEQUENCE|POLICY|SCHEMA)\b/i],
  ['postgres', /\bALTER\s+(?:SYSTEM|SEQUENCE|TYPE)\b/i],
  ['postgres', /\bDISTINCT\s+ON\s*\(/i],
  ['postgres', /=\s*ANY\s*\(/i],
  [
    'postgres',
    /\b(?:gen_random_uuid|uuid_generate_v4|pg_[a-z_]+|to_tsvector|to_tsquery|string_agg|array_agg|jsonb_[a-z_]+|generate_series|date_trunc|nextval|setval)\s*\(/i,
  ],
  ['postgres', /\b(?:pg_catalog|pg_stat_\w+|pg_class|pg_indexes)\b/i],
  ['postgres', /\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\s+(?:SKIP\s+LOCKED|NOWAIT)\b/i],
  ['postgres', /\bPARTITION\s+(?:BY\s+(?:RANGE|LIST|HASH)\s*\(|OF\s+\w)/i],
  ['postgres', /(?:@>|<@|->>?\s*'[^']*'\s*\?|#>>?)/],
  ['postgres', /\bINTERVAL\s+'/i],
  ['postgres', /\bALTER\s+COLUMN\s+\S+\s+(?:SET|DROP|TYPE)\b/i],
  ['postgres', /\bREFRESH\s+MATERIALIZED\b/i],
  ['postgres', /\b(?:COPY\s+\w+[^;]*\bFROM\s+stdin|\\connect)\b/i],
  ['postgres', /\b(?:TEXT|INTEGER|INT|VARCHAR|UUID)\[\]/i],
  ['postgres', /\bSET\s+(?:LOCAL\s+|SESSION\s+)?(?:work_mem|search_path|statement_timeout|lock_timeout|maintenance_work_mem)\b/i],
  ['mysql', /\bENGINE\s*=\s*\w/i],
  ['mysql', /\bAUTO_INCREMENT\b/i],
  ['mysql', /\bON\s+DUPLICATE\s+KEY\b/i],
  ['mysql', /\b(?:TINYINT|MEDIUMINT|INT|BIGINT)\s*\(\d+\)\s+UNSIGNED\b/i],
  ['mysql', /\bDEFAULT\s+CHARSET\b/i],
  ['mysql', /\bSTRAIGHT_JOIN\b/i],
  // ClickHouse, SQL Server, Oracle, BigQuery, Snowflake: told apart from each other by nobody here.
  ['other', /\bENGINE\s*=\s*\w*(?:MergeTree|Replicated|Distributed|Memory|Log|Null)\b/],
  ['other', /\b(?:LowCardinality|FixedString|AggregateFunction|DateTime64|Nullable)\s*\(/],
  ['other', /\b(?:toStartOf[A-Z]\w+|groupArray|uniqState|sumState|argMax|arrayFilter|toUInt32)\s*\(/],
  ['other', /\b(?:ADD|MATERIALIZE|DROP)\s+PROJECTION\b/i],
  ['other', /\b(?:NVARCHAR|DATETIME2|UNIQUEIDENTIFIER|NTEXT|DATETIMEOFFSET)\b|\bIDENTITY\s*\(\s*1\s*,|\[dbo\]|\bNONCLUSTERED\b/i],
  ['other', /\b(?:VARCHAR2|NVARCHAR2|SYSDATE|ROWNUM)\b/i],
  ['other', /\b(?:STRUCT|ARRAY)\s*<|\bSAFE_CAST\s*\(|\bQUALIFY\s+ROW_NUMBER\b/i],
];
/** Backticks are MySQL's quotes, but SQLite takes them too: they decide only when nothing else speaks. */
const backtick = /`\w+`/;
/** The place of the backticks among the evidence. */
export const backtickEvidence = evidence.length;

/** Which of the evidence stands in a text: what dialectOf weighs. Made a statement at a time, so that an edit looks only at what it touched. */
export function evidenceIn(text: string): readonly number[] {
  const bare = withoutComments(text.length > sampled ? text.slice(0, sampled) : text);
  const found: number[] = [];
  for (const [index, [, pattern]] of evidence.entries()) if (pattern.test(bare)) found.push(index);
  if (backtick.test(bare)) found.push(evidence.length);
  return found;
}
/** Enough to meet the first tables of a dump; the rest speaks the same dialect. */
const sampled = 200_000;

/** The engine with most evidence; `unknown` when there is none, or as much for two. */
export function dialectOf(found: ReadonlySet<number>): Dialect {
  const counts = { sqlite: 0, postgres: 0, mysql: 0, other: 0 };
  for (const [index, [dialect]] of evidence.entries()) if (found.has(index)) counts[dialect]++;
  const best = Math.max(...Object.values(counts));
  if (best === 0) return found.has(evidence.length) ? 'mysql' : 'unknown';
  const leaders = (['sqlite', 'postgres', 'mysql', 'other'] as const).filter((dialect) => counts[dialect] === best);
  return leaders.length === 1 ? (leaders[0] ?? 'unknown') : 'unknown';
}
/** The engine the text must be for; `unknown` when nothing, or two engines' own things, stand in it. */
export const dialectOfSql = (text: string): Dialect => dialectOf(new Set(evidenceIn(text)));

function withoutComments(text: string): string {
  return text.includes('--') || text.includes('/*') ? text.replace(/--[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\//g, ' ') : text;
}

const modules: readonly (readonly [Known, RegExp])[] = [
  [
    'sqlite',
    /^(?:sqlite3|aiosqlite|apsw|pysqlite3|sqlcipher3|better-sqlite3|node:sqlite|bun:sqlite|sqlite|sql\.js|@libsql\/.*|libsql|expo-sqlite|rusqlite|tokio_rusqlite|async_sqlite|r2d2_sqlite|deadpool_sqlite|diesel::sqlite.*|sqlx::[sS]qlite.*|github\.com\/mattn\/go-sqlite3|modernc\.org\/sqlite|github\.com\/glebarez\/(?:go-)?sqlite|gorm\.io\/driver\/sqlite|zombiezen\.com\/go\/sqlite.*|github\.com\/ncruces\/go-sqlite3.*|drizzle-orm\/(?:better-sqlite3|libsql|bun-sqlite|sqlite-core))$/,
  ],
  [
    'postgres',
    /^(?:psycopg|psycopg2|psycopg_pool|asyncpg|aiopg|pg8000|pg|postgres|pg-promise|pg-pool|@vercel\/postgres|@neondatabase\/serverless|@electric-sql\/pglite|slonik|tokio_postgres|postgres_types|deadpool_postgres|bb8_postgres|diesel::pg.*|sqlx::[pP](?:ostgres|g).*|github\.com\/jackc\/(?:pgx|pgconn|pgtype|pgxpool).*|github\.com\/lib\/pq|github\.com\/go-pg\/pg.*|gorm\.io\/driver\/postgres|drizzle-orm\/(?:node-postgres|postgres-js|pg-core|neon-http))$/,
  ],
  [
    'mysql',
    /^(?:mysql|mysql2|pymysql|aiomysql|asyncmy|MySQLdb|mysql\.connector|mysql_async|mariadb|github\.com\/go-sql-driver\/mysql|gorm\.io\/driver\/mysql|sqlx::[mM]y[sS]ql.*)$/,
  ],
];

const pathWords: ReadonlyMap<string, Known> = new Map([
  ...['sqlite', 'sqlite3'].map((word) => [word, 'sqlite'] as const),
  ...['postgres', 'postgresql', 'pgsql', 'psql', 'timescaledb'].map((word) => [word, 'postgres'] as const),
  ...['mysql', 'mariadb'].map((word) => [word, 'mysql'] as const),
  ...['clickhouse', 'mssql', 'sqlserver', 'tsql', 'bigquery', 'snowflake', 'duckdb', 'redshift', 'cassandra', 'scylla', 'db2'].map(
    (word) => [word, 'other'] as const,
  ),
]);

/** The file's name and three folders: further up stands where a person keeps their checkouts, which says nothing. */
const nearFolders = 4;

/**
 * The engine that a file's folders or its name speak of (`migrations/mysql/0001.sql`, `schema.sqlite.sql`), the
 * nearest to the file first; `unknown` for none, or for two in one place.
 */
export function dialectOfPath(path: string): Dialect {
  for (const part of path.toLowerCase().split('/').slice(-nearFolders).reverse()) {
    const said = new Set<Known>();
    for (const word of part.split(/[^a-z0-9]+/)) {
      const dialect = pathWords.get(word);
      if (dialect !== undefined) said.add(dialect);
    }
    const [only] = said;
    if (said.size > 0) return said.size === 1 && only !== undefined ? only : 'unknown';
  }
  return 'unknown';
}

/** The engine whose driver a file imports; `unknown` when none, or drivers of two engines. */
export function dialectOfImports(imported: readonly string[]): Dialect {
  const seen = new Set<Known>();
  for (const name of imported) {
    // `psycopg2.extras`, `pg/lib/x`, `mysql2/promise`, `rusqlite::Connection` belong to their package.
    const packages = [name, ...[...name.matchAll(/[./]|::/g)].map((match) => name.slice(0, match.index))];
    for (const [dialect, pattern] of modules) if (packages.some((candidate) => pattern.test(candidate))) seen.add(dialect);
  }
  const [only] = seen;
  return seen.size === 1 && only !== undefined ? only : 'unknown';
}
