import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { CodeAction, CodeLens, Hover, TextDocumentEdit, WorkspaceDiagnosticReportPartialResult } from 'vscode-languageserver/node';
import { type Client, codes, connect, type Folder, folder, type Options, pulls, pushes } from './client.ts';

const schema = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, state TEXT, total REAL, payload BLOB) STRICT;\n';
const python = `import sqlite3


def orders_of(db: sqlite3.Connection, customer: int):
    return db.execute("SELECT * FROM orders WHERE customer_id = ?", (customer,)).fetchall()


def tune(db: sqlite3.Connection):
    db.execute("PRAGMA synchronus = NORMAL")
`;
const clients: Client[] = [];
const folders: Folder[] = [];

function repository(files: Readonly<Record<string, string>> = { 'migrations/0001_init.sql': schema, 'app.py': python }): Folder {
  const made = folder(files);
  folders.push(made);
  return made;
}
async function client(options: Options = {}): Promise<Client> {
  const made = await connect(options);
  clients.push(made);
  return made;
}
afterEach(async () => {
  for (const each of clients.splice(0)) {
    each.connection.dispose();
    each.server.kill();
    await each.exited;
  }
  for (const each of folders.splice(0)) each.remove();
});

const has = (rule: string) => (items: readonly { code?: unknown }[]) => items.some(({ code }) => code === rule);
const lacks = (rule: string) => (items: readonly { code?: unknown }[]) => !items.some(({ code }) => code === rule);
function apply(text: string, edits: TextDocumentEdit['edits']): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const at = ({ line, character }: { line: number; character: number }) => (starts[line] ?? text.length) + character;
  const sorted = [...edits].sort((left, right) => at(right.range.start) - at(left.range.start));
  return sorted.reduce(
    (all, edit) =>
      all.slice(0, at(edit.range.start)) + ('newText' in edit ? edit.newText : edit.snippet.value) + all.slice(at(edit.range.end)),
    text,
  );
}

test('a Python file shows what its text and the planner say, where it was written', async () => {
  const repo = repository();
  const session = await client({ folders: [repo], options: { rulePages: true } });
  await session.open(repo.uri('app.py'), 'python', python);
  const items = await session.pullUntil(repo.uri('app.py'), has('sql/missing-index'));
  expect(codes(items)).toContain('sql/select-star');
  const finding = items.find(({ code }) => code === 'sql/missing-index');
  expect(finding?.source).toBe('tunelens');
  expect(finding?.range.start.line).toBe(4);
  expect(finding?.codeDescription?.href).toBe('tunelens-rule:/sql/missing-index.md');
  const page = await session.connection.sendRequest<{ text: string }>('workspace/textDocumentContent', {
    uri: 'tunelens-rule:/sql/missing-index.md',
  });
  expect(page.text).toMatch(/^# sql\/missing-index/);
  expect(await session.stop()).toBe(0);
});

test('what did not change is not sent again', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  await session.pullUntil(uri, has('sql/missing-index'));
  const first = await session.pull(uri);
  const again = await session.pull(uri, first.resultId);
  expect(again).toEqual({ kind: 'unchanged', resultId: first.resultId });
});

test('a client that does not ask is told: first from the text, then from the engine', async () => {
  const repo = repository();
  const session = await client({ folders: [repo], capabilities: pushes });
  expect(session.initialized.capabilities.diagnosticProvider).toBeUndefined();
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  await session.published(uri, has('sqlite/pragma-unknown'));
  await session.published(uri, has('sql/missing-index'));
  // Files that are not open are told as well, and again when they change on disk.
  repo.write('other.py', python);
  await session.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: repo.uri('other.py'), type: 1 }] });
  await session.published(repo.uri('other.py'), has('sql/missing-index'));
});

