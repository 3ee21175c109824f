/** Types of PostgreSQL as the emitted DDL may name them: one that the server does not know would cost the whole table. */

/** PostgreSQL 18, pg_type's own names and the standard's (its manual, 8 Data Types). */
const builtIn = new Set(
  `bigint int8 bigserial serial8 bit varbit boolean bool box bytea character char varchar cidr circle date float4 float8 inet integer int int4 interval
  json jsonb jsonpath line lseg macaddr macaddr8 money numeric decimal path pg_lsn pg_snapshot point polygon real smallint int2 smallserial serial2 serial
  serial4 text time timetz timestamp timestamptz tsquery tsvector txid_snapshot uuid xml name oid regclass regproc regtype bpchar float dec nchar
  int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
  "char"`.split(/\s+/),
);
const ofTwoWords =
  /^(?:double precision|character varying|bit varying|national character|time with|time without|timestamp with|timestamp without)\b/;

/** Type -> the extension that brings it. */
const extensions: ReadonlyMap<string, string> = new Map([
  ['citext', 'citext'],
  ['hstore', 'hstore'],
  ['ltree', 'ltree'],
  ['lquery', 'ltree'],
  ['cube', 'cube'],
  ['vector', 'vector'],
  ['halfvec', 'vector'],
  ['sparsevec', 'vector'],
  ['geometry', 'postgis'],
  ['geography', 'postgis'],
]);

export interface KnownType {
  readonly text: string;
  readonly extension?: string | undefined;
}

/** `declared`: types that the schema itself creates, folded. Anything unknown is text: the table's other columns count more. */
export function postgresType(written: string, declared: ReadonlySet<string>): KnownType {
  const text = written.trim();
  const folded = text.toLowerCase();
  const name = /^"?([\w ]*?)"?\s*(?:\(|\[|$)/.exec(folded)?.[1]?.trim() ?? '';
  const bare = name.replace(/^\w+\./, '');
  // `varchar(max)` of another engine.
  if (!isPlausible(text)) return { text: 'text' };
  if (builtIn.has(bare.split(' ')[0] ?? '') && !bare.includes(' ')) return { text };
  if (ofTwoWords.test(folded) || declared.has(name) || declared.has(bare)) return { text };
  const extension = extensions.get(bare);
  if (extension !== undefined) return { text, extension };
  return { text: /\[\]\s*$/.test(text) ? 'text[]' : 'text' };
}

/** Words and sizes in numbers, `[]`, quoted names: nothing else can be a type. */
const isPlausible = (text: string): boolean =>
  /^[\w".]+(?: \w+)*(?:\s*\(\s*(?:\d+(?:\s*,\s*-?\d+)?|\w+(?:\s*,\s*\d+)?)\s*\))?(?: \w+)*(?:\[\d*\])*$/.test(text) &&
  !/\(\s*max\s*\)/i.test(text);

/** SQLite takes any words for a type, and sizes in numbers. */
export const sqliteType = (text: string): string =>
  /^\w*(?: \w+)*(?:\s*\(\s*[+-]?\d+(?:\s*,\s*[+-]?\d+)?\s*\))?(?: \w+)*$/.test(text) ? text : 'text';

const serials: Readonly<Record<string, string>> = {
  integer: 'serial',
  int: 'serial',
  int4: 'serial',
  bigint: 'bigserial',
  int8: 'bigserial',
  smallint: 'smallserial',
  int2: 'smallserial',
};
/** The type that counts by itself; undefined where it is no integer. */
export const serialOf = (type: string): string | undefined => serials[type.toLowerCase()];

/** The plain type of a serial one, for columns that refer to it. */
export function plainOf(type: string): string {
  const folded = type.toLowerCase();
  if (folded === 'serial' || folded === 'serial4') return 'integer';
  if (folded === 'bigserial' || folded === 'serial8') return 'bigint';
  return folded === 'smallserial' || folded === 'serial2' ? 'smallint' : type;
}
