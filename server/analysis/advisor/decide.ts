/**
 * Which index a statement wants on each of its tables, and what its absence is called. One cause is one finding: the rules about missing indexes all ask
 * here and each reports what bears its name.
 */
import type { Document, Query } from '../document.ts';
import type { FactTypes, PlanStep, WhatIf } from '../facts.ts';
import { findTable } from '../sql/schema.ts';
import type { FromItem } from '../sql/statement.ts';
import { type Block, blocksOf, visibleName } from './blocks.ts';
import { bestIndexFor, bestOrderFor, bestTogether, cheapest } from './choice.ts';
import { runsOnce } from './one-off.ts';
import { accessTo, stepsOf } from './plans.ts';
import { isFlag, selectivityOf } from './selectivity.ts';
import { includesName, isSmall } from './wording.ts';
import { hasMistake } from './wrapped.ts';

export type MissingKind = 'plain' | 'composite' | 'partial' | 'covering' | 'expression' | 'brin' | 'order';
export interface Missing {
  readonly kind: MissingKind;
  readonly block: Block;
  readonly item: FromItem;
  readonly table: string;
  readonly best: WhatIf;
  /** The planner knew how many values the columns have. */
  readonly counted: boolean;
  /** How many rows the condition finds is anybody's guess. */
  readonly doubtful: boolean;
  /** What would be proposed were it not so large. */
  readonly instead?: WhatIf | undefined;
}
export interface Known {
  readonly plan: FactTypes['plan'];
  readonly whatIf: FactTypes['whatIf'];
  readonly schema: FactTypes['schema'] | undefined;
  readonly statistics: FactTypes['statistics'] | undefined;
}

/** Where an index is there already, a plan this many times cheaper is worth another one, if it cost as much as some hundred pages before. */
const countedRatio = 3;
const noticeable = 100;
/**
 * A summary of block ranges (BRIN) reads whole ranges of 128 pages, and the planner, which takes the rows to lie anywhere in them, thinks little of it: so
 * it stands in for a B-tree only where many rows are read anyway, and where the B-tree would be large (bytes).
 */
const summaryRows = 10_000;
const summaryInsteadOf = 100 * 1024 * 1024;
/** A partial index that costs the statement no more than a whole one is preferred where it is this many times smaller. */
const smallPart = 5;

const decided = new WeakMap<FactTypes['whatIf'], { readonly query: Query; readonly found: readonly Missing[] }>();

/** Whether it is worth asking a planner: the statement runs again and again, as it stands, and reads tables. */
export function mayMissIndex(document: Document, query: Query): boolean {
  return query.plannable && !runsOnce(document, query) && blocksOf(query.statement).some((block) => block.tables.length > 0);
}

/** At most one for each table of the statement, in the order written; with `kind` only what that one's rule is about. */
export function missingIndexes(query: Query, known: Known, kind?: MissingKind): readonly Missing[] {
  const all = decideAll(query, known);
  return kind === undefined ? all : all.filter((missing) => missing.kind === kind);
}

function decideAll(query: Query, known: Known): readonly Missing[] {
  const before = decided.get(known.whatIf);
  if (before?.query === query) return before.found;
  const done = new Set<string>();
  const found: Missing[] = [];
  for (const block of blocksOf(query.statement)) {
    for (const item of block.tables) {
      const table = item.name?.text;
      if (table === undefined || done.has(table.toLowerCase()) || isSmall(table, known.statistics)) continue;
      const missing = decide(block, item, table, query, known);
      if (missing === undefined) continue;
      for (const candidate of [missing.best.candidate, ...(missing.best.also ?? [])]) done.add(candidate.table.toLowerCase());
      found.push(missing);
    }
  }
  decided.set(known.whatIf, { query, found });
  return found;
}

