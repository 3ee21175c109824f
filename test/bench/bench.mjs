// `npm run bench`: the figures of speed and memory, with their goals. A report, not a test: it judges nothing.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { fileOf, repository, schemaSql, tables } from './generate.mjs';
import { residentMegabytes, startSession } from './session.mjs';

const cli = resolve(import.meta.dirname, '../../dist/tunelens.js');
const keystrokes = 120;
const warmups = 20;
/** Milliseconds from key to key: a fast typist's 16 keys a second. */
const pace = 60;
const work = mkdtempSync(join(tmpdir(), 'tunelens-bench-'));

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
const milliseconds = (value) => `${value.toFixed(1)} ms`;
function line(what, figure, goal = '') {
  console.log(`${what.padEnd(58)} ${figure.padStart(34)}   ${goal}`);
}
const spread = (times) => {
  const sorted = times.toSorted((a, b) => a - b);
  return `p50 ${milliseconds(quantile(sorted, 0.5))}  p95 ${milliseconds(quantile(sorted, 0.95))}  p99 ${milliseconds(quantile(sorted, 0.99))}`;
};

/** What is typed: every text of it is new to the server, and few of them are whole. */
const typed =
  ', amount + 1 AS more, CASE WHEN status = 1 THEN 2 ELSE 3 END AS kind, (SELECT max(id) FROM invoice) AS last_one, coalesce(amount, 0) AS known';

/**
 * Types into a statement in the middle of the file, a key each `pace` milliseconds or, with 0, as soon as the diagnostics are
 * there, and times each until its diagnostics are published: for the `nth` time, the first being what the text shows and the
 * second what the engine says of it.
 */
async function keystroke(session, folder, kind, { pace, nth = 1 }) {
  const { text, extension } = fileOf(kind, 3000);
  const path = join(folder, `typed.${extension}`);
  writeFileSync(path, text);
  const uri = pathToFileURL(path).href;
  const first = session.published(uri, () => true);
  session.connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: kind, version: 1, text } });
  await first;
  // The index of the folder and the first plans are not what is measured.
  await new Promise((done) => setTimeout(done, 3000));
  const lines = text.split('\n');
  const line = lines.findIndex((content, index) => index > lines.length / 2 && /SELECT/.test(content));
  const from = lines[line].indexOf('SELECT') + 'SELECT id'.length;
  const times = [];
  for (let n = 0; n < keystrokes + warmups; n++) {
    const version = n + 2;
    let seen = 0;
    const answer = session.published(uri, (params) => params.version === version && ++seen === nth);
    const start = performance.now();
    const at = { line, character: from + n };
    session.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: at, end: at }, text: typed[n % typed.length] }],
    });
    await answer;
    const took = performance.now() - start;
    if (n >= warmups) times.push(took);
    await new Promise((done) => setTimeout(done, Math.max(0, pace - took)));
  }
  session.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  return times;
}

async function editing() {
  const folder = join(work, 'editing');
  mkdirSync(join(folder, 'migrations'), { recursive: true });
  writeFileSync(join(folder, 'migrations/0001_tables.sql'), schemaSql());
  const database = new Database(join(folder, 'app.db'));
  database.exec(schemaSql());
  database.transaction(() => {
    for (const table of tables) {
      const insert = database.prepare(`INSERT INTO ${table} (owner_id, status, created_at, amount) VALUES (?, ?, ?, 1)`);
      for (let n = 0; n < 20_000; n++) insert.run(n % 500, `status ${n % 1000}`, `2026-01-${10 + (n % 20)}`);
    }
  })();
  database.exec('ANALYZE');
  database.close();

  const session = await startSession(cli, folder);
  await new Promise((done) => setTimeout(done, 1500));
  line('idle server, resident memory', `${(await residentMegabytes(session.child.pid)).toFixed(0)} MB`, 'goal ≤ 80 MB');
  for (const kind of ['python', 'typescript', 'sql']) {
    const paced = await keystroke(session, folder, kind, { pace });
    line(`keystroke to diagnostics, 3,000-line ${kind}, static`, spread(paced), 'goal p95 ≤ 16 ms');
    const unpaced = await keystroke(session, folder, kind, { pace: 0 });
    line(`the same, each key as soon as the last was answered`, spread(unpaced));
  }
  await session.connection.sendRequest('tunelens/connect', { url: `sqlite:${join(folder, 'app.db')}` });
  for (const kind of ['python', 'typescript', 'sql']) {
    line(
      `keystroke to diagnostics, 3,000-line ${kind}, with EXPLAIN`,
      spread(await keystroke(session, folder, kind, { pace: 0, nth: 2 })),
      'goal p95 ≤ 100 ms',
    );
  }
  await session.stop();
}

function run(args, cwd) {
  return new Promise((done) => {
    const start = performance.now();
    const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    let peak = 0;
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const watch = setInterval(
      () =>
        residentMegabytes(child.pid).then(
          (now) => (peak = Math.max(peak, now)),
          () => {},
        ),
      20,
    );
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, out, peak, seconds: (performance.now() - start) / 1000 });
    });
  });
}

async function wholeRepository() {
  const folder = join(work, 'repository');
  const files = repository(5000);
  let bytes = 0;
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    bytes += text.length;
  }
  const result = await run(['check', '.', '--format', 'json', '--fail-on', 'never'], folder);
  const report = JSON.parse(result.out);
  line(
    `cold check, ${files.size} files, ${(bytes / 1e6).toFixed(1)} MB, ${report.summary.findings} findings`,
    `${(files.size / result.seconds).toFixed(0)} files/s, ${result.seconds.toFixed(1)} s`,
  );
  line('  peak resident memory of that process', `${result.peak.toFixed(0)} MB`);

  const session = await startSession(cli, folder);
  const start = performance.now();
  await session.connection.sendRequest('tunelens/checkWorkspace', {});
  line('server checks the same repository', `${((performance.now() - start) / 1000).toFixed(1)} s`);
  // The server collects its garbage when it has been quiet for a while.
  await new Promise((done) => setTimeout(done, 4000));
  line('  its resident memory afterwards', `${(await residentMegabytes(session.child.pid)).toFixed(0)} MB`, 'goal ≤ 200 MB');
  await session.stop();
}

/** What VS Code waits for before activate() runs; activate() itself is timed in the real VS Code by `npm run test:e2e`. */
function activation() {
  const times = Array.from({ length: 15 }, () =>
    Number(execFileSync(process.execPath, [join(import.meta.dirname, 'activation.cjs')], { encoding: 'utf8' })),
  );
  line('extension: loading its bundle in a fresh process', spread(times.slice(3)), 'goal ≤ 50 ms');
}

console.log(`Node ${process.version}, ${process.platform} ${process.arch}, ${keystrokes} keystrokes each\n`);
try {
  activation();
  await editing();
  await wholeRepository();
} finally {
  rmSync(work, { recursive: true, force: true });
}
