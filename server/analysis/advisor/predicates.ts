/** The conditions of one level of a statement on one of its tables, sorted by how an index could serve them. */
import { printExpression } from '../sql/print.ts';
import type { Schema, Table } from '../sql/schema.ts';
import { type Scope, type ScopeTable, splitAnd } from '../sql/scopes.ts';
import type { Expression } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';
import { handedDown } from './handed-down.ts';

/** A column or an expression on columns of the table. */
export interface Key {
  readonly column?: string | undefined;
  /** In the normal form of `sql/print.ts`. */
  readonly expression?: string | undefined;
  /** The collation the statement itself asks for. */
  readonly collation?: string | undefined;
}
export interface Predicate {
  readonly key: Key;
  /**
   * `equal`: `=`, IN, IS NULL; `range`: an order comparison; `pattern`: one with a fixed beginning; `filter`: says something of the rows that
   * no search finds (`<>`, NOT IN, IS NOT NULL), and that a partial index may say.
   */
  readonly kind: 'equal' | 'range' | 'pattern' | 'filter';
  /** Compared with another table's column. */
  readonly join: boolean;
  /** The whole condition where it is the same for every call: what a partial index may say. */
  readonly constant?: string | undefined;
  /** A pattern by the operator's own word: `LIKE`, `GLOB`, `~`. */
  readonly operator?: string | undefined;
}
/** What only an index of another kind than a B-tree finds: containment, overlap, text search, patterns anywhere in a text. */
export interface Contained {
  readonly key: Key;
  readonly operator: string;
}
export interface TablePredicates {
  readonly predicates: readonly Predicate[];
  readonly contained: readonly Contained[];
  /** The arms of each OR that reads this table alone, each as its own conditions. */
  readonly arms: readonly (readonly Predicate[])[][];
}

const mirrored: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
  ['IS', 'IS'],
]);
const containment: ReadonlySet<string> = new Set([
  '@>',
  '<@',
  '&&',
  '@@',
  '@@@',
  '?',
  '?|',
  '?&',
  '@?',
  '-|-',
  '<<',
  '>>',
  '&<',
  '&>',
  '%',
  '<%',
  '%>',
]);
/** Their value changes between two calls, so no index may hold it. */
const volatile: ReadonlySet<string> = new Set([
  'now',
  'random',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
  'gen_random_uuid',
  'nextval',
  'changes',
  'last_insert_rowid',
  'randomblob',
]);
/** What a program writes with more conditions than this is no statement that an index is made for. */
const mostConditions = 200;
/** An OR of more arms than this is served by no index for each. */
const mostArms = 6;

export interface About {
  readonly scope: Scope;
  readonly table: ScopeTable;
  readonly known: Table;
  readonly schema: Schema;
}

export function predicatesOn(scope: Scope, table: ScopeTable, known: Table, schema: Schema): TablePredicates {
  const about = { scope, table, known, schema };
  // A filter on the far side of a LEFT JOIN makes it an inner one.
  const conditions = [
    ...(table.optional ? [...scope.joinConjuncts, ...scope.conjuncts] : [...scope.conjuncts, ...scope.joinConjuncts]),
    ...handedDown(scope, schema),
  ].slice(0, mostConditions);
  const predicates = conditions.flatMap((condition) => predicatesOf(condition, about));
  for (const { using, natural } of scope.tables.map((entry) => entry.item.join ?? { using: undefined, natural: false })) {
    if (natural) continue;
    for (const column of using ?? [])
      if (hasColumn(known, column.text)) predicates.push({ key: { column: column.text }, kind: 'equal', join: true });
  }
  return {
    predicates,
    contained: conditions.flatMap((condition) => containedIn(condition, about)),
    arms: conditions.flatMap((condition) => {
      const arms = armsOf(condition, about);
      return arms === undefined ? [] : [arms];
    }),
  };
}

const hasColumn = (table: Table, name: string): boolean => table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase());

function predicatesOf(condition: Expression, about: About): Predicate[] {
  const { engine } = about.schema;
  if (condition.kind === 'binary') {
    if (condition.operator === 'OR' || condition.operator === 'AND') return [];
    return comparison(condition, about);
  }
  if (condition.kind === 'in') return membership(condition, about);
  if (condition.kind === 'between' && !condition.not) {
    const key = keyOf(condition.operand, about);
    if (key === undefined || mentions(condition.low, about) || mentions(condition.high, about)) return [];
    return [{ key, kind: 'range', join: false }];
  }
  // `WHERE active`, `WHERE NOT active`
  const flag = condition.kind === 'unary' && condition.operator === 'NOT' ? condition.operand : condition;
  const key = flag.kind === 'column' ? keyOf(flag, about) : undefined;
  return key === undefined ? [] : [{ key, kind: 'equal', join: false, constant: printExpression(condition, engine) }];
}

