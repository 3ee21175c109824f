/**
 * What a SQL statement says, in one model for every dialect. All spans are offsets in the *host*
 * file: the parser is handed text with its offset map, so nothing after it ever translates.
 *
 * The parser is total. Where it does not understand, it leaves an `unknown` expression that still
 * holds the columns seen inside, and marks the statement `complete: false`: rules that need to be
 * sure of the structure stay silent on those.
 */
import type { Span } from '../span.ts';

/** Database engines TuneLens can talk to; SQL of any other engine is `unknown`. */
export type EngineId = 'sqlite' | 'postgres';
/** `other`: an engine that is recognised and not spoken to (ClickHouse, SQL Server …), so that nothing is asked about its SQL. */
export type Dialect = EngineId | 'mysql' | 'other' | 'unknown';

/** An identifier. `text` is unquoted and, when it was not quoted, folded to lower case. */
export interface Name {
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

interface Node {
  readonly span: Span;
}

export interface ColumnReference extends Node {
  readonly kind: 'column';
  readonly table?: Name | undefined;
  readonly name: Name;
}
export interface Literal extends Node {
  readonly kind: 'literal';
  readonly type: 'string' | 'number' | 'null' | 'boolean' | 'blob' | 'keyword';
  /** Decoded: `'it''s'` is `it's`. For `keyword` (CURRENT_TIMESTAMP, DEFAULT …) the word in upper case. */
  readonly value: string;
}
/** `?`, `?3`, `$1`, `:name`, `@name`, `%s`, `%(name)s`, or a host-language interpolation in value position. */
export interface Parameter extends Node {
  readonly kind: 'parameter';
  readonly text: string;
  readonly hole: boolean;
}
export interface FunctionCall extends Node {
  readonly kind: 'call';
  /** Folded, without schema: `lower`, `count`. */
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly window: boolean;
  readonly filter?: Expression | undefined;
}
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: string;
  readonly operand: Expression;
}
/** Operators in upper case: `=`, `<>`, `AND`, `OR`, `LIKE`, `NOT LIKE`, `ILIKE`, `GLOB`, `IS`, `IS NOT`, `||`, `->>`, `@>`, `~*` … */
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
  /** `= ANY (…)` and `= ALL (…)`. */
  readonly quantifier?: 'ANY' | 'ALL' | undefined;
}
export interface Between extends Node {
  readonly kind: 'between';
  readonly not: boolean;
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
}
export interface In extends Node {
  readonly kind: 'in';
  readonly not: boolean;
  readonly operand: Expression;
  readonly list?: readonly Expression[] | undefined;
  readonly query?: Select | undefined;
}
export interface Exists extends Node {
  readonly kind: 'exists';
  readonly query: Select;
}
export interface Subquery extends Node {
  readonly kind: 'subquery';
  readonly query: Select;
}
export interface Cast extends Node {
  readonly kind: 'cast';
  readonly operand: Expression;
  /** As written, folded to lower case: `timestamp with time zone`, `varchar(10)`. */
  readonly type: string;
}
export interface Case extends Node {
  readonly kind: 'case';
  readonly parts: readonly Expression[];
}
export interface Collate extends Node {
  readonly kind: 'collate';
  readonly operand: Expression;
  readonly collation: string;
}
/** `(a, b)`, `ARRAY[…]`, `VALUES` rows. */
export interface List extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export interface Unknown extends Node {
  readonly kind: 'unknown';
  readonly parts: readonly Expression[];
}
export type Expression =
  | ColumnReference
  | Literal
  | Parameter
  | FunctionCall
  | Unary
  | Binary
  | Between
  | In
  | Exists
  | Subquery
  | Cast
  | Case
  | Collate
  | List
  | Unknown;

export interface ResultColumn extends Node {
  /** `*` or `t.*`; then `expression` is absent. */
  readonly star: boolean;
  readonly table?: Name | undefined;
  readonly expression?: Expression | undefined;
  readonly alias?: Name | undefined;
}

