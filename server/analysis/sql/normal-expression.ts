/** Expressions given as text, by an engine's catalogue say, in the normal form of `print.ts`. */
import { parseStatements } from './parse.ts';
import { printExpression } from './print.ts';
import type { EngineId } from './statement.ts';

/** `lower((email)::text)` and `lower( email )` are both `lower(email)`; text that is no expression comes back with its white space collapsed. */
export function normalExpression(text: string, engine: EngineId): string {
  const [parsed] = parseStatements(`select ${text}`, [], engine);
  const statement = parsed?.statement;
  const only =
    statement?.kind === 'select' && statement.complete === true && statement.columns.length === 1 ? statement.columns[0] : undefined;
  return only?.expression === undefined ? text.trim().replace(/\s+/g, ' ') : printExpression(only.expression, engine);
}
