import { isNewestMigration, isTest } from '../../advisor/one-off.ts';
import { isSmall, message } from '../../advisor/wording.ts';
import type { Document, Query } from '../../document.ts';
import { rule } from '../../rule.ts';
import { findTable, type Table } from '../../sql/schema.ts';
import type { CreateIndex } from '../../sql/statement.ts';

export const blockingIndexBuild = rule({
  id: 'sql/blocking-index-build',
  severity: 'warning',
  on: 'query',
  engines: ['postgres'],
  needs: [],
  wants: ['schema', 'statistics', 'documents'],
  // In a function there is no other way to build it.
  applies: ({ document, query }) =>
    query.within === undefined &&
    !isTest(document, query) &&
    query.statement.kind === 'create index' &&
    !query.statement.concurrently &&
    query.direction !== 'down',
  *check({ document, query }, { schema, statistics, documents }) {
    const statement = query.statement as CreateIndex;
    const name = statement.table.name.text;
    if (isSmall(name, statistics) || createdHere(document, name)) return;
    const table = schema && findTable(schema.schema, name);
    // PostgreSQL does not build concurrently on a partitioned table, and nobody else sees a temporary one.
    if (table?.partitioned || (table !== undefined && table.kind !== 'table')) return;
    if (table !== undefined && isOneSchema(document, table)) return;
    // A migration that others follow has run long ago.
    const newest = isNewestMigration(document, documents ?? []);
    const at = statement.concurrentlySpan;
    const index = statement.name?.name;
    yield {
      span: index?.span ?? { start: query.span.start, end: at.start },
      ...(newest ? {} : { severity: 'hint' as const }),
      message: message(`Building this index blocks every write to ${name} until it is done; CONCURRENTLY does not`),
      evidence: { grade: 'static', source: 'text', notes: query.inTransaction === true ? [outside] : [] },
      // Inside a transaction the word alone would make the statement fail: the tool must be told first.
      fixes:
        query.inTransaction === true || index === undefined
          ? []
          : [
              {
                kind: 'edit',
                title: 'Build the index concurrently',
                safe: false,
                edits: [{ span: { start: at.start, end: at.start }, text: ' CONCURRENTLY' }],
              },
            ],
    };
  },
});

const outside =
  'CONCURRENTLY refuses to work in a transaction: turn it off for this migration (dbmate: transaction:false; goose: NO TRANSACTION; sqlx: no-transaction)';

/** The table comes into being in the same file: it is empty, or nobody uses it yet. */
function createdHere(document: Document, name: string): boolean {
  const same = (query: Query) =>
    (query.statement.kind === 'create table' || query.statement.kind === 'create view') &&
    query.direction !== 'down' &&
    query.statement.name.name.text.toLowerCase() === name.toLowerCase();
  return document.queries.some(same);
}

/** A schema kept as several files of one folder without an order (`tables.sql`, `indexes.sql`) is built at once, on empty tables. */
function isOneSchema(document: Document, table: Table): boolean {
  const folder = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const numbered = /^(v?\d)/i.test(document.path.slice(document.path.lastIndexOf('/') + 1));
  return (
    table.declared !== undefined && document.path.endsWith('.sql') && folder(document.path) === folder(table.declared.path) && !numbered
  );
}
