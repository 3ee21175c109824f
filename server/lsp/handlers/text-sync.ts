/** didOpen, didChange, didClose: the project always holds the text the person sees. */

import { lineStarts } from '../../analysis/span.ts';
import { logged } from '../guard.ts';
import { changed } from '../open-documents.ts';
import { pathOf } from '../paths.ts';
import type { Session } from '../session.ts';

export interface Edited {
  opened(path: string): void;
  changed(path: string): void;
  closed(path: string): void;
}

export function onTextSync(session: Session, edited: Edited): void {
  const { connection, documents, project } = session;
  connection.onDidOpenTextDocument(
    logged(connection, 'textDocument/didOpen', ({ textDocument }) => {
      const { uri, languageId, version, text } = textDocument;
      const path = pathOf(uri);
      documents.set(path, { uri, path, language: languageId, version, text, starts: lineStarts(text) });
      project.open(path, languageId, text, version);
      edited.opened(path);
    }),
  );
  connection.onDidChangeTextDocument(
    logged(connection, 'textDocument/didChange', ({ textDocument, contentChanges }) => {
      const path = pathOf(textDocument.uri);
      const before = documents.get(path);
      if (before === undefined) return;
      const after = changed(before, contentChanges, textDocument.version, session.client.encoding);
      documents.set(path, after);
      project.change(path, after.text, after.version);
      edited.changed(path);
    }),
  );
  connection.onDidCloseTextDocument(
    logged(connection, 'textDocument/didClose', ({ textDocument }) => {
      const path = pathOf(textDocument.uri);
      documents.delete(path);
      project.close(path);
      edited.closed(path);
    }),
  );
}