test('the index is offered as a migration that silences the finding once it is there', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  const items = await session.pullUntil(uri, has('sql/missing-index'));
  const finding = items.find(({ code }) => code === 'sql/missing-index');
  if (finding === undefined) throw new Error('no finding');
  const actions = await session.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: finding.range,
    context: { diagnostics: [finding] },
  });
  const script = actions.find(({ data }) => data !== undefined);
  if (script === undefined) throw new Error(`no script fix in ${JSON.stringify(actions)}`);
  const { edit } = await session.connection.sendRequest<CodeAction>('codeAction/resolve', script);
  const [create, content] = edit?.documentChanges ?? [];
  expect(create).toMatchObject({ kind: 'create' });
  const target = (create as { uri: string }).uri;
  expect(target).toMatch(/migrations\/0002_\w+\.sql$/);
  const [insert] = (content as TextDocumentEdit).edits;
  repo.write(`migrations/${target.split('/').at(-1)}`, (insert as { newText: string }).newText);
  await session.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: target, type: 1 }] });
  await session.pullUntil(uri, lacks('sql/missing-index'));
  // Asked for again, as long as the connected database does not have it, it is shown and not written twice.
  const text = (insert as { newText: string }).newText;
  const again = { uri, script: text, down: '', name: 'add_index', engine: 'sqlite', outsideTransaction: false };
  expect(await session.connection.sendRequest('tunelens/migration', again)).toEqual({ files: [], style: 'existing', existing: target });
  // Another way to write a query is shown, and never becomes a migration.
  const shown = { ...again, script: 'SELECT 1;', name: 'rewritten_statement', shownOnly: true };
  const files = [{ text: 'SELECT 1;\n', language: 'sql' }];
  expect(await session.connection.sendRequest('tunelens/migration', shown)).toEqual({ files, style: 'script' });
});

test('an ignore comment is written above the statement, for the version it was made for, and works', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python, 7);
  const items = await session.pullUntil(uri, has('sql/select-star'));
  const finding = items.find(({ code }) => code === 'sql/select-star');
  if (finding === undefined) throw new Error('no finding');
  const actions = await session.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: finding.range,
    context: { diagnostics: [finding] },
  });
  const ignore = actions.find(({ title }) => title === 'Ignore sql/select-star here, with a reason');
  const [change] = (ignore?.edit?.documentChanges ?? []) as TextDocumentEdit[];
  expect(change?.textDocument).toEqual({ uri, version: 7 });
  const text = apply(python, change?.edits ?? []);
  expect(text).toContain('    # tunelens-ignore sql/select-star: why this is fine here\n    return db.execute(');
  await session.connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 8 }, contentChanges: [{ text }] });
  await session.pullUntil(uri, lacks('sql/select-star'));
});

test('hover tells the plan and the page', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  const items = await session.pullUntil(uri, has('sql/missing-index'));
  const finding = items.find(({ code }) => code === 'sql/missing-index');
  const hover = await session.connection.sendRequest<Hover | null>('textDocument/hover', {
    textDocument: { uri },
    position: finding?.range.start,
  });
  const value = (hover?.contents as { value: string } | undefined)?.value ?? '';
  expect(value).toContain('sql/missing-index');
  expect(value).toContain('SCAN orders');
  expect(value).toContain('SEARCH orders USING INDEX');
});

test('positions count in the encoding that was agreed on', async () => {
  const text = `# ünïcödé 🐍\nimport sqlite3\n\ndef f(db: sqlite3.Connection):\n    return "🐍é", db.execute("SELECT * FROM orders").fetchall()\n`;
  const line = text.split('\n')[4] ?? '';
  const units = line.indexOf('*');
  const expected = {
    'utf-8': Buffer.byteLength(line.slice(0, units)),
    'utf-16': units,
    'utf-32': [...line.slice(0, units)].length,
  };
  const repo = repository({ 'migrations/0001_init.sql': schema, 'app.py': text });
  for (const [encoding, character] of Object.entries(expected)) {
    const session = await client({
      folders: [repo],
      capabilities: { ...pulls, general: { positionEncodings: [encoding, 'utf-16'] } },
    });
    expect(session.initialized.capabilities.positionEncoding).toBe(encoding);
    await session.open(repo.uri('app.py'), 'python', text);
    const items = await session.pullUntil(repo.uri('app.py'), has('sql/select-star'));
    const finding = items.find(({ code }) => code === 'sql/select-star');
    expect([encoding, finding?.range.start]).toEqual([encoding, { line: 4, character }]);
    // An incremental change in the same encoding: the star becomes a column.
    await session.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: repo.uri('app.py'), version: 2 },
      contentChanges: [{ range: { start: { line: 4, character }, end: { line: 4, character: character + 1 } }, text: 'id' }],
    });
    await session.pullUntil(repo.uri('app.py'), lacks('sql/select-star'));
  }
});

