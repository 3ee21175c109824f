// Starts VS Code on a workspace and opens it in a headless Chromium.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { install } from './install.mjs';

/**
 * @param {{ workspace: string, vsix?: string, env?: Record<string, string>, settings?: Record<string, unknown>, trusted?: boolean,
 *   develop?: { extension: string, tests: string } }} options
 *   `vsix`: the extension as packaged; `develop`: the extension as built, with an in-host suite to run.
 */
export async function start({ workspace, vsix, env = {}, settings = {}, trusted = true, develop }) {
  const { node, entry } = install();
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath))
    throw new Error(`There is no Chromium at ${executablePath}: apt-get install chromium, or name one in $CHROMIUM.`);
  const state = mkdtempSync(join(tmpdir(), 'tunelens-e2e-'));
  const folders = ['--user-data-dir', join(state, 'user'), '--extensions-dir', join(state, 'extensions')];
  if (vsix !== undefined) execFileSync(node, [entry, ...folders, '--install-extension', vsix], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(join(state, 'user/User'), { recursive: true });
  writeFileSync(join(state, 'user/User/settings.json'), JSON.stringify(settings));
  const port = await freePort();
  const trust = trusted ? ['--disable-workspace-trust'] : [];
  const server = spawn(
    node,
    [
      entry,
      '--auth',
      'none',
      '--bind-addr',
      `127.0.0.1:${port}`,
      ...folders,
      '--disable-telemetry',
      '--disable-update-check',
      ...trust,
      workspace,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let output = '';
  await new Promise((up, down) => {
    const listen = (data) => {
      output += data;
      if (output.includes('HTTP server listening')) up();
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', () => down(new Error(`VS Code did not start:\n${output}`)));
  });
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1500, height: 940 } });
  const payload = [['skipWelcome', 'true']];
  let ended = Promise.resolve(0);
  if (develop !== undefined) {
    const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
    payload.push(['extensionDevelopmentPath', remote(develop.extension)], ['extensionTestsPath', remote(develop.tests)]);
    await page.addInitScript(allowTestDriver);
    ended = new Promise((done) => page.exposeFunction('codeAutomationExit', done));
    await page.exposeFunction('codeAutomationLog', () => {});
  }
  await page.goto(
    `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
  );
  return {
    page,
    /** The exit code of the in-host suite. */
    ended,
    /** What the extensions wrote into their output channels, for a failure's report. */
    logs: () => logsOf(join(state, 'user', 'logs')),
    /** Every file of the editor's own folders with its bytes as text. */
    files: () => filesUnder(state),
    async stop() {
      await browser.close();
      server.kill();
      await new Promise((gone) => (server.exitCode === null ? server.once('exit', gone) : gone()));
      rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** A built workbench takes test paths from the page's address only for a test driver: the page's own configuration says so here. */
function allowTestDriver() {
  const get = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = get.call(this, name);
    if (this.id !== 'vscode-workbench-web-configuration' || name !== 'data-settings' || !value) return value;
    const settings = JSON.parse(value);
    settings.developmentOptions = { ...settings.developmentOptions, enableSmokeTestDriver: true };
    return JSON.stringify(settings);
  };
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, 'latin1')]);
}

function logsOf(folder) {
  if (!existsSync(folder)) return '';
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(\d+-)?(TuneLens|remoteexthost)\.log$/.test(entry.name))
    .map((entry) => `--- ${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8').slice(-8000)}`)
    .join('\n');
}
