// A person's way through the extension, each step on the state the one before left. Screenshots are there to be looked at.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const editorText = (page) => page.locator('.editor-instance .view-lines').first();

async function command(page, name) {
  const input = page.locator('.quick-input-widget input.input');
  // A key that comes while VS Code redraws itself may be lost, as it is for a person, who presses it again.
  await page.keyboard.press('F1');
  await input.waitFor({ timeout: 8000 }).catch(() => page.keyboard.press('F1'));
  await input.waitFor();
  await input.fill(`>${name}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
  await page.keyboard.press('Enter');
}
async function openFile(page, name) {
  await page.keyboard.press('Control+p');
  const input = page.locator('.quick-input-widget input.input');
  await input.waitFor();
  await input.fill(name);
  await page.locator('.quick-input-list .monaco-list-row').first().waitFor();
  await page.waitForTimeout(500);
  await page.keyboard.press('Enter');
  await page.locator('.tab.active', { hasText: name.split('/').at(-1) }).waitFor();
}
/** Rows of the Problems view; it is a long list that draws only what is in sight, so it is filtered first. */
async function problems(page, filter, text) {
  const box = page.locator('.markers-panel-action-filter-container input, .viewpane-filter input').first();
  if (!(await box.isVisible())) await page.keyboard.press('Control+Shift+m');
  await box.waitFor();
  await box.fill(filter);
  const row = page.locator('.markers-panel .monaco-list-row', { hasText: text }).first();
  await row.waitFor({ timeout: 60_000 });
  return row;
}

export const steps = [
  {
    title: 'a person opens a Python file and sees a squiggle and SQL in colour',
    async act({ page, shoot }) {
      await openFile(page, 'movements.py');
      await page.locator('.editor-instance .squiggly-warning, .editor-instance .squiggly-error').first().waitFor({ timeout: 60_000 });
      await page.locator('.codelens-decoration', { hasText: 'Explain' }).first().waitFor();
      await page.waitForTimeout(1500);
      await shoot('01-squiggle');
      const words = await editorText(page)
        .locator('span', { hasText: /^(SELECT|FROM|WHERE)$/ })
        .count();
      if (words === 0) throw new Error('the SQL in the Python strings has no colours of its own');
    },
  },
  {
    title: 'the Problems view names the finding and its file',
    async act({ page, shoot }) {
      await page.keyboard.press('Control+Shift+m');
      await page.locator('.markers-panel .monaco-list-row').first().waitFor();
      await page.waitForTimeout(3000);
      await shoot('02-problems-all');
      await problems(page, 'movements', 'sql/missing-index');
      await shoot('02-problems');
    },
  },
  {
    title: 'hovering the squiggle tells the plan and the page of the rule',
    async act({ page, shoot }) {
      await (await problems(page, 'movements', 'sql/missing-index')).dblclick();
      await page.keyboard.press('Control+k');
      await page.keyboard.press('Control+i');
      const hover = page.locator('.monaco-hover:not(.hidden) .hover-contents', { hasText: 'stock_movement' }).first();
      await hover.waitFor();
      await page.waitForTimeout(1000);
      await shoot('03-hover');
      await page.keyboard.press('Escape');
    },
  },
  {
    title: 'the lens opens the plan beside the code',
    async act({ page, shoot }) {
      await page.locator('.codelens-decoration a', { hasText: 'Explain' }).first().click();
      await page.locator('.tab', { hasText: '.plan' }).waitFor();
      await page.locator('.editor-instance .view-lines', { hasText: 'Plan by' }).waitFor();
      await page.waitForTimeout(1000);
      await shoot('04-plan-embedded');
    },
  },
  {
    title: 'connecting to the SQLite file gives the finding its row count',
    async act({ page, shoot }) {
      await command(page, 'TuneLens: Connect to a Database');
      const found = page.locator('.quick-input-list .monaco-list-row', { hasText: 'inventory.db' }).first();
      await found.waitFor();
      await shoot('05-connect');
      await found.click();
      await page.locator('.notifications-toasts', { hasText: 'Connected to inventory.db' }).waitFor({ timeout: 30_000 });
      await problems(page, 'movements', '240,000');
      await shoot('06-connected');
    },
  },
  {
    title: "the plan is now the connected database's",
    async act({ page, shoot }) {
      await page.locator('.codelens-decoration a', { hasText: 'Explain' }).first().click();
      await page.locator('.editor-instance .view-lines', { hasText: /Plan\sby\s\S*inventory\.db/ }).waitFor();
      await shoot('07-plan-live');
    },
  },
  {
    title: 'the other lens times the statement, after a look at what will run',
    async act({ page, shoot }) {
      await page.locator('.codelens-decoration a', { hasText: 'Benchmark' }).first().click();
      const value = page.locator('.quick-input-widget input.input');
      await page.locator('.quick-input-widget', { hasText: 'Value for ?' }).waitFor();
      await value.fill('17');
      await page.keyboard.press('Enter');
      await page.locator('.monaco-dialog-box', { hasText: 'product_id = 17' }).waitFor();
      await shoot('07-benchmark-asks');
      await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Run' }).click();
      await page.locator('.editor-instance .view-lines', { hasText: 'median' }).waitFor({ timeout: 60_000 });
      await shoot('07-benchmark');
    },
  },
  {
    title: 'the status item offers connections, checks, the log and a restart',
    async act({ page, shoot }) {
      await page.locator('.statusbar-item', { hasText: 'TuneLens' }).click();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Restart the server' }).waitFor();
      await shoot('08-menu');
      await page.keyboard.press('Escape');
    },
  },
  {
    title: 'the index advisor proposes indexes for the whole folder, and leads to the statements they serve',
    async act({ page, shoot }) {
      await command(page, 'TuneLens: Advise Indexes for All SQL');
      const tree = page.locator('.tree-explorer-viewlet-tree-view, .pane-body .tree-view, .customview-tree').last();
      const proposal = tree.locator('.monaco-list-row', { hasText: 'stock_movement (' }).first();
      await proposal.waitFor({ timeout: 60_000 });
      await page.waitForTimeout(500);
      await shoot('08-advisor');
      await proposal.locator('.monaco-tl-twistie').click();
      await tree.locator('.monaco-list-row', { hasText: '.py:' }).first().click();
      await page.locator('.tab.active', { hasText: '.py' }).waitFor();
      await page.waitForTimeout(500);
      await shoot('08-advisor-statement');
      await command(page, 'View: Show Explorer');
    },
  },
  {
    title: 'the light bulb writes the index as the next migration',
    async act({ page, folder, shoot }) {
      await openFile(page, 'movements.py');
      await (await problems(page, 'movements', 'sql/missing-index')).dblclick();
      await page.waitForTimeout(500);
      await page.keyboard.press('Control+.');
      const actions = page.locator('.action-widget .monaco-list-row');
      await actions.first().waitFor();
      await shoot('09-light-bulb');
      await actions.filter({ hasText: /index/i }).filter({ hasNotText: 'Ignore' }).first().click();
      await page.locator('.tab', { hasText: '0003_' }).waitFor();
      await page.waitForTimeout(1000);
      await shoot('10-migration');
      const migrations = join(folder, 'inventory/migrations');
      const written = readdirSync(migrations).find((name) => name.startsWith('0003_'));
      if (written === undefined || !/CREATE INDEX/i.test(readFileSync(join(migrations, written), 'utf8')))
        throw new Error('no migration with an index was written');
    },
  },
  {
    title: 'a quick fix corrects a pragma in the text',
    async act({ page, shoot }) {
      await openFile(page, 'database.py');
      await page.locator('.editor-instance .squiggly-warning, .editor-instance .squiggly-error').first().waitFor();
      await (await problems(page, 'database.py', 'sqlite/pragma-unknown')).dblclick();
      await page.waitForTimeout(500);
      await page.keyboard.press('Control+.');
      const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'synchronous' }).first();
      await fix.waitFor();
      await shoot('11-pragma-fix');
      await fix.click();
      await page.locator('.editor-instance .view-lines', { hasText: 'synchronous' }).first().waitFor();
      await shoot('12-pragma-fixed');
    },
  },
  {
    title: 'checking the whole folder ends with a count',
    async act({ page, shoot }) {
      await command(page, 'TuneLens: Check the Whole Folder');
      await page.locator('.notifications-toasts', { hasText: /findings? in \d+ files/ }).waitFor({ timeout: 60_000 });
      await shoot('13-checked');
    },
  },
  {
    title: 'nothing was left beside the database',
    async act({ folder }) {
      for (const name of ['inventory.db-wal', 'inventory.db-shm'])
        if (existsSync(join(folder, 'inventory/data', name))) throw new Error(`${name} was left`);
    },
  },
];

/** The same folder, not trusted: what needs only the text and the embedded planners works, nothing connects. */
export const restrictedSteps = [
  {
    title: 'in Restricted Mode the findings are there, planned by the embedded engine',
    async act({ page, shoot }) {
      await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
      await openFile(page, 'movements.py');
      await page.locator('.editor-instance .squiggly-warning').first().waitFor({ timeout: 60_000 });
      await page.keyboard.press('Control+Shift+m');
      await problems(page, 'movements', 'sql/missing-index');
      await shoot('20-restricted');
    },
  },
  {
    title: 'in Restricted Mode the menu offers trust instead of a connection',
    async act({ page, shoot }) {
      await page.locator('.statusbar-item', { hasText: 'TuneLens' }).click();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Trust this folder to connect' }).waitFor();
      await shoot('21-restricted-menu');
      if ((await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Connect to a database' }).count()) > 0)
        throw new Error('a connection is offered without trust');
      await page.keyboard.press('Escape');
    },
  },
  {
    title: 'trusting the folder lets it connect without a reload',
    async act({ page, shoot }) {
      await command(page, 'Workspaces: Manage Workspace Trust');
      await page.locator('.workspace-trust-editor').waitFor();
      await page
        .locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ })
        .first()
        .click();
      await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor({ state: 'detached' });
      await command(page, 'TuneLens: Connect to a Database');
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'inventory.db' }).first().click();
      await problems(page, 'movements', '240,000');
      await shoot('22-trusted');
    },
  },
];

/** A PostgreSQL server with a password; `shop` is what `startShop` answered. */
export const postgresSteps = [
  {
    title: 'a wrong password for PostgreSQL gets one sentence and another try',
    async act({ page, shop, shoot }) {
      await openFile(page, 'orders.ts');
      await page.locator('.codelens-decoration', { hasText: 'Explain' }).first().waitFor({ timeout: 60_000 });
      await command(page, 'TuneLens: Connect to a Database');
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'PostgreSQL by URL' }).click();
      const input = page.locator('.quick-input-widget input.input');
      await page.locator('.quick-input-widget', { hasText: 'moved to the secret storage' }).waitFor();
      await input.fill(shop.url);
      await page.keyboard.press('Enter');
      await page.locator('.quick-input-widget', { hasText: 'Password for' }).waitFor();
      await input.fill('wrong');
      await page.keyboard.press('Enter');
      await page.locator('.notifications-toasts', { hasText: 'Enter Password' }).waitFor({ timeout: 30_000 });
      await shoot('30-wrong-password');
    },
  },
  {
    title: 'with the right one the findings carry the row counts of the server',
    async act({ page, shop, shoot }) {
      await page.locator('.notifications-toasts .monaco-button', { hasText: 'Enter Password' }).click();
      const input = page.locator('.quick-input-widget input.input');
      await page.locator('.quick-input-widget', { hasText: 'Password for' }).waitFor();
      await input.fill(shop.password);
      await page.keyboard.press('Enter');
      await page.locator('.notifications-toasts', { hasText: 'Connected to' }).waitFor({ timeout: 30_000 });
      await page.keyboard.press('Control+Shift+m');
      await problems(page, 'orders.ts', '50,000');
      await shoot('31-postgres');
    },
  },
  {
    title: 'a lost connection is said, and comes back by itself',
    async act({ page, shop, shoot }) {
      const item = page.locator('.statusbar-item', { hasText: 'TuneLens' });
      await item.locator('.codicon-database').waitFor();
      await shop.drop();
      await item.locator('.codicon-warning').waitFor({ timeout: 30_000 });
      await shoot('32-lost');
      await item.locator('.codicon-database').waitFor({ timeout: 60_000 });
      await problems(page, 'orders.ts', '50,000');
    },
  },
  {
    title: 'the password is in no file that VS Code wrote, and nothing was written to the database',
    async act({ shop, files, before }) {
      for (const [path, text] of files()) if (text.includes(shop.password)) throw new Error(`the password stands in ${path}`);
      const after = await shop.writes();
      if (after !== before) throw new Error(`${after - before} rows were changed`);
    },
  },
];
