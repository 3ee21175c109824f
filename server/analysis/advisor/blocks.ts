/** A statement cut into its query blocks: each SELECT, UPDATE or DELETE with the tables it reads and the conditions on them. */

import { createRecent } from '../recent.ts';
import { findTable, type Schema } from '../sql/schema.ts';
import { splitAnd } from '../sql/scopes.ts';
import type { ColumnReference, CommonTable, Delete, Expression, FromItem, Select, Statement, Update } from '../sql/statement.ts';
import { expressionsIn, queryOf } from '../sql/walk.ts';

export interface Block {
  readonly node: Select | Update | Delete;
  /** Everything in FROM, the target of UPDATE and DELETE first. */
  readonly from: readonly FromItem[];
  /** Those of `from` that name a table or view, not a common table expression. */
  readonly tables: readonly FromItem[];
  /** What is demanded of every row, cut at AND: WHERE and the ON of inner joins. */
  readonly conditions: readonly Expression[];
  /** ON of outer joins, cut at AND: demanded of one side only. */
  readonly outerConditions: readonly Expression[];
  /**
   * `top`: its rows are the statement's answer; `source`: a common table expression, a view's body, a subquery in FROM,
   * the rows an INSERT takes; `expression`: IN (…), EXISTS (…), a scalar.
   */
  readonly role: 'top' | 'source' | 'exists' | 'expression';
}

/** A statement is asked about by a dozen rules, and again on every keystroke elsewhere in its file. */
const known = createRecent(512, cut);

/** Every block of a statement, outer before inner, in the order written. */
export function blocksOf(statement: Statement): readonly Block[] {
  return known(statement);
}

function cut(statement: Statement): Block[] {
  const blocks: Block[] = [];
  const visitStatement = (inner: Statement, names: ReadonlySet<string>, role: Block['role']): void => {
    if (inner.kind === 'select') visitSelect(inner, names, role);
    else if (inner.kind === 'insert') {
      const known = visitWith(inner.with, names);
      if (inner.query) visitSelect(inner.query, known, 'source');
    } else if (inner.kind === 'update' || inner.kind === 'delete') {
      const known = visitWith(inner.with, names);
      add(inner, [inner.table, ...(inner.kind === 'update' ? inner.from : inner.using)], known, role);
      if (inner.kind === 'update') for (const { value } of inner.set) visitExpression(value, known);
      visitExpression(inner.where, known);
    } else if ((inner.kind === 'create view' || inner.kind === 'create table') && inner.query) visitSelect(inner.query, names, 'source');
    else if (inner.kind === 'other' && inner.inner) visitStatement(inner.inner, names, role);
  };
  const visitWith = (list: readonly CommonTable[], names: ReadonlySet<string>): ReadonlySet<string> => {
    if (list.length === 0) return names;
    const known = new Set([...names, ...list.map((entry) => entry.name.text.toLowerCase())]);
    for (const entry of list) visitStatement(entry.body, known, 'source');
    return known;
  };
  const visitSelect = (select: Select, names: ReadonlySet<string>, role: Block['role']): void => {
    const known = visitWith(select.with, names);
    add(select, select.from, known, role);
    for (const column of select.columns) visitExpression(column.expression, known);
    for (const expression of [select.where, select.having, ...select.groupBy, ...select.orderBy.map((term) => term.expression)])
      visitExpression(expression, known);
    for (const arm of select.compound) visitSelect(arm.select, known, role);
  };
  const visitExpression = (expression: Expression | undefined, names: ReadonlySet<string>): void => {
    if (expression === undefined) return;
    for (const part of expressionsIn(expression)) {
      const inner = queryOf(part);
      if (inner !== undefined) visitSelect(inner, names, part.kind === 'exists' ? 'exists' : 'expression');
    }
  };
  const add = (node: Block['node'], from: readonly FromItem[], names: ReadonlySet<string>, role: Block['role']): void => {
    const isTable = (item: FromItem) =>
      item.kind === 'table' && item.name !== undefined && (item.schema !== undefined || !names.has(item.name.text.toLowerCase()));
    const inner = from.filter((item) => item.join === undefined || !['left', 'right', 'full'].includes(item.join.type));
    const outer = from.filter((item) => !inner.includes(item));
    const on = (items: readonly FromItem[]) => items.flatMap((item) => conjuncts(item.join?.on));
    blocks.push({
      node,
      from,
      tables: from.filter(isTable),
      conditions: [...conjuncts(node.where), ...on(inner)],
      outerConditions: on(outer),
      role,
    });
    for (const item of from) {
      if (item.query) visitSelect(item.query, names, 'source');
      visitExpression(item.join?.on, names);
      for (const argument of item.arguments ?? []) visitExpression(argument, names);
    }
  };
  visitStatement(statement, new Set(), 'top');
  return blocks;
}

/** The parts of a condition that must all hold, in the order written. */
export function conjuncts(expression: Expression | undefined): readonly Expression[] {
  return expression === undefined ? [] : splitAnd(expression);
}

export function columnsIn(expression: Expression): readonly ColumnReference[] {
  return [...expressionsIn(expression)].filter((part) => part.kind === 'column');
}

/** The name a FROM item goes by in its block. */
export function visibleName(item: FromItem): string | undefined {
  return (item.alias ?? item.name)?.text.toLowerCase();
}

/** The table of this block that a column belongs to; undefined where that is not certain. */
export function tableOf(block: Block, column: ColumnReference, schema: Schema | undefined): FromItem | undefined {
  const qualifier = column.table?.text.toLowerCase();
  if (qualifier !== undefined) {
    const found = block.from.filter((item) => visibleName(item) === qualifier);
    return found.length === 1 && found[0] && block.tables.includes(found[0]) ? found[0] : undefined;
  }
  if (block.from.length === 1) return block.tables[0];
  if (schema === undefined || block.tables.length !== block.from.length) return undefined;
  const owners = block.tables.filter((item) => hasColumn(schema, item, column.name.text));
  return owners.length === 1 ? owners[0] : undefined;
}

function hasColumn(schema: Schema, item: FromItem, name: string): boolean {
  const table = item.name && findTable(schema, item.name.text);
  return table?.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()) ?? false;
}
