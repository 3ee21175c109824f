import { type Block, columnsIn, visibleName } from '../../advisor/blocks.ts';
import { cheapest } from '../../advisor/choice.ts';
import { missingIndexes } from '../../advisor/decide.ts';
import { planEvidence, whatIfEvidence } from '../../advisor/evidence.ts';
import { aggregateOf, groupedForm } from '../../advisor/grouped-form.ts';
import { indexScript } from '../../advisor/index-script.ts';
import { isPinned, keysOf } from '../../advisor/keys.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo, stepsOf } from '../../advisor/plans.ts';
import { type CorrelatedSubquery, correlatedSubqueries, hasSubquery } from '../../advisor/subqueries.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { FactTypes, PlanStep, WhatIf } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { findTable, type Schema } from '../../sql/schema.ts';
import type { Expression, FromItem } from '../../sql/statement.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const correlatedSubquery = rule({
  id: 'sql/correlated-subquery',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema', 'plan'],
  wants: ['whatIf', 'statistics'],
  applies: ({ document, query }) => query.statement.complete !== false && hasSubquery(query.statement) && !runsOnce(document, query),
  *check({ query }, { schema: fact, plan, whatIf, statistics }) {
    const { schema } = fact;
    const repeated = stepsOf(plan.plan).filter((step) => step.perRow === true);
    if (repeated.length === 0) return;
    const missing = whatIf === undefined ? [] : missingIndexes(query, { plan, whatIf, schema: fact, statistics });
    const wanted = new Set(missing.map(({ table }) => table.toLowerCase()));
    for (const found of correlatedSubqueries(query.statement, schema)) {
      const { outer, inner, uses, expression } = found;
      const subplan = repeated.find((step) => inner.tables.some((item) => reads(step, item.name?.text, visibleName(item))));
      const around = uses.find((item) => item.name !== undefined && outer.tables.includes(item));
      const one = around?.name?.text;
      if (subplan === undefined || around === undefined || one === undefined || isSmall(one, statistics) || fewRows(outer, schema))
        continue;
      const scanned = scannedIn(subplan, found, { statistics, wanted });
      const cost = scanned === undefined ? wholeTableCost(found, { plan, statistics, schema }) : undefined;
      if (scanned === undefined && cost === undefined) continue;
      const better = scanned === undefined || whatIf === undefined ? undefined : searchInstead(scanned, whatIf);
      const fix = better && whatIf ? indexScript(better.candidate, whatIf.before.engine, schema) : groupedForm(query, found, schema);
      const table = scanned ?? inner.tables[0]?.name?.text ?? 'the table';
      const notes = [one, table].flatMap((name) => sizeNotes(name, statistics, plan));
      yield {
        span: expression.span,
        ...(cost === 'lookup' && { severity: 'info' as const }),
        message: message(
          scanned !== undefined
            ? `Reads all of ${table} again for each row of ${one}`
            : cost === 'range'
              ? `Reads a part of ${table} again for each row of ${one}, in all half of their product; a window function reads it once`
              : `Runs once for each row of ${one}; one GROUP BY over ${table}, joined, reads it once`,
        ),
        evidence: better && whatIf ? whatIfEvidence(whatIf, better, notes) : planEvidence(plan, notes),
        ...(fix !== undefined && { fixes: [fix] }),
      } satisfies Report;
    }
  },
});

function reads(step: PlanStep, table: string | undefined, alias: string | undefined): boolean {
  const same = (left: string | undefined, right: string | undefined) => left !== undefined && left.toLowerCase() === right?.toLowerCase();
  return (
    ((same(step.relation, table) || step.relation === undefined) &&
      (same(step.alias, alias) || (step.alias === undefined && same(step.relation, table)))) ||
    step.children.some((child) => reads(child, table, alias))
  );
}

/** At most a handful of rows by the statement's own word. */
function fewRows(outer: Block, schema: Schema): boolean {
  if (outer.node.kind === 'select' && outer.node.limit !== undefined) return true;
  return outer.tables.some((item) => isPinned(outer, item, schema));
}

interface Known {
  readonly statistics: FactTypes['statistics'] | undefined;
  /** Tables that another rule proposes an index for. */
  readonly wanted: ReadonlySet<string>;
}

