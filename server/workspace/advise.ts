/** The index advisor: a workload from wherever it is known, indexes that serve it best under a budget, and why there are none for the rest. */
import { atTheCursor, candidateIndexes, forWorkload } from '../analysis/advisor/candidates.ts';
import { candidateId } from '../analysis/advisor/merge.ts';
import { searchIndexes } from '../analysis/advisor/search.ts';
import type { Choice, SearchProblem } from '../analysis/advisor/search-problem.ts';
import { isFlag } from '../analysis/advisor/selectivity.ts';
import { upkeepOf, type WeightedWrite, writesOf } from '../analysis/advisor/upkeep.ts';
import type { CandidateIndex, Plan } from '../analysis/facts.ts';
import { findTable, type Schema } from '../analysis/sql/schema.ts';
import type { Advice, AdvisedIndex, AdvisedStatement, AdviseOptions, RedundantIndex, RefusedStatement } from './advice.ts';
import type { AdviseContext } from './advise-context.ts';
import { runSearch } from './advise-pricing.ts';
import { refusalOf } from './advise-refusals.ts';
import { advisedIndexes, isServedBySchema, redundantIndexes, writtenRows } from './advise-report.ts';
import { findTargets, liveWorkload } from './advise-sources.ts';
import { collectStatements, documentsUnder, type WorkloadStatement } from './advise-statements.ts';
import type { Target } from './advise-targets.ts';
import { callsOf, thresholdFor, weigh } from './advise-weights.ts';
import { readWorkloadFile } from './advise-workload.ts';
import type { Planners } from './planners.ts';
import { relationsOf } from './relations.ts';

/** Throws one sentence for a person where nothing can be advised on, and the signal's reason when aborted. */
export async function advise(context: AdviseContext, options: AdviseOptions): Promise<Advice> {
  const missing: string[] = [];
  options.progress?.('reading the workload');
  const documents = documentsUnder(context.documents, context.isCounted);
  const ran = (options.workload ?? []).flatMap((path) => readWorkloadFile(path, context.display(path)));
  const { targets, own } = await findTargets(context, options, documents, ran, missing);
  const statements = collectStatements({
    targets: targets.map((target) => ({ engine: target.engine, label: target.label, has: (name) => hasTable(target, name) })),
    ...(own !== undefined && { own }),
  });
  for (const document of documents) statements.repository(document);
  for (const entry of ran) statements.ran(entry);
  const uncounted: string[] = [];
  for (const entry of await liveWorkload(context, options, targets, uncounted)) statements.ran(entry);
  // Nobody asked for the server's own counts where there are other statements: then it is only worth knowing.
  const notes = new Set<string>(statements.all.length > 0 ? uncounted : []);
  if (statements.all.length === 0) missing.push(...uncounted);

  const all = statements.all;
  const ids = new Map(all.map((statement, at) => [statement, at + 1] as const));
  const described: AdvisedStatement[] = all.map((statement) => describe(statement, ids.get(statement) ?? 0));
  const refused: RefusedStatement[] = all.flatMap((statement) =>
    statement.reason === undefined ? [] : [{ statement: ids.get(statement) ?? 0, ...statement.reason }],
  );
  const indexes: AdvisedIndex[] = [];
  const redundant: RedundantIndex[] = [];
  for (const [at, target] of targets.entries()) {
    const own = all.filter((statement) => statement.target === at);
    if (own.length === 0) continue;
    options.signal?.throwIfAborted();
    const result = await adviseOn(target, own, context, options);
    for (const [place, statement] of own.entries()) {
      const id = ids.get(statement) ?? 0;
      const before = result.choice.before[place];
      const after = result.choice.after[place];
      described[id - 1] = {
        ...(described[id - 1] as AdvisedStatement),
        engine: target.engine,
        weight: result.choice.weights[place] ?? 1,
        ...(before !== undefined && { costBefore: before, costAfter: after ?? before }),
      };
    }
    const idOf = (place: number): number => ids.get(own[place] as WorkloadStatement) ?? 0;
    indexes.push(...advisedIndexes(target, own, result.choice, result.writes, idOf));
    redundant.push(...redundantIndexes(target, result.choice));
    refused.push(...result.refused.map(({ place, ...reason }) => ({ statement: idOf(place), ...reason })));
    for (const note of notesOn(target)) notes.add(note);
  }
  const planned = described.filter((statement) => statement.costBefore !== undefined);
  const sum = (of: (statement: AdvisedStatement) => number | undefined): number =>
    planned.reduce((total, statement) => total + statement.weight * (of(statement) ?? 0), 0);
  return {
    indexes,
    redundant,
    refused: refused.sort((left, right) => left.statement - right.statement),
    workload: {
      statements: all.length,
      costBefore: sum((statement) => statement.costBefore),
      costAfter: sum((statement) => statement.costAfter),
    },
    statements: described,
    planners: [...new Set(targets.map((target) => plannerName(target, context.planners)))],
    missing,
    notes: [...notes],
  };
}

