/** PostgreSQL statements of every form the parser claims to know. Separated by lines of `;;`. */
export const postgresCorpus: readonly string[] = String.raw`
select 1
;;
select 1, 'two', 3.5e-2, null, true, .5, 0x1F, 1_000
;;
select * from orders
;;
select o.*, c.name as customer, "Mixed Case" from orders as o, customers c
;;
select distinct status from orders
;;
select distinct on (customer_id, date_trunc('day', created_at)) * from orders order by customer_id, date_trunc('day', created_at), created_at desc
;;
select all a from t where not (a = 1 or b <> 2 and c != 3)
;;
select a from t where a is null and b is not null and c isnull or d notnull
;;
select a from t where a is distinct from b and c is not distinct from $1 and d is true and e is not unknown
;;
select a from t where a between 1 and 2 and b not between symmetric 3 and 4 + 1
;;
select a from t where a in (1, 2, 3) and b not in (select id from u) and (c, d) in ((1, 2), (3, 4))
;;
select a from t where a like 'x%' and b not like '%y' escape '\' and c ilike $1 and d similar to 'a|b' and e ~ '^x' and f !~* 'y$'
;;
select a from t where a = any ($1) and b <> all (array[1, 2]) and c = any (select id from u) and d like any (array['a%', 'b%'])
;;
select a from t where exists (select 1 from u where u.t_id = t.id) and not exists (select from v)
;;
select case when a > 1 then 'x' when a is null then 'y' else 'z' end, case b when 1 then 2 end from t
;;
select cast(a as varchar(10)), a::text, b::int[], c::timestamp with time zone, d::double precision, e::numeric(10, 2)::text from t
;;
select a::"MyType", b::public.status, '{}'::jsonb -> 'a' ->> 'b', ('{"a": 1}'::jsonb)['a'] from t
;;
select extract(epoch from (finished_at - started_at)), extract(year from d), date_part('day', d) from jobs
;;
select substring(name from 1 for 3), substring(name from '^a'), position('a' in name), trim(both ' ' from name), trim(name), overlay(name placing 'x' from 1 for 2) from users
;;
select interval '1 day', interval '1' day, interval '1-2' year to month, interval(3) '1.2345 seconds', date '2026-01-01', timestamp '2026-01-01 00:00', timestamp with time zone '2026-01-01 00:00+00', time '10:00'
;;
select created_at at time zone 'UTC', (created_at at time zone 'UTC') at time zone 'Europe/Paris', now() at local from t
;;
select array[1, 2, 3], array[[1, 2], [3, 4]], array(select id from users), row(1, 2), (1, 2) = (3, 4), arr[1], arr[1:2], arr[:2], arr[1:] from t
;;
select (address).city, (select row(1)) from people
;;
select count(*), count(distinct a), sum(a) filter (where b > 0), string_agg(name, ', ' order by name desc), array_agg(a order by b nulls last) from t
;;
select rank() over (partition by a order by b desc), sum(x) over w, lag(x, 1, 0) over (order by y rows between unbounded preceding and current row), first_value(x) over (w range between interval '1 day' preceding and current row) from t window w as (partition by a order by y)
;;
select percentile_cont(0.5) within group (order by latency desc), mode() within group (order by a) filter (where a > 1) from t
;;
select data -> 'a', data ->> 'b', data #> '{a,b}', data #>> '{c}', data @> '{"x": 1}', data ? 'k', data ?| array['a'], data ?& array['b'], data - 'x', data || '{}', data @? '$.a', data @@ '$.a == 1' from docs
;;
select a + b - c * d / e % f ^ 2, -a, +b, ~c, @ d, |/ 4, ||/ 8, a & b | c # d << 1 >> 2 from t
;;
select a || ' ' || b, a collate "C" || b from t order by name collate "de_DE" desc nulls last
;;
select * from a join b on a.id = b.a_id left join c on c.id = b.c_id right outer join d using (id, kind) full join e on true cross join f natural join g
;;
select * from a inner join (b join c on b.id = c.id) on a.id = b.id
;;
select * from (select id from t) as s(i), lateral (select * from u where u.id = s.i limit 1) l
;;
select * from t left join lateral (select count(*) as n from u where u.t_id = t.id) c on true
;;
select * from generate_series(1, 10) as g(n), unnest(array[1,2]) with ordinality as u(x, i), json_to_recordset($1) as r(a int, b text)
;;
select * from rows from (generate_series(1, 2), generate_series(1, 3)) as x(a, b)
;;
select * from only parent, child * as c tablesample system (10) repeatable (1)
;;
select * from (values (1, 'a'), (2, 'b')) as v(id, name)
;;
values (1, 2), (3, 4) order by 1 limit 1
;;
table orders
;;
select * from ((select 1) union (select 2)) x
;;
(select 1) union all (select 2 order by 1 limit 1) intersect select 3 except all select 4 order by 1
;;
((select a from t union select b from u) except select c from v) order by 1
;;
select a from t group by a, (b + 1) having count(*) > 1
;;
select a, b, sum(c) from t group by rollup (a, b), grouping sets ((a), (a, b), ()), cube (c, d)
;;
select * from t order by a asc nulls first, b desc, c using > limit 10 offset 20
;;
select * from t limit all offset 5 rows
;;
select * from t offset 10 rows fetch next 5 rows only
;;
select * from t fetch first row only
;;
select * from t order by a fetch first 3 rows with ties
;;
select * from t for update
;;
select * from t join u on t.id = u.id for no key update of t nowait for share of u skip locked
;;
with a as (select 1 as x), b(y) as materialized (select 2), c as not materialized (select 3) select * from a, b, c
;;
with recursive tree(id, parent, depth) as (select id, parent, 0 from nodes where parent is null union all select n.id, n.parent, t.depth + 1 from nodes n join tree t on n.parent = t.id) search depth first by id set ordering cycle id set is_cycle using path select * from tree
;;
with gone as (delete from t where a < 1 returning *), added as (insert into archive select * from gone returning id) select count(*) from added
;;
with x as (select 1) insert into t select * from x
;;
with x as (select 1 as id) update t set a = 1 from x where t.id = x.id
;;
with x as (select 1 as id) delete from t using x where t.id = x.id
;;
insert into t values (1, 'a', default, now())
;;
insert into t (a, b) values ($1, $2), (3, array[1]), ((select max(a) from u), 4) returning id, a as x
;;
insert into public.t as target (a) overriding system value select a from u where b > 1 on conflict do nothing
;;
insert into t (a, b) values (1, 2) on conflict (a) where b > 0 do update set b = excluded.b, c = t.c + 1 where t.b is distinct from excluded.b returning *
;;
insert into t (a) values (1) on conflict on constraint t_pkey do update set (b, c) = (excluded.b, 2)
;;
insert into t default values
;;
update t set a = 1, b = default, c = c + 1 where id = $1 returning *
;;
update only t as x set (a, b) = (select 1, 2), arr[1] = 5 from u left join v on u.id = v.id where x.id = u.id
;;
update t set data = jsonb_set(data, '{a}', '1'::jsonb) where data ? 'a'
;;
delete from t
;;
delete from only t as x using u, v where x.id = u.id and u.id = v.id returning x.*
;;
delete from t where current of cur
;;
merge into t using u on t.id = u.id when matched and u.x > 1 then update set a = u.a when not matched then insert (id, a) values (u.id, u.a)
;;
create table t (id int)
;;
create table if not exists public.orders (id bigserial primary key, customer_id bigint not null references customers (id) on delete cascade on update set null deferrable initially deferred, status text not null default 'new' check (status in ('new', 'paid')), total numeric(10, 2) default 0.00, tags text[] not null default '{}'::text[], created_at timestamp with time zone default (now() at time zone 'utc'), name varchar(20) collate "C" unique, constraint total_positive check (total >= 0), unique (customer_id, status), foreign key (customer_id) references customers, exclude using gist (room with =, during with &&) where (active))
;;
create table t (id int generated always as identity primary key, b int generated by default as identity (start with 10), c text generated always as (lower(name)) stored, d int null, e int constraint positive check (e > 0) no inherit)
;;
create temp table t (a int) on commit drop
;;
create unlogged table t (a int) with (fillfactor = 70, autovacuum_enabled = false) tablespace fast
;;
create table t as select * from u with no data
;;
create table t (a, b) as select 1, 2
;;
create table m (id int, at timestamptz not null, primary key (id, at)) partition by range (at)
;;
create table m_1 partition of m for values from ('2026-01-01') to ('2026-02-01')
;;
create table m_2 partition of m default
;;
create table m_3 partition of m for values in (1, 2) partition by hash (id)
;;
create table m_4 partition of m for values with (modulus 4, remainder 0)
;;
create table t (a int, primary key (a) include (b), unique nulls not distinct (c))
;;
create table t (a int4range, b character varying(10), c char(2), d bit varying(3), e double precision, f time without time zone, g interval day to second)
;;
create index on orders (customer_id)
;;
create unique index concurrently if not exists idx on public.orders using btree (customer_id desc nulls last, lower(email) text_pattern_ops, (data ->> 'x')) include (a, b) with (fillfactor = 70) where deleted_at is null and status = 'x'
;;
create index i on t using gin (data jsonb_path_ops, to_tsvector('english', body))
;;
create index i on only t (a collate "C" varchar_pattern_ops asc)
;;
create unique index i on t (a) nulls not distinct
;;
create index i on t using brin (created_at) with (pages_per_range = 32)
;;
create view v as select 1
;;
create or replace temp view v (a, b) with (security_barrier) as select 1, 2 from t with local check option
;;
create materialized view if not exists mv as select count(*) from t with no data
;;
alter table t set schema other
;;
refresh materialized view concurrently mv
;;
alter table t add column a int
;;
alter table if exists only public.t add column if not exists b text not null default 'x', drop column if exists c cascade, alter column d type bigint using d::bigint, alter e set default 5, alter e drop default, alter f set not null, alter f drop not null
;;
alter table t add constraint fk foreign key (a) references u (id) not valid, validate constraint fk, drop constraint if exists old
;;
alter table t add primary key using index i
;;
alter table t add constraint u unique (a, b), add check (a > 0)
;;
alter table t rename to u
;;
alter table t rename column a to b
;;
alter table t rename a to b
;;
alter table t set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = off)
;;
alter table t reset (fillfactor), enable row level security, owner to me
;;
alter table t attach partition p for values from (1) to (2)
;;
alter table t alter column a set statistics 1000, alter column b set storage external, alter column c add generated always as identity
;;
drop table a, public.b cascade
;;
drop table if exists a
;;
drop index concurrently if exists i
;;
drop view v
;;
drop materialized view if exists mv
;;
drop schema s cascade
;;
drop function f(int, text)
;;
set work_mem = '64MB'
;;
set local statement_timeout to 5000
;;
set session search_path to a, public
;;
set time zone 'UTC'
;;
set transaction isolation level serializable
;;
reset work_mem
;;
alter system set shared_buffers = '8GB'
;;
alter system reset all
;;
alter database app set work_mem = '8MB'
;;
alter role app in database x set statement_timeout = '5s'
;;
show work_mem
;;
explain select * from t
;;
explain (analyze, buffers, format json) update t set a = 1
;;
prepare q (int, text) as select * from t where a = $1 and b = $2
;;
execute q (1, 'x')
;;
declare c cursor with hold for select * from t
;;
copy t (a, b) from stdin with (format csv)
;;
copy (select * from t) to stdout
;;
vacuum (verbose, analyze) t
;;
analyze t (a, b), u
;;
reindex index concurrently i
;;
cluster t using i
;;
truncate table a, b restart identity cascade
;;
lock table t in access exclusive mode
;;
begin
;;
begin isolation level repeatable read
;;
commit
;;
savepoint s
;;
rollback to savepoint s
;;
create extension if not exists pg_trgm
;;
create type status as enum ('a', 'b')
;;
create type pair as (a int, b text)
;;
create domain email as text check (value ~ '@')
;;
create sequence s start 10
;;
create schema if not exists s
;;
create function f(a int, b text default 'x') returns int language plpgsql immutable as $$ begin return a; end; $$
;;
create or replace function g() returns trigger as $body$ begin new.a := 1; return new; end $body$ language plpgsql
;;
create function h(a int) returns int begin atomic select a + 1; select 2; end
;;
create trigger tr before insert or update of a on t for each row when (new.a is distinct from old.a) execute function g()
;;
create policy p on t for select using (owner = current_user)
;;
create statistics s (dependencies) on a, b from t
;;
do $$ begin perform 1; end $$
;;
do language plpgsql $x$ begin null; end $x$
;;
comment on table t is 'it''s'
;;
grant select, insert on t to app
;;
revoke all on t from public
;;
listen channel
;;
notify channel, 'payload'
;;
call proc(1, x => 2)
;;
select E'a\'b\n', U&'\0041', B'101', X'1F', 'it''s', $$dollar 'quoted'$$, $tag$with $$ inside$tag$
;;
select "a""b", U&"d\0061t" from "T"
;;
select /* a /* nested */ comment */ 1 -- to the end
;;
select f(a => 1, b := 2), f(variadic array[1]), pg_catalog.now(), coalesce(a, b, 0), nullif(a, ''), greatest(a, b), least(1, 2) from t
;;
select current_date, current_timestamp, current_timestamp(3), localtime, current_user, session_user
;;
select a is json, b is json object, c is not json array, d is document from t
;;
select json_build_object('a', a), json_object('a': 1, 'b': 2), json_agg(t), row_to_json(t.*) from t
;;
select xmlelement(name foo, 'x'), xmlforest(a, b as c) from t
;;
select * from t where (a, b) > ($1, $2) order by a, b limit 20
;;
select * from t where a operator(pg_catalog.=) 1
;;
select * from t where ts @@ to_tsquery('english', $1) and p <-> point '(0,0)' < 5 and r && int4range(1, 5) and r @> 3 and x <@ r
;;
select * from t where (start_at, end_at) overlaps ($1, $2)
;;
select (a).b.c, (f(x)).y, (array[1,2])[1], (select array[1])[1] from t
;;
select not a, not not b, a and b or c and not d from t
;;
select * from schema1.t1 x join schema2.t2 y on x.id = y.id where x.deleted_at is null
;;
select t.id id, t.name "name", t.value as value, t.type type, key, data, date, name, text, timestamp, position, level, year from t
;;
select user_id, count(*) as total from events where kind in ('a', 'b') group by 1 having count(*) >= 10 order by 2 desc
;;
select a from t where b = (select max(b) from t) and c > all (select c from u) or d is not null and (e or not f)
;;
select generate_series(1, 5) as n, random() * 100, a % 2 = 0, -1, - 1, +1, 2 - -1 from t
;;
select normalize(a), a is normalized, treat from t
;;
select * from t where id = 1 or id = 2 or id = 3 or id = 4 or id = 5 or id = 6 or id = 7 or id = 8 or id = 9 or id = 10
;;
select * from t as "T1" where "T1"."Id" = 1
;;
select count(*) from pg_catalog.pg_class c where c.relkind = 'r'::"char"
;;
select a, b into temp x from t
;;
create table t (like u including all)
;;
create table t (a int) inherits (u)
`
  .split(/\n;;\n/)
  .map((statement) => statement.trim());

/** They name relations that the model has no place for. */
export const moreRelations: ReadonlySet<string> = new Set([
  'alter table t attach partition p for values from (1) to (2)',
  'select a, b into temp x from t',
]);

/** Valid, but of a kind whose meaning the model does not hold: here `complete` may be false. */
export const beyondTheModel: ReadonlySet<string> = new Set(['select a, b into temp x from t']);
