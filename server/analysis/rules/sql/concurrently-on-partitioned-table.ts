import { explainedRefusal } from '../../advisor/refusals-with-rules.ts';
import { message } from '../../advisor/wording.ts';
import { quoteName } from '../../ddl.ts';
import type { Document, Query } from '../../document.ts';
import type { Fix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { CreateIndex } from '../../sql/statement.ts';

export const concurrentlyOnPartitionedTable = rule({
  id: 'sql/concurrently-on-partitioned-table',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: ['rejection'],
  wants: ['schema', 'documents'],
  applies: ({ query }) => 'concurrently' in query.statement && query.statement.concurrently,
  *check({ query }, { rejection: fact, schema, documents }) {
    const { rejection } = fact;
    if (explainedRefusal(rejection) !== 'concurrently') return;
    const { statement } = query;
    const creates = statement.kind === 'create index';
    const name = creates ? statement.table.name.text : /partitioned index "(.+?)"/.exec(rejection.message)?.[1];
    const declared = creates && schema !== undefined ? findTable(schema.schema, statement.table.name.text)?.declared : undefined;
    yield {
      span: creates ? statement.concurrentlySpan : ((statement.kind === 'drop' ? statement.names[0]?.span : undefined) ?? query.span),
      message: message(
        creates
          ? `PostgreSQL refuses CREATE INDEX CONCURRENTLY on ${name}: the table is partitioned`
          : `PostgreSQL refuses DROP INDEX CONCURRENTLY for ${name}: its table is partitioned`,
      ),
      evidence: { grade: fact.grade, source: fact.source, notes: [`${rejection.code}: ${rejection.message}`] },
      related: declared === undefined ? [] : [{ ...declared, message: `${name} is partitioned here` }],
      fixes: creates ? partByPart(query, statement, partitionsOf(statement.table.name.text, documents ?? [])) : [],
    };
  },
});

/** The partitions that the repository creates, by name, as long as they are tables and not partitioned themselves. */
function partitionsOf(table: string, documents: readonly Document[]): readonly string[] {
  const names: string[] = [];
  const visit = (document: Document): void => {
    for (const query of document.queries) {
      if (query.direction === 'down' || !/\bPARTITION\s+OF\b/i.test(query.sql)) continue;
      const { statement } = query;
      if (statement.kind !== 'create table' || statement.partitionOf?.name.text.toLowerCase() !== table.toLowerCase()) continue;
      if (statement.partitionBy !== undefined || !query.plannable) return;
      names.push(statement.name.name.text);
    }
    for (const part of document.parts) visit(part);
  };
  for (const document of documents) visit(document);
  return names;
}

/** The statement's own words, first for the parent alone, then for each partition beside running writers. */
function partByPart(query: Query, statement: CreateIndex, partitions: readonly string[]): readonly Fix[] {
  const name = statement.name?.name.text;
  const asWritten = query.from === 'file' && query.sql.length === query.span.end - query.span.start && query.within === undefined;
  if (!asWritten || name === undefined || partitions.length === 0 || query.inTransaction === true || statement.ifNotExists) return [];
  const rest = query.sql.slice(statement.table.span.end - query.span.start).trim();
  const unique = statement.unique ? 'UNIQUE ' : '';
  const quoted = (text: string): string => quoteName('postgres', text);
  const lines = [`CREATE ${unique}INDEX ${quoted(name)} ON ONLY ${quoted(statement.table.name.text)} ${rest}`];
  for (const partition of partitions) {
    const own = `${partition}_${name}`.slice(0, 63);
    lines.push(`CREATE ${unique}INDEX CONCURRENTLY ${quoted(own)} ON ${quoted(partition)} ${rest}`);
    lines.push(`ALTER INDEX ${quoted(name)} ATTACH PARTITION ${quoted(own)}`);
  }
  return [{ kind: 'edit', title: 'Build it partition by partition', safe: false, edits: [{ span: query.span, text: lines.join(';\n') }] }];
}
