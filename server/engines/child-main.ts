/** The other side of `child.ts`: the process that is started with `--child KIND`, answers requests, and dies with its parent. */
import { Worker } from 'node:worker_threads';
import type { ChildReply, ChildRequest } from './child.ts';
import { EngineError } from './engine.ts';

export type Handlers = Readonly<Record<string, (params: never) => unknown>>;

async function handlersOf(kind: string): Promise<Handlers> {
  switch (kind) {
    case 'sqlite':
      return (await import('./sqlite/child.ts')).handlers;
    case 'sqlite-twin':
      return (await import('../twin/sqlite-child.ts')).handlers;
    case 'postgres-twin':
      return (await import('../twin/postgres-child.ts')).handlers;
    default:
      throw new EngineError('internal', `There is no child process of the kind ${kind}.`);
  }
}

/**
 * Standard input ends when the parent is gone, however it went. A thread waits for that, because the main thread may be
 * inside a statement that never comes back. `process.exit` would wait for the thread, so the end is a kill.
 */
const watchParent = `
  const { readSync } = require('node:fs');
  const byte = Buffer.alloc(1);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      if (readSync(0, byte, 0, 1, null) === 0) break;
    } catch (error) {
      if (error.code !== 'EAGAIN') break;
      Atomics.wait(pause, 0, 0, 500);
    }
  }
  process.kill(process.pid, 'SIGKILL');
`;

function reply(answer: ChildReply): void {
  process.send?.(answer, undefined, undefined, (error) => {
    if (error !== null) process.kill(process.pid, 'SIGKILL');
  });
}

/** Serves requests until the parent goes away. Resolves once it listens. */
export async function runChild(kind: string): Promise<void> {
  if (process.send === undefined) throw new EngineError('internal', 'A child process is started by TuneLens itself.');
  // No resourceLimits: with a stack of 1 MB for the thread, one process in ten ended with SIGSEGV.
  new Worker(watchParent, { eval: true, stdin: false }).unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  let handlers: Promise<Handlers> | undefined;
  process.on('message', (message) => {
    const { id, method, params } = message as ChildRequest;
    handlers ??= handlersOf(kind);
    handlers
      .then((known) => {
        const handler = known[method] as ((given: unknown) => unknown) | undefined;
        if (handler === undefined) throw new EngineError('internal', `The ${kind} process knows no ${method}.`);
        return handler(params);
      })
      .then(
        (value) => reply({ id, ok: true, value }),
        (error: unknown) =>
          reply({
            id,
            ok: false,
            kind: error instanceof EngineError ? error.kind : 'internal',
            message: error instanceof Error ? error.message : String(error),
          }),
      );
  });
}
