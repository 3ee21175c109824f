/** Statements inside statements: each stands alone, with its exact place in the file. */
import fc from 'fast-check';
import { loadModule, parsePlPgSQLSync, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Query } from '../../server/analysis/document.ts';
import { hostOffset } from '../../server/analysis/document.ts';
import { queriesIn, withHoles } from './support.ts';

const inside = (text: string, dialect: 'postgres' | 'sqlite' | 'unknown' = 'postgres'): Query[] =>
  queriesIn(text, dialect).filter((query) => query.within !== undefined);
const sqlOf = (text: string, dialect: 'postgres' | 'sqlite' = 'postgres'): string[] =>
  inside(text, dialect).map(({ sql }) => sql.replace(/\s+/g, ' ').trim());
/** The first column reference or table name of a query as it stands in the file. */
const written = (text: string, query: Query): string => text.slice(query.span.start, query.span.end);

describe('PL/pgSQL', () => {
  const text = `CREATE OR REPLACE FUNCTION public.close_orders(p_customer bigint, since timestamptz DEFAULT now(), OUT closed int)
RETURNS int AS $body$
DECLARE
  v_total numeric(10, 2) := (SELECT sum(total) FROM orders WHERE customer_id = p_customer);
  r record;
  due CURSOR FOR SELECT id FROM orders WHERE due_at < since;
BEGIN
  IF EXISTS (SELECT 1 FROM locks WHERE owner = p_customer) THEN
    RAISE EXCEPTION 'locked: %', p_customer;
  END IF;
  SELECT count(*), max(o.total) INTO STRICT closed, v_total FROM orders o WHERE o.customer_id = p_customer AND o.closed;
  FOR r IN SELECT id, state FROM orders WHERE customer_id = p_customer LOOP
    UPDATE orders SET state = 'closed', note = r.state WHERE id = r.id;
    PERFORM notify_owner(id) FROM owners WHERE order_id = r.id;
  END LOOP;
  INSERT INTO audit (closed, at) VALUES (closed, now()) RETURNING id INTO r;
  EXECUTE format('DELETE FROM %I WHERE id = %L AND note = ''x''', 'orders', p_customer);
  EXECUTE 'UPDATE stock SET amount = $1 WHERE id = ' || quote_literal(p_customer) USING 1;
  RETURN QUERY SELECT id FROM orders;
  closed := closed + 1;
  COMMIT;
END
$body$ LANGUAGE plpgsql;`;
  test('statements, expressions, loops, cursors and EXECUTE', () => {
    expect(sqlOf(text)).toEqual([
      'SELECT (SELECT sum(total) FROM orders WHERE customer_id = $1)',
      'SELECT id FROM orders WHERE due_at < $1',
      'SELECT EXISTS (SELECT 1 FROM locks WHERE owner = $1)',
      'SELECT count(*), max(o.total) FROM orders o WHERE o.customer_id = $1 AND o.closed',
      'SELECT id, state FROM orders WHERE customer_id = $1',
      "UPDATE orders SET state = 'closed', note = $1 WHERE id = $2",
      'SELECT notify_owner(id) FROM owners WHERE order_id = $1',
      'INSERT INTO audit (closed, at) VALUES ($1, now()) RETURNING id',
      "DELETE FROM ? WHERE id = $1 AND note = 'x'",
      'UPDATE stock SET amount = $1 WHERE id = $2',
      'SELECT id FROM orders',
    ]);
    const found = inside(text);
    expect(found.map(({ plannable }) => plannable)).toEqual([true, true, true, true, true, true, true, true, false, true, true]);
    expect(found[5]?.holes.map((hole) => [hole.text, text.slice(hole.span.start, hole.span.end)])).toEqual([
      ['r.state', 'r.state'],
      ['r.id', 'r.id'],
    ]);
    expect(written(text, found[4] as Query)).toBe('SELECT id, state FROM orders WHERE customer_id = p_customer');
    expect(written(text, found[6] as Query)).toBe('PERFORM notify_owner(id) FROM owners WHERE order_id = r.id');
  });

  test('in a single-quoted body the places count the doubled quotes', () => {
    const quoted = `CREATE FUNCTION f(n int) RETURNS void LANGUAGE 'plpgsql' AS 'BEGIN UPDATE a SET b = ''it'' WHERE c = n; END';`;
    const [query] = inside(quoted);
    expect(query?.sql).toBe("UPDATE a SET b = 'it' WHERE c = $1");
    expect(written(quoted, query as Query)).toBe("UPDATE a SET b = ''it'' WHERE c = n");
    expect(quoted.slice(hostOffset(query?.segments ?? [], query?.sql.indexOf('c =') ?? 0)).startsWith('c = n')).toBe(true);
  });

  test('a trigger function knows NEW and OLD; DO is PL/pgSQL; another language is passed over', () => {
    expect(
      sqlOf(`CREATE FUNCTION t() RETURNS trigger AS $$ BEGIN
        INSERT INTO log (id, op) VALUES (NEW.id, TG_OP); RETURN NEW; END $$ LANGUAGE plpgsql`),
    ).toEqual(['INSERT INTO log (id, op) VALUES ($1, $2)']);
    expect(sqlOf(`DO $$ BEGIN WHILE (SELECT count(*) FROM q) > 0 LOOP DELETE FROM q WHERE id = 1; END LOOP; END $$;`)).toEqual([
      'SELECT (SELECT count(*) FROM q) > 0',
      'DELETE FROM q WHERE id = 1',
    ]);
    expect(sqlOf(`DO LANGUAGE plpython3u $$ x = "SELECT 1" $$`)).toEqual([]);
  });

  test('a temporary table of its own, and a name in a place that is not understood: nothing is asked', () => {
    const made = inside('DO $$ BEGIN CREATE TEMP TABLE t AS SELECT 1 AS a; DELETE FROM t WHERE b = 1; DELETE FROM u; END $$');
    expect(made.map(({ sql, plannable }) => [sql, plannable])).toEqual([
      ['CREATE TEMP TABLE t AS SELECT 1 AS a', false],
      ['DELETE FROM t WHERE b = 1', false],
      ['DELETE FROM u', true],
    ]);
    const rows = Array.from({ length: 9 }, () => '(n)').join(', ');
    expect(
      inside(`CREATE FUNCTION f(n int) RETURNS void AS $$ BEGIN INSERT INTO t (a) VALUES ${rows}; END $$ LANGUAGE plpgsql`)[0],
    ).toMatchObject({
      plannable: false,
    });
  });
});

