/** The same condition with its column bare, where that means the same for certain. */
import type { Query } from '../document.ts';
import type { EditFix, Fix, TextEdit } from '../fix.ts';
import type { ColumnReference, Expression } from '../sql/statement.ts';
import { movedInterval, periodForm, type Wrapped } from './period-form.ts';

/** `type` is the column's declared type, folded to lower case. Undefined where the rewrite would be a guess. */
export function sargableForm(wrapped: Wrapped, type: string | undefined, query: Query): Fix | undefined {
  return arithmetic(wrapped, type, query) ?? periodForm(wrapped, type, query) ?? movedInterval(wrapped, type, query);
}

/** Every number of such a column is whole, so adding on one side is taking away on the other. */
const wholeType = /^(int|integer|bigint|smallint|int[248]|serial|bigserial)$/;

/** `n + 1 = 5` is `n = 4`; `n - 1 > ?` is `n > ? + 1`. */
function arithmetic({ condition, expression, column, value }: Wrapped, type: string | undefined, query: Query): EditFix | undefined {
  if (condition.kind !== 'binary') return undefined;
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
    // SQLite lets a text into such a column, and sorts it after every number.
    safe: given !== undefined && query.dialect === 'postgres',
    edits: inOrder([...bare(expression, column), edit]),
  };
}

function wholeNumber(expression: Expression): number | undefined {
  return expression.kind === 'literal' && expression.type === 'number' && /^\d{1,15}$/.test(expression.value)
    ? Number(expression.value)
    : undefined;
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
