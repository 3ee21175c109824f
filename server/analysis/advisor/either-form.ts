/** OR over different columns: which of its sides an index could find, and the same rows from one query a side. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import { findTable, indexesOf, type Schema } from '../sql/schema.ts';
import type { Binary, Expression, FromItem, Select } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';
import { type Block, tableOf } from './blocks.ts';
import { rangeOf, rewriteFix, sqlOf } from './rewriting.ts';
import { isFlag } from './selectivity.ts';

export interface Arm {
  readonly expression: Expression;
  readonly item: FromItem;
  /** The columns an index could search for, best first. */
  readonly columns: readonly string[];
  /** The name of an index that begins with one of them. */
  readonly index?: string | undefined;
}
export interface Either {
  readonly condition: Binary;
  readonly arms: readonly Arm[];
}

/** Conditions that hold when one of several searches finds the row; each arm asks about one table alone, by a column of its own. */
export function eithersOf(block: Block, schema: Schema): Either[] {
  return block.conditions.flatMap((condition): Either[] => {
    if (condition.kind !== 'binary' || condition.operator !== 'OR') return [];
    const arms = alternatives(condition).map((expression) => armOf(block, expression, schema));
    if (!arms.every((arm) => arm !== undefined)) return [];
    const told = new Set(arms.map((arm) => `${block.from.indexOf(arm.item)} ${arm.columns.join(' ')}`));
    return told.size > 1 ? [{ condition, arms }] : [];
  });
}

/** The sides of a chain of OR, in the order written. */
export function alternatives(condition: Expression): Expression[] {
  if (condition.kind !== 'binary' || condition.operator !== 'OR') return [condition];
  return [...alternatives(condition.left), ...alternatives(condition.right)];
}

const searched: ReadonlySet<string> = new Set(['=', '<', '>', '<=', '>=']);

/** An arm that a search could answer: it demands something of a column that few rows are expected to meet. */
function armOf(block: Block, expression: Expression, schema: Schema): Arm | undefined {
  const items = new Set<FromItem>();
  const columns: string[] = [];
  for (const condition of parts(expression)) {
    const found = keyColumn(block, condition, schema);
    if (found === undefined) continue;
    items.add(found.item);
    columns.push(found.name);
  }
  const [item] = items;
  const table = item?.name && findTable(schema, item.name.text);
  if (item === undefined || table === undefined || items.size !== 1 || table.kind !== 'table') return undefined;
  const usable = columns.filter((name) => !isFlag(name, table));
  if (usable.length === 0) return undefined;
  const index = indexesOf(schema, table.name).find(
    (entry) =>
      entry.method === 'btree' && entry.where === undefined && usable.some((name) => entry.keys[0]?.column?.toLowerCase() === name),
  );
  const isKey = usable.includes(table.primaryKey[0]?.toLowerCase() ?? '');
  return { expression, item, columns: usable, ...(index !== undefined ? { index: index.name } : isKey && { index: 'the primary key' }) };
}

const parts = (expression: Expression): Expression[] =>
  expression.kind === 'binary' && expression.operator === 'AND' ? [...parts(expression.left), ...parts(expression.right)] : [expression];

/** The column that a value, or a column of another table, is compared with. Constants may be in most of the rows: they do not count. */
function keyColumn(block: Block, condition: Expression, schema: Schema): { item: FromItem; name: string } | undefined {
  const side = (column: Expression, others: readonly Expression[]): { item: FromItem; name: string } | undefined => {
    const item = column.kind === 'column' ? tableOf(block, column, schema) : undefined;
    if (column.kind !== 'column' || item === undefined) return undefined;
    const isOther = others.every((other) =>
      [...expressionsIn(other)].every((part) => part.kind !== 'column' || tableOf(block, part, schema) !== item),
    );
    const given = others.some((other) => [...expressionsIn(other)].some((part) => part.kind === 'parameter' || part.kind === 'column'));
    const rare = others.length > 0 && others.every((other) => other.kind === 'literal' && other.type === 'string');
    return isOther && (given || rare) ? { item, name: column.name.text.toLowerCase() } : undefined;
  };
  if (condition.kind === 'binary' && searched.has(condition.operator) && condition.quantifier !== 'ALL')
    return side(condition.left, [condition.right]) ?? side(condition.right, [condition.left]);
  if (condition.kind === 'in' && !condition.not) return side(condition.operand, condition.list ?? []);
  return undefined;
}

