/** A rule looks at one subject with the facts it asked for, and reports. It is pure and never waits. */
import type { Call, Document, Query, Setting } from './document.ts';
import type { FactName, FactTypes, Grade, Plan } from './facts.ts';
import type { Fix } from './fix.ts';
import type { Health } from './health.ts';
import type { Place, Span } from './span.ts';
import type { Schema } from './sql/schema.ts';
import type { EngineId } from './sql/statement.ts';

export type RuleId = `${string}/${string}`;
export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface Evidence {
  readonly grade: Grade;
  /** Who says so, in a person's words. */
  readonly source: string;
  readonly before?: Plan | undefined;
  readonly after?: Plan | undefined;
  /** Short sentences shown under the message: row counts, what was assumed. */
  readonly notes: readonly string[];
}

/** What a rule says. */
export interface Report {
  readonly span: Span;
  /** At most 120 characters: what, and what it costs. No trailing full stop. */
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity | undefined;
  /** `static`, from the text alone, where absent. */
  readonly evidence?: Evidence | undefined;
  readonly related?: readonly (Place & { readonly message: string })[] | undefined;
  readonly fixes?: readonly Fix[] | undefined;
  readonly tags?: readonly ('unnecessary' | 'deprecated')[] | undefined;
  /** Where another file than the subject's own is to blame: what a database holds is written down in the repository, or nowhere. */
  readonly at?: Place | undefined;
  /** The table, index or sequence it is about, where there is no line that tells. */
  readonly object?: string | undefined;
}

/** A report with its rule, file and place: what people see. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly path: string;
  readonly span: Span;
  /** The statement or setting it is about: a suppression above that applies. */
  readonly anchor: Span;
  readonly message: string;
  readonly evidence: Evidence;
  readonly related: readonly (Place & { readonly message: string })[];
  readonly fixes: readonly Fix[];
  readonly tags: readonly ('unnecessary' | 'deprecated')[];
  readonly object?: string | undefined;
}

export interface Subjects {
  readonly query: { readonly document: Document; readonly query: Query; readonly index: number };
  readonly setting: { readonly document: Document; readonly setting: Setting; readonly index: number };
  readonly call: { readonly document: Document; readonly call: Call; readonly index: number };
  readonly document: { readonly document: Document };
  /** A connected database. Its document is an empty one whose path is the connection's label; the schema is the repository's, with its places. */
  readonly database: {
    readonly document: Document;
    readonly health: Health;
    readonly source: string;
    readonly declared?: Schema | undefined;
  };
}
export type SubjectKind = keyof Subjects;

export interface Rule<On extends SubjectKind = SubjectKind, Needs extends FactName = FactName, Wants extends FactName = FactName> {
  readonly id: RuleId;
  readonly severity: Severity;
  readonly on: On;
  /** The facts without which the rule is silent. */
  readonly needs: readonly Needs[];
  /** Facts that make the report better, and may be missing. */
  readonly wants?: readonly Wants[] | undefined;
  /** Only subjects of these engines; all where absent. */
  readonly engines?: readonly EngineId[] | undefined;
  /** A cheap look at the text alone: false means no fact need be gathered for this subject. */
  applies?(subject: Subjects[On]): boolean;
  check(
    subject: Subjects[On],
    facts: Pick<FactTypes, Needs> & { readonly [Want in Wants]?: FactTypes[Want] | undefined },
  ): Iterable<Report>;
}

/** Erased of its type parameters, for lists of rules. */
// biome-ignore lint/suspicious/noExplicitAny: a list of rules is a list of different parameters
export type AnyRule = Rule<any, any, any>;

/** Gives a rule its types from what it needs; returns it unchanged. */
export function rule<On extends SubjectKind, const Needs extends FactName = never, const Wants extends FactName = never>(
  definition: Rule<On, Needs, Wants>,
): Rule<On, Needs, Wants> {
  return definition;
}
