/** `tunelens rules`: every rule in a line, or one rule's page. */
import { catalogue } from '../analysis/rules/index.ts';
import { nearest } from '../workspace/nearest.ts';
import { oneOf, parseOptions, UsageError } from './arguments.ts';
import { createPaint, wantsColour } from './colour.ts';
import type { Run } from './run.ts';

export const rulesHelp = `Usage: tunelens rules [ID] [--format text|json]

Lists the rules, or prints the page of one: what the mistake is, what it costs, how to fix it.
`;

export async function rulesCommand(args: readonly string[], run: Run): Promise<number> {
  const { values, positionals } = parseOptions('rules', args, { format: { type: 'string' } } as const);
  const format = oneOf('--format', values.format, ['text', 'json'], 'text');
  const [id, extra] = positionals;
  if (extra !== undefined) throw new UsageError('rules shows one rule at a time; name one id');
  const entries = catalogue.map(({ rule, page }) => ({
    id: rule.id as string,
    severity: rule.severity,
    on: rule.on as string,
    needs: rule.needs as readonly string[],
    engines: rule.engines ?? [],
    summary: summaryOf(page),
    page,
  }));
  if (id === undefined) {
    if (format === 'json') run.print(`${JSON.stringify({ rules: entries.map(({ page, ...entry }) => entry) }, undefined, 2)}\n`);
    else {
      const paint = createPaint(wantsColour(run.isTerminal, run.environment));
      const widest = Math.max(0, ...entries.map((entry) => entry.id.length));
      for (const { id: name, severity, summary } of entries) {
        run.print(`${paint.bold(name.padEnd(widest))}  ${severity.padEnd(7)}  ${paint.dim(summary)}\n`);
      }
    }
    return 0;
  }
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) {
    const near = nearest(
      id,
      entries.map((candidate) => candidate.id),
    ).replaceAll('"', '');
    throw new UsageError(`there is no rule ${id}${near}; \`tunelens rules\` lists them`);
  }
  run.print(format === 'json' ? `${JSON.stringify(entry, undefined, 2)}\n` : entry.page.endsWith('\n') ? entry.page : `${entry.page}\n`);
  return 0;
}

/** The page's first sentence. */
function summaryOf(page: string): string {
  const prose = page.replace(/^#[^\n]*\n+/, '').split(/\n\s*\n/)[0] ?? '';
  const flat = prose.replace(/\s+/g, ' ').trim();
  return /^.*?[.!?](?=\s|$)/.exec(flat)?.[0] ?? flat;
}
