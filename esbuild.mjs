// Builds dist/: the command line and server (tunelens.js) and the extension (extension.js), one bundle each, natives and wasm beside them.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const production = process.argv.includes('--production');
const out = 'dist';
mkdirSync(out, { recursive: true });

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  minify: production,
  sourcemap: production ? false : 'linked',
  loader: { '.md': 'text', '.json': 'json' },
  logLevel: 'warning',
  // Libraries written as ES modules ask where they are; a CommonJS bundle answers with its own place.
  define: { 'import.meta.url': '__bundleUrl' },
  banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
};
await Promise.all([
  existsSync('server/cli/main.ts') &&
    build({
      ...common,
      entryPoints: ['server/cli/main.ts'],
      outfile: `${out}/tunelens.js`,
      external: ['@electric-sql/pglite', 'pg-native'],
      banner: { js: `#!/usr/bin/env node\n${common.banner.js}` },
    }),
  existsSync('client/extension.ts') &&
    build({ ...common, entryPoints: ['client/extension.ts'], outfile: `${out}/extension.js`, external: ['vscode'] }),
]);
if (existsSync(`${out}/tunelens.js`)) chmodSync(`${out}/tunelens.js`, 0o755);

const modules = 'node_modules';
cpSync(`${modules}/web-tree-sitter/web-tree-sitter.wasm`, `${out}/web-tree-sitter.wasm`);
cpSync(`${modules}/libpg-query/wasm/libpg-query.wasm`, `${out}/libpg-query.wasm`);
for (const grammar of ['python', 'typescript', 'tsx', 'javascript', 'go', 'ruby', 'rust'])
  cpSync(`${modules}/@vscode/tree-sitter-wasm/wasm/tree-sitter-${grammar}.wasm`, `${out}/tree-sitter-${grammar}.wasm`);
// The embedded PostgreSQL is loaded as a package of its own, so that its files find each other.
const pglite = `${modules}/@electric-sql/pglite/dist`;
for (const file of readdirSync(pglite)) {
  // Beside the engine itself, the archives of the extensions that a repository's schema may ask for.
  if (['index.cjs', 'pglite.wasm', 'pglite.data', 'initdb.wasm'].includes(file) || file.endsWith('.tar.gz'))
    cpSync(`${pglite}/${file}`, `${out}/pglite/${file}`);
}
mkdirSync(`${out}/sqlite`, { recursive: true });
cpSync(`${modules}/better-sqlite3/prebuilds`, `${out}/sqlite`, { recursive: true });
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n');
