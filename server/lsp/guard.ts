/** A request that throws costs itself and one log line, never the server. */
import { type CancellationToken, type Connection, ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';

/** Wraps a request handler: what it throws becomes an error response and a line in the log. */
export function guarded<P extends readonly unknown[], R>(
  connection: Connection,
  name: string,
  handler: (...parameters: P) => Promise<R> | R,
): (...parameters: P) => Promise<R | ResponseError<void>> {
  return async (...parameters) => {
    try {
      return await handler(...parameters);
    } catch (error) {
      if (error instanceof ResponseError) return error;
      if (isAbort(error)) return new ResponseError<void>(LSPErrorCodes.RequestCancelled, 'cancelled');
      connection.console.error(`${name}: ${describe(error)}`);
      return new ResponseError<void>(ErrorCodes.InternalError, `${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** Wraps a notification handler or a task nobody waits for. */
export function logged<P extends readonly unknown[]>(
  connection: Connection,
  name: string,
  handler: (...parameters: P) => Promise<unknown> | unknown,
): (...parameters: P) => void {
  return (...parameters) => {
    try {
      const outcome = handler(...parameters);
      if (outcome instanceof Promise)
        outcome.catch((error: unknown) => {
          if (!isAbort(error)) connection.console.error(`${name}: ${describe(error)}`);
        });
    } catch (error) {
      connection.console.error(`${name}: ${describe(error)}`);
    }
  };
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CancellationError');
}

export function throwIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError<void>(LSPErrorCodes.RequestCancelled, 'cancelled');
}

/** For the log: the stack where there is one, because a log line is for whoever mends it. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
