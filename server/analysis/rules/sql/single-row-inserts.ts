import { isTest, runsOnce } from '../../advisor/one-off.ts';
import { count, message } from '../../advisor/wording.ts';
import type { Document, Query } from '../../document.ts';
import type { EditFix, TextEdit } from '../../fix.ts';
import { type Report, rule } from '../../rule.ts';
import type { Expression, Insert } from '../../sql/statement.ts';

export const singleRowInserts = rule({
  id: 'sql/single-row-inserts',
  severity: 'info',
  on: 'document',
  needs: [],
  applies: ({ document }) => document.queries.length >= manyInCode,
  *check({ document }) {
    for (const run of runsIn(document)) {
      const [first] = run;
      if (first === undefined) continue;
      const inFile = first.query.from === 'file';
      if (run.length < (inFile ? manyInFile : manyInCode)) continue;
      const { table } = first.insert;
      const fix = inFile ? asOneStatement(run) : undefined;
      yield {
        span: table.name?.span ?? table.span,
        message: message(
          `${count(run.length)} rows are inserted into ${table.name?.text ?? 'a table'} by a statement each; one INSERT takes many rows`,
        ),
        evidence: { grade: 'static', source: 'text', notes: [cost(first.query)] },
        ...(fix !== undefined && { fixes: [fix] }),
      } satisfies Report;
    }
  },
});

/** From here on the wait is noticed: outside a transaction each statement waits for the disk, a few milliseconds each. */
const manyInFile = 50;
/** In code each is a round trip besides. */
const manyInCode = 10;
/** Rows that one statement is given: the parser holds all of them in memory. */
const rowsAtOnce = 500;
/** An edit for every row; more of them are a matter for a tool that loads data. */
const mostRows = 5000;

const cost = (query: Query): string =>
  query.inTransaction === true
    ? 'Each is parsed and planned on its own'
    : 'Outside a transaction, each is also a commit that waits for the disk';

interface Step {
  readonly query: Query;
  readonly insert: Insert;
}

/** Plain one-row inserts into the same columns of the same table, one directly after the other. */
function* runsIn(document: Document): Generator<readonly Step[]> {
  let run: Step[] = [];
  let before: string | undefined;
  for (const query of document.queries) {
    const insert = plainInsert(document, query);
    const like = insert && likeness(query, insert);
    if (like === undefined || like !== before) {
      yield run;
      run = [];
    }
    if (insert !== undefined) run.push({ query, insert });
    before = like;
  }
  yield run;
}

function plainInsert(document: Document, query: Query): Insert | undefined {
  const { statement } = query;
  if (statement.kind !== 'insert' || statement.rows !== 1 || statement.values?.length !== 1 || statement.upsert) return undefined;
  if (statement.complete === false || statement.returning.length > 0 || statement.with.length > 0 || statement.table.kind !== 'table')
    return undefined;
  if (!statement.values[0]?.every(isFixed)) return undefined;
  if (query.from === 'literal' && (query.loop !== undefined || query.call === undefined || isTest(document, query))) return undefined;
  return isOld(document, query) ? undefined : statement;
}

/** A migration has run and is left as it is; a file of data is loaded again and again. */
const isOld = (document: Document, query: Query): boolean =>
  query.direction !== undefined || (runsOnce(document, query) && !/(^|[/_.-])(seeds?|data|fixtures?|dump|sample)/i.test(document.path));

/** Gives the same in one statement as in many: no look at the table, no clock. */
function isFixed(value: Expression): boolean {
  if (value.kind === 'literal') return value.type !== 'keyword' || value.value === 'DEFAULT';
  if (value.kind === 'unary' || value.kind === 'cast') return isFixed(value.operand);
  return value.kind === 'parameter' || (value.kind === 'list' && value.items.every(isFixed));
}

function likeness(query: Query, { table, columns }: Insert): string {
  const place = query.from === 'file' ? 'file' : `function ${query.function}`;
  return [place, table.schema?.text, table.name?.text, columns.length, ...columns.map((column) => column.text)].join('\u0000');
}

/** The rows of each statement after the first go to the one before: all that stands between them is replaced by a comma. */
function asOneStatement(run: readonly Step[]): EditFix | undefined {
  if (run.length > mostRows) return undefined;
  const edits: TextEdit[] = [];
  let rows = 1;
  for (const [index, { query, insert }] of run.entries()) {
    const before = run[index - 1];
    const first = insert.values?.[0]?.[0];
    const head = first && query.sql.slice(0, first.span.start - query.span.start);
    if (before === undefined) continue;
    const gap = query.span.start - before.query.span.end;
    // `;` and the end of a line: a comment would need more room.
    const joins = first !== undefined && head !== undefined && /\bVALUES\s*\($/i.test(head) && gap >= 1 && gap <= 3 && isPlain(query);
    if (!joins || rows >= rowsAtOnce) {
      rows = 1;
      continue;
    }
    edits.push({ span: { start: before.query.span.end, end: first.span.start }, text: ',\n  (' });
    rows++;
  }
  if (edits.length === 0) return undefined;
  // Where a row is refused, the rows before it would have stayed; in a transaction they do not.
  const safe = run.every(({ query }) => query.inTransaction === true);
  return { kind: 'edit', title: `Insert ${count(edits.length + 1)} rows with fewer statements`, safe, edits };
}

/** The statement is sent as it is written, so that an offset in the one is an offset in the other. */
const isPlain = ({ sql, span, parameters, holes }: Query): boolean =>
  sql.length === span.end - span.start && parameters.length === 0 && holes.length === 0;
