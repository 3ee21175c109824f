// `npm start`: the main job on the example repository, as a user would run it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { relative } from 'node:path';
import { seed } from './seed.mjs';

const cli = fileURLToPath(new URL('../dist/tunelens.js', import.meta.url));
const examples = relative(process.cwd(), fileURLToPath(new URL('.', import.meta.url))) || '.';

process.stderr.write('Making the example database (240,000 rows) …\n');
const database = relative(process.cwd(), seed());
const command = ['check', examples, '--connect', `sqlite:${database}`, '--fail-on', 'never'];
console.log(`$ tunelens ${command.join(' ')}\n`);
const run = spawnSync(process.execPath, [cli, ...command], { stdio: 'inherit' });
console.log(`
See the same in VS Code:
  1. npm run package                     builds dist/tunelens-<platform>-<version>.vsix
  2. code --install-extension dist/tunelens-<platform>-<version>.vsix
  3. code ${examples}                         open inventory/app/movements.py and look at the Problems view
  4. "TuneLens: Connect to a Database" in the command palette, and pick ${database}`);
process.exitCode = run.status ?? 1;
