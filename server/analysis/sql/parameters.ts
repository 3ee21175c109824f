/** Driver placeholders and interpolations -> the parameters the engine itself takes. */
import type { HolePosition, Macro } from './cursor.ts';
import type { Replacement } from './rewrite.ts';
import type { Dialect } from './statement.ts';
import type { TextRange, Token } from './tokens.ts';

interface Input {
  readonly text: string;
  readonly dialect: Dialect;
  /** The statement's tokens. */
  readonly tokens: readonly Token[];
  readonly macros: readonly Macro[];
  readonly holes: readonly (TextRange & { readonly hole: { readonly text: string } })[];
  readonly position: (hole: number) => HolePosition;
  readonly percent: boolean;
}
interface Parameters {
  readonly replacements: readonly Replacement[];
  /** As written, by number: the first stands for `$1`. */
  readonly names: readonly string[];
}

/** PostgreSQL's protocol counts parameters in 16 bits. */
const mostParameters = 65_535;
/** Before a string these keep it a string: a pattern's wildcards matter, and an interval takes no parameter. */
const keepsString: ReadonlySet<string> = new Set([
  'LIKE',
  'ILIKE',
  'GLOB',
  'REGEXP',
  'RLIKE',
  'MATCH',
  'TO',
  '~',
  '~*',
  '!~',
  '!~*',
  '~~',
  '~~*',
  '!~~',
  'INTERVAL',
]);

export function parametersOf(input: Input): Parameters {
  const { text, dialect, tokens } = input;
  const numbered = dialect === 'postgres';
  const names: string[] = [];
  const byName = new Map<string, number>();
  const replacements: Replacement[] = [];
  // Numbers the author wrote are taken; the others come after them.
  const written = numbered ? tokens.filter((token) => token.kind === 'parameter').map((token) => numberOf(text, token)) : [];
  let taken = 0;
  for (const number of written) if (number > taken && number <= mostParameters) taken = number;
  for (let number = 1; number <= taken; number++) names.push(`$${number}`);
  let next = taken;

  const number = (shown: string, name: string | undefined): number => {
    const known = name === undefined ? undefined : byName.get(name);
    if (known !== undefined) return known;
    next++;
    names.push(shown);
    if (name !== undefined) byName.set(name, next);
    return next;
  };
  const replace = (range: TextRange, shown: string, name: string | undefined, kept: string): void => {
    const place = number(shown, name);
    const form = numbered ? `$${place}` : kept;
    if (form !== text.slice(range.start, range.end)) replacements.push({ start: range.start, end: range.end, text: form });
  };

  let past = -1;
  for (const [index, token] of tokens.entries()) {
    if (token.start < past) continue;
    const macro = input.macros.find((candidate) => candidate.start === token.start);
    if (macro !== undefined) {
      past = macro.end;
      if (macro.kind === 'embed') replacements.push({ start: macro.start, end: macro.end, text: `${macro.text}.*` });
      else replace(macro, `:${macro.text}`, macro.text, `:${macro.text}`);
    } else if (token.kind === 'parameter') placeholder(token);
    else if (token.kind === 'hole' && input.position(token.hole) === 'value') replace(token, shownHole(token), undefined, '?');
    else if (token.kind === 'string' && token.hole >= 0 && input.position(token.hole) === 'value') string(token, tokens[index - 1]);
    else if (input.percent && (token.kind === 'string' || token.word === '%')) percents(token);
  }
  return { replacements, names };

  function shownHole(token: Token): string {
    return input.holes[token.hole]?.hole.text ?? text.slice(token.start, token.end);
  }
  function placeholder(token: Token): void {
    const shown = text.slice(token.start, token.end);
    const sign = shown[0];
    if (numbered && Number.isFinite(numberOf(text, token)) && sign === '$') return;
    const bare = shown.replace(/^[:@$]/, '').replace(/^["']|["']$/g, '');
    if (sign === '%') {
      const name = shown[1] === '(' ? shown.slice(2, shown.lastIndexOf(')')) : undefined;
      replace(token, shown, name, name === undefined ? '?' : `:${name}`);
    } else if (shown === '?') replace(token, shown, undefined, '?');
    else replace(token, shown, sign === '?' ? shown : bare, shown);
  }

  /** A string around an interpolation is one value; where it has to stay a string, `1` stands for the unknown part. */
  function string(token: Token, before: Token | undefined): void {
    if (before === undefined || !keepsString.has(before.word)) {
      replace(token, shownHole(token), undefined, '?');
      return;
    }
    for (let hole = token.hole; (input.holes[hole]?.start ?? token.end) < token.end; hole++) {
      const range = input.holes[hole];
      if (range !== undefined) replacements.push({ start: range.start, end: range.end, text: '1' });
    }
  }

  function percents(token: Token): void {
    for (let at = text.indexOf('%%', token.start); at >= 0 && at + 2 <= token.end; at = text.indexOf('%%', at + 2)) {
      replacements.push({ start: at, end: at + 2, text: '%' });
    }
  }
}

/** The number of `$3`; NaN for every other placeholder. */
function numberOf(text: string, token: Token): number {
  return text[token.start] === '$' ? Number(text.slice(token.start + 1, token.end)) : Number.NaN;
}