/** The table that is read in full each time, where no index would change that: one that would belongs to sql/missing-index. */
function scannedIn(subplan: PlanStep, found: CorrelatedSubquery, { statistics, wanted }: Known): string | undefined {
  const { inner } = found;
  // The first or last entry of an index, and the first rows that come along, are no reading of it all.
  const stopsEarly = ['min', 'max'].includes(aggregateOf(found) ?? '') || (inner.node.kind === 'select' && inner.node.limit !== undefined);
  const item = inner.tables.find((entry) => {
    const name = entry.name?.text;
    return (
      name !== undefined &&
      !isSmall(name, statistics) &&
      everyStep(subplan).some(
        (step) =>
          (step.kind === 'scan' || (step.kind === 'index-scan' && !stopsEarly)) &&
          !/AUTOMATIC/.test(step.detail) &&
          reads({ ...step, children: [] }, name, visibleName(entry)),
      )
    );
  });
  const name = item?.name?.text;
  if (item === undefined || name === undefined) return undefined;
  return wanted.has(name.toLowerCase()) ? undefined : name;
}

/** Cheaper by an order of magnitude, beyond any error of the estimates. */
const decisive = 10;

/** An index that is searched where one that begins with another column is gone through. */
function searchInstead(table: string, { before, tried }: FactTypes['whatIf']): WhatIf | undefined {
  return cheapest(
    tried.filter(
      ({ used, candidate, plan }) =>
        used &&
        candidate.where === undefined &&
        candidate.table.toLowerCase() === table.toLowerCase() &&
        plan.totalCost * decisive <= before.totalCost,
    ),
  );
}

const everyStep = (step: PlanStep): PlanStep[] => [step, ...step.children.flatMap(everyStep)];

/**
 * Every row around it is wanted, so that reading the inner table once beats a search for each: `lookup` where an equality finds
 * the rows of an aggregate, `range` where each row looks at all before or after it.
 */
function wholeTableCost(
  found: CorrelatedSubquery,
  { plan, statistics, schema }: { plan: FactTypes['plan']; statistics: FactTypes['statistics'] | undefined; schema: Schema },
): 'lookup' | 'range' | undefined {
  const { outer, inner, links, shown } = found;
  const [item] = outer.tables;
  const name = item?.name?.text;
  const aggregate = aggregateOf(found);
  if (item === undefined || name === undefined || aggregate === undefined || !shown || outer.from.length !== 1 || inner.from.length !== 1)
    return undefined;
  if (outer.conditions.some(isFilter) || (outer.node.kind === 'select' && outer.node.groupBy.length > 0)) return undefined;
  const access = accessTo(plan.plan, name, visibleName(item));
  if (access !== 'scan' && access !== 'index-scan') return undefined;
  if (
    inner.tables.some(
      (entry) => isSmall(entry.name?.text ?? '', statistics) || isPinned(inner, entry, schema) || isKeyed(found, entry, schema),
    )
  )
    return undefined;
  if (links.every((link) => link.kind === 'binary' && /^[<>]=?$/.test(link.operator)))
    return inner.conditions.length === links.length ? 'range' : undefined;
  // The ends of an index are found at once.
  return aggregate === 'min' || aggregate === 'max' ? undefined : 'lookup';
}

/** One row at most for each: what links the two is a key of the inner table. */
function isKeyed({ links }: CorrelatedSubquery, item: FromItem, schema: Schema): boolean {
  const table = item.name && findTable(schema, item.name.text);
  const names = new Set(links.flatMap((link) => columnsIn(link).map((column) => column.name.text.toLowerCase())));
  return (
    table !== undefined &&
    keysOf(schema, table).some(
      (key) =>
        key.length === 1 &&
        key.every((name) => names.has(name)) &&
        links.every(
          (link) =>
            link.kind === 'binary' &&
            link.operator === '=' &&
            [link.left, link.right].some(
              (side) =>
                side.kind === 'column' && side.name.text.toLowerCase() === key[0] && side.table?.text.toLowerCase() === visibleName(item),
            ),
        ),
    )
  );
}

/** Leaves out rows, nobody knows how many. */
const isFilter = (condition: Expression): boolean => [...expressionsIn(condition)].some((part) => part.kind === 'column');
