/** Puts the statistics of a snapshot into PostgreSQL's twin: those of columns by its own functions, those of several columns by hand. */
import type { ExtendedStatistics, PostgresPlanner } from '../engines/postgres/planner-snapshot.ts';
import { asFault } from '../engines/postgres/rejection.ts';
import type { Query } from './postgres-size.ts';

const columnStatistics: readonly (readonly [name: string, type: string])[] = [
  ['null_frac', 'real'],
  ['avg_width', 'integer'],
  ['n_distinct', 'real'],
  ['most_common_vals', 'text'],
  ['most_common_freqs', 'real[]'],
  ['histogram_bounds', 'text'],
  ['correlation', 'real'],
  ['most_common_elems', 'text'],
  ['most_common_elem_freqs', 'real[]'],
  ['elem_count_histogram', 'real[]'],
  ['range_length_histogram', 'text'],
  ['range_empty_frac', 'real'],
  ['range_bounds_histogram', 'text'],
];

/** One message for many columns: each takes longer on its way than to be restored. A NULL is a statistic that is not given. */
const restoreQuery = `SELECT pg_catalog.pg_restore_attribute_stats('schemaname', r ->> 'schemaname', 'relname', r ->> 'tablename', 'attname', r ->> 'attname', 'attnum', (r ->> 'attnum')::smallint, 'inherited', (r ->> 'inherited')::boolean,
  ${columnStatistics.map(([name, type]) => `'${name}', (r ->> '${name}')::${type}`).join(', ')})
  FROM pg_catalog.json_array_elements($1::json) r
  WHERE pg_catalog.to_regclass(pg_catalog.format('%I.%I', r ->> 'schemaname', r ->> 'tablename')) IS NOT NULL`;
const columnsAtOnce = 200;

/** One that does not fit (a type the twin has replaced) is left out, and the planner guesses there. */
export async function restoreColumns(query: Query, columns: PostgresPlanner['columns']): Promise<void> {
  const restore = async (rows: PostgresPlanner['columns']): Promise<void> => {
    try {
      await query(restoreQuery, [JSON.stringify(rows)]);
    } catch (error) {
      if (asFault(error) === undefined) throw error;
      if (rows.length > 1) for (const row of rows) await restore([row]);
    }
  };
  for (let at = 0; at < columns.length; at += columnsAtOnce) await restore(columns.slice(at, at + columnsAtOnce));
}

type Numbers = ReadonlyMap<string, number>;

/** `MVNDistinct` (`mvdistinct.c`): every combination of two or more columns must be there, or planning a GROUP BY fails. */
function distinctBytes(distinct: Readonly<Record<string, number>>, numbers: Numbers): Buffer | undefined {
  const entries = numbered(distinct, numbers);
  if (entries === undefined) return undefined;
  const different = new Set(entries.map(([attributes]) => attributes.toSorted((left, right) => left - right).join()));
  if (different.size !== 2 ** numbers.size - numbers.size - 1) return undefined;
  return Buffer.concat([
    words(0xa352bfa4, 1, entries.length),
    ...entries.flatMap(([attributes, value]) => [double(value), words(attributes.length), shorts(attributes)]),
  ]);
}

/** `MVDependencies` (`dependencies.c`). */
function dependencyBytes(dependencies: Readonly<Record<string, number>>, numbers: Numbers): Buffer | undefined {
  const entries = numbered(dependencies, numbers);
  if (entries === undefined) return undefined;
  return Buffer.concat([
    words(0xb4549a2c, 1, entries.length),
    ...entries.flatMap(([attributes, degree]) => [double(degree), shorts([attributes.length, ...attributes])]),
  ]);
}

function numbered(values: Readonly<Record<string, number>>, numbers: Numbers): (readonly [number[], number])[] | undefined {
  const entries = Object.entries(values).map(([names, value]) => {
    const attributes = (JSON.parse(names) as string[]).map((name) => numbers.get(name) ?? 0);
    return [attributes, value] as const;
  });
  return entries.some(([attributes]) => attributes.includes(0)) ? undefined : entries;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => void bytes.writeUInt32LE(value, index * 4));
  return bytes;
}
function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => void bytes.writeInt16LE(value, index * 2));
  return bytes;
}
function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** A built-in type has the same number everywhere (`FirstGenbkiObjectId`); an enum has another one here. */
const firstOwnType = 10_000;

/**
 * `MCVList` (`mcv.c`): magic, type, items, dimensions, the types, then 20 bytes for each dimension: values, bytes, aligned bytes, length, by value. A
 * server of 64 bits keeps eight bytes by value, the twin with its 32 bits cannot: told that they are elsewhere, it reads the same bytes.
 */
function mcvBytes(hex: string): Buffer | undefined {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length < 14 || bytes.readUInt32LE(0) !== 0xe1a651c2) return undefined;
  const dimensions = bytes.readInt16LE(12);
  if (dimensions < 2 || dimensions > 8 || bytes.length < 14 + dimensions * 24) return undefined;
  for (let dimension = 0; dimension < dimensions; dimension++) {
    if (bytes.readUInt32LE(14 + dimension * 4) >= firstOwnType) return undefined;
    const info = 14 + dimensions * 4 + dimension * 20;
    if (bytes.readInt32LE(info + 12) !== 8 || bytes[info + 16] === 0) continue;
    bytes.writeInt32LE(bytes.readInt32LE(info) * 8, info + 8);
    bytes[info + 16] = 0;
  }
  return bytes;
}

const objectQuery = `SELECT s.oid::int8 AS oid, (SELECT pg_catalog.json_object_agg(a.attname, a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)) AS numbers
  FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE n.nspname = $1 AND s.stxname = $2`;
/** Their types take no input; as bytes they are what they are stored as. */
const casts = ['pg_ndistinct', 'pg_dependencies', 'pg_mcv_list'];

export async function restoreExtended(query: Query, extended: readonly ExtendedStatistics[]): Promise<void> {
  if (extended.length === 0) return;
  for (const type of casts) await query(`CREATE CAST (bytea AS pg_catalog.${type}) WITHOUT FUNCTION`);
  for (const each of extended) {
    const [object] = await query(objectQuery, [each.schema, each.name]);
    if (object === undefined) continue;
    const given = object.numbers;
    const numbers = new Map(Object.entries((typeof given === 'string' ? JSON.parse(given) : given) as Record<string, number>));
    const hex = (bytes: Buffer | undefined): string | null => bytes?.toString('hex') ?? null;
    await query(
      `INSERT INTO pg_catalog.pg_statistic_ext_data (stxoid, stxdinherit, stxdndistinct, stxddependencies, stxdmcv)
       VALUES ($1, $2, pg_catalog.decode($3, 'hex')::pg_ndistinct, pg_catalog.decode($4, 'hex')::pg_dependencies, pg_catalog.decode($5, 'hex')::pg_mcv_list)`,
      [
        object.oid,
        each.inherited,
        hex(each.distinct && distinctBytes(each.distinct, numbers)),
        hex(each.dependencies && dependencyBytes(each.dependencies, numbers)),
        hex(each.common === undefined ? undefined : mcvBytes(each.common)),
      ],
    ).catch((error) => {
      if (asFault(error) === undefined) throw error;
    });
  }
  for (const type of casts) await query(`DROP CAST (bytea AS pg_catalog.${type})`);
}
