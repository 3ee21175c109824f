/** The rules' pages as people read them in the editor: whole as a document, or their first words in a hover. */

import { planLines } from '../analysis/plan-text.ts';
import type { Finding, RuleId } from '../analysis/rule.ts';
import { catalogue } from '../analysis/rules/index.ts';

/** The page as Markdown, its test annotations turned into words; undefined for a rule that does not exist. */
export function rulePage(id: string): string | undefined {
  const page = pageOf(id);
  return page === undefined ? undefined : forReaders(page);
}

/**
 * Markdown of a hover: what is known about this finding, then why the rule exists. `ours` is our own client,
 * which knows the plan's language and has a command for the page.
 */
export function explanationOf(finding: Finding, ours: boolean): string {
  const { evidence } = finding;
  const page = pageOf(finding.rule);
  const lines = [`**${finding.rule}** · ${known(finding)}`];
  const before = evidence.before === undefined ? [] : planLines(evidence.before);
  const after = evidence.after === undefined ? [] : planLines(evidence.after);
  if (before.length > 0) {
    const plans = after.length > 0 ? ['-- now', ...before, '', '-- with the fix', ...after] : before;
    lines.push([ours ? '```tunelens-plan' : '```text', ...plans, '```'].join('\n'));
  }
  if (page !== undefined) lines.push(introduction(page));
  if (ours) lines.push(`[Read the whole page](command:tunelens.showRule?${encodeURIComponent(JSON.stringify([finding.rule]))})`);
  return lines.join('\n\n');
}

function known(finding: Finding): string {
  const { grade, source } = finding.evidence;
  if (grade === 'static') return 'seen in the text';
  if (grade === 'planned') return `planned by ${source}`;
  if (grade === 'live') return `asked ${source}`;
  return `measured on ${source}`;
}

let pages: ReadonlyMap<string, string> | undefined;
function pageOf(id: RuleId | string): string | undefined {
  pages ??= new Map(catalogue.map(({ rule, page }) => [rule.id, page]));
  return pages.get(id);
}

/** The prose between the title and the first example. */
function introduction(page: string): string {
  const end = page.search(/^## /m);
  return page
    .slice(0, end < 0 ? undefined : end)
    .replace(/^# .*\n+/, '')
    .trim();
}

/** Fence words that instruct the page's test become a caption; the caret lines stay, they show where the finding is. */
function forReaders(page: string): string {
  return page.replace(/^```(\S+)[ \t]+([^\n]*)$/gm, (_, language: string, words: string) => {
    const caption = captionOf(words.split(/\s+/));
    return `${caption === undefined ? '' : `${caption}\n\n`}\`\`\`${language}`;
  });
}

function captionOf(words: readonly string[]): string | undefined {
  if (words.includes('fix')) return 'After the fix:';
  if (words.includes('schema')) return 'With this schema:';
  const file = words.find((word) => word.startsWith('file='));
  return file === undefined ? undefined : `In \`${file.slice('file='.length)}\`:`;
}
