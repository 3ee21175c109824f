/** How a condition on something made of a column would be written with the column bare, in words. */
import type { Wrapped } from './period-form.ts';

/** `type` is the column's declared type. Undefined where there is no such form. */
export function sargableWords({ expression, column }: Wrapped, type: string | undefined): string | undefined {
  const name = column.name.text;
  if (expression.kind === 'cast') {
    if (expression.type === 'date') return `compare ${name} with the beginning and the end of the day`;
    return `compare ${name} with a value of its own type${type === undefined || type === '' ? '' : ` (${type})`}`;
  }
  if (expression.kind === 'binary') {
    if (/^[-+*/]$/.test(expression.operator)) return `do the arithmetic on the other side, so that ${name} stands bare`;
    return expression.operator.startsWith('->') ? 'index the expression itself' : undefined;
  }
  if (expression.kind !== 'call') return undefined;
  if (/^(?:date|date_trunc|strftime|datetime|extract|date_part|year|month|day|to_char)$/.test(expression.name))
    return `compare ${name} with the beginning and the end of the time that is meant`;
  if (/^(?:lower|upper)$/.test(expression.name)) return `index ${expression.name}(${name}), or keep ${name} in one case`;
  if (/^(?:coalesce|ifnull)$/.test(expression.name)) return `ask for ${name} = … OR ${name} IS NULL, or declare ${name} NOT NULL`;
  if (/^(?:substr|substring|left)$/.test(expression.name)) return `ask for ${name} LIKE '…%'`;
  return /^json/.test(expression.name) ? 'index the expression itself' : undefined;
}
