/** Constants that hold SQL: what is put into what, and where each is used. */
import { type Fragment, none, outer, type RawCall, type RawLiteral } from './fragment.ts';
import { set } from './language.ts';
import { braceVerbs, type DecodedText, formatted, LiteralBuilder, percentVerbs, placeholder } from './literal.ts';

/** A literal that is ready to be parsed, and the place its queries run at. */
export interface Ready {
  readonly literal: RawLiteral;
  readonly function: number;
  readonly loop: number;
  readonly call: number;
}

/**
 * A name as it is looked up: `self.QUERY`, `this.QUERY`, `Self::QUERY` and `Repo.QUERY` are the member `.QUERY`, which is not the
 * variable `QUERY`.
 */
function lookedUp(name: string, owners: ReadonlySet<string>): string {
  const match = /^(\w+)(?:\.|::)([\w$]+)$/.exec(name);
  if (match === null) return name;
  const [, object = '', member = ''] = match;
  return /^(?:self|cls|this|Self)$/.test(object) || owners.has(object) ? `.${member}` : name;
}

/** How an argument names a constant: `&sql`, `sql.as_str()`, `query=SQL`, `text: SQL`; `text(SQL)` is a call of its own. */
function argumentName(text: string): string {
  return text
    .replace(/^[\w."']+\s*(?:=|:(?!:))\s*/, '')
    .replace(/^[&*\s]+/, '')
    .replace(/^([\w.]+)\s*%[\s\S]*$/, '$1')
    .replace(/\.(?:as_str|to_string|as_ref|clone|strip|trim|into|to_owned)\(\)$/, '');
}

const wrapping = set('Sprintf text SQL sql raw dedent from AssertSqlSafe Rebind literal');

/**
 * Every literal that is SQL, with the constants it interpolates put in, and linked to its use where there is exactly one.
 * A constant that is only a part of other literals is no statement of its own; one that text is appended to ends in a hole.
 */
export function resolveConstants(fragment: Fragment): Ready[] {
  const { literals, calls, functions } = fragment;
  if (!literals.some((literal) => literal.sql)) return [];
  const owners = new Set(literals.flatMap((literal) => (literal.owner === undefined ? [] : [literal.owner])));
  const byName = new Map<string, RawLiteral[]>();
  for (const literal of literals) {
    if (literal.name === undefined) continue;
    const name = literal.owner === undefined ? lookedUp(literal.name, owners) : `.${literal.name}`;
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [literal]);
    else known.push(literal);
  }
  /** The functions around a place, innermost first, then the file itself. */
  const scopes = (index: number): number[] => {
    const found: number[] = [];
    for (let at = index; at >= 0 && found.length < 100; at = functions[at]?.parent ?? none) found.push(at);
    return [...found, none];
  };
  const scopeOf = (literal: RawLiteral) => (literal.function === outer ? none : literal.function);
  /** All literals a name may stand for at a place: more than one where the variable is set in several arms. */
  const lookUp = (name: string, at: number): readonly RawLiteral[] => {
    const known = byName.get(lookedUp(name, owners));
    if (known === undefined) return [];
    for (const scope of scopes(at)) {
      const here = known.filter((literal) => scopeOf(literal) === scope);
      if (here.length > 0) return here;
      // A parameter hides the constant of that name.
      if (functions[scope]?.parameters.some((parameter) => parameter.name === name) === true) return [];
    }
    // A member set in one method and used in another.
    return /[.:]/.test(name) ? known : [];
  };

  const partOf = new Set<RawLiteral>();
  for (const literal of literals) {
    for (const hole of literal.holes) {
      if (hole.identifier === undefined) continue;
      for (const part of lookUp(hole.identifier, literal.function)) if (part !== literal) partOf.add(part);
    }
  }
  const uses = usesOf(calls, byName.size === 0 ? undefined : lookUp);
  const grown = new Set<RawLiteral>();
  for (const note of fragment.notes) {
    if (note.kind === 'grown') for (const literal of lookUp(note.name, note.function)) grown.add(literal);
  }

  const templates = templatesOf(fragment, lookUp);

  const joined = joinedNames(calls);

  const ready: Ready[] = [];
  for (const literal of literals) {
    if (!literal.sql) continue;
    const used = uses.get(literal) ?? [];
    if (literal.name !== undefined && used.length === 0 && partOf.has(literal)) continue;
    if (joined.has(listOf(literal, calls) ?? '')) continue;
    const whole = inlined(literal, lookUp, grown.has(literal), templates.get(literal) ?? literal.template);
    if (whole === undefined) continue;
    const use = used.length === 1 ? used[0] : undefined;
    const call = use === undefined ? undefined : calls[use];
    if (literal.name !== undefined || literal.call < 0)
      ready.push({
        literal: whole,
        function: call?.function ?? (used.length === 0 ? literal.function : none),
        loop: call?.loop ?? (used.length === 0 ? literal.loop : none),
        call: use ?? none,
      });
    else ready.push({ literal: whole, function: literal.function, loop: literal.loop, call: literal.call });
  }
  return ready;
}

function usesOf(
  calls: readonly RawCall[],
  lookUp: ((name: string, at: number) => readonly RawLiteral[]) | undefined,
): Map<RawLiteral, number[]> {
  const uses = new Map<RawLiteral, number[]>();
  if (lookUp === undefined) return uses;
  const use = (name: string, from: number, at: number) => {
    if (!/^[\w$]+(?:(?:\.|::)[\w$]+)?$/.test(name)) return;
    for (const literal of lookUp(name, from)) {
      const known = uses.get(literal);
      if (known === undefined) uses.set(literal, [at]);
      else if (!known.includes(at)) known.push(at);
    }
  };
  for (const [index, call] of calls.entries()) {
    if (call.name === 'format' && call.receiver !== undefined && call.within >= 0) use(call.receiver, call.function, call.within);
    for (const argument of call.arguments) {
      if (argument.kind === 'string' || argument.kind === 'number' || argument.kind === 'boolean' || argument.kind === 'function') continue;
      use(argumentName(argument.text), call.function, wrapping.has(call.name) && call.within >= 0 ? call.within : index);
    }
  }
  return uses;
}

/** How values are put into a constant where it is used; `changed` where parts of it are replaced in a way that nobody can follow. */
type TemplateStyle = 'percent' | 'braces' | 'changed';

function templatesOf(fragment: Fragment, lookUp: (name: string, at: number) => readonly RawLiteral[]): Map<RawLiteral, TemplateStyle> {
  const styles = new Map<RawLiteral, TemplateStyle>();
  const say = (name: string | undefined, at: number, style: TemplateStyle) => {
    if (name !== undefined) for (const literal of lookUp(name, at)) styles.set(literal, style);
  };
  for (const call of fragment.calls) {
    if (call.name === 'Sprintf') say(call.arguments[0]?.text, call.function, 'percent');
    else if (call.name === 'format') say(call.receiver, call.function, 'braces');
    else if (/^(?:replace|replaceAll|Replace|ReplaceAll)$/.test(call.name)) {
      say(call.receiver, call.function, 'changed');
      if (call.receiver === 'strings') say(call.arguments[0]?.text, call.function, 'changed');
    }
  }
  for (const note of fragment.notes) if (note.kind === 'template') say(note.name, note.function, 'percent');
  return styles;
}

/** Lists whose elements are joined to one text: an element by itself is no statement, whatever it begins with. */
function joinedNames(calls: readonly RawCall[]): Set<string> {
  const names = new Set<string>();
  for (const call of calls) {
    if (call.name !== 'join' && call.name !== 'Join') continue;
    if (call.receiver !== undefined) names.add(call.receiver);
    for (const argument of call.arguments) if (argument.kind === 'identifier') names.add(argument.text);
  }
  return names;
}

/** The list a literal is put into: by its name, or by a call that adds to it. */
function listOf(literal: RawLiteral, calls: readonly RawCall[]): string | undefined {
  const call = literal.call >= 0 ? calls[literal.call] : undefined;
  if (call === undefined) return literal.name;
  return /^(?:append|extend|push|insert|add|unshift)$/.test(call.name) ? call.receiver : undefined;
}

/** Constants inside constants inside constants: deeper is a cycle or a program of its own. */
const deepest = 4;

/**
 * The literal with each hole that names a known constant filled with its text, whose characters all stand at the hole. Undefined
 * where it begins with a name that nobody knows: then nobody can tell that it is a statement.
 */
function inlined(
  literal: RawLiteral,
  lookUp: (name: string, at: number) => readonly RawLiteral[],
  grown: boolean,
  style: TemplateStyle | undefined,
): RawLiteral | undefined {
  let current: DecodedText = literal;
  if (style === 'percent') current = formatted(current, /%/g, percentVerbs, () => undefined);
  else if (style === 'braces') current = formatted(current, /[{}]/g, braceVerbs, () => undefined);
  for (let depth = 0; depth < deepest; depth++) {
    const next = inlineOnce(current, literal, lookUp);
    if (next === undefined) break;
    current = next;
  }
  if (current.text.startsWith(placeholder) && current.holes[0]?.identifier !== undefined) return undefined;
  if (grown || style === 'changed') {
    const builder = new LiteralBuilder();
    builder.append(current);
    const end = current.segments.at(-1)?.hostEnd ?? literal.span.end;
    builder.hole({ start: end, end }, '', undefined);
    current = builder.finish();
  }
  return current === literal ? literal : { ...literal, text: current.text, segments: current.segments, holes: current.holes };
}

function inlineOnce(
  current: DecodedText,
  literal: RawLiteral,
  lookUp: (name: string, at: number) => readonly RawLiteral[],
): DecodedText | undefined {
  const fills = current.holes.map((hole) => {
    const found = hole.identifier === undefined ? [] : lookUp(hole.identifier, literal.function);
    const only = found.length === 1 ? found[0] : undefined;
    return only === undefined || only === literal ? undefined : only;
  });
  if (fills.every((fill) => fill === undefined)) return undefined;
  let text = '';
  const segments: { sqlStart: number; hostStart: number; hostEnd: number }[] = [];
  const holes: DecodedText['holes'][number][] = [];
  let from = 0;
  let segment = 0;
  const copySegments = (to: number, by: number) => {
    for (; segment < current.segments.length; segment++) {
      const one = current.segments[segment];
      if (one === undefined || one.sqlStart >= to) break;
      segments.push({ ...one, sqlStart: one.sqlStart + by });
    }
  };
  for (const [index, hole] of current.holes.entries()) {
    const fill = fills[index];
    copySegments(hole.start, text.length - from);
    text += current.text.slice(from, hole.start);
    from = hole.start;
    if (fill === undefined) {
      copySegments(hole.end, text.length - from);
      holes.push({ ...hole, start: text.length, end: text.length + (hole.end - hole.start) });
      text += current.text.slice(hole.start, hole.end);
    } else {
      copySegments(hole.end, text.length - from);
      for (const inner of fill.holes) {
        const start = text.length + inner.start;
        holes.push({
          start,
          end: start + (inner.end - inner.start),
          hole: { span: hole.hole.span, text: inner.hole.text },
          identifier: inner.identifier,
        });
      }
      text += fill.text;
    }
    from = hole.end;
  }
  copySegments(Number.POSITIVE_INFINITY, text.length - from);
  text += current.text.slice(from);
  return { text, segments, holes };
}
