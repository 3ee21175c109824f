/** Levels of a statement, each with its tables and its conditions, and which table a column belongs to. */
import { createRecent } from '../recent.ts';
import type { Schema } from './schema.ts';
import { findTable } from './schema.ts';
import type { ColumnReference, CommonTable, Expression, FromItem, OrderTerm, Select, Statement } from './statement.ts';
import { expressionsIn, expressionsOf, statementsIn } from './walk.ts';

export interface ScopeTable {
  /** How it is called here: the alias, else the table's name. Folded to lower case. */
  readonly alias: string;
  /** The table's name; undefined for subqueries, functions and interpolations. */
  readonly name?: string | undefined;
  readonly item: FromItem;
  /** The CTE it is, when its name is one. */
  readonly common?: CommonTable | undefined;
  /** Rows without a match survive (the far side of LEFT, RIGHT, FULL JOIN): its ON conditions filter nothing else. */
  readonly optional: boolean;
}
export interface Scope {
  /** The level itself. */
  readonly statement: Statement;
  readonly tables: readonly ScopeTable[];
  /** WHERE and the ON of inner joins, split at AND; OR is kept. */
  readonly conjuncts: readonly Expression[];
  /** ON of outer joins, split at AND. */
  readonly joinConjuncts: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly orderBy: readonly OrderTerm[];
  readonly limit?: Expression | undefined;
  readonly offset?: Expression | undefined;
  /** The level around it, whose tables a correlated column may mean. */
  readonly parent?: Scope | undefined;
  /**
   * The table of this level a column belongs to; undefined when it is another level's, when it is
   * computed, or when nobody can tell. With a schema an unqualified column is found in joins too.
   */
  resolve(
    column: ColumnReference,
    schema?: Schema,
  ): { readonly table: string; readonly column: string; readonly scopeTable: ScopeTable } | undefined;
}

/** Every SELECT, UPDATE, DELETE level, outermost first: subqueries, CTE bodies and compound arms each their own. */
export function scopesOf(statement: Statement): readonly Scope[] {
  return known(statement);
}
/** Every rule asks for the scopes of the same statements. */
const known = createRecent(512, (statement: Statement): readonly Scope[] => {
  const scopes: Scope[] = [];
  collect(statement, undefined, new Map(), scopes);
  return scopes;
});

function collect(statement: Statement, parent: Scope | undefined, outer: ReadonlyMap<string, CommonTable>, into: Scope[]): void {
  const known = new Map(outer);
  if ('with' in statement) for (const table of statement.with) known.set(table.name.text.toLowerCase(), table);
  const scope = scopeOf(statement, parent, known);
  if (scope !== undefined) into.push(scope);
  const around = scope ?? parent;
  for (const inner of statementsIn(statement)) collect(inner, around, known, into);
  for (const expression of expressionsOf(statement)) {
    for (const _ of expressionsIn(expression, (query) => collect(query, around, known, into)));
  }
}

function scopeOf(statement: Statement, parent: Scope | undefined, known: ReadonlyMap<string, CommonTable>): Scope | undefined {
  const items = itemsOf(statement);
  if (items === undefined) return undefined;
  const tables = items.map((item, index): ScopeTable => {
    const name = item.kind === 'table' ? item.name?.text : undefined;
    const common = name === undefined || item.schema !== undefined ? undefined : known.get(name.toLowerCase());
    const alias = (item.alias ?? item.name)?.text.toLowerCase() ?? '';
    return {
      alias,
      item,
      optional: isOptional(items, index),
      ...(name !== undefined && { name }),
      ...(common !== undefined && { common }),
    };
  });
  const conjuncts: Expression[] = [];
  const joinConjuncts: Expression[] = [];
  if ('where' in statement && statement.where !== undefined) splitAnd(statement.where, conjuncts);
  for (const { join } of items) {
    if (join?.on !== undefined)
      splitAnd(join.on, join.type === 'inner' || join.type === 'cross' || join.type === 'comma' ? conjuncts : joinConjuncts);
  }
  const select: Partial<Select> = statement.kind === 'select' ? statement : {};
  return {
    statement,
    tables,
    conjuncts,
    joinConjuncts,
    groupBy: select.groupBy ?? [],
    orderBy: select.orderBy ?? [],
    resolve: (column, schema) => resolve(tables, column, schema),
    ...(select.limit !== undefined && { limit: select.limit }),
    ...(select.offset !== undefined && { offset: select.offset }),
    ...(parent !== undefined && { parent }),
  };
}

function itemsOf(statement: Statement): readonly FromItem[] | undefined {
  if (statement.kind === 'select') return statement.from;
  if (statement.kind === 'update') return [statement.table, ...statement.from];
  return statement.kind === 'delete' ? [statement.table, ...statement.using] : undefined;
}

function isOptional(items: readonly FromItem[], index: number): boolean {
  const own = items[index]?.join?.type;
  return own === 'left' || own === 'full' || items.slice(index + 1).some(({ join }) => join?.type === 'right' || join?.type === 'full');
}

/** The parts of a condition that must all hold. */
export function splitAnd(expression: Expression, into: Expression[] = []): Expression[] {
  const waiting = [expression];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'binary' && next.operator === 'AND') waiting.push(next.right, next.left);
    else into.push(next);
  }
  return into;
}

function resolve(tables: readonly ScopeTable[], column: ColumnReference, schema: Schema | undefined): ReturnType<Scope['resolve']> {
  const found =
    column.table === undefined
      ? unqualified(tables, column, schema)
      : tables.find((table) => table.alias === column.table?.text.toLowerCase());
  if (found?.name === undefined || found.common !== undefined) return undefined;
  return { table: found.name, column: column.name.text, scopeTable: found };
}

function unqualified(tables: readonly ScopeTable[], column: ColumnReference, schema: Schema | undefined): ScopeTable | undefined {
  if (tables.length === 1 && (schema === undefined || tables[0]?.name === undefined)) return tables[0];
  if (schema === undefined) return undefined;
  const name = column.name.text.toLowerCase();
  const candidates = tables.filter((table) => {
    const known = table.name === undefined || table.common !== undefined ? undefined : findTable(schema, table.name);
    return known?.columns.some((entry) => entry.name.toLowerCase() === name) === true;
  });
  if (candidates.length === 1) return candidates[0];
  // A single table that is not in the schema can still only mean itself.
  const only = tables[0];
  return candidates.length === 0 && tables.length === 1 && only?.name !== undefined && findTable(schema, only.name) === undefined
    ? only
    : undefined;
}
