// The licences of everything that dist/ holds of others: they ask to go where their code goes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages whose files are copied beside the bundles rather than bundled. */
const copied = ['web-tree-sitter', 'libpg-query', '@vscode/tree-sitter-wasm', '@electric-sql/pglite', 'better-sqlite3'];

/** One text with a section for each package; throws where a package brings no licence, so that nobody ships it unseen. */
export async function notices() {
  const { metafile } = await build({
    entryPoints: ['server/cli/main.ts', 'client/extension.ts'],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'dist',
    platform: 'node',
    format: 'cjs',
    loader: { '.md': 'text' },
    external: ['vscode', '@electric-sql/pglite', 'pg-native'],
    logLevel: 'silent',
  });
  const bundled = Object.keys(metafile.inputs).flatMap((path) => {
    const at = path.lastIndexOf('node_modules/');
    const name = at < 0 ? undefined : /^(?:@[^/]+\/)?[^/]+/.exec(path.slice(at + 'node_modules/'.length))?.[0];
    return name === undefined ? [] : [path.slice(0, at + 'node_modules/'.length) + name];
  });
  const folders = new Map(copied.map((name) => [name, join('node_modules', name)]));
  for (const folder of bundled) folders.set(folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length), folder);
  const sections = [...folders].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, folder]) => sectionOf(name, folder));
  return `TuneLens contains software of others, under these licences.\n\n${sections.join('\n')}`;
}

function sectionOf(name, folder) {
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)) : [];
  if (files.length === 0 && license === undefined) throw new Error(`${name} says nothing of its licence`);
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const title = `${name} ${version} (${license ?? 'see below'})`;
  return `${title}\n${'-'.repeat(title.length)}\n\n${text === '' ? `Licensed under ${license}.` : text}\n`;
}
