import { lastName, namePath } from '../../calls/paths.ts';
import { repeatingLoop } from '../../calls/repetition.ts';
import { chainRoot } from '../../calls/summary.ts';
import type { Call, Document, Loop } from '../../document.ts';
import type { Reach } from '../../facts.ts';
import { type Report, rule } from '../../rule.ts';
import { contains } from '../../span.ts';

/**
 * SQLite answers in the process: "N+1 queries are not a problem" there (sqlite.org/np1queryprob.html), so that such a
 * loop is a hint to look at, not a warning.
 */
export const nPlusOne = rule({
  id: 'code/n-plus-one',
  severity: 'warning',
  on: 'document',
  needs: ['calls'],
  applies: ({ document }) => document.loops.length > 0,
  *check({ document }, { calls }) {
    const reported = new Set<string>();
    const queues = document.calls.filter(({ name }) => queueing.has(name));
    for (const [index, call] of document.calls.entries()) {
      if (call.loop === undefined) continue;
      const loop = repeatingLoop(document, call);
      if (loop === undefined || isQueued(queues, loop, call)) continue;
      const reach = calls.reach(document, index);
      if (reach === undefined || reach.kind === 'prepare' || reach.kind === 'commit') continue;
      // Requests to others that already run side by side: there is no better way.
      if (reach.kind === 'network' && loop.concurrent) continue;
      if (isTest(document, call) || isPreparedInTransaction(document, call, reach) || isOverStatements(document, index, loop, reach))
        continue;
      // One statement of a chain is one round trip, and the same call in two arms is one mistake.
      const chain = `${loop.span.start}:${chainRoot(document, index)}`;
      const same = `${loop.span.start}:${call.callee}`;
      if (reported.has(chain) || reported.has(same)) continue;
      reported.add(chain).add(same);
      yield report(document, loop, call, reach);
    }
  },
});

const trips: Readonly<Record<Reach['kind'], string>> = {
  query: 'runs a query',
  write: 'writes a row',
  prepare: 'prepares a statement',
  commit: 'commits',
  cache: 'asks Redis',
  network: 'sends a request',
};

function report(document: Document, loop: Loop, call: Call, reach: Reach): Report {
  const name = shortened(lastName(namePath(call.callee)) || call.name, 40);
  const helper = reach.via.length > 1;
  const message = `${name}() ${helper ? 'reaches a round trip' : trips[reach.kind]} for each ${turnOf(loop)}`;
  return {
    span: call.nameSpan,
    message: helper ? `${name}() ${through(reach)} for each ${turnOf(loop)}` : message,
    // Somebody else's service rarely takes many requests in one; a migration runs once.
    ...(reach.inProcess === true || reach.kind === 'network' || /\/(migrations?|alembic)\//.test(document.path)
      ? { severity: 'info' as const }
      : {}),
    related: [
      { path: document.path, span: loop.header, message: 'the loop' },
      ...reach.via.slice(1).map((step) => ({ path: step.path, span: step.span, message: `through ${shortened(step.name, 60)}()` })),
    ],
  };
}

function through(reach: Reach): string {
  const last = reach.via.at(-1);
  return `${trips[reach.kind]} (in ${shortened(last === undefined ? '' : lastName(namePath(last.name)), 24)})`;
}

function turnOf(loop: Loop): string {
  const over = loop.over?.replace(/\s+/g, ' ').trim() ?? '';
  const variable = loop.variables[0];
  if (over === '') return variable === undefined ? 'turn of the loop' : shortened(variable, 24);
  return variable === undefined ? `element of ${shortened(over, 24)}` : `${shortened(variable, 16)} of ${shortened(over, 24)}`;
}

const shortened = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** The elements are statements or tables, not rows: `for (const sql of migrations) db.exec(sql)`, `SELECT count(*) FROM ${table}`. */
function isOverStatements(document: Document, index: number, loop: Loop, reach: Reach): boolean {
  if (reach.via.length > 1) return false;
  const call = document.calls[index];
  const given = call?.arguments[0]?.text ?? '';
  if (/^(execute|exec|query|run|all|get|raw|\$executeRawUnsafe|Exec|Query|ExecContext|execute_batch)$/.test(call?.name ?? '')) {
    const [name = '', ...rest] = given.replace(/^[&*]+/, '').split('.');
    if (
      loop.variables.includes(name) &&
      (rest.length === 0 || /sql|statement|query|ddl/i.test(rest.join('.'))) &&
      /sql|pragma|stmt|statement|query|ddl|create|command|^q$|^s$/i.test(given)
    )
      return true;
  }
  return document.queries.some(
    (query) =>
      query.call === index &&
      query.holes.some(
        (hole) =>
          hole.position === 'identifier' && loop.variables.some((name) => new RegExp(`\\b${name.replace(/\W/g, '')}\\b`).test(hole.text)),
      ),
  );
}

/** A function marked as a test, in a file that is not one (Rust). */
function isTest(document: Document, call: Call): boolean {
  let at = call.function;
  while (at !== undefined) {
    const scope = document.functions[at];
    if (scope?.decorators.some((decorator) => /(^|[\s:[#])(test|bench|rstest)\b/.test(decorator))) return true;
    at = scope?.parent;
  }
  return false;
}

/** SQLite, one statement prepared before the loop, one transaction around it: the way its own documentation inserts many rows. */
function isPreparedInTransaction(document: Document, call: Call, reach: Reach): boolean {
  if (reach.inProcess !== true || reach.via.length > 1 || call.receiver === undefined) return false;
  const around = document.calls.filter((each) => each.function === call.function || isWithin(document, call.function, each.function));
  const prepared = around.some((each) => /^prepare/.test(each.name) && each.result === call.receiver);
  const transaction = document.calls.some((each) => /transaction$|^begin|^savepoint$/i.test(each.name));
  return prepared && transaction;
}

function isWithin(document: Document, inner: number | undefined, outer: number | undefined): boolean {
  for (let at = inner; at !== undefined; at = document.functions[at]?.parent) if (at === outer) return true;
  return outer === undefined;
}

/** Calls that send together what they are handed. */
const queueing: ReadonlySet<string> = new Set(['$transaction', 'batch', 'pipeline', 'multi', 'executeBatch', 'transaction']);
/** Statements that are only handed over, to be sent together: `db.batch(ids.map((id) => …))`, `$transaction([...])`. */
function isQueued(queues: readonly Call[], loop: Loop, call: Call): boolean {
  if (call.awaited) return false;
  return queues.some((each) => each.arguments.some((argument) => argument.kind !== 'function' && contains(argument.span, loop.span)));
}
