/** EXPLAIN QUERY PLAN, read: SQLite's own lines as a tree of steps with their estimated cost. */
import type { Plan, PlanStep } from '../../analysis/facts.ts';
import type { Schema } from '../../analysis/sql/schema.ts';
import { tokenize } from '../../analysis/sql/tokens.ts';
import type { SqliteDatabase } from './binding.ts';

interface Row {
  readonly id: number;
  readonly parent: number;
  /** The third column: `notused` by name, but since 3.46 the planner's own cost of one run of this loop, as 10 × log2. */
  readonly logCost: number;
  readonly detail: string;
}

/** What must be known of the schema to say which table an alias or an index stands for. */
export interface Names {
  /** Lower-case table name -> its name. */
  readonly tables: ReadonlyMap<string, string>;
  /** Lower-case index name -> its table. */
  readonly indexes: ReadonlyMap<string, string>;
}

export function namesOf(schema: Pick<Schema, 'tables' | 'indexes'>): Names {
  return {
    tables: new Map(schema.tables.map((table) => [table.name.toLowerCase(), table.name])),
    indexes: new Map(schema.indexes.map((index) => [index.name.toLowerCase(), index.table])),
  };
}

/** The names of a database, straight from its catalogue: an EXPLAIN at every keystroke does not wait for a whole schema. */
export function readNames(database: SqliteDatabase): Names {
  const tables = new Map<string, string>();
  const indexes = new Map<string, string>();
  const rows = database.prepare(
    "SELECT type, name, tbl_name AS tableName FROM sqlite_schema WHERE type IN ('table', 'view', 'index') UNION ALL SELECT type, name, tbl_name FROM sqlite_temp_schema WHERE type IN ('table', 'view', 'index')",
  );
  for (const row of rows.all()) {
    const name = String(row.name);
    if (row.type === 'index') indexes.set(name.toLowerCase(), String(row.tableName));
    else tables.set(name.toLowerCase(), name);
  }
  return { tables, indexes };
}

/**
 * The alias -> table pairs of a statement. SQLite names only the alias in its plan. An alias that stands for two tables
 * (in two subqueries) stands for none here.
 */
function aliasesOf(sql: string, names: Names): ReadonlyMap<string, string | undefined> {
  const tokens = tokenize(sql, [], 'sqlite');
  const text = (index: number): string | undefined => {
    const token = tokens[index];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) return undefined;
    return token.kind === 'word' ? sql.slice(token.start, token.end) : sql.slice(token.start + 1, token.end - 1);
  };
  const aliases = new Map<string, string | undefined>();
  for (let index = 0; index < tokens.length; index++) {
    const name = text(index);
    const table = name === undefined ? undefined : names.tables.get(name.toLowerCase());
    if (table === undefined) continue;
    const alias = text(tokens[index + 1]?.word === 'AS' ? index + 2 : index + 1);
    if (alias === undefined) continue;
    const key = alias.toLowerCase();
    aliases.set(key, aliases.has(key) && aliases.get(key) !== table ? undefined : table);
  }
  return aliases;
}

