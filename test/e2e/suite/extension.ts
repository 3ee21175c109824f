/** What the extension does inside a real VS Code, on a copy of examples/. */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Api } from '../../../client/extension.ts';
import { type ConnectResult, requests } from '../../../server/protocol.ts';
import { notes } from './notes.ts';

const root = () => vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no folder is open');
const file = (path: string) => vscode.Uri.joinPath(root(), path);
const movements = () => file('inventory/app/movements.py');
const database = () => file('inventory/data/inventory.db').fsPath;
const extension = () => vscode.extensions.getExtension<Api>('tunelens.tunelens') ?? assert.fail('the extension is not there');
const ours = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'tunelens');
const ruleOf = ({ code }: vscode.Diagnostic) => (typeof code === 'object' ? String(code.value) : String(code));

async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  milliseconds = 30_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) assert.fail(`waited ${milliseconds / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const finding = (uri: vscode.Uri, rule: string) => until(`${rule} in ${uri.path}`, () => ours(uri).find((each) => ruleOf(each) === rule));
async function show(uri: vscode.Uri): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}
async function actions(uri: vscode.Uri, range: vscode.Range): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, range, vscode.CodeActionKind.QuickFix.value);
}

describe('TuneLens in VS Code', () => {
  before(async () => {
    const begun = performance.now();
    const api = await extension().activate();
    const milliseconds = Math.round(performance.now() - begun);
    await api.started;
    notes.push(`activate() took ${milliseconds} ms; the server answered after ${Math.round(performance.now() - begun)} ms`);
  });

  it('shows what is slow in an open Python file, with the rule as its code and a link to the page', async () => {
    await show(movements());
    const found = await finding(movements(), 'sql/missing-index');
    assert.equal(typeof found.code, 'object');
    assert.equal((found.code as { target: vscode.Uri }).target.toString(), 'tunelens-rule:/sql/missing-index.md');
  });

  it('shows the findings of files that are not open', async () => {
    await until('a finding in the TypeScript example', () => ours(file('storefront/src/orders.ts')).length > 0);
    await until('a finding in postgresql.conf', () => ours(file('deploy/postgresql.conf')).length > 0);
  });

  it('opens the page of a rule', async () => {
    const page = await vscode.workspace.openTextDocument(vscode.Uri.parse('tunelens-rule:/sql/missing-index.md'));
    assert.match(page.getText(), /^# sql\/missing-index/);
    assert.equal(page.languageId, 'markdown');
  });

  it('tells the plan in a hover', async () => {
    const { range } = await finding(movements(), 'sql/missing-index');
    const hovers: vscode.Hover[] = await vscode.commands.executeCommand('vscode.executeHoverProvider', movements(), range.start);
    const text = hovers.flatMap(({ contents }) => contents.map((each) => (typeof each === 'string' ? each : each.value))).join('\n');
    assert.match(text, /SCAN stock_movement/);
    assert.match(text, /SEARCH stock_movement USING INDEX/);
  });

  it('offers a lens over each statement, and opens the plan as a document', async () => {
    await show(movements());
    const lenses = await until('lenses', async () => {
      const all: vscode.CodeLens[] = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', movements(), 20);
      const own = all.filter(({ command }) => command?.command === 'tunelens.explain');
      return own.length > 0 && own;
    });
    assert.ok(lenses.length >= 3, `${lenses.length} lenses`);
    const [first] = lenses;
    await vscode.commands.executeCommand('tunelens.explain', ...(first?.command?.arguments ?? []));
    const plan = await until('the plan', () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'tunelens-plan'));
    assert.match(plan.getText(), /SCAN stock_movement/);
    assert.equal(plan.languageId, 'tunelens-plan');
  });

  it('silences a finding with a comment and its reason', async () => {
    const editor = await show(movements());
    const found = await finding(movements(), 'sql/non-sargable-predicate');
    const offered = await actions(movements(), found.range);
    const ignore = offered.find(({ title }) => title === 'Ignore sql/non-sargable-predicate here, with a reason');
    assert.ok(ignore?.edit, offered.map(({ title }) => title).join(', '));
    assert.ok(await vscode.workspace.applyEdit(ignore.edit));
    await until('silence', () => !ours(movements()).some((each) => ruleOf(each) === 'sql/non-sargable-predicate'));
    await vscode.commands.executeCommand('undo');
    await finding(movements(), 'sql/non-sargable-predicate');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    assert.equal(editor.document.isDirty, false);
  });

  it('corrects a misspelt pragma in place', async () => {
    const uri = file('inventory/app/database.py');
    const editor = await show(uri);
    const found = await finding(uri, 'sqlite/pragma-unknown');
    const fix = (await actions(uri, found.range)).find(({ edit, isPreferred }) => edit !== undefined && isPreferred);
    assert.ok(fix?.edit);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(editor.document.getText(), /PRAGMA synchronous/);
    await until('silence', () => !ours(uri).some((each) => ruleOf(each) === 'sqlite/pragma-unknown'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('takes a changed setting at once', async () => {
    await show(movements());
    await finding(movements(), 'sql/missing-index');
    const settings = vscode.workspace.getConfiguration('tunelens');
    await settings.update('rules', { 'sql/missing-index': 'off' }, vscode.ConfigurationTarget.Workspace);
    await until('silence', () => !ours(movements()).some((each) => ruleOf(each) === 'sql/missing-index'));
    await settings.update('rules', undefined, vscode.ConfigurationTarget.Workspace);
    await finding(movements(), 'sql/missing-index');
  });

  it('speaks of real row counts once the database is connected, and not after', async () => {
    const { server } = await extension().activate();
    const { connection, error } = await server.request<ConnectResult>(requests.connect, { url: `sqlite:${database()}` });
    assert.equal(error, undefined);
    await until('the row count', () => ours(movements()).some(({ message }) => /240,000/.test(message)));
    await server.request(requests.disconnect, { id: connection?.id });
    await until('no row count', () => !ours(movements()).some(({ message }) => /240,000/.test(message)));
  });

  it('answers in one sentence when a database cannot be opened', async () => {
    const { server } = await extension().activate();
    const { error } = await server.request<ConnectResult>(requests.connect, { url: `sqlite:${file('inventory/pyproject.toml').fsPath}` });
    assert.ok(error !== undefined && error.length > 20 && !error.includes('\n'), error);
  });

  it('comes back after its server was killed', async () => {
    const { server } = await extension().activate();
    const before = server.pid ?? assert.fail('no server');
    process.kill(before, 'SIGKILL');
    await until('another server', () => server.pid !== undefined && server.pid !== before && server.state === 'running');
    await show(movements());
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await finding(movements(), 'sql/missing-index');
  });

  it('comes back after a restart that a person asked for', async () => {
    const { server } = await extension().activate();
    const before = server.pid;
    await vscode.commands.executeCommand('tunelens.restartServer');
    assert.notEqual(server.pid, before);
    await finding(movements(), 'sql/missing-index');
  });

  it('advises on all SQL of the folder, and remembers what was dismissed and why', async () => {
    const { advisor } = await extension().activate();
    await vscode.commands.executeCommand('tunelens.adviseIndexes');
    const proposals = () => advisor.nodes.flatMap(({ children }) => children).filter(({ kind }) => kind === 'proposal');
    const before = proposals();
    const stock = before.find(({ label }) => label.startsWith('stock_movement ('));
    assert.ok(stock, before.map(({ label }) => label).join(', '));
    assert.ok(stock.children.some(({ place }) => place?.uri.endsWith('.py')));
    await vscode.commands.executeCommand('tunelens.dismissAdvisedIndex', stock, 'written all day');
    assert.equal(proposals().length, before.length - 1);
    // Asked again, it stays where it was put.
    await vscode.commands.executeCommand('tunelens.adviseIndexes');
    const aside = advisor.nodes.flatMap(({ children }) => children).find(({ kind }) => kind === 'dismissed');
    assert.equal(aside?.description, 'written all day');
    await vscode.commands.executeCommand('tunelens.restoreAdvisedIndex', aside);
    assert.equal(proposals().length, before.length);
    await vscode.commands.executeCommand('tunelens.copyAdvisedDdl', stock);
    assert.equal(await vscode.env.clipboard.readText(), stock.ddl);
  });

  it('writes the index as the next migration, and the finding goes', async () => {
    await show(movements());
    const found = await finding(movements(), 'sql/missing-index');
    const fix = (await actions(movements(), found.range)).find(({ command }) => command?.command === 'tunelens.createMigration');
    assert.ok(fix?.command);
    const count = ours(movements()).filter((each) => ruleOf(each) === 'sql/missing-index').length;
    await vscode.commands.executeCommand(fix.command.command, ...(fix.command.arguments ?? []));
    const folder = file('inventory/migrations').fsPath;
    const written = readdirSync(folder).find((name) => name.startsWith('0003_'));
    assert.ok(written !== undefined && existsSync(`${folder}/${written}`));
    await until('one finding less', () => ours(movements()).filter((each) => ruleOf(each) === 'sql/missing-index').length < count);
  });
});
