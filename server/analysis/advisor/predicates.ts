/** The conditions of one level of a statement on one of its tables, sorted by how an index could serve them. */
import { printExpression } from '../sql/print.ts';
import type { Schema, Table } from '../sql/schema.ts';
import type { Scope, ScopeTable } from '../sql/scopes.ts';
import type { EngineId, Expression } from '../sql/statement.ts';
import { expressionsIn } from '../sql/walk.ts';

/** A column or an expression on columns of the table. */
export interface Key {
  readonly column?: string | undefined;
  /** In the normal form of `sql/print.ts`. */
  readonly expression?: string | undefined;
}
export interface Predicate {
  readonly key: Key;
  /** `equal`: `=`, IN, IS NULL; `range`: an order comparison or a pattern with a fixed beginning. */
  readonly kind: 'equal' | 'range';
  /** Compared with another table's column. */
  readonly join: boolean;
  /** The whole condition where it is the same for every call: what a partial index may say. */
  readonly constant?: string | undefined;
}
export interface TablePredicates {
  readonly predicates: readonly Predicate[];
  /** Containment in JSON, arrays and text search: GIN on PostgreSQL. */
  readonly contained: readonly Key[];
}

const mirrored: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
  ['IS', 'IS'],
]);
const containment: ReadonlySet<string> = new Set(['@>', '<@', '&&', '@@', '?', '?|', '?&', '@?']);
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

export function predicatesOn(scope: Scope, table: ScopeTable, known: Table, schema: Schema): TablePredicates {
  const predicates: Predicate[] = [];
  const contained: Key[] = [];
  const about = { scope, table, known, schema };
  for (const condition of table.optional ? scope.joinConjuncts : [...scope.conjuncts, ...scope.joinConjuncts]) {
    predicates.push(...predicatesOf(condition, about));
    if (condition.kind === 'binary' && containment.has(condition.operator)) {
      const key = keyOf(condition.left, about);
      if (key !== undefined && !mentions(condition.right, about)) contained.push(key);
    }
  }
  // A filter on the far side of a LEFT JOIN makes it an inner one.
  if (table.optional) for (const condition of scope.conjuncts) predicates.push(...predicatesOf(condition, about));
  for (const { using, natural } of scope.tables.map((entry) => entry.item.join ?? { using: undefined, natural: false })) {
    if (natural) continue;
    for (const column of using ?? [])
      if (hasColumn(known, column.text)) predicates.push({ key: { column: column.text }, kind: 'equal', join: true });
  }
  return { predicates, contained };
}

interface About {
  readonly scope: Scope;
  readonly table: ScopeTable;
  readonly known: Table;
  readonly schema: Schema;
}
const hasColumn = (table: Table, name: string): boolean => table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase());

function predicatesOf(condition: Expression, about: About): Predicate[] {
  const { engine } = about.schema;
  if (condition.kind === 'binary' && (condition.operator === 'OR' || condition.operator === 'AND')) return [];
  if (condition.kind === 'binary') {
    const sides = [[condition.left, condition.operator, condition.right] as const];
    const other = mirrored.get(condition.operator);
    if (other !== undefined) sides.push([condition.right, other, condition.left] as const);
    for (const [tested, operator, value] of sides) {
      const key = keyOf(tested, about);
      if (key === undefined || mentions(value, about)) continue;
      const kind = kindOf(operator, value, condition.quantifier, engine);
      if (kind === undefined) continue;
      const constant =
        isConstant(value) && (operator === '=' || operator.startsWith('IS')) ? printExpression(condition, engine) : undefined;
      return [{ key, kind, join: hasColumns(value), ...(constant !== undefined && { constant }) }];
    }
    return isNotNull(condition, about);
  }
  if (condition.kind === 'in' && !condition.not) {
    const key = keyOf(condition.operand, about);
    return key === undefined || condition.list?.some((item) => mentions(item, about)) === true
      ? []
      : [{ key, kind: 'equal', join: condition.query !== undefined }];
  }
  if (condition.kind === 'between' && !condition.not) {
    const key = keyOf(condition.operand, about);
    return key === undefined || mentions(condition.low, about) || mentions(condition.high, about)
      ? []
      : [{ key, kind: 'range', join: false }];
  }
  // `WHERE active`, `WHERE NOT active`
  const flag = condition.kind === 'unary' && condition.operator === 'NOT' ? condition.operand : condition;
  const key = flag.kind === 'column' ? keyOf(flag, about) : undefined;
  return key === undefined ? [] : [{ key, kind: 'equal', join: false, constant: printExpression(condition, engine) }];
}

/** `x IS NOT NULL` finds too much to be searched for, but a partial index may say it. */
function isNotNull(condition: Extract<Expression, { kind: 'binary' }>, about: About): Predicate[] {
  if (condition.operator !== 'IS NOT' || condition.right.kind !== 'literal' || condition.right.type !== 'null') return [];
  const key = keyOf(condition.left, about);
  return key === undefined ? [] : [{ key, kind: 'range', join: false, constant: printExpression(condition, about.schema.engine) }];
}

function kindOf(
  operator: string,
  value: Expression,
  quantifier: 'ANY' | 'ALL' | undefined,
  engine: EngineId,
): Predicate['kind'] | undefined {
  if (quantifier === 'ALL') return undefined;
  if (operator === '=' || operator === '<=>') return 'equal';
  if (operator === 'IS') return value.kind === 'literal' || engine === 'sqlite' ? 'equal' : undefined;
  if (operator === 'IS NOT DISTINCT FROM') return 'equal';
  if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') return 'range';
  // SQLite uses an index for LIKE only on a NOCASE column, and for GLOB on any; PostgreSQL where the collation allows it. The planner decides.
  if ((operator === 'LIKE' || operator === 'GLOB' || operator === '~') && value.kind === 'literal' && value.type === 'string') {
    const fixed = operator === '~' ? /^\^[\w ]/ : operator === 'GLOB' ? /^[^*?[]/ : /^[^%_]/;
    return fixed.test(value.value) ? 'range' : undefined;
  }
  return undefined;
}

/** What an index could hold of this side: a column of the table, or an expression on nothing else. */
function keyOf(expression: Expression, about: About): Key | undefined {
  if (expression.kind === 'collate') return keyOf(expression.operand, about);
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
const isConstant = (value: Expression): boolean => value.kind === 'literal' && value.type !== 'keyword';
