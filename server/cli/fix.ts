/** `--fix`: applies the edits that keep the meaning for certain, then looks again. */
import { randomBytes } from 'node:crypto';
import { chmod, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import type { TextEdit } from '../analysis/fix.ts';
import type { Finding } from '../analysis/rule.ts';
import type { CheckResult } from '../workspace/project.ts';
import { readText } from '../workspace/text.ts';

export interface Fixed {
  readonly result: CheckResult;
  readonly done: readonly { readonly path: string; readonly sentence: string }[];
}

/** A fix may uncover another; a pair of rules that undo each other must not go on for ever. */
const ROUNDS = 5;

export async function applyFixes(first: CheckResult, again: (changed: readonly string[]) => Promise<CheckResult>): Promise<Fixed> {
  const counts = new Map<string, number>();
  const refused = new Map<string, string>();
  let result = first;
  for (let round = 0; round < ROUNDS; round++) {
    const changed: string[] = [];
    for (const file of result.files) {
      const { edits, findings } = compatibleEdits(file.findings);
      if (edits.length === 0) continue;
      const problem = await rewrite(file.path, edits);
      if (problem === undefined) {
        changed.push(file.path);
        counts.set(file.path, (counts.get(file.path) ?? 0) + findings);
      } else refused.set(file.path, problem);
    }
    if (changed.length === 0) break;
    result = await again(changed);
  }
  const done = [...counts].map(([path, count]) => ({ path, sentence: `fixed ${count} ${count === 1 ? 'finding' : 'findings'}` }));
  return { result, done: [...done, ...[...refused].map(([path, sentence]) => ({ path, sentence: `not fixed: ${sentence}` }))] };
}

/** The first safe fix of each finding, as long as it touches nothing that another one touches. In the order of the file. */
export function compatibleEdits(findings: readonly Finding[]): { readonly edits: readonly TextEdit[]; readonly findings: number } {
  const taken: TextEdit[] = [];
  let count = 0;
  for (const finding of findings) {
    const fix = finding.fixes.find((candidate) => candidate.kind === 'edit' && candidate.safe);
    if (fix?.kind !== 'edit') continue;
    const clash = fix.edits.some((edit) => taken.some(({ span }) => edit.span.start <= span.end && span.start <= edit.span.end));
    if (clash) continue;
    taken.push(...fix.edits);
    count++;
  }
  return { edits: taken.sort((left, right) => left.span.start - right.span.start), findings: count };
}

export function edited(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const { span, text: replacement } of edits) {
    result += text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return result + text.slice(at);
}

/** Written beside the file and renamed over it, so that no half-written file is ever there. */
async function rewrite(path: string, edits: readonly TextEdit[]): Promise<string | undefined> {
  const file = readText(path);
  if ('unchecked' in file) return file.unchecked;
  if (file.damaged !== undefined) return file.damaged;
  const real = await realpath(path);
  const beside = `${real}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const { mode } = await stat(real);
    await writeFile(beside, (file.bom ? '\uFEFF' : '') + edited(file.text, edits), { flag: 'wx' });
    await chmod(beside, mode);
    await rename(beside, real);
    return undefined;
  } catch (error) {
    await unlink(beside).catch(() => undefined);
    return `cannot be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}
