/** Markdown: each fence is handed to its own reader and comes back as a part, with offsets of this file. */
import type { Comment, Document } from '../document.ts';
import { emptyDocument, type ReadContext, type Reader, type Source } from '../reader.ts';
import { lineStarts } from '../span.ts';
import { shift } from '../sql/shift.ts';
import type { Dialect } from '../sql/statement.ts';
import { type Fence, findFences } from './markdown/fences.ts';
import { type FenceLanguage, fenceLanguage } from './markdown/languages.ts';
import { type FenceBody, fenceBody, placeDocument } from './markdown/place.ts';

export const reader: Reader = {
  id: 'markdown',
  languages: ['markdown'],
  files: ['**/*.md', '**/*.markdown', '**/*.mdx'],
  concerns: (text) => /^[ \t>*+\-\d.)]*(?:`{3}|~{3})/m.test(text),
  read: readMarkdown,
};

function readMarkdown(source: Source, context: ReadContext): Document {
  const { text } = source;
  const starts = lineStarts(text);
  const parts: Document[] = [];
  const fences = findFences(text, starts);
  for (const [index, fence] of fences.entries()) {
    const body = fenceBody(text, fence);
    if (body.text.trim() === '') continue;
    const part = readFence(source, context, { fence, body, index, starts });
    if (part !== undefined) parts.push(part);
  }
  const serverControl = serverControlIn(text);
  return {
    ...emptyDocument(source, starts),
    parts,
    directives: directivesOf(text, fences),
    ...(serverControl !== undefined && { serverControl }),
  };
}

/** A command that has PostgreSQL read its configuration again, in a shell or in words; only where the text changes it. */
function serverControlIn(text: string): 'reload' | 'restart' | undefined {
  if (!/\bALTER\s+SYSTEM\b/i.test(text)) return undefined;
  const command = (verb: string): RegExp =>
    new RegExp(
      `\\bpg_ctl(?:cluster)?\\b[^\\n]*\\b${verb}\\b|\\b${verb}\\b[^\\n]{0,40}\\b(?:postgres|pgsql|db|database|server)|\\b(?:postgres\\w*|pgsql|server)\\b[^\\n]{0,20}\\b${verb}`,
      'i',
    );
  if (command('restart').test(text)) return 'restart';
  return command('reload').test(text) ? 'reload' : undefined;
}

interface FenceInput {
  readonly fence: Fence;
  readonly body: FenceBody;
  readonly index: number;
  readonly starts: readonly number[];
}

function readFence(source: Source, context: ReadContext, input: FenceInput): Document | undefined {
  const { fence, body } = input;
  const language = context.remember('markdown fence language', `${fence.info}\n${body.text}`, () => [
    fenceLanguage(fence.info, body.text),
  ])[0];
  const reader = language === undefined ? undefined : context.reader(language.language);
  if (language === undefined || reader?.concerns(body.text) !== true) return undefined;
  const read = (dialect: Dialect | undefined): Document => {
    const kind = `markdown fence ${source.path} ${language.language} ${dialect ?? ''}`;
    const kept = context.remember<{ document?: Document }>(kind, body.text, () => ({}));
    if (kept.document !== undefined) return kept.document;
    const inner = fenceContext(context, dialect, input.index);
    const found = reader.read({ path: source.path, language: language.language, text: body.text }, inner);
    // What was read without its grammar is read again once the host has loaded it.
    if (!inner.missed) kept.document = found;
    return found;
  };
  const declared = language.dialect ?? context.dialect;
  let document = read(declared);
  // A heading says which database a statement is for where the statement itself does not.
  const heading = declared === undefined ? headingDialect(fence.headings, language) : undefined;
  if (heading !== undefined && document.queries.some((query) => query.dialect === 'unknown')) document = read(heading);
  return placeDocument(document, body, input.starts);
}

/** A fence has its own syntax tree, apart from the file's and the other fences'. */
function fenceContext(context: ReadContext, dialect: Dialect | undefined, index: number): ReadContext & { readonly missed: boolean } {
  const fence = {
    missed: false,
    dialect,
    syntax: ((grammar, text, key) => {
      const root = context.syntax(grammar, text, `${key}#${index}`);
      fence.missed ||= root === undefined;
      return root;
    }) as ReadContext['syntax'],
    reader: (language: string) => context.reader(language),
    remember: <T>(kind: string, text: string, compute: () => T) => context.remember(kind, text, compute),
    // The whole document is copied to its place in the file.
    place: shift,
  };
  return fence;
}

function headingDialect(headings: readonly string[], language: FenceLanguage): Dialect | undefined {
  if (language.language !== 'sql') return undefined;
  for (const heading of headings.toReversed()) {
    const sqlite = /\bsqlite\b/i.test(heading);
    const postgres = /\bpostgres(?:ql)?\b/i.test(heading);
    if (sqlite !== postgres) return sqlite ? 'sqlite' : 'postgres';
  }
  return undefined;
}

/** `<!-- tunelens-ignore … -->` outside of fences. */
function directivesOf(text: string, fences: readonly Fence[]): Comment[] {
  if (!text.includes('tunelens')) return [];
  const found: Comment[] = [];
  for (const match of text.matchAll(/<!--([\s\S]*?)-->/g)) {
    const words = match[1] ?? '';
    const span = { start: match.index, end: match.index + match[0].length };
    if (!words.includes('tunelens')) continue;
    if (fences.some((fence) => span.start >= fence.infoSpan.start && span.start < (fence.lines.at(-1)?.end ?? 0))) continue;
    found.push({ text: words.trim(), span });
  }
  return found;
}
