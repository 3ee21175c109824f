import { message } from '../../advisor/wording.ts';
import type { Query } from '../../document.ts';
import { rule } from '../../rule.ts';

export const concurrentlyInTransaction = rule({
  id: 'sql/concurrently-in-transaction',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: [],
  applies: ({ query }) =>
    (query.inTransaction === true || inRoutine(query)) &&
    'concurrently' in query.statement &&
    query.statement.concurrently &&
    // A refresh may run in one.
    !(query.statement.kind === 'other' && query.statement.verb === 'REFRESH MATERIALIZED VIEW'),
  *check({ query }) {
    const { statement } = query;
    const what = statement.kind === 'create index' ? 'CREATE INDEX' : statement.kind === 'drop' ? 'DROP INDEX' : 'This';
    yield {
      span: statement.kind === 'create index' ? statement.concurrentlySpan : query.span,
      message: message(
        inRoutine(query)
          ? `${what} CONCURRENTLY cannot run inside a function or a DO block: PostgreSQL refuses it there`
          : `${what} CONCURRENTLY cannot run inside a transaction: PostgreSQL refuses it, and the migration fails`,
      ),
    };
  },
});

/** What a function or a block does is one transaction with the statement that called it. */
const inRoutine = ({ within }: Query): boolean => within === 'routine' || within === 'block';
