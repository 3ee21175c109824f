/**
 * Prisma's schema language, as far as tables go: blocks of fields with attributes. Line-oriented, total; what it
 * does not know it passes over. (Grammar: prisma-engines, `psl/schema-ast/src/parser/datamodel.pest`.)
 */
import type { Span } from '../span.ts';

export interface PrismaValue {
  readonly kind: 'string' | 'word' | 'list' | 'call';
  /** The string decoded, the word, or the called name. */
  readonly text: string;
  /** Items of a list, arguments of a call. */
  readonly items: readonly PrismaArgument[];
  readonly span: Span;
}
export interface PrismaArgument {
  readonly name?: string | undefined;
  readonly value: PrismaValue;
}
export interface PrismaAttribute {
  /** `id`, `map`, `db.VarChar`; block attributes likewise. */
  readonly name: string;
  readonly arguments: readonly PrismaArgument[];
  readonly span: Span;
}
export interface PrismaField {
  readonly name: string;
  readonly type: string;
  /** `Unsupported("…")`: what stands in the quotes. */
  readonly unsupported?: string | undefined;
  readonly list: boolean;
  readonly optional: boolean;
  readonly attributes: readonly PrismaAttribute[];
  readonly span: Span;
}
export interface PrismaBlock {
  readonly kind: string;
  readonly name: string;
  readonly nameSpan: Span;
  readonly fields: readonly PrismaField[];
  readonly attributes: readonly PrismaAttribute[];
  /** `key = value` of datasource and generator blocks. */
  readonly settings: readonly { readonly key: string; readonly value: PrismaValue }[];
  /** Values of an enum, as the database has them. */
  readonly values: readonly string[];
}

const blockHead = /^[ \t]*(model|view|enum|type|datasource|generator)[ \t]+(\w+)[ \t]*\{/gm;

export function prismaBlocks(text: string): readonly PrismaBlock[] {
  const clean = withoutComments(text);
  const blocks: PrismaBlock[] = [];
  for (const match of clean.matchAll(blockHead)) {
    const [head, kind = '', name = ''] = match;
    const start = match.index + head.length;
    const end = endOfBlock(clean, start);
    const nameStart = match.index + head.indexOf(name, head.indexOf(kind) + kind.length);
    blocks.push({ kind, name, nameSpan: { start: nameStart, end: nameStart + name.length }, ...bodyOf(clean, start, end, kind) });
  }
  return blocks;
}

/** Comments blanked out, every offset kept; `//` inside a string stays. */
function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*/g, (found) => (found.startsWith('"') ? found : ' '.repeat(found.length)));
}

/** The closing bracket on a line of its own; blocks do not nest, so the next block's head ends one that is being typed, too. */
function endOfBlock(text: string, start: number): number {
  const close = /^[ \t]*\}|\}[ \t]*$|^[ \t]*(?:model|view|enum|type|datasource|generator)[ \t]+\w+[ \t]*\{/gm;
  close.lastIndex = start;
  return close.exec(text)?.index ?? text.length;
}

function bodyOf(
  text: string,
  start: number,
  end: number,
  kind: string,
): Pick<PrismaBlock, 'fields' | 'attributes' | 'settings' | 'values'> {
  const fields: PrismaField[] = [];
  const attributes: PrismaAttribute[] = [];
  const settings: { key: string; value: PrismaValue }[] = [];
  const values: string[] = [];
  const reader = readerOf(text, end);
  reader.at = start;
  while (reader.at < end) {
    reader.skip(/[\s,]/);
    if (reader.at >= end) break;
    const before = reader.at;
    if (text.startsWith('@@', reader.at)) {
      reader.at += 2;
      attributes.push(attributeAt(reader, before));
    } else {
      const field = kind === 'datasource' || kind === 'generator' ? settingAt(reader, settings) : fieldAt(reader, kind, values);
      if (field !== undefined) fields.push(field);
    }
    if (reader.at === before) reader.at++;
  }
  return { fields, attributes, settings, values };
}

