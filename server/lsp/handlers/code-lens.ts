/** textDocument/codeLens: "Explain" over each statement an engine can plan, "Benchmark" over each that only reads. */
import type { CodeLens } from 'vscode-languageserver/node';
import type { Document, Query } from '../../analysis/document.ts';
import { guarded } from '../guard.ts';
import { pathOf } from '../paths.ts';
import { type Session, signalOf } from '../session.ts';
import { rangeOf } from '../to-lsp.ts';

const plannedKinds: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete']);

export function onCodeLens(session: Session): void {
  session.connection.onCodeLens(
    guarded(session.connection, 'textDocument/codeLens', async (params, token): Promise<CodeLens[]> => {
      const path = pathOf(params.textDocument.uri);
      const document = session.documents.get(path);
      if (document === undefined || !session.settings.codeLens || !session.client.commands.has('tunelens.explain')) return [];
      const result = await session.project.check(path, 'text', signalOf(token));
      if (result === undefined || (result.version !== undefined && result.version !== document.version)) return [];
      return [...plannable(result.document)].flatMap((query) => {
        const { start } = rangeOf(document, query.span, session.client.encoding);
        const lens = (title: string, command: string): CodeLens => ({
          range: { start, end: start },
          command: { title, command, arguments: [document.uri, start] },
        });
        const timed = session.client.commands.has('tunelens.benchmark') && query.statement.kind === 'select';
        return [lens('Explain', 'tunelens.explain'), ...(timed ? [lens('Benchmark', 'tunelens.benchmark')] : [])];
      });
    }),
  );
}

function* plannable(document: Document): Generator<Query> {
  for (const query of document.queries) if (query.plannable && plannedKinds.has(query.statement.kind)) yield query;
  for (const part of document.parts) yield* plannable(part);
}
