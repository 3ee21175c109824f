/** Strings of Python: prefixes, f-strings, and templates that values are put into. */
import { pythonEscape } from './escapes.ts';
import { type Formatted, text } from './language.ts';
import type { LiteralBuilder } from './literal.ts';
import { child, namedChildren, type Syntax } from './syntax.ts';

/** `key=value` of a call, `"key": value` of a dictionary. */
export function entry(node: Syntax, source: string) {
  if (node.kind === 'keyword_argument') {
    const key = text(child(node, 'name'), source);
    const value = child(node, 'value');
    return key === undefined || value === undefined ? undefined : { key, value };
  }
  if (node.kind === 'pair') {
    const key = text(child(node, 'key'), source)?.replace(/^[rbuf]*["']|["']$/gi, '');
    const value = child(node, 'value');
    return key === undefined || value === undefined ? undefined : { key, value };
  }
  return undefined;
}

export function string(node: Syntax, source: string, into: LiteralBuilder): void {
  const first = node.children[0];
  const last = node.children.at(-1);
  if (first?.kind !== 'string_start') return;
  const prefix = source
    .slice(first.start, first.end)
    .replace(/["']+$/, '')
    .toLowerCase();
  const raw = prefix.includes('r');
  const format = prefix.includes('f') || prefix.includes('t');
  const end = last?.kind === 'string_end' ? last.start : node.end;
  const plain = (start: number, to: number) => {
    if (raw) into.plain(source, start, to);
    else into.escaped(source, start, to, pythonEscape);
  };
  let from = first.end;
  const pieces = format ? node.children.flatMap((one) => (one.kind === 'string_content' ? one.children : [one])) : [];
  for (const one of pieces) {
    if (one.kind === 'interpolation') {
      plain(from, one.start);
      const expression = child(one, 'expression');
      const name = expression !== undefined && /^(?:identifier|attribute)$/.test(expression.kind) ? text(expression, source) : undefined;
      into.hole({ start: one.start, end: one.end }, text(expression, source) ?? '', name);
      from = one.end;
    } else if (one.kind === 'escape_interpolation') {
      plain(from, one.start);
      into.replaced(source[one.start] ?? '', one.start, one.end);
      from = one.end;
    }
  }
  plain(from, end);
}

export function formatted(node: Syntax, source: string): Formatted | undefined {
  if (node.kind === 'binary_operator' && node.children[1]?.kind === '%') {
    const [template, , right] = node.children;
    if (template === undefined || right === undefined || !/string|binary|parenthesized/.test(template.kind)) return undefined;
    const values = right.kind === 'tuple' ? namedChildren(right) : undefined;
    return {
      template: template.kind === 'parenthesized_expression' ? (namedChildren(template)[0] ?? template) : template,
      style: 'percent',
      argument: (which) => {
        if (typeof which === 'number') return values === undefined ? (which === 0 ? right : undefined) : values[which];
        const pair = right.children.find((one) => entry(one, source)?.key === which);
        return pair && entry(pair, source)?.value;
      },
    };
  }
  if (node.kind !== 'call') return undefined;
  const callee = child(node, 'function');
  if (callee?.kind !== 'attribute' || text(child(callee, 'attribute'), source) !== 'format') return undefined;
  const template = child(callee, 'object');
  const inner = template?.kind === 'parenthesized_expression' ? namedChildren(template)[0] : template;
  if (inner === undefined || !/string/.test(inner.kind)) return undefined;
  const list = child(node, 'arguments');
  const values = list === undefined ? [] : namedChildren(list);
  return {
    template: inner,
    style: 'braces',
    argument: (which) => {
      if (typeof which === 'number') return values.filter((one) => one.kind !== 'keyword_argument')[which];
      const named = values.find((one) => entry(one, source)?.key === which);
      return named && entry(named, source)?.value;
    },
  };
}
