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
} as const;
export const notifications = { status: 'tunelens/status' } as const;

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
}
export interface MigrationResult {
  /** Files to create; `uri` is absent for an untitled script. */
  readonly files: readonly { readonly uri?: string | undefined; readonly text: string; readonly language: string }[];
  readonly style: string;
}
