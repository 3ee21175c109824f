/** tunelens/checkWorkspace: every file of the folders, with progress that a person can cancel. */
import { type CheckWorkspaceResult, requests } from '../../protocol.ts';
import { guarded, isAbort } from '../guard.ts';
import type { Session } from '../session.ts';
import type { WorkspaceReports } from '../workspace-reports.ts';

export function onCheckWorkspace(session: Session, reports: WorkspaceReports): void {
  const { connection } = session;
  connection.onRequest(
    requests.checkWorkspace,
    guarded(connection, requests.checkWorkspace, async (_params: unknown, token): Promise<CheckWorkspaceResult> => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const progress = session.client.progress ? await connection.window.createWorkDoneProgress() : undefined;
      progress?.begin('TuneLens', 0, 'Looking for files', true);
      progress?.token.onCancellationRequested(() => controller.abort());
      const done = session.status.busy('Checking the folder');
      let shown = -1;
      try {
        const result = await reports.checkNow(controller.signal, (checked, total) => {
          const percent = total === 0 ? 100 : Math.floor((checked / total) * 100);
          if (percent === shown) return;
          shown = percent;
          progress?.report(percent, `${checked} of ${total} files`);
        });
        for (const { path, reason } of result.unchecked) connection.console.warn(`${path} ${reason}`);
        return {
          files: result.files.length,
          findings: result.files.reduce((count, file) => count + file.findings.length, 0),
          unchecked: result.unchecked,
          cancelled: controller.signal.aborted,
        };
      } catch (error) {
        if (!isAbort(error)) throw error;
        return { files: 0, findings: 0, unchecked: [], cancelled: true };
      } finally {
        progress?.done();
        done();
      }
    }),
  );
}