function describe(statement: WorkloadStatement, id: number): AdvisedStatement {
  const { query, places, calls, milliseconds, written } = statement;
  return {
    id,
    sql: query.sql.trim(),
    engine: query.dialect === 'sqlite' || query.dialect === 'postgres' ? query.dialect : undefined,
    places,
    weight: calls ?? written,
    ...(calls !== undefined && { calls }),
    ...(milliseconds !== undefined && { milliseconds }),
  };
}

function hasTable(target: Target, name: string): boolean {
  return tablesOf(target).has(name.toLowerCase());
}
const tableNames = new WeakMap<Target, ReadonlySet<string>>();
function tablesOf(target: Target): ReadonlySet<string> {
  let names = tableNames.get(target);
  if (names === undefined) {
    names = new Set([...target.loaded.schema.tables, ...target.schema.tables].map((table) => table.name.toLowerCase()));
    tableNames.set(target, names);
  }
  return names;
}

/** A yes-or-no column alone finds half of a table, which a planner without statistics does not know. */
function isOfFlags({ keys, table, where }: CandidateIndex, schema: Schema): boolean {
  const known = findTable(schema, table);
  return where === undefined && keys.every(({ column }) => column !== undefined && isFlag(column, known));
}

/** Statements; past it the candidates of each are fewer, so that the answer comes within seconds. */
const longWorkload = 150;
/** Statements that indexes are looked for; the others, which take least time, are served by what these get. */
const mostSearched = 1000;

interface Result {
  readonly choice: Choice;
  readonly writes: readonly (readonly WeightedWrite[])[];
  readonly refused: readonly { readonly place: number; readonly code: string; readonly reason: string }[];
}

