/** Pushed diagnostics, for clients that do not ask: first what the text shows, then what the engine says, then what it means for the rest of the file. */
import type { FileResult } from '../../workspace/project.ts';
import { logged } from '../guard.ts';
import { sweepSoon } from '../memory.ts';
import { enginePause, filePause } from '../pauses.ts';
import { reportOf } from '../reports.ts';
import type { Session } from '../session.ts';
import { documentUri } from '../to-lsp.ts';
import type { WorkspaceReports } from '../workspace-reports.ts';

export interface Publisher {
  /** The document was opened or changed, or something it depends on has. */
  check(path: string): void;
  close(path: string): void;
  dispose(): void;
}

export function createPublisher(session: Session, reports: WorkspaceReports): Publisher {
  const current = new Map<string, { readonly controller: AbortController; timer?: NodeJS.Timeout }>();
  const stop = (path: string): void => {
    const run = current.get(path);
    if (run === undefined) return;
    clearTimeout(run.timer);
    run.controller.abort();
    current.delete(path);
  };
  const publish = async (result: FileResult): Promise<void> => {
    const document = session.documents.get(result.path);
    if (document === undefined || (result.version !== undefined && result.version !== document.version)) return;
    await session.connection.sendDiagnostics({
      uri: document.uri,
      version: document.version,
      diagnostics: [...reportOf(session, result).items],
    });
    sweepSoon();
  };
  const stopListening = reports.onReports(
    logged(session.connection, 'publish', async () => {
      // A client that pulls takes these reports itself: pushed as well they would stand twice.
      if (session.client.pullDiagnostics) return;
      for (const [path, report] of reports.take())
        await session.connection.sendDiagnostics({ uri: documentUri(session, path), diagnostics: [...report.items] });
    }),
  );
  return {
    check: logged(session.connection, 'check', async (path: string) => {
      stop(path);
      const controller = new AbortController();
      const run: { readonly controller: AbortController; timer?: NodeJS.Timeout } = { controller };
      current.set(path, run);
      const pass = async (facts: 'text' | 'all', scope: 'edit' | 'file'): Promise<boolean> => {
        const result = await session.project.check(path, facts, controller.signal, scope);
        if (result === undefined || controller.signal.aborted) return true;
        await publish(result);
        return result.complete;
      };
      const later = (pause: number, next: () => Promise<void>): void => {
        run.timer = setTimeout(logged(session.connection, 'check', next), pause);
      };
      if (await pass('text', 'edit')) return;
      later(enginePause, async () => {
        if (await pass('all', 'edit')) return;
        later(filePause, async () => {
          await pass('all', 'file');
        });
      });
    }),
    close(path) {
      stop(path);
    },
    dispose() {
      stopListening();
      for (const path of [...current.keys()]) stop(path);
    },
  };
}
