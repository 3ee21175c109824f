// Packages one VSIX a platform from the built dist/, then looks into each: `npm run package [-- TARGET…]`.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { notices } from './notices.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
/** VS Code's name of a platform -> the native SQLite that better-sqlite3 has for it. */
const natives = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linuxmusl-x64',
  'alpine-arm64': 'linuxmusl-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};
const largest = 15 * 1024 * 1024;
const needed = [
  'extension/package.json',
  'extension/readme.md',
  'extension/LICENSE.txt',
  'extension/dist/THIRD-PARTY-NOTICES.txt',
  'extension/dist/extension.js',
  'extension/dist/tunelens.js',
  'extension/dist/web-tree-sitter.wasm',
  'extension/dist/libpg-query.wasm',
  'extension/dist/pglite/pglite.wasm',
  'extension/client/media/icon.png',
  'extension/client/media/view.svg',
  ...['python', 'typescript', 'tsx', 'javascript', 'go', 'ruby', 'rust'].map((grammar) => `extension/dist/tree-sitter-${grammar}.wasm`),
];
const unwanted = [/\.map$/, /\.tsx?$/, /\/test\//, /\/server\//, /node_modules/, /media\/icon\.svg$/, /\.db(-\w+)?$/, /\.vsix$/];

const asked = process.argv.slice(2);
const unknown = asked.filter((target) => !(target in natives));
if (unknown.length > 0) {
  console.error(`No such platform: ${unknown.join(', ')}. Known are ${Object.keys(natives).join(', ')}.`);
  process.exit(2);
}

writeFileSync('dist/THIRD-PARTY-NOTICES.txt', await notices());

const problems = [];
const scratch = mkdtempSync(join(tmpdir(), 'tunelens-package-'));
try {
  for (const target of asked.length > 0 ? asked : Object.keys(natives)) {
    const native = `dist/sqlite/${natives[target]}.node`;
    if (!existsSync(native)) {
      problems.push(`${target}: ${native} is missing`);
      continue;
    }
    const ignoreFile = join(scratch, `${target}.vscodeignore`);
    writeFileSync(ignoreFile, `${readFileSync('.vscodeignore', 'utf8')}!${native}\n`);
    const packagePath = `dist/tunelens-${target}-${version}.vsix`;
    await createVSIX({ target, packagePath, ignoreFile, dependencies: false, rewriteRelativeLinks: false, allowMissingRepository: true });
    const bytes = statSync(packagePath).size;
    const found = check(entriesOf(readFileSync(packagePath)), `extension/${native}`, bytes);
    problems.push(...found.map((problem) => `${packagePath}: ${problem}`));
    console.log(`${packagePath}  ${(bytes / 1024 / 1024).toFixed(1)} MB`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** What is wrong with a package, one line each. */
function check(entries, native, bytes) {
  const missing = [...needed, native].filter((name) => !entries.includes(name)).map((name) => `${name} is missing`);
  const extra = entries.filter((name) => unwanted.some((pattern) => pattern.test(name))).map((name) => `${name} does not belong in it`);
  const others = entries.filter((name) => name.endsWith('.node') && name !== native).map((name) => `${name} is for another platform`);
  const size = bytes > largest ? [`${(bytes / 1024 / 1024).toFixed(1)} MB is more than 15 MB`] : [];
  return [...missing, ...extra, ...others, ...size];
}

/** The names in a zip file, from its central directory. */
function entriesOf(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) return [];
  const names = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names;
}
