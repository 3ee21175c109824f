/** tunelens/connect and tunelens/disconnect. A failure is an answer, one sentence for a person, not an exception. */
import { EngineError } from '../../engines/engine.ts';
import { type ConnectionState, type ConnectParams, type ConnectResult, type DisconnectParams, requests } from '../../protocol.ts';
import { guarded } from '../guard.ts';
import type { Session } from '../session.ts';

export function onConnect(session: Session, changed: () => void): void {
  const { connection: lsp, project, status } = session;
  lsp.onRequest(
    requests.connect,
    guarded(lsp, requests.connect, async (params: ConnectParams): Promise<ConnectResult> => {
      if (typeof params?.url !== 'string' || params.url.trim() === '') return { error: 'No database was named.' };
      const done = status.busy('Connecting');
      try {
        const opened = await project.connect(params.url, params.password);
        const state: ConnectionState = { id: opened.label, engine: opened.engine, label: opened.label, state: 'connected' };
        status.connection(state);
        opened.onLost((error) => {
          status.connection({ ...state, state: 'lost', message: error.message });
          changed();
        });
        changed();
        return { connection: state };
      } catch (error) {
        if (!(error instanceof EngineError)) lsp.console.error(`connect: ${error instanceof Error ? error.stack : String(error)}`);
        return { error: error instanceof Error ? error.message : String(error) };
      } finally {
        done();
      }
    }),
  );
  lsp.onRequest(
    requests.disconnect,
    guarded(lsp, requests.disconnect, async (params: DisconnectParams): Promise<null> => {
      try {
        await project.disconnect(params.id);
      } finally {
        status.forget(params.id);
        changed();
      }
      return null;
    }),
  );
}
