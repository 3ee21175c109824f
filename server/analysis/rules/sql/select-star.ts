import { type Block, blocksOf } from '../../advisor/blocks.ts';
import { isPinned } from '../../advisor/keys.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { changeAt, changed, scriptFix } from '../../advisor/rewriting.ts';
import { isSmall, message } from '../../advisor/wording.ts';
import { quoteName } from '../../ddl.ts';
import type { Query } from '../../document.ts';
import type { ScriptFix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import { type Column, findTable, type Schema, type Table } from '../../sql/schema.ts';
import type { FromItem, ResultColumn } from '../../sql/statement.ts';

export const selectStar = rule({
  id: 'sql/select-star',
  severity: 'info',
  on: 'query',
  needs: ['schema'],
  wants: ['statistics'],
  applies: ({ document, query }) => starsIn(query).length > 0 && !runsOnce(document, query),
  *check({ query }, { schema: fact, statistics }) {
    const { schema } = fact;
    for (const { block, star } of starsIn(query)) {
      const items =
        star.table === undefined ? block.from : block.from.filter((item) => (item.alias ?? item.name)?.text === star.table?.text);
      const tables = items.flatMap((item) => tableOfItem(block, item, schema) ?? []);
      // Columns that cannot be counted are not counted against anybody.
      if (
        tables.length === 0 ||
        tables.length !== items.length ||
        tables.some((table) => table.inferred || isSmall(table.name, statistics))
      )
        continue;
      if (findsOneRow(block, schema)) continue;
      const columns = tables.flatMap((table) => table.columns);
      const wide = columns.filter(isWide);
      if (wide.length === 0 && columns.length <= manyColumns) continue;
      const names = wide.slice(0, 2).map((column) => column.name);
      const table = tables.map((entry) => entry.name).join(', ');
      const [first] = tables;
      const fix = named(query, star, items, columns, wide, schema);
      yield {
        span: star.span,
        message: message(
          wide.length > 0
            ? `SELECT * fetches ${names.join(' and ')} of every row of ${table}; name the columns you use`
            : `SELECT * fetches all ${columns.length} columns of every row of ${table}; name the ones you use`,
        ),
        evidence: {
          grade: fact.grade,
          source: fact.source,
          notes: [`${columns.length} columns${wide.length > 0 ? `, ${wide.length} of them large` : ''}`],
        },
        related: first?.declared === undefined ? [] : [{ ...first.declared, message: `${first.name} is created here` }],
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});

/** The columns by name, without the large ones: which of them the code uses only its author knows, so both versions are shown. */
function named(
  query: Query,
  star: ResultColumn,
  items: readonly FromItem[],
  columns: readonly Column[],
  wide: readonly Column[],
  schema: Schema,
): ScriptFix | undefined {
  const kept = columns.filter((column) => !wide.includes(column));
  // Two tables' columns need their tables' names, and which alike-named one is used cannot be told.
  if (items.length !== 1 || kept.length === 0) return undefined;
  const qualifier = star.table === undefined ? '' : `${star.table.quoted ? quoteName(schema.engine, star.table.text) : star.table.text}.`;
  const list = kept.map((column) => `${qualifier}${quoteName(schema.engine, column.name)}`).join(', ');
  const change = changeAt(query, star.span, list);
  if (change === undefined) return undefined;
  return scriptFix(query, changed(query.sql, [change]), {
    title: 'Name the columns',
    safe: false,
    remarks: [
      wide.length > 0
        ? `(add ${wide.map((column) => column.name).join(', ')} only where they are used, and leave out what is not)`
        : '(leave out what is not used)',
    ],
  });
}

/** More columns than this are rarely all used; fewer, and naming them saves nothing that anybody would notice. */
const manyColumns = 16;

const wideType = /^(blob|bytea|jsonb?|xml|tsvector|vector|halfvec|geometry|geography|mediumblob|longblob|longtext|mediumtext)\b/;
/** Text without a limit is also how names and codes are kept, so its name must say that it is long. */
const wideName =
  /(^|_)(body|content|contents|html|markdown|raw|payload|document|blob|embedding|transcript|stacktrace|stack_trace|attachment|image|thumbnail|pdf|source_code|full_text)$/;

function isWide(column: Column): boolean {
  return (
    wideType.test(column.type) ||
    (/^(text|varchar$|clob|character varying$|)$/.test(column.type) && wideName.test(column.name.toLowerCase()))
  );
}

/** Stars of the rows that leave the database: not in EXISTS, in a common table expression, or on the way into a table. */
function starsIn({ statement }: Query): { block: Block; star: ResultColumn }[] {
  if (statement.kind !== 'select') return [];
  return blocksOf(statement).flatMap((block) => {
    if (block.role !== 'top' || block.node.kind !== 'select' || block.node.groupBy.length > 0) return [];
    return block.node.columns.filter((column) => column.star).map((star) => ({ block, star }));
  });
}

function tableOfItem(block: Block, item: FromItem, schema: Schema): Table | undefined {
  return block.tables.includes(item) && item.name !== undefined ? findTable(schema, item.name.text) : undefined;
}

/** At most one row, or few by the statement's own word: a lookup of the thing itself, which wants all of it. */
function findsOneRow(block: Block, schema: Schema): boolean {
  if (block.node.kind !== 'select') return false;
  const { limit } = block.node;
  if (limit?.kind === 'literal' && Number(limit.value) <= 1) return true;
  const [item] = block.tables;
  return item !== undefined && block.tables.length === 1 && isPinned(block, item, schema);
}
