import { declaringFiles } from '../../advisor/declarations.ts';
import { dropScript } from '../../advisor/index-script.ts';
import { isTest } from '../../advisor/one-off.ts';
import { redundancyOf } from '../../advisor/redundancy.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable, indexesOf } from '../../sql/schema.ts';
import type { CreateIndex } from '../../sql/statement.ts';

export const redundantIndex = rule({
  id: 'sql/redundant-index',
  severity: 'warning',
  on: 'query',
  needs: ['schema'],
  wants: ['documents'],
  applies: ({ document, query }) =>
    !isTest(document, query) && query.statement.kind === 'create index' && query.direction !== 'down' && query.statement.name !== undefined,
  *check({ document, query }, { schema: fact, documents }) {
    const { schema } = fact;
    const statement = query.statement as CreateIndex;
    const name = statement.name?.name;
    const index = indexesOf(schema, statement.table.name.text).find((entry) => entry.name.toLowerCase() === name?.text.toLowerCase());
    if (name === undefined || index === undefined) return;
    // The statement that the database's index came from: an older one of the same name was dropped since.
    const { declared } = index;
    if (
      declared !== undefined &&
      (declared.path !== document.path || declared.span.start > name.span.start || declared.span.end < name.span.end)
    )
      return;
    const redundancy = redundancyOf(index, schema, findTable(schema, index.table));
    if (redundancy === undefined) return;
    // Two files that create the table are two versions of it: which of their indexes meet in one database is not known.
    if (fact.grade !== 'live' && declaringFiles(index.table, documents ?? []) > 1) return;
    const { other, kind } = redundancy;
    const place = other?.declared;
    yield {
      span: name.span,
      severity: kind === 'prefix' ? 'info' : 'warning',
      message: message(sentence(index.name, kind, other?.name, index.table, other?.constraint)),
      evidence: {
        grade: fact.grade,
        source: fact.source,
        notes: ['Every write pays for it; every search it answers, the other one answers too'],
      },
      related: place === undefined ? [] : [{ ...place, message: `${other?.name} answers the same searches` }],
      fixes: [dropScript(index, schema.engine)],
    };
  },
});

function sentence(
  index: string,
  kind: 'same' | 'prefix' | 'primary key',
  other: string | undefined,
  table: string,
  constraint: string | undefined,
): string {
  if (kind === 'primary key') return `${index} repeats the key that ${table} is already stored by`;
  const owner = constraint === undefined ? other : `the ${constraint} of ${table}`;
  return kind === 'same' ? `${index} indexes what ${owner} already does` : `${index} repeats the first columns of ${owner}`;
}
