import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/analysis/rule.ts';
import { lineStarts } from '../../server/analysis/span.ts';
import { readBaseline, withoutBaseline, writeBaseline } from '../../server/workspace/baseline.ts';

function findingsIn(text: string): { findings: readonly Finding[]; context: Parameters<typeof writeBaseline>[1] } {
  const findings = [...text.matchAll(/SELECT \*/g)].map(
    (match): Finding => ({
      rule: 'sql/select-star',
      severity: 'info',
      path: '/p/a.sql',
      span: { start: match.index, end: match.index + 8 },
      anchor: { start: match.index, end: match.index + 8 },
      message: 'x',
      evidence: { grade: 'static', source: 'text', notes: [] },
      related: [],
      fixes: [],
      tags: [],
    }),
  );
  return { findings, context: { display: (path) => path.slice(3), source: () => ({ text, starts: lineStarts(text) }) } };
}
const entriesOf = (text: string) => {
  const { findings, context } = findingsIn(text);
  const entries = readBaseline(writeBaseline(findings, context));
  if ('error' in entries) throw new Error(String(entries.error));
  return entries;
};
const newIn = (before: string, after: string) => {
  const { findings, context } = findingsIn(after);
  return withoutBaseline(findings, entriesOf(before), context).length;
};

describe('a baseline', () => {
  test('knows findings again that moved or were indented', () => {
    expect(newIn('SELECT * FROM a;\n', '\n\n  SELECT * FROM a;\n')).toBe(0);
  });

  test('does not know new ones, not even the second of two alike', () => {
    expect(newIn('SELECT * FROM a;\n', 'SELECT * FROM b;\n')).toBe(1);
    expect(newIn('SELECT * FROM a;\n', 'SELECT * FROM a;\nSELECT * FROM a;\n')).toBe(1);
    expect(newIn('', 'SELECT * FROM a;\n')).toBe(1);
  });

  test('is stable text', () => {
    const { findings, context } = findingsIn('SELECT * FROM b;\nSELECT * FROM a;\n');
    expect(writeBaseline(findings, context)).toBe(writeBaseline([...findings].reverse(), context));
  });

  test('a file that is none says so', () => {
    expect(readBaseline('{')).toEqual({ error: expect.stringContaining('is not JSON') });
    expect(readBaseline('null')).toEqual({ error: expect.stringContaining('is not a baseline') });
    expect(readBaseline('{"baseline": 1, "findings": [{}]}')).toEqual({ error: expect.stringContaining('is not a baseline') });
  });
});