/** More queries than this are no easier to read than the OR, and hardly cheaper. */
const mostArms = 4;

/**
 * One query a side, put together with UNION ALL; a row that an earlier side found is left out of the later ones, so that each comes as
 * often as before. Undefined where something is made of all rows together.
 */
export function unionOfArms(query: Query, block: Block, { condition, arms }: Either): Fix | undefined {
  const { node } = block;
  if (node.kind !== 'select' || block.role !== 'top' || !isPlain(node) || node !== query.statement || arms.length > mostArms)
    return undefined;
  const whole = rangeOf(query, node.span);
  const place = rangeOf(query, condition.span);
  const first = node.orderBy[0] ?? node.limit ?? node.offset;
  const tailStart = first && rangeOf(query, first.span);
  if (whole === undefined || place === undefined || (first !== undefined && tailStart === undefined)) return undefined;
  const words = tailStart && /\s*\b(?:ORDER\s+BY|LIMIT|OFFSET)\s*$/i.exec(query.sql.slice(0, tailStart.start));
  if (tailStart !== undefined && !words) return undefined;
  const bodyEnd = words ? words.index : whole.end;
  const tail = tailOf(query, node, words ? words.index : undefined, whole.end);
  if (tail === undefined || place.end > bodyEnd) return undefined;
  const texts = arms.map((arm) => sqlOf(query, arm.expression.span));
  if (!texts.every((text) => text !== undefined)) return undefined;
  const queries = arms.map((_, index) => {
    const earlier = texts.slice(0, index).map((text) => `(${text}) IS NOT TRUE`);
    const demanded = [bracketed(texts[index] ?? '', arms[index]?.expression), ...earlier].join(' AND ');
    return query.sql.slice(whole.start, place.start) + demanded + query.sql.slice(place.end, bodyEnd);
  });
  if (!queries.every(closes)) return undefined;
  return rewriteFix(query, [{ start: whole.start, end: whole.end, text: queries.join('\nUNION ALL\n') + tail }], {
    title: 'One query a side, put together with UNION ALL',
    safe: false,
    remarks: ['(the same rows; each side can use its own index)'],
  });
}

const bracketed = (text: string, expression: Expression | undefined): string =>
  expression?.kind === 'binary' && expression.operator === 'OR' ? `(${text})` : text;

/** Brackets around the OR stay around each side. */
const closes = (text: string): boolean => text.split('(').length === text.split(')').length;

function isPlain(node: Select): boolean {
  if (node.distinct || node.groupBy.length > 0 || node.having || node.compound.length > 0 || node.with.length > 0 || node.locking)
    return false;
  // Aggregates and windows look at all rows; a function nobody knows may be one.
  return node.columns.every(
    ({ expression }) => expression === undefined || [...expressionsIn(expression)].every((part) => part.kind !== 'call'),
  );
}

/** ORDER BY and LIMIT of the whole: the order may only name results there. */
function tailOf(query: Query, node: Select, from: number | undefined, end: number): string | undefined {
  if (from === undefined) return '';
  const names = node.columns.map(
    ({ expression, alias }) => alias?.text ?? (expression?.kind === 'column' ? expression.name.text : undefined),
  );
  let text = query.sql.slice(from, end);
  for (const { expression } of [...node.orderBy].reverse()) {
    if (expression.kind === 'literal') continue;
    const name = expression.kind === 'column' ? expression.name.text : undefined;
    if (name === undefined || names.filter((entry) => entry === name).length !== 1) return undefined;
    const range = rangeOf(query, expression.span);
    if (range === undefined) return undefined;
    text = text.slice(0, range.start - from) + name + text.slice(range.end - from);
  }
  return `\n${text.trim()}`;
}
