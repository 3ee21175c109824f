/** The worker's file when the server runs from source; in the bundle, cli/main.ts takes this part. */
import { runReadWorker } from './read-worker.ts';

runReadWorker();
