/** Many files at once on worker threads; few files here, where starting a thread would take longer than reading them. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Cache } from './cache.ts';
import { type ReadRequest, type ReadResult, readFromDisk } from './read.ts';
import type { ReadBatch, ReadBatchResult } from './read-worker.ts';
import { unslim } from './slim-document.ts';

/** A worker takes about a tenth of a second to start and load its grammars: the time of some fifty files. */
const WORTH_A_THREAD = 50;
const BATCH = 16;

/** Calls `got` for each request, in the order they are done. Rejects only when the signal is aborted. */
export async function readAll(
  requests: readonly ReadRequest[],
  cache: Cache,
  got: (result: ReadResult) => void,
  signal?: AbortSignal,
): Promise<void> {
  const threads = requests.length < WORTH_A_THREAD ? 0 : Math.min(availableParallelism(), 4);
  const batches: ReadRequest[][] = [];
  for (let at = 0; at < requests.length; at += BATCH) batches.push(requests.slice(at, at + BATCH));
  if (threads === 0) await drainHere(batches, cache, got, signal);
  else {
    await Promise.all(Array.from({ length: threads }, () => drainOnThread(batches, got, signal)));
    // What a thread that died left behind is read here.
    await drainHere(batches, cache, got, signal);
  }
}

async function drainHere(batches: ReadRequest[][], cache: Cache, got: (result: ReadResult) => void, signal: AbortSignal | undefined) {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    for (const request of batch) {
      signal?.throwIfAborted();
      got(await readFromDisk(request, cache));
    }
  }
}

/**
 * Megabytes. What a thread keeps is one file's tree and document; a larger heap would only hold garbage.
 * A file that does not fit costs the thread, and is read on the main one.
 */
const resourceLimits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };

/** In the bundle a thread runs the bundle itself; from source, the worker's own file. */
function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fromSource ? new URL('./read-worker-entry.ts', import.meta.url) : fileURLToPath(import.meta.url);
  return new Worker(entry, { workerData: { tunelens: 'read' }, resourceLimits });
}

function drainOnThread(batches: ReadRequest[][], got: (result: ReadResult) => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    let current: ReadRequest[] | undefined;
    const stop = (settle: () => void) => {
      signal?.removeEventListener('abort', abort);
      void worker.terminate();
      settle();
    };
    const abort = () => stop(() => reject(signal?.reason as Error));
    const next = () => {
      current = batches.shift();
      if (current === undefined) stop(resolve);
      else worker.postMessage({ id: 0, requests: current } satisfies ReadBatch);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: ReadBatchResult) => {
      for (const { slim, ...result } of message.results) got({ ...result, document: slim && unslim(slim) });
      current = undefined;
      next();
    });
    const died = () => {
      if (current !== undefined) batches.push(current);
      current = undefined;
      stop(resolve);
    };
    worker.on('error', died);
    worker.on('exit', died);
    next();
  });
}
