/** What a search chose, as advice: scripts, places, who is served and who pays, and what it makes superfluous. */
import { indexScript } from '../analysis/advisor/index-script.ts';
import { redundancyOf } from '../analysis/advisor/redundancy.ts';
import type { Choice } from '../analysis/advisor/search-problem.ts';
import type { WeightedWrite } from '../analysis/advisor/upkeep.ts';
import { dropIndexSql } from '../analysis/ddl.ts';
import type { CandidateIndex, Plan, PlanStep } from '../analysis/facts.ts';
import { findTable, type Index, type Schema } from '../analysis/sql/schema.ts';
import type { AdvisedIndex, RedundantIndex } from './advice.ts';
import type { WorkloadStatement } from './advise-statements.ts';
import type { Target } from './advise-targets.ts';

/** A candidate as if it were built. */
export function asIndex(candidate: CandidateIndex, name: string): Index {
  return {
    name,
    table: candidate.table,
    keys: candidate.keys,
    include: candidate.include,
    unique: false,
    method: candidate.method ?? 'btree',
    ...(candidate.where !== undefined && { where: candidate.where }),
  };
}

/** An existing index or the primary key does what the candidate would. */
export function isServedBySchema(candidate: CandidateIndex, schema: Schema): boolean {
  const table = findTable(schema, candidate.table);
  const index = asIndex(candidate, '');
  const extended = { ...schema, indexes: [...schema.indexes, index] };
  if (redundancyOf(index, extended, table) !== undefined) return true;
  const primary = table?.primaryKey ?? [];
  if (
    candidate.where !== undefined ||
    (candidate.method ?? 'btree') !== 'btree' ||
    candidate.include.length > 0 ||
    primary.length < candidate.keys.length
  )
    return false;
  return candidate.keys.every((key, at) => key.column?.toLowerCase() === primary[at]?.toLowerCase() && !key.descending);
}

export function advisedIndexes(
  target: Target,
  statements: readonly WorkloadStatement[],
  choice: Choice,
  writes: readonly (readonly WeightedWrite[])[],
  idOf: (place: number) => number,
): readonly AdvisedIndex[] {
  let schema = target.schema;
  return choice.chosen.map(({ candidate, bytes, upkeep, serves }) => {
    const script = indexScript(candidate, target.engine, schema);
    const name = /^add_index_/.test(script.name) ? script.name.replace(/^add_index_/, 'idx_') : script.name.replace(/^add_/, '');
    schema = { ...schema, indexes: [...schema.indexes, asIndex(candidate, name)] };
    const cost = (of: readonly (number | undefined)[]): number =>
      serves.reduce((sum, place) => sum + (choice.weights[place] ?? 1) * (of[place] ?? 0), 0);
    const table = candidate.table.toLowerCase();
    return {
      name,
      ddl: script.text,
      engine: target.engine,
      table: candidate.table,
      columns: candidate.keys.map((key) => key.column ?? key.expression ?? ''),
      include: candidate.include,
      ...(candidate.where !== undefined && { where: candidate.where }),
      kind: kindOf(candidate),
      sizeBytes: bytes,
      costBefore: cost(choice.before),
      costAfter: cost(choice.after),
      writeCost: upkeep,
      paidBy: statements.flatMap((_, place) => (writes[place]?.some((write) => write.table === table) ? [idOf(place)] : [])),
      statements: serves.map(idOf),
      served: serves.map((place) => ({ id: idOf(place), costBefore: choice.before[place] ?? 0, costAfter: choice.after[place] ?? 0 })),
      script,
    };
  });
}

function kindOf(candidate: CandidateIndex): AdvisedIndex['kind'] {
  const { method = 'btree', keys, include, where } = candidate;
  if (method === 'gin' || method === 'gist' || method === 'brin' || method === 'hash' || method === 'spgist') return method;
  if (where !== undefined) return 'partial';
  if (keys.some((key) => key.column === undefined)) return 'expression';
  return include.length > 0 ? 'covering' : 'btree';
}

/** Existing indexes that another existing one, or a proposed one, makes superfluous. */
export function redundantIndexes(target: Target, choice: Choice): readonly RedundantIndex[] {
  const { engine } = target;
  const proposed = choice.chosen.map(({ candidate }) => {
    const script = indexScript(candidate, engine, target.schema);
    return asIndex(candidate, script.name.replace(/^add_index_/, 'idx_'));
  });
  const schema: Schema = { ...target.schema, indexes: [...target.schema.indexes, ...proposed] };
  return target.schema.indexes.flatMap((index) => {
    const table = findTable(target.schema, index.table);
    const now = redundancyOf(index, target.schema, table);
    const found = now ?? redundancyOf(index, schema, table);
    if (found === undefined) return [];
    const isNew = now === undefined;
    const other = nameOf(found.other);
    const reason =
      found.kind === 'primary key'
        ? `the table’s own key ${table?.primaryKey.join(', ') ?? ''} does all it does`
        : found.kind === 'same'
          ? `${other} has the same keys`
          : `its keys are the first of ${isNew ? 'the proposed ' : ''}${other}, which ${isNew ? 'will serve every search it serves: drop it once that is built' : 'serves every search it serves'}`;
    return [{ name: index.name, reason, table: index.table, engine, ddl: dropIndexSql(engine, index.name, { concurrently: true }) }];
  });
}

/** The index behind a constraint has a name that nobody gave it. */
function nameOf(index: Index | undefined): string {
  if (index === undefined) return 'another index';
  const keys = index.keys.map((key) => key.column ?? key.expression).join(', ');
  if (index.constraint === 'primary key') return `the primary key (${keys})`;
  return index.constraint === 'unique' || index.name.startsWith('sqlite_autoindex_') ? `the UNIQUE constraint on (${keys})` : index.name;
}

/** Rows that a statement changes, by its plan: the estimate of the first step below the one that writes. SQLite does not tell; one is taken there. */
export function writtenRows(plan: Plan): number {
  let step: PlanStep | undefined = plan.steps[0];
  for (let depth = 0; depth < 3 && step !== undefined; depth++) {
    if (step.rows !== undefined && step.rows > 0) return step.rows;
    step = step.children[0];
  }
  return 1;
}
