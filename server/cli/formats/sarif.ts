/** SARIF 2.1.0 (OASIS). Lines and columns count from 1, columns in UTF-16 units; paths are relative to the working directory. */
import { createHash } from 'node:crypto';
import type { Fix } from '../../analysis/fix.ts';
import type { Finding, Severity } from '../../analysis/rule.ts';
import type { Span } from '../../analysis/span.ts';
import { isOfDatabase, lineOf, type Report, rangeOf } from './report.ts';

export interface RuleDescription {
  readonly id: string;
  readonly severity: Severity;
  /** Markdown. */
  readonly page: string;
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };

/** `root` is the working directory as a `file:` URL that ends with a slash. */
export function formatSarif(report: Report, catalogue: readonly RuleDescription[], root: string): string {
  const used = [...new Set(report.findings.map(({ rule }) => rule as string))].sort();
  const described = used.map((id) => catalogue.find((entry) => entry.id === id) ?? { id, severity: 'warning' as const, page: '' });
  const run = {
    tool: {
      driver: {
        name: 'TuneLens',
        semanticVersion: report.version,
        rules: described.map(ruleJson),
      },
    },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { SRCROOT: { uri: root } },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: report.unchecked.map(({ path, reason }) => ({
          level: 'warning',
          message: { text: `${report.display(path)} ${reason}` },
          locations: [{ physicalLocation: { artifactLocation: artifact(path, report) } }],
        })),
      },
    ],
    results: report.findings.map((finding) => resultJson(finding, used.indexOf(finding.rule), report)),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleJson({ id, severity, page }: RuleDescription): unknown {
  const body = page.replace(/^#[^\n]*\n+/, '');
  const prose = body.split(/\n#{1,3} |\n {0,4}```/)[0]?.trim() ?? '';
  const first = prose.split(/\n\s*\n/)[0]?.replace(/\s+/g, ' ') ?? '';
  return {
    id,
    defaultConfiguration: { level: levels[severity] },
    ...(first !== '' && { shortDescription: { text: first }, fullDescription: { text: prose.replace(/\s+/g, ' ') } }),
    ...(body !== '' && { help: { text: prose === '' ? id : prose, markdown: page } }),
  };
}

function resultJson(finding: Finding, ruleIndex: number, report: Report): unknown {
  const notes = [finding.message, ...finding.evidence.notes];
  const fixes = finding.fixes.filter((fix) => fix.kind === 'edit').map((fix) => fixJson(fix, finding, report));
  const scripts = finding.fixes.filter((fix) => fix.kind === 'script').map((fix) => fix.text);
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: levels[finding.severity],
    message: { text: notes.join('. ') },
    locations: isOfDatabase(finding, report)
      ? [{ logicalLocations: [{ name: finding.object, fullyQualifiedName: `${report.display(finding.path)}/${finding.object}` }] }]
      : [{ physicalLocation: physical(finding.path, finding.span, report) }],
    ...(finding.related.length > 0 && {
      relatedLocations: finding.related.map(({ path, span, message }, id) => ({
        id,
        message: { text: message },
        physicalLocation: physical(path, span, report),
      })),
    }),
    partialFingerprints: { 'tunelens/v1': fingerprintOf(finding, report) },
    ...(fixes.length > 0 && { fixes }),
    properties: { grade: finding.evidence.grade, source: finding.evidence.source, ...(scripts.length > 0 && { scripts }) },
  };
}

function fixJson(fix: Extract<Fix, { kind: 'edit' }>, finding: Finding, report: Report): unknown {
  return {
    description: { text: fix.title },
    artifactChanges: [
      {
        artifactLocation: artifact(finding.path, report),
        replacements: fix.edits.map(({ span, text }) => ({
          deletedRegion: region(finding.path, span, report),
          insertedContent: { text },
        })),
      },
    ],
  };
}

function physical(path: string, span: Span, report: Report): unknown {
  return { artifactLocation: artifact(path, report), region: region(path, span, report) };
}

function region(path: string, span: Span, report: Report): unknown {
  const { start, end } = rangeOf(report.source(path), span);
  return { startLine: start.line + 1, startColumn: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}

function artifact(path: string, report: Report): unknown {
  const shown = report.display(path);
  const uri = shown.split('/').map(encodeURIComponent).join('/');
  // A file outside the working directory has no relative name in it.
  return shown.startsWith('/') || /^[A-Za-z]:/.test(shown)
    ? { uri: `file://${uri.startsWith('/') ? '' : '/'}${uri}` }
    : { uri, uriBaseId: 'SRCROOT' };
}

/** The same while the line says the same, wherever it moves. */
function fingerprintOf(finding: Finding, report: Report): string {
  const source = report.source(finding.path);
  const line = lineOf(source, rangeOf(source, finding.span).start.line).trim();
  return createHash('sha256')
    .update([finding.rule, report.display(finding.path), isOfDatabase(finding, report) ? finding.object : line].join('\u0000'))
    .digest('hex')
    .slice(0, 32);
}
