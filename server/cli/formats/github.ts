/** Workflow commands that GitHub turns into annotations. */
import type { Severity } from '../../analysis/rule.ts';
import { isOfDatabase, type Report, rangeOf } from './report.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice', hint: 'notice' };

export function formatGithub(report: Report): string {
  const lines: string[] = [];
  for (const finding of report.findings) {
    const { start, end } = rangeOf(report.source(finding.path), finding.span);
    const database = isOfDatabase(finding, report);
    const properties: [string, string | number][] = database
      ? []
      : [
          ['file', report.display(finding.path)],
          ['line', start.line + 1],
          ['endLine', end.line + 1],
        ];
    // GitHub refuses columns on an annotation of several lines.
    if (!database && start.line === end.line) properties.push(['col', start.character + 1], ['endColumn', end.character + 1]);
    properties.push(['title', finding.rule]);
    const text = [
      ...(database ? [`${report.display(finding.path)}: ${finding.object}`] : []),
      finding.message,
      ...finding.evidence.notes,
      ...finding.fixes.map((fix) => `fix: ${fix.title}`),
    ].join('\n');
    lines.push(
      `::${levels[finding.severity]} ${properties.map(([key, value]) => `${key}=${property(String(value))}`).join(',')}::${data(text)}`,
    );
  }
  for (const { path, reason } of report.unchecked) {
    // A database is no file of the repository: its annotation belongs to the whole run.
    const place = path.includes('://') ? '' : `file=${property(report.display(path))},`;
    lines.push(`::warning ${place}title=not checked::${data(`${report.display(path)} ${reason}`)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** As the runner's own toolkit escapes them (github.com/actions/toolkit, packages/core, command). */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
