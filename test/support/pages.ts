/**
 * A rule's page as test cases: every `##` section is one example with what must be found in it.
 *
 * Marks are comment lines in the example's own language: carets under the finding's range on the
 * line above, then words its message must hold. Carets written right after the comment sign, with
 * no blank between, make the sign part of the range (a finding in the first column has no other way).
 */
import { lineStarts, positionAt } from '../../server/analysis/span.ts';

export interface Mark {
  /** From 0, in the text without marks. */
  readonly line: number;
  readonly character: number;
  /** Of the range on its first line. */
  readonly length: number;
  readonly words: string;
}
export interface ExampleFile {
  readonly name: string;
  readonly language: string;
  /** Without the mark lines. */
  readonly text: string;
  readonly marks: readonly Mark[];
}
export interface Section {
  readonly title: string;
  readonly schema?: string | undefined;
  readonly dialect?: 'sqlite' | 'postgres' | undefined;
  readonly rows: Readonly<Record<string, number>>;
  /** What ANALYZE would know: a line for each table (`orders 2000000`) and column (`orders.total distinct=-1 correlation=1 width=8`). */
  readonly statistics?: string | undefined;
  /** Run in a real database that TuneLens is connected to, after the section's own SQL files: ` ```sql live age=40 `. */
  readonly live?: string | undefined;
  /** Days that seem to have passed since. */
  readonly age: number;
  /** As on the command line: `memory=8GB,cores=4`. */
  readonly target?: string | undefined;
  readonly files: readonly ExampleFile[];
  readonly fix?: { readonly language: string; readonly text: string } | undefined;
}
export interface Page {
  readonly title: string;
  readonly prose: string;
  readonly sections: readonly Section[];
}

/** The usual file name ending of a fence language, for examples that give no `file=`. */
const endings: Readonly<Record<string, string>> = {
  sql: 'sql',
  python: 'py',
  javascript: 'js',
  javascriptreact: 'jsx',
  typescript: 'ts',
  typescriptreact: 'tsx',
  tsx: 'tsx',
  go: 'go',
  rust: 'rs',
  markdown: 'md',
  'postgresql-conf': 'conf',
  toml: 'toml',
  yaml: 'yaml',
};
const signs: Readonly<Record<string, string>> = {
  sql: '--',
  javascript: '//',
  javascriptreact: '//',
  typescript: '//',
  typescriptreact: '//',
  tsx: '//',
  go: '//',
  rust: '//',
  markdown: '<!--',
};

interface Fence {
  readonly language: string;
  readonly words: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
}

export function parsePage(markdown: string): Page {
  let title = '';
  const prose: string[] = [];
  const sections: { title: string; fences: Fence[] }[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const open = line.match(/^(`{3,}|~{3,})(.*)$/);
    if (open) {
      const body: string[] = [];
      while (++at < lines.length && lines[at]?.trimEnd() !== open[1]) body.push(lines[at] ?? '');
      sections.at(-1)?.fences.push(parseFence(open[2] ?? '', `${body.join('\n')}\n`));
    } else if (line.startsWith('# ')) title = line.slice(2).trim();
    else if (line.startsWith('## ')) sections.push({ title: line.slice(3).trim(), fences: [] });
    else if (sections.length === 0 && line.trim() !== '') prose.push(line);
  }
  return { title, prose: prose.join('\n'), sections: sections.map(({ title, fences }) => parseSection(title, fences)) };
}

function parseFence(info: string, text: string): Fence {
  const [language = '', ...rest] = info.trim().split(/\s+/);
  const attributes = new Map<string, string>();
  const words: string[] = [];
  for (const word of rest) {
    const equals = word.indexOf('=');
    if (equals > 0) attributes.set(word.slice(0, equals), word.slice(equals + 1));
    else words.push(word);
  }
  return { language, words, attributes, text };
}

function parseSection(title: string, fences: readonly Fence[]): Section {
  const schema = fences.filter((fence) => fence.words.includes('schema'));
  const fix = fences.find((fence) => fence.words.includes('fix'));
  const statistics = fences.find((fence) => fence.language === 'statistics');
  const live = fences.find((fence) => fence.words.includes('live'));
  const examples = fences.filter(
    (fence) => fence !== statistics && fence !== live && !fence.words.includes('schema') && !fence.words.includes('fix'),
  );
  const attribute = (name: string) => fences.map((fence) => fence.attributes.get(name)).find((value) => value !== undefined);
  const rows = (attribute('rows') ?? '').split(',').flatMap((pair) => {
    const [table, count] = pair.split(':');
    return table && count ? [[table, Number(count.replaceAll('_', ''))] as const] : [];
  });
  return {
    title,
    schema: schema.length === 0 ? undefined : schema.map((fence) => fence.text).join('\n'),
    dialect: attribute('dialect') as Section['dialect'],
    rows: Object.fromEntries(rows),
    statistics: statistics?.text,
    live: live?.text,
    age: Number(attribute('age') ?? 0),
    target: attribute('target'),
    files: examples.map((fence, index) => exampleFile(fence, index)),
    fix: fix && { language: fix.language, text: fix.text },
  };
}

function exampleFile(fence: Fence, index: number): ExampleFile {
  const sign = signs[fence.language] ?? '#';
  const name = fence.attributes.get('file') ?? `example${index === 0 ? '' : index + 1}.${endings[fence.language] ?? fence.language}`;
  return { name, language: fence.language, ...readMarks(fence.text, sign) };
}

/** Takes the mark lines out of a text and says what they point at. */
export function readMarks(marked: string, sign: string): { text: string; marks: Mark[] } {
  const kept: string[] = [];
  const marks: Mark[] = [];
  for (const line of marked.split('\n')) {
    const indent = line.length - line.trimStart().length;
    const body = line.slice(indent);
    const match = body.startsWith(sign) ? body.slice(sign.length).match(/^(\s*)(\^+)(.*)$/) : null;
    if (match === null) {
      kept.push(line);
      continue;
    }
    const [, blank = '', carets = '', words = ''] = match;
    const joined = blank === '';
    marks.push({
      line: kept.length - 1,
      character: joined ? indent : indent + sign.length + blank.length,
      length: carets.length + (joined ? sign.length : 0),
      words: words.replace(/-->\s*$/, '').trim(),
    });
  }
  return { text: kept.join('\n'), marks };
}

/** Where a finding stands, as a mark would say it. */
export function placeOf(text: string, span: { readonly start: number; readonly end: number }): Omit<Mark, 'words'> {
  const starts = lineStarts(text);
  const { line, character } = positionAt(starts, span.start);
  const lineEnd = text.slice(span.start).search(/[\r\n]/);
  const firstLine = lineEnd < 0 ? span.end : Math.min(span.end, span.start + lineEnd);
  return { line, character, length: firstLine - span.start };
}

/** A picture of an example with its findings marked, for failure messages. */
export function withMarks(text: string, marks: readonly Mark[]): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return lines
    .flatMap((line, number) => [
      line,
      ...marks
        .filter((mark) => mark.line === number)
        .map((mark) => `${' '.repeat(mark.character)}${'^'.repeat(Math.max(1, mark.length))} ${mark.words}`),
    ])
    .join('\n');
}