test('settings are pulled, and pulled again when they change; a wrong one is named', async () => {
  const repo = repository();
  const session = await client({ folders: [repo], settings: { rules: { 'sql/select-star': 'off' }, assumedRows: 'many' } });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  const items = await session.pullUntil(uri, has('sql/missing-index'));
  expect(codes(items)).not.toContain('sql/select-star');
  expect(session.log.join('\n')).toContain('The setting tunelens.assumedRows must be a number of rows; the default is used.');
  session.settings = { rules: { 'sql/select-star': 'error' } };
  await session.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  const changed = await session.pullUntil(uri, has('sql/select-star'));
  expect(changed.find(({ code }) => code === 'sql/select-star')?.severity).toBe(1);
});

test('requests that make no sense are answered with an error and nothing else happens', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  await expect(session.connection.sendRequest('textDocument/hover', {})).rejects.toThrow();
  await expect(session.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri: 7 } })).rejects.toThrow();
  await expect(session.connection.sendRequest('tunelens/explain', {})).rejects.toThrow();
  await expect(session.connection.sendRequest('tunelens/migration', null)).rejects.toThrow();
  await session.connection.sendNotification('textDocument/didChange', { textDocument: null });
  await session.connection.sendNotification('workspace/didChangeWatchedFiles', {});
  await session.connection.sendNotification('workspace/didChangeWorkspaceFolders', {});
  await session.open(repo.uri('app.py'), 'python', python);
  await session.pullUntil(repo.uri('app.py'), has('sql/select-star'));
  expect(await session.stop()).toBe(0);
});

test('the server ends with code 1 when it was not told to shut down', async () => {
  const session = await client();
  await session.connection.sendNotification('exit');
  expect(await session.exited).toBe(1);
});

test('the server ends when its client is gone', async () => {
  const session = await client();
  session.server.stdin?.end();
  expect(await session.exited).not.toBe(0);
});

test('a folder that is added is checked with its own schema, one that is removed is forgotten', async () => {
  const [first, second] = [
    repository(),
    repository({ 'migrations/0001_init.sql': schema.replaceAll('orders', 'visits'), 'b.py': python.replaceAll('orders', 'visits') }),
  ];
  const session = await client({ folders: [first], capabilities: pushes });
  await session.published(first.uri('app.py'), has('sql/missing-index'));
  const folderUri = second.uri('.').replace(/\/\.?$/, '');
  await session.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: folderUri, name: 'second' }], removed: [] },
  });
  await session.published(second.uri('b.py'), has('sql/missing-index'));
  await session.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [], removed: [{ uri: folderUri, name: 'second' }] },
  });
  await session.published(second.uri('b.py'), (items) => items.length === 0);
});

test('the whole folder is reported in parts to a client that asks for it', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const reported = new Promise<string>((resolve) => {
    session.connection.onNotification(
      '$/progress',
      ({ token, value }: { token: string; value: WorkspaceDiagnosticReportPartialResult }) => {
        if (token !== 'parts') return;
        const report = value.items.find(({ uri, kind }) => uri === repo.uri('app.py') && kind === 'full');
        if (report?.kind === 'full' && codes(report.items).includes('sql/missing-index')) resolve(report.resultId ?? '');
      },
    );
  });
  void session.connection
    .sendRequest('workspace/diagnostic', { previousResultIds: [], partialResultToken: 'parts' })
    .catch(() => undefined);
  expect(await reported).not.toBe('');
  const all = await session.connection.sendRequest('tunelens/checkWorkspace', {});
  expect(all).toMatchObject({ files: 2, cancelled: false });
});

test('a statement is explained as text', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  await session.open(repo.uri('app.py'), 'python', python);
  const plan = await session.connection.sendRequest<{ title: string; text: string }>('tunelens/explain', {
    uri: repo.uri('app.py'),
    position: { line: 4, character: 40 },
  });
  expect(plan.text).toContain('SELECT * FROM orders WHERE customer_id = ?');
  expect(plan.text).toContain('SCAN orders');
  await expect(
    session.connection.sendRequest('tunelens/explain', { uri: repo.uri('app.py'), position: { line: 0, character: 0 } }),
  ).rejects.toThrow('There is no SQL statement at the cursor.');
});

