/** SQL files: scripts, migrations of every common tool, annotated query files. */
import type { Comment, Document, Query, Setting } from '../document.ts';
import type { ReadContext, Reader, Source } from '../reader.ts';
import { emptyDocument } from '../reader.ts';
import { lineStarts } from '../span.ts';
import type { FileNotes } from '../sql/annotations.ts';
import { fileNotes, transactionStep, withoutShellCommands } from '../sql/annotations.ts';
import { backtickEvidence, dialectOf, dialectOfPath, evidenceIn } from '../sql/dialect.ts';
import { sqlQueries } from '../sql/queries.ts';
import { splitScript } from '../sql/split.ts';
import type { Dialect } from '../sql/statement.ts';
import type { TextRange } from '../sql/tokens.ts';
import { tokenize } from '../sql/tokens.ts';

const anyVerb =
  /\b(?:select|insert|update|delete|create|alter|drop|pragma|set|with|vacuum|explain|replace|refresh|merge|copy|truncate|analyze|begin|values|reindex)\b/i;

export const reader: Reader = {
  id: 'sql',
  languages: ['sql', 'postgres', 'pgsql', 'sqlite', 'plpgsql', 'mysql'],
  files: ['**/*.sql', '**/*.psql', '**/*.pgsql', '**/*.sqlite'],
  concerns: (text) => anyVerb.test(text),
  read,
};

interface Piece {
  readonly queries: readonly Query[];
  readonly settings: readonly Setting[];
  readonly directives: readonly Comment[];
}
const nothing: Piece = { queries: [], settings: [], directives: [] };

function read(source: Source, context: ReadContext): Document {
  const text = withoutShellCommands(source.text);
  // How a script is cut depends on the dialect only in rare corners, so it can be cut before the dialect is known.
  const declared = context.dialect ?? known(dialectOfPath(source.path));
  const first = splitScript(text, declared ?? 'unknown');
  const dialect = declared ?? dialectOfPieces(source.path, text, first, context);
  const pieces = dialect === 'unknown' || dialect === declared ? first : splitScript(text, dialect);
  const notes = fileNotes(source.path, text);
  const queries: Query[] = [];
  const settings: Setting[] = [];
  const directives: Comment[] = [];
  for (const piece of pieces) {
    const { queries: found, settings: set, directives: said } = placed(text, piece, dialect, context);
    for (const setting of set) settings.push(setting.query === undefined ? setting : { ...setting, query: setting.query + queries.length });
    queries.push(...found);
    directives.push(...said);
  }
  return { ...emptyDocument(source, lineStarts(source.text)), queries: annotated(queries, notes), settings, directives };
}

const known = (dialect: Dialect): Dialect | undefined => (dialect === 'unknown' ? undefined : dialect);

function dialectOfPieces(path: string, text: string, pieces: readonly TextRange[], context: ReadContext): Dialect {
  const found = new Set<number>();
  for (const piece of pieces) {
    const part = text.slice(piece.start, piece.end);
    for (const index of context.remember('sql evidence', part, () => evidenceIn(part))) found.add(index);
  }
  // Drizzle writes them for SQLite as it does for MySQL.
  if (/-->\s*statement-breakpoint/.test(text) || /\/drizzle\//.test(path)) found.delete(backtickEvidence);
  return dialectOf(found);
}

function placed(text: string, range: TextRange, dialect: Dialect, context: ReadContext): Piece {
  // White space before a statement is no part of what is remembered, so that a statement may move.
  let start = range.start;
  while (start < range.end && text.charCodeAt(start) <= 32) start++;
  if (start === range.end) return nothing;
  const part = text.slice(start, range.end);
  return context.place(
    context.remember(`sql piece ${dialect}`, part, () => pieceOf(part, dialect)),
    start,
  );
}

function pieceOf(text: string, dialect: Dialect): Piece {
  const segments = [{ sqlStart: 0, hostStart: 0, hostEnd: text.length }];
  const { queries, settings } = sqlQueries({
    text,
    segments,
    holes: [],
    dialect,
    from: 'file',
    anchor: (span) => span,
    percentParameters: false,
    queryOffset: 0,
  });
  return { queries, settings, directives: directivesIn(text, dialect) };
}

function directivesIn(text: string, dialect: Dialect): Comment[] {
  if (!text.includes('tunelens')) return [];
  const comments: TextRange[] = [];
  for (const token of tokenize(text, [], dialect, { comments })) {
    // The body of a function is a string to the statement around it, and has comments of its own.
    if (token.kind !== 'string' || text[token.start] !== '$') continue;
    const inside: TextRange[] = [];
    const body = text.slice(token.start, token.end).replace(/^\$\w*\$|\$\w*\$$/g, (tag) => ' '.repeat(tag.length));
    if (body.includes('tunelens')) tokenize(body, [], dialect, { comments: inside });
    for (const { start, end } of inside) comments.push({ start: token.start + start, end: token.start + end });
  }
  return comments
    .map(({ start, end }) => ({ text: text.slice(start, end).replace(/^(?:--|\/\*)\s*|\s*(?:\*\/)?$/g, ''), span: { start, end } }))
    .filter((comment) => comment.text.includes('tunelens'));
}

type Noted = Pick<Query, 'name' | 'direction' | 'inTransaction'>;
/** The query with the notes it last had: one that only moved stays the same object. */
const lastNoted = new WeakMap<Query, Query>();
function noted(query: Query, { name, direction, inTransaction }: Noted): Query {
  const last = lastNoted.get(query);
  if (last !== undefined && last.name === (name ?? query.name) && last.direction === direction && last.inTransaction === inTransaction)
    return last;
  const result: Query = {
    ...query,
    ...(name !== undefined && { name }),
    ...(direction !== undefined && { direction }),
    ...(inTransaction !== undefined && { inTransaction }),
  };
  lastNoted.set(query, result);
  return result;
}

/** Names, directions and transactions, which depend on what stands before a statement. */
function annotated(queries: readonly Query[], notes: FileNotes): Query[] {
  const { annotations, transaction } = notes;
  const result: Query[] = [];
  let next = 0;
  let direction = notes.direction;
  let name: string | undefined;
  let explicit: boolean | undefined;
  for (const query of queries) {
    name = undefined;
    for (let note = annotations[next]; note !== undefined && note.end <= query.span.start; note = annotations[++next]) {
      if (note.kind === 'name') name = note.value;
      else {
        direction = note.kind;
        explicit = undefined;
      }
    }
    const step = transactionStep(query.statement);
    if (step === 'end') explicit = undefined;
    const inTransaction = explicit ?? transaction;
    if (step === 'begin') explicit = true;
    result.push(
      name === undefined && direction === undefined && inTransaction === undefined
        ? query
        : noted(query, { name, direction, inTransaction }),
    );
  }
  return result;
}
