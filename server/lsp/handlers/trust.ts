/** tunelens/trust: the person trusts the folder now. */
import { notifications, type TrustParams } from '../../protocol.ts';
import { logged } from '../guard.ts';
import type { Session } from '../session.ts';

export function onTrust(session: Session): void {
  session.connection.onNotification(
    notifications.trust,
    logged(session.connection, notifications.trust, ({ trusted }: TrustParams) => {
      session.project.configure({ trusted: trusted === true });
    }),
  );
}
