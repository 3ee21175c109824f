/** workspace/textDocumentContent: the rules' pages as documents, `tunelens-rule:/sql/missing-index.md`. */
import { ErrorCodes, ResponseError, type TextDocumentContentResult } from 'vscode-languageserver/node';
import { guarded } from '../guard.ts';
import { rulePage } from '../rule-pages.ts';
import type { Session } from '../session.ts';

export function onTextDocumentContent(session: Session): void {
  session.connection.workspace.textDocumentContent.on(
    guarded(session.connection, 'workspace/textDocumentContent', (params): TextDocumentContentResult => {
      const id = /^[\w-]+:\/*([\w-]+\/[\w-]+)\.md$/.exec(params.uri)?.[1];
      const text = id === undefined ? undefined : rulePage(id);
      if (text === undefined) throw new ResponseError(ErrorCodes.InvalidParams, `There is no rule page at ${params.uri}.`);
      return { text };
    }),
  );
}
