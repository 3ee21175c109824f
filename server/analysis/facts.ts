/**
 * What is known beyond the document. A rule names the facts it needs; the host gathers those and
 * no others; a rule whose fact is missing is not asked. Each fact says how it is known.
 */
import type { Document, Setting } from './document.ts';
import type { Span } from './span.ts';
import type { Schema, Table, TableStatistics } from './sql/schema.ts';
import type { EngineId } from './sql/statement.ts';

/** How a thing is known, weakest first. */
export type Grade = 'static' | 'planned' | 'live' | 'measured';

export interface Source {
  readonly grade: Grade;
  /** In a person's words, without passwords: `PostgreSQL 18 (embedded)`, `data/app.db`. */
  readonly source: string;
}

/** One step of a plan, in the engine's own words and in ours. */
export interface PlanStep {
  /**
   * `scan`: every row of a relation; `index`: a search through an index or key; `index-scan`: every
   * entry of an index in order; `sort`; `join`; `aggregate`; `other`.
   */
  readonly kind: 'scan' | 'index' | 'index-scan' | 'sort' | 'join' | 'aggregate' | 'other';
  /** The engine's line: `SCAN orders`, `Seq Scan on orders`. */
  readonly detail: string;
  readonly relation?: string | undefined;
  readonly alias?: string | undefined;
  readonly index?: string | undefined;
  /** The engine's estimate for this step. */
  readonly rows?: number | undefined;
  readonly cost?: number | undefined;
  /** A subquery that is run again for each row of the step it stands under. */
  readonly perRow?: boolean | undefined;
  readonly children: readonly PlanStep[];
}
export interface Plan {
  readonly engine: EngineId;
  readonly steps: readonly PlanStep[];
  /** In the engine's own unit; comparable only within one engine. */
  readonly totalCost: number;
  readonly rows?: number | undefined;
  /** What running it took inside the database, where it was run. */
  readonly milliseconds?: number | undefined;
  /** The engine's own plan, as it answered it. */
  readonly raw: unknown;
}

/** The engine refused a statement. */
export interface Rejection {
  readonly kind: 'syntax' | 'unknown-relation' | 'unknown-column' | 'unknown-function' | 'other';
  /** SQLSTATE, or SQLite's extended result code name. */
  readonly code: string;
  /** The engine's own words. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** More of the engine's own words: which column, which constraint. */
  readonly detail?: string | undefined;
  /** Where in the host file; the whole statement when the engine did not say. */
  readonly span: Span;
  /** The name it does not know, for the `unknown-*` kinds. */
  readonly name?: string | undefined;
}

/** An index that might help. */
export interface CandidateIndex {
  readonly table: string;
  readonly keys: readonly {
    readonly column?: string | undefined;
    readonly expression?: string | undefined;
    readonly descending: boolean;
    /** Where it is not the engine's usual place for the direction. */
    readonly nulls?: 'first' | 'last' | undefined;
    readonly collation?: string | undefined;
    /** `text_pattern_ops`, `jsonb_path_ops`, `gin_trgm_ops` … */
    readonly operatorClass?: string | undefined;
  }[];
  readonly where?: string | undefined;
  readonly include: readonly string[];
  /** `btree` where absent. */
  readonly method?: string | undefined;
}
export interface WhatIf {
  readonly candidate: CandidateIndex;
  readonly plan: Plan;
  /** Whether the planner chose the candidate. */
  readonly used: boolean;
  /** Further indexes that were there beside it, where one alone does not help: one for each side of an OR. */
  readonly also?: readonly CandidateIndex[] | undefined;
  /** How large the index would be, estimated. */
  readonly bytes?: number | undefined;
}

export interface FactTypes {
  /** The database the query belongs to. */
  readonly schema: Source & { readonly schema: Schema; table(name: string): Table | undefined };
  /** Row counts; only tables that were counted. */
  readonly statistics: Source & {
    rows(table: string): number | undefined;
    table(name: string): TableStatistics | undefined;
    /** Rows below which a table counts as small, as configured; 1,000 where absent. */
    readonly smallTable?: number | undefined;
  };
  /** The planner's answer for this query. `assumed` names the tables whose size it had to assume. */
  readonly plan: Source & {
    readonly plan: Plan;
    readonly assumed: readonly string[];
    readonly inferred: readonly string[];
    /** How many rows were assumed for them. */
    readonly assumedRows?: number | undefined;
  };
  /** The same with candidate indexes, best first, from an embedded engine. */
  readonly whatIf: Source & {
    readonly before: Plan;
    readonly tried: readonly WhatIf[];
    readonly assumed: readonly string[];
    readonly inferred: readonly string[];
    /** How many rows were assumed for them. */
    readonly assumedRows?: number | undefined;
  };
  /** Present only when the engine refused the statement. */
  readonly rejection: Source & { readonly rejection: Rejection; readonly inferred: readonly string[] };
  /** The settings the server runs with now. */
  readonly liveSettings: Source & {
    readonly engine: EngineId;
    get(key: string): { readonly value: string; readonly unit?: string | undefined } | undefined;
  };
  /** Every setting written anywhere in the workspace, with the path it stands in. */
  readonly workspaceSettings: readonly { readonly path: string; readonly setting: Setting }[];
  /** Every document of the workspace that is not empty. */
  readonly documents: readonly Document[];
  /** Which functions reach a database, across files. */
  readonly calls: CallFacts;
  /** The machine that is tuned for: declared with --target or in tunelens.toml. */
  readonly target: Target;
}
export type FactName = keyof FactTypes;

/** How a call reaches something slow. */
export interface Reach {
  readonly kind: 'query' | 'write' | 'prepare' | 'commit' | 'cache' | 'network';
  /** Something on the way changes data, so that its order matters. */
  readonly writes?: boolean | undefined;
  /** Something on the way runs on what does one thing at a time (a connection, a session, a transaction), or that cannot be told. */
  readonly exclusive?: boolean | undefined;
  /** The database runs inside the process (SQLite), so that no round trip is paid, only the statement. */
  readonly inProcess?: boolean | undefined;
  /** The chain from the call to the round trip, for related information: `[load_user → get_by_id → cursor.execute]`. */
  readonly via: readonly { readonly name: string; readonly path: string; readonly span: Span }[];
}
export interface CallFacts {
  /** What the call at this index of this document reaches; undefined when it does not, or nobody knows. */
  reach(document: Document, call: number): Reach | undefined;
}
export interface Target {
  readonly memoryBytes?: number | undefined;
  readonly cores?: number | undefined;
  readonly storage?: 'hdd' | 'ssd' | 'nvme' | undefined;
  readonly postgresVersion?: number | undefined;
  readonly maxConnections?: number | undefined;
}
