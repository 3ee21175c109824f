/** What happens on a Node.js that the natives do not run on: a newer one installed beside us takes over. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** better-sqlite3 crashes the process on Node 20. */
const LEAST = 22;

export function isNodeTooOld(): boolean {
  return Number(process.versions.node.split('.')[0]) < LEAST;
}

/** Runs the same command with the npm package `node`, where it is installed; otherwise says what to install. */
export function runWithNewerNode(): void {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const newer = fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url));
  if (!existsSync(newer) || process.env.TUNELENS_NEWER_NODE === '1') {
    process.stderr.write(
      `tunelens: needs Node.js ${LEAST} or newer, this is ${process.versions.node}; install a newer one from nodejs.org\n`,
    );
    process.exitCode = 2;
    return;
  }
  const ipc = process.send !== undefined;
  const child = spawn(newer, process.argv.slice(1), {
    stdio: ipc ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: { ...process.env, TUNELENS_NEWER_NODE: '1' },
  });
  // A terminal signals the whole group; whoever signals this process alone means the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
