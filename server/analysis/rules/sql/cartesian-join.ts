import { type Block, blocksOf, tableOf, visibleName } from '../../advisor/blocks.ts';
import { isPinned } from '../../advisor/keys.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { FactTypes } from '../../facts.ts';
import { rule } from '../../rule.ts';
import { printExpression } from '../../sql/print.ts';
import { findTable, type Schema } from '../../sql/schema.ts';
import type { ColumnReference, Expression, FromItem, Statement } from '../../sql/statement.ts';
import { expressionsIn, expressionsOf, statementsIn } from '../../sql/walk.ts';

export const cartesianJoin = rule({
  id: 'sql/cartesian-join',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['statistics', 'plan'],
  applies: ({ document, query }) =>
    query.statement.complete !== false && blocksOf(query.statement).some(mayPair) && !runsOnce(document, query),
  *check({ query }, { schema, statistics, plan }) {
    // What an interpolation adds may hold the condition.
    if (query.holes.some((hole) => hole.position === 'fragment')) return;
    for (const block of blocksOf(query.statement)) {
      const groups = mayPair(block) ? groupsOf(block, schema.schema) : undefined;
      if (groups === undefined) continue;
      const apart = groups.flatMap((group) => group.find((item) => isMany(block, item, schema.schema, statistics)) ?? []);
      const [first, second] = apart;
      const one = first?.name?.text;
      const other = second?.name?.text;
      if (one === undefined || other === undefined || second === undefined) continue;
      // A group that holds one row by its key pairs with everything and costs nothing.
      const known = referenceBetween(schema.schema, one, other);
      const guessed = plan !== undefined && [one, other].some((name) => includesName(plan.inferred, name));
      yield {
        span: second.name?.span ?? second.span,
        ...(guessed && { severity: 'info' as const }),
        message: message(`No condition joins ${other} to ${one}: every row of one is paired with every row of the other`),
        evidence: {
          grade: schema.grade,
          source: schema.source,
          notes: [
            ...[...new Set([one, other])].flatMap((name) => sizeNotes(name, statistics, plan)),
            ...(known === undefined ? [] : [known]),
            'Where all pairs are wanted, CROSS JOIN says so',
          ],
        },
      };
    }
  },
});

/** Several tables of which at least one is added by a comma, or by a JOIN whose condition may be about something else. */
function mayPair({ from }: Block): boolean {
  return from.length > 1 && from.slice(1).some(({ join, lateral }) => join?.type !== 'cross' && !lateral && join?.natural !== true);
}

/** The tables of a block that conditions hold together; undefined where a column's table is not certain. */
function groupsOf(block: Block, schema: Schema): FromItem[][] | undefined {
  const { from } = block;
  const parent = new Map<unknown, unknown>();
  const root = (key: unknown): unknown => {
    let at = key;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  const link = (left: unknown, right: unknown): void => {
    if (root(left) !== root(right)) parent.set(root(left), root(right));
  };
  for (const [index, item] of from.entries()) {
    const before = from[index - 1];
    const { join } = item;
    if (before === undefined || join === undefined) continue;
    const isWritten = join.type !== 'comma' && join.on !== undefined && columnsDeep(join.on).length === 0;
    // LATERAL, a function and `ON true` are pairings that somebody meant.
    if (join.type === 'cross' || join.natural || join.using !== undefined || item.lateral || item.kind === 'function' || isWritten)
      link(before, item);
  }
  for (const condition of [...block.conditions, ...block.outerConditions]) {
    const items = itemsIn(block, condition, schema);
    if (items === undefined) return undefined;
    for (const item of items.slice(1)) link(items[0], item);
    const given =
      items.length === 1 && condition.kind === 'binary' && condition.operator === '=' ? givenValue(block, condition, schema) : undefined;
    // Two tables that are asked for the same value are joined by it.
    if (given !== undefined) link(items[0], given);
  }
  const groups = Map.groupBy(from, root);
  return groups.size > 1 ? [...groups.values()] : undefined;
}

function itemsIn(block: Block, condition: Expression, schema: Schema): FromItem[] | undefined {
  const found = new Set<FromItem>();
  for (const { column, nested } of columnsDeep(condition)) {
    const item = owner(block, column, schema, nested);
    if (item === 'unknown') return undefined;
    if (item !== undefined) found.add(item);
  }
  return [...found];
}

/** The table of this block; undefined for one of a level around or inside. */
function owner(block: Block, column: ColumnReference, schema: Schema, nested: boolean): FromItem | 'unknown' | undefined {
  if (column.table !== undefined) return block.from.find((item) => visibleName(item) === column.table?.text.toLowerCase());
  const item = tableOf(block, column, schema);
  if (item !== undefined && !findTable(schema, item.name?.text ?? '')?.inferred) return item;
  return nested && item === undefined ? undefined : 'unknown';
}

/** Every column in an expression and in the queries inside it. */
function columnsDeep(expression: Expression): { readonly column: ColumnReference; readonly nested: boolean }[] {
  const found: { column: ColumnReference; nested: boolean }[] = [];
  const look = (inner: Expression, nested: boolean): void => {
    for (const part of expressionsIn(inner, (query) => enter(query))) if (part.kind === 'column') found.push({ column: part, nested });
  };
  const enter = (statement: Statement): void => {
    for (const inner of expressionsOf(statement)) look(inner, true);
    for (const inner of statementsIn(statement)) enter(inner);
  };
  look(expression, false);
  return found;
}

/** The value an equality compares with, as text: a literal, a placeholder, a column of another level. */
function givenValue(block: Block, condition: Extract<Expression, { kind: 'binary' }>, schema: Schema): string | undefined {
  const own = (side: Expression): boolean => (itemsIn(block, side, schema)?.length ?? 0) > 0;
  const value = own(condition.left) ? condition.right : condition.left;
  if (own(value)) return undefined;
  const table = value.kind === 'column' ? `${value.table?.text ?? ''}.` : '';
  return `${table}${printExpression(value)}`;
}

/** Tables that hold one row by custom, whatever is in them. */
const singleRow =
  /(^|_)(settings?|configs?|configuration|meta|metadata|state|status|version|info|params?|parameters|options|globals?|dual)$/i;

/** A table of which more than a few rows may take part. */
function isMany(block: Block, item: FromItem, schema: Schema, statistics: FactTypes['statistics'] | undefined): boolean {
  const name = item.name?.text;
  const table = name === undefined || !block.tables.includes(item) ? undefined : findTable(schema, name);
  if (name === undefined || table === undefined || table.kind !== 'table') return false;
  return !isSmall(name, statistics) && !singleRow.test(name) && !isPinned(block, item, schema);
}

function referenceBetween(schema: Schema, left: string, right: string): string | undefined {
  for (const [from, to] of [
    [right, left],
    [left, right],
  ] as const) {
    const key = findTable(schema, from)?.foreignKeys.find((entry) => entry.table.toLowerCase() === to.toLowerCase());
    if (key !== undefined) return `${from}.${key.columns.join(', ')} refers to ${to}`;
  }
  return undefined;
}
