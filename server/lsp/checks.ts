/** Checks of open documents: what the text alone shows at once, what an engine says when it has said it. */
import type { FileResult } from '../workspace/project.ts';
import { isAbort, logged } from './guard.ts';
import { filePause } from './pauses.ts';
import type { Session } from './session.ts';

/** How long an answer waits for the engine before it goes out without it, in milliseconds: cached plans come sooner, and a person does not see the difference. */
const patience = 100;
/** The same where a person asked for what belongs to a finding that is shown: it must not be missing because an engine is just starting. */
const patienceWhenAsked = 2_000;

export interface Checks {
  /**
   * The best answer that is there soon: with the engine's findings when they come within 100 ms, else
   * without them, and `late` is called when they have come. While somebody types it is about what stands around the
   * cursor; the whole file is looked at when the keys rest, and `late` is called where that shows something else.
   * Undefined for a file nothing reads.
   */
  soon(path: string, signal: AbortSignal): Promise<FileResult | undefined>;
  /** The same, for a person who waits: up to two seconds. */
  asked(path: string, signal: AbortSignal): Promise<FileResult | undefined>;
  /** Something around the documents changed: what was known of each has to be asked for once more. */
  stale(): void;
  /** The text changed: what is still being asked about the old one is not wanted any more. */
  drop(path: string): void;
}

interface Pass {
  readonly controller: AbortController;
  readonly result: Promise<FileResult | undefined>;
  timer?: NodeJS.Timeout | undefined;
}

export function createChecks(session: Session, late: (path: string) => void): Checks {
  // Around what the last complete answer of a document was given: the text pass alone does not see that change.
  let surroundings = 0;
  const answered = new Map<string, number>();
  const running = new Map<string, Pass>();
  const end = (path: string): void => {
    const pass = running.get(path);
    clearTimeout(pass?.timer);
    pass?.controller.abort();
    running.delete(path);
  };

  /** One engine pass a document at a time, shared by whoever asks; it outlives the request that began it. */
  const enginePass = (path: string): Promise<FileResult | undefined> => {
    const current = running.get(path);
    if (current !== undefined) return current.result;
    const controller = new AbortController();
    const around = surroundings;
    const check = (scope: 'edit' | 'file') => session.project.check(path, 'all', controller.signal, scope);
    const done = (): void => {
      answered.set(path, around);
      if (running.get(path) === pass) running.delete(path);
    };
    const wholeFile = logged(session.connection, 'check', async (before: FileResult) => {
      const whole = await check('file');
      done();
      if (whole !== undefined && !sameFindings(before, whole)) late(path);
    });
    const first = async (): Promise<FileResult | undefined> => {
      try {
        const result = await check('edit');
        if (result === undefined || result.complete) done();
        else pass.timer = setTimeout(wholeFile, filePause, result);
        return result;
      } catch (error) {
        if (running.get(path) === pass) running.delete(path);
        throw error;
      }
    };
    const pass: Pass = { controller, result: Promise.resolve().then(first) };
    running.set(path, pass);
    return pass.result;
  };
  const within = async (path: string, signal: AbortSignal, wait: number): Promise<FileResult | undefined> => {
    const text = await session.project.check(path, 'text', signal, 'edit');
    if (text === undefined || (text.complete && answered.get(path) === surroundings)) return text;
    const pass = enginePass(path);
    const first = await Promise.race([pass, new Promise<'late'>((resolve) => setTimeout(resolve, wait, 'late'))]);
    if (first !== 'late') return first;
    logged(session.connection, 'engine pass', async () => {
      const result = await pass;
      if (result !== undefined) late(path);
    })();
    return text;
  };
  const answer = async (path: string, signal: AbortSignal, wait: number): Promise<FileResult | undefined> => {
    try {
      return await within(path, signal, wait);
    } catch (error) {
      // Something around the document changed and ended the pass: whoever asked still gets what the text shows.
      if (!isAbort(error) || signal.aborted) throw error;
      return await session.project.check(path, 'text', signal);
    }
  };
  return {
    soon: (path, signal) => answer(path, signal, patience),
    asked: (path, signal) => answer(path, signal, patienceWhenAsked),
    stale() {
      surroundings++;
      // A pass that began before would answer for what was.
      for (const path of [...running.keys()]) end(path);
    },
    drop: end,
  };
}

function sameFindings(left: FileResult, right: FileResult): boolean {
  const keyOf = ({ findings }: FileResult): string =>
    JSON.stringify(findings.map(({ rule, severity, span, message }) => [rule, severity, span, message]));
  return keyOf(left) === keyOf(right);
}
