/** UNION ALL instead of UNION, where no row can occur twice. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import { printExpression } from '../sql/print.ts';
import { findTable, type Schema } from '../sql/schema.ts';
import type { Expression, FromItem, Literal, Select, Statement } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';
import { type Block, blocksOf, tableOf } from './blocks.ts';
import { strictKeysOf } from './keys.ts';
import { rangeOf, rewriteFix } from './rewriting.ts';

export interface IdleUnion {
  readonly select: Select;
  /** `disjoint`: no row is in two arms or twice in one; `ignored`: only asked whether a row is in it. */
  readonly reason: 'disjoint' | 'ignored';
}

/** Compound queries whose UNION drops nothing, or nothing that anybody sees. */
export function idleUnions(statement: Statement, schema: Schema): IdleUnion[] {
  const blocks = blocksOf(statement);
  const recursive = new Set<Statement>(
    blocks.flatMap(({ node }) => node.with.filter((table) => table.recursive).map((table) => table.body)),
  );
  const asked = askedOnly(blocks);
  const blockOf = new Map(blocks.map((block) => [block.node, block] as const));
  return blocks.flatMap(({ node }): IdleUnion[] => {
    if (node.kind !== 'select' || !node.compound.some((arm) => arm.operator === 'UNION')) return [];
    // A recursion ends where UNION finds nothing new.
    if (recursive.has(node) || node.compound.some((arm) => !arm.operator.startsWith('UNION') || arm.select.compound.length > 0)) return [];
    if (asked.has(node) && node.limit === undefined && node.offset === undefined) return [{ select: node, reason: 'ignored' }];
    const arms = [node, ...node.compound.map((arm) => arm.select)].map((arm) => blockOf.get(arm));
    if (!arms.every((arm) => arm !== undefined && isDistinct(arm, schema))) return [];
    return areDisjoint(arms as Block[], schema) ? [{ select: node, reason: 'disjoint' }] : [];
  });
}

/** The queries of IN and EXISTS: how often a row is in them makes no difference. */
function askedOnly(blocks: readonly Block[]): ReadonlySet<Select> {
  const found = new Set<Select>();
  const look = (expression: Expression | undefined): void => {
    if (expression === undefined) return;
    for (const part of expressionsIn(expression))
      if ((part.kind === 'in' || part.kind === 'exists') && part.query !== undefined) found.add(part.query);
  };
  for (const { node, conditions, outerConditions } of blocks) {
    for (const condition of [...conditions, ...outerConditions]) look(condition);
    if (node.kind === 'select') for (const column of node.columns) look(column.expression);
  }
  return found;
}

/** Functions of one value; any other may yield several rows on PostgreSQL, or another value each time. */
const plainCalls: ReadonlySet<string> = new Set(
  'count sum min max avg lower upper coalesce abs round length trim substr substring nullif date'.split(' '),
);
const aggregates: ReadonlySet<string> = new Set(['count', 'sum', 'avg']);

/** No two rows of this arm are the same, for certain. */
function isDistinct(block: Block, schema: Schema): boolean {
  const { node } = block;
  if (node.kind !== 'select' || node.values !== undefined) return false;
  const calls = node.columns.flatMap(({ expression }) => (expression ? [...expressionsIn(expression)] : []));
  if (calls.some((part) => part.kind === 'unknown' || (part.kind === 'call' && !plainCalls.has(part.name)))) return false;
  if (node.groupBy.length > 0) {
    const shown = new Set(node.columns.flatMap(({ expression }) => (expression ? [printExpression(expression)] : [])));
    // Columns are compared without their tables, so there may be one alone.
    return block.from.length === 1 && node.groupBy.every((term) => shown.has(printExpression(term)));
  }
  if (calls.some((part) => part.kind === 'call' && aggregates.has(part.name) && !part.window)) return true;
  const [item] = block.tables;
  const table = item?.name && findTable(schema, item.name.text);
  if (item === undefined || table === undefined || block.from.length !== 1 || table.inferred || table.kind !== 'table') return false;
  const shown = new Set(shownColumns(block, item, schema));
  const star = node.columns.some((column) => column.star);
  return strictKeysOf(schema, table).some((key) => star || key.every((name) => shown.has(name)));
}

/** The columns of the table among the results, by place; `undefined` stands for anything else. */
function shownColumns({ node, ...rest }: Block, item: FromItem, schema: Schema): readonly (string | undefined)[] {
  if (node.kind !== 'select') return [];
  return node.columns.map(({ expression }) =>
    expression?.kind === 'column' && tableOf({ node, ...rest }, expression, schema) === item
      ? expression.name.text.toLowerCase()
      : undefined,
  );
}

