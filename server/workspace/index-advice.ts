/** Beneath a statement's plan: the index that would make it cheaper, or why there is none. */
import { missingIndexes } from '../analysis/advisor/decide.ts';
import { indexScript } from '../analysis/advisor/index-script.ts';
import { refusalFor } from '../analysis/advisor/refusals.ts';
import type { FactName } from '../analysis/facts.ts';
import { type QueryRequest, queryFacts } from './query-facts.ts';

/** Cost that an index must save before anybody would build it for one statement: the rest is within a planner's error. */
const worthwhile = 0.1;
const names: ReadonlySet<FactName> = new Set(['schema', 'statistics', 'plan', 'whatIf'] as const);

/** One or two lines for a person; undefined where no planner could be asked. */
export async function indexAdvice(request: Omit<QueryRequest, 'names' | 'engines'>): Promise<string | undefined> {
  const { facts } = await queryFacts({ ...request, names, engines: true });
  const { schema, statistics, plan, whatIf } = facts;
  const { query, configuration } = request;
  if (schema === undefined || plan === undefined) return undefined;
  const missing = whatIf === undefined ? [] : missingIndexes(query, { plan, whatIf, schema, statistics });
  const scripts = missing.map(({ best }) => indexScript(best.candidate, schema.schema.engine, schema.schema).text.trim());
  if (scripts.length > 0) return `An index would make it cheaper:\n${scripts.join('\n')}`;
  const refusal = refusalFor({
    statement: query.statement,
    schema: schema.schema,
    plan: plan.plan,
    tried: whatIf?.tried ?? [],
    rows: (table) => statistics?.rows(table),
    smallTable: statistics?.smallTable ?? configuration.smallTable,
    worthwhile,
  });
  return refusal === undefined ? undefined : `No new index: ${refusal.reason}.`;
}
