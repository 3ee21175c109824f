/** Every engine TuneLens can talk to. */
import type { Engine } from './engine.ts';
import { postgres } from './postgres/connect.ts';
import { sqlite } from './sqlite/connect.ts';

/** In the order they are asked: a bare path is SQLite's, so SQLite comes last. */
export const engines: readonly Engine[] = [postgres, sqlite];

export const engineFor = (url: string): Engine | undefined => engines.find((engine) => engine.recognises(url));

/**
 * The URL without its password, for people and logs. A password with `@` or `/` that nobody encoded is cut at the last `@`: rather too
 * much is hidden than a part of it shown.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/?#@]*):.*@/is, '$1:***@')
    .replace(/([?&;](?:password|pass|pwd|sslpassword)=)[^&;#\s]*/gi, '$1***')
    .replace(/((?:^|\s)(?:password|pass|pwd|sslpassword)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|\S+)/gi, '$1***');
}
