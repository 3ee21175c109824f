/** One JSON object, in the shape that the documentation promises. Lines and characters count from 0. */
import type { Evidence, Finding } from '../../analysis/rule.ts';
import { type Report, rangeOf } from './report.ts';

export function formatJson(report: Report): string {
  const body = {
    tool: 'tunelens',
    version: report.version,
    findings: report.findings.map((finding) => findingJson(finding, report)),
    unchecked: report.unchecked.map(({ path, reason }) => ({ file: report.display(path), reason })),
    summary: { files: report.files, findings: report.findings.length, milliseconds: report.milliseconds },
  };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}

function findingJson(finding: Finding, report: Report): unknown {
  return {
    rule: finding.rule,
    severity: finding.severity,
    file: report.display(finding.path),
    range: rangeOf(report.source(finding.path), finding.span),
    message: finding.message,
    ...(finding.object !== undefined && { object: finding.object }),
    evidence: evidenceJson(finding.evidence),
    related: finding.related.map(({ path, span, message }) => ({
      file: report.display(path),
      range: rangeOf(report.source(path), span),
      message,
    })),
    fixes: finding.fixes.map((fix) =>
      fix.kind === 'script'
        ? { title: fix.title, kind: 'script', engine: fix.engine, text: fix.text, down: fix.down }
        : {
            title: fix.title,
            kind: 'edit',
            safe: fix.safe,
            edits: fix.edits.map(({ span, text }) => ({ range: rangeOf(report.source(finding.path), span), text })),
          },
    ),
  };
}

function evidenceJson({ grade, source, before, after, notes }: Evidence): unknown {
  return { grade, source, ...(before && { before }), ...(after && { after }), ...(notes.length > 0 && { notes }) };
}
