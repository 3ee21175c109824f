/**
 * Types of inferred columns for PostgreSQL, which refuses `text > timestamptz`. Taken from what a
 * column is compared with or handed to; strongest evidence wins; a name's ending decides only when there is none.
 */
import type { Schema } from './schema.ts';
import { findTable } from './schema.ts';
import type { Scope } from './scopes.ts';
import type { ColumnReference, Expression } from './statement.ts';
import { expressionsIn, expressionsOf } from './walk.ts';

/** Strongest first. */
const order = ['cast', 'jsonb', 'text[]', 'tsvector', 'timestamptz', 'interval', 'boolean', 'numeric', 'bigint', 'text'] as const;
type Evidence = (typeof order)[number];

const times: ReadonlySet<string> = new Set([
  'now',
  'date_trunc',
  'to_timestamp',
  'timezone',
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'make_timestamp',
  'to_date',
  'date',
]);
const takesTime: ReadonlySet<string> = new Set(['date_trunc', 'extract', 'date_part', 'to_char', 'age', 'timezone', 'date']);
const takesText: ReadonlySet<string> = new Set([
  'lower',
  'upper',
  'length',
  'btrim',
  'trim',
  'ltrim',
  'rtrim',
  'substring',
  'substr',
  'replace',
  'split_part',
  'left',
  'right',
  'to_tsvector',
  'char_length',
  'initcap',
  'position',
  'starts_with',
  'regexp_replace',
  'similarity',
  'md5',
  'string_agg',
]);
const takesNumber: ReadonlySet<string> = new Set([
  'sum',
  'avg',
  'abs',
  'round',
  'ceil',
  'ceiling',
  'floor',
  'sqrt',
  'power',
  'mod',
  'stddev',
  'variance',
  'percentile_cont',
]);
const patterns = /^(?:NOT )?(?:LIKE|ILIKE|SIMILAR TO)$|^!?~~?\*?$/;
const comparisons: ReadonlySet<string> = new Set(['=', '<>', '<', '>', '<=', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);
const jsonOperators: ReadonlySet<string> = new Set(['->', '->>', '#>', '#>>', '@>', '<@', '?', '?|', '?&', '@?']);

/** Resolves a column of the inferred tables to its type; `isInferred` tells which those are. */
export function typesOf(
  scopes: readonly Scope[],
  known: Schema,
  isInferred: (table: string, column: string) => boolean,
): (table: string, column: string) => string {
  const found = new Map<string, { evidence: Evidence; type: string }>();
  const links = new Map<string, Set<string>>();

  for (const scope of scopes) {
    const id = (expression: Expression | undefined): string | undefined =>
      expression?.kind === 'column' ? idOf(expression, scope) : undefined;
    const note = (expression: Expression | undefined, evidence: Evidence, type: string = evidence): void => {
      const key = id(expression);
      if (key === undefined) return;
      const before = found.get(key);
      if (before === undefined || order.indexOf(evidence) < order.indexOf(before.evidence)) found.set(key, { evidence, type });
    };
    const noteBoth = (left: Expression, right: Expression, evidence: Evidence): void => {
      note(left, evidence);
      note(right, evidence);
    };
    const compare = (left: Expression, right: Expression): void => {
      const [one, other] = [id(left), id(right)];
      if (one !== undefined && other !== undefined) {
        links.set(one, (links.get(one) ?? new Set()).add(other));
        links.set(other, (links.get(other) ?? new Set()).add(one));
        return;
      }
      for (const [column, value] of [
        [left, right],
        [right, left],
      ] as const) {
        const is = typeOfValue(value);
        if (is !== undefined) note(column, is.evidence, is.type);
      }
    };
    const look = (expression: Expression): void => {
      if (expression.kind === 'binary') {
        const { operator, left, right, quantifier } = expression;
        if (quantifier !== undefined) note(right, 'text[]');
        else if (comparisons.has(operator)) compare(left, right);
        else if (patterns.test(operator)) noteBoth(left, right, 'text');
        else if (operator === '||') noteBoth(left, right, 'text');
        else if (operator === '@@') note(left, 'tsvector');
        else if (operator === '&&') note(left, 'text[]');
        else if (jsonOperators.has(operator)) note(left, 'jsonb');
        else if (/^[-+*/%]$/.test(operator)) arithmetic(left, right, note);
        else if (operator === 'AND' || operator === 'OR') noteBoth(left, right, 'boolean');
        else if (operator.startsWith('IS') && right.kind === 'literal' && right.type === 'boolean') note(left, 'boolean');
      } else if (expression.kind === 'between') {
        compare(expression.operand, expression.low);
        compare(expression.operand, expression.high);
      } else if (expression.kind === 'in') for (const item of expression.list ?? []) compare(expression.operand, item);
      else if (expression.kind === 'unary' && expression.operator === 'NOT') note(expression.operand, 'boolean');
      else if (expression.kind === 'call') call(expression, note, compare);
    };
    for (const expression of expressionsOf(scope.statement)) for (const part of expressionsIn(expression)) look(part);
    for (const conjunct of [...scope.conjuncts, ...scope.joinConjuncts]) note(conjunct, 'boolean');
    if (scope.statement.kind === 'update') {
      const target = scope.tables[0];
      for (const { column, value } of scope.statement.set) {
        const is = typeOfValue(value);
        if (is !== undefined && target !== undefined)
          note({ kind: 'column', name: column, table: { ...column, text: target.alias }, span: column.span }, is.evidence, is.type);
      }
    }
  }

  const typeOf = (key: string): string | undefined => {
    const seen = new Set([key]);
    const waiting = [key];
    let best: { evidence: Evidence; type: string } | undefined;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [table = '', column = ''] = next.split('\n');
      const declared = isInferred(table, column)
        ? undefined
        : findTable(known, table)?.columns.find((entry) => entry.name.toLowerCase() === column)?.type;
      if (declared !== undefined && declared !== '') return declared;
      const own = found.get(next);
      if (own !== undefined && (best === undefined || order.indexOf(own.evidence) < order.indexOf(best.evidence))) best = own;
      for (const linked of links.get(next) ?? []) {
        if (seen.has(linked)) continue;
        seen.add(linked);
        waiting.push(linked);
      }
    }
    return best?.type;
  };
  return (table, column) => typeOf(`${table.toLowerCase()}\n${column.toLowerCase()}`) ?? byName(column.toLowerCase());

  function idOf(column: ColumnReference, scope: Scope): string | undefined {
    const name = column.name.text.toLowerCase();
    for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
      for (const table of level.tables) {
        if (table.name === undefined || table.common !== undefined) continue;
        if (column.table !== undefined && table.alias !== column.table.text.toLowerCase()) continue;
        const has =
          isInferred(table.name, name) || findTable(known, table.name)?.columns.some((entry) => entry.name.toLowerCase() === name) === true;
        if (has) return `${table.name.toLowerCase()}\n${name}`;
      }
    }
    return undefined;
  }
}

