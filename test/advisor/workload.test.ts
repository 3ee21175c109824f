import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../server/analysis/advisor/fingerprint.ts';
import { upkeepOf, writesOf } from '../../server/analysis/advisor/upkeep.ts';
import { readWorkload } from '../../server/analysis/advisor/workload.ts';
import { parseStatements } from '../../server/analysis/sql/parse.ts';

const read = (text: string) => {
  const { format, entries } = readWorkload(text.split('\n'));
  return { format, entries: [...entries].map(({ line, ...entry }) => entry) };
};

describe('pg_stat_statements', () => {
  test('CSV with quotes, line ends in a statement, and columns in any order', () => {
    const text = 'calls,total_exec_time,query,rows\n10,25.5,"SELECT ""a""\nFROM t WHERE b = $1",3\n2,4,UPDATE t SET a = $1,2\n';
    expect(read(text)).toEqual({
      format: 'pg_stat_statements',
      entries: [
        { sql: 'SELECT "a"\nFROM t WHERE b = $1', calls: 10, milliseconds: 25.5 },
        { sql: 'UPDATE t SET a = $1', calls: 2, milliseconds: 4 },
      ],
    });
  });
  test('the names of versions before 13, other separators, a mean instead of a total', () => {
    expect(read('query;calls;total_time\nSELECT 1;2;3').entries).toEqual([{ sql: 'SELECT 1', calls: 2, milliseconds: 3 }]);
    expect(read('query\tcalls\tmean_exec_time\nSELECT a, b\t4\t0.5').entries).toEqual([{ sql: 'SELECT a, b', calls: 4, milliseconds: 2 }]);
  });
  test('JSON: a list, rows of an object, an object a line', () => {
    const rows = [{ query: 'SELECT 1', calls: 3, total_exec_time: 6 }];
    for (const text of [JSON.stringify(rows), JSON.stringify({ rows }, undefined, 2), rows.map((row) => JSON.stringify(row)).join('\n')])
      expect(read(text)).toEqual({ format: 'json', entries: [{ sql: 'SELECT 1', calls: 3, milliseconds: 6 }] });
  });
});

describe('PostgreSQL logs', () => {
  test('stderr: statements, prepared ones with their values, auto_explain; no parse, no bind, no error', () => {
    const text = [
      '2026-11-20 10:00:00.123 UTC [42] app@shop LOG:  duration: 12.500 ms  statement: SELECT *',
      '\tFROM orders',
      '\tWHERE id = 7;',
      '2026-11-20 10:00:01 UTC [42] app@shop LOG:  duration: 0.100 ms  parse <unnamed>: SELECT 1 FROM a WHERE b = $1',
      '2026-11-20 10:00:01 UTC [42] app@shop LOG:  duration: 3.000 ms  execute <unnamed>: SELECT 1 FROM a WHERE b = $1 AND c = $2',
      "2026-11-20 10:00:01 UTC [42] app@shop DETAIL:  Parameters: $1 = 'it''s', $2 = NULL",
      '2026-11-20 10:00:02 UTC [42] app@shop ERROR:  relation "x" does not exist',
      '2026-11-20 10:00:02 UTC [42] app@shop STATEMENT:  SELECT * FROM x',
      '2026-11-20 10:00:03 UTC [42] app@shop LOG:  duration: 7.000 ms  plan:',
      '\tQuery Text: SELECT count(*)',
      '\tFROM orders',
      '\tAggregate  (cost=1.00..2.00 rows=1 width=8)',
      '\t  ->  Seq Scan on orders  (cost=0.00..1.00 rows=1 width=0)',
      '2026-11-20 10:00:04 UTC [7] LOG:  checkpoint starting: time',
      '2026-11-20 10:00:05 UTC [42] app@shop LOG:  statement: DELETE FROM orders WHERE id = 9',
    ].join('\n');
    expect(read(text)).toEqual({
      format: 'postgres log',
      entries: [
        { sql: 'SELECT *\nFROM orders\nWHERE id = 7;', calls: 1, milliseconds: 12.5 },
        { sql: "SELECT 1 FROM a WHERE b = 'it''s' AND c = NULL", calls: 1, milliseconds: 3 },
        { sql: 'SELECT count(*)\nFROM orders', calls: 1, milliseconds: 7 },
        { sql: 'DELETE FROM orders WHERE id = 9', calls: 1 },
      ],
    });
  });
  test('csvlog and jsonlog', () => {
    const message = 'duration: 5.5 ms  statement: SELECT ""a"",\n 1 FROM t';
    const csv = `2026-11-20 10:00:00.123 UTC,"app","shop",42,"127.0.0.1:5",abc,1,"SELECT",2026-11-20 09:00:00 UTC,3/4,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0\n`;
    expect(read(csv)).toEqual({ format: 'postgres csvlog', entries: [{ sql: 'SELECT "a",\n 1 FROM t', calls: 1, milliseconds: 5.5 }] });
    const json = JSON.stringify({ timestamp: 'x', message: 'duration: 2 ms  execute s1: SELECT $1', detail: "Parameters: $1 = '4'" });
    expect(read(json).entries).toEqual([{ sql: "SELECT '4'", calls: 1, milliseconds: 2 }]);
  });
});

