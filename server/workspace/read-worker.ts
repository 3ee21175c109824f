/** What a worker thread does: reads the files it is handed, a batch at a time. */
import { parentPort } from 'node:worker_threads';
import { createCache } from './cache.ts';
import { type ReadRequest, type ReadResult, readFromDisk } from './read.ts';
import { buffersOf, type SlimDocument, slim } from './slim-document.ts';

export interface ReadBatch {
  readonly id: number;
  readonly requests: readonly ReadRequest[];
}
export interface ReadBatchResult {
  readonly id: number;
  readonly results: readonly SlimResult[];
}
/** A result as it crosses threads. */
export type SlimResult = Omit<ReadResult, 'document'> & { readonly slim?: SlimDocument | undefined };

export function runReadWorker(): void {
  const port = parentPort;
  if (port === null) return;
  const cache = createCache(1_000_000);
  port.on('message', async (batch: ReadBatch) => {
    const results: SlimResult[] = [];
    for (const request of batch.requests) {
      try {
        const { document, ...result } = await readFromDisk(request, cache);
        results.push({ ...result, slim: document && slim(document) });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        results.push({ path: request.path, known: true, suppressions: [], problems: [`could not be read: ${message}`] });
      }
    }
    // The bytes change hands; copying them would only cost time.
    const bytes = results.flatMap((result) => (result.slim === undefined ? [] : buffersOf(result.slim)));
    port.postMessage({ id: batch.id, results } satisfies ReadBatchResult, bytes);
  });
}
