/** The part of better-sqlite3 13 that TuneLens calls; the package brings no types. */
declare module 'better-sqlite3' {
  export interface Statement {
    all(...values: unknown[]): Record<string, unknown>[];
    get(...values: unknown[]): Record<string, unknown> | undefined;
    run(...values: unknown[]): unknown;
    iterate(...values: unknown[]): IterableIterator<Record<string, unknown>>;
    readonly reader: boolean;
  }
  export interface Database {
    prepare(sql: string): Statement;
    exec(sql: string): Database;
    /** Answers `EXPLAIN ` + sql with its parameters unbound. */
    explain(sql: string): Record<string, unknown>[];
    pragma(sql: string, options?: { simple?: boolean }): unknown;
    unsafeMode(on?: boolean): Database;
    close(): Database;
    readonly open: boolean;
  }
  export interface Options {
    readonly?: boolean;
    fileMustExist?: boolean;
    timeout?: number;
    nativeBinding?: string;
  }
  const DatabaseConstructor: { new (filename: string | Uint8Array, options?: Options): Database };
  export default DatabaseConstructor;
}
