/** For people: grouped by file, each finding with its source line, what proves it and what to do. */
import type { Plan, PlanStep } from '../../analysis/facts.ts';
import type { Fix } from '../../analysis/fix.ts';
import type { Finding, Severity } from '../../analysis/rule.ts';
import { createPaint, type Paint } from '../colour.ts';
import { isOfDatabase, lineOf, type Report, rangeOf, type SourceText } from './report.ts';

/** A source line is shown up to here; generated code has lines of thousands. */
const WIDEST = 160;
/** Steps of a plan that are shown: enough for a join of three tables. */
const STEPS = 6;

export function formatText(report: Report, colour: boolean): string {
  const paint = createPaint(colour);
  const lines: string[] = [];
  for (const [path, findings] of byFile(report.findings)) {
    const source = report.source(path);
    lines.push(paint.bold(report.display(path)));
    for (const finding of findings) lines.push(...findingLines(finding, source, report, paint), '');
  }
  if (report.unchecked.length > 0) {
    lines.push(paint.bold('Not checked'));
    for (const { path, reason } of report.unchecked) {
      const name = report.display(path);
      lines.push(`  ${name}${reason.startsWith('line ') ? ': ' : ' '}${reason}`);
    }
    lines.push('');
  }
  for (const sentence of report.done) lines.push(sentence);
  lines.push(summary(report, paint));
  return `${lines.join('\n')}\n`;
}

function byFile(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.path);
    if (group === undefined) groups.set(finding.path, [finding]);
    else group.push(finding);
  }
  return groups;
}

const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'info', hint: 'hint' };

function painted(severity: Severity, paint: Paint): (text: string) => string {
  if (severity === 'error') return paint.red;
  if (severity === 'warning') return paint.yellow;
  return severity === 'info' ? paint.blue : paint.cyan;
}

function findingLines(finding: Finding, source: SourceText, report: Report, paint: Paint): string[] {
  const colour = painted(finding.severity, paint);
  const { start } = rangeOf(source, finding.span);
  const place = isOfDatabase(finding, report) ? finding.object : `${start.line + 1}:${start.character + 1}`;
  const lines = [`  ${paint.dim(place ?? '')}  ${colour(words[finding.severity])}  ${finding.message}  ${paint.dim(finding.rule)}`];
  lines.push(...excerpt(finding, source, paint, colour));
  lines.push(...evidenceLines(finding, paint));
  for (const { path, span, message } of finding.related) {
    const at = rangeOf(report.source(path), span).start;
    lines.push(`      ${paint.dim('see')} ${report.display(path)}:${at.line + 1}:${at.character + 1}  ${message}`);
  }
  for (const fix of finding.fixes) lines.push(...fixLines(fix, paint));
  return lines;
}

/** The first line of the finding with carets under it. Tabs are kept above and below, so that the carets stand right. */
function excerpt(finding: Finding, source: SourceText, paint: Paint, colour: (text: string) => string): string[] {
  const { start, end } = rangeOf(source, finding.span);
  const line = lineOf(source, start.line);
  if (line.trim() === '') return [];
  // A finding far to the right brings its own part of the line along.
  const from = start.character > WIDEST - 40 ? start.character - 40 : 0;
  const shown = line.slice(from, from + WIDEST);
  const stop = end.line === start.line ? end.character : line.length;
  const before = line.slice(from, start.character);
  const marked = line.slice(start.character, Math.min(Math.max(stop, start.character + 1), from + WIDEST));
  const number = String(start.line + 1);
  const gutter = ' '.repeat(number.length);
  const more = end.line > start.line ? paint.dim(` … to line ${end.line + 1}`) : '';
  return [
    `    ${paint.dim(`${number} |`)} ${from > 0 ? '…' : ''}${visible(shown)}${line.length > from + WIDEST ? '…' : ''}`,
    `    ${paint.dim(`${gutter} |`)} ${from > 0 ? ' ' : ''}${before.replace(/[^\t]/g, (unit) => ' '.repeat(columns(unit)))}${colour('^'.repeat(Math.max(1, columns(marked))))}${more}`,
  ];
}

