/**
 * `npm run bench:advise`: the index advisor against public ones, at several budgets. Real rows in a real PostgreSQL 18 and in a SQLite file; every set of
 * indexes is really built there, its real size is measured, and that database's own planner is the one judge of the workload's cost.
 * The public algorithms run as they do in practice, on HypoPG (Debian's PostgreSQL 15), and once more on our own twin, whose sizes and costs are closer.
 * `--scale N` (8), `--only tpch|movies|records`. Exit code 1 where another advisor's set is cheaper at a budget that both keep.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { candidateName } from '../../server/twin/candidate-name.ts';
import { advise } from '../../server/workspace/advise.ts';
import { createConnections } from '../../server/workspace/connections.ts';
import { groupDatabases } from '../../server/workspace/databases.ts';
import { blueprintOf, createPlanners } from '../../server/workspace/planners.ts';
import { debianMissing, startDebian, startEmbedded } from '../engines/postgres-server.ts';
import * as advisors from './advisors.mjs';
import * as movies from './movies.mjs';
import * as records from './records.mjs';
import * as tpch from './tpch.mjs';

const { values: given } = parseArgs({ options: { scale: { type: 'string', default: '8' }, only: { type: 'string' } } });
const scale = Number(given.scale);
const wanted = (name) => given.only === undefined || given.only === name;
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
const folder = mkdtempSync(join(tmpdir(), 'tunelens-advise-'));
/** The judge and the twin differ by less than this; within it two sets are as good as each other. */
const tolerance = 0.005;
let lost = 0;

/** What a person runs: our advisor on a connected database with a file of statements. */
function ours(connection, queries, even) {
  const planners = createPlanners(() => {});
  const connections = createConnections(
    () => {},
    () => {},
  );
  connections.add(connection);
  const file = join(folder, 'workload.sql');
  // The same time for each, where each counts the same.
  writeFileSync(file, queries.map(([, sql]) => `${even ? '-- calls: 1, total: 1 ms\n' : ''}${sql};\n`).join(''));
  const configuration = () => ({ rules: {}, exclude: [], dialects: [], target: {}, assumedRows: 1_000_000, smallTable: 1000 });
  const context = { projectRoot: () => '/', top: () => '/', assumedRows: () => 1_000_000 };
  return {
    planners,
    async sets(budget) {
      const advice = await advise(
        {
          documents: [],
          isCounted: () => true,
          databases: groupDatabases([], context),
          connections,
          planners,
          configuration,
          display: (path) => path,
        },
        { paths: [], workload: [file], budget },
      );
      for (const sentence of advice.missing) console.log(`  ${sentence}`);
      return advice.indexes;
    },
  };
}

const idOf = ({ table, columns }) => `${table}(${columns.join()})`;

/** Every statement's cost as a share of what it is without indexes. */
async function evenly(oracle, queries) {
  const base = new Map();
  for (const [, sql] of queries) base.set(sql, Math.max(1e-6, await oracle.cost(sql, [])));
  return {
    ...oracle,
    cost: async (sql, set) => (await oracle.cost(sql, set)) / base.get(sql),
    async used(sql, set) {
      const { cost, indexes } = await oracle.used(sql, set);
      return { cost: cost / base.get(sql), indexes };
    },
  };
}

/** Costs and sizes of our twin, for anybody's algorithm. */
function twinOracle(planners, blueprint) {
  const candidate = ({ table, columns }) => ({ table, keys: columns.map((column) => ({ column, descending: false })), include: [] });
  const ask = async (sql, set) => {
    const [answer] = await planners.price(blueprint, [sql], { build: set.map(candidate), hide: [] });
    return answer?.outcome === 'planned' ? answer.plan : undefined;
  };
  return {
    cost: async (sql, set) => (await ask(sql, set))?.totalCost ?? 0,
    size: async (index) => (await planners.sizes(blueprint, [candidate(index)]))[0],
    async used(sql, set) {
      const plan = await ask(sql, set);
      const names = new Set();
      const visit = (step) => {
        if (step.index !== undefined) names.add(step.index);
        step.children.forEach(visit);
      };
      plan?.steps.forEach(visit);
      return { cost: plan?.totalCost ?? 0, indexes: set.filter((index) => names.has(candidateName(candidate(index)))) };
    },
  };
}

