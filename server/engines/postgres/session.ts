/**
 * One session with a PostgreSQL server: opened when needed, opened again after it was lost, asked one thing at a time, and each thing in a
 * READ ONLY transaction that is rolled back.
 */
import { Client } from 'pg';
import { EngineError } from '../engine.ts';
import type { Address } from './address.ts';
import { serverError } from './rejection.ts';

/** Answers rows as objects. Always the extended protocol, which takes one statement. */
export type Query = (sql: string, parameters?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

export interface Session {
  /** Runs `act` in a transaction that cannot write and is rolled back. Throws EngineError for what is about the server, and the server's own error for what is about a statement. */
  readOnly<Answer>(act: (query: Query) => Promise<Answer>, signal?: AbortSignal, timeout?: number): Promise<Answer>;
  onLost(listener: (error: EngineError) => void): void;
  close(): Promise<void>;
}
export interface SessionOptions {
  readonly connectTimeout: number;
  readonly statementTimeout: number;
}

/** Milliseconds to wait for a lock: EXPLAIN takes the lightest there is, so only ALTER TABLE and its like hold it up. */
const lockTimeout = 1_000;

function newClient(address: Address, ssl: Address['encryption'][number], timeout: number): Client {
  const client = new Client({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    password: address.password,
    ssl,
    connectionTimeoutMillis: timeout,
    keepAlive: true,
    application_name: 'tunelens',
    ...(address.options === undefined ? {} : { options: address.options }),
  });
  // Without a listener an ended session is an uncaught exception, and takes the process with it.
  client.on('error', () => {});
  return client;
}

async function openClient(address: Address, timeout: number): Promise<Client> {
  for (const [attempt, ssl] of address.encryption.entries()) {
    const client = newClient(address, ssl, timeout);
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.end().catch(() => {});
      // Only where the server itself declines (or demands) encryption is the other way worth a try.
      const declined = /does not support SSL|no encryption|SSL off|SSL encryption/i.test(error instanceof Error ? error.message : '');
      if (declined && attempt + 1 < address.encryption.length) continue;
      throw (
        serverError(error, address.label) ??
        new EngineError('unreachable', `${address.label} cannot be used: ${error instanceof Error ? error.message : String(error)}.`)
      );
    }
  }
  throw new EngineError('unreachable', `${address.label} cannot be reached.`);
}

export async function openSession(address: Address, options: SessionOptions): Promise<Session> {
  const listeners: ((error: EngineError) => void)[] = [];
  let client: Client | undefined;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function ready(): Promise<Client> {
    if (closed) throw new EngineError('lost', 'The connection was closed.');
    if (client !== undefined) return client;
    const opened = await openClient(address, options.connectTimeout);
    client = opened;
    const lost = (): void => {
      if (client !== opened) return;
      client = undefined;
      if (!closed) for (const listener of listeners) listener(new EngineError('lost', `${address.label} closed the connection.`));
    };
    opened.on('error', lost);
    opened.on('end', lost);
    return opened;
  }

  /** Another session of the same user may stop a statement of this one. Should it fail, statement_timeout does it. */
  async function cancel(running: Client): Promise<void> {
    const process = (running as unknown as { processID?: number | null }).processID;
    if (typeof process !== 'number') return;
    const helper = await openClient(address, options.connectTimeout).catch(() => undefined);
    if (helper === undefined) return;
    await helper.query('SELECT pg_catalog.pg_cancel_backend($1)', [process]).catch(() => {});
    await helper.end().catch(() => {});
  }

  const queryOn =
    (target: Client): Query =>
    async (sql, parameters = []) =>
      (
        (await target.query({ text: sql, values: [...parameters], queryMode: 'extended' } as never)) as unknown as {
          rows: Record<string, unknown>[];
        }
      ).rows;

  async function transaction<Answer>(
    act: (query: Query) => Promise<Answer>,
    signal: AbortSignal | undefined,
    timeout: number,
  ): Promise<Answer> {
    const target = await ready();
    signal?.throwIfAborted();
    const query = queryOn(target);
    let running = true;
    const abort = (): void => {
      if (running) void cancel(target);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await query('BEGIN READ ONLY');
      // A first query closes the door: after it the transaction can no longer be made to write.
      await query(
        "SELECT pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true), pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true)",
        [String(timeout), String(lockTimeout), String(timeout * 4)],
      );
      return await act(query);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw serverError(error, address.label) ?? error;
    } finally {
      running = false;
      signal?.removeEventListener('abort', abort);
      if (client === target) {
        await query('ROLLBACK').catch(() => {
          // A session that cannot even roll back is of no use; the next question opens another.
          client = undefined;
          target.end().catch(() => {});
        });
      }
    }
  }

  await ready();
  return {
    readOnly(act, signal, timeout = options.statementTimeout) {
      const turn = last.then(async () => {
        signal?.throwIfAborted();
        try {
          return await transaction(act, signal, timeout);
        } catch (error) {
          // Lost while it was idle, most likely: nothing was changed by the question, so it may be asked again.
          if (error instanceof EngineError && error.kind === 'lost' && !closed && !signal?.aborted) {
            client = undefined;
            return await transaction(act, signal, timeout);
          }
          throw error;
        }
      });
      last = turn.catch(() => {});
      if (signal === undefined) return turn;
      return new Promise((resolve, reject) => {
        const abort = (): void => reject(signal.reason);
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort, { once: true });
        turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
      });
    },
    onLost(listener) {
      listeners.push(listener);
    },
    async close() {
      closed = true;
      const open = client;
      client = undefined;
      await open?.end().catch(() => {});
    },
  };
}