type Comparison = Extract<Expression, { kind: 'binary' }>;

function comparison(condition: Comparison, about: About): Predicate[] {
  const { engine } = about.schema;
  if (condition.left.kind === 'list' && condition.right.kind === 'list')
    return pairs(condition, condition.left.items, condition.right.items, about);
  const sides = [[condition.left, condition.operator, condition.right] as const];
  const other = mirrored.get(condition.operator);
  // `5 = ANY (tags)` looks into an array: its sides are not alike.
  if (other !== undefined && condition.quantifier === undefined) sides.push([condition.right, other, condition.left] as const);
  for (const [tested, operator, value] of sides) {
    const tests = keyOf(tested, about);
    if (tests === undefined || mentions(value, about)) continue;
    const asked = value.kind === 'collate' ? value.collation : tests.collation;
    const key = asked === undefined ? tests : { ...tests, collation: asked };
    const constant = isConstant(value) ? printExpression(condition, engine) : undefined;
    const kind = kindOf(operator, value, condition.quantifier);
    if (kind === undefined) {
      if (constant !== undefined && isDifference(operator, value)) return [{ key, kind: 'filter', join: false, constant }];
      continue;
    }
    // A date that is written out will be another one tomorrow.
    const lasting =
      constant !== undefined && (kind === 'equal' || (kind === 'range' && value.kind === 'literal' && value.type === 'number'));
    return [
      {
        key,
        kind,
        join: hasColumns(value),
        ...(lasting && { constant }),
        ...(kind === 'pattern' && { operator }),
      },
    ];
  }
  return [];
}

/** `(a, b) > (?, ?)`: the first of them narrows the range, and both follow in its order. */
function pairs(condition: Comparison, left: readonly Expression[], right: readonly Expression[], about: About): Predicate[] {
  const kind = condition.operator === '=' ? 'equal' : /^[<>]=?$/.test(condition.operator) ? 'range' : undefined;
  if (kind === undefined || left.length !== right.length) return [];
  const found = left.flatMap((item, at): Predicate[] => {
    const value = right[at];
    const key = keyOf(item, about);
    return key === undefined || value === undefined || mentions(value, about) ? [] : [{ key, kind, join: hasColumns(value) }];
  });
  return kind === 'equal' ? found : found.slice(0, 1);
}

function membership(condition: Extract<Expression, { kind: 'in' }>, about: About): Predicate[] {
  const { engine } = about.schema;
  const constant = condition.list?.every(isConstant) === true && condition.list.length > 0 ? printExpression(condition, engine) : undefined;
  if (condition.operand.kind === 'list') {
    // `(a, b) IN (SELECT …)`
    if (condition.not || condition.query === undefined) return [];
    return condition.operand.items.flatMap((item): Predicate[] => {
      const key = keyOf(item, about);
      return key === undefined ? [] : [{ key, kind: 'equal', join: true }];
    });
  }
  const key = keyOf(condition.operand, about);
  if (key === undefined || condition.list?.some((item) => mentions(item, about)) === true) return [];
  if (condition.not) return constant === undefined ? [] : [{ key, kind: 'filter', join: false, constant }];
  return [{ key, kind: 'equal', join: condition.query !== undefined, ...(constant !== undefined && { constant }) }];
}

const isDifference = (operator: string, value: Expression): boolean =>
  operator === '<>' ||
  operator === '!=' ||
  (operator === 'IS NOT' && value.kind === 'literal' && (value.type === 'null' || value.type === 'boolean'));

function kindOf(operator: string, value: Expression, quantifier: 'ANY' | 'ALL' | undefined): 'equal' | 'range' | 'pattern' | undefined {
  if (quantifier === 'ALL') return undefined;
  if (operator === '=' || operator === '<=>' || operator === 'IS' || operator === 'IS NOT DISTINCT FROM') return 'equal';
  if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') return 'range';
  return isPrefix(operator, value) ? 'pattern' : undefined;
}

