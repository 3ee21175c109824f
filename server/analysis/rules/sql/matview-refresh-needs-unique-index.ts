import { explainedRefusal } from '../../advisor/refusals-with-rules.ts';
import { message } from '../../advisor/wording.ts';
import { indexName, quoteName } from '../../ddl.ts';
import type { Document } from '../../document.ts';
import type { ScriptFix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import type { Place } from '../../span.ts';
import type { CreateView, Expression, Select } from '../../sql/statement.ts';

export const matviewRefreshNeedsUniqueIndex = rule({
  id: 'sql/matview-refresh-needs-unique-index',
  severity: 'error',
  on: 'query',
  engines: ['postgres'],
  needs: ['rejection'],
  wants: ['documents'],
  applies: ({ query }) => query.statement.kind === 'other' && query.statement.concurrently && /^\s*REFRESH\b/i.test(query.sql),
  *check({ query }, { rejection: fact, documents }) {
    const { rejection } = fact;
    if (explainedRefusal(rejection) !== 'matview' || query.statement.kind !== 'other') return;
    const name = query.statement.names[0]?.name;
    if (name === undefined) return;
    const made = viewOf(name.text, documents ?? []);
    const key = made === undefined ? undefined : keyOf(made.view);
    yield {
      span: name.span,
      message: message(`PostgreSQL refuses to refresh ${name.text} CONCURRENTLY: it has no unique index`),
      evidence: {
        grade: fact.grade,
        source: fact.source,
        notes: [`${rejection.code}: ${rejection.message}`, ...(rejection.hint === undefined ? [] : [rejection.hint])],
      },
      related: made === undefined ? [] : [{ ...made.place, message: `${name.text} is made here` }],
      fixes: key === undefined ? [] : [uniqueIndex(name.text, key)],
    };
  },
});

/** The last statement that makes the view. */
function viewOf(name: string, documents: readonly Document[]): { readonly view: CreateView; readonly place: Place } | undefined {
  let found: { readonly view: CreateView; readonly place: Place } | undefined;
  const visit = (document: Document): void => {
    for (const { statement, direction } of document.queries) {
      if (statement.kind !== 'create view' || !statement.materialized || direction === 'down') continue;
      if (statement.name.name.text.toLowerCase() === name.toLowerCase())
        found = { view: statement, place: { path: document.path, span: statement.name.span } };
    }
    for (const part of document.parts) visit(part);
  };
  for (const document of documents) visit(document);
  return found;
}

/** The columns of the view that what it groups by comes out as: no two of its rows agree in all of them. Undefined where that is not certain. */
function keyOf({ columns, query }: CreateView): readonly string[] | undefined {
  if (query === undefined || query.compound.length > 0 || query.groupBy.length === 0) return undefined;
  const names = query.columns.map(({ alias, expression, star }, index) =>
    star ? undefined : (columns[index]?.text ?? alias?.text ?? (expression?.kind === 'column' ? expression.name.text : undefined)),
  );
  const key = query.groupBy.map((term) => nameOf(term, query, names));
  return key.every((name) => name !== undefined) ? key : undefined;
}

function nameOf(term: Expression, query: Select, names: readonly (string | undefined)[]): string | undefined {
  if (term.kind === 'literal' && term.type === 'number') return names[Number(term.value) - 1];
  if (term.kind !== 'column') return undefined;
  const { name, table } = term;
  const at = query.columns.findIndex(
    ({ alias, expression }) =>
      (table === undefined && alias?.text === name.text) ||
      (expression?.kind === 'column' &&
        expression.name.text === name.text &&
        (table === undefined || expression.table?.text === table.text)),
  );
  return at < 0 ? undefined : names[at];
}

function uniqueIndex(view: string, columns: readonly string[]): ScriptFix {
  const name = indexName({ table: view, keys: columns.map((column) => ({ column, descending: false })), include: [] });
  const quoted = columns.map((column) => quoteName('postgres', column)).join(', ');
  return {
    kind: 'script',
    title: `Create a unique index on ${view} (${columns.join(', ')})`,
    engine: 'postgres',
    text: `CREATE UNIQUE INDEX ${quoteName('postgres', name)} ON ${quoteName('postgres', view)} (${quoted});`,
    down: `DROP INDEX IF EXISTS ${quoteName('postgres', name)};`,
    name: `add_${name.replace(/^idx_/, 'index_')}`,
    outsideTransaction: false,
  };
}
