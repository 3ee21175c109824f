/** The statement at a position of a file, open or not. */
import { ErrorCodes, type Position, ResponseError } from 'vscode-languageserver/node';
import type { Query } from '../analysis/document.ts';
import { lineStarts } from '../analysis/span.ts';
import { readText } from '../workspace/text.ts';
import { pathOf } from './paths.ts';
import { toOffset } from './positions.ts';
import type { Session } from './session.ts';

export interface StatementAt {
  readonly path: string;
  readonly starts: readonly number[];
  readonly query: Query;
}

/** Throws a ResponseError with one sentence where there is none. */
export async function statementAt(
  session: Session,
  place: { readonly uri: string; readonly position: Position },
  signal: AbortSignal,
): Promise<StatementAt> {
  const path = pathOf(place.uri);
  const text = textOf(session, path);
  // Reads the file where nobody has yet; what it finds is not wanted here.
  await session.project.check(path, 'text', signal);
  const query = session.project.queryAt(path, toOffset(text, place.position, session.client.encoding));
  if (query === undefined) throw new ResponseError(ErrorCodes.InvalidParams, 'There is no SQL statement at the cursor.');
  return { path, starts: text.starts, query };
}

function textOf(session: Session, path: string): { readonly text: string; readonly starts: readonly number[] } {
  const open = session.documents.get(path);
  if (open !== undefined) return open;
  const file = readText(path);
  if (!('text' in file)) throw new ResponseError(ErrorCodes.InvalidParams, `${path} ${file.unchecked}.`);
  return { text: file.text, starts: lineStarts(file.text) };
}
