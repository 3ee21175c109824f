/** Which words of a statement are variables of the function around it. */

import { parseStatements } from './parse.ts';
import type { ColumnReference, Dialect, Name } from './statement.ts';
import { type TextRange, tokenize } from './tokens.ts';

/**
 * PL/pgSQL and SQL functions look a name up among their variables where a column may stand, and nowhere else: a table, an alias, the
 * columns an INSERT lists are never one. `certain` is false where such a name stands in a place that was not understood.
 */
export function variablesIn(
  text: string,
  names: { readonly variables: ReadonlySet<string>; readonly records: ReadonlySet<string> },
  dialect: Dialect,
): { readonly ranges: readonly TextRange[]; readonly certain: boolean } {
  const isVariable = (name: string): boolean => names.variables.has(name);
  const isRecord = (name: string): boolean => names.records.has(name);
  const tokens = tokenize(text, [], dialect);
  const suspects = tokens.filter((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'name') return false;
    const name = token.kind === 'word' ? text.slice(token.start, token.end).toLowerCase() : text.slice(token.start + 1, token.end - 1);
    if (tokens[index - 1]?.word === '.' || tokens[index + 1]?.word === '(') return false;
    return isVariable(name) || (isRecord(name) && tokens[index + 1]?.word === '.');
  });
  if (suspects.length === 0) return { ranges: [], certain: true };
  const columns: ColumnReference[] = [];
  const others: Name[] = [];
  for (const { statement } of parseStatements(text, [], dialect)) collect(statement, columns, others);
  const ranges = columns
    .filter(({ table, name }) => (table === undefined ? isVariable(name.text) : isRecord(table.text)))
    .map(({ span }) => ({ start: span.start, end: span.end }))
    .sort((left, right) => left.start - right.start)
    .filter((range, index, all) => range.start >= (all[index - 1]?.end ?? 0));
  const known = [...ranges, ...columns.map(({ span }) => span), ...others.map(({ span }) => span)];
  const certain = suspects.every((token) => known.some(({ start, end }) => start <= token.start && token.end <= end));
  return { ranges, certain };
}

/** Column references, and every other name, wherever they stand in a statement. */
function collect(value: unknown, columns: ColumnReference[], others: Name[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, columns, others);
    return;
  }
  const node = value as { readonly kind?: unknown; readonly text?: unknown; readonly quoted?: unknown };
  if (node.kind === 'column' && 'name' in node && 'span' in node && !('type' in node)) {
    columns.push(value as ColumnReference);
    return;
  }
  if (typeof node.text === 'string' && typeof node.quoted === 'boolean') {
    others.push(value as Name);
    return;
  }
  for (const inner of Object.values(value)) collect(inner, columns, others);
}
