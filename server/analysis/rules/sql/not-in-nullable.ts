import { type Block, blocksOf, conjuncts, tableOf } from '../../advisor/blocks.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable, indexesOf, type Schema } from '../../sql/schema.ts';
import type { ColumnReference, Expression, In, Select, Statement } from '../../sql/statement.ts';
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
    for (const { condition, select } of exclusions(query.statement)) {
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
      };
    }
  },
});

function exclusions(statement: Statement): { condition: In; select: Select }[] {
  return blocksOf(statement).flatMap((block) =>
    block.conditions.flatMap((condition) => {
      // `NOT (x IN (…))` is the same thing.
      const inner = condition.kind === 'unary' && condition.operator === 'NOT' ? condition.operand : condition;
      const negated = inner.kind === 'in' && inner.not !== (inner !== condition);
      return inner.kind === 'in' && negated && inner.query !== undefined && inner.query.compound.length === 0
        ? [{ condition: inner, select: inner.query }]
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