/** A pattern whose first character is known not to be a wildcard. */
function isPrefix(operator: string, value: Expression): boolean {
  if (operator !== 'LIKE' && operator !== 'GLOB' && operator !== '~' && operator !== '^@') return false;
  if (operator === '^@') return true;
  if (value.kind !== 'literal' || value.type !== 'string') return false;
  return (operator === '~' ? /^\^[\w ]/ : operator === 'GLOB' ? /^[^*?[]/ : /^[^%_]/).test(value.value);
}

const patterns: ReadonlySet<string> = new Set(['LIKE', 'ILIKE', '~', '~*', 'SIMILAR TO', '~~', '~~*']);

function containedIn(condition: Expression, about: About): Contained[] {
  if (condition.kind !== 'binary') return [];
  const { operator, left, right } = condition;
  if (condition.quantifier === 'ANY' && operator === '=') {
    // What `tags @> ARRAY[…]` would be.
    return [];
  }
  const anywhere = patterns.has(operator) && !isPrefix(operator, right);
  if (!containment.has(operator) && !anywhere) return [];
  for (const [side, other] of [[left, right] as const, ...(anywhere ? [] : [[right, left] as const])]) {
    const key = keyOf(side, about);
    if (key !== undefined && !mentions(other, about)) return [{ key, operator }];
  }
  return [];
}

/** What each arm asks of the table; undefined where an arm asks nothing that an index could find, for then all rows are read anyway. */
function armsOf(condition: Expression, about: About): (readonly Predicate[])[] | undefined {
  if (condition.kind !== 'binary' || condition.operator !== 'OR') return undefined;
  const arms: (readonly Predicate[])[] = [];
  const waiting: Expression[] = [condition];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === 'binary' && next.operator === 'OR') {
      waiting.push(next.right, next.left);
      continue;
    }
    const found = splitAnd(next).flatMap((part) => predicatesOf(part, about).filter((each) => each.kind !== 'filter'));
    if (found.length === 0 || arms.length >= mostArms) return undefined;
    arms.push(found);
  }
  return arms;
}

/** What an index could hold of this side: a column of the table, or an expression on nothing else. */
export function keyOf(expression: Expression, about: About): Key | undefined {
  if (expression.kind === 'collate') {
    const key = keyOf(expression.operand, about);
    return key === undefined ? undefined : { ...key, collation: expression.collation };
  }
  if (expression.kind === 'column') {
    const column = columnOf(expression, about);
    return column === undefined ? undefined : { column };
  }
  if (expression.kind !== 'call' && expression.kind !== 'cast' && expression.kind !== 'binary') return undefined;
  if (expression.kind === 'call' && (expression.window || expression.distinct || expression.star)) return undefined;
  let columns = 0;
  for (const part of expressionsIn(expression)) {
    if (part.kind === 'column') {
      if (columnOf(part, about) === undefined) return undefined;
      columns++;
    } else if (part.kind === 'call' && (volatile.has(part.name) || part.arguments.length === 0)) return undefined;
    else if (
      part.kind === 'parameter' ||
      part.kind === 'subquery' ||
      part.kind === 'exists' ||
      part.kind === 'unknown' ||
      part.kind === 'case'
    )
      return undefined;
    else if (part.kind === 'literal' && part.type === 'keyword') return undefined;
    else if (part.kind === 'literal' && part.value.toLowerCase() === 'now') return undefined;
  }
  return columns === 0 ? undefined : { expression: printExpression(expression, about.schema.engine) };
}
/** The table's column a reference means, in the table's own spelling. */
export function columnOf(expression: Expression, { scope, table, known, schema }: About): string | undefined {
  if (expression.kind !== 'column') return undefined;
  const found = scope.resolve(expression, schema);
  if (found?.scopeTable !== table) return undefined;
  return known.columns.find((column) => column.name.toLowerCase() === found.column.toLowerCase())?.name;
}
function mentions(expression: Expression, about: About): boolean {
  for (const part of expressionsIn(expression)) {
    if (part.kind === 'column' && about.scope.resolve(part, about.schema)?.scopeTable === about.table) return true;
    if (part.kind === 'unknown') return true;
  }
  return false;
}
function hasColumns(expression: Expression): boolean {
  for (const part of expressionsIn(expression)) if (part.kind === 'column') return true;
  return false;
}
const isConstant = (value: Expression): boolean =>
  (value.kind === 'literal' && value.type !== 'keyword') || (value.kind === 'cast' && isConstant(value.operand));
