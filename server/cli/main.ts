/** The command line's entry. Heavy parts are loaded by the command that needs them, so that `--version` is instant. */
import * as nodeModule from 'node:module';
import { isMainThread, workerData } from 'node:worker_threads';
import { nearest } from '../workspace/nearest.ts';
import { UncheckedError, UsageError } from './arguments.ts';
import { isNodeTooOld, runWithNewerNode } from './newer-node.ts';
import { type Run, redact, version } from './run.ts';

const help = `Usage: tunelens COMMAND [options]

Finds slow SQL, N+1 loops, bad pragmas and mis-set servers where they are written.

  check [PATH…]        check files and folders
  explain SQL|FILE     show how a database would run statements
  advise [PATH…]       propose indexes for a workload
  stats URL            write a snapshot of a database's schema and statistics
  rules [ID]           list the rules, or show one rule's page
  lsp --stdio          start the language server
  --version            print the version
  --help               this text; COMMAND --help for one command
`;

const commands = ['check', 'explain', 'advise', 'stats', 'rules', 'lsp'];

async function command(name: string, args: readonly string[], run: Run): Promise<number> {
  const wantsHelp = args.includes('--help') || args.includes('-h');
  const helpOr = (text: string, work: () => Promise<number>): Promise<number> => {
    if (!wantsHelp) return work();
    run.print(text);
    return Promise.resolve(0);
  };
  switch (name) {
    case 'check': {
      const { check, checkHelp } = await import('./check.ts');
      return helpOr(checkHelp, () => check(args, run));
    }
    case 'explain': {
      const { explain, explainHelp } = await import('./explain.ts');
      return helpOr(explainHelp, () => explain(args, run));
    }
    case 'stats': {
      const { stats, statsHelp } = await import('./stats.ts');
      return helpOr(statsHelp, () => stats(args, run));
    }
    case 'advise': {
      const { advise, adviseHelp } = await import('./advise.ts');
      return helpOr(adviseHelp, () => advise(args, run));
    }
    case 'rules': {
      const { rulesCommand, rulesHelp } = await import('./rules.ts');
      return helpOr(rulesHelp, () => rulesCommand(args, run));
    }
    case 'lsp': {
      const { lsp, lspHelp } = await import('./lsp.ts');
      return helpOr(lspHelp, () => lsp(args));
    }
    default:
      throw new UsageError(`there is no command ${name}${nearest(name, commands).replaceAll('"', '')}; \`tunelens --help\` lists them`);
  }
}

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${version}\n`);
    return;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(help);
    if (first === undefined) process.exitCode = 2;
    return;
  }
  if (isNodeTooOld()) return runWithNewerNode();
  // Compiling the bundle takes longer than most checks; Node keeps the compiled code for the next start.
  nodeModule.enableCompileCache?.();
  const controller = new AbortController();
  const endings: (() => Promise<void>)[] = [];
  const end = async () => {
    await Promise.allSettled(endings.splice(0).map((task) => task()));
  };
  let interrupted = false;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      // A second Ctrl-C does not wait.
      if (interrupted) process.exit(code);
      interrupted = true;
      controller.abort(new Error('interrupted'));
      void end().finally(() => process.exit(code));
    });
  }
  const run: Run = {
    cwd: process.cwd(),
    environment: process.env,
    isTerminal: process.stdout.isTTY === true,
    signal: controller.signal,
    print: (text) => void process.stdout.write(text),
    log: (line) => void process.stderr.write(`tunelens: ${redact(line)}\n`),
    progress: (text) => {
      if (process.stderr.isTTY === true && process.env.TERM !== 'dumb') process.stderr.write(text);
    },
    async input() {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    onEnd: (task) => void endings.push(task),
    redact,
  };
  // A reader that closes the pipe early (head) has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));
  try {
    process.exitCode = await command(first, rest, run);
  } catch (error) {
    if (interrupted) return;
    process.exitCode = error instanceof UncheckedError ? 3 : 2;
    const expected = error instanceof UsageError || error instanceof UncheckedError;
    const text = error instanceof Error ? (expected ? error.message.replace(/\s+/g, ' ') : (error.stack ?? error.message)) : String(error);
    process.stderr.write(`tunelens: ${redact(text)}\n`);
  }
  await end();
}

/** The same file is the worker thread of a check and the child process of an engine. */
async function start(): Promise<void> {
  if (!isMainThread && (workerData as { tunelens?: string } | null)?.tunelens === 'read') {
    const { runReadWorker } = await import('../workspace/read-worker.ts');
    runReadWorker();
    return;
  }
  if (process.argv[2] === '--child') {
    const { runChild } = await import('../engines/child-main.ts');
    await runChild(process.argv[3] ?? '');
    return;
  }
  await main();
}

void start();
