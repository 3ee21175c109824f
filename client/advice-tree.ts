/** The index advisor's answer as a tree of plain nodes: what stands where, and in which words. Pure. */
import type { AdvisedIndex, AdvisedStatement, AdviseResult } from '../server/protocol.ts';

/** Proposals that a person put aside, with the reason, by their DDL. */
export type Dismissed = Readonly<Record<string, string>>;

export interface Place {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}
export interface AdviceNode {
  readonly kind: 'group' | 'proposal' | 'dismissed' | 'statement' | 'redundant' | 'reason' | 'note';
  /** The same for the same thing in the next answer, so that what was opened stays open. */
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  /** Markdown. */
  readonly tooltip?: string | undefined;
  readonly expanded?: boolean | undefined;
  /** Opened with a click. */
  readonly place?: Place | undefined;
  readonly index?: AdvisedIndex | undefined;
  readonly ddl?: string | undefined;
  readonly children: readonly AdviceNode[];
}

export function adviceTree(advice: AdviseResult, dismissed: Dismissed): readonly AdviceNode[] {
  const open = advice.indexes.filter(({ ddl }) => dismissed[ddl] === undefined);
  const aside = advice.indexes.filter(({ ddl }) => dismissed[ddl] !== undefined);
  const { costBefore, costAfter, statements } = advice.workload;
  if (statements === 0 && advice.redundant.length === 0 && advice.notes.length === 0) {
    return [noteNode('No statement was found that reads or changes a table')];
  }
  const groups: AdviceNode[] = [
    {
      kind: 'group',
      id: 'proposals',
      label: open.length === 0 ? 'No index is missing' : `${plural(open.length, 'index', 'indexes')} to create`,
      description:
        open.length === 0 || aside.length > 0
          ? plural(statements, 'statement')
          : `${plural(statements, 'statement')}, cost ${amount(costBefore)} → ${amount(costAfter)}`,
      tooltip: [`Planned by ${advice.planners.join(', ')}.`, 'Costs are in the planner’s own unit.'].join(' '),
      expanded: true,
      children: open.map((index) => proposal(index, advice.planners)),
    },
  ];
  if (advice.redundant.length > 0) {
    groups.push({
      kind: 'group',
      id: 'redundant',
      label: `${plural(advice.redundant.length, 'index', 'indexes')} to drop`,
      expanded: true,
      children: advice.redundant.map(({ name, table, reason, ddl }) => ({
        kind: 'redundant',
        id: `redundant ${table} ${name}`,
        label: name,
        description: reason,
        tooltip: `${escaped(reason)}\n${fenced(ddl)}`,
        ddl,
        children: [],
      })),
    });
  }
  if (advice.refused.length > 0) {
    const reasons = Map.groupBy(advice.refused, ({ reason }) => reason);
    groups.push({
      kind: 'group',
      id: 'refused',
      label: `${plural(advice.refused.length, 'statement')} without a new index`,
      children: [...reasons]
        .sort(([, left], [, right]) => right.length - left.length)
        .map(([reason, list]) => ({
          kind: 'reason',
          id: `reason ${reason}`,
          label: capitalised(reason),
          description: list.length > 1 ? `${list.length}` : undefined,
          tooltip: escaped(capitalised(reason)),
          children: list.map(({ statement }) => statementNode(statement, `reason ${reason}`)),
        })),
    });
  }
  if (aside.length > 0) {
    groups.push({
      kind: 'group',
      id: 'dismissed',
      label: `${aside.length} dismissed`,
      children: aside.map((index) => ({
        ...proposal(index, advice.planners),
        kind: 'dismissed',
        description: dismissed[index.ddl] || 'no reason given',
      })),
    });
  }
  for (const note of advice.notes) groups.push(noteNode(note));
  return groups;
}

const noteNode = (note: string): AdviceNode => ({ kind: 'note', id: `note ${note}`, label: note, tooltip: escaped(note), children: [] });

function proposal(index: AdvisedIndex, planners: readonly string[]): AdviceNode {
  const { ddl, table, columns, include, where, kind, sizeBytes, costBefore, costAfter, writeCost, statements } = index;
  const details = [
    include.length === 0 ? undefined : `carries ${include.join(', ')}`,
    where === undefined ? undefined : `where ${where}`,
    kind === 'btree' || kind === 'partial' || kind === 'covering' || kind === 'expression' ? undefined : kind.toUpperCase(),
  ].filter((detail) => detail !== undefined);
  const rows = [
    ['Serves', plural(statements.length, 'statement')],
    ['Their cost', `${amount(costBefore)} → ${amount(costAfter)}${costAfter > 0 ? ` (${times(costBefore / costAfter)})` : ''}`],
    ['Size', bytes(sizeBytes)],
    ['Writes pay', writeCost > 0 ? amount(writeCost) : 'nothing that the workload shows'],
    ['Planned by', planners.join(', ')],
  ];
  return {
    kind: 'proposal',
    id: `index ${ddl}`,
    label: `${table} (${columns.join(', ')})`,
    description: [...details, `${amount(costBefore)} → ${amount(costAfter)}`, bytes(sizeBytes)].join(' · '),
    tooltip: `${fenced(ddl)}\n| | |\n| --- | --- |\n${rows.map(([name, value]) => `| ${name} | ${escaped(value ?? '')} |`).join('\n')}`,
    index,
    ddl,
    children: statements.map((statement) => statementNode(statement, ddl)),
  };
}

function statementNode(statement: AdvisedStatement, parent: string): AdviceNode {
  const { sql, places, costBefore, costAfter } = statement;
  const [place] = places;
  const line = sql.replace(/\s+/g, ' ').trim();
  const where =
    place === undefined ? 'seen by the server' : `${decodeURIComponent(place.uri.slice(place.uri.lastIndexOf('/') + 1))}:${place.line + 1}`;
  const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
  const cost =
    costBefore === undefined
      ? ''
      : costAfter === undefined || costAfter === costBefore
        ? ` · ${amount(costBefore)}`
        : ` · ${amount(costBefore)} → ${amount(costAfter)}`;
  return {
    kind: 'statement',
    id: `${parent} ${place?.uri ?? ''}:${place?.line ?? ''}:${place?.character ?? ''} ${line}`,
    label: line.length > 80 ? `${line.slice(0, 79)}…` : line,
    description: `${where}${more}${cost}`,
    tooltip: fenced(sql),
    place,
    children: [],
  };
}

/** Three significant figures, thousands separated: a planner's cost is no measurement. */
export function amount(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
const times = (ratio: number): string => `${ratio.toLocaleString('en', { maximumSignificantDigits: 2 })} times cheaper`;
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size.toLocaleString('en', { maximumSignificantDigits: 3 })} ${units[unit]}`;
}
const plural = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&');
const fenced = (sql: string): string => `\n\`\`\`\`sql\n${sql.replaceAll('````', '')}\n\`\`\`\`\n`;
