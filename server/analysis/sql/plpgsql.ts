/**
 * The SQL inside a PL/pgSQL block. Only as much of the language is read as it takes to tell where a statement or
 * an expression begins and ends, and which names are variables; what that is not sure of is passed over.
 */
import type { TextRange, Token } from './tokens.ts';

export interface PlainFragment extends TextRange {
  readonly kind: 'statement';
  /** Written in front: an expression is run as `SELECT expression`. */
  readonly prefix: string;
  /** Left out: PERFORM, and INTO with its targets. */
  readonly cut: readonly TextRange[];
}
/** Text that EXECUTE runs: a string, format('…', …), or pieces joined by `||`. */
export interface DynamicFragment {
  readonly kind: 'dynamic';
  /** A string token, or an expression in its place. */
  readonly pieces: readonly (TextRange & { readonly string: boolean })[];
  /** `%I`, `%L`, `%s` and `%%` in the string are format's. */
  readonly format: boolean;
}
export type Fragment = PlainFragment | DynamicFragment;
export interface Block {
  readonly fragments: readonly Fragment[];
  /** Names of variables, parameters and loop variables, folded. */
  readonly variables: ReadonlySet<string>;
}

/** What every trigger function and every block knows. */
const given = `new old found sqlstate sqlerrm tg_op tg_name tg_when tg_level tg_relid tg_relname tg_table_name tg_table_schema tg_nargs
  tg_argv tg_event tg_tag`.split(/\s+/);
const queryStart = new Set(['SELECT', 'WITH', 'INSERT', 'UPDATE', 'DELETE', 'VALUES', 'MERGE', 'TABLE', 'EXPLAIN', 'SHOW']);
const statementStart = new Set([
  ...queryStart,
  ...'CREATE ALTER DROP TRUNCATE REFRESH LOCK ANALYZE VACUUM COPY SET RESET REINDEX CLUSTER'.split(' '),
]);
/** Statements of the language itself without SQL worth reading in them. */
const passed = new Set(
  'RAISE ASSERT GET CLOSE FETCH MOVE EXIT CONTINUE NULL COMMIT ROLLBACK CALL GRANT REVOKE COMMENT NOTIFY LISTEN UNLISTEN'.split(' '),
);

