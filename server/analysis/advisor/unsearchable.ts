/** Why a condition that is there cannot be searched for in an index, and how it could be written so that it can. */
import { printExpression } from '../sql/print.ts';
import { type Index, indexesOf, type Schema, type Table } from '../sql/schema.ts';
import type { Expression, FromItem } from '../sql/statement.ts';
import { type Block, columnsIn, tableOf } from './blocks.ts';
import type { Wrapped } from './period-form.ts';
import { sargableWords } from './sargable-words.ts';
import { isFlag } from './selectivity.ts';
import { indexOn, unqualified, wrappedIn } from './wrapped.ts';

export interface Refusal {
  readonly code:
    | 'writes-only'
    | 'no-table'
    | 'not-planned'
    | 'unknown-table'
    | 'not-a-table'
    | 'too-few-rows'
    | 'index-exists'
    | 'no-condition'
    | 'not-sargable'
    | 'leading-wildcard'
    | 'needs-extension'
    | 'wrong-collation'
    | 'wrong-type'
    | 'negation'
    | 'array-element'
    | 'or-arms'
    | 'not-selective'
    | 'yes-or-no'
    | 'planner-ignores'
    | 'not-used'
    | 'small-gain'
    | 'whole-order';
  /** One sentence for a person, without a full stop. */
  readonly reason: string;
}

/** The first condition on the table that no index serves as it stands; undefined where each could be. */
export function unsearchable(block: Block, item: FromItem, table: Table, schema: Schema): Refusal | undefined {
  const own = [...block.conditions, ...block.outerConditions].filter((condition) =>
    columnsIn(condition).some((column) => tableOf(block, column, schema) === item),
  );
  for (const condition of own) {
    const found = pattern(condition, block, item, table, schema) ?? arrayElement(condition, table) ?? collated(condition, table, schema);
    if (found !== undefined) return found;
  }
  for (const wrapped of wrappedIn(block)) {
    if (tableOf(block, wrapped.column, schema) !== item) continue;
    const found = madeOfColumn(wrapped, table, schema);
    if (found !== undefined) return found;
  }
  if (own.length > 0 && own.every(isNegation)) {
    const text = printExpression(unqualified(own[0] as Expression), schema.engine);
    return { code: 'negation', reason: `${text} leaves nearly all rows of ${table.name}, and an index finds only what is asked for` };
  }
  const either = own.find((condition) => condition.kind === 'binary' && condition.operator === 'OR');
  if (either !== undefined && own.length === 1 && !armsServed(either))
    return {
      code: 'or-arms',
      reason: `one side of the OR asks for nothing of ${table.name} that an index could find, so all of its rows are looked at for that side`,
    };
  return undefined;
}

function columnOf(side: Expression, table: Table): Table['columns'][number] | undefined {
  if (side.kind !== 'column') return undefined;
  return table.columns.find((column) => same(column.name, side.name.text));
}

