/** Builds dist/ once, so that tests drive what users run. */
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['server/generate.mjs'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['esbuild.mjs'], { stdio: 'inherit' });
}
