import { type Block, blocksOf } from '../../advisor/blocks.ts';
import { count, isSmall, message, sizeNotes } from '../../advisor/wording.ts';
import type { Call, Document, FunctionScope, Query } from '../../document.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import { expressionsIn } from '../../sql/walk.ts';

export const unboundedSelect = rule({
  id: 'sql/unbounded-select',
  severity: 'info',
  on: 'query',
  needs: [],
  wants: ['schema', 'statistics', 'plan'],
  applies: ({ document, query }) => query.from === 'literal' && wholeTable(query) !== undefined && isServed(document, query),
  *check({ query }, { schema, statistics, plan }) {
    const item = wholeTable(query)?.tables[0];
    const table = item?.name?.text;
    if (item === undefined || table === undefined || isSmall(table, statistics) || isLookup(table)) return;
    const known = schema && findTable(schema.schema, table);
    // A view may have its own limit, a virtual table its own meaning.
    if (known !== undefined && known.kind !== 'table') return;
    const rows = statistics?.rows(table);
    if (rows !== undefined && rows < manyRows) return;
    yield {
      span: item.name?.span ?? item.span,
      ...(rows === undefined ? {} : { severity: 'warning' as const }),
      message: message(
        `Fetches ${rows === undefined ? 'every row' : `all ${count(rows)} rows`} of ${table} for one request, and more as it grows: no WHERE, no LIMIT`,
      ),
      evidence: {
        grade: rows === undefined ? 'static' : (statistics?.grade ?? 'static'),
        source: rows === undefined ? 'text' : (statistics?.source ?? 'text'),
        notes: sizeNotes(table, statistics, plan),
      },
    };
  },
});

/** Rows that a request can carry without anybody noticing: about a megabyte at a hundred bytes each. */
const manyRows = 10_000;

/** The only block of a statement that answers with every row of one table as it is. */
function wholeTable({ statement }: Query): Block | undefined {
  if (statement.kind !== 'select' || statement.complete === false || statement.with.length > 0) return undefined;
  const { where, limit, groupBy, having, compound, distinct, from, columns } = statement;
  if (where || limit || groupBy.length > 0 || having || compound.length > 0 || distinct || from.length !== 1) return undefined;
  const aggregates = columns.some((column) => {
    let found = false;
    if (column.expression) {
      for (const part of expressionsIn(column.expression)) {
        if (part.kind === 'call' && !part.window && aggregateNames.test(part.name)) found = true;
      }
    }
    return found;
  });
  const block = blocksOf(statement)[0];
  return aggregates || block?.tables.length !== 1 ? undefined : block;
}

const aggregateNames =
  /^(count|sum|total|avg|min|max|group_concat|string_agg|array_agg|jsonb?_(object_)?agg|json_group_(array|object)|bool_(and|or)|every|stddev.*|var.*)$/;

/** Tables that hold the few values others point at, by the names such tables are given. */
function isLookup(table: string): boolean {
  return /(^|_)(types?|status(es)?|states?|kinds?|roles?|permissions?|settings?|config(uration)?s?|options?|categor(y|ies)|countr(y|ies)|currenc(y|ies)|languages?|locales?|regions?|timezones?|plans?|features?|flags?|migrations?|version|versions|schema_\w+|meta|metadata|lookup|levels?|units?)$/i.test(
    table,
  );
}

/** Code that answers somebody: a handler of requests, told by what marks it as one. */
function isServed(document: Document, query: Query): boolean {
  if (query.function === undefined) return false;
  if (/(^|\/)(migrations?|scripts?|seeds?|fixtures?|tests?|__tests__|tools?|benchmarks?)\//i.test(document.path)) return false;
  const call = query.call === undefined ? undefined : document.calls[query.call];
  if (call !== undefined && takesPart(document, call)) return false;
  for (let at: number | undefined = query.function; at !== undefined; at = document.functions[at]?.parent) {
    const scope: FunctionScope | undefined = document.functions[at];
    if (scope === undefined) return false;
    if (/export|dump|backup|migrat|seed|sync|reindex|rebuild|import|stream|warm|report/i.test(scope.name)) return false;
    if (isHandler(scope, document)) return true;
  }
  return false;
}

/** The rows are read one at a time or one at most: a stream, or a first row. */
function takesPart(document: Document, call: Call): boolean {
  const streaming =
    /^(stream|iterate|cursor|each|fetchone|fetch_one|fetch_optional|get|queryRow|QueryRow|QueryRowContext|query_row|iter|fetchmany|query_map|fetch|batches)$/;
  if (streaming.test(call.name)) return true;
  // `cursor.execute(…)`, and on another line `cursor.fetchone()`: the next fetch from the same cursor says how many.
  const rows = [call.receiver, call.result].filter((name) => name !== undefined);
  const fetch = document.calls.find(
    (next) =>
      next.function === call.function &&
      next.span.start > call.span.start &&
      rows.includes(next.receiver ?? '') &&
      /^(fetch|first|one|scalar)/.test(next.name),
  );
  if (fetch !== undefined && fetch.name !== 'fetchall') return true;
  const at = document.calls.indexOf(call);
  return (
    document.calls.some((next) => next.chain === at && streaming.test(next.name)) ||
    (call.loop !== undefined && document.loops[call.loop]?.streaming === true)
  );
}

const handlerDecorator =
  /(^|\.)(get|post|put|patch|delete|route|api_route|view|api_view|websocket|action|Get|Post|Put|Patch|Delete|All|Query|HttpGet)\b|^(get|post|put|patch|delete)\(/;
const handlerParameter =
  /\b(http\.ResponseWriter|\*?http\.Request|HttpRequest|HttpResponse|NextApiRequest|FastifyRequest|FastifyReply|Request|Response|gin\.Context|echo\.Context|fiber\.Ctx|web::\w+|axum::\w+|State<|Extension<|web\.Request)\b/;

function isHandler(scope: FunctionScope, document: Document): boolean {
  if (scope.decorators.some((decorator) => handlerDecorator.test(decorator))) return true;
  if (scope.parameters.some((parameter) => parameter.type !== undefined && handlerParameter.test(parameter.type))) return true;
  const names = scope.parameters.map((parameter) => parameter.name.replace(/^_+/, ''));
  if (
    (names[0] === 'req' || names[0] === 'request') &&
    (names[1] === 'res' || names[1] === 'reply' || names[1] === 'response' || names.length === 1)
  )
    return true;
  if (names.includes('request')) return true;
  // `app.get('/orders', async (c) => …)`: the function is an argument of a call that registers it.
  return document.calls.some(
    (call) =>
      /^(get|post|put|patch|delete|all|route|handle|HandleFunc|Handle|GET|POST)$/.test(call.name) &&
      call.arguments[0]?.kind === 'string' &&
      call.arguments[0].value?.startsWith('/') === true &&
      call.arguments.some(
        (argument) => argument.kind === 'function' && argument.span.start <= scope.span.start && scope.span.end <= argument.span.end,
      ),
  );
}
