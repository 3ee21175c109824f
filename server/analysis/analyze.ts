/** Documents + facts + rules -> findings. Pure: what a rule needs has been gathered before. */
import type { Document } from './document.ts';
import type { FactName, FactTypes } from './facts.ts';
import type { Fix } from './fix.ts';
import type { AnyRule, Evidence, Finding, Report, Rule, RuleId, SubjectKind, Subjects } from './rule.ts';
import type { Span } from './span.ts';

/** A rule that threw. It costs itself and one log line, never the others. */
export interface Fault {
  readonly rule: RuleId;
  readonly path: string;
  readonly message: string;
}
export interface Analysis {
  readonly findings: readonly Finding[];
  readonly faults: readonly Fault[];
}

/** One thing a rule may be asked about, with what tells it apart: `query:3`. */
export type Subject = { readonly [Kind in SubjectKind]: { readonly kind: Kind; readonly key: string } & Subjects[Kind] }[SubjectKind];

/** The rules that look at each kind of subject. */
type RulesByKind = { readonly [Kind in SubjectKind]: readonly AnyRule[] };
function byKind(rules: readonly AnyRule[]): RulesByKind {
  const on = (kind: SubjectKind) => rules.filter((rule) => rule.on === kind);
  return { document: on('document'), query: on('query'), setting: on('setting'), call: on('call'), database: on('database') };
}

/**
 * The subjects of a document and of the documents inside it, in the order written; only of kinds that a rule looks at,
 * because a file has thousands of calls and a keystroke asks about all of them.
 */
function* subjectsOf(document: Document, rules: RulesByKind, within: Span | undefined): Generator<Subject> {
  const asked = (span: Span): boolean => within === undefined || (span.start <= within.end && within.start <= span.end);
  if (rules.document.length > 0) yield { kind: 'document', key: 'document', document };
  if (rules.query.length > 0)
    for (const [index, query] of document.queries.entries())
      if (asked(query.anchor)) yield { kind: 'query', key: `query:${index}`, document, query, index };
  if (rules.setting.length > 0)
    for (const [index, setting] of document.settings.entries())
      if (asked(setting.anchor)) yield { kind: 'setting', key: `setting:${index}`, document, setting, index };
  if (rules.call.length > 0)
    for (const [index, call] of document.calls.entries())
      if (asked(call.span)) yield { kind: 'call', key: `call:${index}`, document, call, index };
  for (const [part, inner] of document.parts.entries()) {
    for (const subject of subjectsOf(inner, rules, within)) yield { ...subject, key: `part:${part}/${subject.key}` };
  }
}

/** Whether a rule may be asked about a subject at all, facts aside. */
function applies(rule: AnyRule, subject: Subject): boolean {
  if (rule.engines !== undefined) {
    const engine = engineOf(subject);
    if (engine !== undefined && !(rule.engines as readonly string[]).includes(engine)) return false;
  }
  return rule.applies === undefined || rule.applies(subject);
}

function engineOf(subject: Subject): string | undefined {
  if (subject.kind === 'query') return subject.query.dialect;
  if (subject.kind === 'setting') return subject.setting.system;
  return subject.kind === 'database' ? subject.health.engine : undefined;
}

/** What the rules have to ask about a connected database. */
export function questionsOfDatabase(database: Subjects['database'], rules: readonly AnyRule[]): Questions {
  const subject: Subject = { kind: 'database', key: 'database', ...database };
  const asking = rules.filter((rule) => rule.on === 'database' && applies(rule, subject));
  return { document: database.document, questions: [{ subject, rules: asking }], faults: [] };
}

/** A subject with the rules that have something to ask about it. */
export interface Question {
  readonly subject: Subject;
  readonly rules: readonly AnyRule[];
}
export interface Questions {
  readonly document: Document;
  readonly questions: readonly Question[];
  /** Rules that threw while they were asked whether they apply. */
  readonly faults: readonly Fault[];
}

/**
 * What the rules have to ask about a document: found once, then used to gather facts and to analyse. With `within` only of
 * what stands in or at that part of it, and of the document as a whole.
 */
export function questionsOf(document: Document, rules: readonly AnyRule[], within?: Span): Questions {
  const questions: Question[] = [];
  const faults: Fault[] = [];
  const grouped = byKind(rules);
  for (const subject of subjectsOf(document, grouped, within)) {
    const asking: AnyRule[] = [];
    for (const rule of grouped[subject.kind]) {
      try {
        if (applies(rule, subject)) asking.push(rule);
      } catch (error) {
        faults.push(faultOf(rule, document, error));
      }
    }
    if (asking.length > 0) questions.push({ subject, rules: asking });
  }
  return { document, questions, faults };
}

/** The facts that the rules need or want: what the host should gather. */
export function factsFor({ rules }: Question): ReadonlySet<FactName> {
  const names = new Set<FactName>();
  for (const rule of rules) {
    for (const name of rule.needs) names.add(name as FactName);
    for (const name of rule.wants ?? []) names.add(name as FactName);
  }
  return names;
}

/**
 * Puts every question. A rule with a missing needed fact is not asked.
 * Findings come in the order they stand in the file.
 */
export function analyze({ document, questions, faults: before }: Questions, factsOf: (subject: Subject) => Partial<FactTypes>): Analysis {
  const findings: Finding[] = [];
  const faults: Fault[] = [...before];
  for (const { subject, rules } of questions) {
    const known = factsOf(subject);
    for (const rule of rules as readonly Rule[]) {
      try {
        if (!rule.needs.every((name) => known[name] !== undefined)) continue;
        for (const report of rule.check(subject, known as FactTypes)) findings.push(findingOf(rule, subject, report));
      } catch (error) {
        faults.push(faultOf(rule, document, error));
      }
    }
  }
  findings.sort((left, right) => left.span.start - right.span.start || left.span.end - right.span.end || (left.rule < right.rule ? -1 : 1));
  return { findings, faults };
}

function faultOf(rule: AnyRule, { path }: Document, error: unknown): Fault {
  return { rule: rule.id, path, message: error instanceof Error ? error.message : String(error) };
}

const seenInText: Evidence = { grade: 'static', source: 'text', notes: [] };

/** Every span is copied: those of an open file's document are moved when it is read again, a finding stays as it was said. */
function findingOf(rule: AnyRule, subject: Subject, report: Report): Finding {
  return {
    rule: rule.id,
    severity: report.severity ?? rule.severity,
    path: report.at?.path ?? subject.document.path,
    span: { ...(report.at?.span ?? report.span) },
    anchor: { ...(report.at?.span ?? anchorOf(subject, report.span)) },
    message: report.message,
    evidence: report.evidence ?? seenInText,
    related: report.related?.map((place) => ({ ...place, span: { ...place.span } })) ?? [],
    fixes: report.fixes?.map(copyOf) ?? [],
    tags: report.tags ?? [],
    ...(report.object !== undefined && { object: report.object }),
  };
}

function copyOf(fix: Fix): Fix {
  return fix.kind === 'edit' ? { ...fix, edits: fix.edits.map(({ span, text }) => ({ span: { ...span }, text })) } : fix;
}

function anchorOf(subject: Subject, span: Span): Span {
  if (subject.kind === 'query') return subject.query.anchor;
  if (subject.kind === 'setting') return subject.setting.anchor;
  return span;
}
