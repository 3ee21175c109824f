/** Subqueries that use a column of the query around them. */
import { findTable, type Schema } from '../sql/schema.ts';
import type { Expression, FromItem, Select, Statement } from '../sql/statement.ts';
import { expressionsIn, queryOf } from '../sql/walk.ts';
import { type Block, blocksOf, tableOf, visibleName } from './blocks.ts';

export interface CorrelatedSubquery {
  readonly outer: Block;
  readonly inner: Block;
  /** The subquery with its brackets, EXISTS (…) or IN (…). */
  readonly expression: Expression;
  /** The conditions inside that use a column from outside, and the tables outside that they use. */
  readonly links: readonly Expression[];
  readonly uses: readonly FromItem[];
  /** It gives a result column its value. */
  readonly shown: boolean;
}

const known = new WeakMap<Statement, { readonly schema: Schema; readonly found: readonly CorrelatedSubquery[] }>();

export function correlatedSubqueries(statement: Statement, schema: Schema): readonly CorrelatedSubquery[] {
  const kept = known.get(statement);
  if (kept?.schema === schema) return kept.found;
  const blocks = blocksOf(statement);
  const blockOf = new Map<Select, Block>();
  for (const block of blocks) if (block.node.kind === 'select') blockOf.set(block.node, block);
  const found = blocks.flatMap((outer) =>
    [...subqueriesOf(outer)].flatMap(({ expression, query, shown }): CorrelatedSubquery[] => {
      const inner = blockOf.get(query);
      if (inner === undefined || query.compound.length > 0) return [];
      const uses = new Set<FromItem>();
      const links = inner.conditions.filter((condition) => {
        const items = outsideOf(outer, inner, condition, schema);
        for (const item of items) uses.add(item);
        return items.length > 0;
      });
      return uses.size === 0 ? [] : [{ outer, inner, expression, links, uses: [...uses], shown }];
    }),
  );
  known.set(statement, { schema, found });
  return found;
}

/** Whether any subquery stands in the statement's expressions: a cheap look. */
export function hasSubquery(statement: Statement): boolean {
  return blocksOf(statement).some(({ role }) => role === 'expression' || role === 'exists');
}

function* subqueriesOf(block: Block): Generator<{ readonly expression: Expression; readonly query: Select; readonly shown: boolean }> {
  const shown = block.node.kind === 'select' ? block.node.columns.flatMap(({ expression }) => expression ?? []) : [];
  for (const root of [...shown, ...block.conditions, ...block.outerConditions]) {
    for (const part of expressionsIn(root)) {
      const query = queryOf(part);
      if (query !== undefined) yield { expression: part, query, shown: shown.includes(root) };
    }
  }
}

/** The tables of the outer block whose columns a condition of the inner one uses. */
export function outsideOf(outer: Block, inner: Block, condition: Expression, schema: Schema): FromItem[] {
  const items: FromItem[] = [];
  for (const part of expressionsIn(condition)) {
    if (part.kind !== 'column') continue;
    const qualifier = part.table?.text.toLowerCase();
    if (qualifier !== undefined) {
      if (inner.from.some((item) => visibleName(item) === qualifier)) continue;
      const item = outer.from.find((entry) => visibleName(entry) === qualifier);
      if (item !== undefined) items.push(item);
      continue;
    }
    // Without a table it means the inner block's, unless that is known not to have it.
    const isInside = inner.from.some((item) => {
      const table = inner.tables.includes(item) && item.name ? findTable(schema, item.name.text) : undefined;
      return (
        table === undefined || table.inferred || table.columns.some((column) => column.name.toLowerCase() === part.name.text.toLowerCase())
      );
    });
    const item = isInside ? undefined : tableOf(outer, part, schema);
    if (item !== undefined) items.push(item);
  }
  return items;
}
