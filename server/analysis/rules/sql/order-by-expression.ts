import { type Block, blocksOf, columnsIn, tableOf, visibleName } from '../../advisor/blocks.ts';
import { planEvidence } from '../../advisor/evidence.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo, stepsOf } from '../../advisor/plans.ts';
import { changeAt, rewriteFix, sqlOf } from '../../advisor/rewriting.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { Expression, OrderTerm, Select } from '../../sql/statement.ts';

export const orderByExpression = rule({
  id: 'sql/order-by-expression',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['plan', 'schema'],
  wants: ['statistics'],
  applies: ({ document, query }) =>
    query.statement.complete !== false &&
    blocksOf(query.statement).some((block) => computedOrder(block, query.dialect) !== undefined) &&
    !runsOnce(document, query),
  *check({ query }, { plan, schema, statistics }) {
    if (!stepsOf(plan.plan).some((step) => step.kind === 'sort')) return;
    for (const block of blocksOf(query.statement)) {
      const found = computedOrder(block, query.dialect);
      const item = found && tableOf(block, found.column, schema.schema);
      const name = item?.name?.text;
      const table = name === undefined ? undefined : findTable(schema.schema, name);
      if (found === undefined || item === undefined || name === undefined || table?.kind !== 'table' || isSmall(name, statistics)) continue;
      const access = accessTo(plan.plan, name, visibleName(item));
      if (access !== 'scan' && access !== 'index-scan') continue;
      const column = found.column.name.text;
      const type = table.columns.find((entry) => entry.name.toLowerCase() === column.toLowerCase())?.type ?? '';
      if (query.dialect === 'postgres' && !/^(timestamp|timestamptz|date)\b/.test(type)) continue;
      const bare = sqlOf(query, found.column.span);
      const isText = query.dialect === 'sqlite';
      const fix =
        bare === undefined
          ? undefined
          : rewriteFix(query, [changeAt(query, found.term.expression.span, bare)], {
              title: isText ? `Order by ${column} itself, where it holds ISO texts` : `Order by ${column} itself`,
              // Times of one day change places, which had no order before; where a zone's clocks go back, so may two of its days.
              safe: !isText && !/^timestamptz|with time zone/.test(type),
              remarks: isText ? [`(where every ${column} is written the same way)`] : [],
            });
      const first = block.node.kind === 'select' && block.node.limit !== undefined && !includesName(plan.inferred, name);
      yield {
        span: found.term.expression.span,
        ...(first && { severity: 'warning' as const }),
        message: message(`Computes ${found.made} of every row of ${name} and sorts by it: no index on ${column} has that order`),
        evidence: planEvidence(plan, sizeNotes(name, statistics, plan)),
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});

interface ComputedOrder {
  readonly term: OrderTerm;
  readonly column: Extract<Expression, { kind: 'column' }>;
  readonly made: string;
}

/** The only term of ORDER BY, where it keeps the order of the column it is made of: later values give later or equal ones. */
function computedOrder({ node }: Block, dialect: string): ComputedOrder | undefined {
  if (node.kind !== 'select' || !isPlain(node)) return undefined;
  const [term] = node.orderBy;
  const [column] = term === undefined ? [] : columnsIn(term.expression);
  const made = term && column && keepsOrder(term.expression, column, dialect);
  return made === undefined || term === undefined || column === undefined ? undefined : { term, column, made };
}

/** Its rows leave it as they are. An order after DISTINCT or GROUP BY is one of what is shown. */
const isPlain = (node: Select): boolean =>
  node.orderBy.length === 1 && node.groupBy.length === 0 && !node.distinct && node.compound.length === 0 && node.having === undefined;

const textTimes: ReadonlySet<string> = new Set(['datetime', 'date', 'julianday', 'unixepoch']);

function keepsOrder(expression: Expression, column: Expression, dialect: string): string | undefined {
  if (expression.kind === 'cast')
    return dialect === 'postgres' && expression.type === 'date' && expression.operand === column ? 'the date' : undefined;
  if (expression.kind !== 'call' || expression.window || expression.filter !== undefined) return undefined;
  const [first, second] = expression.arguments;
  const only = expression.arguments.length === 1 && first === column;
  if (dialect === 'sqlite') return only && textTimes.has(expression.name) ? `${expression.name}()` : undefined;
  if (only && expression.name === 'date') return 'date()';
  if (expression.arguments.length !== 2 || second !== column || first?.kind !== 'literal') return undefined;
  if (expression.name === 'date_trunc') return 'date_trunc()';
  return /^(extract|date_part)$/.test(expression.name) && first.value.toLowerCase() === 'epoch' ? 'the epoch' : undefined;
}