test('a client that pulls is not pushed to', async () => {
  const repo = repository();
  const session = await client({ folders: [repo] });
  const pushed: string[] = [];
  session.connection.onNotification('textDocument/publishDiagnostics', ({ uri }: { uri: string }) => {
    pushed.push(uri);
  });
  await session.connection.sendRequest('tunelens/checkWorkspace', {});
  await session.open(repo.uri('app.py'), 'python', python);
  await session.pullUntil(repo.uri('app.py'), has('sql/missing-index'));
  expect(pushed).toEqual([]);
});

test('a statement is timed on the connected database, but only as a person has seen it', async () => {
  const repo = repository();
  const database = new Database(`${repo.path}/shop.db`);
  database.exec(schema);
  database.exec(
    `INSERT INTO orders (customer_id, state) VALUES ${Array.from({ length: 5000 }, (_, n) => `(${n % 50}, 'open')`).join(', ')}`,
  );
  database.close();
  const session = await client({ folders: [repo], options: { commands: ['tunelens.explain', 'tunelens.benchmark'] } });
  const uri = repo.uri('app.py');
  await session.open(uri, 'python', python);
  const lenses = async () =>
    (await session.connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } })).map(
      ({ command }) => command?.title,
    );
  expect(await lenses()).toEqual(['Explain', 'Benchmark']);
  const found = await session.connection.sendRequest<{ files: { path: string; label: string }[] }>('tunelens/databases', {});
  expect(found.files.map(({ label }) => label)).toEqual(['shop.db']);
  const benchmark = (more: object) =>
    session.connection.sendRequest<{ step: string; sql?: string; text?: string }>('tunelens/benchmark', {
      uri,
      position: { line: 4, character: 40 },
      ...more,
    });
  expect(await benchmark({})).toMatchObject({ step: 'refused' });
  await session.connection.sendRequest('tunelens/connect', { url: `sqlite:${found.files[0]?.path}` });
  expect(await benchmark({})).toEqual({ step: 'values', parameters: ['?'] });
  const sql = 'SELECT * FROM orders WHERE customer_id = 7';
  expect(await benchmark({ values: ['7'] })).toMatchObject({ step: 'agree', sql });
  // Other words than those that were seen are not run.
  expect(await benchmark({ values: ['7'], agreed: 'SELECT 1' })).toMatchObject({ step: 'agree', sql });
  const done = await benchmark({ values: ['7'], agreed: sql });
  expect(done.step).toBe('done');
  expect(done.text).toMatch(/30 runs after a first one of [\d.]+ ms/);
  expect(done.text).toContain('SCAN orders');
  await session.pullUntil(uri, (items) => items.some(({ message }) => String(message).includes('5,000')));
});

test('fix all takes the safe fixes of the whole file, and only when it is asked for', async () => {
  // The last line's fix changes what is meant, so it is left to a person.
  const conf = 'work_mem = 64 MB\n-- memory of the server\nshared_buffers = 1gb\n';
  const repo = repository({ 'postgresql.conf': conf });
  const session = await client({ folders: [repo] });
  const uri = repo.uri('postgresql.conf');
  await session.open(uri, 'postgresql-conf', conf, 3);
  await session.pullUntil(uri, (items) => items.length >= 3);
  const ask = (only?: readonly string[]) =>
    session.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: { line: 0, character: 11 }, end: { line: 0, character: 15 } },
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    });
  expect((await ask()).every(({ kind }) => kind === 'quickfix')).toBe(true);
  const [all] = await ask(['source.fixAll']);
  expect(all?.kind).toBe('source.fixAll.tunelens');
  const [change] = (all?.edit?.documentChanges ?? []) as TextDocumentEdit[];
  expect(change?.textDocument).toEqual({ uri, version: 3 });
  expect(apply(conf, change?.edits ?? [])).toBe('work_mem = 64MB\n# memory of the server\nshared_buffers = 1gb\n');
  expect(await ask(['refactor'])).toEqual([]);
});