interface PrismaReader {
  at: number;
  readonly text: string;
  readonly end: number;
  skip(what: RegExp): void;
  word(): string;
}
function readerOf(text: string, end: number): PrismaReader {
  return {
    at: 0,
    text,
    end,
    skip(what) {
      while (this.at < end && what.test(text[this.at] ?? '')) this.at++;
    },
    word() {
      const from = this.at;
      this.skip(/[\w.-]/);
      return text.slice(from, this.at);
    },
  };
}

function settingAt(reader: PrismaReader, settings: { key: string; value: PrismaValue }[]): undefined {
  const key = reader.word();
  reader.skip(/[ \t]/);
  if (key === '' || reader.text[reader.at] !== '=') return undefined;
  reader.at++;
  settings.push({ key, value: valueAt(reader, 0) });
  return undefined;
}

function fieldAt(reader: PrismaReader, kind: string, values: string[]): PrismaField | undefined {
  const start = reader.at;
  const name = reader.word();
  if (name === '') return undefined;
  reader.skip(/[ \t]/);
  const type = reader.word();
  let unsupported: string | undefined;
  let list = false;
  let optional = false;
  if (reader.text[reader.at] === '(') unsupported = argumentsAt(reader, 0)[0]?.value.text ?? '';
  if (reader.text.startsWith('[]', reader.at)) {
    list = true;
    reader.at += 2;
  }
  if (reader.text[reader.at] === '?') {
    optional = true;
    reader.at++;
  }
  const attributes: PrismaAttribute[] = [];
  for (;;) {
    reader.skip(/[ \t]/);
    const at = reader.at;
    if (reader.text[at] !== '@' || at >= reader.end) break;
    reader.at++;
    attributes.push(attributeAt(reader, at));
  }
  const span = { start, end: reader.at };
  if (kind === 'enum') {
    values.push(attributes.find((one) => one.name === 'map')?.arguments[0]?.value.text ?? name);
    return undefined;
  }
  return type === '' ? undefined : { name, type, unsupported, list, optional, attributes, span };
}

function attributeAt(reader: PrismaReader, start: number): PrismaAttribute {
  const name = reader.word();
  const found = reader.text[reader.at] === '(' ? argumentsAt(reader, 0) : [];
  return { name, arguments: found, span: { start, end: reader.at } };
}

/** Deeper brackets than any schema has are passed over, so that no text can exhaust the stack. */
const deepest = 12;

function argumentsAt(reader: PrismaReader, depth: number): PrismaArgument[] {
  const closing = reader.text[reader.at] === '[' ? ']' : ')';
  const found: PrismaArgument[] = [];
  reader.at++;
  while (reader.at < reader.end && depth < deepest) {
    reader.skip(/[\s,]/);
    if (reader.text[reader.at] === closing || reader.at >= reader.end) break;
    const before = reader.at;
    const named = /^(\w+)[ \t]*:(?!:)\s*/.exec(reader.text.slice(reader.at, Math.min(reader.end, reader.at + 80)));
    if (named !== null) reader.at += named[0].length;
    found.push({ ...(named !== null && { name: named[1] }), value: valueAt(reader, depth + 1) });
    if (reader.at === before) reader.at++;
  }
  if (reader.at < reader.end) reader.at++;
  return found;
}

function valueAt(reader: PrismaReader, depth: number): PrismaValue {
  reader.skip(/[ \t]/);
  const start = reader.at;
  const sign = reader.text[start];
  if (sign === '"') {
    const string = /^"((?:[^"\\\n]|\\.)*)"?/.exec(reader.text.slice(start, reader.end));
    reader.at += string?.[0].length ?? 1;
    return { kind: 'string', text: (string?.[1] ?? '').replace(/\\(.)/g, '$1'), items: [], span: { start, end: reader.at } };
  }
  if (sign === '[') return { kind: 'list', text: '', items: argumentsAt(reader, depth), span: { start, end: reader.at } };
  const text = reader.word();
  if (reader.text[reader.at] === '(') return { kind: 'call', text, items: argumentsAt(reader, depth), span: { start, end: reader.at } };
  return { kind: 'word', text, items: [], span: { start, end: reader.at } };
}
