/** What a worker thread does: reads the files it is handed, a batch at a time. */
import { parentPort } from 'node:worker_threads';
import { createCache } from './cache.ts';
import { type ReadRequest, type ReadResult, readFromDisk } from './read.ts';

export interface ReadBatch {
  readonly id: number;
  readonly requests: readonly ReadRequest[];
}
export interface ReadBatchResult {
  readonly id: number;
  readonly results: readonly ReadResult[];
}

export function runReadWorker(): void {
  const port = parentPort;
  if (port === null) return;
  const cache = createCache(1_000_000);
  port.on('message', async (batch: ReadBatch) => {
    const results: ReadResult[] = [];
    for (const request of batch.requests) {
      try {
        results.push(await readFromDisk(request, cache));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        results.push({ path: request.path, known: true, suppressions: [], problems: [`could not be read: ${message}`] });
      }
    }
    port.postMessage({ id: batch.id, results } satisfies ReadBatchResult);
  });
}