describe('SQL', () => {
  test('functions, also with BEGIN ATOMIC, know their parameters', () => {
    expect(
      sqlOf(`CREATE FUNCTION f(who text, double precision) RETURNS SETOF users LANGUAGE sql AS $$
        UPDATE users SET seen = now() WHERE name = who; SELECT * FROM users WHERE name = f.who AND score > $2 $$`),
    ).toEqual(['UPDATE users SET seen = now() WHERE name = $1', 'SELECT * FROM users WHERE name = $3 AND score > $2']);
    expect(sqlOf(`CREATE PROCEDURE p(id bigint) BEGIN ATOMIC DELETE FROM a WHERE a.id = p.id; DELETE FROM b; END;`)).toEqual([
      'DELETE FROM a WHERE a.id = $1',
      'DELETE FROM b',
    ]);
  });

  test('views, rules, PREPARE, cursors, EXPLAIN and COPY', () => {
    expect(
      sqlOf(`CREATE MATERIALIZED VIEW v (a, b) WITH (fillfactor = 70) AS SELECT a, b FROM t WITH NO DATA;
        CREATE RULE r AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (new.id);
        PREPARE q (int) AS SELECT a FROM t WHERE id = $1;
        DECLARE c CURSOR FOR SELECT b FROM t;
        EXPLAIN (ANALYZE, BUFFERS) SELECT c FROM t;
        COPY (SELECT d FROM t) TO STDOUT;`),
    ).toEqual([
      'SELECT a, b FROM t',
      'INSERT INTO log VALUES ($1)',
      'SELECT a FROM t WHERE id = $1',
      'SELECT b FROM t',
      'SELECT c FROM t',
      'SELECT d FROM t',
    ]);
  });

  test('the body of a trigger of SQLite', () => {
    expect(
      sqlOf(
        `CREATE TRIGGER tr AFTER UPDATE ON a WHEN new.x > 1 BEGIN
           UPDATE b SET n = CASE WHEN new.x > 2 THEN 1 ELSE 0 END WHERE id = old.id;
           SELECT RAISE(ABORT, 'no') WHERE new.x < 0;
         END;`,
        'sqlite',
      ),
    ).toEqual(['UPDATE b SET n = CASE WHEN ? > 2 THEN 1 ELSE 0 END WHERE id = ?']);
  });

  test('an interpolation in a body: nothing is read', () => {
    expect(withHoles('CREATE VIEW v AS SELECT a FROM {table}', 'postgres').queries.filter(({ within }) => within !== undefined)).toEqual(
      [],
    );
  });
});

