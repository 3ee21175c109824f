/**
 * What may be planned on a connected PostgreSQL. A READ ONLY transaction is no sandbox: a superuser's COPY … TO PROGRAM runs in one, and
 * plain EXPLAIN executes immutable and stable functions while it plans. So the statement is parsed with PostgreSQL's own grammar and only
 * known kinds of node pass, and the functions and operators it names are looked up before it is sent.
 */
import { loadModule, parseSync } from 'libpg-query';
import type { EngineRejection } from '../engine.ts';
import { utf16Offset } from './position.ts';

/** A function or an operator as the statement names it. */
export interface Named {
  readonly schema?: string | undefined;
  readonly name: string;
}
export interface Parsed {
  readonly outcome: 'parsed';
  readonly functions: readonly Named[];
  readonly operators: readonly Named[];
  /** Types it casts to: a cast may be a function of the database's own. */
  readonly types: readonly Named[];
  /** The highest parameter number. */
  readonly parameters: number;
  /** It changes rows, itself or in a WITH. */
  readonly writes: boolean;
  /** FOR UPDATE, FOR SHARE … */
  readonly locks: boolean;
}
export type Verdict =
  | Parsed
  | { readonly outcome: 'refused'; readonly reason: string }
  /** PostgreSQL's own grammar does not take it. */
  | { readonly outcome: 'rejected'; readonly rejection: EngineRejection };

const statements = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
const writing = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
/** Every node that a query or a change of rows is made of. Anything else (utility statements, INTO) is not sent. */
const allowed = new Set(
  `A_ArrayExpr A_Const A_Expr A_Indices A_Indirection A_Star Alias BitString BoolExpr Boolean BooleanTest CaseExpr CaseWhen CoalesceExpr
  CollateClause ColumnRef CommonTableExpr CTECycleClause CTESearchClause DeleteStmt Float FuncCall GroupingFunc GroupingSet IndexElem
  InferClause InsertStmt Integer JoinExpr JsonAggConstructor JsonArgument JsonArrayAgg JsonArrayConstructor JsonArrayQueryConstructor
  JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate JsonKeyValue JsonObjectAgg JsonObjectConstructor JsonOutput JsonParseExpr
  JsonReturning JsonScalarExpr JsonSerializeExpr JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr List MergeStmt MergeWhenClause
  MinMaxExpr MultiAssignRef NamedArgExpr NullTest OnConflictClause ParamRef RangeFunction RangeSubselect RangeTableFunc RangeTableFuncCol
  RangeTableSample RangeVar ResTarget ReturningClause ReturningOption RowExpr SelectStmt SetToDefault SortBy SQLValueFunction String SubLink
  TypeCast TypeName UpdateStmt WindowDef WithClause XmlExpr XmlSerialize`.split(/\s+/),
);

type Json = Readonly<Record<string, unknown>>;

let ready: Promise<void> | undefined;
/** The parser is WebAssembly and is loaded once. */
export async function loadGuard(): Promise<void> {
  ready ??= loadModule();
  await ready;
}

function parts(list: unknown): Named | undefined {
  const names =
    (list as readonly { readonly String?: { readonly sval?: string } }[] | undefined)?.map((part) => part.String?.sval ?? '') ?? [];
  const name = names.at(-1);
  if (name === undefined || name === '') return undefined;
  return names.length > 1 ? { schema: names.at(-2), name } : { name };
}

const refuse = (reason: string): Verdict => ({ outcome: 'refused', reason });

function parse(sql: string): { readonly stmts?: readonly { readonly stmt?: Json }[] } | Verdict {
  try {
    return parseSync(sql) as { readonly stmts?: readonly { readonly stmt?: Json }[] };
  } catch (error) {
    const details = (error as { sqlDetails?: { message?: string; cursorPosition?: number } }).sqlDetails;
    const message = details?.message ?? (error instanceof Error ? error.message : String(error));
    if (details === undefined || /memory|stack|recursion/i.test(message)) return refuse('The statement is nested too deeply to be parsed.');
    const at = details.cursorPosition;
    const offset = at === undefined || at < 0 ? undefined : utf16Offset(sql, at + 1);
    return { outcome: 'rejected', rejection: { kind: 'syntax', code: '42601', message, ...(offset === undefined ? {} : { offset }) } };
  }
}

