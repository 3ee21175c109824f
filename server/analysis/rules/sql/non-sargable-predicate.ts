import { blocksOf, tableOf, visibleName } from '../../advisor/blocks.ts';
import { bestIndexFor } from '../../advisor/choice.ts';
import { planEvidence, whatIfEvidence } from '../../advisor/evidence.ts';
import { indexScript } from '../../advisor/index-script.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import type { Wrapped } from '../../advisor/period-form.ts';
import { accessTo } from '../../advisor/plans.ts';
import { sargableForm } from '../../advisor/sargable-form.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { hasExpressionIndex, indexOn, isMistake, unqualified, wrappedIn } from '../../advisor/wrapped.ts';
import type { FactTypes, WhatIf } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { printExpression } from '../../sql/print.ts';
import { findTable, type Index, type Schema } from '../../sql/schema.ts';
import type { EngineId, Expression } from '../../sql/statement.ts';

export const nonSargablePredicate = rule({
  id: 'sql/non-sargable-predicate',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['plan', 'whatIf', 'statistics'],
  applies: ({ document, query }) => blocksOf(query.statement).some((block) => wrappedIn(block).length > 0) && !runsOnce(document, query),
  *check({ query }, { schema: fact, plan, whatIf, statistics }) {
    const { schema } = fact;
    for (const block of blocksOf(query.statement)) {
      for (const wrapped of wrappedIn(block)) {
        const item = tableOf(block, wrapped.column, schema);
        const name = item?.name?.text;
        const table = name === undefined ? undefined : findTable(schema, name);
        if (item === undefined || name === undefined || table === undefined || isSmall(name, statistics)) continue;
        const column = wrapped.column.name.text;
        const access = plan && accessTo(plan.plan, name, visibleName(item));
        if (plan !== undefined && access !== 'scan' && access !== 'index-scan') continue;
        if (hasExpressionIndex(schema, name, wrapped.expression, query.dialect as EngineId)) continue;
        const hidden = indexOn(schema, name, column);
        const served = whatIf && plan && expressionIndex(whatIf, name, item.alias?.text, column);
        const rewrite = sargableForm(wrapped, table.columns.find((entry) => sameName(entry.name, column))?.type, query);
        // Without an index that it hides, and with nothing that could help, there is nothing to say.
        if (hidden === undefined && served === undefined && (rewrite === undefined || plan === undefined)) continue;
        // What only an index on the expression itself could serve is that rule's: sql/missing-expression-index.
        if (!isMistake(wrapped, hidden, rewrite)) continue;
        yield report(wrapped, name, hidden, { plan, whatIf, served, rewrite, schema, notes: sizeNotes(name, statistics, plan) });
      }
    }
  },
});

interface Found {
  readonly plan: FactTypes['plan'] | undefined;
  readonly whatIf: FactTypes['whatIf'] | undefined;
  readonly served: WhatIf | undefined;
  readonly rewrite: ReturnType<typeof sargableForm>;
  readonly schema: Schema;
  readonly notes: readonly string[];
}

function report(wrapped: Wrapped, table: string, hidden: Index | undefined, found: Found): Report {
  const { plan, whatIf, served, rewrite, schema, notes } = found;
  const column = wrapped.column.name.text;
  const what = describe(wrapped.expression);
  const made = printExpression(unqualified(wrapped.expression), schema.engine);
  const inferred = plan !== undefined && includesName(plan.inferred, table);
  return {
    span: wrapped.expression.span,
    ...(inferred ? { severity: 'info' as const } : {}),
    message: message(
      hidden === undefined
        ? `Reads all rows of ${table}: no index serves ${made}, and one on ${column} would not`
        : `${what} on ${column} keeps ${hidden.name} from being used: all rows of ${table} are read`,
    ),
    evidence:
      served !== undefined && whatIf !== undefined && rewrite === undefined
        ? whatIfEvidence(whatIf, served, notes)
        : planEvidence(plan, notes),
    related: hidden?.declared === undefined ? [] : [{ ...hidden.declared, message: `${hidden.name} is created here` }],
    fixes: [
      ...(rewrite === undefined ? [] : [rewrite]),
      // A cast is mended where it is written: an index on it would keep the mistake. A rewrite that rests on what is in the column leaves the choice.
      ...(served === undefined || whatIf === undefined || isCertain(rewrite) || wrapped.expression.kind === 'cast'
        ? []
        : [indexScript(served.candidate, whatIf.before.engine, schema)]),
    ],
  };
}

const isCertain = (rewrite: Found['rewrite']): boolean => rewrite?.kind === 'edit' && rewrite.safe;

function expressionIndex(whatIf: FactTypes['whatIf'], table: string, alias: string | undefined, column: string): WhatIf | undefined {
  const tried = whatIf.tried.filter((entry) =>
    entry.candidate.keys.some((key) => key.expression?.toLowerCase().includes(column.toLowerCase())),
  );
  return bestIndexFor(table, alias, whatIf.before, tried);
}

function describe(expression: Expression): string {
  if (expression.kind === 'call') return `${expression.name}()`;
  if (expression.kind === 'cast') return `A cast to ${expression.type}`;
  return expression.kind === 'binary' && expression.operator.startsWith('-') && expression.operator.length > 1
    ? 'Taking a value out of JSON'
    : 'Arithmetic';
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
