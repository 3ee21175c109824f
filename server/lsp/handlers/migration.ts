/** tunelens/migration: what a new migration with this script looks like here. Nothing is written. */
import { type MigrationParams, type MigrationResult, requests } from '../../protocol.ts';
import { guarded } from '../guard.ts';
import { migrationFor } from '../migration.ts';
import type { Session } from '../session.ts';

export function onMigration(session: Session): void {
  session.connection.onRequest(
    requests.migration,
    guarded(session.connection, requests.migration, (params: MigrationParams): Promise<MigrationResult> => migrationFor(session, params)),
  );
}
