/** "Why no index?", for any statement: the one reason that counts, in a sentence. */
import type { Plan, PlanStep, WhatIf } from '../facts.ts';
import { findTable, indexesOf, type Schema, type Table } from '../sql/schema.ts';
import { type Scope, scopesOf } from '../sql/scopes.ts';
import type { FromItem, Statement } from '../sql/statement.ts';
import { type Block, blocksOf, visibleName } from './blocks.ts';
import { candidateIndexes, forWorkload } from './candidates.ts';
import { cheapest } from './choice.ts';
import { accessTo, stepsOf, stepsOn } from './plans.ts';
import { predicatesOn } from './predicates.ts';
import { type Refusal, unsearchable, yesOrNo } from './unsearchable.ts';
import { orderKeys } from './wanted.ts';
import { count } from './wording.ts';

export interface RefusalCase {
  readonly statement: Statement;
  readonly schema: Schema;
  /** With the indexes that are there; undefined where no planner answered. */
  readonly plan: Plan | undefined;
  /** What was tried with it, each index alone. */
  readonly tried: readonly WhatIf[];
  /** How many were tried, where that is known and their plans are not. */
  readonly attempts?: number | undefined;
  /** Counted rows of a table. */
  readonly rows: (table: string) => number | undefined;
  /** Fewer rows than this are read as fast as they are searched. */
  readonly smallTable: number;
  /** An index that saves less than this share of the cost is not worth its upkeep. */
  readonly worthwhile: number;
}

/** The dearest tables are asked about; a statement of more is one that a program wrote. */
const mostTables = 16;

/** Undefined only where an index is worth it: then it is proposed and needs no excuse. */
export function refusalFor(given: RefusalCase): Refusal | undefined {
  const { statement, plan, tried, worthwhile } = given;
  const blocks = blocksOf(statement).filter((block) => block.tables.length > 0);
  if (blocks.length === 0) return nothingRead(statement);
  if (plan === undefined)
    return { code: 'not-planned', reason: 'no planner could be asked about it, and without one an index would be a guess' };
  const best = cheapest(tried.filter((each) => each.used));
  const gain = best === undefined || plan.totalCost <= 0 ? 0 : 1 - best.plan.totalCost / plan.totalCost;
  if (best !== undefined && gain >= worthwhile && !isSmall(best.candidate.table, given)) return undefined;
  const found = blocks
    .flatMap((block) => block.tables.map((item) => ({ block, item, cost: costOf(plan, item) })))
    // The table that costs most has the reason that counts.
    .sort((left, right) => right.cost - left.cost)
    .slice(0, mostTables)
    .map(({ block, item }) => forTable(block, item, plan, given));
  const first = found.find((refusal) => refusal.code !== 'index-exists') ?? found[0];
  if (best !== undefined && gain > 0.005 && (first === undefined || first.code === 'not-used' || first.code === 'index-exists')) {
    const keys = best.candidate.keys.map((key) => key.column ?? key.expression).join(', ');
    return { code: 'small-gain', reason: `the best index, ${best.candidate.table} (${keys}), would make it only ${percent(gain)} cheaper` };
  }
  return first;
}

function nothingRead(statement: Statement): Refusal {
  return statement.kind === 'insert'
    ? { code: 'writes-only', reason: 'it only writes, and every index makes that dearer' }
    : { code: 'no-table', reason: 'it reads no table' };
}

function costOf(plan: Plan, item: FromItem): number {
  const steps = stepsOn(plan, item.name?.text ?? '', visibleName(item));
  return Math.max(0, ...steps.map((step) => step.cost ?? 0));
}

function isSmall(table: string, { rows, smallTable }: RefusalCase): boolean {
  const counted = rows(table);
  return counted !== undefined && counted < smallTable;
}