type Note = (expression: Expression | undefined, evidence: Evidence, type?: string) => void;

function typeOfValue(value: Expression): { evidence: Evidence; type: string } | undefined {
  switch (value.kind) {
    case 'literal':
      if (value.type === 'number')
        return /[.e]/i.test(value.value) ? { evidence: 'numeric', type: 'numeric' } : { evidence: 'bigint', type: 'bigint' };
      if (value.type === 'boolean') return { evidence: 'boolean', type: 'boolean' };
      if (value.type === 'keyword')
        return /^(?:CURRENT_(?:DATE|TIME)|LOCALTIME)/.test(value.value)
          ? { evidence: 'timestamptz', type: 'timestamptz' }
          : { evidence: 'text', type: 'text' };
      return value.type === 'string' ? { evidence: 'text', type: 'text' } : undefined;
    case 'cast':
      return value.type === 'interval' ? { evidence: 'interval', type: 'interval' } : { evidence: 'cast', type: value.type };
    case 'call':
      if (times.has(value.name)) return { evidence: 'timestamptz', type: 'timestamptz' };
      if (value.name === 'count' || value.name === 'length' || value.name === 'extract') return { evidence: 'numeric', type: 'numeric' };
      return takesText.has(value.name) && value.name !== 'position' ? { evidence: 'text', type: 'text' } : undefined;
    case 'binary':
      if (/^[-+]$/.test(value.operator)) {
        const left = typeOfValue(value.left);
        const right = typeOfValue(value.right);
        if (right?.evidence === 'interval' || left?.evidence === 'timestamptz') return { evidence: 'timestamptz', type: 'timestamptz' };
        return left ?? right;
      }
      return value.operator === '->>' || value.operator === '||' ? { evidence: 'text', type: 'text' } : undefined;
    default:
      return undefined;
  }
}

function arithmetic(left: Expression, right: Expression, note: Note): void {
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const is = typeOfValue(other);
    if (is?.evidence === 'interval' || is?.evidence === 'timestamptz') note(side, 'timestamptz');
    else if (is === undefined || is.evidence === 'bigint' || is.evidence === 'numeric') note(side, 'numeric');
  }
}

function call(expression: Extract<Expression, { kind: 'call' }>, note: Note, compare: (left: Expression, right: Expression) => void): void {
  const { name, arguments: inside, filter } = expression;
  if (filter !== undefined) note(filter, 'boolean');
  if (name === 'coalesce' || name === 'nullif' || name === 'greatest' || name === 'least') {
    const [first, ...rest] = inside;
    if (first !== undefined) for (const other of rest) compare(first, other);
  } else if (takesTime.has(name)) {
    for (const argument of inside) {
      note(argument, 'timestamptz');
      // extract(epoch from (finished - started))
      if (argument.kind === 'binary' && argument.operator === '-') {
        note(argument.left, 'timestamptz');
        note(argument.right, 'timestamptz');
      }
    }
  } else if (takesText.has(name)) note(inside[0], 'text');
  else if (takesNumber.has(name)) for (const argument of inside) note(argument, 'numeric');
  else if (name.startsWith('jsonb_') || name.startsWith('json_')) note(inside[0], 'jsonb', name.startsWith('json_') ? 'json' : 'jsonb');
  else if (name === 'unnest' || name.startsWith('array_')) note(inside[0], 'text[]');
}

/** Endings nearly everyone uses for one type; a wrong guess would only be refused by a statement that then counts as inferred. */
function byName(column: string): string {
  if (/_(?:at|time|timestamp)$/.test(column) || /^(?:created|updated|deleted|timestamp)$/.test(column)) return 'timestamptz';
  if (/_(?:date|on)$|^date$/.test(column)) return 'date';
  return /^(?:is|has|can)_/.test(column) ? 'boolean' : 'text';
}
