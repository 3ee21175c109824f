// `npm run test:e2e`: the in-host suite, then a person's afternoon with the packaged extension. Ends with `N passed, N failed`.
//   --suite, --person   only that half; $TUNELENS_E2E_GREP picks tests of the suite, $TUNELENS_E2E_TRACE=1 logs what client and server say
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { start } from './host/start.mjs';
import { packaged } from './person/package.mjs';
import { postgresSteps, restrictedSteps, steps } from './person/steps.mjs';
import { startShop } from './postgres.mjs';
import { buildSuite, suite } from './suite/build.mjs';
import { copyExamples } from './workspace.mjs';

const only = process.argv.slice(2);
const wanted = (half) => only.length === 0 || only.includes(half);
/** @type {{ title: string, error?: string }[]} */
const results = [];

/** A failure outside any test, such as a host that does not start, is a failed test of its own. */
async function guarded(title, work) {
  try {
    await work();
  } catch (error) {
    results.push({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function inHost() {
  await buildSuite();
  const { folder, remove } = copyExamples();
  const report = join(tmpdir(), `tunelens-e2e-${process.pid}.json`);
  const host = await start({
    workspace: folder,
    settings: process.env.TUNELENS_E2E_TRACE === '1' ? { 'tunelens.trace.server': 'verbose' } : {},
    env: { TUNELENS_E2E_RESULTS: report },
    develop: { extension: resolve('.'), tests: resolve(suite) },
  });
  try {
    const timeout = new Promise((_, fail) =>
      setTimeout(() => fail(new Error('The in-host suite did not end within 8 minutes.')), 480_000).unref(),
    );
    await Promise.race([host.ended, timeout]);
    const { results: found, notes } = JSON.parse(readFileSync(report, 'utf8'));
    for (const note of notes) console.log(note);
    results.push(...found);
    if (found.some(({ error }) => error !== undefined)) console.error(host.logs());
  } finally {
    rmSync(report, { force: true });
    await host.stop();
    remove();
  }
}

const screenshots = resolve('test/e2e/screenshots');
/** What VS Code shows of its own accord and would stand in the way of looking. */
const quiet = { 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'chat.disableAIFeatures': true, 'editor.minimap.enabled': false };

async function asAPerson() {
  rmSync(screenshots, { recursive: true, force: true });
  mkdirSync(screenshots, { recursive: true });
  const vsix = packaged();
  await walk({ vsix, trusted: true, steps });
  await walk({ vsix, trusted: false, steps: restrictedSteps });
  const shop = await startShop();
  try {
    await walk({ vsix, trusted: true, steps: postgresSteps, context: { shop, before: await shop.writes() } });
  } finally {
    await shop.stop();
  }
}

/** One start of the editor and what a person does there. */
async function walk({ vsix, trusted, steps, context = {} }) {
  const { folder, remove } = copyExamples();
  const host = await start({ workspace: folder, vsix, trusted, settings: quiet });
  try {
    const shoot = async (name) => {
      // Menus and toasts fade in.
      await host.page.waitForTimeout(400);
      await host.page.screenshot({ path: join(screenshots, `${name}.png`) });
    };
    await host.page.locator('.monaco-workbench .explorer-viewlet').first().waitFor({ timeout: 60_000 });
    for (const { title, act } of steps) {
      try {
        await act({ page: host.page, folder, shoot, files: host.files, ...context });
        results.push({ title });
      } catch (error) {
        await shoot(`failed-${results.length}`);
        results.push({ title, error: error instanceof Error ? error.message : String(error) });
        console.error(host.logs());
        // The steps build on each other: after one that failed the rest would only repeat it.
        break;
      }
    }
  } finally {
    await host.stop();
    if (existsSync(folder)) remove();
  }
}

if (wanted('--suite')) await guarded('the in-host suite', inHost);
if (wanted('--person')) await guarded('the packaged extension', asAPerson);

for (const { title, error } of results) console.log(error === undefined ? `ok      ${title}` : `FAILED  ${title}\n${error}`);
const failed = results.filter(({ error }) => error !== undefined).length;
const passed = results.length - failed;
if (process.env.TUNELENS_REPORT !== undefined)
  writeFileSync(process.env.TUNELENS_REPORT, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
