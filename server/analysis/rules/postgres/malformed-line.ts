import { message } from '../../advisor/wording.ts';
import { isPostgresDocument } from '../../catalogues/postgres-config.ts';
import type { Document, RefusedText } from '../../document.ts';
import { rule } from '../../rule.ts';
import { contains } from '../../span.ts';

export const malformedLine = rule({
  id: 'postgres/malformed-line',
  severity: 'error',
  on: 'document',
  needs: [],
  applies: ({ document }) => isPostgresDocument(document) && (document.refused?.length ?? 0) > 0,
  *check({ document }) {
    for (const refused of document.refused ?? []) {
      if (refused.kind !== 'syntax' || isNumberWithUnit(document, refused)) continue;
      const text = refused.text.length > 30 ? `${refused.text.slice(0, 27)}…` : refused.text;
      yield {
        span: refused.span,
        message: message(`Not a line of postgresql.conf: the server refuses the whole file at "${text}"`),
        evidence: {
          grade: 'static',
          source: 'text',
          notes: ['A line is: name = value, with other than plain words and numbers in single quotes'],
        },
      };
    }
  },
});

/** `64 MB`: another rule says what is wrong with it. */
function isNumberWithUnit(document: Document, refused: RefusedText): boolean {
  return document.settings.some(
    ({ value, valueSpan }) => valueSpan !== undefined && contains(valueSpan, refused.span) && /^[+-]?[\d.]+\s*[A-Za-z]+$/.test(value ?? ''),
  );
}