/** The block in a function's body; `tokens` are those of the body alone, closed by one of kind `end`. */
export function readBlock(text: string, tokens: readonly Token[], parameters: readonly string[]): Block {
  const fragments: Fragment[] = [];
  const variables = new Set([...given, ...parameters]);
  let at = 0;

  const word = (index: number): string => tokens[index]?.word ?? '';
  const isEnd = (index: number): boolean => (tokens[index]?.kind ?? 'end') === 'end';
  const declare = (index: number): void => {
    const token = tokens[index];
    if (token?.kind === 'word') variables.add(text.slice(token.start, token.end).toLowerCase());
    else if (token?.kind === 'name') variables.add(text.slice(token.start + 1, token.end - 1));
  };
  /** The first of the words (or the semicolon) from there on, outside of brackets and of CASE … END. */
  const until = (from: number, ...stops: readonly string[]): number => {
    let depth = 0;
    let cases = 0;
    let index = from;
    for (; !isEnd(index); index++) {
      const next = word(index);
      if (next === '(' || next === '[') depth++;
      else if (next === ')' || next === ']') depth--;
      else if (depth <= 0 && next === ';') break;
      else if (depth <= 0 && cases === 0 && stops.includes(next)) break;
      else if (next === 'CASE') cases++;
      else if (next === 'END' && cases > 0) cases--;
    }
    return index;
  };
  const range = (from: number, to: number): TextRange => ({ start: tokens[from]?.start ?? 0, end: tokens[to - 1]?.end ?? 0 });
  /** An expression is worth a query of its own where it reads a table. */
  const expression = (from: number, to: number): void => {
    if (from >= to) return;
    let reads = word(from) === 'SELECT' || word(from) === 'WITH';
    for (let index = from; index < to && !reads; index++)
      reads = word(index) === '(' && (word(index + 1) === 'SELECT' || word(index + 1) === 'WITH');
    if (reads) fragments.push({ kind: 'statement', ...range(from, to), prefix: 'SELECT ', cut: [] });
  };
  const statement = (from: number, to: number, leading: readonly TextRange[] = [], prefix = ''): void => {
    if (from >= to) return;
    const into = targetsOf(from, to);
    fragments.push({ kind: 'statement', ...range(from, to), prefix, cut: into === undefined ? leading : [...leading, into] });
  };
  /** INTO with the variables behind it. */
  const targetsOf = (from: number, to: number): TextRange | undefined => {
    const first = word(from);
    if (!queryStart.has(first) && first !== 'PERFORM') return undefined;
    for (let index = until(from, 'INTO'); index < to; index = until(index + 1, 'INTO')) {
      const before = word(index - 1);
      if (before === 'INSERT' || before === 'MERGE') continue;
      let last = index + 1;
      if (word(last) === 'STRICT') last++;
      for (;;) {
        last++;
        while (word(last) === '.') last += 2;
        while (word(last) === '[') last = until(last + 1, ']') + 1;
        if (word(last) !== ',' || last >= to) break;
        last++;
      }
      return range(index, Math.min(last, to));
    }
    return undefined;
  };
  const dynamic = (from: number): void => {
    const to = until(from, 'INTO', 'USING', 'LOOP');
    if (word(from) === 'FORMAT' && word(from + 1) === '(') {
      const string = tokens[from + 2];
      if (string?.kind === 'string' && (word(from + 3) === ',' || word(from + 3) === ')'))
        fragments.push({ kind: 'dynamic', pieces: [{ start: string.start, end: string.end, string: true }], format: true });
      return;
    }
    const pieces: DynamicFragment['pieces'][number][] = [];
    for (let index = from; index < to; ) {
      const end = Math.min(to, until(index, '||'));
      const alone = tokens[index];
      if (alone === undefined || end <= index) return;
      pieces.push({ ...range(index, end), string: end === index + 1 && alone.kind === 'string' });
      index = end + 1;
    }
    if (pieces[0]?.string === true) fragments.push({ kind: 'dynamic', pieces, format: false });
  };
  /** `name type := expression;` and `name CURSOR FOR query;` up to BEGIN. */
  const declarations = (): void => {
    while (!isEnd(at) && word(at) !== 'BEGIN') {
      const end = until(at);
      declare(at);
      if (word(at + 1) === 'CURSOR' || word(at + 2) === 'CURSOR' || word(at + 3) === 'CURSOR') {
        const query = until(at + 1, 'FOR', 'IS') + 1;
        if (word(at + 2) === '(') for (let index = at + 3; index < query; index++) if (/^[(,]$/.test(word(index - 1))) declare(index);
        if (query < end && queryStart.has(word(query))) statement(query, end);
      } else {
        const value = until(at + 1, ':=', '=', 'DEFAULT') + 1;
        expression(value, end);
      }
      at = Math.max(end, at) + 1;
    }
  };
  const loop = (): void => {
    const name = at + 1;
    const start = until(name, 'IN') + 1;
    for (let index = name; index < start - 1; index++) if (index === name || word(index - 1) === ',') declare(index);
    let from = start;
    if (word(from) === 'REVERSE' || word(from) === 'ARRAY') from++;
    const end = until(from, 'LOOP');
    if (word(from) === 'EXECUTE') dynamic(from + 1);
    else if (queryStart.has(word(from)) || (word(from) === '(' && queryStart.has(word(from + 1)))) statement(from, end);
    else expression(from, end);
    at = end;
  };

  while (!isEnd(at)) {
    const first = at;
    const next = word(at);
    if (next === 'DECLARE') {
      at++;
      declarations();
    } else if (next === 'BEGIN' || next === 'LOOP' || next === 'ELSE' || next === 'EXCEPTION' || next === 'THEN' || next === ';') at++;
    else if (next === '<<') at = until(at, '>>') + 1;
    else if (next === 'IF' || next === 'ELSIF' || next === 'ELSEIF' || next === 'WHEN' || next === 'WHILE' || next === 'CASE') {
      const end = until(at + 1, next === 'WHILE' ? 'LOOP' : next === 'CASE' ? 'WHEN' : 'THEN');
      expression(at + 1, end);
      at = end;
    } else if (next === 'FOR' || next === 'FOREACH') loop();
    else {
      const end = until(at);
      const following = word(at + 1);
      if (next === 'RETURN') {
        if (following === 'QUERY' && word(at + 2) === 'EXECUTE') dynamic(at + 3);
        else if (following === 'QUERY') statement(at + 2, end);
        else expression(at + (following === 'NEXT' ? 2 : 1), end);
      } else if (next === 'PERFORM') {
        // Most of the time it calls a function, and reads nothing.
        if (until(at, 'FROM') < end) statement(at, end, [range(at, at + 1)], 'SELECT');
        else expression(at + 1, end);
      } else if (next === 'EXECUTE') dynamic(at + 1);
      else if (next === 'OPEN') {
        const query = until(at + 1, 'FOR') + 1;
        if (word(query) === 'EXECUTE') dynamic(query + 1);
        else if (query < end && queryStart.has(word(query))) statement(query, end);
      } else if (statementStart.has(next)) statement(at, end);
      else if (next !== 'END' && !passed.has(next)) expression(until(at, ':=', '=') + 1, end);
      at = end + 1;
    }
    if (at <= first) at = first + 1;
  }
  return { fragments, variables };
}
