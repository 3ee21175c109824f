import { blocksOf } from '../../advisor/blocks.ts';
import { runsOnce } from '../../advisor/one-off.ts';
import { type Change, changed, rangeOf, scriptFix } from '../../advisor/rewriting.ts';
import { count, message } from '../../advisor/wording.ts';
import type { Call, Document, Query } from '../../document.ts';
import type { ScriptFix } from '../../fix.ts';
import { rule } from '../../rule.ts';
import type { In, Statement } from '../../sql/statement.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const giantInList = rule({
  id: 'sql/giant-in-list',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: [],
  applies: ({ document, query }) =>
    query.plannable &&
    (query.holes.length > 0 || query.sql.length > 2 * manyValues) &&
    /\bin\b/i.test(query.sql) &&
    listsOf(query.statement).some((list) => isLong(list) || isGenerated(document, query, list)) &&
    !runsOnce(document, query),
  *check({ document, query }) {
    let told = false;
    for (const list of listsOf(query.statement)) {
      const items = list.list ?? [];
      const [first] = items;
      const last = items.at(-1);
      if (first === undefined || last === undefined) continue;
      if (isLong(list)) {
        const placeholders = items.filter((item) => item.kind === 'parameter').length;
        yield {
          span: first.span,
          message: message(`A list of ${count(items.length)} values is read and planned anew each time; keep them in a table and join it`),
          evidence: {
            grade: 'static',
            source: 'text',
            notes: placeholders > 0 ? [`${count(placeholders)} of them are placeholders; ${limits(query)}`] : [],
          },
        };
      } else if (!told && isGenerated(document, query, list)) {
        // One collection is often asked for in two places: one cause, one finding, and the fix mends both.
        told = true;
        const generated = listsOf(query.statement).filter((other) => isGenerated(document, query, other));
        const fix = asOneValue(query, generated);
        yield {
          span: first.span,
          message: message('One placeholder for each value: every length is another statement to plan, and too many of them fail'),
          evidence: { grade: 'static', source: 'text', notes: [limits(query)] },
          ...(fix !== undefined && { fixes: [fix] }),
        };
      }
    }
  },
});

/** A list written out by hand ends long before; this many are data that grew into the text. */
const manyValues = 200;

/** PostgreSQL's protocol counts parameters in 16 bits; SQLite's SQLITE_MAX_VARIABLE_NUMBER is 32,766 since 3.32. */
const limits = ({ dialect }: Query): string =>
  dialect === 'postgres' ? 'PostgreSQL takes 65,535 parameters' : 'SQLite takes 32,766 parameters, 999 before 3.32';

const lists = new WeakMap<Statement, readonly In[]>();
/** IN with a list; every statement is asked about on each keystroke, so they are found once. */
function listsOf(statement: Statement): readonly In[] {
  let found = lists.get(statement);
  if (found === undefined) {
    found = blocksOf(statement).flatMap(({ conditions, outerConditions }) =>
      [...conditions, ...outerConditions].flatMap((condition) =>
        [...expressionsIn(condition)].flatMap((part) => (part.kind === 'in' && part.list !== undefined ? [part] : [])),
      ),
    );
    lists.set(statement, found);
  }
  return found;
}

const isLong = ({ list }: In): boolean => (list?.length ?? 0) >= manyValues;

const joins: ReadonlySet<string> = new Set(['join', 'repeat', 'trimright', 'trimsuffix']);

/** The whole list is one interpolation that puts a placeholder or a value together for every element of a collection. */
function isGenerated(document: Document, query: Query, { list }: In): boolean {
  const [only] = list ?? [];
  if (list?.length !== 1 || only?.kind !== 'parameter' || !only.hole) return false;
  const hole = query.holes.find(({ span }) => span.start >= only.span.start && span.end <= only.span.end);
  if (hole === undefined || inPieces(document, query, hole.text)) return false;
  if (/\b(join|repeat)\s*\(|placeholder/i.test(hole.text) && !document.calls.some((call) => call.result === hole.text)) return true;
  return document.calls.some(
    (call) =>
      call.result === hole.text &&
      call.function === query.function &&
      (joins.has(call.name.toLowerCase()) || /placeholder/i.test(hole.text)) &&
      !chainOf(document, call).some((link) => link.arguments.some(({ text }) => piece.test(text))),
  );
}

/** `["?"].repeat(part.len()).join(",")`: the call and those it runs on. */
function chainOf(document: Document, call: Call): readonly Call[] {
  const found = [call];
  for (let at = call.chain; at !== undefined && found.length < 20; at = document.calls[at]?.chain) {
    const link = document.calls[at];
    if (link === undefined) break;
    found.push(link);
  }
  return found;
}

const piece = /chunk|batch|slice|page|part/i;

/** A part of bounded length at a time: somebody knows the limit. */
function inPieces(document: Document, query: Query, text: string): boolean {
  if (piece.test(text)) return true;
  for (let at = query.loop; at !== undefined; at = document.loops[at]?.parent) {
    const loop = document.loops[at];
    if (loop === undefined || loop.strided || loop.fixed || loop.variables.some((name) => piece.test(name))) return true;
  }
  const scope = query.function === undefined ? undefined : document.functions[query.function];
  return scope?.parameters.some(({ name }) => piece.test(name)) === true;
}

/** All values in one parameter: the same statement for any number of them. */
function asOneValue(query: Query, lists: readonly In[]): ScriptFix | undefined {
  const changes = lists.map((list) => oneValue(query, list));
  if (!changes.every((change) => change !== undefined)) return undefined;
  const isPostgres = query.dialect === 'postgres';
  return scriptFix(query, changed(query.sql, changes), {
    title: isPostgres ? 'Hand all values over as one array' : 'Hand all values over as one JSON array',
    safe: false,
    remarks: [isPostgres ? 'with the parameter bound to an array of all values' : 'with the parameter bound to a JSON array of all values'],
  });
}

function oneValue(query: Query, condition: In): Change | undefined {
  const operand = rangeOf(query, condition.operand.span);
  const whole = rangeOf(query, condition.span);
  const [only] = condition.list ?? [];
  const parameter = only && rangeOf(query, only.span);
  if (operand === undefined || whole === undefined || parameter === undefined || whole.start !== operand.start) return undefined;
  const words = /^\s*(NOT\s+)?(IN)\s*\(\s*$/i.exec(query.sql.slice(operand.end, parameter.start));
  if (words === null) return undefined;
  const shown = query.sql.slice(parameter.start, parameter.end);
  const text =
    query.dialect === 'postgres'
      ? ` ${condition.not ? '<> ALL' : '= ANY'}(${shown})`
      : ` ${words[1] ?? ''}${words[2]} (SELECT value FROM json_each(${shown}))`;
  return { start: operand.end, end: whole.end, text };
}
