import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTestPath, namePath, typeName, wordsOf } from '../../server/analysis/calls/paths.ts';

describe('the names of a called expression', () => {
  test.each([
    ['self.db.execute', 'self.db.execute'],
    ['await (await pool.connect()).query', 'pool.connect.query'],
    ['this.redis!.get', 'this.redis.get'],
    ['conn.lock()?.execute', 'conn.lock.execute'],
    ['sqlx::query_as::<_, User>', 'sqlx::query_as'],
    ['rows[0].user.save', 'rows.user.save'],
    ['new Database', 'Database'],
    ['policies.await.iter', 'policies.iter'],
  ])('%s', (written, names) => {
    expect(namePath(written)).toBe(names);
  });
});

describe('the name a type comes down to', () => {
  test.each([
    ['*store.Store', 'store.Store'],
    ['(*User, error)', 'User'],
    ["Option<&'a Arc<Store>>", 'Store'],
    ['Promise<Repo[] | null>', 'Repo'],
    ['list[Customer]', 'Customer'],
    ['-> Vec<Self>', 'Self'],
    ['"Session"', 'Session'],
    ['map[string][]*Job', 'Job'],
    ['Result<Option<Memory>, Error>', 'Memory'],
  ])('%s', (written, name) => {
    expect(typeName(written)).toBe(name);
  });
  test.each(['string', 'usize', 'Promise<void>', '() => void', '', '{ a: 1 }'])('%s is none', (written) => {
    expect(typeName(written)).toBeUndefined();
  });
});

test('paths of tests', () => {
  for (const path of ['tests/db.py', 'pkg/store_test.go', 'src/a.test.ts', 'test_x.py', 'app/__mocks__/db.ts', 'conftest.py'])
    expect(isTestPath(path), path).toBe(true);
  for (const path of ['src/contest.py', 'src/latest/db.py', 'attestation.go', 'src/protest.ts']) expect(isTestPath(path), path).toBe(false);
});

test('words of a name', () => {
  expect(wordsOf('shutdownManager')).toEqual(['shutdown', 'manager']);
  expect(wordsOf('media_file_repository')).toEqual(['media', 'file', 'repository']);
});

test('any text has names and at most one type', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      expect(namePath(text)).not.toMatch(/[\s([{]/);
      expect(typeof (typeName(text) ?? '')).toBe('string');
    }),
  );
});
