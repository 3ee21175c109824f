import { type Block, blocksOf, columnsIn, tableOf, visibleName } from '../../advisor/blocks.ts';
import { planEvidence } from '../../advisor/evidence.ts';
import { trigramScript } from '../../advisor/index-script.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo } from '../../advisor/plans.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable, indexesOf, type Schema } from '../../sql/schema.ts';
import type { Binary, ColumnReference, Expression } from '../../sql/statement.ts';

export const leadingWildcard = rule({
  id: 'sql/leading-wildcard',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  wants: ['schema', 'statistics', 'plan'],
  applies: ({ document, query }) => /like|glob/i.test(query.sql) && patternsIn(query.statement).length > 0 && !runsOnce(document, query),
  *check({ query }, { schema, statistics, plan }) {
    for (const { block, match, column } of patternsIn(query.statement)) {
      const item = tableOf(block, column, schema?.schema);
      const table = item?.name?.text;
      // The server's own catalogue has as many rows as somebody has made tables.
      if (item === undefined || table === undefined || isSmall(table, statistics) || /^(?:pg|sqlite)_/i.test(table)) continue;
      if (schema !== undefined && hasTrigrams(schema.schema, table, column.name.text)) continue;
      if (findTable(schema?.schema ?? empty, table)?.kind === 'virtual') continue;
      // Another condition finds the few rows that this one looks at.
      const access = plan && accessTo(plan.plan, table, visibleName(item));
      if (access === 'index' || hasOtherSearch(block, match, column)) continue;
      const known = statistics?.rows(table) !== undefined;
      yield {
        span: match.right.span,
        ...(known ? { severity: 'warning' as const } : {}),
        message: message(`${match.operator} with a leading wildcard reads every row of ${table}: no index knows where to begin`),
        evidence: planEvidence(plan, sizeNotes(table, statistics, plan)),
        fixes: query.dialect === 'postgres' && !includesName(plan?.inferred ?? [], table) ? [trigramScript(table, column.name.text)] : [],
      };
    }
  },
});

const empty: Schema = { engine: 'sqlite', tables: [], indexes: [] };

interface Pattern {
  readonly block: Block;
  readonly match: Binary;
  readonly column: ColumnReference;
}

function patternsIn(statement: Parameters<typeof blocksOf>[0]): Pattern[] {
  return blocksOf(statement).flatMap((block) =>
    block.conditions.flatMap((condition) => {
      if (condition.kind !== 'binary' || !/^(I?LIKE|GLOB)$/.test(condition.operator)) return [];
      const [column] = columnsIn(condition.left);
      const wild = startsWild(condition.right, condition.operator === 'GLOB' ? /^[*?]/ : /^[%_]/);
      return column !== undefined && wild ? [{ block, match: condition, column }] : [];
    }),
  );
}

/** A pattern whose first character is known to be a wildcard: `'%x'`, `'%' || ?`, `concat('%', ?)`. */
function startsWild(pattern: Expression, wildcard: RegExp): boolean {
  if (pattern.kind === 'literal') return pattern.type === 'string' && wildcard.test(pattern.value) && !/^[%*]+$/.test(pattern.value);
  if (pattern.kind === 'binary' && pattern.operator === '||') return beginsWild(pattern.left, wildcard);
  if (pattern.kind === 'call' && pattern.name === 'concat')
    return pattern.arguments[0] !== undefined && beginsWild(pattern.arguments[0], wildcard);
  return false;
}

function beginsWild(part: Expression, wildcard: RegExp): boolean {
  if (part.kind === 'literal') return part.type === 'string' && wildcard.test(part.value);
  return startsWild(part, wildcard);
}

/** An index of trigrams (or of words, or reversed) on the column: what serves such a search. */
function hasTrigrams(schema: Schema, table: string, column: string): boolean {
  return indexesOf(schema, table).some(
    (index) =>
      ['gin', 'gist', 'spgist'].includes(index.method) &&
      index.keys.some(
        (key) => key.column?.toLowerCase() === column.toLowerCase() || key.expression?.toLowerCase().includes(column.toLowerCase()),
      ),
  );
}

/** An equality beside it on the same table finds the rows, or an index on it would (sql/missing-index). */
function hasOtherSearch(block: Block, match: Binary, column: ColumnReference): boolean {
  return block.conditions.some((other) => {
    if (other === match) return false;
    const equality = (other.kind === 'binary' && other.operator === '=') || (other.kind === 'in' && !other.not);
    return equality && columnsIn(other).some((found) => found.table?.text === column.table?.text);
  });
}
