// Bundles the in-host suite: the extension host runs JavaScript, and mocha stays a package of its own.
import { build } from 'esbuild';

export const suite = '.vscode-test/suite.js';
export async function buildSuite() {
  await build({
    entryPoints: ['test/e2e/suite/index.ts'],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}
