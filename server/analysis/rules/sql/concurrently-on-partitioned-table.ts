import { explainedRefusal } from '../../advisor/refusals-with-rules.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';

export const concurrentlyOnPartitionedTable = rule({
  id: 'sql/concurrently-on-partitioned-table',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: ['rejection'],
  wants: ['schema'],
  applies: ({ query }) => 'concurrently' in query.statement && query.statement.concurrently,
  *check({ query }, { rejection: fact, schema }) {
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
    };
  },
});
