/** Small repositories as texts, read by the real readers. */
import type { Document } from '../../server/analysis/document.ts';
import type { GrammarId, Reader } from '../../server/analysis/reader.ts';
import { reader as go } from '../../server/analysis/readers/go.ts';
import { reader as javascript } from '../../server/analysis/readers/javascript.ts';
import { reader as python } from '../../server/analysis/readers/python.ts';
import { reader as rust } from '../../server/analysis/readers/rust.ts';
import { loadGrammars, readContext } from '../support/syntax.ts';

const grammars: readonly GrammarId[] = ['python', 'javascript', 'typescript', 'tsx', 'go', 'rust'];
const languages: Readonly<Record<string, readonly [Reader, string]>> = {
  py: [python, 'python'],
  js: [javascript, 'javascript'],
  ts: [javascript, 'typescript'],
  tsx: [javascript, 'typescriptreact'],
  go: [go, 'go'],
  rs: [rust, 'rust'],
};

export const ready = (): Promise<void> => loadGrammars(grammars);

/** Path beneath the repository -> text, in; documents in the same order, out. */
export function repository(files: Readonly<Record<string, string>>, root = '/w/repo'): Document[] {
  return Object.entries(files).map(([path, text]) => {
    const entry = languages[path.slice(path.lastIndexOf('.') + 1)];
    if (entry === undefined) throw new Error(`no reader for ${path}`);
    const [reader, language] = entry;
    return reader.read({ path: `${root}/${path}`, language, text }, readContext());
  });
}

export function callNamed(document: Document, name: string): number {
  const index = document.calls.findIndex((call) => call.name === name);
  if (index < 0) throw new Error(`no call of ${name} in ${document.path}`);
  return index;
}
