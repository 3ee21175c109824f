/** Finds the strings of an item that are SQL, and the constants that may be put into one. */
import { looksLikeSql } from '../../sql/queries.ts';
import { type Fragment, none, type RawLiteral } from './fragment.ts';
import type { HostLanguage } from './language.ts';
import { braceVerbs, type DecodedText, formatted, LiteralBuilder, percentVerbs, placeholder, type VerbReader } from './literal.ts';
import { type Role, roleOf } from './roles.ts';
import type { Syntax } from './syntax.ts';

export interface LiteralWalk {
  readonly language: HostLanguage;
  readonly source: string;
  readonly fragment: Fragment;
  /** Indexes of the calls met so far. */
  readonly calls: Map<Syntax, number>;
  /** Nodes that belong to a literal already read. */
  readonly read: Set<Syntax>;
}

export interface LiteralPlace {
  readonly function: number;
  readonly loop: number;
  readonly owner: string | undefined;
}

/** A statement or a part of one: a text without any of these words is not worth decoding. */
const sqlWords =
  /\b(?:select|insert|update|delete|replace|with|create|alter|drop|pragma|set|values|vacuum|analyze|reindex|truncate|merge|explain|begin|commit|attach|copy|refresh|call|where|from|order|limit|join|having|union|returning|grant|comment|cluster|lock|listen|notify|savepoint|rollback)\b/i;
/** What may follow a constant that holds the beginning of a statement. */
const continuation =
  /^\s*(?:where|order\s+by|group\s+by|limit|and|or|join|left|inner|on|set|values|union|returning|having|from|for\s+update)\b/i;
/** Longer texts are data, not names of columns or tables. */
const longestConstant = 4000;
/** Parts of one concatenation; more are generated text. */
const mostParts = 2000;