/** Control characters would move the cursor or change the terminal. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD');
}

/** Terminal columns of a text: wide characters take two, combining ones and the second half of a pair none. */
function columns(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit >= 0xdc00 && unit <= 0xdfff) || (unit >= 0x300 && unit <= 0x36f) || unit === 0x200d || (unit >= 0xfe00 && unit <= 0xfe0f))
      continue;
    const wide =
      (unit >= 0x1100 && unit <= 0x115f) ||
      (unit >= 0x2e80 && unit <= 0xa4cf) ||
      (unit >= 0xac00 && unit <= 0xd7a3) ||
      (unit >= 0xf900 && unit <= 0xfaff) ||
      (unit >= 0xfe30 && unit <= 0xfe6f) ||
      (unit >= 0xff00 && unit <= 0xff60) ||
      (unit >= 0xffe0 && unit <= 0xffe6) ||
      (unit >= 0xd800 && unit <= 0xdbff);
    width += wide ? 2 : 1;
  }
  return width;
}

function evidenceLines({ evidence }: Finding, paint: Paint): string[] {
  const lines: string[] = [];
  if (evidence.before !== undefined) lines.push(`      ${paint.dim('plan')}   ${planText(evidence.before)}`);
  if (evidence.after !== undefined) lines.push(`      ${paint.dim('then')}   ${paint.green(planText(evidence.after))}`);
  const heard = evidence.grade === 'static' ? '' : `${evidence.grade}: ${evidence.source}`;
  const notes = [heard, ...evidence.notes].filter((note) => note !== '');
  for (const note of notes) lines.push(`      ${paint.dim(note)}`);
  return lines;
}

/** The steps that read or order rows, in the engine's words, with the whole's cost. */
export function planText(plan: Plan): string {
  const steps: string[] = [];
  const visit = (step: PlanStep) => {
    if (step.kind === 'scan' || step.kind === 'index' || step.kind === 'index-scan' || step.kind === 'sort') steps.push(step.detail);
    for (const child of step.children) visit(child);
  };
  for (const step of plan.steps) visit(step);
  if (steps.length === 0) for (const step of plan.steps) steps.push(step.detail);
  const shown = steps.slice(0, STEPS).join(' · ');
  const more = steps.length > STEPS ? ` · ${steps.length - STEPS} more` : '';
  return `${shown}${more} (cost ${costText(plan.totalCost)})`;
}

export function costText(cost: number): string {
  if (!Number.isFinite(cost)) return 'unknown';
  if (cost >= 1e6) return `${(cost / 1e6).toFixed(1)} M`;
  if (cost >= 1e4) return `${Math.round(cost / 1e3)} k`;
  return cost >= 100 ? String(Math.round(cost)) : String(Number(cost.toFixed(2)));
}

function fixLines(fix: Fix, paint: Paint): string[] {
  const lines = [
    `      ${paint.dim('fix')}    ${paint.cyan(fix.title)}${fix.kind === 'edit' && fix.safe ? paint.dim('  (--fix applies it)') : ''}`,
  ];
  if (fix.kind === 'script') for (const line of fix.text.trimEnd().split('\n')) lines.push(`             ${line}`);
  return lines;
}

function summary(report: Report, paint: Paint): string {
  const count = (severity: Severity) => report.findings.filter((finding) => finding.severity === severity).length;
  const parts = (['error', 'warning', 'info', 'hint'] as const)
    .map((severity) => ({ severity, count: count(severity) }))
    .filter(({ count: many }) => many > 0)
    .map(({ severity, count: many }) => painted(severity, paint)(`${many} ${plural(severity, many)}`));
  const time = report.milliseconds < 1000 ? `${report.milliseconds} ms` : `${(report.milliseconds / 1000).toFixed(1)} s`;
  const found = parts.length === 0 ? paint.green('No findings') : parts.join(', ');
  const unchecked = report.unchecked.length === 0 ? '' : `, ${report.unchecked.length} not checked`;
  return `${found} in ${report.files} ${report.files === 1 ? 'file' : 'files'}${unchecked} ${paint.dim(`(${time})`)}`;
}

function plural(severity: Severity, many: number): string {
  return many === 1 || severity === 'info' ? severity : `${severity}s`;
}
