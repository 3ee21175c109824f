/** What the index advisor says: for people, as one JSON object, as a script. */
import type { Advice, AdvisedIndex, AdvisedStatement, RefusedStatement } from '../../workspace/advice.ts';
import { createPaint, type Paint } from '../colour.ts';

type Display = (path: string) => string;

/** A statement is shown on one line up to here. */
const widest = 110;
/** Statements that are listed under one index; the dearest first. */
const mostServed = 6;
/** Statements that are listed under one reason. */
const mostRefused = 5;

export function adviceJson(advice: Advice, display: Display): string {
  const { indexes, redundant, refused, workload, statements, planners, missing, notes } = advice;
  const value = {
    indexes: indexes.map(({ script, ...index }) => ({ ...index, down: script.down })),
    redundant,
    refused: refused.map(({ statement, reason, code }) => ({ statement, reason, code })),
    workload,
    statements: statements.map(({ places, ...statement }) => ({
      ...statement,
      places: places.map(({ path, line, character }) => ({ file: display(path), line, character })),
    })),
    planners,
    missing,
    notes,
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

export function adviceText(advice: Advice, display: Display, colour: boolean): string {
  const paint = createPaint(colour);
  const byId = new Map(advice.statements.map((statement) => [statement.id, statement] as const));
  const lines: string[] = [];
  for (const [at, index] of advice.indexes.entries()) lines.push(...indexLines(index, at + 1, byId, display, paint), '');
  if (advice.redundant.length > 0) {
    lines.push(paint.bold('No longer needed'));
    for (const { name, table, reason, ddl } of advice.redundant) lines.push(`  ${name} on ${table}: ${reason}`, `    ${paint.cyan(ddl)}`);
    lines.push('');
  }
  lines.push(...refusedLines(advice, byId, display, paint));
  if (advice.missing.length > 0) {
    lines.push(paint.bold('Could not be had'));
    for (const sentence of advice.missing) lines.push(`  ${sentence}`);
    lines.push('');
  }
  for (const note of advice.notes) lines.push(paint.dim(note));
  lines.push(...summary(advice, paint));
  return `${lines.join('\n')}\n`;
}

function indexLines(
  index: AdvisedIndex,
  number: number,
  byId: ReadonlyMap<number, AdvisedStatement>,
  display: Display,
  paint: Paint,
): string[] {
  const lines = [`${paint.bold(`${number}. ${index.table} (${index.columns.join(', ')})`)}  ${paint.dim(facts(index))}`];
  for (const line of index.script.text.trim().split('\n')) lines.push(`   ${paint.cyan(line)}`);
  const served = index.served
    .map((entry) => ({ ...entry, statement: byId.get(entry.id) }))
    .toSorted((one, other) => saved(other) - saved(one));
  for (const { statement, costBefore, costAfter } of served.slice(0, mostServed)) {
    if (statement === undefined) continue;
    lines.push(
      `   ${paint.green(change(costBefore, costAfter))}  ${place(statement, display)}${times(statement)}`,
      `     ${paint.dim(shorten(statement.sql))}`,
    );
  }
  if (served.length > mostServed) lines.push(paint.dim(`   and ${served.length - mostServed} more`));
  if (index.paidBy.length > 0) {
    const places = index.paidBy.flatMap((id) => byId.get(id) ?? []).map((statement) => place(statement, display, 1));
    lines.push(`   ${paint.yellow(`writes pay ${figure(index.writeCost)}`)}  ${list(places, 3)}`);
  }
  return lines;
}

const saved = (entry: {
  readonly costBefore: number;
  readonly costAfter: number;
  readonly statement: AdvisedStatement | undefined;
}): number => (entry.costBefore - entry.costAfter) * (entry.statement?.weight ?? 1);

function facts(index: AdvisedIndex): string {
  const kind = index.kind === 'btree' ? [] : [index.kind];
  return [
    ...kind,
    size(index.sizeBytes),
    `serves ${index.statements.length} ${index.statements.length === 1 ? 'statement' : 'statements'}`,
  ].join(', ');
}

/** Grouped by reason: the same one for twenty statements is read once. */
function refusedLines(advice: Advice, byId: ReadonlyMap<number, AdvisedStatement>, display: Display, paint: Paint): string[] {
  if (advice.refused.length === 0) return [];
  const lines = [paint.bold('No index for')];
  const isServed = ({ code }: RefusedStatement): boolean => code === 'index-exists';
  const served = advice.refused.filter(isServed);
  if (served.length > 0)
    lines.push(
      `  ${served.length} ${served.length === 1 ? 'statement that an existing index or key serves' : 'statements that existing indexes and keys serve'}`,
    );
  for (const [reason, group] of Map.groupBy(
    advice.refused.filter((refusal) => !isServed(refusal)),
    ({ reason }) => reason,
  )) {
    lines.push(`  ${reason}`);
    for (const { statement: id } of group.slice(0, mostRefused)) {
      const statement = byId.get(id);
      if (statement !== undefined) lines.push(`    ${place(statement, display)}  ${paint.dim(shorten(statement.sql))}`);
    }
    if (group.length > mostRefused) lines.push(paint.dim(`    and ${group.length - mostRefused} more`));
  }
  lines.push('');
  return lines;
}

function summary(advice: Advice, paint: Paint): string[] {
  const { workload, indexes, planners, statements } = advice;
  const count = `${workload.statements} ${workload.statements === 1 ? 'statement' : 'statements'}`;
  if (workload.statements === 0) return ['No statements to advise on: name files with SQL, or what ran with --workload.'];
  const by = planners.length === 0 ? '' : `, planned by ${planners.join(' and ')}`;
  const planned = statements.filter((statement) => statement.costBefore !== undefined).length;
  const some = planned < workload.statements ? ` (${planned} of them have a plan)` : '';
  if (indexes.length === 0) return [`${count}${some}${by}: no index is worth its place.`];
  const bytes = indexes.reduce((sum, index) => sum + index.sizeBytes, 0);
  // One join of everything with everything can outweigh all the rest, so the cost of the whole is not the whole story.
  const cheaper = new Set(indexes.flatMap((index) => index.statements)).size;
  return [
    paint.bold(
      `${indexes.length} ${indexes.length === 1 ? 'index' : 'indexes'}, ${size(bytes)}: cost of ${count} ${change(workload.costBefore, workload.costAfter)}`,
    ),
    paint.dim(`${cheaper} of ${count} cheaper${some}${by}`),
  ];
}

export function adviceSql(advice: Advice, display: Display): string {
  const byId = new Map(advice.statements.map((statement) => [statement.id, statement] as const));
  const blocks = advice.indexes.map((index) => {
    const served = index.served.map(({ id, costBefore, costAfter }) => {
      const statement = byId.get(id);
      return statement === undefined ? '' : `-- ${change(costBefore, costAfter)}  ${place(statement, display)}: ${shorten(statement.sql)}`;
    });
    return [
      `-- ${size(index.sizeBytes)}${index.writeCost > 0 ? `, writes pay ${figure(index.writeCost)}` : ''}`,
      ...served,
      index.script.text.trim(),
    ].join('\n');
  });
  const drops = advice.redundant.map(({ reason, ddl }) => `-- ${reason}\n-- ${ddl}`);
  const head = `-- ${advice.indexes.length} indexes for ${advice.workload.statements} statements, cost ${change(advice.workload.costBefore, advice.workload.costAfter)}`;
  return `${[head, ...advice.notes.map((note) => `-- ${note}`), ...blocks, ...drops].join('\n\n')}\n`;
}

function place(statement: AdvisedStatement, display: Display, most = 2): string {
  return list(
    statement.places.map(({ path, line }) => (line === 0 && /^[^/]*@|^[a-z]+:/.test(path) ? path : `${display(path)}:${line + 1}`)),
    most,
  );
}
const list = (items: readonly string[], most: number): string =>
  items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;

function times({ calls, milliseconds }: AdvisedStatement): string {
  if (calls === undefined) return '';
  const each = milliseconds === undefined ? '' : `, ${figure(milliseconds / Math.max(1, calls))} ms each`;
  return `  (${grouped(calls)} ${calls === 1 ? 'call' : 'calls'}${each})`;
}
function shorten(sql: string): string {
  // A comment on one line would swallow the rest of it.
  const line = sql
    .replace(/--[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= widest ? line : `${line.slice(0, widest - 1)}…`;
}

/** `12,345 → 8.4 (1,470×)`, or in per cent where it is less than halved. */
function change(before: number, after: number): string {
  const gain =
    before > after * 2 ? `${figure(before / Math.max(after, 0.01))}×` : `−${((1 - after / Math.max(before, 0.01)) * 100).toFixed(0)} %`;
  return `${figure(before)} → ${figure(after)} (${after >= before ? 'unchanged' : gain})`;
}
function figure(value: number): string {
  if (value >= 100) return grouped(Math.round(value));
  return value >= 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(2).replace(/\.?0+$/, '');
}
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`;
}
