/** Settings: pulled from the client where it answers, taken from the notification where it does not. */
import { settingsOf } from '../from-lsp.ts';
import { logged } from '../guard.ts';
import type { Session } from '../session.ts';

export interface Configured {
  /** Asks for the settings and puts them to use. */
  pull(): Promise<void>;
}

export function onConfiguration(session: Session, applied: (scopeChanged: boolean) => void): Configured {
  const { connection } = session;
  const apply = (section: unknown): void => {
    const { overrides, editor, problems } = settingsOf(section);
    for (const problem of problems) connection.console.warn(problem);
    session.status.problem('settings', problems[0]);
    const scopeChanged = editor.scope !== session.settings.scope;
    session.settings = editor;
    session.project.configure({ overrides });
    applied(scopeChanged);
  };
  const pull = async (): Promise<void> => {
    if (!session.client.configuration) return;
    apply(await connection.workspace.getConfiguration('tunelens'));
  };
  connection.onDidChangeConfiguration(
    logged(connection, 'workspace/didChangeConfiguration', async ({ settings }) => {
      if (session.client.configuration) await pull();
      else apply(isSection(settings) ? settings.tunelens : undefined);
    }),
  );
  return { pull };
}

function isSection(settings: unknown): settings is { readonly tunelens: unknown } {
  return typeof settings === 'object' && settings !== null && 'tunelens' in settings;
}