export interface Join {
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross' | 'comma';
  readonly natural: boolean;
  readonly on?: Expression | undefined;
  readonly using?: readonly Name[] | undefined;
}
/** One entry of FROM, in the order written; `join` is how it is joined to what stands before it. */
export interface FromItem extends Node {
  readonly kind: 'table' | 'subquery' | 'function' | 'values' | 'hole';
  readonly schema?: Name | undefined;
  /** The table's or function's name; absent for a subquery and for a hole. */
  readonly name?: Name | undefined;
  readonly alias?: Name | undefined;
  readonly query?: Select | undefined;
  readonly arguments?: readonly Expression[] | undefined;
  readonly lateral: boolean;
  readonly join?: Join | undefined;
}
export interface OrderTerm extends Node {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last' | undefined;
}
export interface CommonTable extends Node {
  readonly name: Name;
  readonly columns: readonly Name[];
  /** The body: a SELECT, or on PostgreSQL also INSERT, UPDATE, DELETE. */
  readonly body: Statement;
  readonly recursive: boolean;
}
export interface Select extends Node {
  readonly kind: 'select';
  readonly with: readonly CommonTable[];
  readonly distinct: boolean;
  readonly columns: readonly ResultColumn[];
  readonly from: readonly FromItem[];
  readonly where?: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression | undefined;
  /** Further arms of UNION, INTERSECT, EXCEPT; `orderBy`, `limit`, `offset` belong to the whole. */
  readonly compound: readonly { readonly operator: 'UNION' | 'UNION ALL' | 'INTERSECT' | 'EXCEPT'; readonly select: Select }[];
  readonly orderBy: readonly OrderTerm[];
  readonly limit?: Expression | undefined;
  readonly offset?: Expression | undefined;
  /** FOR UPDATE, FOR SHARE … */
  readonly locking: boolean;
  /** VALUES (…), (…) as a statement of its own. */
  readonly values?: readonly (readonly Expression[])[] | undefined;
}
export interface Assignment {
  readonly column: Name;
  readonly value: Expression;
}
export interface Insert extends Node {
  readonly kind: 'insert';
  readonly with: readonly CommonTable[];
  readonly table: FromItem;
  readonly columns: readonly Name[];
  readonly rows: number;
  /** The first rows of VALUES (at most three): the others say nothing new. */
  readonly values?: readonly (readonly Expression[])[] | undefined;
  readonly query?: Select | undefined;
  /** What ON CONFLICT DO UPDATE and ON DUPLICATE KEY UPDATE set. */
  readonly conflict?: readonly Assignment[] | undefined;
  /** INSERT OR REPLACE, REPLACE, ON CONFLICT … */
  readonly upsert: boolean;
  readonly returning: readonly ResultColumn[];
}
export interface Update extends Node {
  readonly kind: 'update';
  readonly with: readonly CommonTable[];
  readonly table: FromItem;
  readonly set: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where?: Expression | undefined;
  readonly returning: readonly ResultColumn[];
}
export interface Delete extends Node {
  readonly kind: 'delete';
  readonly with: readonly CommonTable[];
  readonly table: FromItem;
  readonly using: readonly FromItem[];
  readonly where?: Expression | undefined;
  readonly returning: readonly ResultColumn[];
}

