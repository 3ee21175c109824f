/** The same condition with its column bare, where that means the same for certain. */
import type { Query } from '../document.ts';
import type { EditFix, TextEdit } from '../fix.ts';
import type { Binary, ColumnReference, Expression } from '../sql/statement.ts';

/** A condition that compares an expression over one column with a value. */
export interface Wrapped {
  readonly condition: Expression;
  readonly expression: Expression;
  readonly column: ColumnReference;
  readonly value: Expression;
}

/** `type` is the column's declared type, folded to lower case. Undefined where the rewrite would be a guess. */
export function sargableForm(wrapped: Wrapped, type: string | undefined, query: Query): EditFix | undefined {
  if (wrapped.condition.kind !== 'binary') return undefined;
  return arithmetic(wrapped, type) ?? wholeDay(wrapped, wrapped.condition, type, query);
}

/** Every number of such a column is whole, so adding on one side is taking away on the other. */
const wholeType = /^(int|integer|bigint|smallint|int[248]|serial|bigserial)$/;

/** `n + 1 = 5` is `n = 4`; `n - 1 > ?` is `n > ? + 1`. */
function arithmetic({ expression, column, value }: Wrapped, type: string | undefined): EditFix | undefined {
  if (expression.kind !== 'binary' || !/^[+-]$/.test(expression.operator) || type === undefined || !wholeType.test(type)) return undefined;
  // `5 - n = 1` turns the comparison around: left to the person.
  if (expression.left !== column && expression.operator === '-') return undefined;
  const constant = expression.left === column ? expression.right : expression.left;
  const added = wholeNumber(constant);
  if (added === undefined || (expression.left !== column && expression.right !== column)) return undefined;
  const given = wholeNumber(value);
  const back = expression.operator === '+' ? '-' : '+';
  if (given === undefined && value.kind !== 'parameter') return undefined;
  const sum = given === undefined ? undefined : expression.operator === '+' ? given - added : given + added;
  if (sum !== undefined && !Number.isSafeInteger(sum)) return undefined;
  const edit =
    sum === undefined
      ? { span: { start: value.span.end, end: value.span.end }, text: ` ${back} ${added}` }
      : { span: value.span, text: String(sum) };
  return {
    kind: 'edit',
    title: 'Move the arithmetic to the other side',
    safe: given !== undefined,
    edits: inOrder([...bare(expression, column), edit]),
  };
}

function wholeNumber(expression: Expression): number | undefined {
  return expression.kind === 'literal' && expression.type === 'number' && /^\d{1,15}$/.test(expression.value)
    ? Number(expression.value)
    : undefined;
}

/**
 * `created_at::date = '2026-01-31'` is `created_at >= '2026-01-31' AND created_at < '2026-02-01'`: both read the
 * date in the session's time zone. Only for PostgreSQL's timestamps: SQLite keeps times as texts of any form.
 */
function wholeDay({ expression, column, value }: Wrapped, condition: Binary, type: string | undefined, query: Query): EditFix | undefined {
  if (query.dialect !== 'postgres' || condition.operator !== '=' || condition.left !== expression) return undefined;
  if (type === undefined || !/^timestamp\b|^timestamptz\b/.test(type)) return undefined;
  const isDate = expression.kind === 'cast' ? expression.type === 'date' : expression.kind === 'call' && expression.name === 'date';
  const operand = expression.kind === 'cast' ? expression.operand : expression.kind === 'call' ? expression.arguments[0] : undefined;
  if (!isDate || operand !== column || value.kind !== 'literal' || value.type !== 'string') return undefined;
  const next = dayAfter(value.value);
  // A literal that is longer than its value has escapes of the host language in it.
  if (next === undefined || value.span.end - value.span.start !== value.value.length + 2) return undefined;
  const name = [column.table, column.name]
    .flatMap((part) => (part === undefined ? [] : [part.quoted ? `"${part.text}"` : part.text]))
    .join('.');
  return {
    kind: 'edit',
    title: 'Compare with the range of that day',
    safe: column.name.quoted !== true && column.table?.quoted !== true,
    edits: inOrder([
      ...bare(expression, column),
      { span: { start: expression.span.end, end: value.span.end }, text: ` >= '${value.value}' AND ${name} < '${next}'` },
    ]),
  };
}

function dayAfter(day: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day) return undefined;
  return new Date(time + 86_400_000).toISOString().slice(0, 10);
}

/** Removes what stands around the column. */
function bare(expression: Expression, column: ColumnReference): TextEdit[] {
  return [
    { span: { start: expression.span.start, end: column.span.start }, text: '' },
    { span: { start: column.span.end, end: expression.span.end }, text: '' },
  ].filter((edit) => edit.span.end > edit.span.start);
}

function inOrder(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...edits].sort((left, right) => left.span.start - right.span.start);
}
