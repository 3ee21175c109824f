/** How a connected database is doing: what it counted of its own tables, indexes and sequences. Times are ISO 8601 in UTC. */
import type { EngineId } from './sql/statement.ts';

export interface IndexHealth {
  readonly name: string;
  readonly table: string;
  readonly schema?: string | undefined;
  readonly bytes: number;
  /** How often it was searched since `Health.countedSince`; of a partitioned index in all its parts. */
  readonly scans: number;
  readonly valid: boolean;
  readonly unique: boolean;
  /** It belongs to a constraint or to the replica identity, or is the only one that serves a foreign key. */
  readonly needed: boolean;
  readonly partitioned: boolean;
  /** The statement that makes it, as the engine writes it. */
  readonly definition: string;
}
export interface TableHealth {
  readonly name: string;
  readonly schema?: string | undefined;
  readonly rows: number;
  readonly bytes: number;
  /** Reads of any kind since `Health.countedSince`; absent where the engine does not count. */
  readonly reads?: number | undefined;
  /** Rows that are deleted or replaced and still take room. */
  readonly dead?: number | undefined;
  /** Rows at which autovacuum would come for it. */
  readonly vacuumThreshold?: number | undefined;
  readonly vacuumedAt?: string | undefined;
  /** Rows written since the statistics were collected; SQLite does not count them. */
  readonly modified?: number | undefined;
  /** Rows at which autovacuum would collect them anew. */
  readonly analyzeThreshold?: number | undefined;
  readonly analyzedAt?: string | undefined;
  /** How many rows there were when the statistics were collected. */
  readonly rowsThen?: number | undefined;
  /** Autovacuum is on, for the server and for this table. */
  readonly autovacuum?: boolean | undefined;
}
export interface SequenceHealth {
  readonly name: string;
  readonly schema?: string | undefined;
  /** The column it feeds. */
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly last: number;
  /** The largest value that the sequence gives and the column takes. */
  readonly most: number;
  /** `integer`, `smallint`, `bigint`: the narrower one of both. */
  readonly type: string;
}
export interface Health {
  readonly engine: EngineId;
  /** When all this was read. */
  readonly readAt: string;
  /** Scans and reads were counted at least from then on; absent where that is not known. */
  readonly countedSince?: string | undefined;
  readonly indexes: readonly IndexHealth[];
  readonly tables: readonly TableHealth[];
  readonly sequences: readonly SequenceHealth[];
  /** SQLite: the pages of the file, and those of them that hold nothing. */
  readonly file?: { readonly pages: number; readonly free: number; readonly pageSize: number; readonly autoVacuum: boolean } | undefined;
  /** What could not be read, one sentence each, with what to grant. */
  readonly missing: readonly string[];
}

/** Days between two times. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}
