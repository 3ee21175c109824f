/** The arguments of a call as written (`timeout=5` whole), with objects and structs written out taken apart into one entry for each key. */
import type { Argument } from '../../document.ts';
import type { CallShape, HostLanguage } from './language.ts';
import { LiteralBuilder } from './literal.ts';
import type { Syntax } from './syntax.ts';

/** Option objects are small; a table of data written as an argument is not worth an entry for each cell. */
const mostEntries = 40;
const deepestRecord = 4;

export function argumentsOf(shape: CallShape, language: HostLanguage, source: string): Argument[] {
  const found: Argument[] = [];
  for (const node of shape.arguments) {
    const entry = language.entry(node, source);
    add(found, entry?.key, entry?.value ?? node, node, language, source, 0);
  }
  return found;
}

function add(
  into: Argument[],
  name: string | undefined,
  value: Syntax,
  whole: Syntax,
  language: HostLanguage,
  source: string,
  depth: number,
): void {
  const entries = depth < deepestRecord ? language.record(value) : undefined;
  if (entries !== undefined && entries.length > 0 && into.length < mostEntries) {
    for (const node of entries) {
      const entry = language.entry(node, source);
      const key = entry === undefined ? name : name === undefined ? entry.key : `${name}.${entry.key}`;
      add(into, key, entry?.value ?? node, node, language, source, depth + 1);
    }
    return;
  }
  into.push(argumentOf(name, value, whole, language, source));
}

function argumentOf(name: string | undefined, node: Syntax, whole: Syntax, language: HostLanguage, source: string): Argument {
  let kind = language.argumentKinds.get(node.kind) ?? 'other';
  let value: string | undefined;
  if (kind === 'string' || kind === 'template') {
    const builder = new LiteralBuilder();
    language.string(node, source, builder);
    const decoded = builder.finish();
    if (decoded.holes.length > 0) kind = 'template';
    else {
      kind = 'string';
      value = decoded.text;
    }
  } else if (kind === 'number' || kind === 'boolean') {
    const text = source.slice(node.start, node.end);
    value = kind === 'boolean' ? text.toLowerCase() : text;
  }
  return {
    text: source.slice(whole.start, Math.min(whole.end, whole.start + 200)),
    span: { start: whole.start, end: whole.end },
    name,
    kind,
    value,
  };
}