function pattern(condition: Expression, block: Block, item: FromItem, table: Table, schema: Schema): Refusal | undefined {
  if (condition.kind !== 'binary' || !/^(?:I?LIKE|GLOB|~\*?|SIMILAR TO)$/.test(condition.operator)) return undefined;
  const [column] = columnsIn(condition.left);
  if (column === undefined || tableOf(block, column, schema) !== item) return undefined;
  const what = `${condition.operator} on ${column.name.text}`;
  const { right, operator } = condition;
  const fixed = right.kind === 'literal' && right.type === 'string' && !/^[%_*?[^]/.test(right.value);
  if (fixed && (operator === 'LIKE' || operator === 'GLOB')) return likeOrder(condition, column.name.text, table, schema);
  const given = right.kind === 'literal' || hasLeadingWildcard(right) ? 'does not say how the value begins' : 'may begin with anything';
  if (schema.engine === 'sqlite')
    return {
      code: 'leading-wildcard',
      reason: `${what} ${given}: no index knows where to begin, and only a full-text table (FTS5, tokenize = 'trigram') would serve it`,
    };
  const trigrams = indexesOf(schema, table.name).some((index) =>
    index.keys.some((key) => key.operatorClass?.endsWith('trgm_ops') === true),
  );
  return trigrams
    ? { code: 'leading-wildcard', reason: `${what} ${given}, and the index of trigrams that is there is not on it` }
    : {
        code: 'needs-extension',
        reason: `${what} ${given}: only an index of trigrams would serve it, and pg_trgm is not created in this schema (CREATE EXTENSION pg_trgm)`,
      };
}

const hasLeadingWildcard = (pattern: Expression): boolean =>
  pattern.kind === 'binary' && pattern.operator === '||' && pattern.left.kind === 'literal' && /^[%_]/.test(pattern.left.value);

/** LIKE with a fixed beginning needs an index in the order of bytes (PostgreSQL), or one without regard to case (SQLite). */
function likeOrder(condition: Expression, column: string, table: Table, schema: Schema): Refusal | undefined {
  const index = indexOn(schema, table.name, column);
  if (index === undefined || condition.kind !== 'binary') return undefined;
  const [key] = index.keys;
  const collation = (key?.collation ?? table.columns.find((each) => same(each.name, column))?.collation ?? '').toLowerCase();
  if (schema.engine === 'postgres') {
    if (key?.operatorClass?.endsWith('pattern_ops') === true || collation === 'c') return undefined;
    return {
      code: 'wrong-collation',
      reason: `${index.name} is in the order of the database's language, and LIKE needs the order of bytes: one with text_pattern_ops serves it`,
    };
  }
  if (condition.operator !== 'LIKE' || collation === 'nocase') return undefined;
  return {
    code: 'wrong-collation',
    reason: `${index.name} tells capitals from small letters, and LIKE does not: an index on ${column} COLLATE NOCASE serves it`,
  };
}

/** The statement asks for a collation that the index on the column has not. */
function collated(condition: Expression, table: Table, schema: Schema): Refusal | undefined {
  if (condition.kind !== 'binary' || condition.operator !== '=') return undefined;
  const sides = [condition.left, condition.right];
  const asked = sides.find((side) => side.kind === 'collate');
  const bare = sides.map((side) => (side.kind === 'collate' ? side.operand : side)).find((side) => side.kind === 'column');
  if (asked?.kind !== 'collate' || bare?.kind !== 'column') return undefined;
  const index = indexOn(schema, table.name, bare.name.text);
  const has = index?.keys[0]?.collation ?? columnOf(bare, table)?.collation ?? 'binary';
  if (index === undefined || same(has, asked.collation)) return undefined;
  return {
    code: 'wrong-collation',
    reason: `${index.name} compares by ${has}, and the statement by ${asked.collation}: one with that collation serves it`,
  };
}

function arrayElement(condition: Expression, table: Table): Refusal | undefined {
  if (condition.kind !== 'binary' || condition.quantifier !== 'ANY') return undefined;
  const column = columnOf(condition.right, table);
  if (column === undefined || !column.type.endsWith('[]')) return undefined;
  return {
    code: 'array-element',
    reason: `= ANY (${column.name}) looks into every array: written ${column.name} @> ARRAY[…], a GIN index on ${column.name} serves it`,
  };
}

function madeOfColumn(wrapped: Wrapped, table: Table, schema: Schema): Refusal | undefined {
  const made = printExpression(unqualified(wrapped.expression), schema.engine);
  const served = indexesOf(schema, table.name).some((index) =>
    index.keys.some((key) => key.expression !== undefined && plain(key.expression) === plain(made)),
  );
  if (served) return undefined;
  const hidden: Index | undefined = indexOn(schema, table.name, wrapped.column.name.text);
  const column = table.columns.find((each) => same(each.name, wrapped.column.name.text));
  const how = sargableWords(wrapped, column?.type);
  return {
    code: 'not-sargable',
    reason: `${made} is not ${wrapped.column.name.text}${hidden === undefined ? '' : `, so ${hidden.name} cannot be searched for it`}: ${how ?? `write the condition with ${wrapped.column.name.text} bare, or index the expression`}`,
  };
}

const plain = (text: string): string => text.toLowerCase().replace(/[\s()"]|::\w+/g, '');

function isNegation(condition: Expression): boolean {
  if (condition.kind === 'in' || condition.kind === 'between') return condition.not;
  if (condition.kind === 'unary') return condition.operator === 'NOT';
  return condition.kind === 'binary' && /^(?:<>|!=|NOT |IS NOT$)/.test(condition.operator);
}

/** Each arm compares a column with something. */
function armsServed(condition: Expression): boolean {
  if (condition.kind === 'binary' && condition.operator === 'OR') return armsServed(condition.left) && armsServed(condition.right);
  if (condition.kind === 'binary' && condition.operator === 'AND') return armsServed(condition.left) || armsServed(condition.right);
  if (condition.kind === 'in' || condition.kind === 'between') return !condition.not;
  return (
    condition.kind === 'binary' &&
    /^(?:=|[<>]=?|IS)$/.test(condition.operator) &&
    (condition.left.kind === 'column' || condition.right.kind === 'column')
  );
}

/** A column that says yes or no decides, and nobody counted how often it says which. */
export function yesOrNo(block: Block, table: Table): string | undefined {
  for (const condition of block.conditions) {
    const [column, ...others] = columnsIn(condition);
    if (column !== undefined && others.length === 0 && isFlag(column.name.text, table)) return column.name.text;
  }
  return undefined;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
