/** Snapshot files: what is written is read back the same, and what somebody broke is told in one sentence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../server/engines/engine.ts';
import { SnapshotError } from '../../server/workspace/snapshot-values.ts';
import { formatSnapshot, parseSnapshot, readSnapshotFile } from '../../server/workspace/snapshots.ts';

const postgres: Snapshot = {
  engine: 'postgres',
  label: 'postgres@db.internal:5432/shop',
  version: '18.4',
  ddl: [
    'CREATE TABLE public.orders (\n  id bigint NOT NULL,\n  state text\n)',
    'CREATE INDEX orders_state ON public.orders USING btree (state)',
  ],
  tables: [{ table: 'orders', rows: 120_000, bytes: 9_830_400, analyzedAt: '2026-11-20T10:00:00Z' }],
  planner: {
    relations: [
      { schema: 'public', name: 'orders', kind: 'r', pages: 1_200, rows: 120_000, allVisible: 1_100, actualPages: 1_210 },
      { schema: 'public', name: 'orders_state', kind: 'i', pages: 105, rows: 120_000, allVisible: 0, height: 1 },
      {
        schema: 'public',
        name: 'orders_tags',
        kind: 'i',
        pages: 9,
        rows: 120_000,
        allVisible: 0,
        gin: { pages: 9, entryPages: 2, dataPages: 5, pendingPages: 0, entries: 77 },
      },
    ],
    columns: [
      {
        schemaname: 'public',
        tablename: 'orders',
        attname: 'id',
        inherited: false,
        null_frac: 0,
        avg_width: 8,
        n_distinct: -1,
        histogram_bounds: '{1,60000,120000}',
        correlation: 1,
      },
      {
        schemaname: 'public',
        tablename: 'orders',
        attname: 'state',
        inherited: false,
        null_frac: 0,
        avg_width: 5,
        n_distinct: 2,
        most_common_vals: '{done,secret}',
        most_common_freqs: '{0.9,0.1}',
        correlation: 0.8,
      },
    ],
    extended: [{ schema: 'public', name: 's', inherited: false, distinct: { '["id","state"]': 120_000 }, common: 'c2' }],
    settings: { random_page_cost: '1.1', work_mem: '65536kB' },
    searchPath: '"$user", public',
    byteOrder: false,
  },
};
const sqlite: Snapshot = {
  engine: 'sqlite',
  label: 'data/app.db',
  version: '3.53.0',
  ddl: ['CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)', 'CREATE INDEX tb ON t (b)'],
  tables: [{ table: 't', rows: 500 }],
  planner: {
    pageSize: 4096,
    pageCount: 9,
    sizes: [{ name: 't', pages: 4 }],
    stat1: [{ tbl: 't', idx: 'tb', stat: '500 10' }],
    stat4: [{ tbl: 't', idx: 'tb', neq: '10 1', nlt: '0 0', ndlt: '0 0', sample: '030F0973656372657401' }],
    columns: [{ table: 't', column: 'b', distinct: 50, bytes: 6 }],
  },
};
const written = (snapshot: Snapshot, values = true): string => formatSnapshot(snapshot, { values, database: 'shop' });
const fault = (text: string): string => {
  try {
    parseSnapshot(text, 'stats.json');
  } catch (error) {
    expect(error).toBeInstanceOf(SnapshotError);
    return (error as Error).message;
  }
  throw new Error('taken for a snapshot');
};

describe('a snapshot file', () => {
  test('is read back as it was written', () => {
    for (const snapshot of [postgres, sqlite]) {
      const back = parseSnapshot(written(snapshot), 'stats.json');
      expect(back).toEqual({ ...snapshot, label: 'stats.json', tables: snapshot.tables.map(({ analyzedAt: _, ...rest }) => rest) });
      expect(written(back)).toBe(written(snapshot));
    }
  });

  test('has one fact a line, and tells neither when nor where', () => {
    const text = written(postgres);
    expect(text).toContain('\n   "  state text",\n');
    expect(text).toContain(
      '\n   {"schema":"public","name":"orders_state","kind":"i","pages":105,"rows":120000,"allVisible":0,"height":1},\n',
    );
    expect(text).toContain('\n    "most_common_vals": "{done,secret}",\n');
    expect(text).not.toMatch(/2026-11-20|db\.internal|5432/);
  });

  test('holds no value of a row where none are wanted', () => {
    for (const snapshot of [postgres, sqlite]) {
      const text = written(snapshot, false);
      expect(text).not.toMatch(/secret|736563726574|60000|"common"/);
      expect(parseSnapshot(text).tables[0]?.rows).toBe(snapshot.tables[0]?.rows);
    }
    expect(written(postgres, false)).toContain('"most_common_freqs": "{0.9,0.1}"');
  });

  test('of another kind, version or shape is refused in one sentence', () => {
    expect(fault('')).toBe('stats.json is empty: write it with `tunelens stats URL`');
    expect(fault('{"a": ')).toMatch(/^stats\.json ends in the middle: /);
    expect(fault('SELECT 1')).toMatch(/^stats\.json is no JSON \(/);
    for (const other of ['[]', 'null', '3', '{}', '{"format":"x"}']) expect(fault(other)).toMatch(/^stats\.json is no snapshot: /);
    expect(fault(written(postgres).replace('"formatVersion": 1', '"formatVersion": 2'))).toMatch(
      /^stats\.json is of format version 2, this TuneLens reads 1: /,
    );
    expect(fault(written(postgres).replace('"engine": "postgres"', '"engine": "oracle"'))).toMatch(
      /no valid engine \(it must be "sqlite" or "postgres"\)/,
    );
    expect(fault(written(postgres).replace('"pages":1200', '"pages":"many"'))).toMatch(
      /no valid planner\.relations\[0\]\.pages \(it must be a number/,
    );
    expect(fault(written(postgres).replace('"null_frac": 0', '"null_frac": -3'))).toMatch(/no valid planner\.columns\[0\]\.null_frac/);
    expect(fault(written(sqlite).replace('500 10', 'lots'))).toMatch(/no valid stat of a line of stat1/);
    expect(fault(written(sqlite).replace('030F', 'zz'))).toMatch(/no valid sample/);
    expect(fault(written(sqlite).replace('"ddl": [', '"ddl": [7,'))).toMatch(/no valid ddl\[0\]/);
  });

  test('cut off anywhere is refused, never half taken', () => {
    const text = written(postgres);
    for (let end = 0; end < text.trimEnd().length; end += 7) expect(fault(text.slice(0, end)).split('\n')).toHaveLength(1);
  });

  test('that is not there, or no file, says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tunelens-snapshots-'));
    expect(() => readSnapshotFile(join(folder, 'none.json'), 'none.json')).toThrow(/^none\.json does not exist: write it with/);
    expect(() => readSnapshotFile(folder, 'here')).toThrow(/^here is a folder/);
    writeFileSync(join(folder, 'stats.json'), `\uFEFF${written(sqlite)}`);
    expect(readSnapshotFile(join(folder, 'stats.json'), 'stats.json').engine).toBe('sqlite');
    rmSync(folder, { recursive: true });
  });
});

/** Any part of a value exchanged for something else. */
function mutate(value: unknown, path: readonly number[], other: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return other;
  const member = mutate((value as Record<string, unknown>)[key], rest, other);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? member : item));
  return { ...value, [key]: member };
}

