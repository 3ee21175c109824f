/** tunelens/explain: the plan of the statement at a position, as text. */
import { positionAt } from '../../analysis/span.ts';
import { type ExplainParams, type ExplainResult, requests } from '../../protocol.ts';
import { explainText } from '../explain-text.ts';
import { guarded } from '../guard.ts';
import { type Session, signalOf } from '../session.ts';
import { statementAt } from '../statement-at.ts';

export function onExplain(session: Session): void {
  session.connection.onRequest(
    requests.explain,
    guarded(session.connection, requests.explain, async (params: ExplainParams, token): Promise<ExplainResult> => {
      const signal = signalOf(token);
      const { path, starts, query } = await statementAt(session, params, signal);
      const done = session.status.busy('Asking for a plan');
      try {
        const explained = await session.project.explain(path, query, signal);
        const file = path.slice(path.lastIndexOf('/') + 1);
        const line = positionAt(starts, query.span.start).line + 1;
        return { title: query.name ?? `${file}:${line}`, text: explainText({ file, line }, query, explained) };
      } finally {
        done();
      }
    }),
  );
}
