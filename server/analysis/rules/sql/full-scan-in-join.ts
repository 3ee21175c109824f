import { type Block, blocksOf, columnsIn, tableOf, visibleName } from '../../advisor/blocks.ts';
import { missingIndexes } from '../../advisor/decide.ts';
import { eithersOf } from '../../advisor/either-form.ts';
import { planEvidence } from '../../advisor/evidence.ts';
import { implicitCasts } from '../../advisor/implicit-cast.ts';
import { isPinned } from '../../advisor/keys.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { Plan, PlanStep } from '../../facts.ts';
import { rule } from '../../rule.ts';
import { indexesOf, type Schema } from '../../sql/schema.ts';
import type { Expression, FromItem } from '../../sql/statement.ts';

export const fullScanInJoin = rule({
  id: 'sql/full-scan-in-join',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema', 'plan'],
  wants: ['whatIf', 'statistics'],
  applies: ({ document, query }) =>
    query.statement.complete !== false && blocksOf(query.statement).some((block) => block.tables.length > 1) && !runsOnce(document, query),
  *check({ query }, { schema: fact, plan, whatIf, statistics }) {
    const { schema } = fact;
    const repeated = repeatedScans(plan.plan);
    if (repeated.length === 0) return;
    const missing = whatIf === undefined ? [] : missingIndexes(query, { plan, whatIf, schema: fact, statistics });
    const wanted = new Set(missing.map(({ table }) => table.toLowerCase()));
    for (const block of blocksOf(query.statement)) {
      if (block.tables.length < 2) continue;
      for (const item of block.tables) {
        const name = item.name?.text;
        const scan = name === undefined ? undefined : repeated.find(({ inner }) => isOf(inner, name, visibleName(item)));
        if (name === undefined || scan === undefined || isSmall(name, statistics)) continue;
        const links = linksOf(block, item, schema);
        const outer = outerOf(block, item, links, scan, schema);
        const other = outer?.name?.text;
        if (outer === undefined || other === undefined || isSmall(other, statistics) || isPinned(block, outer, schema)) continue;
        // Each of these has a rule of its own that says what to do.
        if (links.some((link) => isSearchable(link, block, item, schema)) || isToldElsewhere(block, item, schema)) continue;
        if (wanted.has(name.toLowerCase())) continue;
        const notes = [other, name].flatMap((table) => sizeNotes(table, statistics, plan));
        yield {
          span: item.name?.span ?? item.span,
          message: message(`Compares each row of ${other} with each of ${name}: no index serves the condition that joins them`),
          evidence: planEvidence(plan, notes),
        };
      }
    }
  },
});

interface RepeatedScan {
  readonly inner: PlanStep;
  /** The steps whose rows it is repeated for. */
  readonly outer: readonly PlanStep[];
}

/** Pairs that a nested loop may compare before somebody waits: about a second's work for either engine. */
const manyPairs = 1e7;

/** Tables that a nested loop goes through from beginning to end again and again, at any depth of the plan. */
function repeatedScans(plan: Plan): RepeatedScan[] {
  const found: RepeatedScan[] = [];
  const visit = (steps: readonly PlanStep[]): void => {
    if (plan.engine === 'sqlite') found.push(...innerLoops(steps));
    for (const step of steps) {
      const [outer, inner] = step.children;
      if (
        plan.engine === 'postgres' &&
        step.kind === 'join' &&
        step.detail.startsWith('Nested Loop') &&
        outer !== undefined &&
        inner !== undefined
      ) {
        const source = wholeSource(inner);
        if (source !== undefined && (outer.rows ?? 0) * (inner.rows ?? 0) >= manyPairs)
          found.push({ inner: source, outer: everyStep(outer) });
      }
      visit(step.children);
    }
  };
  visit(plan.steps);
  return found;
}

const isAccess = (step: PlanStep): boolean => step.kind === 'scan' || step.kind === 'index' || step.kind === 'index-scan';

/** SQLite lists the loops of a level from the outside in. An automatic index is built once and then searched. */
function innerLoops(steps: readonly PlanStep[]): RepeatedScan[] {
  const loops = steps.filter((step) => isAccess(step) && step.relation !== undefined);
  return loops.flatMap((inner, index) =>
    index > 0 && (inner.kind === 'scan' || inner.kind === 'index-scan') && !/AUTOMATIC/.test(inner.detail)
      ? [{ inner, outer: loops.slice(0, index) }]
      : [],
  );
}

/** The table that a side of a PostgreSQL join reads without regard to the other side; undefined where it searches for each row. */
function wholeSource(step: PlanStep): PlanStep | undefined {
  if (step.kind === 'scan' || step.kind === 'index-scan') return step;
  const [below] = step.children;
  if (step.detail.startsWith('Materialize') && below !== undefined) return everyStep(below).find((entry) => entry.relation !== undefined);
  return undefined;
}

const everyStep = (step: PlanStep): PlanStep[] => [step, ...step.children.flatMap(everyStep)];

function isOf(step: PlanStep, table: string, alias: string | undefined): boolean {
  if (step.relation?.toLowerCase() !== table.toLowerCase()) return false;
  return step.alias === undefined || step.alias.toLowerCase() === alias || step.alias.toLowerCase() === table.toLowerCase();
}

/** The conditions between this table and another of the block. */
function linksOf(block: Block, item: FromItem, schema: Schema): Expression[] {
  return [...block.conditions, ...block.outerConditions].filter((condition) => {
    const owners = ownersOf(block, condition, schema);
    return owners.has(item) && owners.size > 1;
  });
}

function ownersOf(block: Block, condition: Expression, schema: Schema): Set<FromItem | undefined> {
  return new Set(columnsIn(condition).map((column) => tableOf(block, column, schema)));
}

/** The table it is repeated for, as far as a condition joins the two: without one sql/cartesian-join speaks. */
function outerOf(
  block: Block,
  item: FromItem,
  links: readonly Expression[],
  { outer }: RepeatedScan,
  schema: Schema,
): FromItem | undefined {
  const linked = new Set(links.flatMap((link) => [...ownersOf(block, link, schema)]));
  return block.tables.find(
    (entry) => entry !== item && linked.has(entry) && outer.some((step) => isOf(step, entry.name?.text ?? '', visibleName(entry))),
  );
}

const mirrored = /^(=|<|>|<=|>=|IS|IS NOT DISTINCT FROM)$/;

/** The bare column is compared: an index on it could be searched. Where there is none sql/missing-index proposes it; where there is, the planner knew better. */
function isSearchable(link: Expression, block: Block, item: FromItem, schema: Schema): boolean {
  if (link.kind !== 'binary' || !mirrored.test(link.operator)) return false;
  return [link.left, link.right].some((side) => {
    if (side.kind !== 'column' || tableOf(block, side, schema) !== item) return false;
    if (link.operator === '=' || link.operator.startsWith('IS')) return true;
    return indexesOf(schema, item.name?.text ?? '').some((index) => index.keys[0]?.column?.toLowerCase() === side.name.text.toLowerCase());
  });
}

function isToldElsewhere(block: Block, item: FromItem, schema: Schema): boolean {
  return eithersOf(block, schema).length > 0 || implicitCasts(block, schema).some((found) => found.item === item);
}
