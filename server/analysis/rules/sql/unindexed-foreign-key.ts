import { indexScript } from '../../advisor/index-script.ts';
import { isTest } from '../../advisor/one-off.ts';
import { isSmall, message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { overlaps } from '../../span.ts';
import { findTable, type Index, indexesOf, type Table } from '../../sql/schema.ts';
import type { CreateTable, Name } from '../../sql/statement.ts';

export const unindexedForeignKey = rule({
  id: 'sql/unindexed-foreign-key',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['statistics'],
  applies: ({ document, query }) =>
    !isTest(document, query) && query.statement.kind === 'create table' && query.direction !== 'down' && keysOf(query.statement).length > 0,
  *check({ document, query }, { schema: fact, statistics }) {
    const { schema } = fact;
    const statement = query.statement as CreateTable;
    const table = findTable(schema, statement.name.name.text);
    const { declared } = table ?? {};
    // An older version of the table says nothing about the one that is there.
    if (declared !== undefined && (declared.path !== document.path || !overlaps(declared.span, query.span))) return;
    if (table === undefined || statement.temporary || isSmall(table.name, statistics)) return;
    for (const { columns, to } of keysOf(statement)) {
      const names = columns.map((column) => column.text);
      const target = findTable(schema, to.text);
      // Rows of a small table are hardly ever deleted, and a later migration may have taken the column away.
      if (target === undefined || isSmall(target.name, statistics) || isSmallByName(target) || !stillThere(table, names)) continue;
      const mine = indexesOf(schema, table.name);
      if (begins(table.primaryKey, names) || mine.some((index) => serves(index, names))) continue;
      const [first] = columns;
      if (first === undefined) continue;
      const candidate = { table: table.name, keys: names.map((column) => ({ column, descending: false })), include: [] };
      yield {
        span: first.span,
        message: message(`Deleting a row of ${target.name} reads all of ${table.name}: no index begins with (${names.join(', ')})`),
        evidence: { grade: fact.grade, source: fact.source, notes: ['The same index serves joins from the one to the other'] },
        fixes: [indexScript(candidate, schema.engine, schema)],
      };
    }
  },
});

function keysOf(statement: CreateTable): { columns: readonly Name[]; to: Name }[] {
  const own = statement.columns.flatMap((column) =>
    column.references === undefined ? [] : [{ columns: [column.name], to: column.references.table }],
  );
  const constraints = statement.constraints.flatMap((constraint) =>
    constraint.kind === 'foreign key' && constraint.references !== undefined
      ? [{ columns: constraint.columns, to: constraint.references.table }]
      : [],
  );
  return [...own, ...constraints];
}

/** The columns stand first in it, in any order among themselves: each is compared with one value. */
function serves(index: Index, names: readonly string[]): boolean {
  const notNullOnly = index.where === undefined || /^\(?"?\w+"? is not null\)?$/i.test(index.where);
  return (
    notNullOnly &&
    ['btree', 'hash'].includes(index.method) &&
    begins(
      index.keys.map((key) => key.column ?? ''),
      names,
    )
  );
}

function begins(keys: readonly string[], names: readonly string[]): boolean {
  const first = new Set(keys.slice(0, names.length).map((key) => key.toLowerCase()));
  return names.every((name) => first.has(name.toLowerCase()));
}

function stillThere(table: Table, names: readonly string[]): boolean {
  return names.every((name) => table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase()));
}

/** Tables of fixed values, by the names such tables are given: nobody deletes a country. */
function isSmallByName(table: Table): boolean {
  return /(^|_)(types?|status(es)?|states?|kinds?|roles?|categor(y|ies)|countr(y|ies)|currenc(y|ies)|languages?|locales?|units?|plans?|levels?)$/i.test(
    table.name,
  );
}
