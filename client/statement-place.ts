/** Which statement a command is about: the one a lens stands over, else the one at the cursor. */
import { Uri, window } from 'vscode';

export interface StatementPlace {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
}

/** Undefined where there is neither; the person is then told what to do. */
export function statementPlace(uri?: string, position?: StatementPlace['position']): StatementPlace | undefined {
  const editor = window.activeTextEditor;
  const active = editor?.selection.active;
  const at = position ?? (active === undefined ? undefined : { line: active.line, character: active.character });
  const document = uri ?? editor?.document.uri.toString();
  if (document === undefined || at === undefined) {
    void window.showInformationMessage('Put the cursor into an SQL statement first.');
    return undefined;
  }
  return { uri: Uri.parse(document).toString(), position: at };
}
