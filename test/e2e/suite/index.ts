/** The in-host suite's entry point, as @vscode/test-electron and the test driver of VS Code call it. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { notes } from './notes.ts';

export interface Result {
  readonly title: string;
  readonly error?: string;
}

export async function run(): Promise<void> {
  const grep = process.env.TUNELENS_E2E_GREP;
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, slow: 10_000, ...(grep === undefined ? {} : { grep }) });
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  await import('./extension.ts');
  const results: Result[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (each) => results.push({ title: each.fullTitle() }));
    runner.on('fail', (each, error: Error) => results.push({ title: each.fullTitle(), error: error.stack ?? error.message }));
  });
  const report = process.env.TUNELENS_E2E_RESULTS;
  if (report !== undefined) writeFileSync(report, JSON.stringify({ results, notes }));
  const failed = results.filter(({ error }) => error !== undefined);
  if (failed.length > 0) throw new Error(failed.map(({ title, error }) => `${title}: ${error}`).join('\n'));
}
