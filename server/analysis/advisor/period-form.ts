/** A day, month or year taken from a time, as the range of times it stands for: the column is then bare, and its index in order. */
import type { Query } from '../document.ts';
import type { Fix } from '../fix.ts';
import type { ColumnReference, Expression } from '../sql/statement.ts';
import { changeAt, rewriteFix, sqlOf } from './rewriting.ts';

/** A condition that compares an expression over one column with a value. */
export interface Wrapped {
  readonly condition: Expression;
  readonly expression: Expression;
  readonly column: ColumnReference;
  readonly value: Expression;
}

type Unit = 'day' | 'month' | 'year';
/** What is taken from the column: which part, and how the engine writes it. */
interface Taken {
  readonly unit: Unit;
  readonly form: 'date' | 'number';
}
/** First moment of the period, and the first after it, as SQL. */
interface Bounds {
  readonly from: string;
  readonly to: string;
  /** Known to the last character, so that nothing rests on what is bound to it. */
  readonly exact: boolean;
}

/** `type` is the column's declared type. Undefined where the range is not certain to be meant. */
export function periodForm(wrapped: Wrapped, type: string | undefined, query: Query): Fix | undefined {
  const { condition, expression, column } = wrapped;
  const taken = takenFrom(expression, column, query);
  const name = sqlOf(query, column.span);
  if (taken === undefined || name === undefined || type === undefined || !isTime(type, query)) return undefined;
  const range = comparedRange(wrapped, taken, query);
  if (range === undefined) return undefined;
  const parts = [
    ...(range.from === undefined ? [] : [`${name} >= ${range.from}`]),
    ...(range.to === undefined ? [] : [`${name} < ${range.to}`]),
  ];
  const isText = query.dialect === 'sqlite';
  return rewriteFix(query, [changeAt(query, condition.span, parts.join(' AND '))], {
    title: isText
      ? `Compare with the range of that ${taken.unit}, where ${column.name.text} holds ISO texts`
      : `Compare with the range of that ${taken.unit}`,
    // A time zone may turn its clocks back across midnight, and then a local midnight is there twice. SQLite's texts may be written in many ways.
    safe: range.exact && !isText && !/^timestamptz|with time zone/.test(type),
    remarks: isText ? [`(where every ${column.name.text} is written as 2026-01-31 or 2026-01-31 12:30:00)`] : [],
  });
}

function isTime(type: string, { dialect }: Query): boolean {
  if (dialect === 'postgres') return /^(timestamp|timestamptz|date)\b/.test(type);
  return dialect === 'sqlite' && /^(text|date|datetime|timestamp)\b/.test(type);
}

function takenFrom(expression: Expression, column: Expression, { dialect }: Query): Taken | undefined {
  if (expression.kind === 'cast')
    return dialect === 'postgres' && expression.type === 'date' && expression.operand === column
      ? { unit: 'day', form: 'date' }
      : undefined;
  if (expression.kind !== 'call') return undefined;
  const [first, second] = expression.arguments;
  if (expression.name === 'date' && expression.arguments.length === 1 && first === column) return { unit: 'day', form: 'date' };
  if (expression.arguments.length !== 2 || second !== column || first?.kind !== 'literal') return undefined;
  const word = first.value.toLowerCase();
  if (dialect === 'postgres') {
    if ((expression.name === 'extract' || expression.name === 'date_part') && word === 'year') return { unit: 'year', form: 'number' };
    return expression.name === 'date_trunc' && isUnit(word) ? { unit: word, form: 'date' } : undefined;
  }
  const unit = expression.name === 'strftime' ? formats.get(first.value) : undefined;
  return unit && { unit, form: 'date' };
}

const isUnit = (word: string): word is Unit => word === 'day' || word === 'month' || word === 'year';
const formats: ReadonlyMap<string, Unit> = new Map([
  ['%Y', 'year'],
  ['%Y-%m', 'month'],
  ['%Y-%m-%d', 'day'],
  ['%F', 'day'],
]);

const turned: ReadonlyMap<string, string> = new Map([
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
  ['=', '='],
]);

