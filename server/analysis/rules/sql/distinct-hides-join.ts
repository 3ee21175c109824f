import { blocksOf } from '../../advisor/blocks.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { hiddenSemiJoin, semiJoinForm } from '../../advisor/semi-join-form.ts';
import { isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';

export const distinctHidesJoin = rule({
  id: 'sql/distinct-hides-join',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['statistics', 'plan'],
  applies: ({ document, query }) =>
    /\bdistinct\b/i.test(query.sql) &&
    query.statement.complete !== false &&
    blocksOf(query.statement).some(({ node, from }) => node.kind === 'select' && node.distinct && from.length > 1) &&
    !runsOnce(document, query),
  *check({ query }, { schema, statistics, plan }) {
    for (const block of blocksOf(query.statement)) {
      const found = hiddenSemiJoin(query, block, schema.schema);
      const kept = found?.kept.name?.text;
      const many = found?.many.name?.text;
      if (found === undefined || kept === undefined || many === undefined || isSmall(many, statistics)) continue;
      const fix = semiJoinForm(query, block, found, schema.schema);
      yield {
        span: found.many.name?.span ?? found.many.span,
        message: message(`Joins ${kept} to every match in ${many}, then DISTINCT drops the repeats; EXISTS stops at the first`),
        evidence: {
          grade: schema.grade,
          source: schema.source,
          notes: [`No column of ${many} is shown, and one row of ${kept} may have many there`, ...sizeNotes(many, statistics, plan)],
        },
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});
