/** SQLite itself judges the parser: what it can prepare we understand, and to the same tables. */
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { parseStatements } from '../../server/analysis/sql/parse.ts';
import { whole } from './support.ts';

const database = new Database(':memory:');
database.exec(`create table t (id integer primary key, a, b text, c real, d, name text collate nocase, data text);
create table u (id integer primary key, t_id integer references t (id), a, b);
create index t_a on t (a); create view v as select * from t;
create virtual table docs using fts5 (title, body); create virtual table boxes using rtree (id, x0, x1)`);
afterAll(() => void database.close());

const corpus = String.raw`
select * from t where a = ?1 and b = :b and c = @c and d = $d
;;
select [a], "b", ${'`'}c${'`'}, 'text' as 'label', x'00ff', 1e3, 0x10, .5 from [t] where "a" = 'x'
;;
select a -> '$.x', data ->> '$.y', a || b || 'x', a == b, a <> b, a is b, a is not null, a isnull, b notnull, b not null from t
;;
select * from t where name like 'x%' escape '\' and b glob 'a*' and not b regexp 'x' or b not glob 'c*'
;;
select * from t indexed by t_a where a = 1
;;
select * from t not indexed where a = 1
;;
select * from docs where docs match 'hello' order by rank limit 10
;;
select * from docs('hello')
;;
select * from t, json_each(t.data) as e where e.value = 1
;;
select count(*) filter (where a > 1), group_concat(b, ','), total(c), sum(a) over (partition by b order by c rows between 1 preceding and current row exclude ties) from t group by b having count(*) > 1
;;
select * from t left join u using (id) natural join v cross join u as x on x.id = t.id
;;
select a from t union all select b from u except select 3 intersect select 4 order by 1 limit 5 offset 2
;;
select * from t order by a collate nocase desc nulls last limit 5, 10
;;
select case a when 1 then 'x' else 'y' end, cast(a as integer), cast(b as unsigned big int), iif(a, b, c), (select max(id) from u) from t
;;
select * from (select 1 as x) as s, (values (1), (2)) as w
;;
with recursive n(x) as (select 1 union all select x + 1 from n where x < 10), m as not materialized (select 2) select * from n, m
;;
values (1, 2), (3, 4)
;;
select a in (1, 2), a in (), a not in (select id from u), a in u, (a, b) = (1, 2), (a, b) in (select a, b from u) from t
;;
select a between 1 and 2 and b, not a = b, -a, +a, ~a, a % 2, a << 1, a & b | c from t
;;
select exists (select 1 from u where u.t_id = t.id) from t
;;
select main.t.a, t.* from main.t
;;
select key, plan, query, rowid, _rowid_ from (select 2 as key, 3 as plan, 4 as query, 5 as rowid, 6 as _rowid_)
;;
select current_timestamp, datetime('now', '-7 days'), strftime('%Y', 'now'), unixepoch()
;;
insert into t (a, b) values (?, ?), (1, 'x')
;;
insert or replace into t (id, a) values (1, 2)
;;
insert or ignore into main.t default values
;;
replace into t (id, a) select id, a from u
;;
insert into t (id, a) values (1, 2) on conflict (id) do update set a = excluded.a where t.a < 5 on conflict do nothing returning id, a as x
;;
insert into t (a) with w as (select 1) select * from w
;;
insert into t as x (id) values (1) on conflict (id) do nothing
;;
update t set a = 1, (b, c) = (select 1, 2) where id = 1 returning *
;;
update or ignore t as x set a = u.a from u join v on v.id = u.id where u.t_id = x.id
;;
delete from t where id in (select t_id from u) returning id
;;
with x as (select 1 as id) delete from t where id in (select id from x)
;;
create table if not exists n1 (id integer primary key autoincrement, a text not null on conflict ignore default 'x' unique on conflict replace, b int default (1 + 2) check (b > 0), c references t (id) on delete set null on update cascade match full deferrable initially deferred, d varchar(10) collate nocase, e as (a || b) stored, f generated always as (b * 2) virtual, g, constraint k unique (a, b), check (a <> b), foreign key (c) references t)
;;
create table n2 (a, b, primary key (a desc, b collate nocase) on conflict rollback) without rowid, strict
;;
create table n3 (a int, b double precision, c unsigned big int, d varying character(255), "e f" [weird type] ) strict
;;
create table n4 as select * from t
;;
create temp table n5 (a)
;;
create virtual table n6 using fts5 (title, body unindexed, tokenize = 'porter ascii', content = '')
;;
create virtual table n7 using rtree (id, minx, maxx, +label text)
;;
create unique index if not exists main.n8 on t (a collate nocase desc, lower(b), data ->> '$.x') where a is not null and b > 1
;;
create index n9 on t (a asc, b)
;;
create view if not exists n10 (x, y) as select a, b from t
;;
create trigger n11 after update of a, b on t for each row when new.a <> old.a begin update u set a = new.a where t_id = new.id; insert into u (a) values (case when new.a > 1 then 2 else 3 end); select raise(abort, 'no') where new.b is null; end
;;
create temp trigger n12 instead of insert on v begin select 1; end
;;
alter table t rename to t2
;;
alter table t rename column a to aa
;;
alter table t add column z text default 'x' references u (id)
;;
alter table t add zz integer not null default 0
;;
alter table t drop column d
;;
drop table if exists main.absent
;;
drop index if exists t_a
;;
drop view if exists v
;;
drop trigger if exists n11
;;
pragma journal_mode = wal
;;
pragma main.cache_size(-2000)
;;
pragma table_info('t')
;;
pragma synchronous
;;
pragma busy_timeout = 5000
;;
pragma optimize
;;
explain query plan select * from t
;;
explain select * from t
;;
begin immediate
;;
commit
;;
savepoint s
;;
release savepoint s
;;
vacuum
;;
analyze t
;;
reindex t_a
;;
attach database ':memory:' as other
;;
select a from t where a > (select avg(a) from t where b = 'x') and (b like ? or c between ?2 and ?3)
;;
select json_extract(data, '$.a.b') as v, json_group_array(a) from t group by v
;;
select row_number() over win as n from t window win as (partition by a order by b desc)
;;
select * from t where a is distinct from b and c is not distinct from d
;;
select 'it''s', "dou""ble" from (select 1 as "dou""ble")
;;
select 1 -- comment
;;
select /* not /* nested */ 1
`
  .split(/\n;;\n/)
  .map((statement) => statement.trim());

describe('what SQLite prepares, we understand', () => {
  test.each(corpus.map((sql) => ({ sql })))('$sql', ({ sql }) => {
    let refused: string | undefined;
    try {
      database.prepare(sql);
    } catch (error) {
      refused = String(error);
    }
    // What it refuses for another reason than syntax is still its grammar.
    expect(refused ?? '').not.toMatch(/syntax error|incomplete input/);
    const statements = parseStatements(sql, whole(sql), 'sqlite');
    expect(statements.map(({ statement }) => statement.complete)).toEqual([true]);
  });
});

describe('what SQLite calls a syntax error, we call incomplete', () => {
  test.each([
    'select',
    'select * from',
    'select a from t where a = ',
    'create table x (a int,)',
    'insert into t (a) values (1',
    'update t set a',
    'create index i on t',
    'select a b c from t',
    'pragma journal_mode =',
    'delete t',
    'select * from t order by',
    'create trigger x after insert on t begin select 1;',
  ])('%s', (sql) => {
    expect(() => database.prepare(sql)).toThrow(/syntax error|incomplete input/);
    const statements = parseStatements(sql, whole(sql), 'sqlite');
    expect(statements.some(({ statement }) => statement.complete !== true)).toBe(true);
  });
});
