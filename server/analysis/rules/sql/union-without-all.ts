import { runsOnce } from '../../advisor/one-off.ts';
import { idleUnions, unionAllForm, unionWords } from '../../advisor/union-form.ts';
import { isSmall, message } from '../../advisor/wording.ts';
import { hostOffset } from '../../document.ts';
import { rule } from '../../rule.ts';

export const unionWithoutAll = rule({
  id: 'sql/union-without-all',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['statistics'],
  applies: ({ document, query }) =>
    /\bunion\b(?!\s+all\b)/i.test(query.sql) && query.statement.complete !== false && !runsOnce(document, query),
  *check({ query }, { schema, statistics }) {
    for (const { select, reason } of idleUnions(query.statement, schema.schema)) {
      const [word] = unionWords(query, select) ?? [];
      const fix = unionAllForm(query, select);
      const arms = [select, ...select.compound.map((arm) => arm.select)];
      const tables = arms.flatMap((arm) => arm.from.flatMap((item) => item.name?.text ?? []));
      if (word === undefined || tables.length === 0 || tables.every((table) => isSmall(table, statistics))) continue;
      const start = hostOffset(query.segments, word.start);
      yield {
        span: { start, end: start + (word.end - word.start) },
        message: message(
          reason === 'disjoint'
            ? 'UNION compares every row with all others to drop duplicates, and none can occur; UNION ALL does not'
            : 'UNION compares every row to drop duplicates, and here nobody counts them; UNION ALL does not',
        ),
        evidence: {
          grade: schema.grade,
          source: schema.source,
          notes: [
            reason === 'disjoint'
              ? 'Each arm holds a key or groups by what it shows, and a constant tells the arms apart'
              : 'IN and EXISTS ask whether a row is there, not how often',
          ],
        },
        ...(fix !== undefined && { fixes: [fix] }),
      };
    }
  },
});