export function readLiteral(walk: LiteralWalk, node: Syntax, context: LiteralPlace): void {
  const { language, source } = walk;
  if (walk.read.has(node)) return;
  const operands = language.concatenation(node);
  const isString = textual(node, language);
  if (operands === undefined && !isString && language.formatted(node, source) === undefined) return;
  // An operand was judged with the whole concatenation.
  if (node.parent !== undefined && language.concatenation(node.parent) !== undefined) return;
  const slice = source.slice(node.start, node.end);
  const words = sqlWords.test(slice);
  if (!words && (slice.length > longestConstant || node.parent === undefined || language.binding(node, node.parent, source) === undefined))
    return;
  const whole = decode(walk, node, 0);
  if (whole === undefined || whole.text.length === 0 || notSql.test(whole.text)) return;
  const decoded = language.id === 'go' && whole.text.includes('{:') ? formatted(whole, /\{/g, namedBraces, () => undefined) : whole;
  const begins = decoded.text.startsWith(placeholder) && decoded.holes[0]?.identifier !== undefined;
  const plain = words && looksLikeSql(decoded.text);
  const template = words ? (isComposed(node, language, source) ? 'braces' : plain ? undefined : templateOf(decoded.text)) : undefined;
  const sql = words && (plain || template !== undefined || (begins && continuation.test(decoded.text.slice(placeholder.length))));
  const role = roleOf(node, language, source);
  if (role === undefined || (!sql && !(role.kind === 'bound' && role.direct && role.name !== undefined))) return;
  if (role.kind === 'argument' && (notSqlKey.test(role.key ?? '') || (role.listed && isParameter(walk, node, role)))) return;
  walk.fragment.literals.push({ ...literalOf(walk, node, decoded, role, context), sql, template });
}

/** psycopg's `SQL("SELECT {} FROM t").format(…)`, `dedent("…").strip().format(…)`. */
function isComposed(node: Syntax, language: HostLanguage, source: string): boolean {
  let at: Syntax | undefined = node;
  for (let steps = 0; steps < 6; steps++) {
    if (at?.parent !== undefined && language.argumentLists.has(at.parent.kind)) at = at.parent;
    const call: Syntax | undefined = at === node ? node : at?.parent;
    const member: Syntax | undefined = call?.parent;
    if (call === undefined || member === undefined || !language.members.has(member.kind)) return false;
    const name = source.slice(call.end, member.end).trim();
    if (name === '.format') return true;
    if (!/^\.(?:strip|lstrip|rstrip|dedent)$/.test(name) || member.parent === undefined) return false;
    at = member;
  }
  return false;
}

/** The marks without which a text is no SQL: `SELECT a FROM {table}`, `DELETE FROM %s`. */
function templateOf(text: string): RawLiteral['template'] {
  if (/\{\w*\}/.test(text) && looksLikeSql(text.replace(/\{\w*\}/g, placeholder))) return 'braces';
  if (/%(?:\(\w+\)|\[\d+\])?[sdvq]/.test(text) && looksLikeSql(text.replace(/%(?:\(\w+\)|\[\d+\])?[sdvq]/g, placeholder))) return 'percent';
  return undefined;
}

/** SPARQL begins like SQL; no SQL has a brace after WHERE. */
const notSql = /\bWHERE\s*\{(?!:)/i;

/** `{:name}` is a placeholder of dbx, which binds a value there. */
const namedBraces: VerbReader = (text, at) => {
  const match = /^\{:(\w+)\}/.exec(text.slice(at, at + 80));
  return match === null ? undefined : { length: match[0].length, argument: match[1] ?? '' };
};

/** Keys under which a text is for people, or a pattern, whatever words it begins with. */
const notSqlKey =
  /^(?:.*\.)?(?:message|msg|description|desc|help|label|title|placeholder|reason|error|name|summary|doc|comment|tooltip|detail|verbose_name|help_text)$/i;

/** A string in the list of values of a call that has its statement already. */
function isParameter(walk: LiteralWalk, node: Syntax, role: Role & { kind: 'argument' }): boolean {
  const index = walk.calls.get(role.call);
  const first = index === undefined ? undefined : walk.fragment.calls[index]?.arguments[0];
  return (
    first !== undefined &&
    first.span.end <= node.start &&
    (first.kind === 'string' || first.kind === 'template' || first.kind === 'identifier')
  );
}

function literalOf(walk: LiteralWalk, node: Syntax, decoded: DecodedText, role: Role, context: LiteralPlace): Omit<RawLiteral, 'sql'> {
  const call = role.kind === 'argument' ? walk.calls.get(role.call) : undefined;
  const span = { start: node.start, end: node.end };
  return {
    text: decoded.text,
    segments: decoded.segments,
    holes: decoded.holes,
    span,
    anchor: role.kind === 'argument' ? { start: role.call.start, end: role.call.end } : span,
    name: role.kind === 'bound' ? role.name : undefined,
    call: call ?? none,
    direction: call !== undefined && isReverse(walk, call, node) ? 'down' : undefined,
    owner: (role.kind === 'bound' ? role.owner : undefined) ?? context.owner,
    function: context.function,
    loop: context.loop,
  };
}

/** Django's RunSQL takes what undoes it as `reverse_sql` or as its second argument. */
function isReverse(walk: LiteralWalk, call: number, node: Syntax): boolean {
  const known = walk.fragment.calls[call];
  if (known?.name !== 'RunSQL') return false;
  const index = known.arguments.findIndex((argument) => argument.span.start <= node.start && node.end <= argument.span.end);
  const name = known.arguments[index]?.name;
  return name === undefined ? index === 1 : name === 'reverse_sql';
}

/** The decoded text of a string, a concatenation or a formatted template; undefined where no part of it is a string. */
function decode(walk: LiteralWalk, node: Syntax, depth: number): DecodedText | undefined {
  const { language, source } = walk;
  if (depth > 8) return undefined;
  const format = language.formatted(node, source);
  if (format !== undefined) {
    const template = decode(walk, format.template, depth + 1);
    if (template === undefined) return undefined;
    walk.read.add(node);
    return formatted(
      template,
      format.style === 'percent' ? /%/g : /[{}]/g,
      format.style === 'percent' ? percentVerbs : braceVerbs,
      (which) => {
        const found = format.argument(which);
        if (found !== undefined) return { text: source.slice(found.start, found.end), identifier: identifierOf(found, language, source) };
        // `{name}` in Rust's format! is the variable itself.
        return typeof which === 'string' ? { text: which, identifier: which } : undefined;
      },
    );
  }
  const builder = new LiteralBuilder();
  const parts = flatten(walk, node);
  if (parts === undefined) return undefined;
  let strings = 0;
  for (const part of parts) {
    if (textual(part, language)) {
      walk.read.add(part);
      language.string(part, source, builder);
      strings++;
      continue;
    }
    const inner = language.formatted(part, source) === undefined ? undefined : decode(walk, part, depth + 1);
    if (inner !== undefined) {
      builder.append(inner);
      strings++;
    } else builder.hole({ start: part.start, end: part.end }, source.slice(part.start, part.end), identifierOf(part, language, source));
  }
  return strings === 0 ? undefined : builder.finish();
}

function textual(node: Syntax, language: HostLanguage): boolean {
  const kind = language.argumentKinds.get(node.kind);
  return kind === 'string' || kind === 'template';
}

/** The operands of nested concatenations, in the order written. */
function flatten(walk: LiteralWalk, node: Syntax): Syntax[] | undefined {
  const parts: Syntax[] = [];
  const open: Syntax[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const operands = walk.language.concatenation(next);
    if (operands === undefined) {
      const field = walk.language.transparent.get(next.kind);
      const inner = field === '' && next !== node ? next.children.find((one) => one.named) : undefined;
      if (inner !== undefined && (walk.language.strings.has(inner.kind) || walk.language.transparent.has(inner.kind))) open.push(inner);
      else parts.push(next);
      continue;
    }
    walk.read.add(next);
    if (parts.length + open.length > mostParts) return undefined;
    for (let at = operands.length - 1; at >= 0; at--) {
      const operand = operands[at];
      if (operand !== undefined) open.push(operand);
    }
  }
  return parts;
}

/** The name, where an expression is nothing but a name (or a member of the class itself). */
export function identifierOf(node: Syntax, language: HostLanguage, source: string): string | undefined {
  if (language.argumentKinds.get(node.kind) !== 'identifier') return undefined;
  const text = source.slice(node.start, node.end);
  return /^[\w$.:]+$/.test(text) ? text : undefined;
}
