/**
 * How many levels the B-trees of a server have. Its planner reads that from their first page and charges for every level; whoever may not read that
 * page can ask for a plan that starts with the descent, and divide.
 */
import type { Query } from './session.ts';
import { userSchema } from './snapshot-ddl.ts';

/** Plain B-trees on columns in their usual order of values, of tables this user may read: what an ORDER BY can be written for. */
const indexesQuery = `SELECT n.nspname AS schema, x.relname AS name, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS relation,
    x.relpages::float8 AS pages, x.reltuples::float8 AS rows,
    (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || CASE WHEN i.indoption[k.at - 1] & 1 = 1 THEN ' DESC' ELSE '' END
       || CASE WHEN i.indoption[k.at - 1] & 2 = 2 THEN ' NULLS FIRST' ELSE ' NULLS LAST' END, ', ' ORDER BY k.at)
     FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY k(number, at) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.at <= i.indnkeyatts) AS keys
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am m ON m.oid = x.relam
  WHERE x.relkind = 'i' AND m.amname = 'btree' AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND x.relpages > 2 AND ${userSchema}
    AND pg_catalog.has_schema_privilege(n.oid, 'usage') AND pg_catalog.has_table_privilege(c.oid, 'select')
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) p(at) JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[p.at]
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.at] WHERE NOT o.opcdefault OR a.attcollation <> i.indcollation[p.at])
  ORDER BY x.relpages DESC, n.nspname, x.relname`;

/** Entries of a page below the root: at most as many as the smallest fit (8 bytes of key, header and pointer: 20), at least half a page of those that there are. */
const pageRoom = 8152;
const mostEntries = Math.floor(pageRoom / 20);

function levels(leaves: number, fanout: number): number {
  let height = 0;
  for (let level = leaves; level > 1; level = Math.ceil(level / fanout)) height++;
  return height;
}
/** The lowest and the highest that a tree of that size can be. */
export function heightBounds(pages: number, rows: number): readonly [low: number, high: number] {
  const leaves = Math.max(1, pages - 1);
  const entry = Math.min(2700, Math.max(20, rows > 0 ? (leaves * pageRoom) / rows : 20));
  return [levels(leaves, mostEntries), levels(leaves, Math.max(2, Math.floor(pageRoom / 2 / entry)))];
}

/** Of a catalogue with more, the largest are asked about: half a millisecond each, and the way there and back. */
const mostAsked = 2_000;
/** Milliseconds, where a person waits at an editor and not for a file. */
const briefly = 1_000;

/** With this for `cpu_operator_cost` a level costs half a unit (`DEFAULT_PAGE_CPU_MULTIPLIER` is 50), and a search among all entries of a page far less. */
const operatorCost = 0.01;
const levelCost = 50 * operatorCost;
const forced: readonly (readonly [string, string])[] = [
  ['cpu_operator_cost', String(operatorCost)],
  ['enable_seqscan', 'off'],
  ['enable_bitmapscan', 'off'],
  ['enable_sort', 'off'],
  ['max_parallel_workers_per_gather', '0'],
  ['jit', 'off'],
];

interface Node {
  readonly 'Index Name'?: string;
  readonly 'Startup Cost'?: number;
  readonly Plans?: readonly Node[];
}

/** `schema\0name` -> height, of those that their size leaves in doubt. Leaves the settings of the transaction changed. `thorough`: see `SnapshotOptions`. */
export async function readHeights(query: Query, thorough: boolean): Promise<ReadonlyMap<string, number>> {
  const heights = new Map<string, number>();
  const rows = (await query(indexesQuery)).filter((row) => {
    const [low, high] = heightBounds(Number(row.pages), Number(row.rows));
    return low !== high && row.keys !== null;
  });
  if (rows.length === 0) return heights;
  for (const [name, value] of forced) await query('SELECT pg_catalog.set_config($1, $2, true)', [name, value]);
  const started = performance.now();
  for (const row of rows.slice(0, mostAsked)) {
    if (!thorough && performance.now() - started > briefly) break;
    const [answer] = await query(`EXPLAIN (FORMAT JSON) SELECT 1 FROM ONLY ${String(row.relation)} ORDER BY ${String(row.keys)}`);
    const raw = Object.values(answer ?? {})[0];
    const [plan] = (typeof raw === 'string' ? JSON.parse(raw) : raw) as readonly { readonly Plan?: Node }[];
    let node = plan?.Plan;
    while (node !== undefined && node['Index Name'] === undefined) node = node.Plans?.[0];
    // Another index gives the same order for less: that one has its own turn.
    if (node?.['Index Name'] !== row.name || node?.['Startup Cost'] === undefined) continue;
    heights.set(`${String(row.schema)}\u0000${String(row.name)}`, Math.max(0, Math.floor(node['Startup Cost'] / levelCost + 1e-9) - 1));
  }
  return heights;
}
