/** textDocument/hover: on a finding, how it is known and the rule's page. */
import { type Hover, MarkupKind } from 'vscode-languageserver/node';
import type { Checks } from '../checks.ts';
import { offsetOf } from '../from-lsp.ts';
import { guarded } from '../guard.ts';
import { pathOf } from '../paths.ts';
import { explanationOf } from '../rule-pages.ts';
import { type Session, signalOf } from '../session.ts';
import { rangeOf } from '../to-lsp.ts';

export function onHover(session: Session, checks: Checks): void {
  session.connection.onHover(
    guarded(session.connection, 'textDocument/hover', async (params, token): Promise<Hover | null> => {
      const path = pathOf(params.textDocument.uri);
      const document = session.documents.get(path);
      if (document === undefined) return null;
      const result = await checks.asked(path, signalOf(token));
      if (result === undefined || (result.version !== undefined && result.version !== document.version)) return null;
      const offset = offsetOf(document, params.position, session.client.encoding);
      const here = result.findings.filter((finding) => finding.span.start <= offset && offset <= finding.span.end);
      // The narrowest comes first: it says most about the word under the cursor.
      here.sort((left, right) => left.span.end - left.span.start - (right.span.end - right.span.start));
      const [narrowest] = here;
      if (narrowest === undefined) return null;
      const value = here.map((finding) => explanationOf(finding, session.client.commands.has('tunelens.showRule'))).join('\n\n---\n\n');
      return {
        contents: { kind: session.client.markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value },
        range: rangeOf(document, narrowest.span, session.client.encoding),
      };
    }),
  );
}
