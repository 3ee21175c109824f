/** Ruby, where it says what a database holds: Rails' schema file, its migrations, and the engine that is configured. */
import type { Comment, Document, Query, Setting } from '../document.ts';
import { emptyDocument, type ReadContext, type Reader, type Source } from '../reader.ts';
import { type RailsFile, railsConfiguration, railsFile } from '../schema/rails.ts';
import { lineStarts } from '../span.ts';
import { dialectOfSql } from '../sql/dialect.ts';
import { sqlQueries } from '../sql/queries.ts';
import { copySyntax, type Grammar } from './host/syntax.ts';

export const reader: Reader = {
  id: 'ruby',
  languages: ['ruby'],
  files: ['**/db/*schema.rb', '**/db/**/migrate/*.rb', '**/db/*migrate/*.rb', '**/config/database.yml', '**/Gemfile'],
  grammar: () => 'ruby',
  concerns: (text) => /\bActiveRecord::(?:Schema|Migration)\b|^\s*adapter:|^\s*gem\s+["']/m.test(text),
  read,
};

const whole: Grammar = { blocks: new Set(), attributes: new Set(), whole: new Set() };

function read(source: Source, context: ReadContext): Document {
  const { text, path } = source;
  const empty = { ...emptyDocument(source, lineStarts(text)), directives: directivesIn(text) };
  if (!path.endsWith('.rb')) return { ...empty, declares: railsConfiguration(text) };
  const root = context.syntax('ruby', text, path);
  if (root === undefined) return empty;
  const cursor = root.walk();
  try {
    const module = copySyntax(cursor, root.tree.language, whole, 0, 1, undefined).children[0];
    const found = module === undefined ? undefined : railsFile(module, text);
    return found === undefined ? empty : { ...empty, ...statementsOf(text, found, context), declares: found.declares };
  } finally {
    cursor.delete();
  }
}

/** SQL that is handed over, with its spans in the file. */
function statementsOf(text: string, { declares, sql }: RailsFile, context: ReadContext): Pick<Document, 'queries' | 'settings'> {
  const queries: Query[] = [];
  const settings: Setting[] = [];
  const [engine] = declares.engines;
  for (const { before, span } of sql) {
    const written = text.slice(span.start, span.end);
    const dialect = context.dialect ?? engine ?? dialectOfSql(before + written);
    const segments = [
      ...(before === '' ? [] : [{ sqlStart: 0, hostStart: span.start, hostEnd: span.start }]),
      { sqlStart: before.length, hostStart: span.start, hostEnd: span.end },
    ];
    const found = sqlQueries({
      text: before + written,
      segments,
      holes: [],
      dialect,
      from: 'literal',
      anchor: span,
      percentParameters: false,
      queryOffset: queries.length,
    });
    queries.push(...found.queries.map((query): Query => ({ ...query, direction: 'up' })));
    settings.push(...found.settings);
  }
  return { queries, settings };
}

function directivesIn(text: string): Comment[] {
  if (!text.includes('tunelens')) return [];
  return [...text.matchAll(/#[ \t]*([^\n]*tunelens[^\n]*)/g)].map((match) => ({
    text: match[1] ?? '',
    span: { start: match.index, end: match.index + match[0].length },
  }));
}
