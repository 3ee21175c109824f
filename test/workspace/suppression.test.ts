import { describe, expect, test } from 'vitest';
import { emptyDocument } from '../../server/analysis/reader.ts';
import type { Finding } from '../../server/analysis/rule.ts';
import { lineStarts } from '../../server/analysis/span.ts';
import { readSuppressions, withoutSuppressed } from '../../server/workspace/suppression.ts';

/** A text whose `«…»` is a finding of sql/select-star, `[…]` around it the statement it is about; comments begin with # or //. */
function remaining(marked: string, rule: Finding['rule'] = 'sql/select-star'): { left: number; problems: readonly string[] } {
  const text = marked.replace(/[«»⟦⟧]/g, '');
  const offsetOf = (sign: string) => marked.slice(0, marked.indexOf(sign)).replace(/[«»⟦⟧]/g, '').length;
  const span = { start: offsetOf('«'), end: offsetOf('»') };
  const anchor = marked.includes('⟦') ? { start: offsetOf('⟦'), end: offsetOf('⟧') } : span;
  const starts = lineStarts(text);
  const directives = [...text.matchAll(/(?:#|\/\/|--).*|\/\*[\s\S]*?\*\//g)]
    .filter(([comment]) => comment.includes('tunelens'))
    .map((match) => ({ text: match[0], span: { start: match.index, end: match.index + match[0].length } }));
  const document = { ...emptyDocument({ path: '/f.py', language: 'python', text }, starts), directives };
  const { suppressions, problems } = readSuppressions(document, text);
  const finding: Finding = {
    rule,
    severity: 'warning',
    path: '/f.py',
    span,
    anchor,
    message: '',
    evidence: { grade: 'static', source: 'text', notes: [] },
    related: [],
    fixes: [],
    tags: [],
  };
  return { left: withoutSuppressed([finding], suppressions, starts).length, problems };
}

describe('tunelens-ignore', () => {
  test.each([
    ['on the line', 'db.run("«SELECT *»")  # tunelens-ignore sql/select-star: small'],
    ['above', '# tunelens-ignore sql/select-star: small\ndb.run("«SELECT *»")'],
    ['above, further comments between', '# tunelens-ignore sql/select-star: small\n# and why\ndb.run("«SELECT *»")'],
    ['above a statement of several lines', '# tunelens-ignore sql/select-star: small\n⟦db.run("""\n  «SELECT *»\n""")⟧'],
    ['after its last line', '⟦db.run("""\n  «SELECT *»\n""")⟧  # tunelens-ignore sql/select-star: small'],
    ['several rules', '// tunelens-ignore sql/missing-index, sql/select-star: small\nx(«SELECT *»)'],
    ['a family', '# tunelens-ignore sql: generated\nx(«SELECT *»)'],
    ['a family with a star', '# tunelens-ignore sql/*: generated\nx(«SELECT *»)'],
    ['in a block comment', '/* tunelens-ignore sql/select-star: small */\nx(«SELECT *»)'],
    ['without a reason', '# tunelens-ignore sql/select-star\nx(«SELECT *»)'],
    ['for the file', 'x(«SELECT *»)\n\n\n# tunelens-ignore-file sql/select-star: generated'],
    ['CRLF', '# tunelens-ignore sql/select-star: small\r\nx(«SELECT *»)\r\n'],
  ])('silences %s', (_, text) => {
    expect(remaining(text)).toEqual({ left: 0, problems: [] });
  });

  test.each([
    ['another rule', '# tunelens-ignore sql/missing-index: x\nx(«SELECT *»)'],
    ['a rule whose name begins alike', '# tunelens-ignore sql/select: x\nx(«SELECT *»)'],
    ['the line before a blank one', '# tunelens-ignore sql/select-star: x\n\nx(«SELECT *»)'],
    ['the line below', 'x(«SELECT *»)\n# tunelens-ignore sql/select-star: x'],
    ['a comment behind the line before', 'y()  # tunelens-ignore sql/select-star: x\nx(«SELECT *»)'],
  ])('leaves %s', (_, text) => {
    expect(remaining(text).left).toBe(1);
  });

  test('a comment that names no rule is told', () => {
    expect(remaining('# tunelens-ignore: because\nx(«SELECT *»)')).toEqual({
      left: 1,
      problems: ['line 1: tunelens-ignore names no rule; write tunelens-ignore family/mistake: reason'],
    });
  });
});
