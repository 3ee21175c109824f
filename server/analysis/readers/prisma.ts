/** Prisma schema files: the tables that their models are. */
import type { Comment, Document } from '../document.ts';
import { emptyDocument, type Reader, type Source } from '../reader.ts';
import { prismaDeclarations } from '../schema/prisma.ts';
import { lineStarts } from '../span.ts';

export const reader: Reader = {
  id: 'prisma',
  languages: ['prisma'],
  files: ['**/*.prisma'],
  concerns: (text) => /^[ \t]*(?:model|datasource|view|enum)\s/m.test(text),
  read,
};

function read(source: Source): Document {
  const declares = prismaDeclarations(source.text);
  return { ...emptyDocument(source, lineStarts(source.text)), declares, directives: directivesIn(source.text) };
}

function directivesIn(text: string): Comment[] {
  if (!text.includes('tunelens')) return [];
  return [...text.matchAll(/\/\/\/?[ \t]*([^\n]*tunelens[^\n]*)/g)].map((match) => ({
    text: match[1] ?? '',
    span: { start: match.index, end: match.index + match[0].length },
  }));
}
