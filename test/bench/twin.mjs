/**
 * `npm run bench:twin`: does the twin plan like the database whose snapshot it has? Loads schemas with real rows into a real PostgreSQL 18 and a SQLite
 * file, snapshots them, forgets the rows, and compares plan and cost of every query; then builds advised indexes for real and compares with what the twin foresaw.
 * `--scale N` (8), `--only tpch|tickets|sqlite`, `--postgres 15` (Debian's, where it is installed), `--verbose` prints both plans where they differ. Exit code 1 where fewer plans agree than the goal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { postgres } from '../../server/engines/postgres/connect.ts';
import { planFrom } from '../../server/engines/postgres/plan.ts';
import { sqlite } from '../../server/engines/sqlite/connect.ts';
import { createTwin } from '../../server/twin/create-twin.ts';
import { asItIs, blueprintOf } from '../../server/workspace/planners.ts';
import { formatSnapshot, parseSnapshot } from '../../server/workspace/snapshots.ts';
import { startDebian, startEmbedded } from '../engines/postgres-server.ts';
import * as tickets from './tickets.ts';
import * as tpch from './tpch.mjs';

const { values: given } = parseArgs({
  options: {
    scale: { type: 'string', default: '8' },
    postgres: { type: 'string', default: '18' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const scale = Number(given.scale);
const wanted = (name) => given.only === undefined || given.only === name;

const lines = (steps, depth = 0) => steps.flatMap((step) => [`${'  '.repeat(depth)}${step.detail}`, ...lines(step.children, depth + 1)]);
const costs = (steps, depth = 0) =>
  steps.flatMap((step) => [
    `${'  '.repeat(depth)}${step.detail}  (cost ${step.cost}, rows ${step.rows})`,
    ...costs(step.children, depth + 1),
  ]);
const planned = (answer) => (answer?.outcome === 'planned' ? answer.plan : undefined);
const percent = (part) => `${(part * 100).toFixed(2)} %`;
const totals = [];

/** Compares two lists of plans, and says how many agree. `known`: names of the indexes that were there before; what another is called does not matter. */
function compare(title, rows, known) {
  const shape = (steps) =>
    (known === undefined
      ? lines(steps)
      : lines(steps).map((line) =>
          line.replace(/(using|on|INDEX) (\w+)(?= on|$| \()/g, (all, word, name) => (known.has(name) ? all : `${word} NEW`)),
        )
    ).join('\n');
  console.log(`\n${title}`);
  let same = 0;
  let worst = 0;
  let within = 0;
  for (const { name, real, twin } of rows) {
    if (real === undefined || twin === undefined) {
      console.log(`  ✗ ${name}: ${real === undefined ? 'the database' : 'the twin'} has no plan`);
      continue;
    }
    const equal = shape(real.steps) === shape(twin.steps);
    const off = real.totalCost === 0 ? 0 : Math.abs(twin.totalCost - real.totalCost) / real.totalCost;
    if (equal) same++;
    if (off <= 0.01) within++;
    if (equal) worst = Math.max(worst, off);
    console.log(`  ${equal ? '✓' : '✗'} ${name}: ${real.totalCost} / ${twin.totalCost}, ${percent(off)} off${off > 0.01 ? '  <<' : ''}`);
    if (given.verbose && (!equal || off > 0.01))
      console.log(`    real\n${costs(real.steps, 3).join('\n')}\n    twin\n${costs(twin.steps, 3).join('\n')}`);
  }
  console.log(
    `  ${same} of ${rows.length} plans the same, ${within} within 1 % of the cost; the farthest of those that agree ${percent(worst)}`,
  );
  totals.push({ title, same, within, count: rows.length });
}

/** The snapshot as the file would hold it, read back. */
async function snapshotOf(connection) {
  const snapshot = await connection.snapshot(undefined, { thorough: true });
  for (const sentence of snapshot.missing ?? []) console.log(`  ${sentence}`);
  const text = formatSnapshot(snapshot, { values: true, database: 'bench' });
  console.log(`  snapshot: ${Math.round(text.length / 1024)} kB, ${snapshot.ddl.length} statements`);
  return parseSnapshot(text, 'bench.json');
}

const candidateOf = ({ table, keys, include = [], where, operatorClass }) => ({
  table,
  keys: keys.map((column) => ({ column, descending: false, ...(operatorClass === undefined ? {} : { operatorClass }) })),
  include,
  ...(where === undefined ? {} : { where }),
});
const indexSql = (engine, { table, keys, include = [], where, operatorClass }, name) => {
  const columns = keys.map((key) => (operatorClass === undefined ? key : `${key} ${operatorClass}`));
  const carried = engine === 'sqlite' ? [...columns, ...include] : columns;
  return `CREATE INDEX ${name} ON ${table} (${carried.join(', ')})${engine === 'sqlite' || include.length === 0 ? '' : ` INCLUDE (${include.join(', ')})`}${where === undefined ? '' : ` WHERE ${where}`}`;
};

async function explainOn(client, sql) {
  const count = new Set(sql.match(/\$\d+/g)).size;
  await client.query('SET plan_cache_mode = force_generic_plan');
  await client.query(`PREPARE bench AS ${sql}`);
  const { rows } = await client.query(
    `EXPLAIN (FORMAT JSON) EXECUTE bench${count === 0 ? '' : `(${Array(count).fill('NULL').join(', ')})`}`,
  );
  await client.query('DEALLOCATE bench');
  return planFrom(rows[0]['QUERY PLAN']);
}

/** `explainRaw`: what our guard would not send to a server it does not know (functions of its own), is harmless in one that we filled ourselves. */
async function measure(title, connection, twin, queries, candidates, run, explainRaw) {
  const engine = connection.engine;
  const explainReal = async (sql) => {
    const answer = await connection.explain(sql);
    return answer.outcome === 'refused' && explainRaw !== undefined ? explainRaw(sql) : planned(answer);
  };
  const snapshot = await snapshotOf(connection);
  const blueprint = asItIs(blueprintOf(snapshot, 1_000_000));
  const started = performance.now();
  const loaded = await twin.load(blueprint);
  console.log(`  twin loaded in ${Math.round(performance.now() - started)} ms`);
  const plans = [];
  for (const [name, sql] of queries)
    plans.push({ name, sql, real: await explainReal(sql), twin: planned(await twin.explain(blueprint, sql)) });
  compare(`${title}: as it is`, plans);
  if (candidates.length === 0) return;
  const foreseen = [];
  for (const candidate of candidates) {
    const about = plans.filter(({ sql }) => sql.includes(candidate.table));
    const tried = [];
    for (const { name, sql } of about) tried.push({ name, sql, what: (await twin.whatIf(blueprint, sql, [candidateOf(candidate)]))[0] });
    const name = `idx_${candidate.table}_${candidate.keys.join('_')}`;
    await run(indexSql(engine, candidate, name));
    if (engine === 'sqlite') await run(`ANALYZE ${candidate.table}`);
    for (const each of tried) {
      const real = await explainReal(each.sql);
      // Only where the index changes something: the rest was compared above.
      const before = plans.find(({ name: known }) => known === each.name)?.real;
      const changes = real !== undefined && before !== undefined && lines(real.steps).join() !== lines(before.steps).join();
      if (changes || each.what?.used)
        foreseen.push({ name: `${each.name} + ${candidate.table}(${candidate.keys})`, real, twin: each.what?.plan });
    }
    await run(`DROP INDEX ${name}`);
    // The size of a table without another index went with it.
    if (engine === 'sqlite') await run(`ANALYZE ${candidate.table}`);
  }
  const names = new Set([...loaded.schema.indexes, ...loaded.schema.tables].map(({ name }) => name));
  compare(`${title}: with an advised index, foreseen and built`, foreseen, names);
}

if (wanted('tpch') || wanted('tickets')) {
  const server = given.postgres === '15' ? await startDebian() : await startEmbedded();
  const twin = createTwin('postgres', { idleMilliseconds: 120_000 });
  try {
    const admin = await server.admin();
    for (const name of ['tpch', 'tickets'].filter(wanted)) {
      const started = performance.now();
      await admin.query(`CREATE DATABASE ${name}`);
      const client = await server.admin(name);
      if (name === 'tpch') {
        for (const sql of tpch.schemaOf('postgres')) await client.query(sql);
        for (const [table, rows] of tpch.rowsOf(scale)) {
          for (let at = 0; at < rows.length; at += 5_000) {
            const part = rows.slice(at, at + 5_000);
            const width = part[0].length;
            const columns = Array.from({ length: width }, (_, column) => `r ->> ${column}`);
            const types = (
              await client.query(
                'SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum',
                [table],
              )
            ).rows;
            await client.query(
              `INSERT INTO ${table} SELECT ${columns.map((column, index) => `(${column})::${types[index].type}`).join(', ')} FROM json_array_elements($1::json) r`,
              [JSON.stringify(part)],
            );
          }
        }
        for (const sql of tpch.indexes) await client.query(sql);
        await client.query('VACUUM ANALYZE');
      } else {
        for (const sql of tickets.schema) await client.query(sql);
        for (const sql of tickets.data(Math.max(1, Math.round(scale / 2)))) await client.query(sql);
      }
      await client.query('CHECKPOINT');
      console.log(`\n${name}: loaded in ${((performance.now() - started) / 1000).toFixed(1)} s`);
      const connection = await postgres.connect(server.url.replace(/\/postgres$/, `/${name}`), {});
      const queries = name === 'tpch' ? tpch.queriesOf('postgres') : tickets.queries;
      const candidates = name === 'tpch' ? tpch.candidates : tickets.candidates;
      await measure(
        `PostgreSQL, ${name}`,
        connection,
        twin,
        queries,
        candidates,
        (sql) => client.query(sql),
        (sql) => explainOn(client, sql),
      );
      await connection.close();
      await client.end();
    }
    await admin.end();
  } finally {
    await twin.close();
    await server.stop();
  }
}
if (wanted('sqlite')) {
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const folder = mkdtempSync(join(tmpdir(), 'tunelens-bench-'));
  const twin = createTwin('sqlite', { idleMilliseconds: 120_000 });
  try {
    const path = join(folder, 'tpch.db');
    const database = new Database(path);
    for (const sql of tpch.schemaOf('sqlite')) database.exec(sql);
    for (const [table, rows] of tpch.rowsOf(scale)) {
      const insert = database.prepare(`INSERT INTO ${table} VALUES (${rows[0].map(() => '?').join(', ')})`);
      database.exec('BEGIN');
      for (const row of rows) insert.run(...row);
      database.exec('COMMIT');
    }
    for (const sql of tpch.indexes) database.exec(sql);
    const connection = await sqlite.connect(path, {});
    await measure('SQLite, tpch, never analysed', connection, twin, tpch.queriesOf('sqlite'), [], () => {});
    database.exec('ANALYZE');
    await measure('SQLite, tpch', connection, twin, tpch.queriesOf('sqlite'), tpch.candidates, async (sql) => database.exec(sql));
    await connection.close();
    database.close();
  } finally {
    await twin.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log('');
for (const { title, same, within, count } of totals)
  console.log(`${title}: ${same}/${count} plans the same, ${within}/${count} within 1 %`);
const exact = totals.filter(({ title }) => title.endsWith('as it is'));
process.exitCode = exact.some(({ same, within, count }) => same < count || within < count) ? 1 : 0;
