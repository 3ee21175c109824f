/** Plans as read-only documents; asking again for the same statement renews the open one. */
import { type Disposable, EventEmitter, Uri, ViewColumn, window, workspace } from 'vscode';

const scheme = 'tunelens-plan';

export interface PlanDocuments extends Disposable {
  /** `key` tells statements apart; `title` is what the tab says. */
  show(key: string, title: string, text: string): Promise<void>;
}

export function createPlanDocuments(): PlanDocuments {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  const provider = workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) =>
      texts.get(uri.toString()) ?? 'This plan was asked for in another session. Run "TuneLens: Explain" again.\n',
  });
  const closing = workspace.onDidCloseTextDocument(({ uri }) => {
    if (uri.scheme === scheme) texts.delete(uri.toString());
  });
  return {
    async show(key, title, text) {
      const uri = Uri.from({ scheme, path: `/${title.replaceAll('/', '∕')}.plan`, query: key });
      texts.set(uri.toString(), text);
      changed.fire(uri);
      const document = await workspace.openTextDocument(uri);
      await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preview: true, preserveFocus: true });
    },
    dispose() {
      provider.dispose();
      closing.dispose();
      changed.dispose();
    },
  };
}
