/** Every rule's page is its test: each section's examples go through the whole project with real engines. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { planLines } from '../server/analysis/plan-text.ts';
import type { Finding } from '../server/analysis/rule.ts';
import { catalogue } from '../server/analysis/rules/index.ts';
import { parsePage, placeOf, type Section, withMarks } from './support/pages.ts';
import { createBench } from './support/pages-bench.ts';

const bench = createBench(catalogue.map((entry) => entry.rule));
afterAll(() => bench.close());

describe.each(catalogue.map(({ rule, page }) => ({ rule, page: parsePage(page), id: rule.id })))('$id', ({ rule, page }) => {
  test('page', () => {
    expect(page.title).toBe(rule.id);
    expect(page.prose.length, 'the page begins with prose that says what and why').toBeGreaterThan(80);
    const marked = page.sections.filter((section) => section.files.some((file) => file.marks.length > 0));
    expect(marked.length, 'at least one section reports').toBeGreaterThan(0);
    expect(page.sections.length - marked.length, 'at least one section is silent').toBeGreaterThan(0);
    expect(new Set(page.sections.map((section) => section.title)).size).toBe(page.sections.length);
  });
  test.each(page.sections)('$title', async (section) => {
    const folder = bench.place(section);
    const before = await bench.check(folder, section);
    const found = before.findings.filter((finding) => finding.rule === rule.id);
    expect(before.faults, 'a rule threw').toEqual([]);
    expectMarks(section, folder, found);
    for (const finding of found) expect(finding.message.length, finding.message).toBeLessThanOrEqual(120);
    if (section.fix !== undefined) await expectFix(section, section.fix.text, folder, found);
  });
});

/** Found and marked side by side, as the example's text with carets: the difference is then plain to see. */
function expectMarks(section: Section, folder: string, found: readonly Finding[]): void {
  for (const file of section.files) {
    const path = join(folder, file.name);
    const here = found
      .filter((finding) => finding.path === path)
      .map((finding) => ({ ...placeOf(file.text, finding.span), words: finding.message }));
    const wanted = file.marks.map((mark) => {
      const same = here.find((one) => one.line === mark.line && one.character === mark.character && one.length === mark.length);
      const fits = same?.words.toLowerCase().includes(mark.words.toLowerCase());
      return fits && same ? same : mark;
    });
    const inOrder = (marks: typeof here) => [...marks].sort((left, right) => left.line - right.line || left.character - right.character);
    expect(withMarks(file.text, inOrder(here)), `${file.name}: found against marked`).toBe(withMarks(file.text, inOrder(wanted)));
  }
  const elsewhere = found.filter((finding) => !section.files.some((file) => join(folder, file.name) === finding.path));
  expect(elsewhere.map((finding) => `${finding.path}: ${finding.message}`)).toEqual([]);
}

/** The fix is what the page says, and after it nothing is left to say; an index must have changed the plan. */
async function expectFix(section: Section, wanted: string, folder: string, found: readonly Finding[]): Promise<void> {
  const fixes = found.flatMap((finding) => finding.fixes.slice(0, 1).map((fix) => ({ finding, fix })));
  expect(fixes.length, 'the page shows a fix, so every finding offers one').toBe(found.length);
  const scripts = [...new Set(fixes.flatMap(({ fix }) => (fix.kind === 'script' ? [fix.text.trim()] : [])))];
  if (scripts.length > 0) {
    expect(`${scripts.join('\n')}\n`).toBe(wanted);
    const shown = fixes.every(({ fix }) => fix.kind === 'script' && fix.shownOnly === true);
    if (shown) {
      // Another statement to write: where it stands instead, there is nothing left to say.
      const [file] = section.files.filter((entry) => entry.marks.length > 0 && entry.language === 'sql');
      if (file === undefined) return;
      const rewritten = bench.place(section, { name: file.name, text: wanted });
      const after = await bench.check(rewritten, section);
      expect(messagesOf(after.findings, found), 'still reported after the fix').toEqual([]);
      return;
    }
    const isIndex = /\bCREATE\s+(UNIQUE\s+)?INDEX\b/i.test(wanted);
    const plans = isIndex ? await Promise.all(found.map((finding) => bench.plan(finding))) : [];
    const fixed = bench.place(section, { script: wanted });
    const after = await bench.check(fixed, section);
    expect(messagesOf(after.findings, found), 'still reported after the fix').toEqual([]);
    for (const [index, finding] of isIndex ? found.entries() : []) {
      const moved = { ...finding, path: finding.path.replace(folder, fixed) };
      const [earlier, later] = [plans[index], await bench.plan(moved)];
      // A finding about a CREATE TABLE is about no statement that has a plan.
      if (finding.evidence.after === undefined && earlier === undefined) continue;
      expect(later && planLines(later), 'the index leaves the plan as it was').not.toEqual(earlier && planLines(earlier));
    }
    return;
  }
  const [file] = section.files.filter((entry) => entry.marks.length > 0);
  if (file === undefined) throw new Error('a fix, but no finding marked');
  const edits = fixes.flatMap(({ fix }) => (fix.kind === 'edit' ? fix.edits : []));
  const text = [...edits]
    .sort((left, right) => right.span.start - left.span.start || right.span.end - left.span.end)
    .reduce((sum, edit) => sum.slice(0, edit.span.start) + edit.text + sum.slice(edit.span.end), file.text);
  expect(text).toBe(wanted);
  const fixed = bench.place(section, { name: file.name, text });
  const after = await bench.check(fixed, section);
  expect(messagesOf(after.findings, found), 'still reported after the fix').toEqual([]);
}

function messagesOf(findings: readonly Finding[], like: readonly Finding[]): string[] {
  return findings.filter((finding) => finding.rule === like[0]?.rule).map((finding) => finding.message);
}
