import { blocksOf, visibleName } from '../../advisor/blocks.ts';
import { bestIndexFor } from '../../advisor/choice.ts';
import { whatIfEvidence } from '../../advisor/evidence.ts';
import { indexScript } from '../../advisor/index-script.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { accessTo } from '../../advisor/plans.ts';
import { selectivityOf } from '../../advisor/selectivity.ts';
import { count, includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { FactTypes, WhatIf } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { FromItem } from '../../sql/statement.ts';

export const missingIndex = rule({
  id: 'sql/missing-index',
  severity: 'warning',
  on: 'query',
  needs: ['plan', 'whatIf'],
  wants: ['schema', 'statistics'],
  applies: ({ document, query }) =>
    query.plannable && !runsOnce(document, query) && blocksOf(query.statement).some((block) => block.tables.length > 0),
  *check({ query }, { plan, whatIf, schema, statistics }) {
    const done = new Set<string>();
    for (const block of blocksOf(query.statement)) {
      for (const item of block.tables) {
        const table = item.name?.text;
        if (table === undefined || done.has(table) || isSmall(table, statistics)) continue;
        // The database that runs the query has the last word: it may have an index that the repository does not know.
        if (accessTo(plan.plan, table, visibleName(item)) !== 'scan') continue;
        if (accessTo(whatIf.before, table, visibleName(item)) !== 'scan') continue;
        // Indexes on expressions belong to sql/non-sargable-predicate.
        const tried = whatIf.tried.filter(({ candidate }) => candidate.keys.every((key) => key.column !== undefined));
        const best = bestIndexFor(table, visibleName(item), whatIf.before, tried);
        if (best === undefined) continue;
        // PostgreSQL's catalogue counts the values of every column; SQLite knows those of existing indexes alone.
        const counted = whatIf.before.engine === 'postgres' && !includesName(whatIf.assumed, table);
        const finds = selectivityOf(best.candidate, block, schema && findTable(schema.schema, table));
        if (finds === 'many' && !counted) continue;
        done.add(table);
        yield report(item, table, best, { whatIf, schema, statistics, doubtful: finds !== 'few' && !counted });
      }
    }
  },
});

interface Known {
  readonly whatIf: FactTypes['whatIf'];
  readonly schema: FactTypes['schema'] | undefined;
  readonly statistics: FactTypes['statistics'] | undefined;
  /** How many rows the condition finds is anybody's guess. */
  readonly doubtful: boolean;
}

function report(item: FromItem, table: string, best: WhatIf, { whatIf, schema, statistics, doubtful }: Known): Report {
  const rows = statistics?.rows(table);
  const columns = best.candidate.keys.map((key) => `${key.column}${key.descending ? ' DESC' : ''}`).join(', ');
  const notes = sizeNotes(table, statistics, whatIf);
  if (doubtful) notes.push(`Worth it only where few rows of ${table} meet the condition, which nobody counted`);
  const inferred = includesName(whatIf.inferred, table);
  const declared = schema && findTable(schema.schema, table)?.declared;
  return {
    span: item.name?.span ?? item.span,
    message: message(`Reads all ${rows === undefined ? 'rows' : `${count(rows)} rows`} of ${table}: no index serves (${columns})`),
    ...(inferred || doubtful ? { severity: 'info' as const } : {}),
    evidence: whatIfEvidence(whatIf, best, notes),
    related: declared === undefined ? [] : [{ ...declared, message: `${table} is created here` }],
    fixes: [indexScript(best.candidate, whatIf.before.engine, schema?.schema)],
  };
}