function forTable(block: Block, item: FromItem, plan: Plan, given: RefusalCase): Refusal {
  const { schema, statement } = given;
  const attempts = given.attempts ?? given.tried.length;
  const name = item.name?.text ?? '';
  const table = findTable(schema, name);
  if (table === undefined) return { code: 'unknown-table', reason: `${name} is not in the schema that is known` };
  if (table.kind === 'view' || table.kind === 'virtual')
    return {
      code: 'not-a-table',
      reason: `${name} is a ${table.kind === 'view' ? 'view' : 'virtual table'}, which has no indexes of its own`,
    };
  const counted = given.rows(name);
  if (counted !== undefined && counted < given.smallTable)
    return { code: 'too-few-rows', reason: `${name} has ${count(counted)} rows: reading them all is as fast` };
  const access = accessTo(plan, name, visibleName(item));
  if (access === 'index') return served(plan, item, table);
  const blocked = unsearchable(block, item, table, schema);
  if (blocked !== undefined) return blocked;
  if (access === 'index-scan')
    return {
      code: 'whole-order',
      reason: `${indexOf(plan, item) ?? 'an index'} gives ${name} in the order that is asked for, and all of it is wanted`,
    };
  if (!asksFor(statement, item, table, schema))
    return {
      code: 'no-condition',
      reason: `all of ${name} is wanted: nothing in the statement leaves rows out or orders them by columns of it`,
    };
  const share = shareOf(plan, item, counted);
  const ignored = servingIndex(statement, table, schema);
  if (share !== undefined && share >= selective)
    return {
      code: 'not-selective',
      reason: `it finds ${percent(share)} of ${name}${ignored === undefined ? '' : `, so ${ignored} is not used`}: going through an index to so many rows is slower than reading them all`,
    };
  const flag = yesOrNo(block, table);
  if (flag !== undefined && counted === undefined)
    return { code: 'yes-or-no', reason: `${flag} says only yes or no, and nobody counted how often it says which` };
  if (ignored !== undefined)
    return {
      code: 'planner-ignores',
      reason: `${ignored} would lead to the rows of ${name}, and the planner thinks reading all of them cheaper`,
    };
  return {
    code: 'not-used',
    reason:
      attempts === 0
        ? `no index on ${name} was found worth trying`
        : `the planner uses ${attempts === 1 ? 'not the index that was' : `none of the ${attempts} indexes that were`} tried: it reads so much of ${name} that no index helps`,
  };
}

/** From this share of a table's rows on PostgreSQL reads it all even from a fast disk (random_page_cost 1.1 and rows spread evenly). */
const selective = 0.05;

function served(plan: Plan, item: FromItem, table: Table): Refusal {
  const index = indexOf(plan, item);
  const key =
    index === undefined || /pkey$|^sqlite_autoindex/.test(index)
      ? `the ${table.primaryKey.length > 0 ? 'primary ' : ''}key of ${table.name}`
      : index;
  return { code: 'index-exists', reason: `${key} already leads to the rows of ${table.name}` };
}

function indexOf(plan: Plan, item: FromItem): string | undefined {
  return stepsOn(plan, item.name?.text ?? '', visibleName(item)).find((step) => step.index !== undefined)?.index;
}

/** Some level of the statement narrows the table, joins it or orders it. */
function asksFor(statement: Statement, item: FromItem, known: Table, schema: Schema): boolean {
  return scopesOf(statement).some((scope: Scope) =>
    scope.tables.some((table) => {
      if (table.item !== item) return false;
      const { predicates, contained } = predicatesOn(scope, table, known, schema);
      return predicates.length > 0 || contained.length > 0 || orderKeys(scope, { scope, table, known, schema }).length > 0;
    }),
  );
}

/** What of the table the planner expects to be left by its condition; undefined where nobody counted. */
function shareOf(plan: Plan, item: FromItem, counted: number | undefined): number | undefined {
  if (counted === undefined || counted === 0) return undefined;
  const scan = stepsOn(plan, item.name?.text ?? '', visibleName(item)).find((step) => step.kind === 'scan');
  if (scan?.rows === undefined) return undefined;
  // Each worker of a parallel scan has its part; what gathers them tells the whole.
  const gathered = /^Parallel /.test(scan.detail)
    ? stepsOf(plan).find((step) => /^Gather/.test(step.detail) && step.children.includes(scan))
    : undefined;
  return Math.min(
    1,
    ((gathered?.rows ?? scan.rows) * (gathered === undefined && /^Parallel /.test(scan.detail) ? workers(plan) : 1)) / counted,
  );
}

/** How many share a parallel scan by PostgreSQL's usual setting: two, and the leader for a part of its time. */
const workers = (plan: Plan): number => (stepsOf(plan).some((step: PlanStep) => /^Gather/.test(step.detail)) ? 2.4 : 1);

/** An existing index that would serve: the candidates without it are as good as the ones with it left out. */
function servingIndex(statement: Statement, table: Table, schema: Schema): string | undefined {
  const others = { ...schema, indexes: schema.indexes.filter((index) => index.table.toLowerCase() !== table.name.toLowerCase()) };
  const wanted = candidateIndexes(statement, others, forWorkload).filter((each) => each.table === table.name && each.where === undefined);
  const [first] = wanted[0]?.keys ?? [];
  if (first === undefined) return undefined;
  return indexesOf(schema, table.name).find(
    (index) =>
      index.where === undefined &&
      index.keys[0]?.column !== undefined &&
      wanted.some((each) => each.keys[0]?.column === index.keys[0]?.column),
  )?.name;
}

/** `62 %`, `3.4 %`. */
export const percent = (share: number): string => `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
