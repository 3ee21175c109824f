/** The settings a statement makes: PRAGMA, SET, ALTER SYSTEM, ALTER TABLE … SET (…). */
import type { Query, Setting } from '../document.ts';
import type { Span } from '../span.ts';
import type { Script } from './parse.ts';
import type { SetStatement } from './statement.ts';
import type { TextRange } from './tokens.ts';

interface Around {
  readonly script: Script;
  /** The statement's place in the script. */
  readonly index: number;
  readonly text: string;
  readonly comments: readonly TextRange[];
  /** The query's index in its document, where that is known. */
  readonly place: number | undefined;
}

export function settingsOf(query: Query, around: Around): Setting[] {
  const { statement } = query;
  const shared = {
    anchor: query.anchor,
    ...(around.place !== undefined && { query: around.place }),
    ...(query.function !== undefined && { function: query.function }),
  };
  if (statement.kind === 'set') {
    const system = systemOf(query, statement);
    if (system === undefined) return [];
    const { form, key, value, valueSpan } = statement;
    const dynamic = valueSpan !== undefined && isDynamic(around, valueSpan);
    // In a string of a program the comments of SQL are rare, and their places not known.
    const comment = query.from === 'file' ? commentOf(around) : undefined;
    return [
      {
        ...shared,
        system,
        key: key.text.toLowerCase(),
        dynamic,
        form: form === 'pragma' || form === 'set' ? form : 'alter system',
        span: statement.span,
        keySpan: key.span,
        ...(value !== undefined && !dynamic && { value }),
        ...(valueSpan !== undefined && { valueSpan }),
        ...(comment !== undefined && { comment }),
      },
    ];
  }
  if (statement.kind !== 'alter table') return [];
  // Only PostgreSQL has storage parameters in this form.
  const options = statement.actions.flatMap((action) => (action.kind === 'set' ? action.options : []));
  return options.map(({ key, value, valueSpan }) => {
    const dynamic = isDynamic(around, valueSpan);
    return {
      ...shared,
      system: 'postgres',
      key: key.text.toLowerCase(),
      dynamic,
      form: 'alter table',
      span: { start: key.span.start, end: Math.max(key.span.end, valueSpan.end) },
      keySpan: key.span,
      valueSpan,
      ...(!dynamic && { value }),
    };
  });
}

/** PRAGMA is SQLite's. SET alone is no engine's own, so it counts only where the dialect is known. */
function systemOf(query: Query, statement: SetStatement): 'sqlite' | 'postgres' | undefined {
  if (statement.form === 'pragma') return 'sqlite';
  if (query.dialect === 'postgres') return 'postgres';
  return statement.form === 'alter system' && query.dialect === 'unknown' ? 'postgres' : undefined;
}

function isDynamic({ script, index }: Around, value: Span): boolean {
  const found = script.statements[index];
  if (found === undefined) return false;
  for (let at = found.first; at < found.last; at++) {
    const token = script.tokens[at];
    if (token === undefined || token.hostEnd <= value.start || token.hostStart >= value.end) continue;
    if (token.kind === 'parameter' || token.kind === 'hole' || token.hole >= 0) return true;
  }
  return false;
}

/** The comment on the same line behind the statement, or on the line just above it. */
function commentOf({ script, index, text, comments }: Around): Setting['comment'] | undefined {
  const found = script.statements[index];
  const first = script.tokens[found?.first ?? 0];
  if (found === undefined || first === undefined) return undefined;
  const shift = first.hostStart - first.start;
  const beside = comments.find(
    (comment) =>
      comment.start >= found.end &&
      /^[\s;]*$/.test(text.slice(found.end, comment.start)) &&
      !text.slice(found.end, comment.start).includes('\n'),
  );
  const above = comments.findLast(
    (comment) => comment.end <= found.start && /^[^\S\n]*\n[^\S\n]*$/.test(text.slice(comment.end, found.start)),
  );
  const chosen = beside ?? above;
  if (chosen === undefined) return undefined;
  const span = { start: chosen.start + shift, end: chosen.end + shift };
  return { text: text.slice(chosen.start, chosen.end).replace(/^(?:--|\/\*)\s*|\s*(?:\*\/)?$/g, ''), span };
}
