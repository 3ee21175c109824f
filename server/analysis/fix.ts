/** What can be done about a finding. TuneLens never runs a script itself. */
import type { Span } from './span.ts';
import type { EngineId } from './sql/statement.ts';

export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}
/** Applied by the editor to the finding's own file. */
export interface EditFix {
  readonly kind: 'edit';
  readonly title: string;
  /** Keeps the meaning for certain: may be applied to many places at once without looking. */
  readonly safe: boolean;
  readonly edits: readonly TextEdit[];
}
/** SQL that a person runs: shown, or written as a migration in the repository's own style. */
export interface ScriptFix {
  readonly kind: 'script';
  readonly title: string;
  readonly engine: EngineId;
  /** One statement or more, each ended by `;`. */
  readonly text: string;
  /** What takes it back, for tools with down migrations. */
  readonly down: string;
  /** For the migration's file name, in snake case: `add_index_orders_customer_id`. */
  readonly name: string;
  /** True when the script may not run inside a transaction (CREATE INDEX CONCURRENTLY). */
  readonly outsideTransaction: boolean;
  /** A statement to write instead of the one found: shown beside it, never a migration. */
  readonly shownOnly?: boolean | undefined;
}
export type Fix = EditFix | ScriptFix;
