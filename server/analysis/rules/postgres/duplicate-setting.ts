import { message } from '../../advisor/wording.ts';
import { isPostgresDocument } from '../../catalogues/postgres-config.ts';
import type { Document, Setting } from '../../document.ts';
import { rule } from '../../rule.ts';
import { positionAt } from '../../span.ts';

export const duplicateSetting = rule({
  id: 'postgres/duplicate-setting',
  severity: 'warning',
  on: 'document',
  needs: [],
  applies: ({ document }) => isPostgresDocument(document) && document.settings.length > 1,
  *check({ document }) {
    const last = new Map<string, Setting>();
    for (const setting of document.settings) if (setting.form === 'config') last.set(setting.key, setting);
    for (const setting of document.settings) {
      const winner = last.get(setting.key);
      if (setting.form !== 'config' || winner === undefined || winner === setting || /^include/.test(setting.key)) continue;
      const line = positionAt(document.lineStarts, winner.span.start).line + 1;
      yield {
        span: setting.span,
        severity: winner.value === setting.value ? 'info' : 'warning',
        message: message(`${setting.key} is set again in line ${line}: only the last counts, ${setting.value} is ignored`),
        related: [{ path: document.path, span: winner.span, message: `This one counts: ${winner.value}` }],
        tags: ['unnecessary'],
        fixes: [{ kind: 'edit', title: 'Remove this line', safe: true, edits: [{ span: wholeLine(document, setting), text: '' }] }],
      };
    }
  },
});

function wholeLine({ lineStarts }: Document, { span, anchor }: Setting): { start: number; end: number } {
  const { line } = positionAt(lineStarts, span.start);
  return { start: lineStarts[line] ?? anchor.start, end: lineStarts[line + 1] ?? anchor.end };
}
