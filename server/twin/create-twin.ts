/** The twin as its users see it: a child process that is started when it is asked, told its blueprint again when it has lost it, and ended when idle. */
import type { CandidateIndex, WhatIf } from '../analysis/facts.ts';
import type { EngineId } from '../analysis/sql/statement.ts';
import { spawnWorker, type Worker } from '../engines/child.ts';
import { EngineError, type Explained } from '../engines/engine.ts';
import type { Blueprint, IndexSet, Loaded, Twin } from './twin.ts';

export interface TwinOptions {
  /** The process ends when nothing was asked of it for this long. */
  readonly idleMilliseconds: number;
}
interface NotLoaded {
  readonly outcome: 'not-loaded';
}
/** Milliseconds. The first start of PostgreSQL in WebAssembly takes up to 5 s on a slow machine, and a large schema some more. */
const loadTimeout: Readonly<Record<EngineId, number>> = { sqlite: 20_000, postgres: 90_000 };
const askTimeout: Readonly<Record<EngineId, number>> = { sqlite: 5_000, postgres: 15_000 };
/** A statement is planned and an index built in some milliseconds each; a busy machine and a join of twenty tables take more. */
const itemTimeout = 100;
/** A twin that was killed must be built anew, so a statement nobody waits for any more may take longer than on a connection. */
const grace: Readonly<Record<EngineId, number>> = { sqlite: 2_000, postgres: 10_000 };
/** What each statement of a schema may add: 2 ms it takes, 20 ms on a machine that has other things to do. */
const statementTimeout = 20;
/** Questions about one schema that may overtake those about another. */
const mostInRow = 256;
/** Schemas kept beside the process, so that asking for the same one again costs nothing. */
const mostRemembered = 4;

const isNotLoaded = (answer: unknown): answer is NotLoaded => (answer as Partial<NotLoaded> | null)?.outcome === 'not-loaded';

/** Methods throw EngineError when the twin cannot be asked, and the signal's reason when aborted. */
export function createTwin(engine: EngineId, options: TwinOptions): Twin {
  const worker: Worker = spawnWorker(`${engine}-twin`, {
    timeout: askTimeout[engine],
    grace: grace[engine],
    idleMilliseconds: options.idleMilliseconds,
  });
  const remembered = new Map<string, Promise<Loaded>>();
  // A question and the loading it may need stay together: no other blueprint comes between.
  // Changing the schema costs a hundred times what a question does: whoever asks about the one that is loaded goes first, but not for ever.
  const waiting: { readonly hash: string; readonly run: () => Promise<void> }[] = [];
  let busy = false;
  let current = '';
  let inRow = 0;

  async function work(): Promise<void> {
    busy = true;
    for (;;) {
      const same = inRow < mostInRow ? waiting.findIndex(({ hash }) => hash === current) : -1;
      const [job] = waiting.splice(Math.max(0, same), 1);
      if (job === undefined) break;
      inRow = job.hash === current ? inRow + 1 : 0;
      current = job.hash;
      await job.run();
    }
    busy = false;
  }

  function inTurn<Answer>(hash: string, signal: AbortSignal | undefined, act: () => Promise<Answer>): Promise<Answer> {
    const turn = new Promise<Answer>((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          signal?.throwIfAborted();
          resolve(await act());
        } catch (error) {
          reject(error);
        }
      };
      waiting.push({ hash, run });
    });
    if (!busy) void work();
    if (signal === undefined) return turn;
    // Whoever gives up while others are served is free at once.
    return new Promise<Answer>((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  const send = (blueprint: Blueprint, signal: AbortSignal | undefined): Promise<Loaded> => {
    const statements = blueprint.ddl.length + (blueprint.snapshot?.ddl.length ?? 0);
    return worker.request<Loaded>('load', blueprint, { timeout: loadTimeout[engine] + statements * statementTimeout, signal });
  };

  function check(blueprint: Blueprint): void {
    if (blueprint.engine !== engine)
      throw new EngineError('internal', `A blueprint for ${blueprint.engine} was handed to the twin of ${engine}.`);
  }

  /** `items`: how many things are asked about, where that is many. */
  async function ask<Answer>(
    blueprint: Blueprint,
    method: string,
    params: object,
    signal: AbortSignal | undefined,
    items = 0,
  ): Promise<Answer> {
    check(blueprint);
    const timeout = askTimeout[engine] + items * itemTimeout;
    return inTurn(blueprint.hash, signal, async () => {
      const question = { hash: blueprint.hash, ...params };
      const answer = await worker.request<Answer | NotLoaded>(method, question, { signal, timeout });
      if (!isNotLoaded(answer)) return answer;
      await send(blueprint, signal);
      const second = await worker.request<Answer | NotLoaded>(method, question, { signal, timeout });
      if (isNotLoaded(second)) throw new EngineError('internal', 'The embedded engine lost its schema.');
      return second;
    });
  }

  return {
    engine,
    async load(blueprint, signal) {
      check(blueprint);
      const known = remembered.get(blueprint.hash);
      if (known !== undefined) return known;
      const loading = inTurn(blueprint.hash, signal, () => send(blueprint, signal));
      remembered.set(blueprint.hash, loading);
      loading.catch(() => remembered.delete(blueprint.hash));
      for (const hash of remembered.keys()) {
        if (remembered.size <= mostRemembered) break;
        remembered.delete(hash);
      }
      return loading;
    },
    explain: (blueprint, sql, signal) => ask<Explained>(blueprint, 'explain', { sql }, signal),
    whatIf: (blueprint: Blueprint, sql: string, candidates: readonly CandidateIndex[], signal?: AbortSignal) =>
      ask<readonly WhatIf[]>(blueprint, 'whatIf', { sql, candidates }, signal),
    price: (blueprint: Blueprint, statements: readonly string[], set: IndexSet, signal?: AbortSignal) =>
      ask<readonly Explained[]>(blueprint, 'price', { statements, set }, signal, statements.length + set.build.length),
    sizes: (blueprint: Blueprint, candidates: readonly CandidateIndex[], signal?: AbortSignal) =>
      ask<readonly number[]>(blueprint, 'sizes', { candidates }, signal, candidates.length),
    close: () => worker.close(),
  };
}
