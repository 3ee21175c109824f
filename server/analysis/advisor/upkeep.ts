/** What the statements that write pay for an index, in the unit of the engine's planner, so that it can be set against what the index saves. */
import type { CandidateIndex } from '../facts.ts';
import type { EngineId, Statement } from '../sql/statement.ts';

/** What one execution of a statement does to the rows of a table. */
export interface TableWrite {
  /** Lower case. */
  readonly table: string;
  readonly kind: 'insert' | 'update' | 'delete';
  /** Lower-case columns that are assigned; for `update`. */
  readonly columns: ReadonlySet<string>;
  /** Rows that are written out (VALUES); absent where only a planner can tell. */
  readonly rows?: number | undefined;
}
export interface WeightedWrite extends TableWrite {
  /** Executions. */
  readonly weight: number;
  /** Rows of one execution. */
  readonly rows: number;
}

export function writesOf(statement: Statement): readonly TableWrite[] {
  const writes: TableWrite[] = [];
  const visit = (inner: Statement): void => {
    if (inner.kind !== 'insert' && inner.kind !== 'update' && inner.kind !== 'delete') {
      if (inner.kind === 'select') for (const entry of inner.with) visit(entry.body);
      return;
    }
    for (const entry of inner.with) visit(entry.body);
    const table = inner.table.name?.text.toLowerCase();
    if (table === undefined) return;
    if (inner.kind === 'update')
      writes.push({ table, kind: 'update', columns: new Set(inner.set.map(({ column }) => column.text.toLowerCase())) });
    else if (inner.kind === 'delete') writes.push({ table, kind: 'delete', columns: new Set() });
    else {
      writes.push({ table, kind: 'insert', columns: new Set(), ...(inner.query === undefined && { rows: Math.max(1, inner.rows) }) });
      // An upsert is taken for an insert that found nothing, and for an update of what it assigns otherwise; the insert is the dearer one.
    }
  };
  visit(statement);
  return writes;
}

/**
 * PostgreSQL, for one entry: the descent as the planner itself charges it (`(height + 1) × 50 × cpu_operator_cost`, `btcostestimate`), putting it in
 * (`cpu_index_tuple_cost`), and one page that a checkpoint writes back, in order (`seq_page_cost`). SQLite, in its unit of one cursor step: a
 * descent is about 28 (see engines/sqlite/explain.ts), and as much again to write the page.
 */
const entryCost: Readonly<Record<EngineId, (bytes: number) => number>> = {
  postgres: (bytes) => (heightOf(bytes) + 1) * 50 * 0.0025 + 0.005 + 1,
  sqlite: () => 56,
};
/** Levels above the leaves: some 250 entries of usual width fit a page of 8 kB. */
const heightOf = (bytes: number): number => Math.ceil(Math.log(Math.max(1, bytes / 8192)) / Math.log(250));

/**
 * What all the writes pay for the index. INSERT makes an entry in it; UPDATE does where it assigns a column that the index holds (PostgreSQL
 * makes a new one beside the old, SQLite moves it); DELETE pays at once on SQLite, and on PostgreSQL later, by VACUUM, about half.
 * A condition of the index is taken to hold for a tenth of the rows.
 */
export function upkeepOf(candidate: CandidateIndex, bytes: number, writes: readonly WeightedWrite[], engine: EngineId): number {
  const table = candidate.table.toLowerCase().split('.').at(-1);
  const text = [...candidate.keys.map((key) => key.column ?? key.expression ?? ''), ...candidate.include, candidate.where ?? '']
    .join(' ')
    .toLowerCase();
  const words = new Set(text.match(/[\p{L}\p{N}_$]+/gu) ?? []);
  const each = entryCost[engine](bytes) * (candidate.method === 'gin' ? ginFactor : 1) * (candidate.where === undefined ? 1 : 0.1);
  let total = 0;
  for (const { table: written, kind, columns, rows, weight } of writes) {
    if (written !== table) continue;
    if (kind === 'update' && ![...columns].some((column) => words.has(column))) continue;
    const entries = kind === 'delete' ? (engine === 'sqlite' ? 1 : 0.5) : kind === 'update' && engine === 'sqlite' ? 2 : 1;
    total += weight * rows * entries * each;
  }
  return total;
}
/** One row makes an entry for each of its elements; the documentation calls a GIN update slow for that reason. Ten elements are taken for granted. */
const ginFactor = 10;