const access = /^(SCAN|SEARCH) (.+?)(?: USING (.+?))?(?: (?:VIRTUAL TABLE INDEX .*))?(?: (?:LEFT|RIGHT|FULL)-JOIN| EXISTS)*$/;
const method = /^(?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(?:INDEX (\S+)|INTEGER PRIMARY KEY|PRIMARY KEY|ROWID SEARCH)/;

interface Access {
  readonly kind: PlanStep['kind'];
  readonly alias?: string | undefined;
  readonly index?: string | undefined;
  readonly unique: boolean;
}

function readDetail(detail: string): Access {
  if (detail.startsWith('USE TEMP B-TREE FOR')) return { kind: 'sort', unique: false };
  const found = access.exec(detail);
  const object = found?.[2];
  if (found === null || object === undefined || object === 'CONSTANT ROW' || /^\d+ CONSTANT ROWS?$|VALUES CLAUSE$/.test(object))
    return { kind: 'other', unique: false };
  const using = found[3] ?? '';
  const how = method.exec(using);
  const automatic = using.startsWith('AUTOMATIC');
  const alias = / AS /.test(object) ? object.split(' AS ').at(-1) : object;
  // An automatic index is built for this one statement by reading the whole table: no index that anybody has.
  const index = automatic ? undefined : how?.[1];
  if (found[1] === 'SCAN') return { kind: how === null ? 'scan' : 'index-scan', alias, index, unique: false };
  // `SEARCH t` alone is min() or max() at one end of a key.
  return { kind: automatic ? 'scan' : 'index', alias, index, unique: /\((?:rowid)=\?\)/.test(using) };
}

const fromLogEst = (value: number): number => 2 ** (value / 10);

/**
 * Rows one run of a loop is expected to yield, from its cost. SQLite keeps that number to itself. A full scan costs about
 * three a row (LogEst 16, `whereLoopAddBtree`); a search costs its descent (about 28)
 * and about four for every row it visits in the table: the default of ten rows an index costs 68.
 */
function rowsOf(step: Access, logCost: number): number {
  if (step.unique) return 1;
  if (step.kind === 'scan' || step.kind === 'index-scan') return Math.max(1, fromLogEst(logCost - 16));
  return Math.max(1, (fromLogEst(logCost) - 28) / 4);
}

/**
 * One query level: its loops are nested in the order they are listed, each run once for every row of those before it. A
 * sort costs n log n on what they yield, with the planner's own factor (`whereSortingCost`: 3 n log n).
 */
function costOfLevel(steps: readonly { readonly access: Access; readonly row: Row; readonly nested: number }[]): number {
  let rows = 1;
  let total = 0;
  for (const { access: step, row, nested } of steps) {
    if (step.kind === 'sort') total += 3 * rows * Math.log2(rows + 1);
    else if (row.logCost > 0) {
      total += rows * fromLogEst(row.logCost);
      rows *= rowsOf(step, row.logCost);
    } else if (/^CORRELATED/.test(row.detail)) total += rows * nested;
    else total += nested;
  }
  return total;
}

/**
 * A plan from the rows of EXPLAIN QUERY PLAN. Costs are in SQLite's unit (about one step of a cursor) and comparable between
 * plans of one database; they come from the planner's own estimate for every loop.
 */
export function planFrom(rows: readonly Record<string, unknown>[], sql: string, names: Names): Plan {
  const aliases = aliasesOf(sql, names);
  const read: Row[] = rows.map((row) => ({
    id: Number(row.id),
    parent: Number(row.parent),
    logCost: Number(row.notused ?? 0),
    detail: String(row.detail),
  }));
  const byParent = Map.groupBy(read, (row) => row.parent);
  const build = (parent: number, depth: number): { steps: PlanStep[]; cost: number } => {
    const level: { access: Access; row: Row; nested: number }[] = [];
    const steps: PlanStep[] = [];
    // A plan as deep as this is a thousand nested subqueries; its lines still count, its depth does not.
    if (depth > 500) return { steps, cost: 0 };
    for (const row of byParent.get(parent) ?? []) {
      const children = build(row.id, depth + 1);
      const step = readDetail(row.detail);
      const alias = step.alias?.toLowerCase();
      const table = alias === undefined ? undefined : aliases.has(alias) ? aliases.get(alias) : names.tables.get(alias);
      const relation = (step.index === undefined ? undefined : names.indexes.get(step.index.toLowerCase())) ?? table;
      level.push({ access: step, row, nested: children.cost });
      steps.push({
        kind: step.kind,
        detail: row.detail,
        ...(row.detail.startsWith('CORRELATED') && { perRow: true }),
        children: children.steps,
        ...(relation === undefined ? {} : { relation }),
        ...(step.alias === undefined ? {} : { alias: step.alias }),
        ...(step.index === undefined ? {} : { index: step.index }),
        ...(row.logCost > 0 ? { cost: Math.round(fromLogEst(row.logCost) * 100) / 100 } : {}),
      });
    }
    return { steps, cost: costOfLevel(level) };
  };
  const { steps, cost } = build(0, 0);
  return { engine: 'sqlite', steps, totalCost: Math.round(cost * 100) / 100, raw: rows };
}