describe("PostgreSQL's own parsers as judges", () => {
  beforeAll(() => loadModule());
  const bodies = [
    `DECLARE r record; n int := 0; BEGIN
      <<outer>> FOR r IN SELECT id, name FROM t WHERE id > n ORDER BY id LOOP
        n := n + 1; CONTINUE outer WHEN r.id = 3;
        INSERT INTO log (id, name) SELECT r.id, x.name FROM x WHERE x.id = r.id ON CONFLICT (id) DO UPDATE SET name = excluded.name;
      END LOOP outer;
    EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
      UPDATE t SET name = sqlerrm WHERE id = n RETURNING id INTO n;
    END`,
    `BEGIN
      CASE (SELECT kind FROM t WHERE id = 1) WHEN 1, 2 THEN DELETE FROM t; WHEN 3 THEN NULL; ELSE PERFORM pg_notify('a', 'b'); END CASE;
      IF a > 1 THEN RETURN QUERY WITH w AS (SELECT 1 AS v) SELECT v FROM w; ELSIF a = 0 THEN RETURN NEXT 4; ELSE RETURN; END IF;
      LOOP EXIT WHEN NOT EXISTS (SELECT FROM t WHERE id = a); a := a - 1; END LOOP;
      FOREACH a IN ARRAY ARRAY[1, 2] LOOP SELECT CASE WHEN id = 1 THEN 2 ELSE 3 END INTO STRICT a FROM t WHERE id = a; END LOOP;
      FOR i IN REVERSE 10..1 BY 2 LOOP UPDATE t SET name = 'x;y' WHERE id = i; END LOOP;
    END`,
    `DECLARE c CURSOR (k int) FOR SELECT id FROM t WHERE id = k; d refcursor; m t%ROWTYPE; BEGIN
      OPEN d FOR SELECT name FROM t; FETCH NEXT FROM d INTO m; CLOSE d;
      SELECT t.* INTO m FROM t WHERE t.id = 5 FOR UPDATE;
      BEGIN INSERT INTO t VALUES (m.id + 1, $q$it; BEGIN$q$); END;
      GET DIAGNOSTICS a = ROW_COUNT; RAISE NOTICE 'x % y; SELECT', a USING HINT = 'SELECT 1 FROM t;';
    END`,
  ];
  const queriesOf = (tree: unknown, statement = ''): string[] => {
    if (typeof tree !== 'object' || tree === null) return [];
    return Object.entries(tree).flatMap(([key, value]) => {
      if (key === 'PLpgSQL_expr') {
        const { query } = value as { query: string };
        return /execsql|fors|return_query|open/.test(statement) && /^(?:select|with|insert|update|delete)\b/i.test(query) ? [query] : [];
      }
      return queriesOf(value, key.startsWith('PLpgSQL_stmt') ? key : statement);
    });
  };
  const plain = (sql: string): string => sql.replace(/\s+/g, '').toLowerCase();
  test.each(bodies)('finds every query, and what is found is SQL: %#', (body) => {
    const text = `CREATE FUNCTION f(a int) RETURNS SETOF int LANGUAGE plpgsql AS $body$ ${body} $body$`;
    const found = inside(text);
    // Holes are numbered in the order they stand.
    const written = found.map(({ sql, holes }) => plain(sql.replace(/\$(\d+)/g, (_, number) => holes[Number(number) - 1]?.text ?? '')));
    const wanted = queriesOf(parsePlPgSQLSync(text)).map(plain);
    expect(wanted.length).toBeGreaterThan(1);
    expect(wanted.filter((query) => !written.includes(query))).toEqual([]);
    for (const { sql, plannable } of found) if (plannable) expect(() => parseSync(sql), sql).not.toThrow();
  });
});

describe('any body', () => {
  const words =
    `DECLARE BEGIN END IF THEN ELSE ELSIF LOOP FOR IN SELECT a INTO b FROM t WHERE x = v ; , ( ) [ ] := = . .. << >> || EXECUTE format( 'DELETE FROM %I' '' USING
    RETURN QUERY PERFORM OPEN CURSOR WHILE CASE WHEN EXISTS NEW . id $1 RAISE INSERT UPDATE SET VALUES REVERSE ARRAY FOREACH $q$ 'it''s' E'\\n' -- 1`.split(
      /\s+/,
    );
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((all) => all.join(' '));
  test('no exception, places inside the file', () => {
    fc.assert(
      fc.property(
        soup,
        fc.constantFrom(
          'DO $$',
          "DO '",
          'CREATE FUNCTION f(v int, a text) RETURNS t LANGUAGE sql AS $$',
          'CREATE FUNCTION f(v int) RETURNS t LANGUAGE plpgsql AS $$',
          'CREATE TRIGGER t AFTER INSERT ON a BEGIN',
          'CREATE VIEW v AS',
        ),
        (body, head) => {
          const text = `${head} ${body} ${head.endsWith("'") ? "'" : head.endsWith('$$') ? '$$' : 'END'};`;
          for (const query of queriesIn(text, head.includes('TRIGGER') ? 'sqlite' : 'postgres')) {
            expect(query.span.start).toBeGreaterThanOrEqual(0);
            expect(query.span.end).toBeLessThanOrEqual(text.length);
            expect(query.span.start).toBeLessThanOrEqual(query.span.end);
            let last = -1;
            for (const { sqlStart, hostStart, hostEnd } of query.segments) {
              expect(sqlStart).toBeGreaterThanOrEqual(last);
              expect(hostStart).toBeLessThanOrEqual(hostEnd);
              expect(hostEnd).toBeLessThanOrEqual(text.length);
              last = sqlStart;
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
  test('linear: a long body', () => {
    const body = Array.from({ length: 2000 }, (_, index) => `UPDATE t SET a = v${index} WHERE b = v;`).join('\n');
    expect(inside(`CREATE FUNCTION f(v int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`)).toHaveLength(2000);
  });
});
