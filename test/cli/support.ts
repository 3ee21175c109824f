/** Runs the built command line as a user does. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const entry = process.env.TUNELENS_ENTRY ?? resolve(import.meta.dirname, '../../dist/tunelens.js');

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function tunelens(
  args: readonly string[],
  options: { cwd?: string; input?: string | Uint8Array; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return new Promise((done) => {
    const environment = { ...process.env, ...options.env };
    if (options.env?.FORCE_COLOR === undefined) delete environment.FORCE_COLOR;
    const child = execFile(
      process.execPath,
      [entry, ...args],
      { cwd: options.cwd, env: environment, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        done({ code, out, err });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

export interface Folder {
  readonly path: string;
  put(name: string, content?: string | Uint8Array): string;
  remove(): void;
}

export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tunelens-cli-'));
  return {
    path,
    put(name, content = '') {
      const full = join(path, name);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The one object that `check --format json` prints. */
export interface CheckOutput {
  readonly tool: string;
  readonly version: string;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly file: string;
    readonly range: { readonly start: { line: number; character: number }; readonly end: { line: number; character: number } };
    readonly message: string;
    readonly evidence: { readonly grade: string; readonly source: string; readonly before?: unknown; readonly after?: unknown };
    readonly related: readonly { readonly file: string }[];
    readonly fixes: readonly { readonly title: string; readonly kind: string; readonly text?: string }[];
  }[];
  readonly unchecked: readonly { readonly file: string; readonly reason: string }[];
  readonly summary: { readonly files: number; readonly findings: number; readonly milliseconds: number };
}

export async function checkJson(
  args: readonly string[],
  options: Parameters<typeof tunelens>[1] = {},
): Promise<CheckOutput & { code: number; err: string }> {
  const { code, out, err } = await tunelens(['check', '--format', 'json', ...args], options);
  if (!out.startsWith('{')) throw new Error(`no JSON (exit ${code}): ${out}${err}`);
  return { ...(JSON.parse(out) as CheckOutput), code, err };
}