/** HypoPG, as the public advisors use it. */
async function hypoOracle(client) {
  await client.query('CREATE EXTENSION IF NOT EXISTS hypopg');
  await client.query('SET plan_cache_mode = force_generic_plan');
  let present = new Map();
  const show = async (set) => {
    const next = new Map();
    for (const index of set) next.set(idOf(index), present.get(idOf(index)));
    for (const [id, { oid }] of present) if (!next.has(id)) await client.query(`SELECT hypopg_drop_index(${oid})`);
    for (const index of set) {
      if (next.get(idOf(index)) !== undefined) continue;
      const { rows } = await client.query('SELECT * FROM hypopg_create_index($1)', [advisors.createSql(index, '')]);
      next.set(idOf(index), { oid: rows[0].indexrelid, name: rows[0].indexname });
    }
    present = next;
  };
  const explain = async (sql) => {
    const parameters = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
    if (parameters === 0) return (await client.query(`EXPLAIN (FORMAT JSON) ${sql}`)).rows[0]['QUERY PLAN'];
    await client.query(`PREPARE asked AS ${sql}`);
    try {
      return (await client.query(`EXPLAIN (FORMAT JSON) EXECUTE asked (${Array.from({ length: parameters }, () => 'NULL').join(', ')})`))
        .rows[0]['QUERY PLAN'];
    } finally {
      await client.query('DEALLOCATE asked');
    }
  };
  return {
    async cost(sql, set) {
      await show(set);
      return (await explain(sql))[0].Plan['Total Cost'];
    },
    async size(index) {
      await show([index]);
      return Number((await client.query(`SELECT hypopg_relation_size(${present.get(idOf(index)).oid}) AS size`)).rows[0].size);
    },
    async used(sql, set) {
      await show(set);
      const plan = await explain(sql);
      const text = JSON.stringify(plan);
      return {
        cost: plan[0].Plan['Total Cost'],
        indexes: set.filter((index) => text.includes(JSON.stringify(present.get(idOf(index)).name))),
      };
    },
  };
}

/** Who takes part: a name, and what it proposes for a budget as CREATE INDEX statements. */
function publicOnes(name, oracle, queries, tables) {
  const known = advisors.remembering(oracle, queries, tables);
  const sql = (set) => set.map((index, at) => advisors.createSql(index, `public_${at}`));
  return [
    [`single column (${name})`, async (budget) => sql(await advisors.singleColumn(known, queries, tables, budget))],
    [`Extend (${name})`, async (budget) => sql(await advisors.extend(known, queries, tables, budget))],
    [`DB2Advis (${name})`, async (budget) => sql(await advisors.db2Advis(known, queries, tables, budget, oracle.used))],
    [`AutoAdmin (${name})`, async (budget) => sql(await advisors.autoAdmin(known, queries, tables, budget))],
  ];
}

/** `judge(statements)`: builds, measures and takes back; answers the workload's cost and the bytes. */
async function compare(title, participants, budgets, judge, even) {
  const none = { ...(await judge([])) };
  const weigh = (costs) => costs.reduce((sum, cost, at) => sum + (even ? cost / Math.max(1e-6, none.costs[at]) : cost), 0);
  none.cost = weigh(none.costs);
  console.log(`\n${title}: without indexes ${Math.round(none.cost).toLocaleString('en')}`);
  for (const budget of budgets) {
    console.log(`  budget ${budget === undefined ? 'none' : `${megabytes(budget)} MB`}`);
    const results = [];
    for (const [name, propose] of participants) {
      const started = performance.now();
      const statements = await propose(budget ?? Number.POSITIVE_INFINITY);
      const seconds = (performance.now() - started) / 1000;
      const judged = await judge(statements);
      results.push({ name, statements, seconds, ...judged, cost: weigh(judged.costs) });
    }
    const own = results[0];
    for (const { name, statements, seconds, cost, bytes } of results) {
      const over = budget !== undefined && bytes > budget * 1.02;
      const beats = cost < own.cost * (1 - tolerance) && !over;
      if (beats) lost++;
      console.log(
        `    ${name.padEnd(26)} ${((cost / none.cost) * 100).toFixed(2).padStart(7)} %  ${megabytes(bytes).padStart(7)} MB  ${String(statements.length).padStart(3)} indexes  ${seconds.toFixed(1).padStart(6)} s${over ? '  over the budget' : ''}${beats ? '  << cheaper than ours' : ''}`,
      );
    }
  }
}

