/** What every database engine can be asked. One folder an engine; identical siblings. */
import type { Plan, Rejection } from '../analysis/facts.ts';
import type { Health } from '../analysis/health.ts';
import type { Schema, TableStatistics } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';

/** A rejection whose place is still an offset (UTF-16) in the SQL that was sent; absent where the engine did not say. */
export type EngineRejection = Omit<Rejection, 'span'> & { readonly offset?: number | undefined };

export type Explained =
  | { readonly outcome: 'planned'; readonly plan: Plan }
  | { readonly outcome: 'rejected'; readonly rejection: EngineRejection }
  /** Our own guard would not send it; the reason in a person's words. */
  | { readonly outcome: 'refused'; readonly reason: string };

export interface LiveSetting {
  readonly value: string;
  readonly unit?: string | undefined;
}

export interface Connection {
  readonly engine: EngineId;
  /** For people: the file's path or `user@host:port/database`; never a password. */
  readonly label: string;
  /** `3.53.0`, `18.4`. */
  readonly version: string;
  schema(signal?: AbortSignal): Promise<Schema>;
  statistics(signal?: AbortSignal): Promise<readonly TableStatistics[]>;
  settings(signal?: AbortSignal): Promise<ReadonlyMap<string, LiveSetting>>;
  /** What it counted of its own tables, indexes and sequences. What may not be read is named in `missing`. */
  health(signal?: AbortSignal): Promise<Health>;
  /** Plans one statement without running it. */
  explain(sql: string, signal?: AbortSignal): Promise<Explained>;
  /** Runs the statement to time its plan. Only after a person agreed to this very statement. */
  explainAnalyze(sql: string, signal?: AbortSignal): Promise<Explained>;
  /** What an embedded twin needs to plan like this database: its DDL in order, and the planner's own statistics. */
  snapshot(signal?: AbortSignal, options?: SnapshotOptions): Promise<Snapshot>;
  /** What ran on the server, as it counted itself; absent for engines that do not count. Never throws for a missing permission: `missing` tells. */
  workload?(signal?: AbortSignal): Promise<ServerWorkload>;
  close(): Promise<void>;
  /** Called once when the connection is lost without `close`. */
  onLost(listener: (error: EngineError) => void): void;
}

export interface ServerWorkload {
  /** Statements of this database, constants as `$1`. */
  readonly statements: readonly { readonly sql: string; readonly calls: number; readonly milliseconds: number }[];
  /** What could not be read, one sentence each with what to grant or install. */
  readonly missing: readonly string[];
}
export interface SnapshotOptions {
  /** Takes the time that counting and sampling need, so that the same database always gives the same snapshot. For a file, not for a keystroke. */
  readonly thorough?: boolean | undefined;
}
export interface Snapshot {
  readonly engine: EngineId;
  /** For people: whose it is, or the file it was read from. */
  readonly label: string;
  /** What could not be read, one sentence each with what to grant; what could be read is there. */
  readonly missing?: readonly string[] | undefined;
  readonly version: string;
  /** Statements that build the schema, in an order that works. */
  readonly ddl: readonly string[];
  readonly tables: readonly TableStatistics[];
  /** SQLite: rows of sqlite_stat1 and sqlite_stat4. PostgreSQL: relation sizes (and column statistics as `pg_stats` rows). Engine's own shape. */
  readonly planner: unknown;
}

export interface ConnectOptions {
  readonly password?: string | undefined;
  /** Milliseconds; 10,000 where absent. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds for one statement; 5,000 where absent. Past it the statement is cancelled (SQLite: its process is killed and reopened). */
  readonly statementTimeout?: number | undefined;
}

export interface Engine {
  readonly id: EngineId;
  /** Whether this engine answers that URL or path (`sqlite:…`, a path to a SQLite file, `postgres://…`). */
  recognises(url: string): boolean;
  /** Throws EngineError. */
  connect(url: string, options: ConnectOptions): Promise<Connection>;
}

/** Why an engine could not be asked. The message is one sentence for a person: what, where, what to do. */
export class EngineError extends Error {
  readonly kind:
    | 'unreachable'
    | 'authentication'
    | 'not-a-database'
    | 'corrupt'
    | 'locked'
    | 'missing'
    | 'permission'
    | 'timeout'
    | 'lost'
    | 'unsupported'
    | 'internal';
  constructor(kind: EngineError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.kind = kind;
  }
}
