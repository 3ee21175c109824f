import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';

export const concurrentlyInTransaction = rule({
  id: 'sql/concurrently-in-transaction',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: [],
  applies: ({ query }) => query.inTransaction === true && 'concurrently' in query.statement && query.statement.concurrently,
  *check({ query }) {
    const { statement } = query;
    const what = statement.kind === 'create index' ? 'CREATE INDEX' : statement.kind === 'drop' ? 'DROP INDEX' : 'This';
    yield {
      span: statement.kind === 'create index' ? statement.concurrentlySpan : query.span,
      message: message(`${what} CONCURRENTLY cannot run inside a transaction: PostgreSQL refuses it, and the migration fails`),
    };
  },
});
