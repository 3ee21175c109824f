/** PostgreSQL's own parser judges ours. */
import { loadModule, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseStatements } from '../../server/analysis/sql/parse.ts';
import type { Statement } from '../../server/analysis/sql/statement.ts';
import { beyondTheModel, moreRelations, postgresCorpus } from './corpus-postgres.ts';
import { relationsOf, whole } from './support.ts';

beforeAll(loadModule);

/** Relation names in the oracle's tree: every RangeVar that is not a common table. */
function relationsOfOracle(tree: unknown): Set<string> {
  const names = new Set<string>();
  const common = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) walk(item);
    else if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) {
        if (typeof value === 'object' && value !== null && 'relname' in value && typeof value.relname === 'string')
          names.add(value.relname);
        if (key === 'ctename' && typeof value === 'string') common.add(value);
        walk(value);
      }
    }
  };
  walk(tree);
  for (const name of common) names.delete(name);
  return names;
}

/** Statements the model tells by their verb only: their relations are not promised. */
const onlyVerb = (statement: Statement): boolean => statement.kind === 'other' && statement.inner === undefined;

describe('what PostgreSQL accepts, we understand', () => {
  test.each(postgresCorpus.map((sql) => ({ sql })))('$sql', ({ sql }) => {
    const tree = parseSync(sql);
    // Comments nest on PostgreSQL only.
    for (const dialect of sql.includes('/* nested') ? (['postgres'] as const) : (['postgres', 'unknown'] as const)) {
      const statements = parseStatements(sql, whole(sql), dialect);
      expect(statements).toHaveLength(1);
      const [found] = statements;
      if (found === undefined) return;
      expect(found.statement.complete, `complete as ${dialect}`).toBe(!beyondTheModel.has(sql));
      const sorted = (names: Iterable<string>): string[] => [...names].sort();
      if (onlyVerb(found.statement) || beyondTheModel.has(sql) || moreRelations.has(sql)) continue;
      expect(sorted(relationsOf(found.statement))).toEqual(sorted(relationsOfOracle(tree)));
    }
  });
});

describe('what PostgreSQL refuses as it stands, we call incomplete', () => {
  test.each([
    'select *,',
    'select * from',
    'select a from t where',
    'select a from t where a =',
    'select a, from t',
    'select a from t order by',
    'select (1',
    'select 1)',
    'select a b c from t',
    'select * from t join u on',
    'insert into',
    'insert into t',
    'insert into t (a, b)',
    'insert into t (a, b) values',
    'insert into t values (1',
    'update t',
    'update t set',
    'update t set a',
    'update t set a =',
    'delete t',
    'delete from',
    'create table',
    'create table t',
    'create table t (',
    'create table t (a int,',
    'create table t (a int b)',
    'create index on',
    'create index on t',
    'create index i on t (',
    'create index i on t ()',
    'alter table t',
    'alter table t add',
    'drop table',
    'set work_mem =',
    "select 'open",
    'select "open',
    'select a from t limit',
    'with x as select 1 select 2',
    'with x as (select 1)',
    'select case when a then b',
    'select cast(a)',
    'select a between 1',
    'select a in (',
    'select count( from t',
    'select * fom t where a = 1',
    'select from where',
  ])('%s', (sql) => {
    let accepted = true;
    try {
      parseSync(sql);
    } catch {
      accepted = false;
    }
    const statements = parseStatements(sql, whole(sql), 'postgres');
    expect(statements.every(({ statement }) => statement.complete === true)).toBe(accepted);
  });
});