async function adviseOn(
  target: Target,
  statements: readonly WorkloadStatement[],
  context: AdviseContext,
  options: AdviseOptions,
): Promise<Result> {
  const { engine, schema, views, statistics } = target;
  const measured = statements.some(({ calls }) => calls !== undefined);
  const tables = statements.map(({ query }) => [...new Set(relationsOf(query.statement).flatMap((name) => views.get(name) ?? [name]))]);
  // Covering and wide indexes are weighed by sizes, and on assumed ones there is nothing to weigh. A long workload has one of everything anyway.
  const breadth =
    target.known === 'assumed' ? atTheCursor : statements.length > longWorkload ? { ...forWorkload, most: atTheCursor.most } : forWorkload;
  const pool: CandidateIndex[] = [];
  const places = new Map<string, number>();
  const smallTable = context.configuration(statements[0]?.places[0]?.path ?? '/').smallTable;
  // A counted statement on a small table may run a million times; one that nobody counted is not worth an index there.
  const isSmall = (table: string): boolean =>
    !measured && (statistics.get(table.toLowerCase())?.rows ?? Number.POSITIVE_INFINITY) < smallTable;
  const heaviest = new Set(
    statements
      .map((statement, place) => ({ place, weight: statement.milliseconds ?? callsOf(statement) }))
      .sort((one, other) => other.weight - one.weight || one.place - other.place)
      .slice(0, mostSearched)
      .map(({ place }) => place),
  );
  const candidates = statements.map(({ query }, at) =>
    (heaviest.has(at) ? candidateIndexes(query.statement, schema, breadth) : [])
      .filter((candidate) => !isSmall(candidate.table) && !(target.known === 'assumed' && isOfFlags(candidate, schema)))
      .map((candidate) => {
        const id = candidateId(candidate);
        const place = places.get(id) ?? pool.push(candidate) - 1;
        places.set(id, place);
        return place;
      }),
  );
  const rows = statements.map(() => 1);
  const reasons = new Map<number, string>();
  const plans = new Map<number, Plan>();
  let weights: readonly number[] = [];
  const written = statements.map(({ query }) => writesOf(query.statement));
  const weighted = (): WeightedWrite[][] =>
    written.map((list, place) =>
      list.map((write) => ({ ...write, rows: write.rows ?? Math.min(rows[place] ?? 1, mostWritten), weight: callsOf(statements[place]) })),
    );
  // Of a table whose size is assumed nobody knows how many rows a condition finds.
  const mostWritten = target.known === 'assumed' ? 100 : Number.POSITIVE_INFINITY;
  let writes: WeightedWrite[][] = [];
  const problem: SearchProblem = {
    statements: statements.map((_, place) => ({ tables: tables[place] ?? [], candidates: candidates[place] ?? [] })),
    candidates: pool,
    budget: options.budget,
    weigh: (before) => {
      weights = weigh(statements, before);
      writes = weighted();
      return weights;
    },
    served: (candidate) => isServedBySchema(candidate, schema),
    upkeep: (candidate, bytes) => upkeepOf(candidate, bytes, writes.flat(), engine),
    include: engine === 'postgres',
    prunes: engine === 'sqlite',
    threshold: thresholdFor(target, options.budget),
  };
  const choice = await runSearch(searchIndexes(problem), {
    planners: context.planners,
    blueprint: target.blueprint,
    sql: statements.map(({ query }) => query.sql),
    tables,
    signal: options.signal,
    progress: (planned) => options.progress?.(`${target.label}: ${planned} plans`),
    seen(statement, build, plan) {
      if (build.length > 0 || plans.has(statement)) return;
      plans.set(statement, plan);
      rows[statement] = writtenRows(plan);
    },
    refused: (statement, reason) => void reasons.set(statement, reason),
  });
  const served = new Set(choice.chosen.flatMap(({ serves }) => serves));
  const refused = statements.flatMap((statement, place) => {
    if (served.has(place)) return [];
    const before = choice.before[place];
    if (before === undefined)
      return [{ place, code: 'rejected', reason: `${target.label} does not plan it: ${reasons.get(place) ?? 'no reason given'}` }];
    const reason = refusalOf({
      query: statement.query,
      target,
      plan: plans.get(place),
      cost: before,
      ideal: choice.ideal[place] ?? before,
      attempts: candidates[place]?.length ?? 0,
      budget: options.budget,
      smallTable,
      worthwhile: problem.threshold.share,
    });
    return reason === undefined ? [] : [{ place, ...reason }];
  });
  return { choice, writes, refused };
}

function plannerName(target: Target, planners: Planners): string {
  const name = planners.sourceOf(target.blueprint, target.loaded);
  if (target.known === 'assumed') return name;
  return `${name} with the statistics of ${target.label}`;
}

function notesOn(target: Target): string[] {
  if (target.known !== 'assumed') return [];
  const rows = String(target.blueprint.assumedRows).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return [`${rows} rows are assumed in every table, because nobody counted them: connect to the database or pass --stats for real sizes`];
}
