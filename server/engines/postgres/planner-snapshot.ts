/** What a PostgreSQL snapshot carries in `planner`: what the planner knows of a database besides its schema. */

export interface IndexMeta {
  /** Levels of a B-tree below its root, where they could be read. */
  readonly height?: number | undefined;
  /** What a GIN index counted of itself when it was built or vacuumed. */
  readonly gin?:
    | {
        readonly pages: number;
        readonly entryPages: number;
        readonly dataPages: number;
        readonly pendingPages: number;
        readonly entries: number;
      }
    | undefined;
}
/** As `pg_class` has it; -1 rows: never analysed. */
export interface RelationSize extends IndexMeta {
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`; absent in what the twin works out itself. */
  readonly kind?: string | undefined;
  readonly pages: number;
  readonly rows: number;
  readonly allVisible: number;
  /** Pages the file really has, where that is not what `pg_class` says. */
  readonly actualPages?: number | undefined;
}
export interface ExtendedStatistics {
  readonly schema: string;
  readonly name: string;
  readonly inherited: boolean;
  /** JSON array of column names -> number of different combinations. */
  readonly distinct?: Readonly<Record<string, number>> | undefined;
  /** JSON array of column names, the last of which depends on the others -> degree. */
  readonly dependencies?: Readonly<Record<string, number>> | undefined;
  /** The list of most common combinations as the server stores it, in hexadecimal; only a superuser is shown it whole. */
  readonly common?: string | undefined;
}
export interface PostgresPlanner {
  readonly relations: readonly RelationSize[];
  /** Rows of `pg_stats` without their NULLs, arrays as text. */
  readonly columns: readonly Readonly<Record<string, unknown>>[];
  readonly extended?: readonly ExtendedStatistics[] | undefined;
  /** Values of `plannerSettings`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly searchPath?: string | undefined;
  /** Whether texts compare byte by byte by default; taken for true where absent. */
  readonly byteOrder?: boolean | undefined;
}