function decide(block: Block, item: FromItem, table: string, query: Query, known: Known): Missing | undefined {
  const { plan, whatIf } = known;
  const alias = visibleName(item);
  // The database that runs the query has the last word: it may have an index that the repository does not know.
  const access = accessTo(plan.plan, table, alias);
  if (access === undefined || accessTo(whatIf.before, table, alias) !== access) return undefined;
  const of: Case = {
    block,
    item,
    table,
    alias,
    query,
    // PostgreSQL's catalogue counts the values of every column; SQLite knows those of existing indexes alone.
    counted: whatIf.before.engine === 'postgres' && !includesName(whatIf.assumed, table),
    rows: known.statistics?.rows(table),
    tried: whatIf.tried.filter((each) => each.used && sameName(each.candidate.table, table)),
  };
  return (access === 'scan' ? forScan(of, known) : undefined) ?? better(of, known);
}

interface Case {
  readonly block: Block;
  readonly item: FromItem;
  readonly table: string;
  readonly alias: string | undefined;
  readonly query: Query;
  readonly rows: number | undefined;
  readonly counted: boolean;
  /** Candidates on this table that the planner takes. */
  readonly tried: readonly WhatIf[];
}

/** Every row is read. */
function forScan(of: Case, { whatIf, schema }: Known): Missing | undefined {
  const { block, table, alias, counted } = of;
  const { before } = whatIf;
  const simple = of.tried.filter((each) => isSimple(each) && (counted || !isOpen(each)));
  const best = fewest(simple.filter(onColumns), of, schema, (list) => bestIndexFor(table, alias, before, list));
  if (best !== undefined) {
    const finds = selectivityOf(best.candidate, block, schema && findTable(schema.schema, table));
    if (finds === 'many' && !counted) return undefined;
    const summary = counted ? summaryFor(of, best, before.totalCost) : undefined;
    if (summary !== undefined) return { ...found('brin', of, summary, false), instead: best };
    const part = counted && best.candidate.where === undefined ? smallerPart(of, best) : undefined;
    if (part !== undefined) return found('partial', of, part, false);
    return found(best.candidate.where === undefined ? 'plain' : 'partial', of, best, finds !== 'few' && !counted);
  }
  const several = bestTogether(table, alias, before, of.tried);
  if (several !== undefined)
    return found(
      'plain',
      of,
      several,
      !counted && several.candidate.keys.every((key) => isFlag(key.column ?? '', schema && findTable(schema.schema, table))),
    );
  const made = fewest(
    simple.filter((each) => !onColumns(each)),
    of,
    schema,
    (list) => bestIndexFor(table, alias, before, list),
  );
  if (made !== undefined) {
    // That is told where it is written (sql/non-sargable-predicate).
    const mistaken = schema !== undefined && hasMistake(block, of.item, schema.schema, of.query);
    return mistaken ? undefined : found('expression', of, made, false);
  }
  const ordered = isFirstRows(of) ? bestOrderFor(table, before, simple) : undefined;
  if (ordered !== undefined) return found(onColumns(ordered) ? 'order' : 'expression', of, ordered, false);
  return undefined;
}

/** Where nobody counted, a column that says yes or no is a key only if nothing works without it: its share of the rows is a guess. */
function fewest(
  tried: readonly WhatIf[],
  { counted, table }: Case,
  schema: FactTypes['schema'] | undefined,
  choose: (tried: readonly WhatIf[]) => WhatIf | undefined,
): WhatIf | undefined {
  if (counted) return choose(tried);
  const known = schema && findTable(schema.schema, table);
  const without = tried.filter(({ candidate }) => !candidate.keys.some((key) => key.column !== undefined && isFlag(key.column, known)));
  return choose(without) ?? choose(tried);
}

