/**
 * The host's one object: files, settings, parsers, facts and connections of the opened folders.
 * The command line and the language server both drive it; it knows neither.
 */
import type { Fault } from '../analysis/analyze.ts';
import type { Document, Query } from '../analysis/document.ts';
import type { Target } from '../analysis/facts.ts';
import type { Finding, RuleId, Severity } from '../analysis/rule.ts';
import type { Connection, Explained } from '../engines/engine.ts';
import type { Advice, AdviseOptions } from './advice.ts';

/** `tunelens.toml` and the editor's settings, merged for one folder; the defaults where nothing is said. */
export interface Configuration {
  /** Per rule: a severity, or `off`. */
  readonly rules: Readonly<Record<RuleId, Severity | 'off'>>;
  /** Globs relative to the folder, beyond .gitignore. */
  readonly exclude: readonly string[];
  /** First match wins: glob -> dialect. */
  readonly dialects: readonly { readonly files: string; readonly dialect: 'sqlite' | 'postgres' | 'mysql' }[];
  readonly target: Target;
  /** Rows assumed for tables nobody counted. */
  readonly assumedRows: number;
  /** Below this many rows an index is not proposed. */
  readonly smallTable: number;
}
/** Something that could not be looked at, in one sentence. */
export interface Unchecked {
  readonly path: string;
  readonly reason: string;
}
export interface FileResult {
  readonly path: string;
  /** The version of the open document it was computed for. */
  readonly version?: number | undefined;
  readonly document: Document;
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  readonly faults: readonly Fault[];
  /** False when findings that need an engine are still to come. */
  readonly complete: boolean;
}
export interface CheckResult {
  readonly files: readonly FileResult[];
  /** What is found in the connected databases and written down in no file: the path is the connection's label. */
  readonly databases: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
}
/** Who planned a statement. */
export interface PlannedBy {
  /** In a person's words. */
  readonly source: string;
  /** It planned with the statistics that were named. */
  readonly twin?: boolean | undefined;
  /** The index that would make it cheaper, or why there is none: a sentence, and below it the SQL. */
  readonly advice?: string | undefined;
}
export interface Project {
  /** The editor's text wins over the disk until `close`. */
  open(path: string, language: string, text: string, version: number): void;
  change(path: string, text: string, version: number): void;
  close(path: string): void;
  /** Files created, changed or deleted on disk. */
  touched(paths: readonly string[]): void;
  /** Folders, settings, trust: whatever the editor said anew. */
  configure(change: { readonly roots?: readonly string[]; readonly overrides?: Partial<Configuration>; readonly trusted?: boolean }): void;
  /**
   * `text`: what needs no engine, at once. `all`: waits for plans. Undefined for a file nothing reads. With `edit`, of an
   * open file that was checked with `all` before, only what stands around what was typed since is asked about: the rest is
   * carried over, and the result is not complete.
   */
  check(path: string, facts: 'text' | 'all', signal?: AbortSignal, scope?: 'file' | 'edit'): Promise<FileResult | undefined>;
  /** Every file under the paths (the roots where empty). */
  checkAll(
    paths: readonly string[],
    options: {
      readonly signal?: AbortSignal;
      readonly progress?: (done: number, total: number) => void;
      /** Called with each file as it is done, so that an editor can show it before the last is read. */
      readonly file?: (result: FileResult) => void;
    },
  ): Promise<CheckResult>;
  /** The document as last read; reads it where needed. */
  document(path: string): Document | undefined;
  queryAt(path: string, offset: number): Query | undefined;
  explain(path: string, query: Query, signal?: AbortSignal): Promise<Explained & PlannedBy>;
  /**
   * Indexes for a workload, under a budget, with the reason for every statement that gets none. Throws an Error with one sentence for a person
   * where there is nothing to advise on, and the signal's reason when aborted.
   */
  advise(options: AdviseOptions): Promise<Advice>;
  /** Throws EngineError. Without trust it refuses. */
  connect(url: string, password?: string): Promise<Connection>;
  disconnect(label: string): Promise<void>;
  readonly connections: readonly Connection[];
  /** Results of these paths (or of all) may have changed for a reason outside the file. */
  onStale(listener: (paths: readonly string[] | 'all') => void): void;
  /** Files TuneLens could read, by the roots' ignore rules. */
  files(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}
