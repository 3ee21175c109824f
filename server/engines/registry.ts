/** Every engine TuneLens can talk to. */
import type { Engine } from './engine.ts';
import { postgres } from './postgres/connect.ts';
import { sqlite } from './sqlite/connect.ts';

/** In the order they are asked: a bare path is SQLite's, so SQLite comes last. */
export const engines: readonly Engine[] = [postgres, sqlite];

export const engineFor = (url: string): Engine | undefined => engines.find((engine) => engine.recognises(url));

/** The URL without its password (and without what may hold one), for people and logs. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@]*?):[^@/]*@/i, '$1:***@')
    .replace(/([?&;](?:password|pass|pwd|sslpassword)=)[^&;#]*/gi, '$1***')
    .replace(/(\bpassword\s*=\s*)(?:'(?:[^'\\]|\\.)*'|\S+)/gi, '$1***');
}