/** The rows are found already, or all of them are wanted: only counted values tell that a plan is far cheaper. */
function better(of: Case, { whatIf }: Known): Missing | undefined {
  if (includesName(whatIf.assumed, of.table)) return undefined;
  const now = whatIf.before.totalCost;
  if (now < noticeable) return undefined;
  const worth = (list: readonly WhatIf[], than: number) => cheapest(list.filter((each) => each.plan.totalCost * countedRatio <= than));
  const btrees = of.tried.filter((each) => isBtree(each) && onColumns(each));
  const bare = btrees.filter((each) => each.candidate.where === undefined && each.candidate.include.length === 0);
  const isScan = accessTo(whatIf.before, of.table, of.alias) === 'scan';
  const composite = isScan
    ? undefined
    : worth(
        bare.filter((each) => each.candidate.keys.length > 1),
        now,
      );
  const part = composite === undefined ? undefined : smallerPart(of, composite);
  if (part !== undefined) return found('partial', of, part, false);
  // A partial index serves this statement alone, and how much it leaves out only counting tells.
  const partial = isScan
    ? undefined
    : worth(
        btrees.filter((each) => each.candidate.where !== undefined),
        composite?.plan.totalCost ?? now,
      );
  if (partial !== undefined) return found('partial', of, partial, false);
  if (composite !== undefined) return found('composite', of, composite, false);
  const covering = worth(
    btrees.filter((each) => each.candidate.include.length > 0 && each.candidate.where === undefined),
    now,
  );
  return covering === undefined ? undefined : found('covering', of, covering, false);
}

/** The same for the statement, over the few rows that it is about. */
function smallerPart({ tried }: Case, whole: WhatIf): WhatIf | undefined {
  return cheapest(
    tried.filter(
      (each) =>
        isBtree(each) &&
        onColumns(each) &&
        each.candidate.where !== undefined &&
        each.plan.totalCost <= whole.plan.totalCost * 1.1 &&
        (each.bytes ?? Number.POSITIVE_INFINITY) * smallPart <= (whole.bytes ?? 0),
    ),
  );
}

function found(kind: MissingKind, of: Case, best: WhatIf, doubtful: boolean): Missing {
  const { block, item, table, counted } = of;
  return { kind, block, item, table, best, counted, doubtful };
}

/** The index that the statement reads this table by now. */
export function indexUsed(whatIf: FactTypes['whatIf'], { item, table }: Missing): string | undefined {
  const alias = visibleName(item);
  const reads = (step: PlanStep): boolean =>
    step.index !== undefined &&
    sameName(step.relation ?? step.alias ?? '', table) &&
    (step.alias === undefined || alias === undefined || sameName(step.alias, alias));
  return stepsOf(whatIf.before).find(reads)?.index;
}

/** A range of a column that the table is in the order of: the planner itself takes the summary, for it knows the correlation. */
function summaryFor({ tried, table }: Case, best: WhatIf, now: number): WhatIf | undefined {
  const [key, ...others] = best.candidate.keys;
  if (others.length > 0 || key?.column === undefined || best.candidate.where !== undefined || (best.bytes ?? 0) < summaryInsteadOf)
    return undefined;
  const reads = stepsOf(best.plan).filter((step) => sameName(step.relation ?? '', table));
  if (Math.max(0, ...reads.map((step) => step.rows ?? 0)) < summaryRows) return undefined;
  const summary = tried.find((each) => each.candidate.method === 'brin' && each.candidate.keys[0]?.column === key.column);
  return summary !== undefined && summary.plan.totalCost < now ? summary : undefined;
}

/** The statement wants the first rows of one table in an order of its own: then reading them in that order ends early. */
function isFirstRows({ block, query }: Case): boolean {
  const { node } = block;
  return (
    blocksOf(query.statement)[0] === block &&
    node.kind === 'select' &&
    node.limit !== undefined &&
    node.orderBy.length > 0 &&
    block.from.length === 1 &&
    node.groupBy.length === 0 &&
    !node.distinct
  );
}

const isBtree = ({ candidate }: WhatIf): boolean => (candidate.method ?? 'btree') === 'btree';
const onColumns = ({ candidate }: WhatIf): boolean => candidate.keys.every((key) => key.column !== undefined);
/** A partial index whose condition leaves out nobody knows what: `stock > 0`, `state <> 'done'`. */
const isOpen = ({ candidate }: WhatIf): boolean => / NOT IN | IS NOT |[<>]/.test(candidate.where ?? '');
/** Neither carries columns nor sums up, nor takes a text apart: those answer to other names. */
const isSimple = ({ candidate }: WhatIf): boolean =>
  candidate.include.length === 0 && candidate.method !== 'brin' && candidate.keys.every((key) => key.operatorClass !== 'gin_trgm_ops');

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
