/**
 * Child processes that can be killed. A running SQLite statement, and PostgreSQL in WebAssembly, stop for nothing
 * else, so both live in a process of their own: requests go over Node's IPC, one at a time, and one that takes too
 * long costs its process, never the caller's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from './engine.ts';

export interface WorkerOptions {
  /** Milliseconds for one request where it says nothing itself; 10,000 where absent. */
  readonly timeout?: number | undefined;
  /** Milliseconds a request may go on after its caller gave it up, before its process is killed; 500 where absent. */
  readonly grace?: number | undefined;
  /** The process is ended when it had nothing to do for this long; never where absent. The next request starts another. */
  readonly idleMilliseconds?: number | undefined;
  /** Sent first to every new process: what it must know before it can answer (which file to open). */
  readonly prepare?: { readonly method: string; readonly params: unknown } | undefined;
}
export interface RequestOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
export interface Worker {
  /** Throws EngineError, or the signal's reason when it was aborted. */
  request<Answer>(method: string, params: unknown, options?: RequestOptions): Promise<Answer>;
  /** The id of the process that runs now, if one does. */
  pid(): number | undefined;
  close(): Promise<void>;
}
export type ChildReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly kind: EngineError['kind']; readonly message: string };
export interface ChildRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface Job {
  readonly method: string;
  readonly params: unknown;
  readonly timeout: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  settled: boolean;
}
interface Running {
  readonly process: ChildProcess;
  readonly exited: Promise<void>;
  prepared: boolean;
  errors: string;
}

/** The bundle to run as a child: this very file when it is the bundle, the repository's build otherwise. */
function entryPoint(): string {
  const named = process.env.TUNELENS_ENTRY;
  if (named !== undefined && named !== '') return named;
  const here = fileURLToPath(import.meta.url);
  if (basename(here) === 'child.ts') return join(dirname(here), '../../dist/tunelens.js');
  return join(dirname(here), 'tunelens.js');
}

function start(kind: string): Running {
  // An inspector port of the parent's would be taken twice, and preloaded modules are the parent's affair.
  const child = fork(entryPoint(), ['--child', kind], {
    execPath: process.execPath,
    execArgv: [],
    serialization: 'advanced',
    // The child reads its standard input only to notice that this process is gone. Standard output belongs to the parent's protocol.
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }) },
    windowsHide: true,
  });
  const running: Running = {
    process: child,
    prepared: false,
    errors: '',
    exited: new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    }),
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    running.errors = (running.errors + chunk.toString('utf8')).slice(-2000);
  });
  child.stdin?.on('error', () => {});
  return running;
}

/** Keeps this process alive while an answer is awaited, and only then. */
function hold(running: Running, held: boolean): void {
  const streams = [running.process.stdin, running.process.stderr] as unknown as { ref?(): void; unref?(): void }[];
  if (held) {
    running.process.ref();
    running.process.channel?.ref();
  } else {
    running.process.unref();
    running.process.channel?.unref();
  }
  for (const stream of streams) stream.unref?.();
}

/**
 * A child process of that kind, started by the first request and again after it died. Requests run in the order they
 * were made, one at a time. A request past its time kills the process and fails with `timeout`; the next request finds a fresh one.
 */