describe('whatever the file holds', () => {
  const taken = (text: string): void => {
    let snapshot: Snapshot;
    try {
      snapshot = parseSnapshot(text, 'stats.json');
    } catch (error) {
      expect(error).toBeInstanceOf(SnapshotError);
      expect((error as Error).message).toMatch(/^stats\.json [^\n]+$/);
      return;
    }
    // What was taken can be written and is then the same again.
    expect(parseSnapshot(formatSnapshot(snapshot, { values: true, database: 'x' }), 'stats.json')).toEqual(snapshot);
  };
  test('texts', () => fc.assert(fc.property(fc.string(), taken)));
  test('dumps', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => taken(`${before}\nSELECT pg_restore_relation_stats('relname', ${after}`)),
    ));
  test('JSON', () => fc.assert(fc.property(fc.json(), taken)));
  test('a snapshot with one value exchanged', () => {
    const strange = fc.oneof(fc.jsonValue(), fc.constantFrom(null, -1, 1e300, '', [], {}, '__proto__', { __proto__: null }));
    fc.assert(
      fc.property(fc.constantFrom(postgres, sqlite), fc.array(fc.nat(20), { maxLength: 5 }), strange, (snapshot, path, other) =>
        taken(JSON.stringify(mutate(JSON.parse(written(snapshot)), path, other))),
      ),
      { numRuns: 500 },
    );
  });
});