function areDisjoint(arms: readonly Block[], schema: Schema): boolean {
  const constants = arms.map((arm) => constantColumns(arm));
  const places = [...(constants[0]?.keys() ?? [])].filter((place) => constants.every((arm) => arm.has(place)));
  const told = arms.map((arm, index) => ({
    values: places.map((place) => constants[index]?.get(place)).filter((value) => value !== undefined),
    rows: pinnedRows(arm, schema),
  }));
  return told.every((left, index) =>
    told.slice(index + 1).every((right) => {
      if (left.values.some((value, place) => differ(value, right.values[place]))) return true;
      const [one, other] = [left.rows, right.rows];
      return one !== undefined && other !== undefined && one.table === other.table && one.shown === other.shown && apart(one, other);
    }),
  );
}

/** Results that are written out: `'order' AS kind`. Their type is that of the literals when every arm has one there. */
function constantColumns({ node }: Block): ReadonlyMap<number, Literal> {
  const found = new Map<number, Literal>();
  if (node.kind !== 'select' || node.columns.some((column) => column.star)) return found;
  for (const [place, { expression }] of node.columns.entries()) if (expression?.kind === 'literal') found.set(place, expression);
  return found;
}

const differ = (left: Literal, right: Literal | undefined): boolean => {
  if (right === undefined || left.type !== right.type) return false;
  if (left.type === 'number') return Number(left.value) !== Number(right.value);
  if (left.type === 'boolean') return left.value.toLowerCase() !== right.value.toLowerCase();
  // Trailing blanks and capitals mean nothing to some types and collations.
  return left.type === 'string' && left.value.trim().toLowerCase() !== right.value.trim().toLowerCase();
};

interface PinnedRows {
  readonly table: string;
  /** The result columns, which hold a key: rows that are not the same look different. */
  readonly shown: string;
  readonly equal: ReadonlyMap<string, Literal>;
}

const textType = /^(text|varchar|character varying|char|character|clob)\b/;
const wholeType = /^(int|integer|bigint|smallint|int[248]|serial|bigserial)$/;

/** What equalities with literals say of an arm's rows, by column. */
function pinnedRows(block: Block, schema: Schema): PinnedRows | undefined {
  const [item] = block.tables;
  const table = item?.name && findTable(schema, item.name.text);
  if (item === undefined || table === undefined || block.from.length !== 1 || block.node.kind !== 'select') return undefined;
  if (block.node.groupBy.length > 0) return undefined;
  const equal = new Map<string, Literal>();
  for (const condition of block.conditions) {
    if (condition.kind !== 'binary' || condition.operator !== '=' || condition.quantifier !== undefined) continue;
    const { left, right } = condition;
    if (left.kind !== 'column' || right.kind !== 'literal') continue;
    const name = left.name.text.toLowerCase();
    const type = table.columns.find((column) => column.name.toLowerCase() === name)?.type ?? '';
    if (right.type === 'string' ? textType.test(type) : right.type === 'number' && wholeType.test(type)) equal.set(name, right);
  }
  const star = block.node.columns.some((column) => column.star);
  const shown = shownColumns(block, item, schema);
  if (!star && shown.includes(undefined)) return undefined;
  return { table: table.name, shown: star ? `${block.node.columns.length}*` : shown.join(','), equal };
}

const apart = (left: PinnedRows, right: PinnedRows): boolean =>
  [...left.equal].some(([name, value]) => differ(value, right.equal.get(name)));

/** Where the word UNION stands before each arm, in `query.sql`; undefined where a comment is in between. */
export function unionWords(query: Query, select: Select): readonly { readonly start: number; readonly end: number }[] | undefined {
  const words: { start: number; end: number }[] = [];
  for (const { operator, select: arm } of select.compound) {
    const range = rangeOf(query, arm.span);
    const before = range && /\bUNION(?=[\s(]*$)/i.exec(query.sql.slice(0, range.start));
    if (operator === 'UNION ALL') continue;
    if (before === undefined || before === null) return undefined;
    words.push({ start: before.index, end: before.index + 'UNION'.length });
  }
  return words;
}

export function unionAllForm(query: Query, select: Select): Fix | undefined {
  const words = unionWords(query, select);
  const changes = words?.map(({ end }) => ({ start: end, end, text: ' ALL' }));
  return changes && rewriteFix(query, changes, { title: 'Write UNION ALL', safe: true });
}
