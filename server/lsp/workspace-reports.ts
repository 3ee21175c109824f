/**
 * Findings of the files that are not open. One check of the folders at the start, then of what has
 * become stale; each file's report is handed on once, and again only when it is another.
 */

import type { CheckResult, FileResult } from '../workspace/project.ts';
import { isAbort, logged } from './guard.ts';
import { collectSoon } from './memory.ts';
import { emptyReport, type Report, reportOf } from './reports.ts';
import type { Session } from './session.ts';

/** Watchers report a checkout of another branch as thousands of changes: they are gathered for this many milliseconds. */
const gathering = 200;

export interface WorkspaceReports {
  /** These files, or all, may have other findings now. */
  stale(paths: readonly string[] | 'all'): void;
  /** Checks everything now, whatever the scope setting says. */
  checkNow(signal: AbortSignal, progress: (done: number, total: number) => void): Promise<CheckResult>;
  /** Reports that nobody took yet. */
  take(): readonly (readonly [path: string, report: Report])[];
  /** The client says what it knows; what it should know and does not is reported again. */
  reconcile(known: ReadonlyMap<string, string>): void;
  /** Called when there is something to take. Returns how to stop listening. */
  onReports(listener: () => void): () => void;
  /** A document was closed: from now on its findings come from here. */
  closed(path: string): void;
  /** The scope setting changed. */
  scopeChanged(): void;
  dispose(): void;
}

export function createWorkspaceReports(session: Session): WorkspaceReports {
  const { connection, project } = session;
  const pending = new Map<string, Report>();
  const told = new Map<string, string>();
  const listeners = new Set<() => void>();
  let stale: Set<string> | 'all' = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: AbortController | undefined;
  let explicit = false;

  /** A client that pulls sorts out itself what it asked for on its own: a document may be open without being shown. */
  const elsewhere = (path: string): boolean => !session.client.pullDiagnostics && session.documents.has(path);
  const waiting = (): boolean => stale === 'all' || stale.size > 0;
  const watching = (): boolean => explicit || session.settings.scope === 'workspace';
  const notify = (): void => {
    if (pending.size > 0) for (const listener of [...listeners]) listener();
  };
  const receive = (path: string, report: Report): void => {
    if (elsewhere(path)) return;
    const before = pending.get(path)?.resultId ?? told.get(path) ?? emptyReport.resultId;
    if (report.resultId !== before) pending.set(path, report);
  };
  const run = async (
    paths: readonly string[] | 'all',
    signal: AbortSignal,
    progress?: (done: number, total: number) => void,
  ): Promise<CheckResult> => {
    const seen = new Set<string>();
    let lastNotified = Date.now();
    const file = (result: FileResult): void => {
      if (seen.has(result.path)) return;
      seen.add(result.path);
      receive(result.path, reportOf(session, result));
      if (Date.now() - lastNotified > 100) {
        lastNotified = Date.now();
        notify();
      }
    };
    const result = await project.checkAll(paths === 'all' ? [] : paths, { signal, file, ...(progress === undefined ? {} : { progress }) });
    collectSoon();
    for (const each of result.files) file(each);
    if (!signal.aborted) {
      // A file that was asked about and no longer answers is gone, or nothing reads it any more.
      const asked = paths === 'all' ? [...told.keys(), ...pending.keys()] : paths;
      for (const path of asked) if (!seen.has(path)) receive(path, emptyReport);
    }
    notify();
    return result;
  };
  const work = async (): Promise<void> => {
    if (running !== undefined || !watching()) return;
    const paths = stale === 'all' ? 'all' : [...stale].filter((path) => !elsewhere(path));
    stale = new Set();
    if (paths.length === 0) return;
    const controller = new AbortController();
    running = controller;
    const done = session.status.busy(paths === 'all' ? 'Checking the folder' : 'Checking changed files');
    try {
      await run(paths, controller.signal);
    } catch (error) {
      if (!isAbort(error)) throw error;
    } finally {
      done();
      running = undefined;
      if (waiting()) schedule();
    }
  };
  const schedule = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      logged(connection, 'check of the folder', work)();
    }, gathering);
  };
  return {
    stale(paths) {
      if (paths === 'all') stale = 'all';
      else if (stale !== 'all') for (const path of paths) stale.add(path);
      if (watching()) schedule();
    },
    async checkNow(signal, progress) {
      explicit = true;
      running?.abort();
      stale = new Set();
      return run('all', signal, progress);
    },
    take() {
      const ready = [...pending].filter(([path]) => !elsewhere(path));
      for (const [path, report] of ready) {
        pending.delete(path);
        if (report === emptyReport) told.delete(path);
        else told.set(path, report.resultId);
      }
      return ready;
    },
    reconcile(known) {
      const lost = [...told].filter(([path, id]) => known.get(path) !== id && !elsewhere(path)).map(([path]) => path);
      for (const path of lost) told.delete(path);
      for (const path of known.keys()) if (!told.has(path) && !elsewhere(path)) told.set(path, known.get(path) ?? '');
      if (lost.length > 0) this.stale(lost);
    },
    onReports(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed(path) {
      pending.delete(path);
      // What was shown while it was open is not known here, so any report is news.
      told.set(path, 'shown while open');
      if (watching()) this.stale([path]);
      // Nobody else would take away what was pushed for it while it was open.
      else {
        pending.set(path, emptyReport);
        notify();
      }
    },
    scopeChanged() {
      explicit = false;
      if (session.settings.scope === 'workspace') {
        this.stale('all');
        return;
      }
      running?.abort();
      pending.clear();
      for (const path of told.keys()) pending.set(path, emptyReport);
      notify();
    },
    dispose() {
      clearTimeout(timer);
      running?.abort();
      listeners.clear();
    },
  };
}