/** Call `loadGuard` first. Pure: what the server must still say about the functions is for `checkCalls`. */
export function guard(sql: string): Verdict {
  if (sql.includes('\0')) return refuse('A statement with a NUL character is not sent.');
  const tree = parse(sql);
  if ('outcome' in tree) return tree;
  const list = tree.stmts ?? [];
  if (list.length === 0) return refuse('There is no statement to plan.');
  if (list.length > 1) return refuse('Only one statement is planned at a time.');
  const statement = list[0]?.stmt ?? {};
  const kind = Object.keys(statement)[0] ?? '';
  if (!statements.has(kind)) return refuse(`Only queries and changes of rows have a plan; ${kind.replace(/Stmt$/, '')} is neither.`);
  const functions: Named[] = [];
  const operators: Named[] = [];
  const types: Named[] = [];
  const add = (list: Named[], names: unknown): void => {
    const named = parts(names);
    if (named !== undefined) list.push(named);
  };
  let parameters = 0;
  let writes = false;
  let locks = false;
  // A list of its own instead of recursion: a statement may be nested deeper than the stack.
  const pending: unknown[] = [statement];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (Array.isArray(node)) {
      for (const item of node) if (typeof item === 'object' && item !== null) pending.push(item);
      continue;
    }
    for (const [key, value] of Object.entries(node as Json)) {
      if (key === 'intoClause') return refuse('SELECT INTO creates a table and is not sent.');
      if (key === 'lockingClause') {
        locks = true;
        continue;
      }
      if (/^[A-Z]/.test(key)) {
        if (!allowed.has(key)) return refuse(`${key} is not among the parts of a statement that TuneLens sends.`);
        if (writing.has(key)) writes = true;
        if (key === 'ParamRef') parameters = Math.max(parameters, Number((value as Json).number ?? 0));
        if (key === 'FuncCall') add(functions, (value as Json).funcname);
        if (key === 'A_Expr') add(operators, (value as Json).name);
      }
      // `x op ANY (SELECT …)`, `ORDER BY x USING op`, and a cast's type, which stands in no node of its own.
      if (key === 'operName' || key === 'useOp') add(operators, value);
      if (key === 'typeName') add(types, (value as Json).names);
      if (typeof value === 'object' && value !== null) pending.push(value);
    }
  }
  return { outcome: 'parsed', functions, operators, types, parameters, writes, locks };
}

/** One function, operator or cast function of that name on the server; a cast has the name of its type and the schema of its function. */
export interface Callable {
  readonly name: string;
  readonly schema: string;
  readonly kind: 'function' | 'operator' | 'cast';
  /** An aggregate or window function: planning never runs one. */
  readonly aggregate: boolean;
  readonly volatility: 'i' | 's' | 'v';
  readonly language: string;
  readonly extension: string | null;
}

/** Extensions whose immutable and stable functions compute and do nothing else. */
const harmlessExtensions = new Set(
  `btree_gin btree_gist citext cube earthdistance fuzzystrmatch hstore intarray isn ltree pg_trgm pgcrypto postgis postgis_raster
  postgis_topology seg timescaledb unaccent uuid-ossp vector h3 rum pg_bigm zhparser`.split(/\s+/),
);
/** Built in and not volatile, yet they read whole tables or run a text as SQL when they are folded. */
const greedy = /^(?:table|schema|database|query|cursor)_to_xml|^ts_stat$|^ts_rewrite$/;
/** Volatile, and without any effect: these may run. */
const harmlessVolatile = new Set([
  'random',
  'clock_timestamp',
  'timeofday',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'statement_timestamp',
  'setseed',
  'random_normal',
]);

/**
 * Why the statement is not sent because of what it calls, or undefined. EXPLAIN runs immutable and stable functions with constant arguments; it
 * never runs volatile ones, though it may inline those written in SQL. `run`: EXPLAIN ANALYZE runs them all.
 */
export function checkCalls(parsed: Parsed, found: readonly Callable[], run: boolean): string | undefined {
  for (const callable of found) {
    const named = { function: parsed.functions, operator: parsed.operators, cast: parsed.types }[callable.kind];
    if (
      !named.some(
        (each) => each.name === callable.name && (callable.kind === 'cast' || each.schema === undefined || each.schema === callable.schema),
      )
    )
      continue;
    const builtIn = callable.schema === 'pg_catalog';
    const what = { function: `${callable.name}()`, operator: `The operator ${callable.name}`, cast: `The cast to ${callable.name}` }[
      callable.kind
    ];
    if (builtIn) {
      if (greedy.test(callable.name)) return `${what} reads whole tables while a statement is planned, so it is not sent.`;
      if (run && callable.volatility === 'v' && !harmlessVolatile.has(callable.name))
        return `${what} may have effects, so the statement is not run.`;
      continue;
    }
    if (callable.extension !== null && harmlessExtensions.has(callable.extension) && callable.volatility !== 'v') continue;
    if (callable.extension !== null && harmlessExtensions.has(callable.extension) && !run) continue;
    if (run) return `${what} is defined in this database and may have effects, so the statement is not run.`;
    if (callable.aggregate) continue;
    if (callable.volatility !== 'v' || callable.language === 'sql')
      return `${what} is defined in this database, and planning a statement may run it, so it is not sent.`;
  }
  return undefined;
}

/** The catalogue's answer for `checkCalls`: parameters are the names of functions, operators and types, all text[]. */
export const callablesQuery = `
  SELECT p.proname AS name, n.nspname AS schema, 'function' AS kind, p.prokind IN ('a', 'w') AS aggregate, p.provolatile AS volatility, l.lanname AS language,
         (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1) AS extension
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.proname = ANY ($1::text[])
  UNION ALL
  SELECT o.oprname, n.nspname, 'operator', false, p.provolatile, l.lanname,
         (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE d.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND d.objid = o.oid AND d.deptype = 'e'
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1)
  FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
  JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE o.oprname = ANY ($2::text[]) AND n.nspname <> 'pg_catalog'
  UNION ALL
  SELECT t.typname, n.nspname, 'cast', false, p.provolatile, l.lanname,
         (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1)
  FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
  JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE t.typname = ANY ($3::text[]) AND n.nspname <> 'pg_catalog'`;
