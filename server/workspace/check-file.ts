/** Checks one file: what the rules ask of it, the facts they need, and what is shown of the answers. */
import { analyze, type Fault, questionsOf, questionsOfDatabase } from '../analysis/analyze.ts';
import type { AnyRule, Finding, RuleId } from '../analysis/rule.ts';
import { carriedOver, createAnswers, editSince, isNothing, merged } from './edited.ts';
import type { Gatherer } from './gather.ts';
import { folderOf } from './paths.ts';
import type { FileResult } from './project.ts';
import { type Settings, severityFor } from './settings.ts';
import type { ReadFile, Store } from './store.ts';
import { withoutSuppressed } from './suppression.ts';

export interface CheckerOptions {
  readonly store: Store;
  readonly gatherer: Gatherer;
  readonly settings: Settings;
  readonly rules: readonly AnyRule[];
  /** One line for each rule that failed. */
  readonly log: (line: string) => void;
  /** Whether every file of the folders was read. */
  readonly isIndexed: () => boolean;
}
export interface Checker {
  /** `edit`: of an open file only what stands around what was typed since its last answer; the rest is carried over. */
  check(file: ReadFile, facts: 'text' | 'all', signal?: AbortSignal, scope?: 'file' | 'edit'): Promise<FileResult>;
  /** What the rules say about the connected databases, in whichever file it belongs to. Without `ask` only what is known already. */
  live(ask: boolean): Promise<{ readonly findings: readonly Finding[]; readonly complete: boolean }>;
  isOn(path: string, rule: RuleId): boolean;
  /** What was found in these files before is no answer any more. */
  forget(paths: readonly string[] | 'all'): void;
}

export function createChecker({ store, gatherer, settings, rules, log, isIndexed }: CheckerOptions): Checker {
  const rulesOf = (path: string): readonly AnyRule[] => {
    const configuration = settings.of(folderOf(path));
    return rules.filter((rule) => severityFor(configuration, rule.id) !== 'off');
  };
  const finish = (path: string, file: ReadFile, findings: readonly Finding[]): readonly Finding[] => {
    const configuration = settings.of(folderOf(path));
    const graded = findings.map((finding) => {
      const severity = severityFor(configuration, finding.rule);
      return severity === undefined || severity === 'off' ? finding : { ...finding, severity };
    });
    return withoutSuppressed(graded, file.result.suppressions, file.document.lineStarts);
  };
  const asksDatabases = rules.some(({ on }) => on === 'database');
  const foundLive = new WeakMap<object, readonly Finding[]>();
  const live: Checker['live'] = async (ask) => {
    if (!asksDatabases || gatherer.connections().length === 0) return { findings: [], complete: true };
    if (!isIndexed()) return { findings: [], complete: false };
    const { databases, complete } = await gatherer.databases(store.documents(), ask);
    const findings = databases.flatMap((database) => {
      let found = foundLive.get(database);
      if (found === undefined) {
        const analysis = analyze(questionsOfDatabase(database, rules), () => ({}));
        for (const fault of analysis.faults) log(faultLine(fault));
        found = analysis.findings;
        foundLive.set(database, found);
      }
      return found;
    });
    return { findings, complete };
  };
  const isOn: Checker['isOn'] = (path, rule) => severityFor(settings.of(folderOf(path)), rule) !== 'off';
  const answers = createAnswers();
  const onDocument = new Set(rules.filter(({ on }) => on === 'document' || on === 'database').map(({ id }) => id));
  const check: Checker['check'] = async (file, facts, signal, scope = 'file') => {
    const text = store.openText(file.path);
    const documents = store.documents();
    const last = scope === 'edit' && text !== undefined ? answers.of(file.path, documents) : undefined;
    const edit = last && text !== undefined ? editSince(last.text, text, file.document) : undefined;
    const asked = questionsOf(file.document, rulesOf(file.path), edit?.region);
    const gathered = await gatherer.gather({
      asked,
      documents: isIndexed() ? documents : undefined,
      known: documents,
      engines: facts === 'all',
      signal,
    });
    const { superseded } = gathered;
    const questions = superseded.size === 0 ? asked.questions : asked.questions.filter(({ subject }) => !superseded.has(subject.key));
    const { findings, faults } = analyze({ ...asked, questions }, gathered.factsOf);
    for (const fault of faults) log(faultLine(fault));
    const databases = await live(facts === 'all');
    const here = databases.findings.filter(({ path, rule }) => path === file.path && isOn(path, rule));
    const all = here.length === 0 ? findings : [...findings, ...here].sort((left, right) => left.span.start - right.span.start);
    let finished = finish(file.path, file, all);
    if (last !== undefined && edit !== undefined) {
      const elsewhere = last.findings.filter(({ rule }) => !onDocument.has(rule));
      finished = merged(carriedOver(elsewhere, edit, !gathered.complete), finished);
    }
    const complete =
      gathered.complete &&
      databases.complete &&
      (edit === undefined ? isIndexed() || facts === 'all' : last?.complete === true && isNothing(edit));
    // The text went on meanwhile: this is no answer to what stands there now.
    if ((facts === 'all' || complete) && text !== undefined && text === store.openText(file.path)) {
      answers.keep(file.path, { text, documents, findings: finished, complete });
    }
    return {
      path: file.path,
      version: file.version,
      document: file.document,
      findings: finished,
      unchecked: file.result.problems.map((reason) => ({ path: file.path, reason })),
      faults,
      complete,
    };
  };

  return { check, live, isOn, forget: answers.forget };
}

function faultLine({ rule, path, message }: Fault): string {
  return `Rule ${rule} failed on ${path}: ${message}`;
}
