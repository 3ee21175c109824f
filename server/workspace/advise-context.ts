/** What the advisor may touch of a project. */
import type { Document } from '../analysis/document.ts';
import type { Connections } from './connections.ts';
import type { Databases } from './databases.ts';
import type { Planners } from './planners.ts';
import type { Configuration } from './project.ts';

export interface AdviseContext {
  /** Every document of the workspace. */
  readonly documents: readonly Document[];
  /** Whether the statements of that file count. */
  readonly isCounted: (path: string) => boolean;
  /** The file named as the schema, read. */
  readonly schemaDocument?: Document | undefined;
  readonly databases: Databases;
  readonly connections: Connections;
  readonly planners: Planners;
  readonly configuration: (path: string) => Configuration;
  /** A path as people see it. */
  readonly display: (path: string) => string;
}