async function fill(client, name) {
  if (name === 'movies') {
    for (const sql of movies.schema) await client.query(sql);
    for (const sql of movies.data(Math.max(1, Math.round(scale / 4)))) await client.query(sql);
    return;
  }
  for (const sql of tpch.schemaOf('postgres')) await client.query(sql);
  for (const [table, rows] of tpch.rowsOf(scale)) {
    const { rows: types } = await client.query(
      'SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum',
      [table],
    );
    const columns = types.map(({ type }, at) => `(r ->> ${at})::${type}`).join(', ');
    for (let at = 0; at < rows.length; at += 5_000)
      await client.query(`INSERT INTO ${table} SELECT ${columns} FROM json_array_elements($1::json) r`, [
        JSON.stringify(rows.slice(at, at + 5_000)),
      ]);
  }
  await client.query('VACUUM ANALYZE');
}

async function columnsOf(client) {
  const { rows } = await client.query(
    "SELECT table_name, array_agg(column_name::text) AS columns FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1",
  );
  return new Map(rows.filter((row) => !row.table_name.startsWith('hypopg')).map((row) => [row.table_name, row.columns]));
}

async function onPostgres(name, server, debian) {
  const started = performance.now();
  const admin = await server.admin();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const client = await server.admin(name);
  await fill(client, name);
  const queries = name === 'tpch' ? tpch.queriesOf('postgres') : movies.queries;
  const tables = await columnsOf(client);
  const total = Number(
    (
      await client.query(
        "SELECT sum(pg_table_size(c.oid)) AS size FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'public' AND relkind = 'r'",
      )
    ).rows[0].size,
  );
  const connection = await postgres.connect(server.url.replace(/\/postgres$/, `/${name}`), {});
  const even = name === 'movies';
  const own = ours(connection, queries, even);
  const fair = (oracle) => (even ? evenly(oracle, queries) : oracle);
  const participants = [
    [
      'TuneLens',
      async (budget) => (await own.sets(Number.isFinite(budget) ? budget : undefined)).map(({ ddl }) => ddl.replace(' CONCURRENTLY', '')),
    ],
  ];
  const blueprint = blueprintOf(await connection.snapshot(), 1_000_000);
  participants.push(...publicOnes('twin', await fair(twinOracle(own.planners, blueprint)), queries, tables));
  let hypo;
  if (debian !== undefined) {
    const other = await debian.admin();
    await other.query(`CREATE DATABASE ${name}`);
    await other.end();
    hypo = await debian.admin(name);
    await fill(hypo, name);
    participants.push(...publicOnes('HypoPG', await fair(await hypoOracle(hypo)), queries, tables));
  }
  console.log(
    `\n${name}: ${queries.length} statements on ${megabytes(total)} MB, loaded in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  const judge = async (statements) => {
    const { rows: before } = await client.query("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'");
    for (const sql of statements) for (const part of sql.split(/;\s*\n/)) await client.query(part);
    const { rows } = await client.query(
      "SELECT indexname, pg_relation_size(indexname::regclass) AS size, indexdef ~ '\\(.*[^\\w ,()].*\\)' AS computed FROM pg_indexes WHERE schemaname = 'public' AND indexname <> ALL ($1)",
      [before.map(({ indexname }) => indexname)],
    );
    // Only an index over expressions brings statistics of its own.
    if (statements.some((sql) => /\(.*\(/.test(sql))) await client.query('ANALYZE');
    const costs = [];
    for (const [, sql] of queries)
      costs.push((await client.query(`EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${sql}`)).rows[0]['QUERY PLAN'][0].Plan['Total Cost']);
    for (const { indexname } of rows) await client.query(`DROP INDEX "${indexname}"`);
    return { costs, bytes: rows.reduce((sum, { size }) => sum + Number(size), 0) };
  };
  const budgets = [0.02, 0.05, 0.1, 0.2, 0.5].map((part) => Math.round(total * part));
  await compare(`PostgreSQL, ${name}`, participants, budgets, judge, even);
  await own.planners.dispose();
  await connection.close();
  await hypo?.end();
  await client.end();
}

/** SQLite's shell has an advisor for single statements, `.expert`. */
function expert(path, queries) {
  const found = new Map();
  for (const [, sql] of queries) {
    let text = '';
    try {
      text = execFileSync('sqlite3', [path], {
        input: `.expert --sample 100\n${sql};\n`,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      });
    } catch {
      continue;
    }
    for (const [, index] of text.matchAll(/^CREATE INDEX \S+ ON (.*);/gm)) found.set(index, (found.get(index) ?? 0) + 1);
  }
  return [...found].sort(([, one], [, other]) => other - one).map(([index]) => index);
}

async function onSqlite() {
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const path = join(folder, 'records.db');
  const database = new Database(path);
  for (const sql of [...records.schema, ...records.data(Math.max(1, Math.round(scale / 4)))]) database.exec(sql);
  const { queries } = records;
  const pageSize = database.pragma('page_size', { simple: true });
  const pages = () => database.pragma('page_count', { simple: true }) - database.pragma('freelist_count', { simple: true });
  const connection = await sqlite.connect(path, {});
  const own = ours(connection, queries, true);
  const blueprint = blueprintOf(await connection.snapshot(), 1_000_000);
  const tables = new Map(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map(({ name }) => [name, database.pragma(`table_info(${name})`).map((column) => column.name)]),
  );
  const participants = [
    ['TuneLens', async (budget) => (await own.sets(Number.isFinite(budget) ? budget : undefined)).map(({ ddl }) => ddl)],
  ];
  const oracle = await evenly(twinOracle(own.planners, blueprint), queries);
  participants.push(...publicOnes('twin', oracle, queries, tables));
  const judge = async (statements) => {
    const before = pages();
    const sizes = [];
    for (const [at, sql] of statements.entries()) {
      const was = pages();
      database.exec(sql.startsWith('CREATE') ? sql : `CREATE INDEX expert_${at} ON ${sql}`);
      sizes.push((pages() - was) * pageSize);
    }
    const bytes = (pages() - before) * pageSize;
    database.exec('ANALYZE');
    const judged = await sqlite.connect(path, {});
    const costs = [];
    for (const [, sql] of queries) {
      const answer = await judged.explain(sql);
      costs.push(answer.outcome === 'planned' ? answer.plan.totalCost : 0);
    }
    await judged.close();
    for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").all())
      database.exec(`DROP INDEX "${name}"`);
    database.exec('ANALYZE');
    return { costs, bytes, sizes };
  };
  if (existsSync('/usr/bin/sqlite3')) {
    const proposals = expert(path, queries);
    const { sizes } = await judge(proposals);
    // `.expert` knows no budget: what several statements want comes first, while it fits.
    participants.push([
      '.expert of the shell',
      async (budget) => {
        let left = budget;
        return proposals.filter((_, at) => {
          if (sizes[at] > left) return false;
          left -= sizes[at];
          return true;
        });
      },
    ]);
  } else console.log("  SQLite's shell is not installed, so .expert takes no part");
  const total = pages() * pageSize;
  console.log(`\nrecords: ${queries.length} statements on ${megabytes(total)} MB`);
  await compare(
    'SQLite, records',
    participants,
    [0.02, 0.05, 0.1, 0.2, 0.5].map((part) => Math.round(total * part)),
    judge,
    true,
  );
  await own.planners.dispose();
  await connection.close();
  database.close();
}

if (wanted('tpch') || wanted('movies')) {
  const server = await startEmbedded();
  const missing =
    debianMissing() ??
    (existsSync('/usr/share/postgresql/15/extension/hypopg.control')
      ? undefined
      : 'hypopg is not installed (apt-get install postgresql-15-hypopg)');
  const debian = missing === undefined ? await startDebian() : undefined;
  if (missing !== undefined) console.log(`HypoPG takes no part: ${missing}`);
  try {
    for (const name of ['tpch', 'movies'].filter(wanted)) await onPostgres(name, server, debian);
  } finally {
    await debian?.stop();
    await server.stop();
  }
}
if (wanted('records')) await onSqlite();
rmSync(folder, { recursive: true, force: true });
console.log(lost === 0 ? '\nno other advisor is cheaper at any budget' : `\n${lost} times another advisor was cheaper`);
process.exitCode = lost === 0 ? 0 : 1;
