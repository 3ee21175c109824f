/** What the index advisor says of a workload: plain data for the command line and the editor. */
import type { ScriptFix } from '../analysis/fix.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { Snapshot } from '../engines/engine.ts';

export interface AdviseOptions {
  /** Files and folders whose statements count; the opened folders where absent, nothing of the repository where empty. */
  readonly paths?: readonly string[] | undefined;
  /** Files that say what ran: exports of `pg_stat_statements`, logs, SQL. */
  readonly workload?: readonly string[] | undefined;
  /** A file whose DDL is the schema, in place of the repository's. */
  readonly schema?: string | undefined;
  /** Statistics to plan with; brings a schema of its own. */
  readonly snapshot?: Snapshot | undefined;
  /** Bytes that the proposed indexes of one database may take. */
  readonly budget?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** One line for people, and how far it is, from 0 to 1, where that is known. */
  readonly progress?: ((what: string, share?: number) => void) | undefined;
}

export interface StatementPlace {
  readonly path: string;
  /** From 0. */
  readonly line: number;
  readonly character: number;
}
export interface AdvisedStatement {
  /** From 1; what `statements` of an index and `statement` of a refusal name. */
  readonly id: number;
  readonly sql: string;
  readonly engine: EngineId | undefined;
  readonly places: readonly StatementPlace[];
  /** As somebody counted and measured them. */
  readonly calls?: number | undefined;
  readonly milliseconds?: number | undefined;
  /** What its planned cost counts for. */
  readonly weight: number;
  /** Of one execution, as planned; absent where it has no plan. */
  readonly costBefore?: number | undefined;
  readonly costAfter?: number | undefined;
}
export interface ServedStatement {
  readonly id: number;
  readonly costBefore: number;
  readonly costAfter: number;
}
export interface AdvisedIndex {
  readonly name: string;
  readonly ddl: string;
  readonly engine: EngineId;
  readonly table: string;
  /** Key columns and expressions in their order. */
  readonly columns: readonly string[];
  readonly include: readonly string[];
  readonly where?: string | undefined;
  /** What is special about it, `btree` where nothing is. */
  readonly kind: 'btree' | 'partial' | 'covering' | 'expression' | 'gin' | 'gist' | 'brin' | 'hash' | 'spgist';
  readonly sizeBytes: number;
  /** Of the statements it serves, weighted, without any and with all of the proposed indexes. */
  readonly costBefore: number;
  readonly costAfter: number;
  /** What statements that write pay for it, weighted, in the same unit. */
  readonly writeCost: number;
  /** Statements of the workload that pay it. */
  readonly paidBy: readonly number[];
  /** Ids of the statements it serves. */
  readonly statements: readonly number[];
  readonly served: readonly ServedStatement[];
  readonly script: ScriptFix;
}
export interface RedundantIndex {
  readonly name: string;
  readonly reason: string;
  readonly table: string;
  readonly engine: EngineId;
  readonly ddl: string;
}
export interface RefusedStatement {
  readonly statement: number;
  readonly reason: string;
  readonly code: string;
}
export interface Advice {
  readonly indexes: readonly AdvisedIndex[];
  readonly redundant: readonly RedundantIndex[];
  readonly refused: readonly RefusedStatement[];
  readonly workload: { readonly statements: number; readonly costBefore: number; readonly costAfter: number };
  readonly statements: readonly AdvisedStatement[];
  /** Who planned, for people: `PostgreSQL 18.6 (embedded)`, a snapshot's or a connection's label. */
  readonly planners: readonly string[];
  /** What was asked for and could not be had: a permission, a file. One sentence each. */
  readonly missing: readonly string[];
  /** Sentences about what the figures rest on. */
  readonly notes: readonly string[];
}
