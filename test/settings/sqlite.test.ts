/** What is said of SQLite, asked of SQLite. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { nearestName } from '../../server/analysis/catalogues/nearest.ts';
import { amountsIn, describeBytes, unitNamed } from '../../server/analysis/catalogues/sizes.ts';
import { sqliteDrivers } from '../../server/analysis/catalogues/sqlite-drivers.ts';
import { largestMmap, pragmaNames, pragmaValues } from '../../server/analysis/catalogues/sqlite-pragmas.ts';

const folder = mkdtempSync(join(tmpdir(), 'tunelens-pragmas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
type Sqlite = InstanceType<typeof Database>;
let number = 0;
function database(): Sqlite {
  const db = new Database(join(folder, `${number++}.db`));
  db.exec('CREATE TABLE t (a)');
  return db;
}
const asked = (db: Sqlite, name: string): unknown => db.pragma(name, { simple: true });

describe('pragmas', () => {
  it('are those of the bundled SQLite', () => {
    const db = database();
    const names = (db.pragma('pragma_list') as { name: string }[]).map((row) => row.name);
    expect(names.filter((name) => !pragmaNames.has(name))).toEqual([]);
    expect(() => db.pragma('jornal_mode = wal')).not.toThrow();
    db.close();
  });

  it('that are on or off turn off with any other word', () => {
    for (const [name, values] of Object.entries(pragmaValues)) {
      if (values.otherwise !== 'turns it off' || name === 'case_sensitive_like' || name === 'cache_spill' || name === 'secure_delete')
        continue;
      const db = database();
      db.pragma(`${name} = on`);
      expect(asked(db, name), name).toBe(1);
      db.pragma(`${name} = enabled`);
      expect(asked(db, name), name).toBe(0);
      db.close();
    }
  });

  it.each([
    ['synchronous', 'full', 'fulll', 1],
    ['temp_store', 'memory', 'ram', 0],
    ['journal_mode', 'wal', 'wall', 'wal'],
    ['locking_mode', 'exclusive', 'exclusiv', 'exclusive'],
    ['cache_size', '-8000', "'64MB'", 64],
    ['mmap_size', '4096', "'256MB'", 256],
    ['busy_timeout', '5000', "'5s'", 5],
  ])('%s = %s, then %s', (name, good, bad, after) => {
    const db = database();
    db.pragma(`${name} = ${good}`);
    db.pragma(`${name} = ${bad}`);
    expect(asked(db, name)).toBe(after);
    db.close();
  });

  it('refuse a number with a unit', () => {
    const db = database();
    expect(() => db.pragma('cache_size = 64MB')).toThrow(/unrecognized token/);
    db.close();
  });

  it('map no more than the limit', () => {
    const db = database();
    expect(db.pragma('mmap_size = 2147483648', { simple: true })).toBe(largestMmap);
    expect(db.pragma(`mmap_size = ${largestMmap}`, { simple: true })).toBe(largestMmap);
    db.close();
  });

  it('count pages when positive and KiB when negative', () => {
    const db = database();
    db.pragma('cache_size = 10000');
    expect(asked(db, 'cache_size')).toBe(10000);
    expect(asked(db, 'page_size')).toBe(4096);
    db.close();
  });
});

describe('drivers', () => {
  it('wait as the table says', () => {
    const ours = new Database(':memory:');
    expect(asked(ours, 'busy_timeout')).toBe(sqliteDrivers['node:better-sqlite3']?.busyTimeout);
    ours.close();
    const theirs = new DatabaseSync(':memory:');
    expect(theirs.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: sqliteDrivers['node:sqlite']?.busyTimeout });
    theirs.close();
  });
});

describe('words of people', () => {
  it.each([
    ['10 MB', [10 * 1024 ** 2]],
    ['about 1.5GiB of it', [1.5 * 1024 ** 3]],
    ['20,000 pages, 80MB', [80 * 1024 ** 2]],
    ['64-MB and 8 kilobytes', [64 * 1024 ** 2, 8192]],
    ['5 mbps, 3 minutes, 12MBx', []],
  ])('%s', (text, bytes) => {
    expect(amountsIn(text).map((amount) => amount.bytes)).toEqual(bytes);
  });
  it.each([
    ['cache size (in KB)', 1024],
    ['in megabytes', 1024 ** 2],
    ['(kb)', 1024],
    ['in a big table', undefined],
    ['in KB, not in MB', undefined],
  ])('%s', (text, bytes) => {
    expect(unitNamed(text)?.bytes).toBe(bytes);
  });
  it('are written as they are read', () => {
    expect([512, 1536, 8 * 1024 ** 3, 62.5 * 1024 ** 2].map(describeBytes)).toEqual(['512 B', '1.5 KB', '8 GB', '62.5 MB']);
  });
  it.each([
    ['jornal_mode', 'journal_mode'],
    ['synchronus', 'synchronous'],
    ['cachesize', 'cache_size'],
    ['tempstore', 'temp_store'],
    ['busy_time', undefined],
    ['colour', undefined],
    ['xyz', undefined],
  ])('%s means %s', (written, meant) => {
    expect(nearestName(written, pragmaNames)).toBe(meant);
  });
});
