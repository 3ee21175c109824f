import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { parse, postprocess, preprocess } from 'micromark';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../server/analysis/document.ts';
import type { ReadContext, Reader } from '../../server/analysis/reader.ts';
import { findFences } from '../../server/analysis/readers/markdown/fences.ts';
import { fenceLanguage, isPostgresConf } from '../../server/analysis/readers/markdown/languages.ts';
import { fenceBody } from '../../server/analysis/readers/markdown/place.ts';
import { reader as markdown } from '../../server/analysis/readers/markdown.ts';
import { reader as conf } from '../../server/analysis/readers/postgresql-conf.ts';
import { lineStarts } from '../../server/analysis/span.ts';
import { shift } from '../../server/analysis/sql/shift.ts';

/** What a full Markdown parser says: the fences with their info string and code. */
function oracle(text: string): { info: string; code: string }[] {
  const found: { info: string; code: string }[] = [];
  const events = postprocess(
    parse()
      .document()
      .write(preprocess()(text, undefined, true)),
  );
  const fenced = new Set(events.filter(([, token]) => token.type === 'codeFenced').map(([, token]) => token.start.offset));
  const visit = (node: {
    type: string;
    children?: unknown[];
    lang?: string | null;
    meta?: string | null;
    value?: string;
    position?: unknown;
  }): void => {
    if (node.type === 'code') {
      const { start } = node.position as { start: { offset: number } };
      if (fenced.has(start.offset)) {
        found.push({
          info: [node.lang, node.meta].filter(Boolean).join(' ').replace(/\s+/g, ' ').trim(),
          code: (node.value ?? '').trimEnd(),
        });
      }
    }
    for (const child of node.children ?? []) visit(child as never);
  };
  visit(fromMarkdown(text) as never);
  return found;
}
function ours(text: string): { info: string; code: string }[] {
  return findFences(text, lineStarts(text)).map((fence) => ({
    info: fence.info.replace(/\s+/g, ' '),
    code: fenceBody(text, fence).text.replaceAll('\r\n', '\n').trimEnd(),
  }));
}

describe('fences', () => {
  it('are those a full Markdown parser finds', () => {
    const piece = fc.constantFrom(
      '```',
      '```sql',
      '````',
      '~~~',
      '~~~ py',
      '   ```js',
      '    ```',
      '- ',
      '  ',
      '    ',
      '> ',
      '>',
      '1. ',
      '# Heading',
      'text',
      'SELECT 1',
      '===',
      '---',
      '***',
      '* * *',
      '<div>',
      '</div>',
      '<!-- note',
      '-->',
      '<pre>',
      '</pre>',
      '<span class="a">',
      '`code`',
      '',
      ' ',
      '+ item',
      '- - nested',
    );
    const line = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        expect(ours(text)).toEqual(oracle(text));
      }),
      { numRuns: 1500, seed: 20261120 },
    );
  });

  it('know where each of their characters stands, with prefixes, tabs and CRLF', () => {
    const text = [
      '> quoted',
      '>',
      '> ```sql',
      '> SELECT é;',
      '>\tSELECT 2;',
      '> ```',
      '',
      '1. item',
      '',
      '   ```sql',
      '   SELECT 3;',
      '   ```',
      '',
    ].join('\r\n');
    for (const fence of findFences(text, lineStarts(text))) {
      const body = fenceBody(text, fence);
      for (const word of ['SELECT é', 'SELECT 2', 'SELECT 3', '2;', 'é']) {
        const at = body.text.indexOf(word);
        if (at < 0) continue;
        const start = body.place(at);
        expect(text.slice(start, body.place(at + word.length - 1) + 1)).toBe(word);
      }
    }
    expect(findFences(text, lineStarts(text))).toHaveLength(2);
  });

  it('carry the headings above them', () => {
    const text = '# Guide\n## SQLite\n### Pragmas\n```sql\nx\n```\n## PostgreSQL\n```sql\ny\n```\n';
    expect(findFences(text, lineStarts(text)).map((fence) => fence.headings)).toEqual([
      ['Guide', 'SQLite', 'Pragmas'],
      ['Guide', 'PostgreSQL'],
    ]);
  });
});

describe('the language of a fence', () => {
  it.each([
    ['py', 'x = 1', 'python'],
    ['python title="a.py"', 'x = 1', 'python'],
    ['{.rust}', 'fn main() {}', 'rust'],
    ['ts', 'let a', 'typescript'],
    ['sql', 'SELECT 1;', 'sql'],
    ['ini', '# postgresql.conf\nshared_buffers = 1GB', 'postgresql-conf'],
    ['', 'work_mem = 4MB\neffective_cache_size = 4GB', 'postgresql-conf'],
    ['sql', '-- postgresql.conf\nshared_buffers = 1GB   -- a quarter', 'postgresql-conf'],
    ['sql', '-- postgresql.conf is read by\nALTER SYSTEM SET work_mem = 1;', 'sql'],
  ])('%s', (info, body, language) => {
    expect(fenceLanguage(info, body)?.language).toBe(language);
  });
  it.each([
    '[server]\nmax_connections = 100\nport = 1',
    'maxmemory 8gb\nsave ""',
    'net.core.somaxconn = 1024\nvm.swappiness = 10',
    'max_connections = 10\nport = 5432',
    'shared_buffers = 1GB\npsql -c "SELECT 1"',
    'work_mem == 3\nwal_level == 4',
  ])('is not postgresql.conf: %s', (body) => {
    expect(isPostgresConf(body)).toBe(false);
  });
});

const context: ReadContext = {
  syntax: () => undefined,
  reader: (language): Reader | undefined => (language === 'postgresql-conf' ? conf : undefined),
  remember: (_kind, _text, compute) => compute(),
  place: shift,
};
const read = (text: string): Document => markdown.read({ path: '/guide.md', language: 'markdown', text }, context);

describe('the Markdown reader', () => {
  it('puts the spans of a part where they stand in the file', () => {
    const text =
      'Grüße\n\n- in a list:\n\n  ```ini\n  # postgresql.conf\n  shared_buffers = 2GB   # a quarter\n  wal_level = replica -- no\n  ```\n';
    const [part] = read(text).parts;
    expect(part?.settings.map((setting) => text.slice(setting.span.start, setting.span.end))).toEqual([
      'shared_buffers = 2GB',
      'wal_level = replica',
    ]);
    expect(part?.settings.map((setting) => text.slice(setting.valueSpan?.start, setting.valueSpan?.end))).toEqual(['2GB', 'replica']);
    expect(part?.refused?.map((refused) => text.slice(refused.span.start, refused.span.end))).toEqual(['-- no']);
    expect(part?.lineStarts).toEqual(lineStarts(text));
  });
  it('finds directives in HTML comments, not in code', () => {
    const text = '<!-- tunelens-ignore sql/select-star: shown on purpose -->\n```sql\n-- <!-- tunelens -->\n```\n';
    expect(read(text).directives.map((directive) => directive.text)).toEqual(['tunelens-ignore sql/select-star: shown on purpose']);
  });
  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void read(`\`\`\`ini\n${text}`)));
  });
});
