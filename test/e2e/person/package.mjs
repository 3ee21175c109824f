// The VSIX of this machine, packaged anew: what a person would install.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export function packaged() {
  execFileSync(process.execPath, ['esbuild.mjs', '--production'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['client/package.mjs', 'linux-x64'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  return resolve(`dist/tunelens-linux-x64-${version}.vsix`);
}
