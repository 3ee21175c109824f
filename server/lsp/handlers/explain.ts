/** tunelens/explain: the plan of the statement at a position, as text. */
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { lineStarts, positionAt } from '../../analysis/span.ts';
import { type ExplainParams, type ExplainResult, requests } from '../../protocol.ts';
import { readText } from '../../workspace/text.ts';
import { explainText } from '../explain-text.ts';
import { guarded } from '../guard.ts';
import { pathOf } from '../paths.ts';
import { toOffset } from '../positions.ts';
import { type Session, signalOf } from '../session.ts';

export function onExplain(session: Session): void {
  session.connection.onRequest(
    requests.explain,
    guarded(session.connection, requests.explain, async (params: ExplainParams, token): Promise<ExplainResult> => {
      const path = pathOf(params.uri);
      const text = textOf(session, path);
      const signal = signalOf(token);
      // Reads the file where nobody has yet; what it finds is not wanted here.
      await session.project.check(path, 'text', signal);
      const offset = toOffset(text, params.position, session.client.encoding);
      const query = session.project.queryAt(path, offset);
      if (query === undefined) throw new ResponseError(ErrorCodes.InvalidParams, 'There is no SQL statement at the cursor.');
      const done = session.status.busy('Asking for a plan');
      try {
        const explained = await session.project.explain(path, query, signal);
        const file = path.slice(path.lastIndexOf('/') + 1);
        const line = positionAt(text.starts, query.span.start).line + 1;
        return { title: `${query.name ?? `${file}:${line}`}`, text: explainText({ file, line }, query, explained) };
      } finally {
        done();
      }
    }),
  );
}

function textOf(session: Session, path: string): { readonly text: string; readonly starts: readonly number[] } {
  const open = session.documents.get(path);
  if (open !== undefined) return open;
  const file = readText(path);
  if (!('text' in file)) throw new ResponseError(ErrorCodes.InvalidParams, `${path} ${file.unchecked}.`);
  return { text: file.text, starts: lineStarts(file.text) };
}