function comparedRange(
  { condition, expression, value }: Wrapped,
  taken: Taken,
  query: Query,
): { from?: string; to?: string; exact: boolean } | undefined {
  if (condition.kind === 'between') {
    const low = boundsOf(condition.low, taken, query);
    const high = boundsOf(condition.high, taken, query);
    return low && high && { from: low.from, to: high.to, exact: low.exact && high.exact };
  }
  if (condition.kind !== 'binary') return undefined;
  const operator = condition.left === expression ? condition.operator : turned.get(condition.operator);
  const bounds = boundsOf(value, taken, query);
  if (bounds === undefined) return undefined;
  const { from, to, exact } = bounds;
  if (operator === '=') return { from, to, exact };
  if (operator === '>=') return { from, exact };
  if (operator === '>') return { from: to, exact };
  if (operator === '<') return { to: from, exact };
  return operator === '<=' ? { to, exact } : undefined;
}

function boundsOf(value: Expression, taken: Taken, query: Query): Bounds | undefined {
  if (value.kind === 'literal') return literalBounds(value.value, value.type, taken, query);
  const text = value.kind === 'parameter' ? sqlOf(query, value.span) : undefined;
  if (text === undefined) return undefined;
  if (taken.form === 'number')
    return { from: `make_date(${text}::integer, 1, 1)`, to: `make_date(${text}::integer + 1, 1, 1)`, exact: false };
  if (taken.unit !== 'day') return undefined;
  return query.dialect === 'postgres'
    ? { from: `${text}::date`, to: `${text}::date + 1`, exact: false }
    : { from: text, to: `date(${text}, '+1 day')`, exact: false };
}

/** A literal that is no beginning of a period is equal to none; which side of one it lies on is left to the person. */
function literalBounds(text: string, type: string, { unit, form }: Taken, query: Query): Bounds | undefined {
  if (form === 'number') {
    if (type !== 'number' || !/^[1-9]\d{3}$/.test(text)) return undefined;
    return { from: `make_date(${text}, 1, 1)`, to: `make_date(${Number(text) + 1}, 1, 1)`, exact: true };
  }
  if (type !== 'string') return undefined;
  const whole = query.dialect === 'sqlite' ? /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/ : /^(\d{4})-(\d{2})-(\d{2})(?: 00:00:00)?$/;
  const [, year, month, day] = whole.exec(text) ?? [];
  const given = day !== undefined ? 'day' : month !== undefined ? 'month' : 'year';
  if (year === undefined || (query.dialect === 'sqlite' && given !== unit)) return undefined;
  const start = new Date(Date.UTC(Number(year), Number(month ?? 1) - 1, Number(day ?? 1)));
  const iso = `${year}-${month ?? '01'}-${day ?? '01'}`;
  // `2026-02-30` is no day, and `0044-…` is read as 1944 by Date.UTC.
  if (isoDay(start) !== iso || (unit !== 'day' && start.getUTCDate() !== 1) || (unit === 'year' && start.getUTCMonth() !== 0))
    return undefined;
  const next = new Date(start);
  if (unit === 'day') next.setUTCDate(next.getUTCDate() + 1);
  else if (unit === 'month') next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return { from: `'${iso}'`, to: `'${isoDay(next)}'`, exact: true };
}

const isoDay = (date: Date): string => date.toISOString().slice(0, 10);

/** `at + interval '1 hour' > now()` as `at > now() - interval '1 hour'`. Undefined for values whose type is not at hand. */
export function movedInterval({ condition, expression, column, value }: Wrapped, type: string | undefined, query: Query): Fix | undefined {
  if (query.dialect !== 'postgres' || condition.kind !== 'binary' || condition.left !== expression || expression.kind !== 'binary')
    return undefined;
  const { operator, left, right } = expression;
  if (!/^[+-]$/.test(operator) || left !== column || right.kind !== 'cast' || right.type !== 'interval' || right.operand.kind !== 'literal')
    return undefined;
  if (type === undefined || !/^timestamp/.test(type)) return undefined;
  const texts = [column, right, value].map((part) => sqlOf(query, part.span));
  const [name, interval, given] = texts;
  if (name === undefined || interval === undefined || given === undefined) return undefined;
  const isCall = value.kind === 'call' || value.kind === 'cast';
  if (!isCall && value.kind !== 'parameter') return undefined;
  const other = isCall ? given : `${given}::${type}`;
  // A day is not always 24 hours, nor a month as long as the next.
  const fixed = /^\d+ ?(hours?|minutes?|seconds?)$/.test(right.operand.value) && /^timestamptz|with time zone/.test(type);
  return rewriteFix(
    query,
    [changeAt(query, condition.span, `${name} ${condition.operator} ${other} ${operator === '+' ? '-' : '+'} ${interval}`)],
    {
      title: 'Move the interval to the other side',
      safe: fixed && value.kind === 'call' && value.name === 'now',
    },
  );
}
