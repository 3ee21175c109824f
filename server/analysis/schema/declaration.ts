/**
 * The schema as the files of a tool declare it (models of an ORM, migrations in a host language), before
 * the engine is known: what each file says, in the tool's own words made common. `fold.ts` puts the files
 * of a project together, `emit.ts` writes the DDL that an engine is asked about. Plain data: it crosses
 * threads and is kept with the document.
 */
import type { Span } from '../span.ts';
import type { EngineId } from '../sql/statement.ts';

export type SchemaTool = 'alembic' | 'django' | 'drizzle' | 'knex' | 'prisma' | 'rails' | 'sqlalchemy' | 'typeorm';

/** A type as each engine's own DDL writes it. */
export type TypeText = readonly [postgres: string, sqlite: string];

/** A table by its name, or by what code calls it (a Django model, an entity class, a variable); `suffix` is added to the name found. */
export type TableRef =
  | { readonly name: string; readonly schema?: string | undefined }
  | { readonly symbol: string; readonly suffix?: string | undefined };

export interface ReferenceSpec {
  readonly table: TableRef;
  /** By column or property name; the primary key where absent. */
  readonly columns?: readonly string[] | undefined;
}
export interface ColumnSpec {
  readonly name: string;
  /** What code calls it, where that differs: keys of indexes may use either. */
  readonly property?: string | undefined;
  /** Nobody wrote its name: a naming strategy of the project makes it from the property. */
  readonly unnamed?: boolean | undefined;
  /** `referenced`: that of the column it refers to. */
  readonly type: TypeText | 'referenced';
  /** A named type whose values are declared elsewhere, or here. */
  readonly enumeration?: { readonly name: string; readonly values: readonly string[] } | undefined;
  readonly array?: boolean | undefined;
  readonly notNull: boolean;
  readonly primaryKey?: boolean | undefined;
  readonly autoIncrement?: boolean | undefined;
  readonly unique?: boolean | undefined;
  /** An index of its own, with the name it is given where that is known. */
  readonly indexed?: boolean | undefined;
  readonly references?: ReferenceSpec | undefined;
  /** SQL of a generated column. */
  readonly generated?: string | undefined;
  /** PostgreSQL: beside an index, a second one for LIKE where its type is text, as Django makes it. */
  readonly patternIndex?: boolean | undefined;
  readonly collation?: string | undefined;
  readonly span: Span;
}
export interface KeySpec {
  readonly column?: string | undefined;
  /** SQL that every engine takes. */
  readonly expression?: string | undefined;
  readonly descending?: boolean | undefined;
  readonly nulls?: 'first' | 'last' | undefined;
  readonly operatorClass?: string | undefined;
}
export interface IndexSpec {
  readonly name?: string | undefined;
  readonly keys: readonly KeySpec[];
  readonly unique?: boolean | undefined;
  readonly method?: string | undefined;
  readonly include?: readonly string[] | undefined;
  /** SQL; `unknown` where there is a condition that could not be read: then the index is left out. */
  readonly where?: string | undefined;
  readonly unknown?: boolean | undefined;
  readonly span: Span;
}
export interface ConstraintSpec {
  readonly kind: 'primary key' | 'unique' | 'foreign key' | 'other';
  readonly name?: string | undefined;
  readonly columns: readonly string[];
  readonly references?: ReferenceSpec | undefined;
  readonly span: Span;
}
/** What an alteration says of a column; what it leaves out stays as it was. */
export type ColumnChange = Partial<Omit<ColumnSpec, 'name' | 'span'>>;

export type SchemaStep =
  | {
      readonly kind: 'create table';
      readonly table: TableRef;
      readonly symbol?: string | undefined;
      readonly columns: readonly ColumnSpec[];
      readonly constraints: readonly ConstraintSpec[];
      readonly indexes: readonly IndexSpec[];
      readonly ifNotExists?: boolean | undefined;
      readonly view?: boolean | undefined;
      /** Nobody wrote its name. */
      readonly unnamed?: boolean | undefined;
      /** Classes whose columns it takes over, by their symbols; a table with one that nobody declares is left out. */
      readonly bases?: readonly string[] | undefined;
      /** Where its name stands. */
      readonly span: Span;
    }
  /** A class that is no table, or not only one: others take its columns over. */
  | {
      readonly kind: 'mixin';
      readonly symbol: string;
      readonly bases: readonly string[];
      readonly columns: readonly ColumnSpec[];
      readonly constraints: readonly ConstraintSpec[];
      readonly indexes: readonly IndexSpec[];
    }
  | { readonly kind: 'drop table'; readonly table: TableRef }
  | {
      readonly kind: 'rename table';
      readonly table: TableRef;
      readonly to?: TableRef | undefined;
      /** Only where it is called so now. */
      readonly ifNamed?: string | undefined;
      readonly symbol?: string | undefined;
    }
  | { readonly kind: 'add column'; readonly table: TableRef; readonly column: ColumnSpec; readonly ifNotExists?: boolean | undefined }
  | { readonly kind: 'drop column'; readonly table: TableRef; readonly column: string }
  | {
      readonly kind: 'rename column';
      readonly table: TableRef;
      readonly column: string;
      readonly to: string;
      readonly property?: string | undefined;
    }
  | { readonly kind: 'alter column'; readonly table: TableRef; readonly column: string; readonly change: ColumnChange }
  | { readonly kind: 'create index'; readonly table: TableRef; readonly index: IndexSpec }
  | {
      readonly kind: 'drop index';
      readonly table?: TableRef | undefined;
      readonly name?: string | undefined;
      readonly columns?: readonly string[] | undefined;
    }
  | { readonly kind: 'rename index'; readonly name: string; readonly to: string }
  | { readonly kind: 'add constraint'; readonly table: TableRef; readonly constraint: ConstraintSpec }
  | {
      readonly kind: 'drop constraint';
      readonly table: TableRef;
      readonly name?: string | undefined;
      readonly columns?: readonly string[] | undefined;
      readonly of?: ConstraintSpec['kind'] | undefined;
    }
  /** `unique_together` and its like: all of one kind on the table are replaced. */
  | {
      readonly kind: 'replace together';
      readonly table: TableRef;
      readonly unique: boolean;
      readonly groups: readonly (readonly string[])[];
      readonly span: Span;
    }
  | { readonly kind: 'create type'; readonly name: string; readonly values: readonly string[]; readonly span: Span }
  | { readonly kind: 'create extension'; readonly name: string; readonly span: Span }
  /** The statements of the document that stand within. */
  | { readonly kind: 'sql'; readonly span: Span };

export interface Declarations {
  readonly tool: SchemaTool;
  /**
   * `migration`: one step of a sequence; `model`: what the code wants, and has where no migration says
   * otherwise; `snapshot`: the whole schema as the tool wrote it down; `configuration`: only says which engine.
   */
  readonly form: 'migration' | 'model' | 'snapshot' | 'configuration';
  /** The engines the file names. */
  readonly engines: readonly EngineId[];
  /** A migration's own name among those of its tool, and the names it must come after. */
  readonly id?: string | undefined;
  readonly follows?: readonly string[] | undefined;
  /** Migrations that it is the sum of. */
  readonly replaces?: readonly string[] | undefined;
  readonly steps: readonly SchemaStep[];
  /** How names that nobody wrote are made: `custom` cannot be told. */
  readonly naming?: 'snake' | 'custom' | undefined;
  /** What a symbol stands for: `settings.AUTH_USER_MODEL` and the model that it names. */
  readonly aliases?: readonly (readonly [string, string])[] | undefined;
}
