/** How sure it is that the keys of an index find few rows: from the conditions alone, before anybody counted anything. */
import type { CandidateIndex } from '../facts.ts';
import type { Table } from '../sql/schema.ts';
import type { Expression } from '../sql/statement.ts';
import { type Block, columnsIn } from './blocks.ts';

/** Names that mean yes or no where the type does not say it (SQLite and MySQL keep booleans as integers). */
const flagName =
  /^(is|has|can|should|was|allow|enable)_|_(flag|enabled|active|deleted)$|^(active|enabled|disabled|deleted|archived|visible|hidden|verified|approved|published|completed|done|read|seen|processed|sent)$/;
const flagType = /^(bool|boolean|bit|tinyint|int|integer|smallint|)\b/;

/**
 * `few`: a key is compared with a value given at each call, or with another table's column; `unknown`: only with
 * constants (`status = 'open'` may be one row in a thousand or nearly all) or with one end of a range; `many`: yes-or-no
 * columns and constant ranges. Engines without statistics assume one row in two hundred (PostgreSQL), ten rows in all (SQLite).
 */
export function selectivityOf(candidate: CandidateIndex, block: Block, table: Table | undefined): 'few' | 'unknown' | 'many' {
  const conditions = [...block.conditions, ...block.outerConditions];
  let best: 'few' | 'unknown' | 'many' = 'many';
  for (const key of candidate.keys) {
    const { column } = key;
    if (column === undefined || isFlag(column, table)) continue;
    for (const condition of conditions) {
      const kind = comparison(condition, column.toLowerCase());
      if (kind === 'few') return 'few';
      if (kind === 'unknown') best = 'unknown';
    }
  }
  // What the index leaves out is the point of a partial one.
  return best === 'many' && candidate.where !== undefined ? 'unknown' : best;
}

/** A column that can hold two values, by its type or its name. */
export function isFlag(name: string, table: Table | undefined): boolean {
  const column = table?.columns.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (column !== undefined && /^bool/.test(column.type)) return true;
  return flagName.test(name.toLowerCase()) && flagType.test(column?.type ?? '');
}

function comparison(condition: Expression, column: string): 'few' | 'unknown' | undefined {
  const names = (side: Expression) => side.kind === 'column' && side.name.text.toLowerCase() === column;
  if (condition.kind === 'in' && !condition.not && names(condition.operand))
    return condition.query !== undefined || condition.list?.some((item) => !isConstant(item)) ? 'few' : 'unknown';
  if (condition.kind === 'between' && !condition.not && names(condition.operand))
    return isConstant(condition.low) && isConstant(condition.high) ? undefined : 'few';
  if (condition.kind === 'list') return undefined;
  if (condition.kind !== 'binary') return undefined;
  // A side of an OR is searched for on its own, where every side can be.
  if (condition.operator === 'OR' || condition.operator === 'AND') {
    const sides = [comparison(condition.left, column), comparison(condition.right, column)];
    return sides.includes('few') ? 'few' : sides.includes('unknown') ? 'unknown' : undefined;
  }
  for (const [side, other] of [
    [condition.left, condition.right],
    [condition.right, condition.left],
  ] as const) {
    if (!names(side)) continue;
    if (condition.operator === '=') return isConstant(other) ? 'unknown' : 'few';
    if (/^([<>]=?|I?LIKE|GLOB|~)$/.test(condition.operator)) return isConstant(other) ? undefined : 'unknown';
  }
  // `(a, b) = (?, ?)`, `(a, b) > (?, ?)`.
  return condition.left.kind === 'list' && condition.left.items.some(names) ? 'unknown' : undefined;
}

function isConstant(expression: Expression): boolean {
  if (expression.kind === 'literal') return true;
  if (expression.kind === 'cast' || expression.kind === 'unary' || expression.kind === 'collate') return isConstant(expression.operand);
  return expression.kind === 'list' && columnsIn(expression).length === 0 && expression.items.every(isConstant);
}
