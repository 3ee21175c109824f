import { blocksOf, visibleName } from '../../advisor/blocks.ts';
import { bestIndexFor, bestOrderFor } from '../../advisor/choice.ts';
import { whatIfEvidence } from '../../advisor/evidence.ts';
import { indexScript } from '../../advisor/index-script.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo, stepsOf } from '../../advisor/plans.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { FromItem, Select, Statement } from '../../sql/statement.ts';

export const tempSort = rule({
  id: 'sql/temp-sort',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) => query.plannable && firstRows(query.statement) !== undefined && !runsOnce(document, query),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const found = firstRows(query.statement);
    const table = found?.item.name?.text;
    if (found === undefined || table === undefined || isSmall(table, statistics)) return;
    if (!stepsOf(plan.plan).some((step) => step.kind === 'sort')) return;
    // Rows that an index has already found are few, or nearly in order.
    const alias = visibleName(found.item);
    if (accessTo(plan.plan, table, alias) !== 'scan' || accessTo(whatIf.before, table, alias) !== 'scan') return;
    const tried = whatIf.tried.filter((entry) => entry.candidate.keys.every((key) => key.column !== undefined));
    // Where an index finds the rows themselves, that one is proposed, with the order in it.
    if (bestIndexFor(table, alias, whatIf.before, tried) !== undefined) return;
    const best = bestOrderFor(table, whatIf.before, tried);
    if (best === undefined) return;
    const { orderBy } = found.select;
    const columns = best.candidate.keys.map((key) => `${key.column}${key.descending ? ' DESC' : ''}`).join(', ');
    const declared = schema && findTable(schema.schema, table)?.declared;
    yield {
      span: { start: orderBy[0]?.span.start ?? query.span.start, end: orderBy.at(-1)?.span.end ?? query.span.end },
      ...(includesName(whatIf.inferred, table) ? { severity: 'info' as const } : {}),
      message: message(`Reads and sorts all of ${table} for its first rows; an index on (${columns}) has them in order`),
      evidence: whatIfEvidence(whatIf, best, sizeNotes(table, statistics, whatIf)),
      related: declared === undefined ? [] : [{ ...declared, message: `${table} is created here` }],
      fixes: [indexScript(best.candidate, whatIf.before.engine, schema?.schema)],
    };
  },
});

/** A statement that wants the first rows of one table in an order of columns. */
function firstRows(statement: Statement): { select: Select; item: FromItem } | undefined {
  const block = blocksOf(statement)[0];
  if (block?.node.kind !== 'select' || block.role !== 'top') return undefined;
  const { node } = block;
  const [item] = block.tables;
  const ordered = node.limit !== undefined && node.orderBy.length > 0 && node.orderBy.every((term) => term.expression.kind === 'column');
  return ordered && item !== undefined && block.from.length === 1 && node.groupBy.length === 0 && !node.distinct
    ? { select: node, item }
    : undefined;
}
