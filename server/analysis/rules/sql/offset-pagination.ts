import { type Block, blocksOf } from '../../advisor/blocks.ts';
import { keysetForm } from '../../advisor/keyset-form.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import type { Expression, Select } from '../../sql/statement.ts';

export const offsetPagination = rule({
  id: 'sql/offset-pagination',
  severity: 'info',
  on: 'query',
  needs: [],
  wants: ['statistics', 'plan', 'schema'],
  applies: ({ document, query }) => pagesIn(query.statement).length > 0 && !runsOnce(document, query),
  *check({ query }, { statistics, plan, schema }) {
    for (const { block, select, offset } of pagesIn(query.statement)) {
      const tables = select.from.flatMap((item) => item.name?.text ?? []);
      const [table] = tables;
      if (table === undefined || tables.every((name) => isSmall(name, statistics))) continue;
      const fix = schema && keysetForm(query, block, select, schema.schema);
      yield {
        span: offset.span,
        message: message(`OFFSET reads and throws away every row before the page, more on each page of ${table}; go on after the last key`),
        evidence: {
          grade: statistics?.rows(table) === undefined ? 'static' : statistics.grade,
          source: statistics?.rows(table) === undefined ? 'text' : statistics.source,
          notes: [...sizeNotes(table, statistics, plan), keyset(select)],
        },
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});

/** A constant below this skips a page or two and no more. */
const deepOffset = 1000;

/** Blocks that page through ordered rows; without ORDER BY a page means nothing, and nobody walks through it. */
function pagesIn(statement: Parameters<typeof blocksOf>[0]): { block: Block; select: Select; offset: Expression }[] {
  return blocksOf(statement).flatMap((block) => {
    const { node } = block;
    if (node.kind !== 'select' || node.offset === undefined || node.orderBy.length === 0 || node.from.length === 0) return [];
    // Groups and their totals are few, and a key to go on from is not at hand.
    if (node.groupBy.length > 0 || node.compound.length > 0) return [];
    return isDeep(node.offset) ? [{ block, select: node, offset: node.offset }] : [];
  });
}

function isDeep(offset: Expression): boolean {
  if (offset.kind === 'literal') return Number(offset.value) >= deepOffset;
  if (offset.kind === 'parameter') return true;
  if (offset.kind === 'cast') return isDeep(offset.operand);
  return offset.kind === 'binary' && /^[*+-]$/.test(offset.operator) && (isDeep(offset.left) || isDeep(offset.right));
}

/** The condition that continues after the last row of the page before. */
function keyset(select: Select): string {
  const [first] = select.orderBy;
  const plain = select.orderBy.length === 1 && first?.expression.kind === 'column';
  if (!plain || first?.expression.kind !== 'column') return 'Compare the ORDER BY columns with those of the last row seen, and drop OFFSET';
  const sign = first.descending ? '<' : '>';
  return `WHERE ${first.expression.name.text} ${sign} (its value in the last row seen), and no OFFSET; add a unique column if values repeat`;
}
