import { type Block, blocksOf, conjuncts, tableOf, visibleName } from '../../advisor/blocks.ts';
import { notInAsNotExists } from '../../advisor/existence-form.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { message } from '../../advisor/wording.ts';
import type { Query } from '../../document.ts';
import type { Fix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import { findTable, indexesOf, type Schema } from '../../sql/schema.ts';
import type { ColumnReference, Expression, FromItem, In, Name, Select, Statement } from '../../sql/statement.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const notInNullable = rule({
  id: 'sql/not-in-nullable',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  applies: ({ document, query }) => /\bin\b/i.test(query.sql) && exclusions(query.statement).length > 0 && !runsOnce(document, query),
  *check({ query }, { schema: fact }) {
    const { schema } = fact;
    for (const { outer, condition, select } of exclusions(query.statement)) {
      const [answer] = select.columns;
      const column = answer?.expression;
      if (column?.kind !== 'column') continue;
      const block = blocksOf({ ...select, with: [] })[0];
      const item = block && tableOf(block, column, schema);
      const table = item?.name && findTable(schema, item.name.text);
      if (block === undefined || table === undefined || table.inferred || table.kind !== 'table') continue;
      const declared = table.columns.find((entry) => entry.name.toLowerCase() === column.name.text.toLowerCase());
      if (declared === undefined || declared.notNull || isKey(schema, table.name, declared.name, table.primaryKey)) continue;
      // A column that an inner condition compares is not NULL in any row that is left.
      if (isDemanded(block, column)) continue;
      yield {
        span: condition.span,
        message: message(
          `NOT IN finds nothing once ${table.name}.${declared.name} is NULL in one row, and cannot be planned as an anti-join`,
        ),
        evidence: {
          grade: fact.grade,
          source: fact.source,
          notes: [`${table.name}.${declared.name} may be NULL; NOT EXISTS has neither problem`],
        },
        related:
          declared.declared === undefined ? [] : [{ ...declared.declared, message: `${declared.name} is declared without NOT NULL` }],
        fixes: rewritten(query, condition, { outer, inner: block, column, schema }),
      };
    }
  },
});

interface Sides {
  readonly outer: Block;
  readonly inner: Block;
  readonly column: ColumnReference;
  readonly schema: Schema;
}
/** Only where both sides can be told apart by their tables' names, and the outer one is never NULL: nothing else changes then. */
function rewritten(query: Query, condition: In, { outer, inner, column, schema }: Sides): readonly Fix[] {
  const { operand } = condition;
  if (operand.kind !== 'column') return [];
  const item = tableOf(outer, operand, schema);
  const table = item?.name && findTable(schema, item.name.text);
  const own = table?.columns.find((entry) => entry.name.toLowerCase() === operand.name.text.toLowerCase());
  if (item === undefined || table === undefined || own === undefined) return [];
  if (!own.notNull && !isKey(schema, table.name, own.name, table.primaryKey)) return [];
  const within = tableOf(inner, column, schema);
  const outside = quotedName(item);
  const inside = within && quotedName(within);
  if (inside === undefined || outside === undefined || inner.from.some((entry) => visibleName(entry) === visibleName(item))) return [];
  const fix = notInAsNotExists(query, condition, {
    outside: `${outside}.${written(operand.name)}`,
    inside: `${inside}.${written(column.name)}`,
  });
  return fix === undefined ? [] : [fix];
}

const written = (name: Name): string => (name.quoted ? `"${name.text.replaceAll('"', '""')}"` : name.text);

function quotedName(item: FromItem): string | undefined {
  const name = item.alias ?? item.name;
  return name && written(name);
}

function exclusions(statement: Statement): { outer: Block; condition: In; select: Select }[] {
  return blocksOf(statement).flatMap((block) =>
    block.conditions.flatMap((condition) => {
      // `NOT (x IN (…))` is the same thing.
      const inner = condition.kind === 'unary' && condition.operator === 'NOT' ? condition.operand : condition;
      const negated = inner.kind === 'in' && inner.not !== (inner !== condition);
      return inner.kind === 'in' && negated && inner.query !== undefined && inner.query.compound.length === 0
        ? [{ outer: block, condition: inner, select: inner.query }]
        : [];
    }),
  );
}

/** SQLite lets NULL into a primary key that is not the integer one, but nobody means it. */
function isKey(schema: Schema, table: string, column: string, primaryKey: readonly string[]): boolean {
  if (primaryKey.some((name) => name.toLowerCase() === column.toLowerCase())) return true;
  return indexesOf(schema, table).some((index) => index.constraint === 'primary key' && index.keys.some((key) => key.column === column));
}

function isDemanded(block: Block, column: ColumnReference): boolean {
  const mentions = (expression: Expression): boolean => {
    let found = false;
    for (const part of expressionsIn(expression)) {
      if (part.kind === 'column' && part.name.text === column.name.text) found = true;
    }
    return found;
  };
  const demands = (condition: Expression): boolean => {
    if (condition.kind === 'binary') {
      if (condition.operator === 'IS' || condition.operator === 'OR') return false;
      if (condition.operator === 'IS NOT')
        return condition.right.kind === 'literal' && condition.right.type === 'null' && mentions(condition.left);
    }
    if (condition.kind === 'call') return false;
    return mentions(condition);
  };
  return conjuncts(block.node.where).some(demands) || block.conditions.some(demands);
}
