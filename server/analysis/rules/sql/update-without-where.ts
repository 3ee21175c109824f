import { runsOnce } from '../../advisor/one-off.ts';
import { includesName, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import { quoteName } from '../../ddl.ts';
import type { Document, Query } from '../../document.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { Delete, Statement, Update } from '../../sql/statement.ts';

export const updateWithoutWhere = rule({
  id: 'sql/update-without-where',
  severity: 'warning',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['statistics', 'plan'],
  applies: ({ document, query }) =>
    wholeTable(query.statement) !== undefined && isWhole(query) && !isMeant(document, query) && !runsOnce(document, query),
  *check({ query }, { schema, statistics, plan }) {
    const written = wholeTable(query.statement);
    const name = written?.table.name?.text;
    if (written === undefined || name === undefined || isSmall(name, statistics)) return;
    const table = findTable(schema.schema, name);
    if (table === undefined || table.kind !== 'table' || oneRowOrScratch.test(name)) return;
    // SQLite empties a table without WHERE by dropping its pages, as TRUNCATE does.
    const isUpdate = written.kind === 'update';
    if (!isUpdate && query.dialect === 'sqlite') return;
    const guessed = table.inferred || (plan !== undefined && includesName(plan.inferred, name));
    yield {
      span: written.table.name?.span ?? written.table.span,
      ...(isUpdate && !guessed ? {} : { severity: 'info' as const }),
      message: message(
        isUpdate
          ? `Without WHERE, every row of ${name} is written anew, also those that hold the value already`
          : `Without WHERE, the rows of ${name} are deleted one by one; TRUNCATE empties a table at once`,
      ),
      evidence: { grade: schema.grade, source: schema.source, notes: sizeNotes(name, statistics, plan) },
      ...(isUpdate
        ? {}
        : {
            fixes: [
              {
                kind: 'script' as const,
                title: 'Show the TRUNCATE',
                engine: 'postgres' as const,
                text: `-- Instead of\n--   ${query.sql.trim().replace(/;$/, '')}\n-- (it locks the table, fires no row triggers, and refuses a table that others refer to)\n-- write\nTRUNCATE ${written.table.schema === undefined ? '' : `${quoteName('postgres', written.table.schema.text)}.`}${quoteName('postgres', name)};`,
                down: '',
                name: 'truncate_table',
                outsideTransaction: false,
                shownOnly: true,
              },
            ],
          }),
    };
  },
});

/** UPDATE or DELETE of one table with no condition at all; `WHERE true` says that everything is meant. */
function wholeTable(statement: Statement): Update | Delete | undefined {
  if (statement.kind !== 'update' && statement.kind !== 'delete') return undefined;
  if (statement.where !== undefined || statement.table.kind !== 'table' || statement.complete === false) return undefined;
  const others = statement.kind === 'update' ? statement.from : statement.using;
  return others.length === 0 && statement.with.length === 0 && statement.returning.length === 0 ? statement : undefined;
}

/** The whole statement is in this literal: nothing is interpolated, and it is handed to a call as it is, so that no WHERE is added later. */
function isWhole(query: Query): boolean {
  return query.holes.length === 0 && (query.from === 'file' || query.call !== undefined);
}

/** What a function or a named query calls itself when the whole table is meant. */
const meant =
  /(^|[_\W]|(?<=[a-z]))(all|any|clear|clean(up)?|delete|drop|empty|erase|flush|init\w*|invalidate|migrate\w*|normali[sz]e\w*|purge|rebuild|recalc\w*|recompute|refresh|reindex|remove|reset|rewrite|seed|set_?up|startup|boot\w*|sync|tear_?down|truncate|upgrade|vacuum|wipe|backfill\w*|every|decay)(?=$|[_\W]|[A-Z]|s\b)/i;

function isMeant(document: Document, query: Query): boolean {
  if (query.name !== undefined && meant.test(query.name)) return true;
  for (let at = query.function; at !== undefined; at = document.functions[at]?.parent) {
    const scope = document.functions[at];
    if (scope !== undefined && (meant.test(scope.name) || /main$/i.test(scope.name))) return true;
  }
  // Code that runs when the file is run is a script: it runs once.
  if (query.from === 'literal' && query.function === undefined) return true;
  // What a manual tells people to run, they run once.
  if (/\.(md|mdx|rst)$/i.test(document.path)) return true;
  return /(^|\/)(scripts?|tools?|bin|dev|examples?|fixtures?|bench(mark)?s?|tests?|demo|dumps?|backups?)\//i.test(document.path);
}

/** Tables of one row, and tables that are filled anew each time. */
const oneRowOrScratch =
  /(^|_)(settings?|configs?|configuration|meta|metadata|state|status|version|info|params?|options|globals?|counters?|sequences?|te?mp|staging|stage|scratch|cache|import|buffer|queue)(_|$)/i;
