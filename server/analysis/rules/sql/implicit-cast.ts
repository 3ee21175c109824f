import { blocksOf, visibleName } from '../../advisor/blocks.ts';
import { planEvidence } from '../../advisor/evidence.ts';
import { castText, type ImplicitCast, implicitCasts } from '../../advisor/implicit-cast.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo } from '../../advisor/plans.ts';
import { changeAt, rewriteFix, sqlOf } from '../../advisor/rewriting.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { Query } from '../../document.ts';
import type { Plan } from '../../facts.ts';
import type { Fix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import { indexesOf, type Schema } from '../../sql/schema.ts';
import type { Expression } from '../../sql/statement.ts';

export const implicitCast = rule({
  id: 'sql/implicit-cast',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema', 'plan'],
  wants: ['statistics'],
  applies: ({ document, query }) =>
    blocksOf(query.statement).some((block) => [...block.conditions, ...block.outerConditions].some(hasTwoTypes)) &&
    !runsOnce(document, query),
  *check({ query }, { schema: fact, plan, statistics }) {
    const { schema } = fact;
    for (const block of blocksOf(query.statement)) {
      for (const found of implicitCasts(block, schema)) {
        const { item, table, column, becomes, otherItem } = found;
        if (isSmall(table.name, statistics) || accessTo(plan.plan, table.name, visibleName(item)) !== 'scan') continue;
        const index = indexOn(schema, table.name, column.name.text);
        if (index === undefined || !isTurned(plan.plan, found)) continue;
        // Joined to every row of the other table, the index would not be asked even if it could.
        if (otherItem !== undefined && accessTo(plan.plan, otherItem.name?.text ?? '', visibleName(otherItem)) === 'scan') continue;
        const fix = rewritten(query, found, schema);
        yield {
          span: column.span,
          message: message(
            `${column.name.text} (${found.columnType || 'no type'}) is turned into ${becomes} for every row of ${table.name}: ${index} is not used`,
          ),
          evidence: planEvidence(plan, sizeNotes(table.name, statistics, plan)),
          related: table.declared === undefined ? [] : [{ ...table.declared, message: `${table.name} is created here` }],
          ...(fix !== undefined && { fixes: [fix] }),
        };
      }
    }
  },
});

/** A column beside something that says its own type: another column, a cast, a number with a fraction. */
function hasTwoTypes(condition: Expression): boolean {
  if (condition.kind !== 'binary') return false;
  const { left, right } = condition;
  const says = (side: Expression) =>
    side.kind === 'column' || side.kind === 'cast' || (side.kind === 'literal' && side.type === 'number' && /[.e]/i.test(side.value));
  return (left.kind === 'column' && says(right)) || (right.kind === 'column' && says(left));
}

function indexOn(schema: Schema, table: string, column: string): string | undefined {
  return indexesOf(schema, table).find(
    (index) => index.method === 'btree' && index.where === undefined && index.keys[0]?.column?.toLowerCase() === column.toLowerCase(),
  )?.name;
}

/** PostgreSQL prints the cast it added; SQLite prints none, but it scans where an index would serve the column as it is. */
function isTurned({ engine, raw }: Plan, { column, becomes }: ImplicitCast): boolean {
  if (engine !== 'postgres') return true;
  const name = column.name.text.replace(/[^\w]/g, '\\$&');
  return new RegExp(`\\b"?${name}(?:\\\\")?\\)::${becomes}\\b`).test(JSON.stringify(raw));
}

function rewritten(query: Query, found: ImplicitCast, schema: Schema): Fix | undefined {
  const { other } = found;
  const title = `Compare with a value of the column’s own type`;
  if (other.kind === 'literal') {
    // `= 5.0` finds what `= 5` finds; a fraction is left to the person.
    const whole = /^(-?\d+)\.0*$/.exec(other.value)?.[1];
    return whole === undefined ? undefined : rewriteFix(query, [changeAt(query, other.span, whole)], { title, safe: true });
  }
  const inner = other.kind === 'cast' ? other.operand : other;
  const value = sqlOf(query, inner.span);
  if (value === undefined) return undefined;
  const isSingle = ['column', 'parameter', 'literal', 'call'].includes(inner.kind);
  return rewriteFix(query, [changeAt(query, other.span, castText(schema.engine, found, value, isSingle))], { title, safe: false });
}
