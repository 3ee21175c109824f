/** What a command may touch: its output, its input, its end. */
import manifest from '../../package.json' with { type: 'json' };

export const version: string = manifest.version;

export interface Run {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly isTerminal: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  print(text: string): void;
  /** One line on standard error, without passwords. */
  log(line: string): void;
  /** Progress: on standard error, and only where that is a terminal. */
  progress(text: string): void;
  input(): Promise<Buffer>;
  /** Called before the process ends, however it ends. */
  onEnd(task: () => Promise<void>): void;
  /** The text without the passwords of any URL in it. */
  redact(text: string): string;
}

/** `scheme://user:password@host` and `?password=…` keep everything but the password. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, '$1:***@')
    .replace(/\b((?:password|passwd|pwd|sslpassword)\s*=\s*)(?:'[^']*'|[^\s&'";]+)/gi, '$1***');
}
