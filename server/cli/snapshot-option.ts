/** `--stats FILE`, for every command that plans with statistics. */
import type { Query } from '../analysis/document.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { Snapshot } from '../engines/engine.ts';
import { normalPath } from '../workspace/paths.ts';
import { isPlannable } from '../workspace/relations.ts';
import { SnapshotError } from '../workspace/snapshot-values.ts';
import { readSnapshotFile } from '../workspace/snapshots.ts';
import { UsageError } from './arguments.ts';

/** Throws UsageError for whatever is not a snapshot. */
export function namedSnapshot(path: string): Snapshot {
  try {
    return readSnapshotFile(normalPath(path), path);
  } catch (error) {
    if (error instanceof SnapshotError) throw new UsageError(`--stats ${error.message}`);
    throw error;
  }
}

const names: Readonly<Record<EngineId, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/** Throws UsageError where the statements are all of another engine: the statistics were then named for nothing. */
export function checkEngine({ engine, label }: Snapshot, queries: readonly Query[]): void {
  const planned = queries.filter(isPlannable);
  const other = planned.find(({ dialect }) => dialect === 'sqlite' || dialect === 'postgres')?.dialect;
  if (other === undefined || planned.some(({ dialect }) => dialect === engine || dialect === 'unknown')) return;
  throw new UsageError(
    `--stats ${label} is of ${names[engine]}, and the statements are of ${names[other as EngineId]}: name statistics of that database`,
  );
}
