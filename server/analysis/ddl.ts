/** The SQL that is suggested: quoting and dialect, one row per engine. */
import type { CandidateIndex } from './facts.ts';
import type { Column, Table } from './sql/schema.ts';
import type { EngineId } from './sql/statement.ts';

interface DdlDialect {
  /** What may stand without quotes. */
  readonly plain: RegExp;
  readonly reserved: ReadonlySet<string>;
  readonly concurrently: boolean;
  readonly include: boolean;
  readonly methods: boolean;
  /** The type written for a column whose type is not known. */
  readonly unknownType: string;
}
const shared = `all and as asc between by case check collate column constraint create cross default deferrable desc distinct else end except exists
  foreign from full group having in inner intersect into is join left like limit natural not null offset on or order outer primary references
  right select table then to union unique using values when where with`;
const dialects: Readonly<Record<EngineId, DdlDialect>> = {
  postgres: {
    // Folded to lower case when bare, so a name with capitals must be quoted.
    plain: /^[a-z_][a-z0-9_$]*$/,
    reserved: new Set(
      `${shared} analyse analyze any array asymmetric authorization binary both cast concurrently current_catalog current_date current_role
      current_schema current_time current_timestamp current_user do false fetch for freeze grant ilike initially isnull lateral leading localtime
      localtimestamp notnull only overlaps placing returning session_user similar some symmetric system_user tablesample trailing true user variadic
      verbose window`.split(/\s+/),
    ),
    concurrently: true,
    include: true,
    methods: true,
    unknownType: 'text',
  },
  sqlite: {
    plain: /^[A-Za-z_][A-Za-z0-9_$]*$/,
    reserved: new Set(
      `${shared} add alter autoincrement commit delete drop escape if index indexed insert isnull notnull nothing raise returning set transaction
      update`.split(/\s+/),
    ),
    concurrently: false,
    include: false,
    methods: false,
    unknownType: '',
  },
};

/** The name as it must be written: bare where that is safe, else in double quotes. */
export function quoteName(engine: EngineId, name: string): string {
  const { plain, reserved } = dialects[engine];
  return plain.test(name) && !reserved.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}
/** `schema.table` stays two names. */
function quoteQualified(engine: EngineId, name: string): string {
  return name
    .split('.')
    .map((part) => quoteName(engine, part))
    .join('.');
}

/** One CREATE INDEX, closed by a semicolon. CONCURRENTLY, Methods, operator classes and NULLS are left out where the engine has none. */
export function createIndexSql(engine: EngineId, candidate: CandidateIndex, options: { name: string; concurrently: boolean }): string {
  const dialect = dialects[engine];
  const concurrently = options.concurrently && dialect.concurrently ? 'CONCURRENTLY ' : '';
  const method = dialect.methods && candidate.method !== undefined && candidate.method !== 'btree' ? ` USING ${candidate.method}` : '';
  const keys = candidate.keys.map((key) => {
    const words = [key.column === undefined ? expressionKey(key.expression ?? '') : quoteName(engine, key.column)];
    if (key.collation !== undefined) words.push(`COLLATE ${collationName(engine, key.collation)}`);
    if (key.operatorClass !== undefined && dialect.methods) words.push(key.operatorClass);
    if (key.descending) words.push('DESC');
    if (key.nulls !== undefined && dialect.methods) words.push(`NULLS ${key.nulls.toUpperCase()}`);
    return words.join(' ');
  });
  // Where a key cannot be carried beside the others, a carried column is one more key.
  if (!dialect.include) keys.push(...candidate.include.map((name) => quoteName(engine, name)));
  const include =
    dialect.include && candidate.include.length > 0
      ? ` INCLUDE (${candidate.include.map((name) => quoteName(engine, name)).join(', ')})`
      : '';
  const where = candidate.where === undefined ? '' : ` WHERE ${candidate.where}`;
  const name = quoteName(engine, options.name);
  return `CREATE INDEX ${concurrently}${name} ON ${quoteQualified(engine, candidate.table)}${method} (${keys.join(', ')})${include}${where};`;
}
/** SQLite's own are found in any case, and written in capitals. */
const collationName = (engine: EngineId, name: string): string =>
  engine === 'sqlite' && /^(?:binary|nocase|rtrim)$/i.test(name) ? name.toUpperCase() : quoteName(engine, name);

/** A function call may stand bare; every other expression needs its own brackets. */
const expressionKey = (text: string): string => (/^\w+\([^()]*\)$/.test(text) && !/^(?:cast|case)\b/i.test(text) ? text : `(${text})`);

export function dropIndexSql(
  engine: EngineId,
  name: string,
  options: { concurrently: boolean; schema?: string } = { concurrently: false },
): string {
  const concurrently = options.concurrently && dialects[engine].concurrently ? 'CONCURRENTLY ' : '';
  const qualified =
    options.schema === undefined ? quoteName(engine, name) : `${quoteName(engine, options.schema)}.${quoteName(engine, name)}`;
  return `DROP INDEX ${concurrently}IF EXISTS ${qualified};`;
}

/** A table from the model, closed by a semicolon: for the embedded engine, so without checks, defaults and foreign keys. */
export function createTableSql(engine: EngineId, table: Table): string {
  const { unknownType } = dialects[engine];
  const column = ({ name, type, notNull }: Column): string => {
    const words = [quoteName(engine, name), type === '' ? unknownType : type, notNull ? 'NOT NULL' : ''];
    return words.filter((word) => word !== '').join(' ');
  };
  const parts = table.columns.map(column);
  if (table.primaryKey.length > 0) parts.push(`PRIMARY KEY (${table.primaryKey.map((name) => quoteName(engine, name)).join(', ')})`);
  // PostgreSQL takes a table without columns, SQLite does not.
  if (parts.length === 0 && engine === 'sqlite') parts.push('id');
  const suffix = engine === 'sqlite' && table.withoutRowid === true ? ' WITHOUT ROWID' : '';
  return `CREATE TABLE ${quoteName(engine, table.name)} (${parts.join(', ')})${suffix};`;
}

/** PostgreSQL cuts names at 63 bytes (NAMEDATALEN - 1). */
const longestName = 63;

/** `idx_orders_customer_id_created_at`; lower case, at most 63 bytes. Cut names keep apart by a short hash. */
export function indexName(candidate: CandidateIndex): string {
  const words = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '');
  const keys = candidate.keys.map((key) => words(key.column ?? key.expression ?? ''));
  const table = words(candidate.table.split('.').at(-1) ?? candidate.table);
  const name = ['idx', table, ...keys, ...(candidate.where === undefined ? [] : ['where', words(candidate.where)])]
    .filter((part) => part !== '')
    .join('_');
  if (name.length <= longestName) return name;
  let hash = 5381;
  for (const sign of name) hash = (Math.imul(hash, 33) ^ (sign.codePointAt(0) ?? 0)) >>> 0;
  return `${name.slice(0, longestName - 7).replace(/_+$/, '')}_${hash.toString(36).slice(-6).padStart(6, '0')}`;
}
