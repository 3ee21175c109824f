/** What every reader of a workload yields. */

/** One line of evidence: a statement, how often it ran, and how long in all. */
export interface WorkloadEntry {
  readonly sql: string;
  readonly calls: number;
  /** Of all calls together; absent where nobody measured. */
  readonly milliseconds?: number | undefined;
  /** Counts from 0. */
  readonly line: number;
}
