/** EXPLAIN (FORMAT JSON), read: PostgreSQL's plan as a tree of steps. */
import type { Plan, PlanStep } from '../../analysis/facts.ts';

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Alias?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Total Cost'?: number;
  readonly 'Plan Rows'?: number;
  readonly 'Parallel Aware'?: boolean;
  readonly 'Scan Direction'?: string;
  readonly 'Join Type'?: string;
  readonly Operation?: string;
  readonly Strategy?: string;
  readonly 'Subplan Name'?: string;
  readonly 'Parent Relationship'?: string;
  readonly 'CTE Name'?: string;
  readonly 'Function Name'?: string;
  readonly Plans?: readonly Node[];
}

const kinds: Readonly<Record<string, PlanStep['kind']>> = {
  'Seq Scan': 'scan',
  'Sample Scan': 'scan',
  'Bitmap Heap Scan': 'index',
  'Bitmap Index Scan': 'index',
  'Tid Scan': 'index',
  'Tid Range Scan': 'index',
  Sort: 'sort',
  'Incremental Sort': 'sort',
  'Nested Loop': 'join',
  'Hash Join': 'join',
  'Merge Join': 'join',
  Aggregate: 'aggregate',
  Group: 'aggregate',
  WindowAgg: 'aggregate',
  Unique: 'aggregate',
  SetOp: 'aggregate',
};

function kindOf(node: Node): PlanStep['kind'] {
  const type = node['Node Type'];
  // Without a condition the whole index is read in its order.
  if (type === 'Index Scan' || type === 'Index Only Scan') return node['Index Cond'] === undefined ? 'index-scan' : 'index';
  return kinds[type] ?? 'other';
}

/** The line of EXPLAIN's text format, without its numbers. */
function detailOf(node: Node): string {
  const type = node['Node Type'];
  const words = [node['Parallel Aware'] === true ? `Parallel ${type}` : type];
  if (type === 'ModifyTable' && node.Operation !== undefined) words[0] = node.Operation;
  if (type === 'Aggregate' && node.Strategy === 'Hashed') words[0] = 'HashAggregate';
  if (type === 'Aggregate' && node.Strategy === 'Sorted') words[0] = 'GroupAggregate';
  if (/Join|Nested Loop/.test(type) && node['Join Type'] !== undefined && node['Join Type'] !== 'Inner')
    words.push(`(${node['Join Type'].toLowerCase()})`);
  if (node['Scan Direction'] === 'Backward') words.push('Backward');
  if (node['Index Name'] !== undefined)
    words.push(type === 'Bitmap Index Scan' ? `on ${node['Index Name']}` : `using ${node['Index Name']}`);
  const on = node['Relation Name'] ?? node['CTE Name'] ?? node['Function Name'];
  if (on !== undefined) words.push(`on ${on}`);
  if (node.Alias !== undefined && node.Alias !== on) words.push(on === undefined ? `on ${node.Alias}` : node.Alias);
  return words.join(' ');
}

function stepOf(node: Node, above: Node | undefined): PlanStep {
  const bitmap = node['Node Type'] === 'Bitmap Index Scan' || /^Bitmap(?:And|Or)$/.test(node['Node Type']);
  // The index side of a bitmap scan does not name the table; the heap side above it does.
  const owner = bitmap && above !== undefined ? { ...node, 'Relation Name': above['Relation Name'], Alias: above.Alias } : node;
  const relation = owner['Relation Name'];
  const index = node['Index Name'];
  return {
    kind: kindOf(node),
    detail: detailOf(node),
    ...(relation === undefined ? {} : { relation }),
    ...(owner.Alias === undefined ? {} : { alias: owner.Alias }),
    ...(index === undefined ? {} : { index }),
    ...(node['Plan Rows'] === undefined ? {} : { rows: node['Plan Rows'] }),
    ...(node['Total Cost'] === undefined ? {} : { cost: node['Total Cost'] }),
    // An InitPlan runs once; a SubPlan for each row, unless its answer was hashed, which only one that depends on no row can be.
    ...(node['Parent Relationship'] === 'SubPlan' && { perRow: true }),
    children: (node.Plans ?? []).map((child) => stepOf(child, (bitmap ? owner : node) as Node)),
  };
}

/** `raw` is the value of the column `QUERY PLAN`, parsed or as text. Costs are in PostgreSQL's unit (one page read in sequence is 1). */
export function planFrom(raw: unknown): Plan {
  const parsed = (typeof raw === 'string' ? JSON.parse(raw) : raw) as readonly {
    readonly Plan: Node;
    readonly 'Execution Time'?: number;
  }[];
  const root = parsed[0]?.Plan;
  const milliseconds = parsed[0]?.['Execution Time'];
  if (root === undefined) return { engine: 'postgres', steps: [], totalCost: 0, raw: parsed };
  return {
    engine: 'postgres',
    steps: [stepOf(root, undefined)],
    totalCost: root['Total Cost'] ?? 0,
    ...(root['Plan Rows'] === undefined ? {} : { rows: root['Plan Rows'] }),
    ...(milliseconds === undefined ? {} : { milliseconds }),
    raw: parsed,
  };
}

/** Whether the plan uses an index of that name anywhere. */
export function planUses(plan: Plan, index: string): boolean {
  const inside = (steps: readonly PlanStep[]): boolean => steps.some((step) => step.index === index || inside(step.children));
  return inside(plan.steps);
}
