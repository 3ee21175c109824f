// `npm run test:electron`: the in-host suite in the desktop VS Code, which @vscode/test-electron downloads.
import { resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildSuite, suite } from './suite/build.mjs';
import { copyExamples } from './workspace.mjs';

await buildSuite();
const { folder, remove } = copyExamples();
try {
  process.exitCode = await runTests({
    extensionDevelopmentPath: resolve('.'),
    extensionTestsPath: resolve(suite),
    launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  remove();
}