describe('files around SQLite', () => {
  test('a log with a time before or behind each statement', () => {
    expect(
      read(
        '[app] slow query (12.5 ms): SELECT a\n  FROM t WHERE b = ?\n[app] other line\n[app] slow query (2 s): DELETE FROM t WHERE b = 1',
      ),
    ).toEqual({
      format: 'timed log',
      entries: [
        { sql: 'SELECT a\n  FROM t WHERE b = ?', calls: 1, milliseconds: 12.5 },
        { sql: 'DELETE FROM t WHERE b = 1', calls: 1, milliseconds: 2000 },
      ],
    });
    expect(read('10:01 INFO SELECT a FROM t -- 340 µs').entries).toEqual([{ sql: 'SELECT a FROM t', calls: 1, milliseconds: 0.34 }]);
    expect(read('time=3ms sql="SELECT a FROM t" rows=2').entries).toEqual([{ sql: 'SELECT a FROM t', calls: 1, milliseconds: 3 }]);
  });
  test('scripts with notes, and the shell with its timer on', () => {
    expect(read("-- calls: 20, mean: 1.5 ms\nSELECT ';' FROM t;\nSELECT 2 FROM t; -- 4 ms\n")).toEqual({
      format: 'sql',
      entries: [
        { sql: "SELECT ';' FROM t", calls: 20, milliseconds: 30 },
        { sql: 'SELECT 2 FROM t', calls: 1, milliseconds: 4 },
      ],
    });
    expect(read('.timer on\nSELECT a FROM t;\nRun Time: real 0.250 user 0.1 sys 0.0\n').entries).toEqual([
      { sql: 'SELECT a FROM t', calls: 1, milliseconds: 250 },
    ]);
  });
});

test('no text makes a reader fail', () => {
  const word = fc.constantFrom(
    'SELECT a FROM t',
    '"',
    "'",
    ',',
    ';',
    '\t',
    'LOG:  ',
    'duration: 1 ms  ',
    'statement: ',
    '{',
    '[',
    '}',
    'query,calls',
    '12 ms',
    '--',
    '/*',
    '$1',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(fc.array(fc.oneof(word, fc.string({ maxLength: 6 })), { maxLength: 8 }), { maxLength: 12 }), (rows) => {
      for (const entry of readWorkload(rows.map((row) => row.join(''))).entries) {
        expect(entry.calls).toBeGreaterThanOrEqual(0);
        if (entry.milliseconds !== undefined) expect(Number.isFinite(entry.milliseconds)).toBe(true);
      }
    }),
    { numRuns: 500, seed: 3 },
  );
});

describe('one statement, called twice', () => {
  const same = (one: string, other: string) => expect(fingerprint(one, 'postgres')).toBe(fingerprint(other, 'postgres'));
  test('values, lists, letter case and white space do not matter', () => {
    same("SELECT a FROM t WHERE b = 1 AND c IN (1, 2, 3) AND d = 'x'", 'select a\n from T where b = $1 AND c in ($2) and d = $3;');
    same('INSERT INTO t (a, b) VALUES (1, 2), (3, 4)', 'INSERT INTO t (a, b) VALUES ($1, $2)');
    same('SELECT a FROM t WHERE b = -1 LIMIT 5', 'SELECT a FROM t WHERE b = $1 LIMIT $2');
  });
  test('columns and tables do', () => {
    expect(fingerprint('SELECT a FROM t', 'postgres')).not.toBe(fingerprint('SELECT b FROM t', 'postgres'));
    expect(fingerprint('SELECT "A" FROM t', 'postgres')).not.toBe(fingerprint('SELECT a FROM t', 'postgres'));
  });
});

describe('what writes pay', () => {
  const pay = (sql: string, candidate: Parameters<typeof upkeepOf>[0], rows = 1) => {
    const [parsed] = parseStatements(sql, [], 'postgres');
    if (parsed === undefined) throw new Error('no statement');
    const writes = writesOf(parsed.statement).map((write) => ({ ...write, rows: write.rows ?? rows, weight: 1 }));
    return upkeepOf(candidate, 8192 * 100, writes, 'postgres');
  };
  const onStatus = { table: 'Orders', keys: [{ column: 'status', descending: false }], include: ['note'] };
  test('only those that touch what the index holds', () => {
    expect(pay('UPDATE orders SET total = 1 WHERE id = 2', onStatus)).toBe(0);
    expect(pay("UPDATE orders SET note = '' WHERE id = 2", onStatus)).toBeGreaterThan(0);
    expect(pay('INSERT INTO other (a) VALUES (1)', onStatus)).toBe(0);
    expect(pay('SELECT * FROM orders', onStatus)).toBe(0);
    expect(pay('INSERT INTO orders (id) VALUES (1), (2), (3)', onStatus)).toBeCloseTo(
      3 * pay('INSERT INTO orders (id) VALUES (1)', onStatus),
    );
    expect(pay('WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone', onStatus, 10)).toBeGreaterThan(0);
  });
  test('a partial index is written to less, one of many entries a row more', () => {
    const insert = 'INSERT INTO orders (id) VALUES (1)';
    expect(pay(insert, { ...onStatus, where: 'status IS NULL' })).toBeLessThan(pay(insert, onStatus));
    expect(pay(insert, { ...onStatus, method: 'gin' })).toBeGreaterThan(pay(insert, onStatus));
  });
});
