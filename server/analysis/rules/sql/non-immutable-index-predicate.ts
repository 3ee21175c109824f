import { message } from '../../advisor/wording.ts';
import type { FactTypes } from '../../facts.ts';
import { rule } from '../../rule.ts';
import type { CreateIndex, EngineId, Expression } from '../../sql/statement.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const nonImmutableIndexPredicate = rule({
  id: 'sql/non-immutable-index-predicate',
  severity: 'error',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  wants: ['rejection'],
  applies: ({ query }) =>
    query.statement.kind === 'create index' &&
    (query.statement.where !== undefined || query.statement.terms.some((term) => term.expression.kind !== 'column')),
  *check({ query }, { rejection }) {
    const statement = query.statement as CreateIndex;
    const engine = query.dialect as EngineId;
    const said = refusal(rejection);
    const parts: readonly (readonly [Expression | undefined, string])[] = [
      [statement.where, 'predicate'],
      ...statement.terms.map((term) => [term.expression, 'key'] as const),
    ];
    let found = false;
    for (const [expression, where] of parts) {
      for (const part of expression === undefined ? [] : changing(expression, engine)) {
        found = true;
        yield {
          span: part.span,
          message: message(`${nameOf(part)} changes from one moment to the next: ${engineNames[engine]} refuses it in an index ${where}`),
          ...(said === undefined ? {} : { evidence: said }),
        };
      }
    }
    // Whether a cast or a function of the user's own is immutable only the engine knows.
    if (!found && said !== undefined && rejection !== undefined) {
      const predicate = rejection.rejection.message.includes('predicate') || rejection.rejection.message.includes('WHERE');
      const place = predicate ? statement.where : statement.terms.find((term) => term.expression.kind !== 'column')?.expression;
      yield {
        span: place?.span ?? rejection.rejection.span,
        message: message(
          `The result depends on more than the row, so ${engineNames[engine]} refuses it in an index ${predicate ? 'predicate' : 'key'}`,
        ),
        evidence: said,
      };
    }
  },
});

const engineNames = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

/** The engine's own words, when this is what it refused the statement for. */
function refusal(fact: FactTypes['rejection'] | undefined) {
  if (fact === undefined) return undefined;
  const { message: words } = fact.rejection;
  const about = /must be marked IMMUTABLE|non-deterministic/i.test(words);
  return about ? { grade: fact.grade, source: fact.source, notes: [words] } : undefined;
}

/** Not immutable by the engines' own catalogues: `pg_proc.provolatile`, and SQLite's documentation of deterministic functions. */
const changingCalls: Readonly<Record<EngineId, ReadonlySet<string>>> = {
  postgres: new Set([
    'now',
    'clock_timestamp',
    'statement_timestamp',
    'transaction_timestamp',
    'timeofday',
    'random',
    'gen_random_uuid',
    'uuidv7',
    'nextval',
    'currval',
    'current_setting',
    'txid_current',
    'pg_backend_pid',
  ]),
  sqlite: new Set(['random', 'randomblob', 'changes', 'total_changes', 'last_insert_rowid']),
};
const changingWords = /^(CURRENT_(TIMESTAMP|DATE|TIME|USER|ROLE|SCHEMA|CATALOG)|LOCALTIME(STAMP)?|SESSION_USER|USER)$/;
const sqliteDates = new Set(['date', 'time', 'datetime', 'julianday', 'unixepoch', 'strftime', 'timediff']);

/** The parts of an expression whose value is not the same for the same row tomorrow. */
function changing(expression: Expression, engine: EngineId): readonly Expression[] {
  const found: Expression[] = [];
  for (const part of expressionsIn(expression)) {
    if (part.kind === 'literal' && part.type === 'keyword' && changingWords.test(part.value)) found.push(part);
    if (part.kind !== 'call') continue;
    if (changingCalls[engine].has(part.name)) found.push(part);
    else if (engine === 'sqlite' && sqliteDates.has(part.name) && readsClock(part.name, part.arguments)) found.push(part);
  }
  return found;
}

/** SQLite's date functions read the clock for 'now', for 'localtime', and when the time is left out. */
function readsClock(name: string, list: readonly Expression[]): boolean {
  if (list.length === (name === 'strftime' ? 1 : 0)) return true;
  return list.some(
    (argument) => argument.kind === 'literal' && argument.type === 'string' && /^(now|localtime|utc)$/i.test(argument.value.trim()),
  );
}

function nameOf(part: Expression): string {
  if (part.kind === 'literal') return part.value;
  if (part.kind !== 'call') return 'This';
  const clock = part.arguments.find((argument) => argument.kind === 'literal' && /^(now|localtime|utc)$/i.test(argument.value));
  return `${part.name}(${clock?.kind === 'literal' ? `'${clock.value}'` : ''})`;
}
