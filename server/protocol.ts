/** What client and server say to each other beyond LSP. Plain JSON types; both sides import only these. */
import type { EngineId } from './analysis/sql/statement.ts';

export interface ConnectionState {
  readonly id: string;
  readonly engine: EngineId;
  readonly label: string;
  readonly state: 'connecting' | 'connected' | 'lost' | 'failed';
  readonly message?: string | undefined;
}
export interface ServerStatus {
  readonly health: 'ok' | 'busy' | 'warning' | 'error';
  /** One sentence for the status item's tooltip. */
  readonly message: string;
  readonly connections: readonly ConnectionState[];
}
export const requests = {
  connect: 'tunelens/connect',
  disconnect: 'tunelens/disconnect',
  explain: 'tunelens/explain',
  migration: 'tunelens/migration',
  checkWorkspace: 'tunelens/checkWorkspace',
  databases: 'tunelens/databases',
  benchmark: 'tunelens/benchmark',
  advise: 'tunelens/advise',
} as const;
export const notifications = { status: 'tunelens/status', trust: 'tunelens/trust' } as const;

/** What the client says of itself in `initializationOptions`; a client that says nothing gets plain LSP. */
export interface InitializationOptions {
  /** False in Restricted Mode: no connections, no paths from the folder's settings. True where absent. */
  readonly trusted?: boolean | undefined;
  /** Commands the client has: `tunelens.explain`, `tunelens.createMigration`. Others are not offered. */
  readonly commands?: readonly string[] | undefined;
  /** The client opens `tunelens-rule:` documents. */
  readonly rulePages?: boolean | undefined;
}
/** Sent by the client when the folder's trust was granted. */
export interface TrustParams {
  readonly trusted: boolean;
}

export interface ConnectParams {
  readonly url: string;
  readonly password?: string | undefined;
}
export interface ConnectResult {
  readonly connection?: ConnectionState | undefined;
  readonly error?: string | undefined;
}
export interface ExplainParams {
  readonly uri: string;
  readonly version?: number | undefined;
  readonly position: { readonly line: number; readonly character: number };
}
/** A readable plan, as text. */
export interface ExplainResult {
  readonly title: string;
  readonly text: string;
}
export interface MigrationParams {
  readonly uri: string;
  readonly script: string;
  readonly down: string;
  readonly name: string;
  readonly engine: EngineId;
  readonly outsideTransaction: boolean;
  /** Shown as an untitled script, whatever migrations the repository has. */
  readonly shownOnly?: boolean | undefined;
}
export interface MigrationResult {
  /** Files to create; `uri` is absent for an untitled script. */
  readonly files: readonly {
    readonly uri?: string | undefined;
    readonly text: string;
    readonly language: string;
    /** The file exists, and this is its whole new text: a journal of migrations. */
    readonly replaces?: boolean | undefined;
  }[];
  readonly style: string;
  /** A migration that already holds this script and was perhaps not run yet; then `files` is empty. */
  readonly existing?: string | undefined;
}
/** A SQLite database file found in the opened folders. */
export interface DatabaseFile {
  readonly path: string;
  /** The path relative to its folder, with forward slashes. */
  readonly label: string;
  readonly bytes: number;
}
export interface DatabasesResult {
  readonly files: readonly DatabaseFile[];
}
export interface DisconnectParams {
  /** The id of a ConnectionState. */
  readonly id: string;
}
export interface CheckWorkspaceResult {
  readonly files: number;
  readonly findings: number;
  /** What could not be looked at, one sentence each. */
  readonly unchecked: readonly { readonly path: string; readonly reason: string }[];
  readonly cancelled: boolean;
}
/** The index advisor over everything that is open: the SQL of the folders, or what a connected server counted. */
export interface AdviseParams {
  /** Bytes that the proposed indexes of one database may take; no limit where absent. */
  readonly budget?: number | undefined;
}
export interface AdvisedStatement {
  readonly sql: string;
  /** Where it is written; none for one that only a server told of. */
  readonly places: readonly { readonly uri: string; readonly line: number; readonly character: number }[];
  /** Planned cost of one execution; absent where it has no plan. */
  readonly costBefore?: number | undefined;
  readonly costAfter?: number | undefined;
}
export interface AdvisedIndex {
  readonly ddl: string;
  readonly engine: EngineId;
  readonly table: string;
  /** Key columns and expressions in their order. */
  readonly columns: readonly string[];
  readonly include: readonly string[];
  readonly where?: string | undefined;
  readonly kind: string;
  readonly sizeBytes: number;
  /** Of the statements it serves, weighted. */
  readonly costBefore: number;
  readonly costAfter: number;
  /** What statements that write pay for it, in the same unit. */
  readonly writeCost: number;
  readonly statements: readonly AdvisedStatement[];
  readonly migration: MigrationParams;
}
export interface AdviseResult {
  readonly indexes: readonly AdvisedIndex[];
  readonly redundant: readonly {
    readonly name: string;
    readonly table: string;
    readonly engine: EngineId;
    readonly reason: string;
    readonly ddl: string;
  }[];
  /** Statements that get no index, and why. */
  readonly refused: readonly { readonly reason: string; readonly statement: AdvisedStatement }[];
  readonly workload: { readonly statements: number; readonly costBefore: number; readonly costAfter: number };
  readonly planners: readonly string[];
  /** What could not be had and what the figures rest on, one sentence each. */
  readonly notes: readonly string[];
  readonly cancelled: boolean;
}
/** Times a statement on the connected database. Asked step by step: nothing runs before `agreed` is the very text that would run. */
export interface BenchmarkParams {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
  /** One for each of the statement's parameters: a number, `null`, `true`, `false`, or text. */
  readonly values?: readonly string[] | undefined;
  /** The statement as a person has seen and allowed it. */
  readonly agreed?: string | undefined;
}
export type BenchmarkResult =
  | { readonly step: 'values'; readonly parameters: readonly string[] }
  /** `shown` is the same statement without the indentation of the program around it. */
  | { readonly step: 'agree'; readonly sql: string; readonly shown: string; readonly connection: string }
  | { readonly step: 'refused'; readonly reason: string }
  | { readonly step: 'done'; readonly title: string; readonly text: string };