export function spawnWorker(kind: string, options: WorkerOptions = {}): Worker {
  const grace = options.grace ?? 500;
  const queue: Job[] = [];
  let running: Running | undefined;
  let current: { readonly job: Job; readonly id: number; readonly fail: (error: EngineError) => void } | undefined;
  let busy = false;
  let closed = false;
  let lastId = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  function kill(): void {
    const dying = running;
    running = undefined;
    dying?.process.kill('SIGKILL');
  }

  function ensure(): Running {
    if (running !== undefined) return running;
    const fresh = start(kind);
    running = fresh;
    const gone = (detail: string): void => {
      if (running === fresh) running = undefined;
      if (current !== undefined && waiting === fresh) current.fail(new EngineError('internal', detail));
    };
    fresh.process.on('error', (error) => gone(`The ${kind} process could not be started: ${error.message}.`));
    fresh.process.on('exit', (code, signal) => {
      const last = fresh.errors.trim().split('\n').at(-1);
      gone(
        `The ${kind} process ended unexpectedly (${signal ?? `exit code ${code}`})${last === undefined || last === '' ? '' : `: ${last}`}.`,
      );
    });
    return fresh;
  }

  let waiting: Running | undefined;
  function send(target: Running, job: Job, method: string, params: unknown): Promise<unknown> {
    const id = ++lastId;
    waiting = target;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        finish();
        kill();
        reject(new EngineError('timeout', `No answer within ${job.timeout / 1000} s; the statement was stopped.`));
      }, job.timeout);
      const finish = (): void => {
        clearTimeout(timer);
        target.process.off('message', listen);
        current = undefined;
      };
      const listen = (reply: unknown): void => {
        const answer = reply as ChildReply;
        if (answer.id !== id) return;
        finish();
        if (answer.ok) resolve(answer.value);
        else reject(new EngineError(answer.kind, answer.message));
      };
      current = {
        job,
        id,
        fail: (error) => {
          finish();
          reject(error);
        },
      };
      target.process.on('message', listen);
      target.process.send({ id, method, params } satisfies ChildRequest, (error) => {
        if (error !== null && current?.id === id)
          current.fail(new EngineError('internal', `The ${kind} process does not listen: ${error.message}.`));
      });
    });
  }

  async function drain(): Promise<void> {
    if (busy) return;
    busy = true;
    clearTimeout(idleTimer);
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      if (job.settled) continue;
      try {
        const target = ensure();
        hold(target, true);
        if (!target.prepared && options.prepare !== undefined) await send(target, job, options.prepare.method, options.prepare.params);
        target.prepared = true;
        job.resolve(await send(target, job, job.method, job.params));
      } catch (error) {
        job.reject(error);
      }
    }
    busy = false;
    if (running !== undefined) hold(running, false);
    if (options.idleMilliseconds !== undefined && !closed) {
      idleTimer = setTimeout(() => {
        if (!busy) kill();
      }, options.idleMilliseconds);
      idleTimer.unref();
    }
  }

  return {
    request<Answer>(method: string, params: unknown, request: RequestOptions = {}): Promise<Answer> {
      if (closed) return Promise.reject(new EngineError('lost', 'The connection was closed.'));
      const signal = request.signal;
      if (signal?.aborted) return Promise.reject(signal.reason);
      return new Promise<Answer>((resolve, reject) => {
        const settle = (): boolean => {
          if (job.settled) return false;
          job.settled = true;
          signal?.removeEventListener('abort', abort);
          return true;
        };
        const job: Job = {
          method,
          params,
          timeout: request.timeout ?? options.timeout ?? 10_000,
          settled: false,
          resolve: (value) => {
            if (settle()) resolve(value as Answer);
          },
          reject: (reason) => {
            if (settle()) reject(reason);
          },
        };
        const abort = (): void => {
          job.reject(signal?.reason);
          const index = queue.indexOf(job);
          if (index >= 0) queue.splice(index, 1);
          // The caller is free at once; most statements are over in a moment, and a fresh process is dearer than the rest of one.
          const given = current?.job === job ? current : undefined;
          if (given === undefined) return;
          const timer = setTimeout(() => {
            if (current?.job !== job) return;
            const fail = current.fail;
            kill();
            fail(new EngineError('timeout', 'The statement was given up.'));
          }, grace);
          timer.unref();
        };
        signal?.addEventListener('abort', abort, { once: true });
        queue.push(job);
        void drain();
      });
    },
    pid: () => running?.process.pid,
    async close() {
      closed = true;
      clearTimeout(idleTimer);
      for (const job of queue.splice(0)) job.reject(new EngineError('lost', 'The connection was closed.'));
      const dying = running;
      const pending = current;
      // A process that holds nothing open would otherwise end before it has seen its child end.
      dying?.process.ref();
      kill();
      pending?.fail(new EngineError('lost', 'The connection was closed.'));
      await dying?.exited;
    },
  };
}
