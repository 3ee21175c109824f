/**
 * An embedded engine that holds a schema without its data and plans like the real database:
 * SQLite in memory, PostgreSQL as PGlite, each in a child process that is started on the first
 * question and ended when idle.
 */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import type { Schema } from '../analysis/sql/schema.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import type { EngineRejection, Explained, Snapshot } from '../engines/engine.ts';

/** One statement that builds the schema. `key` comes back with its rejection. */
export interface DdlStatement {
  readonly key: string;
  readonly sql: string;
  /** It builds nothing: whether the engine would carry it out is asked at its place, and taken back. Where it stands in a transaction it is asked as there. */
  readonly probe?: 'alone' | 'in transaction' | undefined;
}
/** What a twin is built from: the repository's DDL in order and tables only queries mention, or a snapshot. */
export interface Blueprint {
  readonly engine: EngineId;
  /** Content hash of everything below: the same blueprint is loaded once. */
  readonly hash: string;
  readonly ddl: readonly DdlStatement[];
  readonly snapshot?: Snapshot | undefined;
  /** Rows assumed for tables without statistics. */
  readonly assumedRows: number;
  /**
   * True: nothing is known but what the database's own planner knows. SQLite takes a table that ANALYZE never saw for a large one; to weigh indexes
   * its twin is told how many rows there really are, and to show a plan it must not be.
   */
  readonly asItIs?: boolean | undefined;
}
export interface DdlRejection {
  readonly key: string;
  readonly rejection: EngineRejection;
  /**
   * Present where the author of the statement made no mistake: `exists`: it was built before (the same object in two
   * files); `unsupported`: the real server could do it, the embedded one cannot (an extension, a module); `follow-on`:
   * it only needs something that an earlier rejected statement would have built.
   */
  readonly ignore?: 'exists' | 'unsupported' | 'follow-on' | undefined;
}
export interface Loaded {
  readonly version: string;
  /** The schema as the engine itself now has it. */
  readonly schema: Schema;
  readonly rejections: readonly DdlRejection[];
}
/** Indexes that are there for one round of planning, and existing ones, by name, that are not. */
export interface IndexSet {
  readonly build: readonly CandidateIndex[];
  readonly hide: readonly string[];
}
export interface Twin {
  readonly engine: EngineId;
  load(blueprint: Blueprint, signal?: AbortSignal): Promise<Loaded>;
  /** Answers on the schema of `blueprint` (loading it first where another is loaded). */
  explain(blueprint: Blueprint, sql: string, signal?: AbortSignal): Promise<Explained>;
  /** Plans with each candidate alone, in the candidates' order; those the engine cannot build are left out. Behind them those that only help together. */
  whatIf(blueprint: Blueprint, sql: string, candidates: readonly CandidateIndex[], signal?: AbortSignal): Promise<readonly WhatIf[]>;
  /**
   * Plans every statement with the set in place: those of `build` at their estimated size and height, those of `hide` out of sight. In the order of the
   * statements; the plans carry no `raw`. A built index is called `candidateName(candidate)` in them. One that the engine cannot build is passed over,
   * and so is the hiding of an index that SQLite keeps for a constraint.
   */
  price(blueprint: Blueprint, statements: readonly string[], set: IndexSet, signal?: AbortSignal): Promise<readonly Explained[]>;
  /** Estimated bytes of each candidate as CREATE INDEX would leave it; Infinity for one that the engine cannot build. */
  sizes(blueprint: Blueprint, candidates: readonly CandidateIndex[], signal?: AbortSignal): Promise<readonly number[]>;
  close(): Promise<void>;
}
