/** A dump of PostgreSQL's own, with statistics, in the place of a snapshot. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { PlanStep } from '../../server/analysis/facts.ts';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import { blueprintOf } from '../../server/workspace/planners.ts';
import { parseSnapshot } from '../../server/workspace/snapshots.ts';
import { type Server, startEmbedded } from './postgres-server.ts';

const flat = (steps: readonly PlanStep[]): string[] => steps.flatMap((step) => [step.detail, ...flat(step.children)]);
const schema = `
CREATE FUNCTION public.folded(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(t); $$;
ALTER FUNCTION public.folded(t text) OWNER TO shop;
CREATE TABLE public.orders (id bigint NOT NULL, owner integer, state text, note text DEFAULT 'it''s; "quoted"'::text);
ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE INDEX orders_owner ON public.orders USING btree (owner);
CREATE INDEX orders_folded ON public.orders USING btree (public.folded(state));
`;
const statements = [
  'SELECT * FROM orders WHERE id = 7',
  'SELECT * FROM orders WHERE owner = 7',
  "SELECT * FROM orders WHERE folded(state) = 'rare'",
  "SELECT * FROM orders WHERE folded(state) = 'it''s \\ done'",
  "SELECT * FROM orders WHERE state = 'rare' ORDER BY id LIMIT 3",
];

/** As pg_dump 18 writes them, of the whole database: names and values in turn, every value a literal with its type. */
const statisticsQuery = `
  SELECT format(E'SELECT * FROM pg_catalog.pg_restore_relation_stats(\\n\\t''version'', ''180004''::integer,\\n\\t''schemaname'', %L,\\n\\t''relname'', %L,\\n\\t''relpages'', %L::integer,\\n\\t''reltuples'', %L::real,\\n\\t''relallvisible'', %L::integer\\n);', n.nspname, c.relname, c.relpages, c.reltuples, c.relallvisible) AS sql
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
  UNION ALL
  SELECT format(E'SELECT * FROM pg_catalog.pg_restore_attribute_stats(\\n\\t''version'', ''180004''::integer,\\n\\t''schemaname'', %L,\\n\\t''relname'', %L,\\n\\t%s,\\n\\t''inherited'', %L::boolean,\\n\\t''null_frac'', %L::real,\\n\\t''avg_width'', %L::integer,\\n\\t''n_distinct'', %L::real', s.schemaname, s.tablename,
      CASE WHEN c.relkind = 'i' THEN format('''attnum'', %L::smallint', a.attnum) ELSE format('''attname'', %L', s.attname) END, s.inherited, s.null_frac, s.avg_width, s.n_distinct)
    || coalesce(format(E',\\n\\t''most_common_vals'', %L::text,\\n\\t''most_common_freqs'', %L::real[]', s.most_common_vals, s.most_common_freqs), '')
    || CASE WHEN s.histogram_bounds IS NULL THEN '' ELSE format(E',\\n\\t''histogram_bounds'', %L::text', s.histogram_bounds) END
    || CASE WHEN s.correlation IS NULL THEN '' ELSE format(E',\\n\\t''correlation'', %L::real', s.correlation) END || E'\\n);'
  FROM pg_stats s JOIN pg_class c ON c.relname = s.tablename JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = s.schemaname JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname WHERE s.schemaname = 'public'`;

describe('a dump with statistics', () => {
  let server: Server;
  const twin = createTwin('postgres', { idleMilliseconds: 60_000 });
  beforeAll(async () => {
    server = await startEmbedded();
  });
  afterAll(async () => {
    await twin.close();
    await server?.stop();
  });

  it('plans as its server', async () => {
    const admin = await server.admin();
    await admin.query(schema.replace(/^ALTER FUNCTION.*$/m, ''));
    await admin.query(
      "INSERT INTO orders SELECT i, i % 900, CASE WHEN i % 500 = 0 THEN 'RARE' WHEN i % 3 = 0 THEN E'It''s \\\\ done' ELSE 'open' END FROM generate_series(1, 20000) i",
    );
    await admin.query('VACUUM ANALYZE orders');
    const rows = (await admin.query<{ sql: string }>(statisticsQuery)).rows.map(({ sql }) => sql);
    await admin.end();
    const dump = `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 18.4\n\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n${schema}\nCOPY public.orders (id, owner) FROM stdin;\n1\t2; CREATE TABLE not_me (x int);\n\\.\n\n${rows.join('\n\n')}\n\\unrestrict abc\n`;
    const snapshot = parseSnapshot(dump, 'shop.sql');
    expect(snapshot).toMatchObject({ engine: 'postgres', version: '18.4', tables: [{ table: 'orders', rows: 20_000 }] });
    expect(snapshot.ddl).toHaveLength(6);
    const connection = await postgres.connect(server.url, {});
    const blueprint = blueprintOf(snapshot, 1_000_000);
    for (const sql of statements) {
      const answer = await twin.explain(blueprint, sql);
      if (answer.outcome !== 'planned') throw new Error(JSON.stringify(answer));
      const client = await server.admin();
      const [real] = (await client.query(`EXPLAIN (FORMAT JSON) ${sql}`)).rows[0]['QUERY PLAN'];
      await client.end();
      expect([sql, answer.plan.totalCost]).toEqual([sql, expect.closeTo(real.Plan['Total Cost'], 1)]);
      expect(flat(answer.plan.steps)[0]).toContain(real.Plan['Node Type']);
    }
    await connection.close();
  });

  test('without statistics is refused in one sentence', () => {
    expect(() => parseSnapshot(`-- PostgreSQL database dump\n${schema}`, 'shop.sql')).toThrow(
      /^shop\.sql is a dump without statistics: make one with `pg_dump/,
    );
  });
});