export interface ColumnDefinition extends Node {
  readonly name: Name;
  /** Folded, spaces collapsed; empty on SQLite when none was given. */
  readonly type: string;
  readonly notNull: boolean;
  readonly primaryKey: boolean;
  readonly unique: boolean;
  readonly references?: { readonly table: Name; readonly columns: readonly Name[] } | undefined;
  readonly collation?: string | undefined;
  readonly defaultText?: string | undefined;
  readonly generated: boolean;
}
export interface TableConstraint extends Node {
  readonly kind: 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclude';
  readonly name?: Name | undefined;
  readonly columns: readonly Name[];
  readonly references?: { readonly table: Name; readonly columns: readonly Name[] } | undefined;
}
export interface QualifiedName extends Node {
  readonly schema?: Name | undefined;
  readonly name: Name;
}
export interface CreateTable extends Node {
  readonly kind: 'create table';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
  readonly query?: Select | undefined;
  readonly partitionBy?: { readonly method: string; readonly columns: readonly Expression[] } | undefined;
  readonly partitionOf?: QualifiedName | undefined;
  /** Tables whose columns it takes over: INHERITS (…) and LIKE. */
  readonly inherits?: readonly QualifiedName[] | undefined;
  readonly virtual?: string | undefined;
  readonly withoutRowid: boolean;
  readonly strict: boolean;
}
export interface IndexTerm extends Node {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last' | undefined;
  readonly collation?: string | undefined;
  readonly operatorClass?: string | undefined;
}
export interface CreateIndex extends Node {
  readonly kind: 'create index';
  readonly name?: QualifiedName | undefined;
  readonly table: QualifiedName;
  readonly unique: boolean;
  readonly concurrently: boolean;
  /** The span of CONCURRENTLY, or the empty span just after INDEX where it would be written. */
  readonly concurrentlySpan: Span;
  readonly ifNotExists: boolean;
  readonly method: string;
  readonly terms: readonly IndexTerm[];
  readonly include: readonly Name[];
  readonly where?: Expression | undefined;
}
export interface CreateView extends Node {
  readonly kind: 'create view';
  readonly name: QualifiedName;
  readonly materialized: boolean;
  readonly temporary: boolean;
  readonly columns: readonly Name[];
  readonly query?: Select | undefined;
}
export type AlterAction =
  | { readonly kind: 'add column'; readonly column: ColumnDefinition }
  | { readonly kind: 'drop column'; readonly column: Name }
  | { readonly kind: 'rename column'; readonly from: Name; readonly to: Name }
  | { readonly kind: 'rename table'; readonly to: Name }
  | { readonly kind: 'add constraint'; readonly constraint: TableConstraint }
  | { readonly kind: 'drop constraint'; readonly name: Name }
  | { readonly kind: 'alter column'; readonly column: Name; readonly type?: string | undefined; readonly notNull?: boolean | undefined }
  | { readonly kind: 'set'; readonly options: readonly { readonly key: Name; readonly value: string; readonly valueSpan: Span }[] }
  | { readonly kind: 'other' };
export interface AlterTable extends Node {
  readonly kind: 'alter table';
  readonly table: QualifiedName;
  readonly actions: readonly AlterAction[];
}
export interface Drop extends Node {
  readonly kind: 'drop';
  readonly object: 'table' | 'index' | 'view' | 'materialized view' | 'schema' | 'other';
  readonly names: readonly QualifiedName[];
  readonly ifExists: boolean;
  readonly concurrently: boolean;
}
/** PRAGMA, SET, ALTER SYSTEM SET, ALTER DATABASE … SET. */
export interface SetStatement extends Node {
  readonly kind: 'set';
  readonly form: 'pragma' | 'set' | 'alter system' | 'alter database' | 'alter role';
  readonly key: Name;
  readonly schema?: Name | undefined;
  /** Without quotes; absent for `PRAGMA name` and `RESET`. */
  readonly value?: string | undefined;
  readonly valueSpan?: Span | undefined;
  readonly local: boolean;
}
/** Everything else, told apart by its leading words in upper case: `VACUUM`, `ANALYZE`, `BEGIN`, `CREATE FUNCTION`, `COPY` … */
export interface Other extends Node {
  readonly kind: 'other';
  readonly verb: string;
  /** The relations it names, where that could be told (REFRESH MATERIALIZED VIEW x, ANALYZE x, COPY x). */
  readonly names: readonly QualifiedName[];
  /** The statement inside EXPLAIN, PREPARE, DECLARE CURSOR. */
  readonly inner?: Statement | undefined;
  readonly concurrently: boolean;
}
export type Statement = (
  | Select
  | Insert
  | Update
  | Delete
  | CreateTable
  | CreateIndex
  | CreateView
  | AlterTable
  | Drop
  | SetStatement
  | Other
) & { readonly complete?: boolean };
