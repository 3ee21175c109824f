import { blocksOf, visibleName } from '../../advisor/blocks.ts';
import { missingIndexes } from '../../advisor/decide.ts';
import { type Arm, eithersOf, unionOfArms } from '../../advisor/either-form.ts';
import { planEvidence } from '../../advisor/evidence.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo } from '../../advisor/plans.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import type { FromItem } from '../../sql/statement.ts';

export const orAcrossColumns = rule({
  id: 'sql/or-across-columns',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema', 'plan'],
  wants: ['whatIf', 'statistics'],
  applies: ({ document, query }) =>
    query.statement.complete !== false &&
    blocksOf(query.statement).some(({ conditions }) => conditions.some((part) => part.kind === 'binary' && part.operator === 'OR')) &&
    !runsOnce(document, query),
  *check({ query }, { schema, plan, whatIf, statistics }) {
    const reads = (item: FromItem): boolean => {
      const access = accessTo(plan.plan, item.name?.text ?? '', visibleName(item));
      return access === 'scan' || access === 'index-scan';
    };
    const missing = whatIf === undefined ? [] : missingIndexes(query, { plan, whatIf, schema, statistics });
    const wanted = new Set(missing.map(({ table }) => table.toLowerCase()));
    for (const block of blocksOf(query.statement)) {
      for (const either of eithersOf(block, schema.schema)) {
        const items = [...new Set(either.arms.map((arm) => arm.item))];
        const [item] = items;
        const table = item?.name?.text;
        if (item === undefined || table === undefined || items.some((entry) => isSmall(entry.name?.text ?? '', statistics))) continue;
        // Where the planner searches for each side, or comes to the rows from elsewhere, there is nothing to say.
        if (!items.some(reads) || (items.length === 1 && !reads(item))) continue;
        const lacking = either.arms.filter((arm) => arm.index === undefined);
        // An index that the planner would take for it belongs to sql/missing-index.
        if (items.some((entry) => wanted.has(entry.name?.text.toLowerCase() ?? ''))) continue;
        const across = items.length > 1;
        // Without an index on every side, one query a side would read all rows just as well.
        if (across && lacking.length > 0) continue;
        if (!across && lacking.length === 0) continue;
        const fix = across ? unionOfArms(query, block, either) : undefined;
        yield {
          span: either.condition.span,
          message: message(
            across
              ? `OR across ${items.map((entry) => entry.name?.text).join(' and ')} can use no index: all rows of ${names(items.filter(reads))} are read`
              : `OR with ${columnsOf(lacking)} reads all rows of ${table}: no index on ${lacking.length > 1 ? 'either' : 'it'}${used(either.arms)}`,
          ),
          evidence: planEvidence(plan, [
            ...items.flatMap((entry) => sizeNotes(entry.name?.text ?? '', statistics, plan)),
            across
              ? 'Each side alone is found by an index: one query a side, put together with UNION ALL'
              : 'With an index on every side the planner searches for each of them',
          ]),
          ...(fix !== undefined && { fixes: [fix] }),
        };
      }
    }
  },
});

const names = (items: readonly FromItem[]): string => items.map((item) => item.name?.text).join(' and ');
const columnsOf = (arms: readonly Arm[]): string => [...new Set(arms.map((arm) => arm.columns[0]))].join(' and ');

/** `, and idx_users_email is not used` */
function used(arms: readonly Arm[]): string {
  const index = arms.find((arm) => arm.index !== undefined)?.index;
  return index === undefined ? '' : `; ${index} is not used`;
}
